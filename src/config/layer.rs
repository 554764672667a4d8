//! Which value is in force for each key? Defaults, then file, environment and command line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::environment::{self, Named};
use super::fault::Fault;
use super::source::{Flag, Source, Sources};
use super::suggest::nearest;
use super::value::Value;
use crate::secret::Secret;

/// The defaults, with their documentation as comments.
pub const DEFAULTS: &str = include_str!("../../config/default.toml");

/// The file that is read when it exists and no other is named.
pub const USUAL_FILE: &str = "registrar.toml";

/// Keys whose values are never shown as they are.
const HIDDEN: [&str; 3] = ["database.url", "mail.password", "secrets.key_encryption_key"];

/// One key, its value in force, and where that came from.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Setting {
    /// `section.key`.
    pub key: String,
    /// In force.
    pub value: Value,
    /// Where it came from.
    #[serde(serialize_with = "as_text")]
    pub source: Source,
}

fn as_text<S: serde::Serializer>(source: &Source, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(source)
}

/// Every key with its value in force, in the order of `config/default.toml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings(Vec<Setting>);

impl Settings {
    /// Each setting, in the order of `config/default.toml`.
    pub fn iter(&self) -> impl Iterator<Item = &Setting> {
        self.0.iter()
    }

    /// The setting of one key.
    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.0.iter().find(|setting| setting.key == key)
    }

    /// Puts `value` in force; an unknown key stays unknown.
    pub(super) fn put(&mut self, key: &str, value: Value, source: Source) {
        if let Some(setting) = self.0.iter_mut().find(|setting| setting.key == key) {
            setting.value = value;
            setting.source = source;
        }
    }

    /// Shows `value` in place of what is in force, without changing where it came from.
    pub(super) fn show(&mut self, key: &str, value: Value) {
        if let Some(setting) = self.0.iter_mut().find(|setting| setting.key == key) {
            setting.value = value;
        }
    }

    fn keys(&self) -> Vec<&str> {
        self.0.iter().map(|setting| setting.key.as_str()).collect()
    }
}

/// Reads every layer. What cannot be read is a fault, and the layer below it stays in force.
pub fn collect(sources: &Sources) -> (Settings, Vec<Fault>) {
    let mut faults = Vec::new();
    let mut settings = defaults(&mut faults);
    if let Some((path, text)) = file(sources, &mut faults) {
        take_file(&mut settings, &path, &text, &mut faults);
    }
    take_environment(&mut settings, sources, &mut faults);
    for flag in &sources.flags {
        take_flag(&mut settings, flag, &mut faults);
    }
    (settings, faults)
}

/// The defaults alone.
pub fn defaults(faults: &mut Vec<Fault>) -> Settings {
    let mut settings = Vec::new();
    for entry in entries(DEFAULTS, |_| Source::Default, faults) {
        let Entry { key, toml, source } = entry;
        match toml.as_ref().map_err(Clone::clone).and_then(Value::from_toml) {
            Ok(Value::Text(text)) if HIDDEN.contains(&key.as_str()) => {
                settings.push(Setting { key, value: Value::Hidden(Secret::new(text)), source });
            }
            Ok(value) => settings.push(Setting { key, value, source }),
            Err(problem) => faults.push(Fault { key, source, problem, allowed: String::new() }),
        }
    }
    Settings(settings)
}

/// Finds and reads the configuration file, if there is one.
fn file(sources: &Sources, faults: &mut Vec<Fault>) -> Option<(PathBuf, String)> {
    let variable = sources.environment.get(environment::FILE).map(Secret::expose).filter(|path| !path.is_empty());
    let (path, source) = match (&sources.file, variable) {
        (Some(path), _) => (path.clone(), Source::Flag { name: "--config".into() }),
        (None, Some(path)) => (path.into(), Source::Environment { name: environment::FILE.into() }),
        (None, None) if sources.files.exists(Path::new(USUAL_FILE)) => {
            (USUAL_FILE.into(), Source::File { path: USUAL_FILE.into(), line: 1 })
        }
        (None, None) => return None,
    };
    match sources.files.read(&path) {
        Ok(text) => Some((path, text)),
        Err(error) => {
            faults.push(Fault {
                key: path.display().to_string(),
                source,
                problem: format!("the configuration file cannot be read: {error}"),
                allowed: "a TOML file that this user may read".into(),
            });
            None
        }
    }
}

/// One line of a TOML file that sets something.
struct Entry<'t> {
    key: String,
    toml: Result<DeValue<'t>, String>,
    source: Source,
}

/// All `section.key = value` of a TOML text, in its order. What does not parse is a fault.
fn entries<'t>(text: &'t str, at: impl Fn(usize) -> Source, faults: &mut Vec<Fault>) -> Vec<Entry<'t>> {
    let line_of = |offset: usize| text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1;
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let line = line_of(error.span().map_or(0, |span| span.start));
        // The parser's own display would quote the line, and the line may hold a secret.
        let problem = format!("is not TOML: {}", error.message());
        faults.push(Fault { key: "file".into(), source: at(line), problem, allowed: String::new() });
    }
    if !errors.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(usize, String, Result<DeValue<'t>, String>)> = Vec::new();
    for (section, value) in table.into_inner() {
        let place = section.span().start;
        match value.into_inner() {
            DeValue::Table(keys) => found.extend(keys.into_iter().map(|(key, value): (Spanned<_>, Spanned<_>)| {
                (key.span().start, format!("{}.{}", section.get_ref(), key.get_ref()), Ok(value.into_inner()))
            })),
            _ => found.push((place, section.get_ref().to_string(), Err("stands outside every section".into()))),
        }
    }
    found.sort_by_key(|(place, ..)| *place);
    found.into_iter().map(|(place, key, toml)| Entry { key, toml, source: at(line_of(place)) }).collect()
}

fn take_file(settings: &mut Settings, path: &Path, text: &str, faults: &mut Vec<Fault>) {
    let at = |line| Source::File { path: path.to_owned(), line };
    for Entry { key, toml, source } in entries(text, at, faults) {
        let Some(default) = settings.get(&key).map(|setting| setting.value.clone()) else {
            faults.push(unknown(settings, &key, source));
            continue;
        };
        match toml.and_then(|toml| default.take_like(&toml)) {
            Ok(value) => settings.put(&key, value, source),
            Err(problem) => faults.push(Fault { key, source, problem, allowed: default.kind().into() }),
        }
    }
}

fn take_environment(settings: &mut Settings, sources: &Sources, faults: &mut Vec<Fault>) {
    let mut taken: BTreeMap<String, (String, Secret)> = BTreeMap::new();
    for (name, text) in &sources.environment {
        let text = text.expose();
        if text.is_empty() || name == environment::FILE || environment::is_foreign(name, text) {
            continue;
        }
        let (key, text, source) = match environment::resolve(name, &settings.keys()) {
            Named::Value(key) => (key, Secret::new(text), Source::Environment { name: name.clone() }),
            Named::FileOf(key) => match sources.files.read(Path::new(text)) {
                Ok(read) => {
                    let source = Source::EnvironmentFile { name: name.clone(), path: text.into() };
                    (key, Secret::new(read.trim_end_matches(['\r', '\n'])), source)
                }
                Err(error) => {
                    // The name is not repeated: people put the secret itself where its file belongs.
                    let problem = format!("the file that {name} names cannot be read: {error}");
                    let source = Source::Environment { name: name.clone() };
                    faults.push(Fault { key, source, problem, allowed: "a file that this user may read".into() });
                    continue;
                }
            },
            Named::Unknown { like } => {
                let problem = format!("no setting has this name{}", did_you_mean(like));
                let source = Source::Environment { name: name.clone() };
                faults.push(Fault { key: name.clone(), source, problem, allowed: String::new() });
                continue;
            }
        };
        match taken.get(&key) {
            Some((other, value)) if *value != text => {
                let problem = format!("{other} and {name} give it different values");
                faults.push(Fault { key, source, problem, allowed: "one of the two".into() });
            }
            _ => {
                take_text(settings, &key, text.expose(), source, faults);
                taken.insert(key, (name.clone(), text));
            }
        }
    }
}

fn take_flag(settings: &mut Settings, flag: &Flag, faults: &mut Vec<Fault>) {
    let source = Source::Flag { name: flag.name.clone() };
    if settings.get(&flag.key).is_none() {
        faults.push(unknown(settings, &flag.key, source));
        return;
    }
    take_text(settings, &flag.key, flag.value.expose(), source, faults);
}

/// Puts a text in force, read as the kind of the key's default.
fn take_text(settings: &mut Settings, key: &str, text: &str, source: Source, faults: &mut Vec<Fault>) {
    let Some(default) = settings.get(key).map(|setting| setting.value.clone()) else { return };
    match default.read_like(text) {
        Ok(value) => settings.put(key, value, source),
        Err(problem) => {
            faults.push(Fault { key: key.to_owned(), source, problem, allowed: default.kind().into() });
        }
    }
}

fn unknown(settings: &Settings, key: &str, source: Source) -> Fault {
    let like = nearest(key, &settings.keys()).map(str::to_owned);
    let problem = format!("no setting has this name{}", did_you_mean(like));
    Fault { key: key.to_owned(), source, problem, allowed: String::new() }
}

fn did_you_mean(like: Option<String>) -> String {
    like.map_or_else(String::new, |like| format!(", did you mean {like}?"))
}
