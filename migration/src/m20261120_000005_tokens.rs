//! Creates `consent`, `token_family`, `token` and `revocation`.

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
        consent(manager).await?;
        token_family(manager).await?;
        token(manager).await?;
        revocation(manager).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["revocation", "token", "token_family", "consent"]).await
    }
}

async fn consent(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "consent");
    table
        .col(id())
        .col(tenant_id())
        .col(uuid("user_id"))
        .col(uuid("client_key"))
        .col(short("service_key", 36))
        .col(text("scopes"))
        .col(digest("metadata_hash"))
        .col(moment_or_none("revoked_at"))
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_consent_user")
                .from("consent", "user_id")
                .to("user", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            ForeignKey::create()
                .name("fk_consent_client")
                .from("consent", "client_key")
                .to("client", "id")
                .on_delete(ForeignKeyAction::Cascade),
        );
    create(
        manager,
        &mut table,
        vec![
            unique("consent", "u_consent_user_id_client_key_service_key", &["user_id", "client_key", "service_key"]),
            index("consent", "i_consent_client_key", &["client_key"]),
        ],
    )
    .await
}

async fn token_family(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "token_family");
    table
        .col(id())
        .col(tenant_id())
        .col(uuid("client_key"))
        .col(uuid("user_id"))
        .col(uuid_null("session_id"))
        .col(text("scopes"))
        .col(text("audience"))
        .col(json_binary("detail"))
        .col(boolean("refreshable"))
        .col(big_integer("generation"))
        .col(moment("rotated_at"))
        .col(moment("idle_at"))
        .col(moment("expires_at"))
        .col(moment_or_none("revoked_at"))
        .col(short_or_none("revoked_reason", 32))
        .col(moment("created_at"));
    create(
        manager,
        &mut table,
        vec![
            index("token_family", "i_token_family_client_key", &["client_key"]),
            index("token_family", "i_token_family_user_id", &["user_id"]),
            index("token_family", "i_token_family_idle_at", &["idle_at"]),
        ],
    )
    .await
}

async fn token(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "token");
    table
        .col(id())
        .col(tenant_id())
        .col(digest("hash"))
        .col(uuid_null("family_id"))
        .col(uuid("client_key"))
        .col(uuid_null("user_id"))
        .col(text("scopes"))
        .col(text("audience"))
        .col(moment_or_none("expires_at"))
        .col(moment_or_none("revoked_at"))
        .col(moment("created_at"));
    create(
        manager,
        &mut table,
        vec![
            unique("token", "u_token_hash", &["hash"]),
            index("token", "i_token_family_id", &["family_id"]),
            index("token", "i_token_client_key", &["client_key"]),
            index("token", "i_token_expires_at", &["expires_at"]),
        ],
    )
    .await
}

async fn revocation(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "revocation");
    table.col(short("jti", 64).primary_key().take()).col(tenant_id()).col(moment("expires_at"));
    create(manager, &mut table, vec![index("revocation", "i_revocation_expires_at", &["expires_at"])]).await
}
