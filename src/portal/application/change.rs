//! How does an application change? One change at a time: whoever saw an older version is told.

use entity::application;
use entity::client::ClientKind;
use entity::id::ApplicationId;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::{Map, Value, json};

use super::client_id::{self, Step};
use super::create::taken;
use super::picture::Picture;
use super::{
    Application, CUSTOM_ID_MAX, DESCRIPTION_MAX, DOMAIN_MAX, complaints, find, forget_application, living, lock, target,
};
use crate::app::App;
use crate::db::{Rows, Told, TransactionError, is_duplicate};
use crate::oidc::client::record::Client;
use crate::oidc::event::{Kind, event};
use crate::oidc::registration::change as of_client;
use crate::oidc::tenant::Tenant;
use crate::portal::client::add::client_name;
use crate::portal::client::{self, Grants, of_application};
use crate::portal::membership::Reach;
use crate::portal::service::check::kept as check_kept;
use crate::portal::{Actor, Conflict, Error, Rule, Wrong};

/// What is to change; `None` stays. The inner `None` of the others clears them.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Name shown to people; its first client is renamed with it if it had the same name.
    pub name: Option<String>,
    /// What it does.
    pub description: Option<Option<String>>,
    /// Where authorization answers of its first client may go.
    pub redirect_uris: Option<Vec<String>>,
    /// How its first client may ask for tokens.
    pub grants: Option<Grants>,
    /// By which identifier a simple application is known elsewhere; of any other it stays.
    pub client_id: Option<Option<String>>,
    /// What another system calls it.
    pub custom_id: Option<Option<String>>,
    /// The domain it belongs to.
    pub domain: Option<Option<String>>,
    /// Its picture, as a `data:` URL.
    pub picture: Option<Option<String>>,
    /// What other products' scripts store with it: an object of at most 16 KiB.
    pub kept: Option<Option<Value>>,
}

/// Changes an application. `expected` is the version the caller saw; `None`: whichever is there.
///
/// # Errors
/// `Invalid`, `Taken` as [`super::create()`]; `Conflict(Changed)` for another version; `Conflict(ClientNeeded)` for taking
/// away the identifier of an application with contracts; `NotFound`, `NotAllowed` for somebody who reaches less far than
/// [`Reach::Change`].
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
    let client_id = client_id::prepare(app, tenant, actor, &before, first.as_deref(), change.client_id.as_ref())?;
    let wanted_id = client_id.as_ref().and_then(Step::taken).map(str::to_owned);
    let after = changed(app, &before, &change);
    let data = differences(&before, &after);
    let told = event(app, tenant.id, Kind::ApplicationUpdated, actor.label(), &target(id), data);
    let stored = Stored { before: before.version, after: after.clone(), of_client, client_id, told };
    let done = app
        .db
        .transaction(move |transaction| {
            let stored = stored.clone();
            Box::pin(async move { stored.store_in(transaction).await })
        })
        .await;
    if let Some(first) = &first {
        client::forget(app, &first.row);
    }
    forget_application(app, id);
    match done {
        Ok(()) => find(app, tenant, actor, id).await,
        Err(error) if error.database().is_some_and(is_duplicate) => {
            Err(taken(app, tenant, &after, wanted_id.as_deref()).await?)
        }
        Err(error) => Err(error),
    }
}

/// A change that is judged, ready to be stored if nobody else changed the application.
#[derive(Clone, Debug)]
struct Stored {
    before: i64,
    after: application::Model,
    of_client: Option<of_client::Change>,
    client_id: Option<Step>,
    told: Told,
}

impl Stored {
    async fn store_in(self, transaction: &DatabaseTransaction) -> Result<(), Error> {
        let after = self.after;
        lock(transaction, after.id).await?;
        let done = application::Entity::update_many()
            .col_expr(application::Column::Name, Expr::value(after.name))
            .col_expr(application::Column::Description, Expr::value(after.description))
            .col_expr(application::Column::CustomId, Expr::value(after.custom_id))
            .col_expr(application::Column::Domain, Expr::value(after.domain))
            .col_expr(application::Column::Picture, Expr::value(after.picture))
            .col_expr(application::Column::Kept, Expr::value(after.kept))
            .col_expr(application::Column::Version, Expr::value(after.version))
            .col_expr(application::Column::UpdatedAt, Expr::value(after.updated_at))
            .filter(application::Column::Id.eq(after.id))
            .filter(application::Column::Version.eq(self.before))
            .exec(transaction)
            .await?;
        if done.rows_affected == 0 {
            return Err(Error::Conflict(Conflict::Changed));
        }
        if let Some(of_client) = self.of_client {
            of_client.store_in(transaction).await?;
        }
        if let Some(client_id) = self.client_id {
            client_id.store_in(transaction, after.id).await?;
        }
        Ok(Rows { events: vec![self.told], ..Rows::default() }.insert(transaction).await?)
    }
}

fn check(change: &Change) -> Result<(), Error> {
    let inner = |value: &Option<Option<String>>| value.clone().flatten();
    let (description, custom_id, domain) =
        (inner(&change.description), inner(&change.custom_id), inner(&change.domain));
    let mut wrong = complaints(
        change.name.as_deref(),
        &[
            ("description", description.as_deref(), DESCRIPTION_MAX),
            ("custom_id", custom_id.as_deref(), CUSTOM_ID_MAX),
            ("domain", domain.as_deref(), DOMAIN_MAX),
        ],
    );
    let picture = inner(&change.picture);
    wrong.extend(picture.and_then(|picture| Picture::read(&picture).err()));
    wrong.extend(change.kept.iter().flatten().find_map(|kept| check_kept("kept", kept)));
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
) -> Result<Option<of_client::Change>, Error> {
    let Some(first) = first.filter(|first| first.row.kind != ClientKind::External || first.row.provider_id.is_some())
    else {
        let has_redirects = change.redirect_uris.as_ref().is_some_and(|uris| !uris.is_empty());
        let wanted = [("redirect_uris", has_redirects), ("grant_types", change.grants.is_some())];
        let complaint = "needs a client of this server: the application has none";
        let wrong = wanted.into_iter().filter(|(_, is_wanted)| *is_wanted);
        let wrong: Vec<Wrong> = wrong.map(|(field, _)| Wrong::new(field, Rule::Missing, complaint)).collect();
        return if wrong.is_empty() { Ok(None) } else { Err(Error::Invalid(wrong)) };
    };
    let follows = first.row.name.as_deref() == Some(client_name(&before.name).as_str());
    let wish = client::Change {
        name: change.name.clone().filter(|_| follows),
        redirect_uris: change.redirect_uris.clone(),
        grants: change.grants.clone(),
    };
    if wish.name.is_none() && wish.redirect_uris.is_none() && wish.grants.is_none() {
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
        picture: or(&change.picture, &before.picture),
        kept: change.kept.clone().unwrap_or_else(|| before.kept.clone()),
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
    // Of what is large it is told that it changed.
    let large = [("picture", before.picture != after.picture), ("kept", before.kept != after.kept)];
    let differ = sides.into_iter().filter(|(_, before, after)| before != after);
    let told = differ.map(|(field, before, after)| (field.to_owned(), json!({"before": before, "after": after})));
    let large = large.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| (field.to_owned(), json!({})));
    Value::Object(told.chain(large).collect::<Map<_, _>>())
}
