//! How the tables came to be: migrations that run on SQLite, PostgreSQL and MySQL/MariaDB alike.
//!
//! Each only adds, so that the release before it goes on working while replicas are exchanged.

pub use sea_orm_migration::prelude::MigratorTrait;
use sea_orm_migration::prelude::{MigrationTrait, async_trait};

mod columns;
mod m20261120_000001_tenants;
mod m20261120_000002_users;
mod m20261120_000003_services;
mod m20261120_000004_clients;
mod m20261120_000005_tokens;
mod m20261121_000006_services;
mod m20261121_000007_contracts;
mod m20261121_000008_deliveries;
mod m20261121_000009_kept;
mod m20261121_000010_providers;

/// All migrations, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261120_000001_tenants::Migration),
            Box::new(m20261120_000002_users::Migration),
            Box::new(m20261120_000003_services::Migration),
            Box::new(m20261120_000004_clients::Migration),
            Box::new(m20261120_000005_tokens::Migration),
            Box::new(m20261121_000006_services::Migration),
            Box::new(m20261121_000007_contracts::Migration),
            Box::new(m20261121_000008_deliveries::Migration),
            Box::new(m20261121_000009_kept::Migration),
            Box::new(m20261121_000010_providers::Migration),
        ]
    }
}
