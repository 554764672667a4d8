//! Widens `user`, `application` and `client_secret`, and creates `membership` and `contract`. Expand-only.

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
        // Whoever was let in before stays in.
        add(manager, "user", short("approval", 16).default("approved").take()).await?;
        add(manager, "user", json_binary_null("meta")).await?;
        add(manager, "user", short_or_none("custom_id", 200)).await?;
        add(manager, "user", moment_or_none("first_login_at")).await?;
        add(manager, "application", boolean("is_default").default(false).take()).await?;
        add(manager, "application", short_or_none("custom_id", 200)).await?;
        add(manager, "application", short_or_none("domain", 255)).await?;
        add(manager, "application", big_integer("version").default(0).take()).await?;
        add(manager, "client_secret", short_or_none("name", 200)).await?;
        also(
            manager,
            vec![
                unique("user", "u_user_tenant_id_custom_id", &["tenant_id", "custom_id"]),
                unique("application", "u_application_tenant_id_custom_id", &["tenant_id", "custom_id"]),
                index("application", "i_application_primary_owner_id", &["primary_owner_id"]),
            ],
        )
        .await?;
        membership(manager).await?;
        contract(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["contract", "membership"]).await?;
        forget(manager, "user", "u_user_tenant_id_custom_id").await?;
        forget(manager, "application", "u_application_tenant_id_custom_id").await?;
        forget(manager, "application", "i_application_primary_owner_id").await?;
        remove(manager, "client_secret", &["name"]).await?;
        remove(manager, "application", &["version", "domain", "custom_id", "is_default"]).await?;
        remove(manager, "user", &["first_login_at", "custom_id", "meta", "approval"]).await
    }
}

async fn membership(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "membership");
    table
        .col(uuid("application_id"))
        .col(uuid("user_id"))
        .col(tenant_id())
        .col(short("role", 16))
        .col(boolean("notify"))
        .col(moment("created_at"))
        .primary_key(Index::create().col("application_id").col("user_id"))
        .foreign_key(&mut belongs_to("fk_membership_application", "membership", "application_id", "application"))
        .foreign_key(&mut belongs_to("fk_membership_user", "membership", "user_id", "user"));
    create(manager, &mut table, vec![index("membership", "i_membership_user_id", &["user_id"])]).await
}

async fn contract(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "contract");
    table
        .col(id())
        .col(tenant_id())
        .col(uuid("application_id"))
        .col(uuid("service_id"))
        .col(short("state", 16))
        .col(boolean("suspended"))
        .col(text_null("request"))
        .col(text_null("reason"))
        .col(moment("requested_at"))
        .col(moment_or_none("processed_at"))
        .col(short_or_none("processed_by", 128))
        .col(text_null("scopes"))
        .col(moment_or_none("starts_at"))
        .col(moment_or_none("ends_at"))
        .col(big_integer("version"))
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .foreign_key(&mut belongs_to("fk_contract_application", "contract", "application_id", "application"))
        .foreign_key(&mut belongs_to("fk_contract_service", "contract", "service_id", "service"));
    create(
        manager,
        &mut table,
        vec![
            unique("contract", "u_contract_application_id_service_id", &["application_id", "service_id"]),
            index("contract", "i_contract_service_id_state", &["service_id", "state"]),
            index("contract", "i_contract_tenant_id_state", &["tenant_id", "state"]),
        ],
    )
    .await
}
