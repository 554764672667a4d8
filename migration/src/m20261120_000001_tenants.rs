//! Creates what a tenant stands on: `deployment`, `lease`, `tenant`, `signing_key`, `event`.

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
        deployment(manager).await?;
        lease(manager).await?;
        tenant(manager).await?;
        signing_key(manager).await?;
        event(manager).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["event", "signing_key", "tenant", "lease", "deployment"]).await
    }
}

async fn deployment(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "deployment");
    table.col(integer("id").primary_key().take()).col(text("key_check")).col(moment("created_at"));
    create(manager, &mut table, vec![]).await
}

async fn lease(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "lease");
    table
        .col(short("name", 64).primary_key().take())
        .col(short("holder", 64))
        .col(moment("until"))
        .col(moment_or_none("succeeded_at"));
    create(manager, &mut table, vec![]).await
}

async fn tenant(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "tenant");
    table
        .col(id())
        .col(short("slug", 64))
        .col(short("name", 200))
        .col(short("issuer", INDEXED_TEXT))
        .col(json_binary("settings"))
        .col(moment("created_at"))
        .col(moment("updated_at"));
    create(
        manager,
        &mut table,
        vec![unique("tenant", "u_tenant_slug", &["slug"]), unique("tenant", "u_tenant_issuer", &["issuer"])],
    )
    .await
}

async fn signing_key(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "signing_key");
    table
        .col(id())
        .col(tenant_id())
        .col(short("kid", 64))
        .col(short("algorithm", 16))
        .col(text("private_sealed"))
        .col(json_binary("public"))
        .col(short("state", 16))
        .col(moment("published_at"))
        .col(moment_or_none("signs_from"))
        .col(moment_or_none("retires_at"));
    create(
        manager,
        &mut table,
        vec![
            unique("signing_key", "u_signing_key_kid", &["kid"]),
            index("signing_key", "i_signing_key_tenant_id_state", &["tenant_id", "state"]),
        ],
    )
    .await
}

async fn event(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "event");
    table
        .col(id())
        .col(tenant_id())
        .col(short("kind", 64))
        .col(short("actor", 128))
        .col(short("target", 128))
        .col(json_binary("data"))
        .col(short_or_none("address", 64))
        .col(moment("at"));
    create(manager, &mut table, vec![index("event", "i_event_tenant_id_at", &["tenant_id", "at"])]).await
}
