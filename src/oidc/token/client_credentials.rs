//! What does a client get that speaks for itself? (RFC 6749 §4.4)

use entity::word::Words;

use super::issue::issue;
use super::may_issue::{Asked, Flow, may_issue};
use super::{Endpoint, Issued, TokenRequest, provision};
use crate::app::App;
use crate::oidc::client::authenticate::Authenticated;
use crate::oidc::client::standing;
use crate::oidc::scope::{MANAGEMENT_SCOPES, OidcScope};
use crate::oidc::service::{Service, is_management};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error, service};

/// Issues an access token for the client itself: no refresh token (RFC 6749 §4.4.3), no ID token (s.T19).
///
/// # Errors
/// `invalid_target`, `invalid_scope`, and `unauthorized_client` for a client that proved nothing.
pub async fn answer(
    app: &App,
    tenant: &Tenant,
    client: &Authenticated,
    request: &TokenRequest,
) -> Result<Issued, Error> {
    if !client.is_confidential() {
        let description = "only a client that authenticates may use client_credentials";
        return Err(Error::new(Code::UnauthorizedClient, description));
    }
    if request.authenticated_userid.is_some() {
        // K61: for a person, whom the holder of the provision key vouches for.
        return provision::answer(app, tenant, client, request, Flow::ClientCredentials).await;
    }
    let services = service::all(app, tenant).await?;
    let asked = match request.scopes() {
        Some(asked) => asked,
        // Left out means what was granted (portal.md A29), ...
        None if request.resources.iter().any(|resource| is_management(tenant, resource)) => {
            client.client.row.rights.only(|right| MANAGEMENT_SCOPES.contains(&right))
        }
        // ... at a service by a contract, and elsewhere what was registered (RFC 6749 §3.3).
        None => granted(app, tenant, client, &services, request).await?,
    };
    let explicit = request.scopes().unwrap_or_default();
    // Without a person there is nobody to tell about, so what needs one is not meant, and the token is not for the
    // userinfo endpoint either.
    let named = |scope: &str| {
        let of_it = |service: &Service| request.resources.contains(&service.row.audience);
        services.iter().any(|service| of_it(service) && service.knows(scope))
    };
    let asked = asked.only(|scope| OidcScope::parse(scope).is_none() || named(scope));
    let target = service::resolve(tenant, &services, &request.resources, &asked)?;
    let asked = Asked { services: &services, scopes: &explicit, flows: &[Flow::ClientCredentials] };
    let target = may_issue(app, tenant, &client.client, asked, target).await?;
    issue(app, tenant, &client.client, &target, None).await
}

/// What a request without scopes means: what was registered, and of each service that it names the scopes its contract
/// with the application is for, as far as the client did not register fewer of them. A service that wants scopes to be
/// named (portal.md K15) gives none by itself, and neither does one without a contract.
///
/// # Errors
/// `invalid_target` for a resource that is none; when the database cannot be asked.
async fn granted(
    app: &App,
    tenant: &Tenant,
    client: &Authenticated,
    services: &[Service],
    request: &TokenRequest,
) -> Result<Words, Error> {
    let registered = Words::new(client.client.metadata.scopes());
    if request.resources.is_empty() || request.endpoint == Endpoint::OfService {
        return Ok(registered);
    }
    let named = service::resolve(tenant, services, &request.resources, &registered)?.named;
    let standing = standing::of(app, &client.client).await?;
    let now = app.clock.now();
    let mut granted: Vec<String> = registered.iter().map(str::to_owned).collect();
    for service in services.iter().filter(|service| named.contains(&service.row.audience)) {
        let Some(contract) = standing.contract(service.row.id, now) else { continue };
        let is_mandatory = service.policy.as_ref().is_some_and(|policy| policy.mandatory_scope);
        if is_mandatory || registered.iter().any(|scope| service.knows(scope)) {
            continue;
        }
        let scopes = service.scopes.iter().map(|scope| scope.value.as_str());
        let is_given = |scope: &&str| contract.scopes.as_ref().is_none_or(|given| given.contains(scope));
        granted.extend(scopes.filter(is_given).map(str::to_owned));
    }
    Ok(Words::new(granted))
}
