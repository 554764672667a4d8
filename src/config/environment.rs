//! What does an environment variable set?

use super::suggest::nearest;

/// The variable that names the configuration file.
pub const FILE: &str = "REGISTRAR_CONFIG";

/// Names that people guess, and what they set. Each also exists with `_FILE` behind it.
pub const SHORT_NAMES: [(&str, &str); 9] = [
    ("REGISTRAR_BOOTSTRAP_ADMIN_EMAIL", "bootstrap.admin_email"),
    ("REGISTRAR_BOOTSTRAP_ADMIN_PASSWORD_FILE", "bootstrap.admin_password_file"),
    ("REGISTRAR_DATABASE_URL", "database.url"),
    ("REGISTRAR_ISSUER", "server.issuer"),
    ("REGISTRAR_KEY_ENCRYPTION_KEY", "secrets.key_encryption_key"),
    ("REGISTRAR_LISTEN", "server.listen"),
    ("REGISTRAR_LOG_FORMAT", "log.format"),
    ("REGISTRAR_LOG_LEVEL", "log.level"),
    ("REGISTRAR_TRUSTED_PROXIES", "server.trusted_proxies"),
];

/// What a variable's name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// Its value is the key's value.
    Value(String),
    /// Its value is the path of a file that holds the key's value.
    FileOf(String),
    /// Nothing; but a known name may be near.
    Unknown {
        /// The nearest name.
        like: Option<String>,
    },
}

/// The long name of a key, such as `REGISTRAR__SERVER__LISTEN`.
pub fn long_name(key: &str) -> String {
    format!("REGISTRAR__{}", key.replace('.', "__").to_uppercase())
}

/// Says what `name` sets, of the known `keys`. An exact name comes before one that ends in `_FILE`.
pub fn resolve(name: &str, keys: &[&str]) -> Named {
    let key_of = |name: &str| {
        let short = SHORT_NAMES.iter().find(|(short, _)| *short == name).map(|(_, key)| (*key).to_owned());
        short.or_else(|| keys.iter().find(|key| long_name(key) == name).map(|key| (*key).to_owned()))
    };
    if let Some(key) = key_of(name) {
        return Named::Value(key);
    }
    if let Some(key) = name.strip_suffix("_FILE").and_then(key_of) {
        return Named::FileOf(key);
    }
    let like = match name.strip_prefix("REGISTRAR__") {
        Some(rest) => {
            let key = rest.trim_end_matches("_FILE").replace("__", ".").to_lowercase();
            nearest(&key, keys).map(long_name)
        }
        None => {
            let known: Vec<&str> = SHORT_NAMES.iter().map(|(short, _)| *short).chain([FILE]).collect();
            nearest(name, &known).map(str::to_owned)
        }
    };
    Named::Unknown { like }
}

/// Whether the variable is not meant for us: another program's that shares the first letters, or one of those that
/// Kubernetes makes for every service, such as `REGISTRAR_SERVICE_HOST` and `REGISTRAR_PORT_8080_TCP_ADDR`.
pub fn is_foreign(name: &str, value: &str) -> bool {
    if !name.starts_with("REGISTRAR_") {
        return true;
    }
    if name.starts_with("REGISTRAR__") {
        return false;
    }
    let of_a_port = |protocol: &str| {
        name.split_once("_PORT_").is_some_and(|(_, rest)| {
            let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
            rest == protocol || rest.strip_prefix(protocol).is_some_and(|rest| rest.starts_with('_'))
        })
    };
    name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || (name.ends_with("_PORT") && value.contains("://"))
        || ["_TCP", "_UDP", "_SCTP"].into_iter().any(of_a_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_means_a_value_or_a_file_and_the_exact_one_comes_first() {
        let keys = ["secrets.key_file", "secrets.key_encryption_key", "database.url"];
        let value = |key: &str| Named::Value(key.into());
        assert_eq!(resolve("REGISTRAR__DATABASE__URL", &keys), value("database.url"));
        assert_eq!(resolve("REGISTRAR_DATABASE_URL", &keys), value("database.url"));
        assert_eq!(resolve("REGISTRAR__SECRETS__KEY_FILE", &keys), value("secrets.key_file"));
        assert_eq!(resolve("REGISTRAR__DATABASE__URL_FILE", &keys), Named::FileOf("database.url".into()));
        assert_eq!(resolve("REGISTRAR_DATABASE_URL_FILE", &keys), Named::FileOf("database.url".into()));
        let like = Some("REGISTRAR__DATABASE__URL".into());
        assert_eq!(resolve("REGISTRAR__DATABSE__URL", &keys), Named::Unknown { like });
        let like = Some("REGISTRAR_ISSUER".into());
        assert_eq!(resolve("REGISTRAR_ISUER", &keys), Named::Unknown { like });
        assert_eq!(resolve("REGISTRAR_TLS_ENABLED", &keys), Named::Unknown { like: None });
    }

    #[test]
    fn what_kubernetes_adds_for_a_service_of_the_same_name_is_not_ours() {
        for (name, value) in [
            ("REGISTRAR_SERVICE_HOST", "10.0.0.1"),
            ("REGISTRAR_SERVICE_PORT", "8080"),
            ("REGISTRAR_SERVICE_PORT_HTTP", "8080"),
            ("REGISTRAR_PORT", "tcp://10.0.0.1:8080"),
            ("REGISTRAR_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
            ("REGISTRAR_PORT_8080_TCP_ADDR", "10.0.0.1"),
            ("REGISTRAR_METRICS_PORT_9464_TCP_PROTO", "tcp"),
            ("REGISTRARX", "of another program"),
        ] {
            assert!(is_foreign(name, value), "{name}");
        }
        assert!(!is_foreign("REGISTRAR_PORT", "8080"));
        assert!(!is_foreign("REGISTRAR_LISTEN", "127.0.0.1:1"));
        assert!(!is_foreign("REGISTRAR__SERVER__SERVICE_HOST", "x"));
    }
}
