//! What does a person's password buy? (RFC 6749 §4.3, portal.md D-20)
//!
//! The grant is off unless the tenant's admins switch it on, and only for applications of our own: whoever else asks
//! people for their password here is to be mistrusted (RFC 9700 §2.4).

use std::net::{IpAddr, Ipv4Addr};

use entity::user;
use entity::word::Words;
use serde_json::{Map, json};

use super::claims::Authentication;
use super::family::{Beginning, Detail, Refresh};
use super::issue::{Person, issue};
use super::may_issue::{Asked, Flow, may_issue};
use super::refresh_token::RefreshToken;
use super::{Issued, TokenRequest, provision};
use crate::app::App;
use crate::db::{Rows, Told};
use crate::oidc::authorization::code::AuthorizationCode;
use crate::oidc::client::GrantType;
use crate::oidc::client::authenticate::Authenticated;
use crate::oidc::event::{Kind, event};
use crate::oidc::service::Target;
use crate::oidc::session::sign_in::{Attempt, NotSignedIn, prove};
use crate::oidc::session::{ACR_PASSWORD, Arrival, PASSWORD};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error, service};

/// Who vouches for the person of a request.
enum Voucher {
    /// The person, by a password that we check.
    Password,
    /// Whoever holds the provision key of a service (K61).
    ProvisionKey,
}

impl Voucher {
    fn of(request: &TokenRequest) -> Self {
        if request.provision_key.is_some() { Self::ProvisionKey } else { Self::Password }
    }
}

/// Whether this request for the grant is looked at: with a password only where the tenant's admins switched it on (s.K5);
/// a provision key is for its service to judge.
pub fn is_offered(tenant: &Tenant, request: &TokenRequest) -> bool {
    match Voucher::of(request) {
        Voucher::Password => tenant.settings.grants.password,
        Voucher::ProvisionKey => true,
    }
}

/// Issues tokens for the person whose password the client sends, or for whom the holder of a provision key vouches.
///
/// # Errors
/// `unauthorized_client` for a client that is
/// not the tenant's own, `invalid_grant` in one text for an unknown account and a wrong password (s.L10), 429 after too
/// many attempts on the account or from the address, as at the login page; `invalid_scope` and `invalid_target`.
pub async fn answer(
    app: &App,
    tenant: &Tenant,
    client: &Authenticated,
    request: &TokenRequest,
) -> Result<Issued, Error> {
    match Voucher::of(request) {
        Voucher::Password => by_password(app, tenant, client, request).await,
        Voucher::ProvisionKey => provision::answer(app, tenant, client, request, Flow::Password).await,
    }
}

async fn by_password(
    app: &App,
    tenant: &Tenant,
    client: &Authenticated,
    request: &TokenRequest,
) -> Result<Issued, Error> {
    if !client.client.is_first_party() {
        let description = "only an application that the operator of this server trusts may ask for passwords";
        return Err(Error::new(Code::UnauthorizedClient, description));
    }
    // What can be refused without the password is refused before: it would tell nothing, but cost an attempt.
    let target = target(app, tenant, client, request).await?;
    let person = person(app, tenant, request).await?;
    let refresh = if client.client.may_refresh() { Refresh::Yes } else { Refresh::No };
    let authentication = Authentication {
        auth_time: app.clock.now(),
        acr: Some(ACR_PASSWORD.to_owned()),
        amr: vec![PASSWORD.to_owned()],
        nonce: None,
    };
    let beginning = Beginning {
        id: AuthorizationCode::new_identity(),
        user_id: person.id,
        session_id: None,
        scopes: target.scopes.clone(),
        resources: resources(&target, request),
        detail: Detail {
            flow: Some(Flow::Password),
            authentication: authentication.clone(),
            audience: Some(target.audience.clone()),
            ..Detail::default()
        },
        refresh,
        life: target.life,
    };
    let family_id = beginning.id;
    let rows = Rows {
        token_families: vec![beginning.row(app, &client.client)?],
        events: vec![told(app, client, request, &person)],
        ..Rows::default()
    };
    app.db.insert(rows).await?;
    let behind = Person {
        user_id: person.id,
        family_id,
        generation: 0,
        session_id: None,
        authentication: &authentication,
        claims: &Map::new(),
    };
    let issued = issue(app, tenant, &client.client, &target, Some(behind)).await?;
    let refresh_token = (refresh == Refresh::Yes).then(|| RefreshToken::first(family_id).seal(app, tenant));
    Ok(Issued { refresh_token, ..issued })
}

async fn target(app: &App, tenant: &Tenant, client: &Authenticated, request: &TokenRequest) -> Result<Target, Error> {
    let services = service::all(app, tenant).await?;
    let asked = request.scopes();
    // Left out means what was registered (RFC 6749 §3.3).
    let scopes = asked.clone().unwrap_or_else(|| Words::new(client.client.metadata.scopes()));
    let target = service::resolve(tenant, &services, &request.resources, &scopes)?;
    let asked = Asked { services: &services, scopes: &asked.unwrap_or_default(), flows: &[Flow::Password] };
    may_issue(app, tenant, &client.client, asked, target).await
}

/// The resources that were named, in the spelling under which they are known: a refresh can have no others.
fn resources(target: &Target, request: &TokenRequest) -> Vec<String> {
    if request.resources.is_empty() { Vec::new() } else { target.audience.as_slice().to_vec() }
}

/// The person whose password it is, by the rules and limits of the login page (s.L5 to s.L13).
async fn person(app: &App, tenant: &Tenant, request: &TokenRequest) -> Result<user::Model, Error> {
    let missing = |name: &str| Error::new(Code::InvalidRequest, format!("{name} is missing"));
    let attempt = Attempt {
        email: request.username.as_deref().ok_or_else(|| missing("username"))?,
        password: request.password.as_ref().ok_or_else(|| missing("password"))?,
        arrival: arrival(request),
        known_browser: None,
        previous: None,
    };
    match prove(app, tenant, &attempt).await {
        Ok(proven) => Ok(proven.user),
        Err(NotSignedIn::Refused) => {
            Err(Error::new(Code::InvalidGrant, "there is no such account, or its password is another"))
        }
        Err(NotSignedIn::Throttled { wait_seconds }) => Err(Error::too_many_requests(wait_seconds)),
        Err(NotSignedIn::Failed(error)) => Err(error),
    }
}

fn arrival(request: &TokenRequest) -> Arrival<'static> {
    Arrival { address: request.from.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)), agent: None }
}

fn told(app: &App, client: &Authenticated, request: &TokenRequest, person: &user::Model) -> Told {
    let target = format!("client:{}", client.client.client_id());
    let data = json!({"grant": GrantType::Password});
    let row = event(app, person.tenant_id, Kind::SignedIn, &format!("user:{}", person.id), &target, data);
    row.from(arrival(request).address)
}
