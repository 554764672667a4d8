//! Widens `service`, and creates `policy` and `document`. Expand-only: new columns have defaults, so that the release
//! before this one goes on inserting.

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
        // Services of the release before had no contracts.
        add(manager, "service", short("access", 16).default("open").take()).await?;
        add(manager, "service", boolean("published").default(true).take()).await?;
        add(manager, "service", uuid_null("owner_id")).await?;
        add(manager, "service", json_binary_null("upstream")).await?;
        add(manager, "service", json_binary_null("tags")).await?;
        add(manager, "service", big_integer("version").default(0).take()).await?;
        policy(manager).await?;
        document(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["document", "policy"]).await?;
        remove(manager, "service", &["version", "tags", "upstream", "owner_id", "published", "access"]).await
    }
}

async fn policy(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "policy");
    table
        .col(id())
        .col(tenant_id())
        .col(uuid("service_id"))
        .col(short("display_name", 200))
        .col(short("display_name_key", 200))
        .col(text_null("description"))
        .col(boolean("auto_approve"))
        .col(boolean("enable_authorization_code"))
        .col(boolean("enable_client_credentials"))
        .col(boolean("enable_implicit_grant"))
        .col(boolean("enable_password_grant"))
        .col(boolean("mandatory_scope"))
        .col(json_binary_null("scope_elements"))
        .col(short("auth_header_name", 64))
        .col(big_integer("token_expiration"))
        .col(big_integer("refresh_token_ttl"))
        .col(digest("provision_key_hash"))
        .col(text("provision_key_sealed"))
        .col(boolean("comment_required"))
        .col(boolean_null("show_issuer"))
        .col(boolean("enabled"))
        .col(json_binary_null("tags"))
        .col(big_integer("version"))
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .foreign_key(&mut belongs_to("fk_policy_service", "policy", "service_id", "service"));
    create(
        manager,
        &mut table,
        vec![
            unique("policy", "u_policy_service_id", &["service_id"]),
            unique("policy", "u_policy_tenant_id_display_name_key", &["tenant_id", "display_name_key"]),
        ],
    )
    .await
}

async fn document(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = table(manager, "document");
    table
        .col(id())
        .col(tenant_id())
        .col(uuid_null("service_id"))
        .col(short("path", INDEXED_TEXT))
        .col(short("title", 200))
        .col(short("media_type", 100))
        .col(long_text(manager, "body"))
        .col(boolean("published"))
        .col(big_integer("version"))
        .col(moment("created_at"))
        .col(moment("updated_at"))
        .foreign_key(&mut belongs_to("fk_document_service", "document", "service_id", "service"));
    create(
        manager,
        &mut table,
        vec![
            unique("document", "u_document_tenant_id_path", &["tenant_id", "path"]),
            index("document", "i_document_service_id", &["service_id"]),
        ],
    )
    .await
}
