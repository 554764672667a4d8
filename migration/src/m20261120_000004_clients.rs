//! Creates `application`, `initial_access_token`, `client` and `client_secret`.

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
        application(manager).await?;
        initial_access_token(manager).await?;
        client(manager).await?;
        client_secret(manager).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["client_secret", "client", "initial_access_token", "application"]).await
    }
}

async fn application(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "application");
    table
        .col(id())
        .col(tenant_id())
        .col(text("name"))
        .col(text_null("description"))
        .col(short("kind", 32))
        .col(short("status", 16))
        .col(short("source", 16))
        .col(uuid_null("primary_owner_id"))
        .col(moment_or_none("archived_at"))
        .col(moment("created_at"))
        .col(moment("updated_at"));
    create(
        manager,
        &mut table,
        vec![
            index("application", "i_application_tenant_id_status", &["tenant_id", "status"]),
            index("application", "i_application_primary_owner_id", &["primary_owner_id"]),
        ],
    )
    .await
}

async fn initial_access_token(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "initial_access_token");
    table
        .col(id())
        .col(tenant_id())
        .col(short("name", 200))
        .col(digest("hash"))
        .col(short("hint", 8))
        .col(short_or_none("profile", 32))
        .col(json_binary("policy"))
        .col(big_integer_null("max_uses"))
        .col(big_integer("uses"))
        .col(moment_or_none("expires_at"))
        .col(moment_or_none("revoked_at"))
        .col(short("created_by", 128))
        .col(moment("created_at"));
    create(manager, &mut table, vec![unique("initial_access_token", "u_initial_access_token_hash", &["hash"])]).await
}

async fn client(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "client");
    table
        .col(id())
        .col(tenant_id())
        .col(uuid_null("application_id"))
        .col(short("client_id", 64))
        .col(short_or_none("live_key", 64))
        .col(text_null("name"))
        .col(short("profile", 32))
        .col(json_binary("policy"))
        .col(json_binary("metadata"))
        .col(big_integer("metadata_version"))
        .col(short_or_none("token_format", 16))
        .col(text("rights"))
        .col(boolean("first_party"))
        .col(short("state", 16))
        .col(string_len_null("registration_token_hash", 43))
        .col(string_len_null("registration_token_previous_hash", 43))
        .col(uuid_null("initial_access_token_id"))
        .col(moment("issued_at"))
        .col(moment_or_none("last_used_at"))
        .col(moment_or_none("ended_at"))
        .col(short_or_none("ended_reason", 32))
        .col(moment("updated_at"));
    create(
        manager,
        &mut table,
        vec![
            unique("client", "u_client_tenant_id_live_key", &["tenant_id", "live_key"]),
            index("client", "i_client_client_id", &["client_id"]),
            index("client", "i_client_application_id", &["application_id"]),
            index("client", "i_client_state_last_used_at", &["state", "last_used_at"]),
        ],
    )
    .await
}

async fn client_secret(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "client_secret");
    table
        .col(id())
        .col(tenant_id())
        .col(uuid("client_key"))
        .col(digest("hash"))
        .col(text_null("value_sealed"))
        .col(short("hint", 8))
        .col(moment("expires_at"))
        .col(moment("created_at"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_client_secret_client")
                .from("client_secret", "client_key")
                .to("client", "id")
                .on_delete(ForeignKeyAction::Cascade),
        );
    create(manager, &mut table, vec![index("client_secret", "i_client_secret_client_key", &["client_key"])]).await
}
