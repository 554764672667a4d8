//! Is the house laid out as it should be? Who imports whom, and how long, how named and how introduced things are.
//!
//! When this test complains, the code usually stands on the wrong floor. Changing the table is a decision: write the ADR.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::sources::{Source, Used, end_of_item, paths, tokens, workspace};

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;
/// Names for what nobody has thought about.
const EMPTY_WORDS: [&str; 7] = ["util", "utils", "helper", "helpers", "common", "misc", "manager"];

/// What a part of the house may use. The longest path that fits a file is its floor.
struct Floor {
    /// The folder, or the file without its ending.
    path: &'static str,
    /// Parts of this crate: `oidc`, or one name of it, `oidc::Error`. Its own folder is always allowed.
    own: &'static [&'static str],
    /// Crates it must not name.
    never: &'static [&'static str],
}

/// The floor under everything: what has no opinion about OAuth.
const GROUND: [&str; 10] =
    ["clock", "config", "db", "limit", "mail", "outbound", "secret", "shown", "telemetry", "text"];
const WEB_FRAMEWORK: [&str; 6] = ["poem", "hyper", "hyper_util", "http_body_util", "askama", "reqwest"];
/// What the edge and the ground may know of the rules: how a refusal is written down.
const REFUSALS: [&str; 4] = ["oidc::error", "oidc::Error", "oidc::Code", "oidc::Violation"];

const FLOORS: &[Floor] = &[
    Floor { path: "src/clock", own: &[], never: &["entity", "sea_orm", "sqlx", "poem", "hyper"] },
    Floor { path: "src/secret", own: &["clock"], never: &["entity", "sea_orm", "sqlx", "poem", "hyper"] },
    Floor {
        path: "src/config",
        own: &["clock", "secret", "oidc::keys::Algorithm"],
        never: &["entity", "sea_orm", "sqlx", "poem", "hyper"],
    },
    Floor { path: "src/db", own: &["GROUND", "REFUSALS"], never: &["poem", "poem_openapi", "hyper", "askama"] },
    Floor { path: "src/limit", own: &["GROUND", "REFUSALS"], never: &["entity", "sea_orm", "sqlx", "poem", "hyper"] },
    Floor { path: "src/outbound", own: &["GROUND", "REFUSALS"], never: &["entity", "sea_orm", "sqlx", "poem"] },
    // Renders and hands over what it is given: it knows neither rows nor rules, so that jobs may send without the pages.
    Floor { path: "src/mail", own: &["GROUND"], never: &["entity", "sea_orm", "sqlx", "poem", "hyper", "reqwest"] },
    Floor { path: "src/shown", own: &[], never: &["entity", "sea_orm", "sqlx", "poem", "hyper"] },
    Floor { path: "src/text", own: &["shown"], never: &["entity", "sea_orm", "sqlx", "poem", "hyper"] },
    Floor { path: "src/telemetry", own: &["GROUND"], never: &["entity", "sea_orm", "sqlx"] },
    Floor { path: "src/health", own: &["GROUND", "app", "edge", "oidc"], never: &["sea_orm", "sqlx", "migration"] },
    Floor { path: "src/oidc", own: &["GROUND", "app"], never: &["WEB_FRAMEWORK", "poem_openapi", "migration"] },
    Floor {
        path: "src/portal",
        own: &["GROUND", "app", "oidc"],
        never: &["WEB_FRAMEWORK", "poem_openapi", "migration"],
    },
    Floor { path: "src/jobs", own: &["GROUND", "app", "oidc", "portal"], never: &["WEB_FRAMEWORK", "poem_openapi"] },
    Floor {
        path: "src/api",
        own: &["GROUND", "app", "edge", "health", "oidc", "portal", "api::caller"],
        never: &["sea_orm", "sqlx", "migration", "reqwest", "askama", "josekit"],
    },
    Floor {
        path: "src/web",
        own: &["GROUND", "app", "edge", "oidc", "portal"],
        never: &["sea_orm", "sqlx", "migration", "reqwest", "josekit"],
    },
    Floor {
        path: "src/edge",
        own: &["GROUND", "REFUSALS", "app", "health", "oidc::endpoint", "oidc::tenant"],
        never: &["entity", "sea_orm", "sqlx", "migration", "reqwest", "josekit"],
    },
    // What wires the house may see all of it.
    Floor { path: "src", own: &["*"], never: &[] },
    Floor {
        path: "entity/src",
        own: &["*"],
        never: &["registrar", "migration", "sea_orm_migration", "poem", "poem_openapi", "tokio", "std::time"],
    },
    Floor { path: "migration/src", own: &["*"], never: &["registrar", "entity", "poem", "poem_openapi"] },
    Floor { path: "xtask/src", own: &["*"], never: &["entity", "migration"] },
];

/// What a rule may take of a forbidden crate: structs of an RFC describe themselves for the OpenAPI document.
const EXCEPTIONS: [(&str, &[&str]); 2] =
    [("src/oidc", &["poem_openapi", "Object"]), ("src/portal", &["poem_openapi", "Object"])];

/// Through these names of `entity` rows are asked for and changed. Words may hold a row, never fetch one.
const QUERIES: [&str; 4] = ["Entity", "ActiveModel", "Column", "Relation"];

fn product() -> Vec<Source> {
    ["src", "entity/src", "migration/src", "xtask/src"].iter().flat_map(|folder| Source::below(folder)).collect()
}

#[test]
fn nothing_is_imported_upwards() {
    let complaints: Vec<String> = product().iter().flat_map(imports_out_of_place).collect();
    assert_none("imports that go up or sideways", &complaints);
}

#[test]
fn no_file_and_no_function_is_too_long() {
    let mut complaints = Vec::new();
    for source in product() {
        let lines = source.production_lines();
        if lines > FILE_LINES_MAX {
            complaints.push(format!("{} has {lines} lines, at most {FILE_LINES_MAX}", source.path));
        }
        for (name, line, lines) in functions(&source.production()) {
            if lines > FUNCTION_LINES_MAX {
                complaints
                    .push(format!("{}:{line} {name} has {lines} lines, at most {FUNCTION_LINES_MAX}", source.path));
            }
        }
    }
    assert_none("things that are two things", &complaints);
}

#[test]
fn every_file_says_in_its_first_line_what_it_answers() {
    let sources = product().into_iter().chain(Source::below("tests"));
    let silent = sources.filter(|source| !source.text.starts_with("//! ")).map(|source| source.path);
    assert_none("files whose first line is not `//! …`", &silent.collect::<Vec<_>>());
}

#[test]
fn nothing_has_an_empty_name() {
    let mut complaints = Vec::new();
    for source in product().into_iter().chain(Source::below("tests")) {
        let in_path = words(&source.path).into_iter().filter(|word| EMPTY_WORDS.contains(&word.as_str()));
        complaints.extend(in_path.map(|word| format!("{}: {word}", source.path)));
        for (name, line) in declared(&source.code) {
            if words(&name).iter().any(|word| EMPTY_WORDS.contains(&word.as_str())) {
                complaints.push(format!("{}:{line} {name}", source.path));
            }
        }
    }
    assert_none("names that say nothing", &complaints);
}

fn imports_out_of_place(source: &Source) -> Vec<String> {
    let fitting = FLOORS.iter().filter(|floor| is_within(&source.path, floor.path));
    let floor = fitting.max_by_key(|floor| floor.path.len()).expect("every folder has a floor");
    let crates = dependencies();
    let module = module_of(&source.path);
    let used = paths(&source.production());
    let imported = |name: &String| used.iter().find(|used| used.name.as_ref() == Some(name)).map(|used| &used.path);
    let mut complaints = Vec::new();
    for Used { path, line, name } in &used {
        // `use crate::oidc;` and then `oidc::Error`: what counts is the whole path.
        let whole = match imported(&path[0]).filter(|_| name.is_none()) {
            Some(beginning) => absolute(&[beginning, &path[1..]].concat(), &module),
            None => absolute(path, &module),
        };
        let allowed = match whole.split_first() {
            Some((first, inside)) if first == "crate" => may_use_own(floor, &module, inside),
            Some((first, _)) if crates.contains(first.as_str()) => may_use_crate(floor, &source.path, &whole),
            _ => true,
        };
        if !allowed {
            complaints.push(format!("{}:{line} {}", source.path, whole.join("::")));
        }
    }
    complaints
}

/// Whether the floor may use `inside`, a path below the root of its own crate.
fn may_use_own(floor: &Floor, module: &[String], inside: &[String]) -> bool {
    let own_folder = match module.first().map(String::as_str) {
        // A dialect is a folder of `api`; the files beside the folders belong together.
        Some("api") => &module[..module.len().min(2)],
        Some(_) => &module[..1],
        None => module,
    };
    let wired = own_folder == ["api"] && inside.first().is_some_and(|first| first == "api");
    let words = floor.own.iter().flat_map(|word| match *word {
        "GROUND" => GROUND.to_vec(),
        "REFUSALS" => REFUSALS.to_vec(),
        word => vec![word],
    });
    let mut allowed = words.map(|word| word.split("::").collect::<Vec<_>>());
    wired
        || inside.starts_with(own_folder)
        // A module of which only some names are allowed may be named itself; what is taken from it is seen elsewhere.
        || allowed.any(|word| word == ["*"] || inside.iter().zip(&word).all(|(a, b)| a == b))
}

/// Whether the floor may use `path`, which begins with the name of another crate.
fn may_use_crate(floor: &Floor, file: &str, path: &[String]) -> bool {
    if EXCEPTIONS.iter().any(|(folder, allowed)| is_within(file, folder) && path == *allowed) {
        return true;
    }
    let is_words = ["src/api", "src/web"].contains(&floor.path);
    if is_words && path[0] == "entity" && path.iter().any(|name| QUERIES.contains(&name.as_str())) {
        return false;
    }
    let words = floor.never.iter().flat_map(|word| match *word {
        "WEB_FRAMEWORK" => WEB_FRAMEWORK.to_vec(),
        word => vec![word],
    });
    let mut never = words.map(|word| word.split("::").collect::<Vec<_>>());
    !never.any(|word| path.iter().zip(&word).filter(|(a, b)| a == *b).count() == word.len())
}

fn is_within(file: &str, folder: &str) -> bool {
    file.strip_prefix(folder).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// `src/oidc/token/issue.rs` is `oidc::token::issue`; `mod.rs` and `lib.rs` are their folder.
fn module_of(file: &str) -> Vec<String> {
    let inside = file.split_once("src/").map_or(file, |(_, inside)| inside);
    let mut names: Vec<String> = inside.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if names.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        names.pop();
    }
    names
}

/// The path as seen from the crate's root, without `self` and `super`.
fn absolute(path: &[String], module: &[String]) -> Vec<String> {
    let relative = |depth: usize| [&["crate".to_owned()], &module[..module.len().saturating_sub(depth)]].concat();
    let ups = path.iter().take_while(|name| *name == "super").count();
    let mut absolute = match path[0].as_str() {
        "self" => [relative(0), path[1..].to_vec()].concat(),
        "super" => [relative(ups), path[ups..].to_vec()].concat(),
        "registrar" => [vec!["crate".to_owned()], path[1..].to_vec()].concat(),
        _ => path.to_vec(),
    };
    absolute.retain(|name| name != "self");
    absolute
}

/// The names of all crates that a member of the workspace depends on, as code writes them.
fn dependencies() -> BTreeSet<String> {
    let mut names = BTreeSet::from(["std".to_owned(), "registrar".to_owned()]);
    for member in ["", "entity", "migration", "xtask"] {
        let manifest = std::fs::read_to_string(workspace().join(member).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        for section in ["dependencies", "dev-dependencies"] {
            let listed = manifest.get(section).and_then(|section| section.as_table());
            names.extend(listed.into_iter().flat_map(|listed| listed.keys()).map(|name| name.replace('-', "_")));
        }
    }
    names
}

/// Name, first line and number of lines of each function.
fn functions(code: &str) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = code[from..].find("fn ").map(|at| at + from) {
        from = at + 3;
        let is_keyword = !code[..at].ends_with(|before: char| before.is_ascii_alphanumeric() || before == '_');
        let name: String = code[from..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if is_keyword && !name.is_empty() {
            let line = code[..at].matches('\n').count() + 1;
            found.push((name, line, code[at..end_of_item(code, at)].lines().count()));
        }
    }
    found
}

/// What the code gives a name to, and where.
fn declared(code: &str) -> Vec<(String, usize)> {
    let declares = ["fn", "struct", "enum", "trait", "mod", "type", "const", "static", "union"];
    let tokens = tokens(code);
    let pairs = tokens.windows(2).filter(|pair| declares.contains(&pair[0].text.as_str()) && pair[1].is_word());
    pairs.map(|pair| (pair[1].text.clone(), pair[1].line)).collect()
}

/// `a_fineName` consists of `a`, `fine` and `name`.
fn words(name: &str) -> Vec<String> {
    let mut spaced = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            spaced.push(' ');
        }
        spaced.push(if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { ' ' });
    }
    spaced.split_whitespace().map(str::to_owned).collect()
}

fn assert_none(what: &str, complaints: &[String]) {
    let list = complaints.iter().fold(String::new(), |mut list, complaint| {
        let _ = write!(list, "\n  {complaint}");
        list
    });
    assert!(complaints.is_empty(), "{} {what}:{list}", complaints.len());
}

#[test]
fn an_import_is_judged_by_the_floor_it_stands_on() {
    let judged = |path: &str, text: &str| imports_out_of_place(&Source::new(path, text));
    let fine: [String; 0] = [];
    assert_eq!(judged("src/oidc/token/issue.rs", "use crate::{app::App, oidc::keys}; use poem_openapi::Object;"), fine);
    assert_eq!(
        judged("src/oidc/token/issue.rs", "use super::super::super::web;"),
        ["src/oidc/token/issue.rs:1 crate::web"]
    );
    assert_eq!(judged("src/oidc/keys.rs", "fn f() -> poem::Body {}"), ["src/oidc/keys.rs:1 poem::Body"]);
    assert_eq!(judged("src/oidc/keys.rs", "use poem_openapi::Enum;"), ["src/oidc/keys.rs:1 poem_openapi::Enum"]);
    assert_eq!(
        judged("src/api/oidc/token.rs", "use super::error; use crate::api::caller::Caller; use entity::client;"),
        fine
    );
    assert_eq!(
        judged("src/api/oidc/token.rs", "use crate::api::kong::body;"),
        ["src/api/oidc/token.rs:1 crate::api::kong::body"]
    );
    assert_eq!(
        judged("src/api/oidc/token.rs", "use entity::client::Entity;"),
        ["src/api/oidc/token.rs:1 entity::client::Entity"]
    );
    assert_eq!(judged("src/api/mod.rs", "use self::oidc::routes; use crate::web;"), ["src/api/mod.rs:1 crate::web"]);
    assert_eq!(judged("src/web/login.rs", "use sea_orm::EntityTrait;"), ["src/web/login.rs:1 sea_orm::EntityTrait"]);
    assert_eq!(judged("src/edge/limits.rs", "use crate::oidc::Error; use crate::limit; use poem::Endpoint;"), fine);
    assert_eq!(judged("src/edge/limits.rs", "use crate::oidc; fn f() -> oidc::Error {}"), fine);
    assert_eq!(
        judged("src/edge/limits.rs", "use crate::oidc::{self as rules}; fn f() { rules::client::find() }"),
        ["src/edge/limits.rs:1 crate::oidc::client::find"]
    );
    assert_eq!(
        judged("src/web/login.rs", "use entity::client; fn f() { client::Entity::find() }"),
        ["src/web/login.rs:1 entity::client::Entity::find"]
    );
    assert_eq!(judged("src/edge/limits.rs", "use crate::oidc::client;"), ["src/edge/limits.rs:1 crate::oidc::client"]);
    assert_eq!(judged("src/app.rs", "use crate::{api, edge, web}; use sea_orm::Database;"), fine);
    assert_eq!(judged("migration/src/m1.rs", "use entity::client;"), ["migration/src/m1.rs:1 entity::client"]);
    assert_eq!(
        judged("entity/src/client.rs", "use std::time::SystemTime;"),
        ["entity/src/client.rs:1 std::time::SystemTime"]
    );
}

#[test]
fn functions_are_measured_from_their_name_to_their_last_brace() {
    let code = "pub async fn one<const N: usize>(a: [u8; 2])\n-> u8 {\n    { 1 }\n}\nfn two();\n";
    assert_eq!(functions(code), [("one".to_owned(), 1, 4), ("two".to_owned(), 5, 1)]);
}
