//! What does the operator see once, when the database was empty? The first admin's one-time sign-in link.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::oidc::setup::FirstStart;
use crate::secret::Secret;

/// The first admin, and the way in.
#[derive(Clone, Debug)]
pub struct Admin {
    /// To sign in with later.
    pub email: String,
    /// Works once, for `login.sign_in_link_seconds`.
    pub link: Secret,
    /// Where it is kept too, for those who do not see what the server prints.
    pub file: Option<PathBuf>,
}

/// The admin that was made just now, if one was. Their link is kept in a file beside an SQLite database, with mode 0600;
/// where that fails it is only printed.
pub fn admin(config: &Config, first: FirstStart) -> Option<Admin> {
    let (email, link) = first.admin?;
    let file = config.database.url.sqlite_path().map(beside);
    let file = file.filter(|path| match keep(path, &link) {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "the first sign-in could not be written to its file");
            false
        }
    });
    Some(Admin { email, link, file })
}

impl Admin {
    /// In plain words.
    pub fn text(&self, config: &Config) -> String {
        let minutes = config.login.sign_in_link_seconds / 60;
        let mut text = format!(
            "This is the first start: the database was empty. The administrator is {}.\n\
             Sign in with this link; it works once, for {minutes} minutes:\n\n  {}\n",
            self.email,
            self.link.expose()
        );
        if let Some(file) = &self.file {
            text.push_str(&format!("\nIt is also in {}, which only you can read.", file.display()));
        }
        text.push_str(&format!("\nAnother link whenever you need one: registrar user sign-in-link {}", self.email));
        text
    }
}

fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".sign-in-link");
    name.into()
}

/// A file that was there may be open to others: it is replaced, never written into (s.Z7).
fn keep(path: &Path, link: &Secret) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{}", link.expose())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_file_with_the_link_is_for_its_owner_alone() {
        // s.Z7
        let folder = tempfile::tempdir().unwrap();
        let path = beside(&folder.path().join("registrar.db"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        keep(&path, &Secret::new("http://localhost/sign-in-link?link=x")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "http://localhost/sign-in-link?link=x\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
