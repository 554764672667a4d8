//! How do rows reach the database? One handle for SQLite, PostgreSQL and MySQL/MariaDB.

pub mod cache;
pub mod error;
pub mod migrate;
pub mod rows;
pub mod text;
pub mod writer;

use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement,
};
use tokio::sync::{mpsc, oneshot};

pub use error::{is_duplicate, is_unavailable};
pub use rows::{Rows, Told};
pub use writer::InTransaction;
use writer::{Job, Work};

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `sqlite://path`, `postgres://…` or `mysql://…`.
    pub url: String,
    /// Connections that read (SQLite) or do anything (others).
    pub connections_max: u32,
    /// How long a request waits for a connection before it is told to come back.
    pub acquire_timeout: Duration,
}

/// The database: reads go through a pool, writes through [`Db::insert`], [`Db::execute`] and [`Db::transaction`].
#[derive(Clone, Debug)]
pub struct Db {
    pool: DatabaseConnection,
    /// Merges inserts of concurrent requests; on SQLite it is the only one who writes.
    writer: mpsc::Sender<Job>,
    backend: DbBackend,
}

impl Db {
    /// Connects. The tables must be there: see [`migrate::run`].
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn connect(settings: &Settings) -> Result<Self, DbErr> {
        let pool = Database::connect(options(settings, settings.connections_max)).await?;
        let backend = pool.get_database_backend();
        let writing = match backend {
            DbBackend::Sqlite => Database::connect(options(settings, 1)).await?,
            _ => pool.clone(),
        };
        Ok(Self { pool, writer: writer::start(writing), backend })
    }

    /// The pool to read from. Reads see everything that was answered for.
    pub fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// Which database it is.
    pub fn backend(&self) -> DbBackend {
        self.backend
    }

    /// Stores `rows`, all or none, durably when this returns.
    ///
    /// # Errors
    /// Whatever the database says; [`is_duplicate`] tells a row that was already there.
    pub async fn insert(&self, rows: Rows) -> Result<(), DbErr> {
        let (answer, answered) = oneshot::channel();
        self.send(Job::Insert(rows, answer)).await?;
        answered.await.map_err(|_| gone())?
    }

    /// Executes one statement, durably when this returns, and says how many rows it touched.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn execute(&self, statement: Statement) -> Result<u64, DbErr> {
        if self.backend != DbBackend::Sqlite {
            return writer::execute(&self.pool, statement).await;
        }
        let (answer, answered) = oneshot::channel();
        self.send(Job::Execute(statement, answer)).await?;
        answered.await.map_err(|_| gone())?
    }

    /// Executes one statement built with SeaORM's query builder.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn execute_built<S: sea_orm::StatementBuilder>(&self, statement: &S) -> Result<u64, DbErr> {
        self.execute(self.backend.build(statement)).await
    }

    /// Runs `work` in one transaction, durable when this returns. `work` may run more than once; an `Err` of it undoes
    /// everything it did.
    ///
    /// # Errors
    /// What `work` refuses with, or whatever the database says.
    pub async fn transaction<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: for<'t> Fn(&'t DatabaseTransaction) -> InTransaction<'t, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<DbErr> + TransactionError + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let mut work = Closure { work, outcome: None, answer };
        if self.backend == DbBackend::Sqlite {
            self.send(Job::Work(Box::new(work))).await?;
        } else {
            let done = writer::run(&self.pool, &mut work).await;
            Box::new(work).finish(done);
        }
        answered.await.map_err(|_| gone())?
    }

    async fn send(&self, job: Job) -> Result<(), DbErr> {
        self.writer.send(job).await.map_err(|_| gone())
    }

    /// Asks the database whether it is there.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.pool.execute_unprepared("SELECT 1").await.map(drop)
    }
}

/// An error of a transaction that may have come from the database itself, which decides whether running it again helps.
pub trait TransactionError {
    /// The database's error, if that is what it is.
    fn database(&self) -> Option<&DbErr>;
}

impl TransactionError for DbErr {
    fn database(&self) -> Option<&DbErr> {
        Some(self)
    }
}

impl TransactionError for crate::oidc::Error {
    fn database(&self) -> Option<&DbErr> {
        self.cause.as_ref()?.downcast_ref()
    }
}

struct Closure<F, T, E> {
    work: F,
    outcome: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Work for Closure<F, T, E>
where
    F: for<'t> Fn(&'t DatabaseTransaction) -> InTransaction<'t, Result<T, E>> + Send,
    T: Send,
    E: From<DbErr> + TransactionError + Send,
{
    fn run<'t>(&'t mut self, transaction: &'t DatabaseTransaction) -> InTransaction<'t, Result<(), DbErr>> {
        Box::pin(async move {
            let outcome = (self.work)(transaction).await;
            let failed = outcome.as_ref().err().and_then(TransactionError::database).cloned();
            self.outcome = Some(outcome);
            failed.map_or(Ok(()), Err)
        })
    }

    fn refuses(&self) -> bool {
        matches!(self.outcome, Some(Err(_)))
    }

    fn finish(self: Box<Self>, outcome: Result<(), DbErr>) {
        let answer = match (outcome, self.outcome) {
            (Ok(()), Some(outcome)) | (Err(_), Some(outcome @ Err(_))) => outcome,
            (Ok(()), None) => Err(E::from(gone())),
            (Err(error), _) => Err(E::from(error)),
        };
        // A caller that has gone away does not need its answer.
        let _ = self.answer.send(answer);
    }
}

fn gone() -> DbErr {
    DbErr::Conn(sea_orm::RuntimeErr::Internal("the writer has stopped".into()))
}

/// How a connection of ours behaves, whichever database it goes to.
fn options(settings: &Settings, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(settings.url.clone());
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(settings.acquire_timeout)
        .connect_timeout(settings.acquire_timeout)
        .idle_timeout(Duration::from_secs(600))
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .test_before_acquire(false)
        .test_before_acquire_if_idle_for(Duration::from_secs(10))
        .map_sqlx_sqlite_opts(|sqlite| {
            use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                // An answered request is on disk, not in a cache (promise 14).
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(5))
                .foreign_keys(true)
                .pragma("mmap_size", "67108864")
                .pragma("cache_size", "-8000")
        })
        .map_sqlx_postgres_opts(|postgres| postgres.application_name("registrar"));
    options
}
