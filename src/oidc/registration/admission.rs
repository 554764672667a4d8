//! Who may register here, and under which rules? (RFC 7591 §3, registration.md §4, D-10)

use std::net::IpAddr;
use std::sync::Arc;

use entity::application::Source;
use entity::initial_access_token;

use super::credentials::{INITIAL_TOKEN_PREFIX, REGISTRATION_TOKEN_PREFIX};
use super::initial_access_token as tickets;
use super::policy::Policy;
use super::profile::{OpenClients, Profile};
use crate::app::App;
use crate::limit::Rate;
use crate::oidc::client::record::Client;
use crate::oidc::scope::REGISTRATION_SCOPES;
use crate::oidc::tenant::Tenant;
use crate::oidc::token::access;
use crate::oidc::{Code, Error, endpoint};
use crate::secret::Secret;

/// Who calls, as far as the request says.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// The bearer token. A request without one is anonymous; one with a wrong token never is (s.R47).
    pub token: Option<&'a Secret>,
    /// Where the request came from.
    pub from: IpAddr,
}

/// What lets a caller in.
#[derive(Debug)]
pub(super) enum Way {
    /// The tenant is open to everybody.
    Open,
    /// An initial access token, as it was a moment ago.
    Ticket(Box<initial_access_token::Model>),
    /// An access token of a client that an admin lets register others.
    Delegate(Arc<Client>),
}

impl Way {
    /// As it stands in rows.
    pub(super) fn source(&self) -> Source {
        match self {
            Self::Open => Source::Open,
            Self::Ticket(_) => Source::Iat,
            Self::Delegate(_) => Source::Delegate,
        }
    }

    /// As it is counted.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ticket(_) => "initial_access_token",
            Self::Delegate(_) => "delegate",
        }
    }

    /// As it stands in the audit log.
    pub(super) fn actor(&self) -> String {
        match self {
            Self::Open => "anonymous".to_owned(),
            Self::Ticket(ticket) => format!("initial_access_token:{}", ticket.id),
            Self::Delegate(client) => format!("client:{}", client.client_id()),
        }
    }
}

/// A caller that may register, and what binds it.
#[derive(Debug)]
pub(super) struct Admission {
    pub(super) way: Way,
    pub(super) profile: &'static Profile,
    pub(super) policy: Policy,
}

impl Admission {
    /// By this way, bound by this policy within what the tenant's admins let register itself (G50).
    fn new(tenant: &Tenant, way: Way, profile: &'static Profile, policy: Policy) -> Self {
        Self { way, profile, policy: policy.with_scopes_of(&tenant.settings.registration) }
    }

    /// Whether the client gets a registration access token (D-12, E4).
    pub(super) fn gives_management(&self, tenant: &Tenant) -> bool {
        match self.way {
            Way::Open => {
                let chosen = tenant.settings.registration.open_management;
                chosen.unwrap_or(self.profile.open_clients == OpenClients::ManageThemselves)
            }
            Way::Ticket(_) | Way::Delegate(_) => true,
        }
    }
}

/// Lets a caller in, and counts the attempt whatever becomes of it (s.R59).
///
/// # Errors
/// 429 after too many attempts or too many wrong tokens; `registration_forbidden` where the way this caller takes is
/// switched off; `invalid_token` without a token where one is needed, and for one that is unknown, used up, ended,
/// revoked or of another kind; `insufficient_scope` for an access token that may not register.
pub(super) async fn admit(app: &App, tenant: &Tenant, caller: Caller<'_>) -> Result<Admission, Error> {
    let settings = &tenant.settings.registration;
    let Some(token) = caller.token else {
        app.limiter.registration(caller.from, None)?;
        return match (settings.open, settings.with_token) {
            (true, _) => {
                if let Some(per_second) = settings.rate(app) {
                    app.limiter.registration_of(&tenant.id, per_second)?;
                }
                Ok(Admission::new(tenant, Way::Open, profile_of(app, tenant), Policy::default()))
            }
            (false, true) => Err(Error::new(Code::InvalidToken, "registration needs an initial access token")),
            (false, false) => Err(forbidden("Dynamic client registration is disabled")),
        };
    };
    app.limiter.may_show_credentials(caller.from)?;
    app.limiter.registration(caller.from, Some(token.hash().as_str()))?;
    match (settings.open, settings.with_token) {
        (_, true) => {}
        (true, false) => return Err(forbidden("Registration takes no token here: send no Authorization header")),
        (false, false) => return Err(forbidden("Dynamic client registration is disabled")),
    }
    let admitted = with_token(app, tenant, token).await;
    if admitted.as_ref().is_err_and(|error| error.code == Code::InvalidToken) {
        app.limiter.wrong_credentials(caller.from);
    }
    admitted
}

/// How many more may register here without a token, as this caller does (portal.md A35); `None`: it shows one, or there
/// is no limit.
pub fn rate(app: &App, tenant: &Tenant, caller: Caller<'_>) -> Option<Rate> {
    let settings = &tenant.settings.registration;
    let per_second = settings.rate(app).filter(|_| settings.open && caller.token.is_none())?;
    Some(app.limiter.registrations_left(&tenant.id, per_second))
}

async fn with_token(app: &App, tenant: &Tenant, token: &Secret) -> Result<Admission, Error> {
    if token.expose().starts_with(INITIAL_TOKEN_PREFIX) {
        let ticket = tickets::find_usable(app, tenant, token).await?.ok_or_else(wrong_token)?;
        let profile = match &ticket.profile {
            Some(name) => known_profile(name)?,
            None => profile_of(app, tenant),
        };
        let policy = serde_json::from_value(ticket.policy.clone()).map_err(Error::internal)?;
        return Ok(Admission::new(tenant, Way::Ticket(Box::new(ticket)), profile, policy));
    }
    let delegate = delegate(app, tenant, token).await?.ok_or_else(wrong_token)?;
    if delegate.rights == Rights::None {
        return Err(Error::new(Code::InsufficientScope, "the access token needs the scope dcr or dcr_admin"));
    }
    Ok(Admission::new(tenant, Way::Delegate(delegate.client), profile_of(app, tenant), Policy::default()))
}

fn wrong_token() -> Error {
    Error::new(Code::InvalidToken, "the token is unknown, used up, expired or revoked, or of another kind")
}

fn forbidden(why: &'static str) -> Error {
    Error::new(Code::RegistrationForbidden, why)
}

fn known_profile(name: &str) -> Result<&'static Profile, Error> {
    let unknown = || Error::internal(std::io::Error::other(format!("unknown registration profile {name}")));
    Profile::named(name).ok_or_else(unknown)
}

/// The profile of new clients of a tenant.
pub(super) fn profile_of(app: &App, tenant: &Tenant) -> &'static Profile {
    tenant.settings.profile(app)
}

/// What an access token may do with registrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rights {
    /// Nothing: it was meant for the registration endpoint but has neither scope.
    None,
    /// Register clients: `dcr`.
    Register,
    /// Register clients and manage every client that registered itself: `dcr_admin`.
    Manage,
}

/// A client that registers or manages others.
#[derive(Debug)]
pub(super) struct Delegate {
    pub(super) client: Arc<Client>,
    pub(super) rights: Rights,
}

/// The client behind an access token that was issued for this tenant's registration endpoint to a client alone; a token
/// for anything else, or of a person, is none (s.R55).
///
/// # Errors
/// When the database cannot be asked.
pub(super) async fn delegate(app: &App, tenant: &Tenant, token: &Secret) -> Result<Option<Delegate>, Error> {
    if token.expose().starts_with(REGISTRATION_TOKEN_PREFIX) || token.expose().starts_with(INITIAL_TOKEN_PREFIX) {
        return Ok(None);
    }
    let Some(found) = access::find(app, tenant, token.expose()).await? else { return Ok(None) };
    if found.user.is_some() || !found.audience.contains(&tenant.url(endpoint::REGISTRATION)) {
        return Ok(None);
    }
    let [register, manage] = REGISTRATION_SCOPES;
    let has = |scope| found.scopes.contains(scope) && found.client.row.rights.contains(scope);
    let rights = match (has(manage), has(register)) {
        (true, _) => Rights::Manage,
        (false, true) => Rights::Register,
        (false, false) => Rights::None,
    };
    Ok(Some(Delegate { client: found.client, rights }))
}
