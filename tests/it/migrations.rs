//! Do the tables come to be, whatever happens on the way?

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait, Database};

use crate::harness::database::Fresh;

#[tokio::test]
async fn a_migration_that_was_cut_off_is_run_again() {
    // Q12: MariaDB commits each table by itself, and the note that a migration ran comes last
    let database = Fresh::empty().await;
    let mode = if database.is_sqlite() { "?mode=rwc" } else { "" };
    let connection = Database::connect(format!("{}{mode}", database.url)).await.unwrap();
    Migrator::up(&connection, None).await.unwrap();
    connection.execute_unprepared("DELETE FROM seaql_migrations").await.unwrap();
    Migrator::up(&connection, None).await.unwrap();
    assert!(Migrator::get_pending_migrations(&connection).await.unwrap().is_empty());
}
