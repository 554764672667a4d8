//! May this caller manage this client? (RFC 7592 §2, R20)

use std::sync::Arc;

use entity::application::{self, Source};
use entity::client::{self, ClientState};
use entity::id::InitialAccessTokenId;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, sea_query::Expr};
use serde_json::json;

use super::admission::{Caller, Rights, delegate};
use super::credentials::REGISTRATION_TOKEN_PREFIX;
use super::information::ClientInformation;
use crate::app::App;
use crate::db::{Rows, Told};
use crate::oidc::client::record::{self, Client};
use crate::oidc::event::{Kind, event};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};
use crate::secret::{Hash, Secret};

/// A client, and who manages it.
#[derive(Debug)]
pub(super) struct Managed {
    /// As the database has it now.
    pub(super) client: Arc<Client>,
    pub(super) by: Authority,
}

/// What lets a caller manage a client.
#[derive(Debug)]
pub(super) enum Authority {
    /// The client, with this registration access token.
    Itself(Secret),
    /// A client with the scope `dcr_admin`; this is its identifier.
    Admin(String),
    /// Whoever holds the ticket that the client was registered with through the bridge.
    Ticket(InitialAccessTokenId),
}

impl Managed {
    /// As it stands in the audit log.
    pub(super) fn actor(&self) -> String {
        match &self.by {
            Authority::Itself(_) => format!("client:{}", self.client.client_id()),
            Authority::Admin(client_id) => format!("client:{client_id}"),
            Authority::Ticket(id) => format!("initial_access_token:{id}"),
        }
    }

    /// The registration access token that was shown.
    pub(super) fn token(&self) -> Option<&Secret> {
        match &self.by {
            Authority::Itself(token) => Some(token),
            Authority::Admin(_) | Authority::Ticket(_) => None,
        }
    }

    /// An entry of the audit log about this client.
    pub(super) fn event(&self, app: &App, tenant: &Tenant, caller: Caller<'_>, kind: Kind) -> Told {
        let target = format!("client:{}", self.client.client_id());
        let told = event(app, tenant.id, kind, &self.actor(), &target, json!({}));
        told.from(caller.from)
    }
}

/// Reads a registration (RFC 7592 §2.1). The answer repeats the token that was shown.
///
/// # Errors
/// As `authorise`.
pub async fn read(app: &App, tenant: &Tenant, caller: Caller<'_>, client_id: &str) -> Result<ClientInformation, Error> {
    let managed = authorise(app, tenant, caller, client_id).await?;
    Ok(ClientInformation::of(app, tenant, &managed.client, managed.token().cloned()))
}

/// Finds the client and checks that the caller may manage it: with its own registration access token, or with an access
/// token that has the scope `dcr_admin`, which reaches every client that registered itself. The scope `dcr` registers
/// only.
///
/// The first use of a new registration access token ends the one before (R19).
///
/// # Errors
/// `invalid_token`, the same for a client that does not exist and for a token that is not its own (s.M1, s.M3): the
/// tokens of both stay alive (R20). A client that an admin took out of service cannot manage itself (s.M10).
/// `insufficient_scope` for an access token without `dcr_admin`; 429 after too many wrong tokens.
pub(super) async fn authorise(
    app: &App,
    tenant: &Tenant,
    caller: Caller<'_>,
    client_id: &str,
) -> Result<Managed, Error> {
    let Some(token) = caller.token else {
        return Err(Error::new(Code::InvalidToken, "a registration access token is needed"));
    };
    app.limiter.may_show_credentials(caller.from)?;
    let managed = if token.expose().starts_with(REGISTRATION_TOKEN_PREFIX) {
        by_itself(app, tenant, caller, token, client_id).await
    } else {
        by_admin(app, tenant, token, client_id).await
    };
    if managed.as_ref().is_err_and(|error| error.code == Code::InvalidToken) {
        app.limiter.wrong_credentials(caller.from);
    }
    managed
}

/// The one answer to a wrong token and to an unknown client.
pub(super) fn not_yours() -> Error {
    Error::new(Code::InvalidToken, "the token is not one that manages this client, or there is no such client")
}

async fn by_itself(
    app: &App,
    tenant: &Tenant,
    caller: Caller<'_>,
    token: &Secret,
    client_id: &str,
) -> Result<Managed, Error> {
    if !record::is_client_id(client_id) {
        return Err(not_yours());
    }
    let shown = token.hash();
    let client = record::load(app, tenant, client_id).await?;
    let Some(client) = client.filter(|client| is_token_of(&shown, &client.row)) else {
        let target = format!("client:{client_id}");
        let told = event(app, tenant.id, Kind::RegistrationTokenMisused, "unknown", &target, json!({}));
        app.db.insert(Rows { events: vec![told.from(caller.from)], ..Rows::default() }).await?;
        return Err(not_yours());
    };
    let is_newest = client.row.registration_token_hash.as_deref() == Some(shown.as_str());
    if is_newest && client.row.registration_token_previous_hash.is_some() {
        end_previous(app, &client, &shown).await?;
    }
    Ok(Managed { client, by: Authority::Itself(token.clone()) })
}

/// Whether a token is the newest of a client in service, or the one before. Both are always compared.
fn is_token_of(shown: &Hash, row: &client::Model) -> bool {
    let newest = row.registration_token_hash.as_deref().is_some_and(|known| shown.matches(known));
    let previous = row.registration_token_previous_hash.as_deref().is_some_and(|known| shown.matches(known));
    (newest | previous) && row.state == ClientState::Active
}

/// The client has its new token: the one before has done its duty (s.M18). Nothing happens if the token that was shown
/// has a successor by now.
async fn end_previous(app: &App, client: &Client, shown: &Hash) -> Result<(), Error> {
    let update = client::Entity::update_many()
        .col_expr(client::Column::RegistrationTokenPreviousHash, Expr::value(Option::<String>::None))
        .filter(client::Column::Id.eq(client.row.id))
        .filter(client::Column::RegistrationTokenHash.eq(shown.as_str()));
    app.db.execute(update.build(app.db.backend())).await?;
    Ok(())
}

async fn by_admin(app: &App, tenant: &Tenant, token: &Secret, client_id: &str) -> Result<Managed, Error> {
    let delegate = delegate(app, tenant, token).await?.ok_or_else(not_yours)?;
    if delegate.rights != Rights::Manage {
        return Err(Error::new(Code::InsufficientScope, "the access token needs the scope dcr_admin"));
    }
    if !record::is_client_id(client_id) {
        return Err(not_yours());
    }
    let client = record::load(app, tenant, client_id).await?.ok_or_else(not_yours)?;
    // Clients that an admin or a developer made are not for machines to change.
    let Some(application_id) = client.row.application_id else { return Err(not_yours()) };
    let application = application::Entity::find_by_id(application_id).one(app.db.pool()).await?;
    let registered_itself = |source| matches!(source, Source::Open | Source::Iat | Source::Delegate);
    if !application.is_some_and(|application| registered_itself(application.source)) {
        return Err(not_yours());
    }
    Ok(Managed { client, by: Authority::Admin(delegate.client.client_id().to_owned()) })
}
