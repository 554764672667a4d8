//! Where is the key-encryption key kept, and how is it made?

use std::fmt;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::source::Files;
use crate::secret::{self, Secret};

/// The command that makes a key, for messages.
pub const MAKE: &str = "registrar config make-key";

/// 32 random bytes, kept outside the database, that everything secret in it is sealed with.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyEncryptionKey(Zeroizing<[u8; 32]>);

impl KeyEncryptionKey {
    /// A fresh one.
    pub fn random() -> Self {
        Self(Zeroizing::new(secret::bytes()))
    }

    /// Reads base64 or base64url, padded or not, with white space around it.
    ///
    /// # Errors
    /// A sentence, which does not quote the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text: Zeroizing<String> = Zeroizing::new(text.trim().trim_end_matches('=').into());
        let url_safe = Zeroizing::new(text.replace('+', "-").replace('/', "_"));
        let bytes =
            Zeroizing::new(URL_SAFE_NO_PAD.decode(url_safe.as_bytes()).map_err(|_| "is not base64url".to_owned())?);
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            return Err(format!("holds {} bytes where 32 are needed", bytes.len()));
        }
        key.copy_from_slice(&bytes);
        let mut different = key.to_vec();
        different.sort_unstable();
        different.dedup();
        // 32 random bytes have fewer than 16 different values less than once in 10^12 keys.
        if different.len() < 16 {
            return Err("is not random".into());
        }
        Ok(Self(key))
    }

    /// The bytes, for [`crate::secret::Sealer::new`].
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As it is written into a file or a variable.
    pub fn to_text(&self) -> Secret {
        Secret::new(URL_SAFE_NO_PAD.encode(*self.0))
    }
}

impl fmt::Debug for KeyEncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyEncryptionKey(…)")
    }
}

/// Where the key comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// It was given, and is sound.
    Given(KeyEncryptionKey),
    /// Nothing is there yet: it is made in this file, beside an SQLite file that does not exist either.
    ToBeMade {
        /// The key file.
        path: PathBuf,
    },
}

impl KeySource {
    /// The key; made now, if it has to be.
    ///
    /// # Errors
    /// As [`load_or_make`].
    pub fn obtain(&self) -> Result<KeyEncryptionKey, KeyFileError> {
        match self {
            Self::Given(key) => Ok(key.clone()),
            Self::ToBeMade { path } => load_or_make(path),
        }
    }
}

/// The key file that belongs to an SQLite file: its name and `.key`.
pub fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".key");
    name.into()
}

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The disk refused.
    #[error("the key file {} cannot be used: {cause}", path.display())]
    Disk {
        /// The file.
        path: PathBuf,
        /// The disk's words.
        cause: io::Error,
    },
    /// Its content is not a key.
    #[error("the key file {} {problem}; allowed: 32 random bytes in base64url, as {MAKE} makes them", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// A sentence without its subject.
        problem: String,
    },
    /// Everybody may read it.
    #[error("the key file {} may be used by every user of the machine (mode {mode:04o}); run: chmod 600 {}",
        path.display(), path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

/// Reads a key file.
///
/// # Errors
/// [`KeyFileError`]: missing, unreadable, open to everybody, or no key.
pub fn load(files: &Files, path: &Path) -> Result<KeyEncryptionKey, KeyFileError> {
    let disk = |cause| KeyFileError::Disk { path: path.to_owned(), cause };
    let mode = files.mode(path).map_err(disk)?;
    // Group access is left to the operator: Kubernetes gives mounted secrets to a group.
    if mode & 0o007 != 0 {
        return Err(KeyFileError::Open { path: path.to_owned(), mode });
    }
    let text = Zeroizing::new(files.read(path).map_err(disk)?);
    KeyEncryptionKey::parse(&text).map_err(|problem| KeyFileError::Content { path: path.to_owned(), problem })
}

/// Makes a key file with a fresh key, mode 0600; its directory too, mode 0700.
///
/// # Errors
/// [`KeyFileError::Disk`]; `AlreadyExists` if there is such a file, which is left alone.
pub fn make(path: &Path) -> Result<KeyEncryptionKey, KeyFileError> {
    let disk = |cause| KeyFileError::Disk { path: path.to_owned(), cause };
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty());
    if let Some(directory) = directory {
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(disk)?;
    }
    let key = KeyEncryptionKey::random();
    let text = Zeroizing::new(format!("{}\n", key.to_text().expose()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(disk)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).and_then(|()| {
        // The name must last as long as the content: without the key, what it sealed is lost.
        std::fs::File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
    });
    if let Err(cause) = written {
        // Half a key would stop every later start.
        let _ = std::fs::remove_file(path);
        return Err(disk(cause));
    }
    Ok(key)
}

/// How often, and how far apart, a file that another process is just writing is read again.
const AGAIN: (u32, Duration) = (50, Duration::from_millis(20));

/// Reads the key file, or makes it. Of several processes that start together one makes it, and all use the same key.
///
/// # Errors
/// [`KeyFileError`].
pub fn load_or_make(path: &Path) -> Result<KeyEncryptionKey, KeyFileError> {
    match make(path) {
        Err(KeyFileError::Disk { cause, .. }) if cause.kind() == io::ErrorKind::AlreadyExists => {}
        made => return made,
    }
    let mut found = load(&Files::Disk, path);
    for _ in 0..AGAIN.0 {
        if !matches!(found, Err(KeyFileError::Content { .. })) {
            break;
        }
        std::thread::sleep(AGAIN.1);
        found = load(&Files::Disk, path);
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_made_key_is_private_and_is_the_one_read_later() {
        let directory = tempfile::tempdir().unwrap();
        let path = beside(&directory.path().join("data/registrar.db"));
        let made = load_or_make(&path).unwrap();
        assert_eq!(path.file_name().unwrap(), "registrar.db.key");
        assert_eq!(Files::Disk.mode(&path).unwrap(), 0o600);
        assert_eq!(Files::Disk.mode(path.parent().unwrap()).unwrap(), 0o700);
        assert_eq!(load_or_make(&path).unwrap(), made);
        assert_eq!(load(&Files::Disk, &path).unwrap(), made);
        assert!(make(&path).unwrap_err().to_string().contains("exists"));
        assert_eq!(format!("{made:?}"), "KeyEncryptionKey(…)");
    }

    #[test]
    fn processes_that_start_together_get_one_key() {
        // s.Z5
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("registrar.key");
        let starts: Vec<_> = (0..8)
            .map(|_| {
                std::thread::spawn({
                    let path = path.clone();
                    move || load_or_make(&path)
                })
            })
            .collect();
        let keys: Vec<_> = starts.into_iter().map(|start| start.join().unwrap().unwrap()).collect();
        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[test]
    fn a_key_file_that_everybody_may_read_is_refused() {
        // Q24
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("registrar.key");
        make(&path).unwrap();
        for mode in [0o644, 0o604, 0o602, 0o601] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(load(&Files::Disk, &path), Err(KeyFileError::Open { .. })), "{mode:o}");
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o440)).unwrap();
        assert!(load(&Files::Disk, &path).is_ok());
    }

    #[test]
    fn a_key_is_read_in_both_alphabets_and_refused_when_it_is_none() {
        let text = KeyEncryptionKey::random().to_text();
        let key = KeyEncryptionKey::parse(text.expose()).unwrap();
        let padded = format!(" {}=\n", text.expose().replace('-', "+").replace('_', "/"));
        assert_eq!(KeyEncryptionKey::parse(&padded), Ok(key));
        let refused = |text: &str| KeyEncryptionKey::parse(text).unwrap_err();
        assert_eq!(refused(""), "holds 0 bytes where 32 are needed");
        assert_eq!(refused("c2hvcnQ"), "holds 5 bytes where 32 are needed");
        assert_eq!(refused("not base64!"), "is not base64url");
        assert_eq!(refused(&"A".repeat(43)), "is not random");
    }
}
