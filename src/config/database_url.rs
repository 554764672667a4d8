//! Which database does a URL name?

use std::fmt;
use std::path::{Path, PathBuf};

use url::Url;

use crate::secret::Secret;

/// A database the server can use. Shown, it hides its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite {
        /// Relative to the working directory, or absolute.
        path: PathBuf,
    },
    /// PostgreSQL, or what speaks its protocol.
    Postgres {
        /// With the scheme `postgres`.
        url: Secret,
    },
    /// MySQL or MariaDB, or what speaks their protocol.
    MySql {
        /// With the scheme `mysql`.
        url: Secret,
    },
}

impl DatabaseUrl {
    /// Reads a URL. No error quotes it, since it may hold a password.
    ///
    /// # Errors
    /// A sentence naming the first rule that is broken.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once(':').ok_or("is not a URL")?;
        match scheme {
            "sqlite" => sqlite(rest.strip_prefix("//").unwrap_or(rest)),
            "postgres" | "postgresql" => server("postgres", rest).map(|url| Self::Postgres { url }),
            "mysql" | "mariadb" => server("mysql", rest).map(|url| Self::MySql { url }),
            other if other.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter)) => {
                Err(format!("no database is known by the scheme {other:?}"))
            }
            _ => Err("is not a URL".into()),
        }
    }

    /// The URL to connect with, password included.
    pub fn connect_with(&self) -> Secret {
        match self {
            Self::Sqlite { path } => Secret::new(format!("sqlite://{}", path.display())),
            Self::Postgres { url } | Self::MySql { url } => url.clone(),
        }
    }

    /// The file, for SQLite.
    pub fn sqlite_path(&self) -> Option<&Path> {
        match self {
            Self::Sqlite { path } => Some(path),
            Self::Postgres { .. } | Self::MySql { .. } => None,
        }
    }

    /// What the database is called in a sentence.
    pub fn product(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite",
            Self::Postgres { .. } => "PostgreSQL",
            Self::MySql { .. } => "MySQL",
        }
    }
}

fn sqlite(rest: &str) -> Result<DatabaseUrl, String> {
    // This is what the server does anyway, and what most people write.
    let path = rest.strip_suffix("?mode=rwc").unwrap_or(rest);
    if path.is_empty() {
        return Err("names no file".into());
    }
    if path.starts_with(":memory:") || path.contains("mode=memory") {
        return Err("a database in memory would forget every client when the server stops".into());
    }
    if path.contains(['?', '#', '%']) {
        return Err("has options or escapes, which SQLite files cannot have here".into());
    }
    if path.ends_with('/') {
        return Err("names a directory, not a file".into());
    }
    Ok(DatabaseUrl::Sqlite { path: path.into() })
}

fn server(scheme: &str, rest: &str) -> Result<Secret, String> {
    let text = format!("{scheme}:{rest}");
    let url = Url::parse(&text).map_err(|error| format!("is not a URL: {error}"))?;
    if !url.has_host() && !url.query_pairs().any(|(name, _)| name == "host" || name == "socket") {
        return Err("names no host".into());
    }
    if url.path().trim_matches('/').is_empty() {
        return Err("names no database after the host".into());
    }
    if url.path().trim_start_matches('/').contains('/') {
        return Err("names more than one database after the host".into());
    }
    if url.fragment().is_some() {
        return Err("has a fragment: a # in a password is written %23".into());
    }
    Ok(Secret::new(text))
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.connect_with();
        if self.sqlite_path().is_some() {
            return f.write_str(url.expose());
        }
        let Ok(mut shown) = Url::parse(url.expose()) else { return f.write_str("********") };
        if shown.password().is_some() && shown.set_password(Some("********")).is_err() {
            return f.write_str("********");
        }
        if shown.query().is_some() {
            let pairs: Vec<(String, String)> = shown.query_pairs().into_owned().collect();
            shown.query_pairs_mut().clear().extend_pairs(pairs.iter().map(|(name, value)| {
                let hidden = name.to_lowercase().contains("password");
                (name.as_str(), if hidden { "********" } else { value.as_str() })
            }));
        }
        f.write_str(shown.as_str())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn shown_a_url_hides_its_password_wherever_it_stands() {
        for (text, shown) in [
            ("postgres://ada:canary@db:5432/registrar", "postgres://ada:********@db:5432/registrar"),
            ("postgresql://db/r?password=canary&sslmode=require", "postgres://db/r?password=********&sslmode=require"),
            ("mariadb://ada:canary@db/registrar", "mysql://ada:********@db/registrar"),
            ("sqlite://data/registrar.db?mode=rwc", "sqlite://data/registrar.db"),
            ("sqlite:registrar.db", "sqlite://registrar.db"),
            ("sqlite:///var/lib/registrar/registrar.db", "sqlite:///var/lib/registrar/registrar.db"),
        ] {
            let url = DatabaseUrl::parse(text).unwrap();
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?} {url}").contains("canary"), "{text}");
        }
    }

    #[test]
    fn the_url_to_connect_with_keeps_the_password_and_names_the_protocol() {
        let url = DatabaseUrl::parse("mariadb://ada:p%23w@db/registrar").unwrap();
        assert_eq!(url.connect_with().expose(), "mysql://ada:p%23w@db/registrar");
        assert_eq!(url.product(), "MySQL");
    }
}
