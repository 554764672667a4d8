//! Creates `user` and `session`.

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
        user(manager).await?;
        session(manager).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["session", "user"]).await
    }
}

async fn user(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "user");
    table
        .col(id())
        .col(tenant_id())
        .col(short("email", 320))
        .col(short("email_key", 320))
        .col(boolean("email_verified"))
        .col(short_or_none("name", 200))
        .col(short("role", 16))
        .col(short("state", 16))
        .col(text_null("password_hash"))
        .col(moment("password_changed_at"))
        .col(json_binary("claims"))
        .col(moment("created_at"))
        .col(moment("updated_at"));
    create(manager, &mut table, vec![unique("user", "u_user_tenant_id_email_key", &["tenant_id", "email_key"])]).await
}

async fn session(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "session");
    table
        .col(id())
        .col(tenant_id())
        .col(uuid("user_id"))
        .col(digest("hash"))
        .col(moment("auth_time"))
        .col(text("amr"))
        .col(moment("idle_at"))
        .col(moment("expires_at"))
        .col(moment_or_none("ended_at"))
        .col(short_or_none("address", 64))
        .col(short_or_none("agent", 300))
        .col(moment("created_at"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_session_user")
                .from("session", "user_id")
                .to("user", "id")
                .on_delete(ForeignKeyAction::Cascade),
        );
    create(
        manager,
        &mut table,
        vec![
            unique("session", "u_session_hash", &["hash"]),
            index("session", "i_session_user_id", &["user_id"]),
            index("session", "i_session_idle_at", &["idle_at"]),
        ],
    )
    .await
}
