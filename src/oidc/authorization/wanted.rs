//! What does a request want to have access to? Scopes, resources and custom claims (RFC 6749 §3.3, RFC 8707 §2).

use entity::word::Words;

use super::claims;
use super::parameters::Parameters;
use crate::app::App;
use crate::oidc::client::ResponseType;
use crate::oidc::client::record::Client;
use crate::oidc::scope::OidcScope;
use crate::oidc::tenant::Tenant;
use crate::oidc::token::may_issue::{Asked, Flow, may_issue};
use crate::oidc::{Code, Error, service};

/// The most scopes of a request, known or not (s.A42).
const SCOPES_MAX: usize = 100;
/// The most resources of a request.
const RESOURCES_MAX: usize = 10;

/// What a request wants to have access to, as far as it exists and the client may have it.
pub(super) struct Wanted {
    /// The scopes, of services and of OpenID Connect.
    pub scopes: Words,
    /// Whether these are not the scopes the request named.
    pub scopes_differ: bool,
    /// Custom claims that were asked for as scopes (A16).
    pub claims: Words,
    /// The services that were named, each by its audience.
    pub resources: Vec<String>,
}

impl Wanted {
    /// Reads `scope`, `resource` and `audience`.
    ///
    /// # Errors
    /// `invalid_scope` and `invalid_target`.
    pub(super) async fn read(
        app: &App,
        tenant: &Tenant,
        parameters: &Parameters,
        client: &Client,
        response_type: ResponseType,
    ) -> Result<Self, Error> {
        let named = scopes(parameters)?;
        let services = service::all(app, tenant).await?;
        let resources = resources(tenant, &services, parameters)?;
        let implied = if response_type.gives_id_token() { OidcScope::OpenId.as_str() } else { "" };
        let claims = claims::among_scopes(&named, &services);
        // OpenID Connect Core §11: without a code there is no refresh token to give.
        let means = |scope: &str| response_type.gives_code() || scope != OidcScope::OfflineAccess.as_str();
        let asked = named.and(&Words::new([implied])).only(|scope| means(scope) && !claims.contains(scope));
        let target = service::resolve(tenant, &services, &resources, &asked)?;
        let asked = Asked { services: &services, scopes: &asked, flows: Flow::of(response_type) };
        let scopes = may_issue(app, tenant, client, asked, target).await?.scopes;
        let openid = scopes.contains(OidcScope::OpenId.as_str());
        let claims = claims.only(|_| openid);
        let scopes_differ = scopes != named;
        Ok(Self { scopes, scopes_differ, claims, resources })
    }
}

/// The scopes a request names (RFC 6749 §3.3).
fn scopes(parameters: &Parameters) -> Result<Words, Error> {
    let asked = parameters.get("scope").unwrap_or_default();
    let scope_character = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e | b' ');
    if !asked.bytes().all(scope_character) {
        return Err(Error::new(Code::InvalidScope, "scope has a character that scopes cannot have (RFC 6749 3.3)"));
    }
    if asked.split(' ').filter(|scope| !scope.is_empty()).nth(SCOPES_MAX).is_some() {
        return Err(Error::new(Code::InvalidScope, format!("scope has more than {SCOPES_MAX} values")));
    }
    Ok(Words::from(asked))
}

/// The resources a request names, each once and in the one spelling under which it is remembered.
fn resources(tenant: &Tenant, services: &[service::Service], parameters: &Parameters) -> Result<Vec<String>, Error> {
    let mut resources: Vec<String> = Vec::new();
    let named = parameters.resources().iter().map(String::as_str).chain(parameters.get("audience"));
    for resource in named {
        let resource = one_resource(tenant, services, resource)?;
        if !resources.contains(&resource) {
            resources.push(resource);
        }
        if resources.len() > RESOURCES_MAX {
            return Err(Error::new(Code::InvalidTarget, format!("more than {RESOURCES_MAX} resources are asked for")));
        }
    }
    Ok(resources)
}

/// The audience that `resource` means: the one spelling under which it is remembered (E12).
fn one_resource(tenant: &Tenant, services: &[service::Service], resource: &str) -> Result<String, Error> {
    if resource.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Error::new(Code::InvalidTarget, "resource has a space or a control character"));
    }
    let meant = service::resolve(tenant, services, &[resource.to_owned()], &Words::default())?;
    Ok(meant.audience.iter().next().unwrap_or(resource).to_owned())
}
