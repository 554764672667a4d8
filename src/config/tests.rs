//! How do the layers lie on one another, and what is shown of them?
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use super::layer::{collect, defaults};
use super::show::Report;
use super::source::GivenFile;
use super::*;

const KEY: &str = "Zm9yLXRlc3RzLW9ubHktMDEyMzQ1Njc4OTpBQkNERUY";

fn file(mut sources: Sources, path: &str, text: &str) -> Sources {
    if let Files::Given(files) = &mut sources.files {
        files.insert(path.into(), GivenFile { text: text.into(), mode: 0o600 });
    }
    sources
}

fn shown(sources: &Sources, key: &str) -> (String, String) {
    let settings = load(sources).unwrap().settings;
    let setting = settings.get(key).unwrap();
    (setting.value.to_string(), setting.source.to_string())
}

#[test]
fn the_defaults_alone_are_sound_and_nothing_need_be_set() {
    let config = load(&Sources::nothing()).unwrap().config;
    assert_eq!(config.server.issuer.as_str(), "http://localhost:8080");
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.keys.access_token_alg, Algorithm::ES256);
    assert_eq!(config.sessions.max_seconds, 168 * 3600);
    assert_eq!(config.registration.unused_ttl_seconds, Some(30 * 86_400));
    assert_eq!(config.secrets.key, KeySource::ToBeMade { path: "registrar-data/registrar.db.key".into() });
}

#[test]
fn every_key_has_a_default_is_read_and_is_documented() {
    let mut faults = Vec::new();
    let settings = defaults(&mut faults);
    assert_eq!(faults, []);
    let (_, faults, read) = check::check(&settings, &Files::Given(Default::default()), Vec::new());
    assert_eq!(faults, []);
    let known: BTreeSet<String> = settings.iter().map(|setting| setting.key.clone()).collect();
    assert_eq!(known, read);
    let mut above = "";
    for line in layer::DEFAULTS.lines() {
        let starts_something = line.contains(" = ") && !line.starts_with('#') || line.starts_with('[');
        assert!(!starts_something || above.starts_with("# "), "{line} has no comment");
        above = line;
    }
}

#[test]
fn the_command_line_wins_over_the_environment_over_the_file_over_the_defaults() {
    let key = "log.level";
    let mut sources = Sources::nothing();
    assert_eq!(shown(&sources, key), ("info,sea_orm_migration=warn".into(), "default".into()));
    sources = file(sources, "registrar.toml", "[log]\nformat = \"json\"\nlevel = \"warn\"\n");
    assert_eq!(shown(&sources, key), ("warn".into(), "registrar.toml:3".into()));
    sources =
        file(sources, "other.toml", "[log]\nlevel = \"error\"\n").with_environment("REGISTRAR_CONFIG", "other.toml");
    assert_eq!(shown(&sources, key), ("error".into(), "other.toml:2".into()));
    sources = file(sources, "named.toml", "\n\n[log]\nlevel = \"debug\"\n");
    sources.file = Some("named.toml".into());
    assert_eq!(shown(&sources, key), ("debug".into(), "named.toml:4".into()));
    sources = sources.with_environment("REGISTRAR__LOG__LEVEL", "trace");
    assert_eq!(shown(&sources, key), ("trace".into(), "REGISTRAR__LOG__LEVEL".into()));
    sources = sources.set(key, "warn").set(key, "error");
    assert_eq!(shown(&sources, key), ("error".into(), "--set".into()));
    assert_eq!(shown(&sources, "log.format"), ("auto".into(), "default".into()));
}

#[test]
fn a_variable_that_ends_in_file_names_a_file_with_the_value() {
    let sources = file(Sources::nothing(), "/run/secrets/db", "postgres://ada:canary@db/registrar\n")
        .with_environment("REGISTRAR_DATABASE_URL_FILE", "/run/secrets/db")
        .with_environment("REGISTRAR__SECRETS__KEY_ENCRYPTION_KEY_FILE", "/run/secrets/key");
    let sources = file(sources, "/run/secrets/key", KEY);
    let config = load(&sources).unwrap().config;
    assert_eq!(config.database.url.connect_with().expose(), "postgres://ada:canary@db/registrar");
    assert!(matches!(config.secrets.key, KeySource::Given(_)));
    let source = "REGISTRAR_DATABASE_URL_FILE (/run/secrets/db)";
    assert_eq!(shown(&sources, "database.url"), ("postgres://ada:********@db/registrar".into(), source.into()));
}

#[test]
fn texts_are_read_as_the_kind_of_the_default() {
    let sources = Sources::nothing()
        .with_environment("REGISTRAR_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1,,2001:db8::/32")
        .with_environment("REGISTRAR__SERVER__CONNECTIONS_MAX", " 20_000 ")
        .with_environment("REGISTRAR__DATABASE__MIGRATE_AT_START", "false")
        .with_environment("REGISTRAR_LOG_LEVEL", "");
    let config = load(&sources).unwrap().config;
    let proxies: Vec<String> = config.server.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"]);
    assert_eq!(config.server.connections_max, 20_000);
    assert!(!config.database.migrate_at_start);
    assert_eq!(config.log.level, "info,sea_orm_migration=warn");
}

#[test]
fn an_issuer_that_is_not_set_follows_the_port_and_an_insecure_one_must_be_wanted() {
    let sources = Sources::nothing().set("server.listen", "[::]:9000");
    assert_eq!(shown(&sources, "server.issuer"), ("http://localhost:9000".into(), "follows from server.listen".into()));
    let sources = Sources::nothing().set("server.issuer", "http://id.example/auth");
    assert!(load(&sources).is_err());
    assert!(load(&sources.set("server.allow_insecure_issuer", "true")).is_ok());
}

#[test]
fn a_key_beside_the_database_is_used_again_and_none_is_made_for_a_database_that_had_one() {
    let database = "registrar-data/registrar.db";
    let both = file(file(Sources::nothing(), database, ""), "registrar-data/registrar.db.key", KEY);
    assert!(matches!(load(&both).unwrap().config.secrets.key, KeySource::Given(_)));
    assert!(load(&file(Sources::nothing(), database, "")).is_err());
    let source = ("registrar-data/registrar.db.key".into(), "follows from database.url".into());
    assert_eq!(shown(&both, "secrets.key_file"), source);
}

#[test]
fn variables_that_kubernetes_makes_are_no_settings() {
    let sources = Sources::nothing()
        .with_environment("REGISTRAR_PORT", "tcp://10.0.0.1:8080")
        .with_environment("REGISTRAR_SERVICE_HOST", "10.0.0.1");
    assert!(load(&sources).is_ok());
}

#[test]
fn what_is_shown_names_every_source_and_masks_every_secret() {
    let sources = Sources::nothing()
        .set("database.url", "mysql://ada:canary@db/registrar")
        .with_environment("REGISTRAR_KEY_ENCRYPTION_KEY", KEY)
        .with_environment("REGISTRAR_TRUSTED_PROXIES", "10.0.0.0/8,192.0.2.0/24");
    let loaded = load(&sources).unwrap();
    let report = Report::sound(&loaded.settings);
    let (text, json) = (report.text(), serde_json::to_string(&report).unwrap());
    for output in [&text, &json, &format!("{loaded:?}"), &format!("{report:?}")] {
        assert!(!output.contains("canary") && !output.contains(KEY), "{output}");
    }
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.ends_with("  default")).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    server.issuer                        http://localhost:8080              follows from server.listen
    server.trusted_proxies               10.0.0.0/8, 192.0.2.0/24           REGISTRAR_TRUSTED_PROXIES
    database.url                         mysql://ada:********@db/registrar  --set
    secrets.key_encryption_key           ********                           REGISTRAR_KEY_ENCRYPTION_KEY
    The configuration is sound.
    No mail is sent: mail.host is empty, so mails wait in the outbox.
    ");
    let proxies = serde_json::json!({
        "key": "server.trusted_proxies",
        "value": ["10.0.0.0/8", "192.0.2.0/24"],
        "source": "REGISTRAR_TRUSTED_PROXIES",
    });
    assert_eq!(serde_json::to_value(&report).unwrap()["settings"][4], proxies);
    let (settings, _) = collect(&sources);
    assert!(!format!("{settings:?}").contains("canary"));
}
