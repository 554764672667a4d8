//! Gives `client` and `service` a place for what other products' scripts store. Expand-only: both may be absent, so that
//! the release before this one goes on inserting.

use sea_orm_migration::prelude::*;
#[allow(clippy::wildcard_imports)]
use sea_orm_migration::schema::*;

use crate::columns::*;

/// See the file's first line.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // All or nothing, where the database can.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "client", json_binary_null("kept")).await?;
        add(manager, "service", json_binary_null("kept")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        remove(manager, "service", &["kept"]).await?;
        remove(manager, "client", &["kept"]).await
    }
}
