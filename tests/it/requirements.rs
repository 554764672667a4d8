//! Which requirements of the specifications are proven? Every MUST that is built has a test that names it.
//!
//! `tests/requirements/<spec>.toml` lists what applies to this server, in our words. A test names what it proves with
//! `spec!("RFC7591-3.2.2/redirect-uri")`; ids are stable, because tests and issues quote them. The lines of our own
//! description of the portal have numbers already, and are named by them: `spec!("portal/K14")`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde::Deserialize;

use crate::sources::{Source, collect, workspace};

/// The specifications whose requirements are numbered one by one, over several files: `portal_flows.toml`.
const NUMBERED: [&str; 2] = ["portal", "security"];

/// One file of `tests/requirements`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Specification {
    /// The prefix of its ids, and the name of the file: `RFC7591`.
    spec: String,
    /// The specification's own title.
    title: String,
    /// In the order of its sections.
    requirement: Vec<Requirement>,
}

/// What the specification demands of this server in one respect.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirement {
    /// `RFC7591-3.2.2/redirect-uri`: specification, section, and what it is about.
    id: String,
    section: String,
    level: Level,
    /// In our words.
    text: String,
    state: State,
    /// Why it is not built yet; for nothing else.
    reason: Option<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
enum Level {
    #[serde(rename = "MUST")]
    Must,
    #[serde(rename = "SHOULD")]
    Should,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum State {
    Built,
    Later,
}

#[test]
fn every_requirement_is_well_formed() {
    let mut complaints = Vec::new();
    for Specification { spec, title, requirement } in specifications() {
        if title.is_empty() || requirement.is_empty() {
            complaints.push(format!("{spec} needs a title and requirements"));
        }
        for Requirement { id, section, text, state, reason, .. } in requirement {
            let subject = id.strip_prefix(&format!("{spec}-{section}/")).unwrap_or_default();
            let speaking = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            let speaks = !subject.is_empty() && subject.chars().all(speaking);
            if !speaks && (!NUMBERED.contains(&spec.as_str()) || id != format!("{spec}/{section}")) {
                complaints.push(format!("{id} is not {spec}-{section}/ and lower-case words joined by -"));
            }
            if !text.ends_with('.') {
                complaints.push(format!("{id} is not a sentence"));
            }
            if (state == State::Later) != reason.is_some() {
                complaints.push(format!("{id} needs a reason if, and only if, it is for later"));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_requirement_that_a_test_names_exists() {
    let known = requirements();
    let unknown: Vec<String> = named().into_iter().filter(|(id, _)| !known.contains_key(id)).map(shown).collect();
    assert!(unknown.is_empty(), "spec! names what tests/requirements does not list:\n{}", unknown.join("\n"));
}

#[test]
fn every_must_that_is_built_has_a_test() {
    let proven: BTreeSet<String> = named().into_keys().collect();
    let known = requirements();
    let due = known.values().filter(|it| it.level == Level::Must && it.state == State::Built);
    let lacking: Vec<&Requirement> = due.filter(|it| !proven.contains(&it.id)).collect();
    let list: Vec<String> = lacking.iter().map(|it| format!("{}: {}", it.id, it.text)).collect();
    println!("{} of {} requirements are named by tests", proven.len(), known.len());
    assert!(lacking.is_empty(), "MUSTs that are built and lack a test:\n{}", list.join("\n"));
}

#[test]
fn what_is_for_later_is_not_proven_already() {
    let known = requirements();
    let early = named().into_iter().filter(|(id, _)| known.get(id).is_some_and(|it| it.state == State::Later));
    let early: Vec<String> = early.map(shown).collect();
    assert!(early.is_empty(), "these have a test, so their state is \"built\":\n{}", early.join("\n"));
}

fn specifications() -> Vec<Specification> {
    let mut files = Vec::new();
    collect(&workspace().join("tests/requirements"), "toml", &mut files);
    let read = |file: &std::path::PathBuf| {
        let specification: Specification = toml::from_str(&fs::read_to_string(file).unwrap())
            .unwrap_or_else(|cause| panic!("{} cannot be read: {cause}", file.display()));
        let stem = file.file_stem().unwrap().to_str().unwrap();
        let part_of = |spec: &&str| stem.strip_prefix(*spec).is_some_and(|rest| rest.starts_with('_'));
        let spec = NUMBERED.into_iter().find(part_of).unwrap_or(stem);
        assert_eq!(spec, specification.spec, "a file is named by its spec, or is a part of it");
        specification
    };
    files.iter().map(read).collect()
}

fn requirements() -> BTreeMap<String, Requirement> {
    let mut known = BTreeMap::new();
    for requirement in specifications().into_iter().flat_map(|specification| specification.requirement) {
        let id = requirement.id.clone();
        assert!(known.insert(id.clone(), requirement).is_none(), "{id} is listed twice");
    }
    known
}

/// The ids that `spec!` names, and where.
fn named() -> BTreeMap<String, Vec<String>> {
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in Source::below("src").into_iter().chain(Source::below("tests")) {
        for (id, line) in ids(&source) {
            named.entry(id).or_default().push(format!("{}:{line}", source.path));
        }
    }
    named
}

/// The literals in the parentheses behind each `spec!` that is code.
fn ids(source: &Source) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (at, name) in source.code.match_indices("spec!(") {
        let start = at + name.len();
        let end = start + source.code[start..].find(')').unwrap_or(0);
        let line = source.code[..at].matches('\n').count() + 1;
        // Literals are every second part between quotes.
        found.extend(source.text[start..end].split('"').skip(1).step_by(2).map(|id| (id.to_owned(), line)));
    }
    found
}

fn shown((id, places): (String, Vec<String>)) -> String {
    format!("{id} in {}", places.join(", "))
}

#[test]
fn ids_are_read_from_code_only() {
    let text = "// spec!(\"A-1/no\")\nspec!(\"A-1/one\");\nspec!(\n    \"A-1/two\",\n    \"A-1/three\",\n);";
    let found = ids(&Source::new("a.rs", text));
    let expected = [("A-1/one", 2), ("A-1/two", 3), ("A-1/three", 3)];
    assert_eq!(found, expected.map(|(id, line)| (id.to_owned(), line)));
}
