//! What does a code buy? (RFC 6749 §4.1.3, RFC 7636 §4.6, OpenID Connect Core §3.1.3)

use entity::token_family;
use entity::word::Words;

use super::family::{self, Beginning, Detail, Reason, Refresh};
use super::issue::{Person, issue};
use super::may_issue::{Asked, Flow, may_issue};
use super::refresh_token;
use super::{Issued, TokenRequest};
use crate::app::App;
use crate::db::{Rows, is_duplicate};
use crate::oidc::authorization::code::AuthorizationCode;
use crate::oidc::client::ApplicationType;
use crate::oidc::client::authenticate::Authenticated;
use crate::oidc::registration::profile::NativeRefresh;
use crate::oidc::scope::OidcScope;
use crate::oidc::service::{Life, Target};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error, service, user};

/// Spends a code, once.
///
/// The insertion of the family's row is the gate: its primary key is the code's identity, so of two exchanges at the
/// same moment one finds the row there. What can be refused without spending the code is refused before.
///
/// # Errors
/// `invalid_grant` for a code that is unknown, spent, expired, another client's, sent with another redirect URI or the
/// wrong verifier; `invalid_target` for a resource that was not granted.
pub async fn answer(
    app: &App,
    tenant: &Tenant,
    client: &Authenticated,
    request: &TokenRequest,
) -> Result<Issued, Error> {
    let presented = request.code.as_ref().ok_or_else(|| Error::new(Code::InvalidRequest, "code is missing"))?;
    let unknown = || Error::new(Code::InvalidGrant, "the code is unknown, spent, expired or another client's");
    let code = AuthorizationCode::open(app, tenant, presented).ok_or_else(unknown)?;
    let now = app.clock.now();
    if code.client_key != client.client.row.id || code.expires_at <= now {
        return Err(unknown());
    }
    check_redirect_uri(&code, request)?;
    if !code.proves(request.code_verifier.as_ref()) {
        let void = token_family::Model {
            revoked_at: Some(now),
            revoked_reason: Some(Reason::WrongVerifier.as_str().to_owned()),
            ..family_of(app, client, &code, Refresh::No, Life::default())?
        };
        if spend(app, tenant, void).await? == Spent::Before {
            // Somebody had redeemed it: this is a replay, by whoever lacks the verifier.
            family::revoke(app, tenant, code.family_id, Reason::CodeReplayed).await?;
        }
        return Err(Error::new(Code::InvalidGrant, "code_verifier does not fit the code_challenge; the code is void"));
    }
    let target = target(app, tenant, client, &code, request).await?;
    let user = user::find(app, tenant, code.user_id).await?.ok_or_else(unknown)?;
    let refresh = wants_refresh(client, &code.scopes);
    let row = family_of(app, client, &code, refresh, target.life)?;
    if spend(app, tenant, row).await? == Spent::Before {
        family::revoke(app, tenant, code.family_id, Reason::CodeReplayed).await?;
        return Err(unknown());
    }
    let person = Person {
        user_id: code.user_id,
        family_id: code.family_id,
        generation: 0,
        session_id: code.session_id,
        authentication: &code.authentication,
        claims: &user::claims::values(&user, code.claims.id_token.iter()),
    };
    let issued = issue(app, tenant, &client.client, &target, Some(person)).await?;
    let refresh_token =
        (refresh == Refresh::Yes).then(|| refresh_token::RefreshToken::first(code.family_id).seal(app, tenant));
    Ok(Issued { refresh_token, ..issued })
}

fn check_redirect_uri(code: &AuthorizationCode, request: &TokenRequest) -> Result<(), Error> {
    match &request.redirect_uri {
        Some(sent) if *sent == code.redirect_uri => Ok(()),
        None if !code.redirect_uri_named => Ok(()),
        Some(_) => Err(Error::new(Code::InvalidGrant, "redirect_uri differs from the authorization request's")),
        None => Err(Error::new(Code::InvalidGrant, "redirect_uri is missing: the authorization request had one")),
    }
}

/// What the first access token is for: all that was granted, or the part the request names (RFC 8707 §2.2).
async fn target(
    app: &App,
    tenant: &Tenant,
    client: &Authenticated,
    code: &AuthorizationCode,
    request: &TokenRequest,
) -> Result<Target, Error> {
    let services = service::all(app, tenant).await?;
    let granted = Granted { resources: &code.resources, audience: code.audience.as_ref(), scopes: &code.scopes };
    // A code buys what was granted: the exchange has no scope parameter (RFC 6749 §4.1.3), and one is not looked at.
    let target = granted.narrow(tenant, &services, &request.resources, &code.scopes)?;
    let asked = Asked { services: &services, scopes: &Words::default(), flows: &[Flow::AuthorizationCode] };
    may_issue(app, tenant, &client.client, asked, target).await
}

/// What the person agreed to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Granted<'a> {
    /// The resources asked for; empty if none was.
    pub resources: &'a [String],
    /// The services the person saw: one that is added later is not part of it. `None`: whichever know the scopes.
    pub audience: Option<&'a Words>,
    /// The scopes.
    pub scopes: &'a Words,
}

impl Granted<'_> {
    /// The part of it with these resources (RFC 8707 §2.2) and scopes. Without a resource the token is for what knows its
    /// scopes, so that fewer scopes make a narrower audience (s.T23).
    ///
    /// # Errors
    /// `invalid_target` for a resource that was not granted, `invalid_scope` for a scope that was not, `invalid_grant`
    /// when a service the grant is for has been taken out of service (s.F9).
    pub(super) fn narrow(
        self,
        tenant: &Tenant,
        services: &[service::Service],
        resources: &[String],
        scopes: &Words,
    ) -> Result<Target, Error> {
        let seen =
            |service: &&service::Service| self.audience.is_none_or(|audience| audience.contains(&service.row.audience));
        let services: Vec<service::Service> = services.iter().filter(seen).cloned().collect();
        let services = services.as_slice();
        if !self.scopes.contains_all(scopes) {
            return Err(Error::new(Code::InvalidScope, "more scopes than were granted"));
        }
        let gone = |_| Error::new(Code::InvalidGrant, "a resource of the grant is not there any more");
        let granted = service::resolve(tenant, services, self.resources, self.scopes).map_err(gone)?;
        if resources.is_empty() {
            return service::resolve(tenant, services, self.resources, scopes).map_err(gone);
        }
        let target = service::resolve(tenant, services, resources, scopes)?;
        let userinfo = tenant.url(crate::oidc::endpoint::USERINFO);
        if !granted.audience.contains_all(&target.audience.only(|audience| audience != userinfo)) {
            return Err(Error::new(Code::InvalidTarget, "the resource was not part of the authorization request"));
        }
        Ok(target)
    }
}

/// A refresh token is for clients that registered the grant: those that asked for `offline_access`, those that cannot
/// ask because they do not speak OpenID Connect, and native ones where the profile says so (E8).
fn wants_refresh(client: &Authenticated, scopes: &Words) -> Refresh {
    let client = &client.client;
    let native = client.metadata.application_type() == ApplicationType::Native
        && client.profile.native_refresh == NativeRefresh::WithoutOfflineAccess;
    let asked = scopes.contains(OidcScope::OfflineAccess.as_str()) || !scopes.contains(OidcScope::OpenId.as_str());
    if client.may_refresh() && (asked || native) { Refresh::Yes } else { Refresh::No }
}

/// The row that spends the code.
fn family_of(
    app: &App,
    client: &Authenticated,
    code: &AuthorizationCode,
    refresh: Refresh,
    life: Life,
) -> Result<token_family::Model, Error> {
    let detail = Detail {
        flow: Some(Flow::AuthorizationCode),
        authentication: code.authentication.clone(),
        audience: code.audience.clone(),
        claims: code.claims.clone(),
        ..Detail::default()
    };
    let beginning = Beginning {
        id: code.family_id,
        user_id: code.user_id,
        session_id: code.session_id,
        scopes: code.scopes.clone(),
        resources: code.resources.clone(),
        detail,
        refresh,
        life,
    };
    beginning.row(app, &client.client)
}

/// Whether a code was spent now or had been before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spent {
    Now,
    Before,
}

async fn spend(app: &App, tenant: &Tenant, row: token_family::Model) -> Result<Spent, Error> {
    debug_assert_eq!(row.tenant_id, tenant.id);
    match app.db.insert(Rows { token_families: vec![row], ..Rows::default() }).await {
        Ok(()) => Ok(Spent::Now),
        Err(error) if is_duplicate(&error) => Ok(Spent::Before),
        Err(error) => Err(error.into()),
    }
}
