//! How is the configuration documented? `docs/reference/configuration.md`, made from `config/default.toml`.

use std::fmt::Write as _;

use super::environment::{SHORT_NAMES, long_name};
use super::layer::DEFAULTS;

/// The reference page, in Markdown.
pub fn markdown() -> String {
    let mut page =
        String::from("# Configuration\n\n<!-- Made by `registrar config reference`; edit config/default.toml. -->\n");
    let mut comment: Vec<&str> = Vec::new();
    let mut section = "";
    for line in DEFAULTS.lines() {
        if let Some(text) = line.strip_prefix('#') {
            comment.push(text.strip_prefix(' ').unwrap_or(text));
        } else if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name;
            put(&mut page, format_args!("\n## [{name}]\n\n{}\n", paragraph(&comment)));
            comment.clear();
        } else if let Some((key, default)) = line.split_once(" = ") {
            put(&mut page, format_args!("\n### {section}.{key}\n\n"));
            put(&mut page, format_args!("Default `{default}` · environment {}\n\n", variables(section, key)));
            put(&mut page, format_args!("{}\n", paragraph(&comment)));
            comment.clear();
        } else if line.is_empty() && section.is_empty() && !comment.is_empty() {
            put(&mut page, format_args!("\n{}\n", paragraph(&comment)));
            comment.clear();
        }
    }
    page
}

fn put(page: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a String cannot fail.
    let _ = page.write_fmt(text);
}

fn variables(section: &str, key: &str) -> String {
    let key = format!("{section}.{key}");
    let short = SHORT_NAMES.iter().filter(|(_, of)| *of == key).map(|(name, _)| (*name).to_owned());
    let names: Vec<String> = [long_name(&key)].into_iter().chain(short).map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Comment lines, as paragraphs: an empty one separates, the rest flow.
fn paragraph(comment: &[&str]) -> String {
    let paragraphs = comment.split(|line| line.is_empty()).map(|lines| lines.join("\n"));
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_in_docs_is_the_page_made_from_the_defaults() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/configuration.md");
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        let made = super::markdown();
        let hint = "run: cargo run -- config reference > docs/reference/configuration.md";
        assert!(kept == made, "docs/reference/configuration.md is out of date; {hint}");
    }
}
