//! How does a client that is there come to follow a template, and how does it leave it?

use entity::client::{self, ClientKind};
use entity::id::ClientKey;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::{Map, json};

use super::{living, no_such_template, row};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::{Rows, Told};
use crate::oidc::client::record::Client;
use crate::oidc::client::template::Template;
use crate::oidc::event::{Kind, event};
use crate::oidc::registration::judge::judge_patch;
use crate::oidc::tenant::Tenant;
use crate::portal::client::{Which, forget, reached, refused, target};
use crate::portal::membership::Reach;
use crate::portal::{Action, Actor, Conflict, Error, Rule};

/// Makes a client follow a template: from now on it is what that makes of it.
///
/// # Errors
/// `NotFound` for the client; `Invalid` for a template there is none of, for a client that gets its tokens elsewhere, and
/// where nothing is left that both allow; `Conflict(Changed)` when another change came first; `NotAllowed`.
pub async fn follow(app: &App, tenant: &Tenant, actor: &Actor, client: &str, template: &str) -> Result<(), Error> {
    actor.may(Action::WriteClients)?;
    let before = reached(app, tenant, actor, Which::anywhere(client), Reach::Change).await?.row.clone();
    if before.kind != ClientKind::Own {
        return Err(Error::invalid("", Rule::Contradiction, "gets its tokens elsewhere"));
    }
    let template = row(app.db.pool(), tenant, template).await?.ok_or_else(no_such_template)?;
    let key = template.id;
    let after = Client::new(before.clone(), Vec::new())?.follow(std::sync::Arc::new(Template::new(template)?));
    stands(app, tenant, &after).await?;
    let data = json!({"template": after.following.as_ref().map(|following| &following.template.client_id)});
    let told = event(app, tenant.id, Kind::ClientLinked, actor.label(), &target(&before), data);
    store(app, before, Some(key), told).await
}

/// Makes a client that follows a template stand for itself again.
///
/// # Errors
/// `NotFound`; `Invalid` for what it would lack then, e.g. redirect URIs; `Conflict(Changed)` when another change came
/// first; `NotAllowed`.
pub async fn leave(app: &App, tenant: &Tenant, actor: &Actor, client: &str) -> Result<(), Error> {
    actor.may(Action::WriteClients)?;
    let before = reached(app, tenant, actor, Which::anywhere(client), Reach::Change).await?.row.clone();
    if before.template_id.is_none() {
        return Ok(());
    }
    stands(app, tenant, &Client::new(before.clone(), Vec::new())?).await?;
    let told = event(app, tenant.id, Kind::ClientUnlinked, actor.label(), &target(&before), json!({}));
    store(app, before, None, told).await
}

/// Whether it could be registered as it is.
async fn stands(app: &App, tenant: &Tenant, client: &Client) -> Result<(), Error> {
    let judged = judge_patch(app, tenant, client, &Map::new(), client.policy.clone()).await;
    judged.map(drop).map_err(refused)
}

async fn store(app: &App, before: client::Model, template: Option<ClientKey>, told: Told) -> Result<(), Error> {
    let (row, now) = (before.clone(), app.clock.now());
    let done = app
        .db
        .transaction(move |transaction| {
            let (row, told) = (row.clone(), told.clone());
            Box::pin(async move { link(transaction, row, template, told, now).await })
        })
        .await;
    forget(app, &before);
    done
}

async fn link<C: ConnectionTrait>(
    connection: &C,
    row: client::Model,
    template: Option<ClientKey>,
    told: Told,
    now: Seconds,
) -> Result<(), Error> {
    if let Some(key) = template {
        // Touched, so that it cannot be removed at this very moment.
        client::Entity::update_many()
            .col_expr(client::Column::UpdatedAt, Expr::value(now))
            .filter(client::Column::Id.eq(key))
            .exec(connection)
            .await?;
        let there = living(row.tenant_id).filter(client::Column::Id.eq(key)).one(connection).await?;
        there.ok_or_else(no_such_template)?;
    }
    let linked = client::Entity::update_many()
        .col_expr(client::Column::TemplateId, Expr::value(template))
        .col_expr(client::Column::MetadataVersion, Expr::value(row.metadata_version + 1))
        .col_expr(client::Column::UpdatedAt, Expr::value(now))
        .filter(client::Column::Id.eq(row.id))
        .filter(client::Column::LiveKey.is_not_null())
        .filter(client::Column::MetadataVersion.eq(row.metadata_version))
        .exec(connection)
        .await?;
    if linked.rows_affected == 0 {
        return Err(Error::Conflict(Conflict::Changed));
    }
    Ok(Rows { events: vec![told], ..Rows::default() }.insert(connection).await?)
}
