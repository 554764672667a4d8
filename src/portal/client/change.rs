//! How does a client of an application change? The result is judged like any registration.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::add::{Grants, client_name};
use super::complaints::only_wrong;
use super::{Which, check_rights, forget, reached, refused, target};
use crate::app::App;
use crate::oidc::client::SecretNeed;
use crate::oidc::client::record::Client;
use crate::oidc::event::{Kind, event};
use crate::oidc::registration::change as stored;
use crate::oidc::registration::credentials::new_secret;
use crate::oidc::registration::judge::judge_patch;
use crate::oidc::tenant::Tenant;
use crate::portal::membership::Reach;
use crate::portal::{Actor, Conflict, Error, Rule, Wrong};

/// What is to change; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Name shown to people.
    pub name: Option<String>,
    /// Where authorization answers may go.
    pub redirect_uris: Option<Vec<String>>,
    /// How it may ask for tokens.
    pub grants: Option<Grants>,
}

/// Changes a client.
///
/// # Errors
/// `Invalid` as registration judges; `Conflict(Changed)` when another change came first; `NotFound`, `NotAllowed`.
pub async fn change(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    which: Which<'_>,
    wanted: Change,
) -> Result<Arc<Client>, Error> {
    change_version(app, tenant, actor, which, None, wanted).await
}

/// As [`change`], if the metadata of the client has the version the caller saw; `None`: whichever is there.
///
/// # Errors
/// As [`change`]; `Conflict(Changed)` for another version.
pub async fn change_version(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    which: Which<'_>,
    expected: Option<i64>,
    change: Change,
) -> Result<Arc<Client>, Error> {
    let client = reached(app, tenant, actor, which, Reach::Change).await?;
    if expected.is_some_and(|expected| expected != client.row.metadata_version) {
        return Err(Error::Conflict(Conflict::Changed));
    }
    let prepared = prepare(app, tenant, actor, &client, &change).await?;
    let stored = app
        .db
        .transaction(move |transaction| {
            let prepared = prepared.clone();
            Box::pin(async move { Ok::<_, Error>(prepared.store_in(transaction).await?) })
        })
        .await;
    forget(app, &client.row);
    stored?;
    let id = client.row.id.to_string();
    super::find(app, tenant, actor, Which { client: &id, ..which }).await
}

/// All that is wrong with a change, for those who tell it together with what else is wrong.
///
/// # Errors
/// `NotFound`, `NotAllowed`; when the database cannot be asked.
pub async fn complaints(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    which: Which<'_>,
    change: &Change,
) -> Result<Vec<Wrong>, Error> {
    let client = reached(app, tenant, actor, which, Reach::Change).await?;
    prepare(app, tenant, actor, &client, change).await.map_or_else(only_wrong, |_| Ok(Vec::new()))
}

/// The change as registration judges it, ready to be stored.
///
/// # Errors
/// `Invalid` with every wrong field; `NotAllowed`.
pub(in crate::portal) async fn prepare(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    client: &Client,
    change: &Change,
) -> Result<stored::Change, Error> {
    // Who says where answers go gets the tokens of whoever signs in there.
    check_rights(app, actor, &client.row).await?;
    let judged = judge_patch(app, tenant, client, &patch(client, change)?, client.policy.clone()).await;
    let metadata = judged.map_err(refused)?;
    let secrets = match metadata.secret_need() {
        SecretNeed::Issue if client.secrets.is_empty() => {
            stored::Secrets::Replace(new_secret(app, tenant.id, client.row.id).1)
        }
        SecretNeed::Withhold if !client.secrets.is_empty() => stored::Secrets::Withdraw,
        _ => stored::Secrets::Keep,
    };
    let told = event(app, tenant.id, Kind::ClientUpdated, actor.label(), &target(&client.row), json!({}));
    Ok(stored::Change::by_others(&client.row, &metadata, secrets, told, app.clock.now())?)
}

fn patch(client: &Client, change: &Change) -> Result<Map<String, Value>, Error> {
    let mut patch = Map::new();
    if let Some(name) = &change.name {
        if name.trim().is_empty() {
            return Err(Error::invalid("name", Rule::Required, "must be there"));
        }
        patch.insert("client_name".to_owned(), client_name(name).into());
    }
    let redirects = change.redirect_uris.as_deref().unwrap_or(client.metadata.redirect_uris());
    if change.redirect_uris.is_some() {
        patch.insert("redirect_uris".to_owned(), redirects.into());
    }
    if let Some(grants) = &change.grants {
        let grants = grants.of(client.metadata.application_type(), redirects)?;
        patch.insert("grant_types".to_owned(), grants.iter().map(|grant| grant.as_str()).collect());
        // They follow from the grants.
        patch.insert("response_types".to_owned(), Value::Null);
    }
    Ok(patch)
}
