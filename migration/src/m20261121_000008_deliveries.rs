//! Creates `webhook`, `delivery`, `personal_token` and `idempotency`.

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
        webhook(manager).await?;
        delivery(manager).await?;
        personal_token(manager).await?;
        idempotency(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["idempotency", "personal_token", "delivery", "webhook"]).await
    }
}

async fn webhook(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "webhook");
    table
        .col(id())
        .col(tenant_id())
        .col(text("url"))
        .col(text("kinds"))
        .col(text("secret_sealed"))
        .col(boolean("enabled"))
        .col(big_integer("version"))
        .col(moment("created_at"))
        .col(moment("updated_at"));
    create(manager, &mut table, vec![index("webhook", "i_webhook_tenant_id", &["tenant_id"])]).await
}

async fn delivery(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "delivery");
    table
        .col(id())
        .col(tenant_id())
        .col(uuid("event_id"))
        .col(short("channel", 16))
        .col(uuid_null("webhook_id"))
        .col(short_or_none("recipient", 320))
        .col(short("kind", 64))
        .col(json_binary("data"))
        .col(big_integer("attempts"))
        .col(moment_or_none("next_try_at"))
        .col(moment_or_none("done_at"))
        .col(moment_or_none("failed_at"))
        .col(text_null("last_error"))
        .col(moment("created_at"))
        .foreign_key(&mut belongs_to("fk_delivery_webhook", "delivery", "webhook_id", "webhook"));
    create(
        manager,
        &mut table,
        vec![
            index("delivery", "i_delivery_next_try_at", &["next_try_at"]),
            index("delivery", "i_delivery_tenant_id", &["tenant_id", "id"]),
        ],
    )
    .await
}

async fn personal_token(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "personal_token");
    table
        .col(id())
        .col(tenant_id())
        .col(uuid("user_id"))
        .col(short("name", 200))
        .col(digest("hash"))
        .col(short("hint", 4))
        .col(text("scopes"))
        .col(moment_or_none("expires_at"))
        .col(moment_or_none("revoked_at"))
        .col(moment("created_at"))
        .foreign_key(&mut belongs_to("fk_personal_token_user", "personal_token", "user_id", "user"));
    create(
        manager,
        &mut table,
        vec![
            unique("personal_token", "u_personal_token_hash", &["hash"]),
            index("personal_token", "i_personal_token_user_id", &["user_id"]),
        ],
    )
    .await
}

async fn idempotency(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "idempotency");
    table
        .col(digest("key_hash").primary_key().take())
        .col(tenant_id())
        .col(digest("request_hash"))
        .col(big_integer_null("status"))
        .col(long_text_or_none(manager, "answer_sealed"))
        .col(moment("created_at"));
    create(manager, &mut table, vec![index("idempotency", "i_idempotency_created_at", &["created_at"])]).await
}
