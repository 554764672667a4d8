//! What do the project's sources say? Files, the code in them without comments and literals, and the paths they use.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A source file.
pub struct Source {
    /// Relative to the workspace, with `/`.
    pub path: String,
    /// As it was written.
    pub text: String,
    /// The same with every comment and literal replaced by spaces, byte for byte.
    pub code: String,
}

impl Source {
    /// What a file of that path and text says.
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned(), code: code_of(text) }
    }

    /// Every Rust file below `folder`, which is relative to the workspace.
    pub fn below(folder: &str) -> Vec<Self> {
        let root = workspace();
        let mut files = Vec::new();
        collect(&root.join(folder), "rs", &mut files);
        let read = |file: &PathBuf| {
            let path = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            Self::new(&path, &fs::read_to_string(file).unwrap())
        };
        files.iter().map(read).collect()
    }

    /// The code without what is compiled for tests only; as many lines, those of tests empty.
    pub fn production(&self) -> String {
        let mut code = self.code.clone().into_bytes();
        if self.path.ends_with("/tests.rs") || self.path.contains("/tests/") {
            let all = 0..code.len();
            blank(&mut code, all);
        }
        for (start, _) in self.code.match_indices("#[cfg(test)]") {
            blank(&mut code, start..end_of_item(&self.code, start));
        }
        String::from_utf8(code).unwrap()
    }

    /// Lines that are not of tests: those that hold production code, and the empty ones and comments around them.
    pub fn production_lines(&self) -> usize {
        let production = self.production();
        let of_tests = |(code, production): &(&str, &str)| !code.trim().is_empty() && production.trim().is_empty();
        self.text.lines().count() - self.code.lines().zip(production.lines()).filter(of_tests).count()
    }
}

/// The folder of the workspace.
pub fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files below `folder` whose names end in `.extension`, in order of their paths.
pub fn collect(folder: &Path, extension: &str, into: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && path.file_name().is_some_and(|name| name != "node_modules") {
            collect(&path, extension, into);
        } else if path.extension().is_some_and(|it| it == extension) {
            into.push(path);
        }
    }
}

/// The smallest part of code that has a meaning here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// A word, `::`, or one character of punctuation.
    pub text: String,
    /// Counted from 1.
    pub line: usize,
}

impl Token {
    /// Whether it is a name or keyword.
    pub fn is_word(&self) -> bool {
        self.text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
    }
}

/// The tokens of code without comments and literals.
pub fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (line, text) in code.lines().enumerate() {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let length = match rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
                Some(0) if rest.starts_with("::") => 2,
                Some(0) => first.len_utf8(),
                Some(word) => word,
                None => rest.len(),
            };
            let (token, after) = rest.split_at(length);
            if !token.trim().is_empty() {
                tokens.push(Token { text: token.to_owned(), line: line + 1 });
            }
            rest = after;
        }
    }
    tokens
}

/// A path that code names, in a `use` or elsewhere, and the line where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// `["crate", "oidc", "Error"]`
    pub path: Vec<String>,
    /// Counted from 1.
    pub line: usize,
    /// What a `use` calls it from then on; `None` elsewhere.
    pub name: Option<String>,
}

/// Every path of two or more names, and whatever a `use` brings in.
pub fn paths(code: &str) -> Vec<Used> {
    let tokens = tokens(code);
    let mut used = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        // `+ use<>` says what a type captures, not what is imported.
        if tokens[at].text == "use" && tokens.get(at + 1).is_some_and(|next| next.text != "<") {
            at = use_tree(&tokens, at + 1, &[], &mut used);
        } else if tokens[at].is_word() {
            at = plain_path(&tokens, at, &mut used);
        } else {
            at += 1;
        }
    }
    used
}

/// Reads one branch of a `use` and everything below it; answers where it ends.
fn use_tree(tokens: &[Token], mut at: usize, prefix: &[String], used: &mut Vec<Used>) -> usize {
    let mut path = prefix.to_vec();
    let mut name = None;
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "::" => at += 1,
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token.text != "}") {
                    at = use_tree(tokens, at, &path, used);
                    at += usize::from(tokens.get(at).is_some_and(|token| token.text == ","));
                }
                return at + 1;
            }
            "," | ";" | "}" => break,
            "as" => {
                name = tokens.get(at + 1).map(|token| token.text.clone());
                at += 2;
            }
            _ => {
                path.push(token.text.clone());
                at += 1;
            }
        }
    }
    if let Some(last) = tokens.get(at.saturating_sub(1)) {
        let called = path.iter().rev().find(|part| *part != "self").cloned();
        used.push(Used { path, line: last.line, name: name.or(called) });
    }
    at
}

fn plain_path(tokens: &[Token], start: usize, used: &mut Vec<Used>) -> usize {
    let mut path = vec![tokens[start].text.clone()];
    let mut at = start + 1;
    while tokens.get(at).is_some_and(|token| token.text == "::") && tokens.get(at + 1).is_some_and(Token::is_word) {
        path.push(tokens[at + 1].text.clone());
        at += 2;
    }
    // `<T as Trait>::Name` and `.method::<T>()` go on where a type ended: no path of their own.
    let goes_on = start >= 2 && tokens[start - 1].text == "::" && tokens[start - 2].text == ">";
    if path.len() > 1 && !goes_on {
        used.push(Used { path, line: tokens[start].line, name: None });
    }
    at
}

/// Where the item that begins at `start` (with its attributes) ends.
pub fn end_of_item(code: &str, start: usize) -> usize {
    let bytes = code.as_bytes();
    let mut depth = 0_usize;
    let mut in_brackets = 0_usize;
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'[' | b'(' => in_brackets += 1,
            b']' | b')' => in_brackets = in_brackets.saturating_sub(1),
            b';' if depth == 0 && in_brackets == 0 => return at + 1,
            b'{' => depth += 1,
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 && in_brackets == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    bytes.len()
}

/// Overwrites a range with spaces and leaves the line ends.
fn blank(code: &mut [u8], range: Range<usize>) {
    for byte in code[range].iter_mut().filter(|byte| **byte != b'\n') {
        *byte = b' ';
    }
}

/// Replaces comments and literals by spaces.
fn code_of(text: &str) -> String {
    let mut code = text.as_bytes().to_vec();
    let mut at = 0;
    while at < text.len() {
        let end = end_of_comment(text, at).or_else(|| end_of_literal(text, at));
        if let Some(end) = end {
            blank(&mut code, at..end);
        }
        at = end.unwrap_or(at + 1);
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
    String::from_utf8(code).unwrap()
}

fn end_of_comment(text: &str, start: usize) -> Option<usize> {
    let rest = &text[start..];
    if rest.starts_with("//") {
        return Some(start + rest.find('\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with("/*") {
        return None;
    }
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        let two = rest.as_bytes().get(at..at + 2);
        match two {
            Some(b"/*") => depth += 1,
            Some(b"*/") => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            break;
        }
    }
    Some(start + at)
}

fn end_of_literal(text: &str, start: usize) -> Option<usize> {
    let rest = &text[start..];
    let in_word = text[..start].ends_with(|before: char| before.is_ascii_alphanumeric() || before == '_');
    if let Some(raw) = rest.strip_prefix('r').filter(|_| !in_word || text[..start].ends_with(['b', 'c'])) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let body = hashes + 1;
            return Some(start + 1 + body + raw[body..].find(&close)? + close.len());
        }
    }
    match rest.chars().next()? {
        '"' => quoted(rest, '"').map(|length| start + length),
        // A lifetime is a quote that the character after the next does not close.
        '\'' if rest.starts_with("'\\") || rest.chars().nth(2) == Some('\'') => {
            quoted(rest, '\'').map(|length| start + length)
        }
        _ => None,
    }
}

/// The length of a literal that begins with `quote` and ends with the next one that is not escaped.
fn quoted(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[test]
fn comments_and_literals_are_not_code() {
    let source =
        Source::new("a.rs", "a /* b /* c */ d */ e // f\n'x' '\\'' &'g str \"h \\\" i\" br#\"j\" k\"# l r#m 'é' n");
    assert_eq!(source.code.split_whitespace().collect::<Vec<_>>().join(" "), "a e &'g str b l r#m n");
    assert_eq!(source.code.len(), source.text.len());
}

#[test]
fn a_use_is_read_to_its_leaves() {
    let all = paths(
        "use crate::{oidc::{self, Error as E}, api::*};\nfn f(x: &::entity::client::Model) { poem::Body::empty() }",
    );
    let shown: Vec<_> = all.iter().map(|used| format!("{}:{}", used.line, used.path.join("::"))).collect();
    assert_eq!(
        shown,
        [
            "1:crate::oidc::self",
            "1:crate::oidc::Error",
            "1:crate::api::*",
            "2:entity::client::Model",
            "2:poem::Body::empty"
        ]
    );
}

#[test]
fn test_modules_are_not_production() {
    let source = Source::new("a.rs", "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n");
    assert_eq!(source.production().split_whitespace().collect::<Vec<_>>().join(" "), "fn a() {} fn c() {}");
    assert_eq!(source.production_lines(), 2);
}
