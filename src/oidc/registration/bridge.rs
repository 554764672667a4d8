//! How do clients come here over the bridge of another portal? That portal shows a ticket for every step (portal.md N28).
//!
//! The ticket is an initial access token: what it allows, how often and until when holds here as at the registration
//! endpoint. A client that came over the bridge gets no registration access token: the portal looks after it, with the
//! very ticket it was registered with, also when that is used up.

use entity::application::{self, Source};
use entity::id::{ApplicationId, InitialAccessTokenId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Map, Value, json};

use super::admission::{Caller, Way, admit};
use super::credentials::INITIAL_TOKEN_PREFIX;
use super::draft::{WORDS, refusal, violation};
use super::information::ClientInformation;
use super::initial_access_token::find_living;
use super::manage::{Authority, Managed};
use super::register::{count, judged, prepare, store_for_ticket};
use super::template::followed;
use super::{delete, renew};
use crate::app::App;
use crate::db::Told;
use crate::oidc::client::record;
use crate::oidc::client::{AuthMethod, SecretNeed};
use crate::oidc::event::{Kind, event as tell};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};

/// Methods that other servers have and that need nothing but a secret: a portal shows people the secret, however it is
/// used, so they become HTTP Basic (RFC 7591 §2 lets the server choose).
const BY_SECRET: [&str; 1] = ["client_secret_jwt"];

/// What another portal wants registered.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The members of RFC 7591 §2.
    pub members: Map<String, Value>,
    /// What the application does.
    pub description: Option<String>,
    /// What that portal calls whom and what: kept in the audit log with the registration.
    pub names: Map<String, Value>,
}

/// A client that came over the bridge, and the ticket that looks after it.
#[derive(Debug)]
pub struct Bridged {
    managed: Managed,
    ticket: InitialAccessTokenId,
}

impl Bridged {
    /// Its application.
    pub fn application(&self) -> Option<ApplicationId> {
        self.managed.client.row.application_id
    }

    /// Who looks after it, as the audit log writes it.
    pub fn actor(&self) -> String {
        format!("initial_access_token:{}", self.ticket)
    }

    /// An entry of the audit log about it.
    pub fn event(&self, app: &App, tenant: &Tenant, caller: Caller<'_>, kind: Kind, data: Value) -> Told {
        let target = format!("client:{}", self.managed.client.client_id());
        tell(app, tenant.id, kind, &self.actor(), &target, data).from(caller.from)
    }
}

/// Registers a client that has a secret.
///
/// # Errors
/// As [`super::register::register`]; `invalid_token` for a caller without a ticket, and for a ticket of another kind;
/// `invalid_client_metadata` for a client without a secret.
pub async fn register(app: &App, tenant: &Tenant, caller: Caller<'_>, wish: Wish) -> Result<ClientInformation, Error> {
    let outcome = registered(app, tenant, caller, wish).await;
    count(app, "bridge", &outcome);
    outcome
}

async fn registered(
    app: &App,
    tenant: &Tenant,
    caller: Caller<'_>,
    mut wish: Wish,
) -> Result<ClientInformation, Error> {
    shown(caller)?;
    let admission = admit(app, tenant, caller).await?;
    let Way::Ticket(ticket) = &admission.way else { return Err(unknown_key()) };
    let ticket_id = ticket.id;
    let method = wish.members.get("token_endpoint_auth_method").and_then(Value::as_str);
    if method.is_none_or(|method| BY_SECRET.contains(&method)) {
        wish.members.insert("token_endpoint_auth_method".into(), AuthMethod::ClientSecretBasic.as_str().into());
    }
    let template = followed(app, tenant, &admission, &wish.members).await?;
    let metadata = judged(app, tenant, &admission, &wish.members, template.as_deref()).await?;
    if metadata.secret_need() == SecretNeed::Withhold {
        let complaint = "must be a method with a secret: the portal hands it out".to_owned();
        let wrong = violation("token_endpoint_auth_method", WORDS, complaint);
        return Err(refusal(vec![wrong]).unwrap_or_else(unknown_key));
    }
    let (mut rows, mut information) = prepare(app, tenant, &admission, caller, metadata, template.as_deref())?;
    for application in &mut rows.applications {
        application.source = Source::Bridge;
        application.description.clone_from(&wish.description);
    }
    for client in &mut rows.clients {
        client.registration_token_hash = None;
    }
    let told = json!({
        "way": "bridge", "profile": admission.profile.name, "client_name": information.metadata.name(&[]),
        "names": wish.names,
    });
    let target = format!("client:{}", information.client_id.as_deref().unwrap_or_default());
    let told = tell(app, tenant.id, Kind::ClientRegistered, &admission.way.actor(), &target, told);
    rows.events = vec![told.from(caller.from)];
    information.registration_access_token = None;
    information.registration_client_uri = None;
    store_for_ticket(app, rows, ticket_id).await?;
    Ok(information)
}

/// The client, if it came over the bridge with the ticket this caller shows.
///
/// # Errors
/// `invalid_token` for a ticket that is unknown, ended or revoked, and without one; 429 after too many wrong ones;
/// `not_found` for a client that is unknown, gone, or came in another way or with another ticket; when the database cannot
/// be asked.
pub async fn find(app: &App, tenant: &Tenant, caller: Caller<'_>, client_id: &str) -> Result<Bridged, Error> {
    let token = shown(caller)?;
    app.limiter.may_show_credentials(caller.from)?;
    let ticket = match token.expose().starts_with(INITIAL_TOKEN_PREFIX) {
        true => find_living(app, tenant, token).await?,
        false => None,
    };
    let Some(ticket) = ticket else {
        app.limiter.wrong_credentials(caller.from);
        return Err(unknown_key());
    };
    let unknown = || Error::new(Code::NotFound, "there is no such client, or it was not registered with this key");
    if !record::is_client_id(client_id) {
        return Err(unknown());
    }
    let client = record::load(app, tenant, client_id).await?.ok_or_else(unknown)?;
    if client.row.initial_access_token_id != Some(ticket.id) || !is_bridged(app, client.row.application_id).await? {
        return Err(unknown());
    }
    Ok(Bridged { managed: Managed { client, by: Authority::Ticket(ticket.id) }, ticket: ticket.id })
}

async fn is_bridged(app: &App, application: Option<ApplicationId>) -> Result<bool, Error> {
    let Some(id) = application else { return Ok(false) };
    let bridged = application::Entity::find_by_id(id).filter(application::Column::Source.eq(Source::Bridge));
    Ok(bridged.one(app.db.pool()).await?.is_some())
}

/// Deletes a client with all it could do.
///
/// # Errors
/// As [`find`]; `not_found` for the second of two deletions at once.
pub async fn delete(app: &App, tenant: &Tenant, caller: Caller<'_>, client_id: &str) -> Result<(), Error> {
    let found = find(app, tenant, caller, client_id).await?;
    let gone = || Error::new(Code::NotFound, "there is no such client any more");
    if delete::ended(app, tenant, caller, &found.managed).await? { Ok(()) } else { Err(gone()) }
}

/// Gives a client a fresh secret: the old one is refused from now on.
///
/// # Errors
/// As [`find`]; `conflict` if another change came first.
pub async fn renew_secret(
    app: &App,
    tenant: &Tenant,
    caller: Caller<'_>,
    client_id: &str,
) -> Result<ClientInformation, Error> {
    let found = find(app, tenant, caller, client_id).await?;
    renew::renewed(app, tenant, caller, &found.managed).await
}

fn shown<'c>(caller: Caller<'c>) -> Result<&'c crate::secret::Secret, Error> {
    caller
        .token
        .ok_or_else(|| Error::new(Code::InvalidToken, "a key is needed: an initial access token of this server"))
}

fn unknown_key() -> Error {
    Error::new(Code::InvalidToken, "the key is no initial access token of this server, or it expired or was revoked")
}
