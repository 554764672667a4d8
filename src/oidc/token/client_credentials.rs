//! What does a client get that speaks for itself? (RFC 6749 §4.4)

use entity::word::Words;

use super::issue::issue;
use super::may_issue::{Asked, Flow, may_issue};
use super::{Issued, TokenRequest, provision};
use crate::app::App;
use crate::oidc::client::authenticate::Authenticated;
use crate::oidc::scope::{MANAGEMENT_SCOPES, OidcScope};
use crate::oidc::service::is_management;
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
        // ... and elsewhere what was registered (RFC 6749 §3.3); what needs a person is not meant.
        None => Words::new(client.client.metadata.scopes()),
    };
    let explicit = request.scopes().unwrap_or_default();
    // Without a person there is nobody to tell about, so the token is not for the userinfo endpoint either.
    let named = |scope: &str| {
        let of_it = |service: &service::Service| request.resources.contains(&service.row.audience);
        services.iter().any(|service| of_it(service) && service.knows(scope))
    };
    let asked = asked.only(|scope| OidcScope::parse(scope).is_none() || named(scope));
    let target = service::resolve(tenant, &services, &request.resources, &asked)?;
    let asked = Asked { services: &services, scopes: &explicit, flows: &[Flow::ClientCredentials] };
    let target = may_issue(app, tenant, &client.client, asked, target).await?;
    issue(app, tenant, &client.client, &target, None).await
}
