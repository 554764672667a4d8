//! Creates `provider` and `remote_call`, and lets clients live elsewhere or follow a template. Expand-only.

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
        add(manager, "client", short("kind", 16).default("own").take()).await?;
        add(manager, "client", uuid_null("provider_id")).await?;
        add(manager, "client", uuid_null("template_id")).await?;
        add(manager, "client", short_or_none("chosen", 64)).await?;
        add(manager, "client", text_null("remote_sealed")).await?;
        add(manager, "client", json_binary_null("drift")).await?;
        add(manager, "initial_access_token", uuid_null("template_id")).await?;
        add(manager, "application", long_text_or_none(manager, "picture")).await?;
        add(manager, "application", boolean("notify").default(true).take()).await?;
        add(manager, "application", json_binary_null("kept")).await?;
        add(manager, "user", moment_or_none("default_application_at")).await?;
        // Whoever has been here before is not new.
        let known = Query::update()
            .table("user")
            .value("default_application_at", Expr::col("first_login_at"))
            .and_where(Expr::col("first_login_at").is_not_null())
            .and_where(Expr::col("default_application_at").is_null())
            .to_owned();
        manager.execute(known).await?;
        add(manager, "policy", json_binary_null("kept")).await?;
        add(manager, "session", moment_or_none("used_at")).await?;
        also(
            manager,
            vec![
                index("client", "i_client_provider_id", &["provider_id"]),
                index("client", "i_client_template_id", &["template_id"]),
            ],
        )
        .await?;
        provider(manager).await?;
        remote_call(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["remote_call", "provider"]).await?;
        forget(manager, "client", "i_client_provider_id").await?;
        forget(manager, "client", "i_client_template_id").await?;
        remove(manager, "user", &["default_application_at"]).await?;
        remove(manager, "policy", &["kept"]).await?;
        remove(manager, "session", &["used_at"]).await?;
        remove(manager, "application", &["kept", "notify", "picture"]).await?;
        remove(manager, "initial_access_token", &["template_id"]).await?;
        remove(manager, "client", &["drift", "remote_sealed", "chosen", "template_id", "provider_id", "kind"]).await
    }
}

async fn provider(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "provider");
    table
        .col(id())
        .col(tenant_id())
        .col(short("name", 100))
        .col(text_null("description"))
        .col(short("place", 16))
        .col(short_or_none("default_key", 36))
        .col(text("discovery_endpoint"))
        .col(short("ticket_from", 32))
        .col(text_null("client_id"))
        .col(text_null("client_secret_sealed"))
        .col(text("scopes"))
        .col(text_null("initial_access_token_sealed"))
        .col(text_null("software_id"))
        .col(boolean("renew_secret"))
        .col(text_null("renew_secret_endpoint"))
        .col(short_or_none("renew_secret_method", 8))
        .col(json_binary("claim_mappings"))
        .col(long_text_or_none(manager, "tls_sealed"))
        .col(json_binary("metadata"))
        .col(moment("metadata_at"))
        .col(moment_or_none("failed_at"))
        .col(text_null("failure"))
        .col(big_integer("version"))
        .col(moment("created_at"))
        .col(moment("updated_at"));
    create(
        manager,
        &mut table,
        vec![
            unique("provider", "u_provider_tenant_id_name", &["tenant_id", "name"]),
            unique("provider", "u_provider_default_key", &["default_key"]),
        ],
    )
    .await
}

async fn remote_call(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "remote_call");
    table
        .col(id())
        .col(tenant_id())
        .col(uuid("provider_id"))
        .col(uuid_null("client_key"))
        .col(short("kind", 16))
        .col(long_text(manager, "request_sealed"))
        .col(big_integer("attempts"))
        .col(moment("next_try_at"))
        .col(text_null("failure"))
        .col(moment("created_at"))
        .col(moment("updated_at"));
    create(
        manager,
        &mut table,
        vec![
            index("remote_call", "i_remote_call_next_try_at", &["next_try_at"]),
            index("remote_call", "i_remote_call_provider_id", &["provider_id"]),
        ],
    )
    .await
}
