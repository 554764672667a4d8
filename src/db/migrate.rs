//! How do the tables come up to date when several replicas start at once?

use std::fs::{File, OpenOptions};
use std::path::PathBuf;

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};

use super::{Settings, options};

/// Any number nobody else on the same server is likely to use.
const LOCK: i64 = 0x7265_6769;

/// Runs `work` while no other replica does, with a connection of its own. The lock ends with the connection or file,
/// so a replica that dies does not keep it.
///
/// # Errors
/// When the database cannot be reached, or the migration fails.
pub async fn locked<T, E, F>(settings: &Settings, work: F) -> Result<T, E>
where
    E: From<DbErr>,
    F: AsyncFnOnce(&DatabaseConnection) -> Result<T, E>,
{
    let url = settings.url.clone();
    // Waiting for another process is no work for a request worker.
    let file = tokio::task::spawn_blocking(move || lock_file(&url)).await.map_err(std::io::Error::other);
    let file = file.and_then(|file| file).map_err(|error| DbErr::Custom(format!("the lock file: {error}")))?;
    let connection = Database::connect(options(settings, 1)).await?;
    take(&connection).await?;
    let done = work(&connection).await;
    let closed = connection.close().await;
    drop(file);
    let done = done?;
    closed?;
    Ok(done)
}

/// Brings the tables up to date.
///
/// # Errors
/// When a migration fails.
pub async fn run(connection: &DatabaseConnection) -> Result<(), DbErr> {
    Migrator::up(connection, None).await
}

/// The names of migrations that have not run.
///
/// # Errors
/// When the database cannot be reached.
pub async fn pending(connection: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let pending = Migrator::get_pending_migrations_read_only(connection).await?;
    Ok(pending.iter().map(|migration| migration.name().to_owned()).collect())
}

async fn take(connection: &DatabaseConnection) -> Result<(), DbErr> {
    let backend = connection.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => format!("SELECT pg_advisory_lock({LOCK})"),
        DbBackend::MySql => "SELECT GET_LOCK('registrar', 600)".to_owned(),
        _ => return Ok(()),
    };
    let taken = connection.query_one_raw(Statement::from_string(backend, sql)).await?;
    // MySQL answers 0 when the time is up, and NULL when it failed; PostgreSQL waits.
    let taken = backend != DbBackend::MySql
        || taken.and_then(|row| row.try_get_by_index::<Option<i64>>(0).ok().flatten()) == Some(1);
    if taken { Ok(()) } else { Err(DbErr::Custom("another replica holds the lock of the migrations".to_owned())) }
}

/// SQLite has no lock that outlives a transaction: a file beside the database serves.
fn lock_file(url: &str) -> std::io::Result<Option<File>> {
    let Some(path) = sqlite_path(url) else { return Ok(None) };
    let mut name = path.into_os_string();
    name.push(".lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(PathBuf::from(name))?;
    file.lock()?;
    Ok(Some(file))
}

/// Where the file of an SQLite URL lies; `None` for other databases and for one in memory.
pub fn sqlite_path(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let path = path.split('?').next().unwrap_or(path);
    (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
}
