//! The clients of an application and their secrets (K32), in words. A new secret is on the answer to the form, and nowhere
//! else.

use entity::id::ClientSecretId;
use http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use uuid::Uuid;

use super::application::{after, find};
use super::refusal::not_found;
use super::visit::{Early, Guest};
use crate::oidc::client::SecretNeed;
use crate::oidc::client::record::Client;
use crate::portal::application::Application;
use crate::portal::client::{self, SecretInfo, Which, secret};
use crate::portal::membership::Reach;
use crate::secret::Secret;
use crate::web::form::field;
use crate::web::page::portal::application::{ClientCard, NewSecretPage, SecretOf, SecretRow};
use crate::web::page::portal::{Done, PlaceKind};
use crate::web::routes;
use crate::web::shown::Shown;
use crate::web::visitor::Visitor;

/// A client as its application's page shows it: the `at`-th of `count`.
pub(super) fn card(visitor: &Visitor, found: &Application, client: &Client, at: usize, count: usize) -> ClientCard {
    let (changes, of) = (found.reach >= Reach::Change, found.row.id);
    let key = client.row.id;
    let has_secrets = client.metadata.secret_need() == SecretNeed::Issue;
    let several = client.secrets.len() > 1;
    let row = |info: SecretInfo| SecretRow {
        name: Shown::name(info.name.as_deref().unwrap_or_default()),
        hint: Shown::text(&info.hint),
        created_at: info.created_at,
        expires_at: info.expires_at,
        // The only secret cannot be removed, only exchanged.
        remove: (changes && several).then(|| visitor.path(&routes::delete_secret(of, key, info.id))),
    };
    ClientCard {
        number: at + 1,
        name: Shown::name(client.row.name.as_deref().unwrap_or(&found.row.name)),
        client_id: Shown::text(client.client_id()),
        redirect_uris: client.metadata.redirect_uris().iter().map(|uri| Shown::text(uri)).collect(),
        grants: client.metadata.grant_types().iter().map(|grant| Shown::text(grant.as_str())).collect(),
        method: Shown::text(client.metadata.auth_method().as_str()),
        secrets: client.secrets.iter().map(SecretInfo::from).map(row).collect(),
        add_secret: (changes && has_secrets).then(|| visitor.path(&routes::secrets(of, key))),
        renew: (changes && has_secrets && !several).then(|| visitor.path(&routes::renew_secret(of, key))),
        remove: (changes && count > 1).then(|| visitor.path(&routes::delete_client(of, key))),
    }
}

fn once(guest: &Guest<'_>, found: &Application, of: SecretOf, client_id: &str, value: &Secret) -> Response {
    let page = NewSecretPage {
        frame: guest.frame(PlaceKind::Applications, None),
        of,
        client_id: Some(Shown::text(client_id)),
        secret: value.expose().to_owned(),
        close: guest.visitor.path(&routes::application(found.row.id)),
    };
    guest.show(StatusCode::OK, page.render(&guest.layout()))
}

/// What a form names; nothing is none.
fn named(pairs: &crate::web::form::Pairs) -> Option<String> {
    field(pairs, "name").map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Adds a client.
#[handler]
pub async fn add(visitor: Visitor, Path(id): Path<String>) -> Response {
    added(&visitor, &id).await.unwrap_or_else(|early| *early)
}

async fn added(visitor: &Visitor, id: &str) -> Result<Response, Early> {
    let (guest, pairs) = Guest::enter_with_form(visitor).await?;
    let found = find(&guest, id).await?;
    let new = client::New { name: named(&pairs), ..client::New::default() };
    let made = client::add(&visitor.app, &visitor.tenant, &guest.actor, found.row.id, new).await;
    let told = made.map(|made| match made.secret {
        Some(value) => once(&guest, &found, SecretOf::NewClient, made.client.client_id(), &value),
        None => guest.go_and_tell(&routes::application(found.row.id), Done::ClientAdded),
    });
    after(&guest, &found, told).await
}

/// Removes a client.
#[handler]
pub async fn remove(visitor: Visitor, Path((id, client)): Path<(String, String)>) -> Response {
    removed(&visitor, &id, &client).await.unwrap_or_else(|early| *early)
}

async fn removed(visitor: &Visitor, id: &str, client: &str) -> Result<Response, Early> {
    let (guest, _) = Guest::enter_with_form(visitor).await?;
    let found = find(&guest, id).await?;
    let which = Which::of(found.row.id, client);
    let removed = client::remove(&visitor.app, &visitor.tenant, &guest.actor, which).await;
    let told = removed.map(|()| guest.go_and_tell(&routes::application(found.row.id), Done::ClientRemoved));
    after(&guest, &found, told).await
}

/// Adds a secret; the others stay good.
#[handler]
pub async fn add_secret(visitor: Visitor, Path((id, client)): Path<(String, String)>) -> Response {
    secret_added(&visitor, &id, &client).await.unwrap_or_else(|early| *early)
}

async fn secret_added(visitor: &Visitor, id: &str, client: &str) -> Result<Response, Early> {
    let (guest, pairs) = Guest::enter_with_form(visitor).await?;
    let found = find(&guest, id).await?;
    let (app, tenant, which) = (&visitor.app, &visitor.tenant, Which::of(found.row.id, client));
    let known = client::find(app, tenant, &guest.actor, which).await.map_err(|e| Box::new(guest.refuse(&e)))?;
    let made = secret::add(app, tenant, &guest.actor, which, named(&pairs)).await;
    let told = made.map(|made| once(&guest, &found, SecretOf::Client, known.client_id(), &made.value));
    after(&guest, &found, told).await
}

/// Exchanges the only secret.
#[handler]
pub async fn renew_secret(visitor: Visitor, Path((id, client)): Path<(String, String)>) -> Response {
    secret_renewed(&visitor, &id, &client).await.unwrap_or_else(|early| *early)
}

async fn secret_renewed(visitor: &Visitor, id: &str, client: &str) -> Result<Response, Early> {
    let (guest, _) = Guest::enter_with_form(visitor).await?;
    let found = find(&guest, id).await?;
    let (app, tenant, which) = (&visitor.app, &visitor.tenant, Which::of(found.row.id, client));
    let known = client::find(app, tenant, &guest.actor, which).await.map_err(|e| Box::new(guest.refuse(&e)))?;
    let made = secret::regenerate(app, tenant, &guest.actor, which).await;
    let told = made.map(|made| once(&guest, &found, SecretOf::Client, known.client_id(), &made.value));
    after(&guest, &found, told).await
}

/// Removes a secret.
#[handler]
pub async fn remove_secret(visitor: Visitor, Path((id, client, secret)): Path<(String, String, String)>) -> Response {
    secret_removed(&visitor, &id, &client, &secret).await.unwrap_or_else(|early| *early)
}

async fn secret_removed(visitor: &Visitor, id: &str, client: &str, secret: &str) -> Result<Response, Early> {
    let (guest, _) = Guest::enter_with_form(visitor).await?;
    let found = find(&guest, id).await?;
    let secret = Uuid::parse_str(secret).map(ClientSecretId).map_err(|_| Box::new(not_found(visitor)))?;
    let which = Which::of(found.row.id, client);
    let removed = client::secret::remove(&visitor.app, &visitor.tenant, &guest.actor, which, secret).await;
    let told = removed.map(|()| guest.go_and_tell(&routes::application(found.row.id), Done::SecretRemoved));
    after(&guest, &found, told).await
}
