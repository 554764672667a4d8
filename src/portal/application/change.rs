//! How does an application change? One change at a time: whoever saw an older version is told.

use entity::application;
use entity::id::ApplicationId;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Map, Value, json};

use super::{
    Application, CUSTOM_ID_MAX, DESCRIPTION_MAX, DOMAIN_MAX, complaints, find, forget_application, living, lock, target,
};
use crate::app::App;
use crate::db::{Rows, TransactionError, is_duplicate};
use crate::oidc::client::record::Client;
use crate::oidc::event::{Kind, event};
use crate::oidc::tenant::Tenant;
use crate::portal::client::add::client_name;
use crate::portal::client::{self, of_application};
use crate::portal::membership::Reach;
use crate::portal::{Actor, Conflict, Error, Rule};

/// What is to change; `None` stays. The inner `None` of the others clears them.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Name shown to people; its first client is renamed with it if it had the same name.
    pub name: Option<String>,
    /// What it does.
    pub description: Option<Option<String>>,
    /// Where authorization answers of its first client may go.
    pub redirect_uris: Option<Vec<String>>,
    /// What another system calls it.
    pub custom_id: Option<Option<String>>,
    /// The domain it belongs to.
    pub domain: Option<Option<String>>,
}

/// Changes an application. `expected` is the version the caller saw; `None`: whichever is there.
///
/// # Errors
/// `Invalid`, `Taken` as [`super::create()`]; `Conflict(Changed)` for another version; `NotFound`, `NotAllowed` for
/// somebody who reaches less far than [`Reach::Change`].
pub async fn change(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ApplicationId,
    expected: Option<i64>,
    change: Change,
) -> Result<Application, Error> {
    let (before, _) = living(app.db.pool(), tenant, actor, id, Reach::Change).await?;
    if expected.is_some_and(|expected| expected != before.version) {
        return Err(Error::Conflict(Conflict::Changed));
    }
    check(&change)?;
    let first = of_application(app.db.pool(), id).await?.into_iter().next();
    let of_client = prepare_client(app, tenant, actor, &before, first.as_deref(), &change).await?;
    let after = changed(app, &before, &change);
    let data = differences(&before, &after);
    let told = event(app, tenant.id, Kind::ApplicationUpdated, actor.label(), &target(id), data);
    let (version, stored) = (before.version, after.clone());
    let done = app
        .db
        .transaction(move |transaction| {
            let (stored, told, of_client) = (stored.clone(), told.clone(), of_client.clone());
            Box::pin(async move {
                lock(transaction, id).await?;
                let done = application::Entity::update_many()
                    .col_expr(application::Column::Name, Expr::value(stored.name))
                    .col_expr(application::Column::Description, Expr::value(stored.description))
                    .col_expr(application::Column::CustomId, Expr::value(stored.custom_id))
                    .col_expr(application::Column::Domain, Expr::value(stored.domain))
                    .col_expr(application::Column::Version, Expr::value(stored.version))
                    .col_expr(application::Column::UpdatedAt, Expr::value(stored.updated_at))
                    .filter(application::Column::Id.eq(id))
                    .filter(application::Column::Version.eq(version))
                    .exec(transaction)
                    .await?;
                if done.rows_affected == 0 {
                    return Err(Error::Conflict(Conflict::Changed));
                }
                if let Some(of_client) = of_client {
                    of_client.store_in(transaction).await?;
                }
                Ok(Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?)
            })
        })
        .await;
    if let Some(first) = &first {
        client::forget(app, &first.row);
    }
    forget_application(app, id);
    done.map_err(|error| match after.custom_id {
        Some(value) if error.database().is_some_and(is_duplicate) => Error::Taken { field: "custom_id", value },
        _ => error,
    })?;
    find(app, tenant, actor, id).await
}

fn check(change: &Change) -> Result<(), Error> {
    let inner = |value: &Option<Option<String>>| value.clone().flatten();
    let (description, custom_id, domain) =
        (inner(&change.description), inner(&change.custom_id), inner(&change.domain));
    let wrong = complaints(
        change.name.as_deref(),
        &[
            ("description", description.as_deref(), DESCRIPTION_MAX),
            ("custom_id", custom_id.as_deref(), CUSTOM_ID_MAX),
            ("domain", domain.as_deref(), DOMAIN_MAX),
        ],
    );
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

/// What changes about the first client: where it may be sent back to, and its name if it is the application's.
async fn prepare_client(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    before: &application::Model,
    first: Option<&Client>,
    change: &Change,
) -> Result<Option<client::change::Prepared>, Error> {
    let Some(first) = first else {
        return match &change.redirect_uris {
            Some(uris) if !uris.is_empty() => {
                Err(Error::invalid("redirect_uris", Rule::Missing, "needs a client: the application has none"))
            }
            _ => Ok(None),
        };
    };
    let follows = first.row.name.as_deref() == Some(client_name(&before.name).as_str());
    let wish = client::Change {
        name: change.name.clone().filter(|_| follows),
        redirect_uris: change.redirect_uris.clone(),
        grants: None,
    };
    if wish.name.is_none() && wish.redirect_uris.is_none() {
        return Ok(None);
    }
    client::change::prepare(app, tenant, actor, first, &wish).await.map(Some)
}

fn changed(app: &App, before: &application::Model, change: &Change) -> application::Model {
    let or = |new: &Option<Option<String>>, old: &Option<String>| new.clone().unwrap_or_else(|| old.clone());
    application::Model {
        name: change.name.as_deref().map_or_else(|| before.name.clone(), |name| name.trim().to_owned()),
        description: or(&change.description, &before.description),
        custom_id: or(&change.custom_id, &before.custom_id),
        domain: or(&change.domain, &before.domain),
        version: before.version + 1,
        updated_at: app.clock.now(),
        ..before.clone()
    }
}

/// What was and what is, for the audit log (s.B18).
fn differences(before: &application::Model, after: &application::Model) -> Value {
    let sides = [
        ("name", json!(before.name), json!(after.name)),
        ("description", json!(before.description), json!(after.description)),
        ("custom_id", json!(before.custom_id), json!(after.custom_id)),
        ("domain", json!(before.domain), json!(after.domain)),
    ];
    let differ = sides.into_iter().filter(|(_, before, after)| before != after);
    let told = differ.map(|(field, before, after)| (field.to_owned(), json!({"before": before, "after": after})));
    Value::Object(told.collect::<Map<_, _>>())
}
