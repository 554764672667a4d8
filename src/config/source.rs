//! Where may a configured value come from, and where did it come from?

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::clock::Clock;
use crate::secret::Secret;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// `config/default.toml`.
    Default,
    /// Computed from another value, because this one was left empty.
    Derived {
        /// The key it follows from.
        from: &'static str,
    },
    /// A line of the configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        name: String,
    },
    /// A file named by an environment variable that ends in `_FILE`.
    EnvironmentFile {
        /// The variable's name.
        name: String,
        /// The file.
        path: PathBuf,
    },
    /// The command line.
    Flag {
        /// As it was written, such as `--set` or `--listen`.
        name: String,
    },
    /// The machine the server runs on.
    Machine,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Derived { from } => write!(f, "follows from {from}"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment { name } => f.write_str(name),
            Self::EnvironmentFile { name, path } => write!(f, "{name} ({})", path.display()),
            Self::Flag { name } => f.write_str(name),
            Self::Machine => f.write_str("this machine"),
        }
    }
}

/// One setting from the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// As it was written, such as `--set` or `--listen`.
    pub name: String,
    /// `section.key`.
    pub key: String,
    /// Not yet read as any type; hidden, since it may be a secret.
    pub value: Secret,
}

/// Everything a configuration is made from; nothing else is looked at.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The configuration file that `--config` names.
    pub file: Option<PathBuf>,
    /// The process environment; names that do not begin with `REGISTRAR` mean nothing.
    pub environment: BTreeMap<String, Secret>,
    /// The command line, in its order: the last setting of a key wins.
    pub flags: Vec<Flag>,
    /// The files that are read.
    pub files: Files,
    /// The time, which must be plausible.
    pub clock: Clock,
}

impl Sources {
    /// The defaults alone, with no file, environment or command line, and a clock that stands.
    pub fn nothing() -> Self {
        Self {
            file: None,
            environment: BTreeMap::new(),
            flags: Vec::new(),
            files: Files::Given(BTreeMap::new()),
            clock: Clock::fixed(super::check::EARLIEST),
        }
    }

    /// This process's environment and disk, with what the command line said.
    pub fn process(file: Option<PathBuf>, flags: Vec<Flag>) -> Self {
        let environment = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), Secret::new(value.to_string_lossy())))
            .filter(|(name, _)| name.starts_with("REGISTRAR"))
            .collect();
        Self { file, environment, flags, files: Files::Disk, clock: Clock::system() }
    }

    /// The same, and one setting more, as `--set key=value` would make it.
    #[must_use]
    pub fn set(mut self, key: &str, value: impl Into<String>) -> Self {
        self.flags.push(Flag { name: "--set".into(), key: key.into(), value: Secret::new(value) });
        self
    }

    /// The same, and one environment variable more.
    #[must_use]
    pub fn with_environment(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.insert(name.into(), Secret::new(value));
        self
    }
}

/// The disk, or files a test has made up.
#[derive(Clone, Debug)]
pub enum Files {
    /// What is on the disk.
    Disk,
    /// These only.
    Given(BTreeMap<PathBuf, GivenFile>),
}

/// A file a test has made up.
#[derive(Clone, Debug)]
pub struct GivenFile {
    /// What it holds.
    pub text: String,
    /// Who may read it, as in `chmod`.
    pub mode: u32,
}

/// The most that is read of any file.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

impl Files {
    /// The text of a file of at most 1 MiB.
    ///
    /// # Errors
    /// As the disk has it; `InvalidData` for text that is not UTF-8, or too long.
    pub fn read(&self, path: &Path) -> io::Result<String> {
        match self {
            Self::Disk => {
                let mut text = String::new();
                let read = std::fs::File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)?;
                if read as u64 > FILE_BYTES_MAX {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "the file is longer than 1 MiB"));
                }
                Ok(text)
            }
            Self::Given(files) => files.get(path).map(|file| file.text.clone()).ok_or(io::ErrorKind::NotFound.into()),
        }
    }

    /// The permission bits of a file.
    ///
    /// # Errors
    /// As the disk has it.
    pub fn mode(&self, path: &Path) -> io::Result<u32> {
        match self {
            Self::Disk => Ok(std::fs::metadata(path)?.permissions().mode() & 0o7777),
            Self::Given(files) => files.get(path).map(|file| file.mode).ok_or(io::ErrorKind::NotFound.into()),
        }
    }

    /// Whether something has this name; a name that cannot be looked at counts as there.
    pub fn exists(&self, path: &Path) -> bool {
        match self {
            Self::Disk => path.try_exists().unwrap_or(true),
            Self::Given(files) => files.contains_key(path),
        }
    }

    /// Whether this is a directory.
    pub fn is_directory(&self, path: &Path) -> bool {
        match self {
            Self::Disk => path.is_dir(),
            Self::Given(files) => files.keys().any(|known| known != path && known.starts_with(path)),
        }
    }
}
