//! Which configurations are refused? A table of bad ones, each with the key that must be named (Q24).
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::check::EARLIEST;
use super::source::GivenFile;
use super::{Files, Source, Sources, load};
use crate::clock::Clock;

/// A sound key, so that only what a row sets is wrong.
const KEY: &str = "Zm9yLXRlc3RzLW9ubHktMDEyMzQ1Njc4OTpBQkNERUY";

fn file(sources: Sources, path: &str, text: &str) -> Sources {
    with_mode(sources, path, text, 0o600)
}

fn with_mode(mut sources: Sources, path: &str, text: &str, mode: u32) -> Sources {
    if let Files::Given(files) = &mut sources.files {
        files.insert(path.into(), GivenFile { text: text.into(), mode });
    }
    sources
}

/// One `--set`: the key, the bad value, and a part of what is said about it.
const BAD_VALUES: &[(&str, &str, &str)] = &[
    ("server.listen", "8080", "is not an address and port"),
    ("server.listen", "localhost:8080", "is not an address and port"),
    ("server.listen", "127.0.0.1:99999", "is not an address and port"),
    ("server.listen", "", "is not an address and port"),
    ("server.issuer", "id.example", "is not an absolute URL"),
    ("server.issuer", "/auth", "is not an absolute URL"),
    ("server.issuer", "ftp://id.example", "is neither http nor https"),
    ("server.issuer", "https://id.example/", "ends with a slash"),
    ("server.issuer", "https://id.example/auth/", "ends with a slash"),
    ("server.issuer", "https://id.example?x=1", "has a query"),
    ("server.issuer", "https://id.example/?", "has a query"),
    ("server.issuer", "https://id.example#x", "has a fragment"),
    ("server.issuer", "https://id.example/#", "has a fragment"),
    ("server.issuer", "https://ada@id.example", "names a user"),
    ("server.issuer", "https://ada:canary@id.example", "names a user"),
    ("server.issuer", "https://ada:canary@", "is not an absolute URL"),
    ("server.issuer", "https://ID.example", "is not in its normal form \"https://id.example\""),
    ("server.issuer", "https://id.example:443", "is not in its normal form"),
    ("server.issuer", "https://id.example/a/../b", "is not in its normal form"),
    ("server.issuer", "https://bücher.example", "is not in its normal form \"https://xn--bcher-kva.example\""),
    ("server.issuer", "https://id.example//a", "empty segments"),
    ("server.issuer", "https://id.example/a%2fb", "escapes"),
    ("server.issuer", "http://id.example", "is http on a host that is not loopback"),
    ("server.issuer", "http://10.0.0.1:8080", "is http on a host that is not loopback"),
    ("server.allow_insecure_issuer", "yes", "is neither true nor false"),
    ("server.metrics_listen", "9464", "is not an address and port"),
    ("kong_admin.listen", "8001", "is not an address and port"),
    ("kong_admin.auth", "perhaps", "is neither true nor false"),
    ("server.metrics_listen", "127.0.0.1:8080", "is the address of server.listen"),
    ("server.trusted_proxies", "10.0.0.0/33", "is not a network"),
    ("server.trusted_proxies", "10.0.0.1/8", "has bits beyond its prefix"),
    ("server.trusted_proxies", "proxy.example", "is not a network"),
    ("server.trusted_proxies", "0.0.0.0/0", "is every address there is"),
    ("server.trusted_proxies", "10.0.0.0/8, ::/0", "is every address there is"),
    ("server.connections_max", "0", "out of range"),
    ("server.connections_max", "many", "is not a whole number"),
    ("server.connections_per_address_max", "0", "out of range"),
    ("server.header_timeout_seconds", "0", "out of range"),
    ("server.header_timeout_seconds", "10s", "is not a whole number"),
    ("server.body_timeout_seconds", "-1", "out of range"),
    ("server.write_timeout_seconds", "0", "out of range"),
    ("server.idle_timeout_seconds", "1e9", "is not a whole number"),
    ("server.header_bytes_max", "100", "out of range"),
    ("server.body_bytes_max", "99999999999999999999", "is not a whole number"),
    ("server.shutdown_seconds", "0", "out of range"),
    ("database.url", "", "is not a URL"),
    ("database.url", "registrar.db", "is not a URL"),
    ("database.url", "oracle://db/registrar", "no database is known by the scheme \"oracle\""),
    ("database.url", "sqlite://", "names no file"),
    ("database.url", "sqlite::memory:", "in memory"),
    ("database.url", "sqlite://data/", "names a directory"),
    ("database.url", "sqlite://registrar.db?mode=ro", "has options"),
    ("database.url", "postgres://", "names no host"),
    ("database.url", "postgres://db", "names no database"),
    ("database.url", "mysql://db/a/b", "more than one database"),
    ("database.url", "postgres://ada:can#ary@db/registrar", "is not a URL"),
    ("database.connections_max", "0", "out of range"),
    ("database.acquire_timeout_seconds", "0", "out of range"),
    ("database.migrate_at_start", "1", "is neither true nor false"),
    ("secrets.key_encryption_key", "c2hvcnQ", "holds 5 bytes where 32 are needed"),
    ("secrets.key_encryption_key", "canary with spaces", "is not base64url"),
    ("secrets.key_encryption_key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "is not random"),
    ("secrets.key_file", "missing.key", "cannot be used"),
    ("secrets.key_file", KEY, "is a key, not the path of a file"),
    ("keys.algorithms", "RS256,ES512", "\"ES512\" is not known"),
    ("keys.algorithms", "RS256,none", "\"none\" is not known"),
    ("keys.algorithms", "ES256,EdDSA", "RS256 is missing"),
    ("keys.algorithms", "", "RS256 is missing"),
    ("keys.algorithms", "RS256,ES256,RS256", "names RS256 twice"),
    ("keys.access_token_alg", "es256", "did you mean ES256?"),
    ("keys.access_token_alg", "HS256", "is not known"),
    ("keys.rotation_days", "0", "out of range"),
    ("keys.publish_ahead_seconds", "1", "out of range"),
    ("keys.retire_overlap_seconds", "1800", "would outlive the key"),
    ("log.format", "xml", "\"xml\" is not known"),
    ("log.level", "loud", "\"loud\" is not a level"),
    ("log.level", "info,registrar=verbose", "\"registrar=verbose\" is not a level"),
    ("log.level", "", "is not a level"),
    ("registration.profile", "lenient", "is not known"),
    ("registration.per_source_per_minute", "-1", "out of range"),
    ("registration.json_depth_max", "0", "out of range"),
    ("registration.uris_per_array_max", "0", "out of range"),
    ("registration.unused_ttl_days", "-1", "out of range"),
    ("registration.retention_days", "0", "out of range"),
    ("tokens.access_token_seconds", "0", "out of range"),
    ("tokens.code_seconds", "601", "out of range"),
    ("tokens.refresh_absolute_days", "29", "is less than tokens.refresh_idle_days"),
    ("tokens.refresh_grace_seconds", "-5", "out of range"),
    ("sessions.idle_hours", "0", "out of range"),
    ("sessions.max_hours", "71", "is less than sessions.idle_hours"),
    ("login.free_attempts", "0", "out of range"),
    ("login.argon2_memory_kib", "1024", "out of range"),
    ("login.argon2_concurrency", "0", "out of range"),
    ("mail.host", "mail.example.org/smtp", "is not a host"),
    ("mail.host", "mail.example.org", "mail.from_address is empty"),
    ("mail.port", "70000", "out of range"),
    ("mail.tls", "ssl", "is not known"),
    ("mail.username", "registrar", "there is no password"),
    ("mail.password", "canary", "mail.username is empty"),
    ("mail.password_file", "missing", "cannot be read"),
    ("mail.from_address", "nobody", "is not an e-mail address"),
    ("mail.from_name", "a\u{1}b", "is no name"),
    ("mail.timeout_seconds", "0", "out of range"),
    ("outbound.allow_networks", "internal", "is not a network"),
    ("outbound.allow_networks", "0.0.0.0/0", "is every address there is"),
    ("outbound.ca_file", "missing.pem", "cannot be read"),
    ("outbound.connect_timeout_seconds", "0", "out of range"),
    ("outbound.total_timeout_seconds", "1", "is less than outbound.connect_timeout_seconds"),
    ("outbound.concurrency_per_host_max", "0", "out of range"),
    ("outbound.concurrency_max", "0", "out of range"),
    ("introspection.allow_get", "on", "is neither true nor false"),
    ("bootstrap.admin_email", "admin", "is not an e-mail address"),
    ("bootstrap.admin_email", "a b@localhost", "is not an e-mail address"),
    ("bootstrap.admin_password_file", "canary", "the file cannot be read"),
    ("server.lisen", "127.0.0.1:1", "did you mean server.listen?"),
    ("issuer", "https://id.example", "did you mean server.issuer?"),
    ("nonsense.at_all", "1", "no setting has this name"),
];

#[test]
fn a_bad_value_is_refused_by_the_name_of_its_key_and_only_that() {
    // Q24
    for (key, value, said) in BAD_VALUES {
        let faults = load(&Sources::nothing().set(key, *value)).unwrap_err().0;
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert!(
            faults.iter().any(|fault| fault.key == *key && fault.problem.contains(said)),
            "{key}={value}: {shown:?}"
        );
        assert!(faults.iter().all(|fault| fault.key == *key), "{key}={value}: {shown:?}");
        assert!(faults.iter().all(|fault| fault.source == Source::Flag { name: "--set".into() }), "{shown:?}");
        assert!(!shown.concat().contains("canary") && !shown.concat().contains(KEY), "{shown:?}");
    }
}

/// What the table's one-line rows cannot say: the sources, the key named, and a part of what is said.
fn bad_layers() -> Vec<(Sources, &'static str, &'static str)> {
    let nothing = Sources::nothing;
    let usual = |text: &str| file(nothing(), "registrar.toml", text);
    let mut elsewhere = nothing();
    elsewhere.file = Some("nowhere.toml".into());
    let mut early = nothing();
    early.clock = Clock::fixed(EARLIEST - 1);
    vec![
        (early, "clock", "before this program was made"),
        (elsewhere, "nowhere.toml", "cannot be read"),
        (nothing().with_environment("REGISTRAR_CONFIG", "gone.toml"), "gone.toml", "cannot be read"),
        (usual("[server\n"), "file", "is not TOML"),
        (usual("[server]\nlisten = \"a\"\nlisten = \"b\"\n"), "file", "is not TOML"),
        (usual("[secrets]\nkey_encryption_key = canary\n"), "file", "is not TOML"),
        (usual("[sever]\nlisten = \"127.0.0.1:1\"\n"), "sever.listen", "did you mean server.listen?"),
        (usual("listen = \"127.0.0.1:1\"\n"), "listen", "did you mean server.listen?"),
        (usual("[server.tls]\ncert = \"x\"\n"), "server.tls", "no setting has this name"),
        (usual("[[server]]\nlisten = \"x\"\n"), "server", "no setting has this name"),
        (usual("[server]\nconnections_max = \"10\"\n"), "server.connections_max", "is a text in the file"),
        (usual("[server]\nlisten = 8080\n"), "server.listen", "is a whole number in the file"),
        (usual("[server]\ntrusted_proxies = \"10.0.0.0/8\"\n"), "server.trusted_proxies", "is a text in the file"),
        (usual("[server]\ntrusted_proxies = [10]\n"), "server.trusted_proxies", "something other than texts"),
        (usual("[tokens]\ncode_seconds = 60.5\n"), "tokens.code_seconds", "\"float\""),
        (usual("[tokens]\ncode_seconds = 99999999999999999999\n"), "tokens.code_seconds", "is out of range"),
        (usual("[secrets]\nkey_encryption_key = 5\n"), "secrets.key_encryption_key", "is a whole number in the file"),
        (nothing().with_environment("REGISTRAR_ISUER", "x"), "REGISTRAR_ISUER", "did you mean REGISTRAR_ISSUER?"),
        (nothing().with_environment("REGISTRAR__TOKENS__CODE", "x"), "REGISTRAR__TOKENS__CODE", "no setting"),
        (
            nothing().with_environment("REGISTRAR__SERVER__LISTN", "x"),
            "REGISTRAR__SERVER__LISTN",
            "did you mean REGISTRAR__SERVER__LISTEN?",
        ),
    ]
}

/// The same, for what only several values or files together make wrong.
fn bad_together() -> Vec<(Sources, &'static str, &'static str)> {
    let nothing = Sources::nothing;
    let with_file = |key: &str, path: &str, text: &str, mode| with_mode(nothing().set(key, path), path, text, mode);
    let pem = |body: &str| format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
    let both = nothing().set("secrets.key_encryption_key", KEY).set("secrets.key_file", "a.key");
    let twice = nothing()
        .with_environment("REGISTRAR_LISTEN", "127.0.0.1:1")
        .with_environment("REGISTRAR__SERVER__LISTEN", "127.0.0.1:2");
    vec![
        (
            nothing().with_environment("REGISTRAR_DATABASE_URL_FILE", "postgres://ada:canary@db/r"),
            "database.url",
            "cannot be read",
        ),
        (twice, "server.listen", "REGISTRAR_LISTEN and REGISTRAR__SERVER__LISTEN give it different values"),
        (both, "secrets.key_file", "secrets.key_encryption_key is set as well"),
        (nothing().set("database.url", "postgres://db/r"), "secrets.key_encryption_key", "registrar config make-key"),
        (nothing().set("database.url", "mysql://db/r"), "secrets.key_encryption_key", "MySQL needs a key"),
        (with_file("secrets.key_file", "a.key", KEY, 0o644), "secrets.key_file", "chmod 600 a.key"),
        (with_file("secrets.key_file", "a.key", "", 0o600), "secrets.key_file", "holds 0 bytes"),
        (
            with_mode(nothing(), "registrar-data/registrar.db.key", KEY, 0o604),
            "secrets.key_file",
            "may be used by every user",
        ),
        (file(nothing(), "registrar-data/registrar.db", ""), "secrets.key_file", "registrar.db.key is missing"),
        (file(nothing(), "registrar-data/registrar.db/x", ""), "database.url", "names a directory"),
        (with_file("outbound.ca_file", "ca.pem", "hello", 0o644), "outbound.ca_file", "holds no certificate"),
        (with_file("outbound.ca_file", "ca.pem", &pem("!!!!"), 0o644), "outbound.ca_file", "certificate 1"),
        (with_file("outbound.ca_file", "ca.pem", &pem("AAAA"), 0o644), "outbound.ca_file", "is not readable"),
        (
            with_file("bootstrap.admin_password_file", "pw", "canary\n", 0o600),
            "bootstrap.admin_password_file",
            "has 6 bytes",
        ),
        (nothing().set("server.listen", "127.0.0.1:0"), "server.issuer", "port 0"),
        (
            nothing().set("keys.rotation_days", "1").set("keys.publish_ahead_seconds", "86400"),
            "keys.publish_ahead_seconds",
            "before the one before it",
        ),
        (
            nothing().set("keys.algorithms", "RS256").set("keys.access_token_alg", "ES256"),
            "keys.access_token_alg",
            "is not one of keys.algorithms",
        ),
    ]
}

#[test]
fn a_bad_source_is_refused_by_name() {
    // Q24
    for (sources, key, said) in bad_layers().into_iter().chain(bad_together()) {
        let faults = load(&sources).unwrap_err().0;
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert!(faults.iter().any(|fault| fault.key == key && fault.problem.contains(said)), "{key} {said}: {shown:?}");
        assert!(faults.iter().all(|fault| fault.key == key), "{key} {said}: {shown:?}");
        assert!(!shown.concat().contains("canary") && !shown.concat().contains(KEY), "{shown:?}");
    }
}

#[test]
fn all_faults_are_found_at_once_and_each_says_where_it_comes_from() {
    // Q24
    let text = "[server]\nlisten = \"nowhere\"\n\n[tokens]\ncode_seconds = 0\n";
    let sources = file(Sources::nothing(), "registrar.toml", text)
        .with_environment("REGISTRAR_ISSUER", "http://id.example/")
        .with_environment("REGISTRAR_TRUSTED_PROXIES", "10.0.0.1/8")
        .set("keys.access_token_alg", "HS256")
        .set("tokens.cod_seconds", "5");
    let said = load(&sources).unwrap_err().to_string();
    insta::assert_snapshot!(said, @r#"
    the configuration has 6 faults:
      tokens.cod_seconds (--set): no setting has this name, did you mean tokens.code_seconds?
      server.listen (registrar.toml:2): "nowhere" is not an address and port; allowed: an IP address and a port, such as 127.0.0.1:8080 or [::]:8080
      server.issuer (REGISTRAR_ISSUER): "http://id.example/" ends with a slash; allowed: https://HOST[:PORT][/PATH], or http:// on a loopback host; no user, query, fragment or trailing slash
      server.trusted_proxies (REGISTRAR_TRUSTED_PROXIES): "10.0.0.1/8" has bits beyond its prefix; allowed: 10.0.0.0/8 or 10.0.0.1
      keys.access_token_alg (--set): "HS256" is not known, did you mean ES256?; allowed: RS256, ES256, EdDSA, PS256
      tokens.code_seconds (registrar.toml:5): 0 is out of range; allowed: 5 to 600
    "#);
}

#[test]
fn a_file_given_as_a_path_is_read_from_the_disk_too() {
    let directory = tempfile::tempdir().unwrap();
    let path: PathBuf = directory.path().join("registrar.toml");
    std::fs::write(&path, "[log]\nformat = \"json\"\nlevel = 5\n").unwrap();
    let sources =
        Sources { file: Some(path.clone()), files: Files::Disk, environment: BTreeMap::new(), ..Sources::nothing() };
    let faults = load(&sources).unwrap_err().0;
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].source, Source::File { path, line: 3 });
}
