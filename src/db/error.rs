//! What does a database error mean for the caller?

use sea_orm::{DbErr, RuntimeErr, SqlErr};

use crate::oidc;

/// Whether the row was already there.
pub fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Whether the database could not be reached or could not take the request now: asking again may work.
pub fn is_unavailable(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            is_lost_connection(cause) || code_of(cause).is_some_and(|code| is_temporary(&code))
        }
        _ => false,
    }
}

/// Whether the connection broke before the database answered.
pub fn is_lost(error: &DbErr) -> bool {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause))
        | DbErr::Conn(RuntimeErr::SqlxError(cause)) => is_lost_connection(cause),
        _ => false,
    }
}

/// Whether the transaction lost against another one and may simply be run again.
pub fn is_conflict(error: &DbErr) -> bool {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            // PostgreSQL: serialization failure, deadlock. MySQL spells both 40001.
            matches!(code_of(cause).as_deref(), Some("40001" | "40P01"))
        }
        _ => false,
    }
}

fn is_lost_connection(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // PostgreSQL: the administrator ended the session, or the server is starting or stopping.
        sqlx::Error::Database(_) => {
            // MySQL: it is shutting down, has too many connections, or the connection was killed.
            matches!(
                code_of(error).as_deref(),
                Some("57P01" | "57P02" | "57P03" | "08006" | "08003" | "08S01" | "08004" | "70100")
            )
        }
        _ => false,
    }
}

fn code_of(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(std::borrow::Cow::into_owned)
}

fn is_temporary(code: &str) -> bool {
    // SQLite: busy, locked, I/O error, full, read-only (with their extended codes). PostgreSQL: resources, read-only,
    // shutdown. MySQL: deadlock, read-only.
    if let Ok(number) = code.parse::<u32>()
        && code.len() <= 4
    {
        return matches!(number & 0xff, 5 | 6 | 8 | 10 | 13 | 14);
    }
    code.starts_with("53") || code.starts_with("57P") || matches!(code, "40001" | "40P01" | "25006")
}

impl From<DbErr> for oidc::Error {
    fn from(error: DbErr) -> Self {
        if is_unavailable(&error) { Self::unavailable(error) } else { Self::internal(error) }
    }
}
