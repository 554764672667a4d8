//! Is the whole configuration sound? Every fault is found before one is reported.

use std::collections::BTreeSet;

use super::certificates::ca;
use super::database_url::DatabaseUrl;
use super::fault::{Fault, Faults};
use super::issuer::{Http, Issuer};
use super::key_file::{self, KeyEncryptionKey, KeySource};
use super::layer::{Settings, collect};
use super::mail::mail;
use super::read::Reader;
use super::section::{
    Algorithm, Bootstrap, Database, Door, Introspection, Keys, KongAdmin, Log, LogFormat, Login, Outbound, Profile,
    Registration, Secrets, Server, Sessions, Tokens,
};
use super::source::{Files, Source, Sources};
use super::value::Value;
use super::{Config, Loaded};
use crate::clock::Seconds;
use crate::secret::Secret;

/// 2026-01-01: a clock that says less is wrong, and every token with it.
pub const EARLIEST: Seconds = 1_767_225_600;

const HOUR: Seconds = 3600;
const DAY: Seconds = 24 * HOUR;

/// Reads all layers and checks the whole.
///
/// # Errors
/// Every fault there is, each naming its key.
pub fn load(sources: &Sources) -> Result<Loaded, Faults> {
    let (mut settings, faults) = collect(sources);
    let (config, faults, _) = check(&settings, &sources.files, faults);
    let mut faults = faults;
    clock(sources, &mut faults);
    match config {
        Some(config) if faults.is_empty() => {
            show_what_follows(&mut settings, &config);
            Ok(Loaded { config, settings })
        }
        _ => Err(Faults(faults)),
    }
}

fn clock(sources: &Sources, faults: &mut Vec<Fault>) {
    let now = sources.clock.now();
    if now < EARLIEST {
        let problem = format!("the clock says {now} seconds since 1970, which is before this program was made");
        let allowed = "a clock that is right to within seconds".into();
        faults.push(Fault { key: "clock".into(), source: Source::Machine, problem, allowed });
    }
}

/// The checked configuration, unless something is wrong; the faults; the keys that were read.
pub(super) fn check(
    settings: &Settings,
    files: &Files,
    faults: Vec<Fault>,
) -> (Option<Config>, Vec<Fault>, BTreeSet<String>) {
    let mut reader = Reader::new(settings, faults);
    let config = whole(&mut reader, files);
    let (faults, read) = reader.finish();
    (config, faults, read)
}

fn whole(reader: &mut Reader<'_>, files: &Files) -> Option<Config> {
    let server = server(reader);
    let kong_admin = kong_admin(reader);
    let (database, secrets) = database(reader, files);
    let keys = keys(reader);
    let log = log(reader);
    let registration = registration(reader);
    let tokens = tokens(reader);
    let sessions = sessions(reader);
    let login = login(reader);
    let outbound = outbound(reader, files);
    let mail = mail(reader, files);
    let introspection = Introspection { allow_get: reader.switch("introspection.allow_get") };
    let bootstrap = bootstrap(reader, files);
    let longest = tokens.access_token_seconds.max(tokens.id_token_seconds);
    if keys.as_ref().is_some_and(|keys| keys.retire_overlap_seconds < longest) {
        let problem = format!("tokens that live {longest} s would outlive the key that signed them");
        let allowed = format!("at least {longest}, the longer of tokens.access_token_seconds and id_token_seconds");
        let others = ["tokens.access_token_seconds", "tokens.id_token_seconds"];
        reader.contradicts("keys.retire_overlap_seconds", &others, problem, allowed);
    }
    Some(Config {
        server: server?,
        kong_admin,
        database: database?,
        secrets: secrets?,
        keys: keys?,
        log: log?,
        registration: registration?,
        tokens,
        sessions,
        login,
        outbound,
        mail,
        introspection,
        bootstrap,
    })
}

fn server(reader: &mut Reader<'_>) -> Option<Server> {
    let listen = reader.address("server.listen");
    let http = if reader.switch("server.allow_insecure_issuer") { Http::Everywhere } else { Http::OnLoopback };
    let issuer = match (reader.text("server.issuer"), listen) {
        (text, Some(listen)) if text.is_empty() && listen.port() == 0 => {
            let problem = "cannot follow from server.listen, whose port 0 means any free one";
            reader.wrong("server.issuer", problem, "the URL people and applications use");
            None
        }
        (text, Some(listen)) if text.is_empty() => Some(Issuer::localhost(listen.port())),
        (text, None) if text.is_empty() => None,
        (text, _) => {
            let allowed = "https://HOST[:PORT][/PATH], or http:// on a loopback host; no user, query, fragment or \
                           trailing slash";
            let parsed = Issuer::parse(&text, http);
            parsed.map_err(|problem| reader.wrong("server.issuer", problem, allowed)).ok()
        }
    };
    let metrics_listen = match reader.text("server.metrics_listen") {
        text if text.is_empty() => None,
        _ => reader.address("server.metrics_listen"),
    };
    if listen.is_some_and(|listen| listen.port() != 0) && listen == metrics_listen {
        reader.wrong("server.metrics_listen", "is the address of server.listen", "another port, or empty");
    }
    Some(Server {
        trusted_proxies: reader.networks("server.trusted_proxies"),
        connections_max: reader.size("server.connections_max", 1..=10_000_000),
        connections_per_address_max: reader.size("server.connections_per_address_max", 1..=10_000_000),
        header_timeout: reader.wait("server.header_timeout_seconds", 1..=300),
        body_timeout: reader.wait("server.body_timeout_seconds", 1..=300),
        write_timeout: reader.wait("server.write_timeout_seconds", 1..=300),
        idle_timeout: reader.wait("server.idle_timeout_seconds", 1..=3600),
        header_bytes_max: reader.size("server.header_bytes_max", 8192..=1_048_576),
        body_bytes_max: reader.size("server.body_bytes_max", 1024..=16_777_216),
        shutdown: reader.wait("server.shutdown_seconds", 1..=600),
        listen: listen?,
        issuer: issuer?,
        allow_insecure_issuer: http,
        metrics_listen,
    })
}

fn kong_admin(reader: &mut Reader<'_>) -> KongAdmin {
    let listen = match reader.text("kong_admin.listen") {
        text if text.is_empty() => None,
        _ => reader.address("kong_admin.listen"),
    };
    let auth = if reader.switch("kong_admin.auth") { Door::Locked } else { Door::Open };
    if auth == Door::Open && listen.is_some_and(|listen| !listen.ip().is_loopback()) {
        let allowed = "true, or a loopback address in kong_admin.listen";
        reader.contradicts("kong_admin.auth", &["kong_admin.listen"], "would let everybody administer", allowed);
    }
    KongAdmin { listen, auth, hosts: reader.list("kong_admin.hosts") }
}

fn database(reader: &mut Reader<'_>, files: &Files) -> (Option<Database>, Option<Secrets>) {
    let text = Secret::new(reader.text("database.url"));
    let allowed = "sqlite://PATH, postgres://USER:PASSWORD@HOST/DATABASE or mysql://USER:PASSWORD@HOST/DATABASE";
    let url = match DatabaseUrl::parse(text.expose()) {
        Ok(url) if url.sqlite_path().is_some_and(|path| files.is_directory(path)) => {
            reader.wrong("database.url", "names a directory, not a file", allowed);
            None
        }
        url => url.map_err(|problem| reader.wrong("database.url", problem, allowed)).ok(),
    };
    let connections_max = reader.count("database.connections_max", 1..=10_000);
    let acquire_timeout = reader.wait("database.acquire_timeout_seconds", 1..=60);
    let migrate_at_start = reader.switch("database.migrate_at_start");
    let key = key(reader, files, url.as_ref());
    let database = url.map(|url| Database { url, connections_max, acquire_timeout, migrate_at_start });
    (database, key.map(|key| Secrets { key }))
}

fn key(reader: &mut Reader<'_>, files: &Files, url: Option<&DatabaseUrl>) -> Option<KeySource> {
    let given = Secret::new(reader.text("secrets.key_encryption_key"));
    let named = reader.path("secrets.key_file");
    let allowed = format!("32 random bytes in base64url, as {} makes them", key_file::MAKE);
    match (given.expose(), named) {
        ("", None) => {}
        ("", Some(path)) => {
            if KeyEncryptionKey::parse(&path.to_string_lossy()).is_ok() {
                let problem = "is a key, not the path of a file; a key belongs into secrets.key_encryption_key";
                reader.wrong("secrets.key_file", problem, "the path of a file");
                return None;
            }
            let key = key_file::load(files, &path).map_err(|error| error.to_string());
            return key.map_err(|problem| reader.wrong("secrets.key_file", problem, "")).ok().map(KeySource::Given);
        }
        (_, Some(_)) => {
            reader.wrong("secrets.key_file", "secrets.key_encryption_key is set as well", "one of the two");
            return None;
        }
        (text, None) => {
            let key = KeyEncryptionKey::parse(text);
            let key = key.map_err(|problem| reader.wrong("secrets.key_encryption_key", problem, allowed));
            return key.ok().map(KeySource::Given);
        }
    }
    let Some(database) = url?.sqlite_path() else {
        let product = url?.product();
        let problem = format!("{product} needs a key that every replica is given; make one: {}", key_file::MAKE);
        reader.wrong("secrets.key_encryption_key", problem, "a key here, or its file in secrets.key_file");
        return None;
    };
    let path = key_file::beside(database);
    match (files.exists(&path), files.exists(database)) {
        (true, _) => {
            let key = key_file::load(files, &path).map_err(|error| error.to_string());
            key.map_err(|problem| reader.wrong("secrets.key_file", problem, "")).ok().map(KeySource::Given)
        }
        (false, false) => Some(KeySource::ToBeMade { path }),
        (false, true) => {
            // A fresh key would open nothing of what this database holds.
            let problem = format!("{} is missing, and {} was sealed with it", path.display(), database.display());
            reader.wrong("secrets.key_file", problem, "the key this database was made with");
            None
        }
    }
}

fn keys(reader: &mut Reader<'_>) -> Option<Keys> {
    let known = Algorithm::ALL.map(|algorithm| (algorithm.as_str(), algorithm));
    let algorithms = reader.some_of("keys.algorithms", &known);
    if !algorithms.contains(&Algorithm::RS256) {
        let problem = "RS256 is missing, which every client may count on (OpenID Connect Discovery 1.0 §3)";
        reader.wrong("keys.algorithms", problem, "a list with RS256");
    }
    let access_token_alg = reader.one_of("keys.access_token_alg", &known);
    if access_token_alg.is_some_and(|algorithm| !algorithms.contains(&algorithm)) {
        let names: Vec<&str> = algorithms.iter().map(|algorithm| algorithm.as_str()).collect();
        let problem = "is not one of keys.algorithms";
        reader.contradicts("keys.access_token_alg", &["keys.algorithms"], problem, names.join(", "));
    }
    let rotation_seconds = reader.life("keys.rotation_days", DAY, 1..=3650);
    let publish_ahead_seconds = reader.life("keys.publish_ahead_seconds", 1, 300..=30 * DAY);
    if publish_ahead_seconds >= rotation_seconds {
        let problem = "a key would have to be published before the one before it";
        let allowed = format!("less than keys.rotation_days, which is {rotation_seconds} s");
        reader.contradicts("keys.publish_ahead_seconds", &["keys.rotation_days"], problem, allowed);
    }
    let retire_overlap_seconds = reader.life("keys.retire_overlap_seconds", 1, 300..=400 * DAY);
    let access_token_alg = access_token_alg?;
    Some(Keys { algorithms, access_token_alg, rotation_seconds, publish_ahead_seconds, retire_overlap_seconds })
}

fn log(reader: &mut Reader<'_>) -> Option<Log> {
    let formats = [("auto", LogFormat::Auto), ("text", LogFormat::Text), ("json", LogFormat::Json)];
    let format = reader.one_of("log.format", &formats);
    let level = reader.text("log.level");
    let known = ["error", "warn", "info", "debug", "trace"];
    let sound = |directive: &str| match directive.trim().split_once('=') {
        None => known.contains(&directive.trim()),
        Some((module, level)) => {
            let names = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == ':';
            !module.is_empty() && module.chars().all(names) && (known.contains(&level) || level == "off")
        }
    };
    if let Some(directive) = level.split(',').find(|directive| !sound(directive)) {
        let allowed = format!("{}; also module=level, comma separated", known.join(", "));
        reader.wrong("log.level", format!("{:?} is not a level", directive.trim()), allowed);
    }
    Some(Log { format: format?, level })
}

fn registration(reader: &mut Reader<'_>) -> Option<Registration> {
    let profiles = Profile::ALL.map(|profile| (profile.name(), profile));
    let profile = reader.one_of("registration.profile", &profiles);
    let unused = reader.life("registration.unused_ttl_days", DAY, 0..=3650);
    Some(Registration {
        per_source_per_minute: reader.limit("registration.per_source_per_minute"),
        global_per_minute: reader.limit("registration.global_per_minute"),
        rate_per_second: reader.limit("registration.rate_per_second"),
        wrong_token_per_minute: reader.limit("registration.wrong_token_per_minute"),
        open_clients_max: reader.limit("registration.open_clients_max"),
        json_depth_max: reader.size("registration.json_depth_max", 4..=100),
        uris_per_array_max: reader.size("registration.uris_per_array_max", 1..=10_000),
        unused_ttl_seconds: (unused > 0).then_some(unused),
        retention_seconds: reader.life("registration.retention_days", DAY, 1..=3650),
        profile: profile?,
    })
}

fn tokens(reader: &mut Reader<'_>) -> Tokens {
    let tokens = Tokens {
        access_token_seconds: reader.life("tokens.access_token_seconds", 1, 10..=30 * DAY),
        id_token_seconds: reader.life("tokens.id_token_seconds", 1, 10..=30 * DAY),
        code_seconds: reader.life("tokens.code_seconds", 1, 5..=600),
        refresh_idle_seconds: reader.life("tokens.refresh_idle_days", DAY, 1..=3650),
        refresh_absolute_seconds: reader.life("tokens.refresh_absolute_days", DAY, 1..=3650),
        refresh_grace_seconds: reader.life("tokens.refresh_grace_seconds", 1, 0..=600),
        wrong_secrets_per_minute: reader.limit("tokens.wrong_secrets_per_minute"),
    };
    if tokens.refresh_idle_seconds > tokens.refresh_absolute_seconds {
        reader.at_least("tokens.refresh_absolute_days", "tokens.refresh_idle_days");
    }
    tokens
}

fn sessions(reader: &mut Reader<'_>) -> Sessions {
    let idle_seconds = reader.life("sessions.idle_hours", HOUR, 1..=8760);
    let max_seconds = reader.life("sessions.max_hours", HOUR, 1..=8760);
    if idle_seconds > max_seconds {
        reader.at_least("sessions.max_hours", "sessions.idle_hours");
    }
    Sessions { idle_seconds, max_seconds }
}

fn login(reader: &mut Reader<'_>) -> Login {
    Login {
        free_attempts: reader.count("login.free_attempts", 1..=20),
        forget_seconds: reader.life("login.forget_seconds", 1, 60..=DAY),
        per_source_per_minute: reader.limit("login.per_source_per_minute"),
        sign_in_link_seconds: reader.life("login.sign_in_link_seconds", 1, 60..=DAY),
        argon2_memory_kib: reader.count("login.argon2_memory_kib", 8192..=1_048_576),
        argon2_iterations: reader.count("login.argon2_iterations", 1..=20),
        argon2_parallelism: reader.count("login.argon2_parallelism", 1..=16),
        argon2_concurrency: reader.size("login.argon2_concurrency", 1..=256),
    }
}

fn outbound(reader: &mut Reader<'_>, files: &Files) -> Outbound {
    let path = reader.path("outbound.ca_file");
    let connect_timeout = reader.wait("outbound.connect_timeout_seconds", 1..=60);
    let total_timeout = reader.wait("outbound.total_timeout_seconds", 1..=300);
    if total_timeout < connect_timeout {
        reader.at_least("outbound.total_timeout_seconds", "outbound.connect_timeout_seconds");
    }
    Outbound {
        allow_networks: reader.networks("outbound.allow_networks"),
        ca: path.and_then(|path| ca(reader, files, &path)),
        connect_timeout,
        total_timeout,
        body_bytes_max: reader.size("outbound.body_bytes_max", 1024..=16_777_216),
        concurrency_max: reader.size("outbound.concurrency_max", 1..=10_000),
        concurrency_per_host_max: reader.size("outbound.concurrency_per_host_max", 1..=10_000),
    }
}

fn bootstrap(reader: &mut Reader<'_>, files: &Files) -> Bootstrap {
    let admin_email = reader.text("bootstrap.admin_email");
    let sound = |(name, host): (&str, &str)| {
        let odd = |letter: char| letter.is_whitespace() || letter.is_control();
        !name.is_empty() && !host.is_empty() && !host.contains('@') && !admin_email.contains(odd)
    };
    if !admin_email.split_once('@').is_some_and(sound) {
        let allowed = "a name, an @ and a host, such as admin@localhost";
        reader.wrong("bootstrap.admin_email", format!("{admin_email:?} is not an e-mail address"), allowed);
    }
    let admin_password = reader.path("bootstrap.admin_password_file").and_then(|path| {
        // The path is not repeated: people put the password itself where its file belongs.
        let problem = match files.read(&path) {
            Err(error) => format!("the file cannot be read: {error}"),
            Ok(text) => match text.trim_end_matches(['\r', '\n']) {
                password if (8..=256).contains(&password.len()) => return Some(Secret::new(password)),
                password => format!("the password in the file has {} bytes", password.len()),
            },
        };
        reader.wrong("bootstrap.admin_password_file", problem, "a file with a password of 8 to 256 bytes");
        None
    });
    Bootstrap { admin_email, admin_password }
}

/// Shows what was left empty as what it came to, and hides no more of the database's URL than its password.
fn show_what_follows(settings: &mut Settings, config: &Config) {
    settings.show("database.url", Value::Text(config.database.url.to_string()));
    if settings.get("server.issuer").is_some_and(|setting| setting.value == Value::Text(String::new())) {
        let issuer = Value::Text(config.server.issuer.to_string());
        settings.put("server.issuer", issuer, Source::Derived { from: "server.listen" });
    }
    let is_empty = |key| settings.get(key).is_some_and(|setting| setting.value.to_string().is_empty());
    if is_empty("secrets.key_encryption_key")
        && is_empty("secrets.key_file")
        && let Some(database) = config.database.url.sqlite_path()
    {
        let path = Value::Text(key_file::beside(database).display().to_string());
        settings.put("secrets.key_file", path, Source::Derived { from: "database.url" });
    }
}
