//! Which requirements are proven by which tests? `cargo xtask spec` lists them; what is built and lacks a test fails.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::process::{Failure, OrFail as _};

/// What a file of `tests/requirements` says of one requirement.
#[derive(Default)]
struct Requirement {
    level: String,
    state: String,
    text: String,
}

/// `cargo xtask spec [PREFIX]…`: all requirements, or those whose ids begin so.
pub(crate) fn run(prefixes: &[String]) -> Result<(), Failure> {
    let known = requirements()?;
    let named = named()?;
    let wanted = |id: &str| prefixes.is_empty() || prefixes.iter().any(|prefix| id.starts_with(prefix.as_str()));
    let mut lacking = BTreeSet::new();
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (id, it) in known.iter().filter(|(id, _)| wanted(id)) {
        let tests = named.get(id).map_or(0, BTreeSet::len);
        println!("{id:<40} {:<7} {:<6} {tests:>3} tests  {}", it.level, it.state, it.text);
        let count = counts.entry(id.split(['/', '-']).next().unwrap_or_default()).or_default();
        count.1 += 1;
        count.0 += usize::from(tests > 0);
        if tests == 0 && it.level == "MUST" && it.state == "built" {
            lacking.insert(id.as_str());
        }
    }
    println!();
    for (specification, (proven, all)) in counts {
        println!("{specification}: {proven} of {all} are named by tests");
    }
    let unknown: Vec<&String> = named.keys().filter(|id| !known.contains_key(*id)).collect();
    if !unknown.is_empty() {
        return Err(Failure::new(format!("tests name what is not listed: {unknown:?}")));
    }
    if !lacking.is_empty() {
        return Err(Failure::new(format!("built, and without a test: {lacking:?}")));
    }
    println!("none is missing");
    Ok(())
}

fn requirements() -> Result<BTreeMap<String, Requirement>, Failure> {
    let mut known = BTreeMap::new();
    for file in files(Path::new("tests/requirements"), "toml")? {
        let text = std::fs::read_to_string(&file).or_fail(format!("read {}", file.display()))?;
        // These files are flat and written by us: one `key = "value"` a line.
        for block in text.split("[[requirement]]").skip(1) {
            let field = |name: &str| {
                let value = block.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_prefix('='));
                value.unwrap_or_default().trim().trim_matches('"').to_owned()
            };
            let it = Requirement { level: field("level"), state: field("state"), text: field("text") };
            known.insert(field("id"), it);
        }
    }
    Ok(known)
}

/// The ids that `spec!` names, each with the files that do.
fn named() -> Result<BTreeMap<String, BTreeSet<PathBuf>>, Failure> {
    let mut named: BTreeMap<String, BTreeSet<PathBuf>> = BTreeMap::new();
    for folder in ["src", "tests/it"] {
        for file in files(Path::new(folder), "rs")? {
            let text = std::fs::read_to_string(&file).or_fail(format!("read {}", file.display()))?;
            for call in text.split("spec!(").skip(1) {
                let inside = call.split(')').next().unwrap_or_default();
                // Every second part is between quotes; an id has a slash in it.
                for id in inside.split('"').skip(1).step_by(2).filter(|id| id.contains('/')) {
                    named.entry(id.to_owned()).or_default().insert(file.clone());
                }
            }
        }
    }
    // What explains the macro is not a use of it.
    named.retain(|_, files| files.iter().any(|file| !file.ends_with("requirements.rs") && !file.ends_with("spec.rs")));
    Ok(named)
}

fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).or_fail(format!("read {}", folder.display()))? {
        let path = entry.or_fail("read a folder")?.path();
        if path.is_dir() {
            found.extend(files(&path, ending)?);
        } else if path.extension().is_some_and(|known| known == ending) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
