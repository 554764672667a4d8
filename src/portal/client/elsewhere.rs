//! How does a client of an application come to live at a provider, and what is different about it then?

use std::collections::BTreeMap;

use entity::client;
use entity::id::ApplicationId;
use entity::provider::Place;
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::add::{Grants, Made};
use super::secret::{NewSecret, SecretInfo};
use super::{forget, target};
use crate::app::App;
use crate::db::Rows;
use crate::oidc::client::record::Client;
use crate::oidc::event::{Kind, event};
use crate::oidc::registration::Profile;
use crate::oidc::tenant::Tenant;
use crate::portal::provider::{self, Fixed, Registering, Remote, Wanted, is_elsewhere};
use crate::portal::{Actor, Error, Rule};

/// Registers a client that was judged at the tenant's default provider, if applications are registered there and it is
/// another server (portal.md G4, G5). The client stays as it is otherwise. Of what is said in `additional` the provider hears
/// what its claim mappings name (portal.md G37).
///
/// # Errors
/// `Provider`; `Invalid` for credentials that somebody chose: the provider gives them out.
pub(in crate::portal) async fn placed(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    grants: &Grants,
    additional: &BTreeMap<String, String>,
    made: Made,
) -> Result<Made, Error> {
    if !tenant.settings.registration.portal {
        return Ok(made);
    }
    let found = provider::default_of(app, tenant).await?;
    let Some(there) = found.filter(|provider| provider.place == Place::Elsewhere) else { return Ok(made) };
    if let Some(chosen) = made.chosen {
        let complaint = "cannot be chosen: the provider gives it out";
        return Err(Error::invalid(chosen, Rule::Contradiction, complaint));
    }
    let application = made.row.application_id.unwrap_or(ApplicationId(made.row.id.0));
    let judged = Client::new(made.row.clone(), Vec::new())?.metadata;
    let grants = if matches!(grants, Grants::Usual) { Fixed::Follows } else { Fixed::Chosen };
    let wanted = Wanted { metadata: &judged, grants, additional };
    let registering = Registering { application, client: made.row.id, wanted };
    let remote = provider::register(app, tenant, &there, registering).await?;
    let row = remote.row.clone();
    let data = json!({
        "way": "provider", "provider": there.id, "client_name": row.name, "application": application,
        "profile": Profile::PERMISSIVE.name,
    });
    let told = event(app, tenant.id, Kind::ClientRegistered, actor.label(), &target(&row), data);
    let rows = Rows {
        clients: vec![row.clone()],
        client_secrets: remote.secret_row.iter().cloned().collect(),
        events: vec![told],
        ..Rows::default()
    };
    let (secret_row, secret) = (remote.secret_row.clone(), remote.secret.clone());
    Ok(Made { row, secret_row, secret, rows, remote: Some(remote), chosen: None })
}

/// Notes, in the transaction that stores a client, that its provider need not be asked any more what became of it.
///
/// # Errors
/// As [`Remote::settle_in`].
pub(in crate::portal) async fn settle_in(
    transaction: &DatabaseTransaction,
    remote: Option<&Remote>,
) -> Result<(), Error> {
    match remote {
        Some(remote) => remote.settle_in(transaction).await,
        None => Ok(()),
    }
}

/// Has a client that could not be stored ended at its provider. If that cannot even be written down, a job finds it.
pub(in crate::portal) async fn give_up(app: &App, made: &Made) {
    let Some(remote) = made.remote.clone() else { return };
    if let Err(error) = remote.give_up(app).await {
        tracing::warn!(%error, "a client at a provider is left to the job that looks after it");
    }
}

/// Refuses to give a client secrets that its provider does not know, and to take those away that it gave.
///
/// # Errors
/// `Invalid` for a client that lives elsewhere.
pub(super) fn refuse(row: &client::Model) -> Result<(), Error> {
    if !is_elsewhere(row) {
        return Ok(());
    }
    let complaint = "is registered at a provider, which gives out its secret: renew it instead";
    Err(Error::invalid("", Rule::Contradiction, complaint))
}

/// Renews the secret of a client that lives elsewhere; `None` for any other.
///
/// # Errors
/// `Provider`; when the database cannot be asked.
pub(super) async fn renewed(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    client: &Client,
) -> Result<Option<NewSecret>, Error> {
    let Some(renewed) = provider::renew_secret(app, tenant, client).await? else { return Ok(None) };
    let told = event(app, tenant.id, Kind::ClientSecretRenewed, actor.label(), &target(&client.row), json!({}));
    let updated = renewed.updated.clone();
    let stored = app
        .db
        .transaction(move |transaction| {
            let (updated, told) = (updated.clone(), told.clone());
            Box::pin(async move {
                updated.settle_in(transaction).await?;
                Ok::<_, Error>(Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?)
            })
        })
        .await;
    forget(app, &client.row);
    stored?;
    // The provider may have answered with the secret it gave before.
    let known = renewed.updated.secret().or_else(|| client.secrets.last());
    let info = known.map(SecretInfo::from).ok_or(Error::NotFound)?;
    Ok(Some(NewSecret { info, value: renewed.secret }))
}
