//! How do many requests share one durable commit?
//!
//! One task owns the writing. It takes whatever has queued up while the last commit was on its way to the disk, runs it
//! in one transaction, and answers each caller after the commit. An idle server commits each request alone; a busy one
//! commits hundreds at once, with the same promise. Pure inserts of a batch are merged into one statement a table.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::time::Duration;

use futures_util::FutureExt as _;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use tokio::sync::{mpsc, oneshot};

use super::error::{is_conflict, is_lost, is_unavailable};
use super::rows::Rows;

const BATCH_JOBS_MAX: usize = 256;
const QUEUE_JOBS_MAX: usize = 4096;
/// Longer than SQLite waits for another process, and than any batch takes on a database that answers.
const BATCH_WITHIN: Duration = Duration::from_secs(20);

/// A future that borrows the transaction it runs in.
pub type InTransaction<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

/// Work that needs several statements. May run more than once, so it must not change anything but rows.
pub trait Work: Send {
    /// Runs inside `transaction`; `Err` undoes what it did.
    fn run<'t>(&'t mut self, transaction: &'t DatabaseTransaction) -> InTransaction<'t, Result<(), DbErr>>;
    /// Whether it asks to undo what it did although the database had no complaint.
    fn refuses(&self) -> bool;
    /// Told once, after the commit or after the failure.
    fn finish(self: Box<Self>, outcome: Result<(), DbErr>);
}

/// What the writer is asked to do.
pub enum Job {
    /// Rows to add.
    Insert(Rows, Answer<()>),
    /// One statement; answers with the number of rows it touched.
    Execute(Statement, Answer<u64>),
    /// Several statements.
    Work(Box<dyn Work>),
}

/// Starts the task that writes through `connection`; it ends when the returned sender is gone.
pub fn start(connection: DatabaseConnection) -> mpsc::Sender<Job> {
    let (sender, mut receiver) = mpsc::channel::<Job>(QUEUE_JOBS_MAX);
    tokio::spawn(async move {
        let mut jobs = Vec::with_capacity(BATCH_JOBS_MAX);
        while receiver.recv_many(&mut jobs, BATCH_JOBS_MAX).await > 0 {
            let batch = AssertUnwindSafe(write(&connection, std::mem::take(&mut jobs))).catch_unwind();
            // A batch that is given up is undone with its connection, and its callers hear that the writer is gone. The
            // task itself must go on: everybody's writes depend on it.
            match tokio::time::timeout(BATCH_WITHIN, batch).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => tracing::error!("a write panicked; its batch is given up"),
                Err(_) => tracing::error!("the database did not answer a batch in time; it is given up"),
            }
            jobs.reserve(BATCH_JOBS_MAX);
        }
    });
    sender
}

/// Begins a transaction that will write: on SQLite it takes the write lock at once, so that it cannot fail half-way.
///
/// # Errors
/// Whatever the database says.
pub async fn begin(connection: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    connection.begin_with_options(options).await
}

async fn write(connection: &DatabaseConnection, jobs: Vec<Job>) {
    if let [_] = jobs.as_slice() {
        for job in jobs {
            write_alone(connection, job).await;
        }
        return;
    }
    let mut batch = Batch::default();
    for job in jobs {
        batch.add(job);
    }
    let mut attempt = batch.run(connection).await;
    if attempt.as_ref().is_err_and(is_lost) {
        attempt = batch.run(connection).await;
    }
    match attempt {
        // A commit that fails may still have happened: nobody may try again on a caller's behalf.
        Ok(transaction) => batch.answer(&transaction.commit().await),
        Err(error) if is_unavailable(&error) && !is_conflict(&error) => batch.answer(&Err(error)),
        // One of them cannot be stored: each on its own, so that only that one hears of it.
        Err(_) => {
            for job in batch.into_jobs() {
                write_alone(connection, job).await;
            }
        }
    }
}

/// Where the outcome of a job is awaited.
type Answer<T> = oneshot::Sender<Result<T, DbErr>>;

/// The jobs of one transaction, with what each will be told.
#[derive(Default)]
struct Batch {
    inserts: Vec<(Rows, Answer<()>)>,
    statements: Vec<(Statement, u64, Answer<u64>)>,
    works: Vec<Box<dyn Work>>,
}

impl Batch {
    fn add(&mut self, job: Job) {
        match job {
            Job::Insert(rows, answer) => self.inserts.push((rows, answer)),
            Job::Execute(statement, answer) => self.statements.push((statement, 0, answer)),
            Job::Work(work) => self.works.push(work),
        }
    }

    async fn run(&mut self, connection: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
        let transaction = begin(connection).await?;
        match self.run_in(&transaction).await {
            Ok(()) => Ok(transaction),
            Err(error) => {
                // A rollback that fails leaves a connection that is thrown away anyway.
                let _ = transaction.rollback().await;
                Err(error)
            }
        }
    }

    async fn run_in(&mut self, transaction: &DatabaseTransaction) -> Result<(), DbErr> {
        let mut merged = Rows::default();
        for (rows, _) in &self.inserts {
            merged.append(rows.clone());
        }
        merged.insert(transaction).await?;
        for (statement, touched, _) in &mut self.statements {
            *touched = transaction.execute_raw(statement.clone()).await?.rows_affected();
        }
        for work in &mut self.works {
            run_in_savepoint(transaction, work.as_mut()).await?;
        }
        Ok(())
    }

    fn answer(self, outcome: &Result<(), DbErr>) {
        // A caller that has gone away does not need its answer.
        for (_, answer) in self.inserts {
            let _ = answer.send(outcome.clone());
        }
        for (_, touched, answer) in self.statements {
            let _ = answer.send(outcome.clone().map(|()| touched));
        }
        for work in self.works {
            work.finish(outcome.clone());
        }
    }

    fn into_jobs(self) -> impl Iterator<Item = Job> {
        let inserts = self.inserts.into_iter().map(|(rows, answer)| Job::Insert(rows, answer));
        let statements = self.statements.into_iter().map(|(statement, _, answer)| Job::Execute(statement, answer));
        inserts.chain(statements).chain(self.works.into_iter().map(Job::Work))
    }
}

async fn run_in_savepoint(transaction: &DatabaseTransaction, work: &mut dyn Work) -> Result<(), DbErr> {
    let savepoint = transaction.begin().await?;
    work.run(&savepoint).await?;
    if work.refuses() { savepoint.rollback().await } else { savepoint.commit().await }
}

async fn write_alone(connection: &DatabaseConnection, job: Job) {
    match job {
        Job::Insert(rows, answer) => {
            let _ = answer.send(insert(connection, rows).await);
        }
        Job::Execute(statement, answer) => {
            let _ = answer.send(execute(connection, statement).await);
        }
        Job::Work(mut work) => {
            let outcome = run(connection, work.as_mut()).await;
            work.finish(outcome);
        }
    }
}

/// Inserts `rows` in one transaction.
///
/// # Errors
/// Whatever the database says; nothing is stored then.
pub async fn insert(connection: &DatabaseConnection, rows: Rows) -> Result<(), DbErr> {
    let mut tries = 0;
    loop {
        let attempt = async {
            let transaction = begin(connection).await?;
            rows.clone().insert(&transaction).await?;
            Ok(transaction)
        };
        match attempt.await {
            Ok(transaction) => return transaction.commit().await,
            Err(error) if may_repeat(&error, &mut tries) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Executes one statement and says how many rows it touched.
///
/// # Errors
/// Whatever the database says.
pub async fn execute(connection: &DatabaseConnection, statement: Statement) -> Result<u64, DbErr> {
    let mut tries = 0;
    loop {
        match connection.execute_raw(statement.clone()).await {
            Ok(done) => return Ok(done.rows_affected()),
            Err(error) if is_conflict(&error) && may_repeat(&error, &mut tries) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Runs `work` in a transaction of its own.
///
/// # Errors
/// Whatever the database says; nothing is stored then.
pub async fn run(connection: &DatabaseConnection, work: &mut dyn Work) -> Result<(), DbErr> {
    let mut tries = 0;
    loop {
        let attempt = async {
            let transaction = begin(connection).await?;
            work.run(&transaction).await?;
            Ok(transaction)
        };
        match attempt.await {
            Ok(transaction) if work.refuses() => return transaction.rollback().await,
            Ok(transaction) => match transaction.commit().await {
                Err(error) if is_conflict(&error) && may_repeat(&error, &mut tries) => {}
                done => return done,
            },
            Err(error) if may_repeat(&error, &mut tries) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether to run once more what was undone as a whole: after losing against another transaction, or a connection.
fn may_repeat(error: &DbErr, tries: &mut u8) -> bool {
    *tries += 1;
    *tries <= 5 && (is_conflict(error) || is_lost(error) && *tries <= 2)
}
