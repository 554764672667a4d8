//! Creates `service`.

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
        service(manager).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["service"]).await
    }
}

async fn service(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "service");
    table
        .col(id())
        .col(tenant_id())
        .col(short("name", 200))
        .col(text_null("description"))
        .col(short("audience", INDEXED_TEXT))
        .col(boolean("enabled"))
        .col(json_binary("scopes"))
        .col(short("token_format", 16))
        .col(big_integer_null("access_token_seconds"))
        .col(moment("created_at"))
        .col(moment("updated_at"));
    create(
        manager,
        &mut table,
        vec![
            unique("service", "u_service_tenant_id_name", &["tenant_id", "name"]),
            unique("service", "u_service_tenant_id_audience", &["tenant_id", "audience"]),
        ],
    )
    .await
}
