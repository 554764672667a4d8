//! May this client have a token for this target? The one issuing rule: every grant asks it, and introspection asks it
//! again about the tokens there are (portal.md §8.5).

use entity::policy;
use entity::service::Access;
use entity::word::Words;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::client::ResponseType;
use crate::oidc::client::record::Client;
use crate::oidc::client::standing::{self, Barred, Contract, Standing};
use crate::oidc::endpoint;
use crate::oidc::registration::profile::{Profile, Remedy, Services};
use crate::oidc::scope::{MANAGEMENT_SCOPES, OidcScope, REGISTRATION_SCOPES};
use crate::oidc::service::{Service, Target};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};

/// By which flow a token comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// Somebody signed in and agreed, and the client exchanges a code.
    AuthorizationCode,
    /// Somebody signed in and agreed, and the token stands in the answer itself.
    Implicit,
    /// Somebody gave the client their password, or the holder of the provision key vouches for them.
    Password,
    /// A refresh token: what came about by a code or a password goes on.
    Refresh,
    /// The client speaks for itself.
    ClientCredentials,
}

impl Flow {
    /// The flows of a response type.
    pub fn of(response_type: ResponseType) -> &'static [Self] {
        match response_type {
            ResponseType::Code => &[Self::AuthorizationCode],
            ResponseType::IdToken | ResponseType::IdTokenToken | ResponseType::Token => &[Self::Implicit],
            ResponseType::CodeIdToken | ResponseType::CodeToken | ResponseType::CodeIdTokenToken => {
                &[Self::AuthorizationCode, Self::Implicit]
            }
        }
    }

    fn is_enabled(self, policy: &policy::Model) -> bool {
        match self {
            Self::AuthorizationCode => policy.enable_authorization_code,
            Self::Implicit => policy.enable_implicit_grant,
            Self::Password => policy.enable_password_grant,
            Self::Refresh => policy.enable_authorization_code || policy.enable_password_grant,
            Self::ClientCredentials => policy.enable_client_credentials,
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The services of the tenant.
    pub services: &'a [Service],
    /// The scopes the request names; empty if it names none.
    pub scopes: &'a Words,
    /// By which flows: a hybrid answer is two at once.
    pub flows: &'a [Flow],
}

impl Asked<'_> {
    /// Whether there is a person behind the token.
    fn has_person(&self) -> bool {
        !self.flows.contains(&Flow::ClientCredentials)
    }
}

/// Narrows `target` to what the client may have.
///
/// A service that refuses is left out as long as every scope that was asked for is left with another one.
///
/// # Errors
/// `unauthorized_client` for an application that is archived, has no approved contract, or whose service has this flow
/// off; `invalid_scope` when scopes were asked for and none is left, or when a service wants at least one.
pub async fn may_issue(
    app: &App,
    tenant: &Tenant,
    client: &Client,
    asked: Asked<'_>,
    target: Target,
) -> Result<Target, Error> {
    let standing = standing::of(app, client).await?;
    decide(tenant, client, &standing, asked, target, app.clock.now())
}

fn decide(
    tenant: &Tenant,
    client: &Client,
    standing: &Standing,
    asked: Asked<'_>,
    target: Target,
    now: Seconds,
) -> Result<Target, Error> {
    refuse_barred(standing)?;
    let meant = || asked.services.iter().filter(|service| target.audience.contains(&service.row.audience));
    let mut allowed: Vec<(&Service, Option<&Contract>)> = Vec::new();
    let mut refused: Vec<(&Service, Error)> = Vec::new();
    for service in meant() {
        match admit(standing, client.profile, service, &asked, now) {
            Ok(contract) => allowed.push((service, contract)),
            Err(error) => refused.push((service, error)),
        }
    }
    // A scope that two services know must be given by both: the token shows it to both.
    let is_allowed_elsewhere = |scope: &str| {
        let mut knowing = allowed.iter().filter(|(service, _)| service.knows(scope)).peekable();
        knowing.peek().is_some() && knowing.all(|(service, contract)| gives(service, *contract, scope))
    };
    for (service, error) in &refused {
        let lost = target.scopes.iter().any(|scope| service.knows(scope) && !is_allowed_elsewhere(scope));
        if lost || target.named.contains(&service.row.audience) || allowed.is_empty() {
            return Err(error.clone());
        }
    }
    let scopes = target.scopes.only(|scope| {
        let of_a_service = meant().any(|service| service.knows(scope));
        may_have(client, scope, asked.has_person() || of_a_service) && (!of_a_service || is_allowed_elsewhere(scope))
    });
    if scopes.is_empty() && !asked.scopes.is_empty() {
        return Err(Error::new(Code::InvalidScope, "none of the scopes asked for may be given to this client"));
    }
    let wants_scope = |service: &Service| {
        service.policy.as_ref().is_some_and(|policy| policy.mandatory_scope)
            && !scopes.iter().any(|scope| service.knows(scope))
    };
    if allowed.iter().any(|(service, _)| wants_scope(service)) {
        return Err(Error::new(Code::InvalidScope, "You must specify a scope"));
    }
    let audience = target.audience.only(|audience| {
        keeps_own(tenant, audience, &scopes) && !refused.iter().any(|(service, _)| service.row.audience == audience)
    });
    if audience.is_empty() {
        let why = "no right at the resource it asks for was granted to this client";
        return Err(Error::new(Code::UnauthorizedClient, why));
    }
    Ok(Target { scopes, audience, ..target })
}

/// Whether a token that is out already would still be issued: everything but the person's consent is looked at again
/// (portal.md I8). `profile` is that of its client.
pub fn still_holds(
    tenant: &Tenant,
    standing: &Standing,
    client: &Client,
    services: &[Service],
    token: Out<'_>,
    now: Seconds,
) -> bool {
    let (audience, scopes, profile) = (token.audience, token.scopes, client.profile);
    if standing.barred.is_some() {
        return false;
    }
    let meant: Vec<&Service> = services.iter().filter(|service| audience.contains(&service.row.audience)).collect();
    let of_a_service = |named: &str| meant.iter().any(|service| service.row.audience == named);
    if !audience.iter().all(|named| of_a_service(named) || is_own(tenant, named)) {
        // A service that is gone has no good tokens (security.md s.K6).
        return false;
    }
    meant.into_iter().all(|service| {
        let contract = contract_for(standing, profile, service, token.behind, now);
        let gives_all = |contract: Option<&Contract>| {
            let still = |scope: &str| gives(service, contract, scope) && client.still_has(scope);
            scopes.iter().all(|scope| !service.knows(scope) || still(scope))
        };
        // What was issued under an approval that was taken back stays dead when another is given (row 7 of §8.4).
        let is_newer = |contract: Option<&Contract>| {
            !needs_contract(profile, service, token.behind)
                || contract.is_some_and(|contract| contract.approved_at <= token.issued_at)
        };
        let is_on = |policy: &policy::Model| token.flow.is_none_or(|flow| flow.is_enabled(policy));
        service.row.enabled
            && service.policy.as_ref().is_none_or(is_on)
            && contract.is_ok_and(|contract| gives_all(contract) && is_newer(contract))
    })
}

/// A token that is out.
#[derive(Clone, Copy, Debug)]
pub struct Out<'a> {
    /// Whom it is for.
    pub audience: &'a Words,
    /// What was granted.
    pub scopes: &'a Words,
    /// Who is behind it.
    pub behind: Behind,
    /// By which flow it came about, as far as that is known.
    pub flow: Option<Flow>,
    /// Seconds since 1970.
    pub issued_at: Seconds,
}

/// Who is behind a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// Somebody who signed in.
    Person,
    /// The client alone.
    Client,
}

fn refuse_barred(standing: &Standing) -> Result<(), Error> {
    let why = match standing.barred {
        None => return Ok(()),
        Some(Barred::Archived) => "the application is archived",
        Some(Barred::OwnerNotApproved) => "the developer of this application is not approved",
    };
    Err(Error::new(Code::UnauthorizedClient, why))
}

/// Whether this service has tokens for the application by this flow, and under which contract.
fn admit<'s>(
    standing: &'s Standing,
    profile: &Profile,
    service: &Service,
    asked: &Asked<'_>,
    now: Seconds,
) -> Result<Option<&'s Contract>, Error> {
    let behind = if asked.has_person() { Behind::Person } else { Behind::Client };
    let contract = contract_for(standing, profile, service, behind, now)?;
    let is_off = |policy: &policy::Model| asked.flows.iter().any(|flow| !flow.is_enabled(policy));
    if service.policy.as_ref().is_some_and(is_off) {
        let why = format!("the service {} does not take this grant", service.row.audience);
        return Err(Error::new(Code::UnauthorizedClient, why));
    }
    Ok(contract)
}

fn contract_for<'s>(
    standing: &'s Standing,
    profile: &Profile,
    service: &Service,
    behind: Behind,
    now: Seconds,
) -> Result<Option<&'s Contract>, Error> {
    if !needs_contract(profile, service, behind) {
        return Ok(standing.contract(service.row.id, now));
    }
    // Without a policy nobody could have asked for a contract: nothing is issued (D-26).
    let contract = standing.contract(service.row.id, now).filter(|_| service.policy.is_some());
    let not_approved = || Error::new(Code::UnauthorizedClient, "Application is not approved for this service");
    contract.map(Some).ok_or_else(not_approved)
}

/// Whether the service has tokens for approved applications only.
fn needs_contract(profile: &Profile, service: &Service, behind: Behind) -> bool {
    let is_open = match service.row.access {
        Access::Open => true,
        Access::People => behind == Behind::Person,
        Access::Contract => false,
    };
    !is_open || profile.services != Services::AsTheyAre
}

/// Whether a service has this scope for an application with this contract.
fn gives(service: &Service, contract: Option<&Contract>, scope: &str) -> bool {
    let by_contract = contract.and_then(|contract| contract.scopes.as_ref());
    service.knows(scope) && by_contract.is_none_or(|scopes| scopes.contains(scope))
}

/// This server's own resources are named in a token only beside a scope that is good there.
fn keeps_own(tenant: &Tenant, audience: &str, scopes: &Words) -> bool {
    let own = [(endpoint::REGISTRATION, &REGISTRATION_SCOPES[..]), (endpoint::MANAGEMENT, &MANAGEMENT_SCOPES[..])];
    let is = |path: &str| audience.strip_prefix(tenant.issuer.as_str()) == Some(path);
    match own.iter().find(|(path, _)| is(path)) {
        Some((_, good)) => scopes.iter().any(|scope| good.contains(&scope)),
        None => true,
    }
}

/// Whether an audience is this server itself.
fn is_own(tenant: &Tenant, audience: &str) -> bool {
    let own = [endpoint::USERINFO, endpoint::REGISTRATION, endpoint::MANAGEMENT];
    own.iter().any(|path| audience.strip_prefix(tenant.issuer.as_str()) == Some(path))
}

/// `has_meaning`: there is a person to tell about, or a service knows the scope.
fn may_have(client: &Client, scope: &str, has_meaning: bool) -> bool {
    if REGISTRATION_SCOPES.contains(&scope) {
        // Only an admin gives these, and never together with a person.
        return !has_meaning && client.row.rights.contains(scope);
    }
    if MANAGEMENT_SCOPES.contains(&scope) {
        return client.row.rights.contains(scope);
    }
    if let Some(oidc) = OidcScope::parse(scope) {
        // Without a person there is nobody to tell about.
        return has_meaning && (oidc != OidcScope::OfflineAccess || client.may_refresh());
    }
    let by_policy = client.policy.scopes.as_ref().is_none_or(|scopes| scopes.iter().any(|allowed| allowed == scope));
    by_policy && (!client.is_bound_to_registered_scopes() || client.metadata.scopes().any(|known| known == scope))
}

impl Client {
    /// Whether it registered the refresh token grant.
    pub fn may_refresh(&self) -> bool {
        self.metadata.may_use(crate::oidc::client::GrantType::RefreshToken)
    }

    /// Registered scopes are advisory (E8), but a profile that repairs nothing takes them at their word, and the word of
    /// a template counts.
    fn is_bound_to_registered_scopes(&self) -> bool {
        self.following.as_ref().is_some_and(|following| following.binds_scopes())
            || self.profile.contradictions == Remedy::Refuse && self.metadata.scopes().next().is_some()
    }

    /// Whether the template it follows, if it does, still lets it have a scope it was given.
    fn still_has(&self, scope: &str) -> bool {
        let unbound = self.following.as_ref().is_none_or(|following| !following.binds_scopes());
        unbound || self.metadata.scopes().any(|known| known == scope)
    }
}
