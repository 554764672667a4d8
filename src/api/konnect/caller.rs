//! Who calls? A person with a session or a token, or a client that speaks for itself.

use std::sync::Arc;

use http::header::AUTHORIZATION;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::error::Problem;
use crate::api::caller::{self, Unheard, Unknown};
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::{Action, Actor, Error};

/// Whoever uses the portal: by the session of the browser, or by a token, which wins.
#[derive(Debug)]
pub struct Developer {
    /// The server.
    pub app: Arc<App>,
    /// Whose portal it is.
    pub tenant: Arc<Tenant>,
    /// Who calls.
    pub actor: Actor,
}

/// Whoever manages the portal: by a token.
#[derive(Debug)]
pub struct Administrator {
    /// The server.
    pub app: Arc<App>,
    /// The portal.
    pub tenant: Arc<Tenant>,
    /// Who calls.
    pub actor: Actor,
}

impl Administrator {
    /// The portal that the path names: by its identity or its short name.
    ///
    /// # Errors
    /// 404 for any but the one at this address, so that nobody learns which others there are.
    pub fn portal(&self, named: &str) -> Result<(), Problem> {
        let is_ours = named == self.tenant.slug || named == self.tenant.id.to_string();
        if is_ours { Ok(()) } else { Err(Problem::not_found()) }
    }
}

const SESSION: &str = "portalAccessToken";
const BEARER: &str = "personalAccessToken";

impl<'a> ApiExtractor<'a> for Developer {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let description = "The session of somebody who signed in to the portal; what changes something must name this \
                           origin in the `Origin` header.";
        let session = MetaSecurityScheme {
            key_in: Some("cookie"),
            name: Some("registrar-session"),
            scheme: None,
            ..scheme("apiKey", description)
        };
        registry.create_security_scheme(SESSION, session);
        Administrator::register(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SESSION, BEARER]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let (app, tenant) = place(request)?;
        if !request.headers().contains_key(AUTHORIZATION) {
            let found = caller::visitor(&app, &tenant, request).await.map_err(|unheard| match unheard {
                Unheard::Elsewhere => Problem::foreign_origin(),
                Unheard::Failed(error) => error.into(),
            })?;
            let actor = developer(found.ok_or_else(Problem::unauthorized)?)?;
            return Ok(Self { app, tenant, actor });
        }
        let actor = developer(by_token(&app, &tenant, request).await?)?;
        Ok(Self { app, tenant, actor })
    }
}

/// Whoever is no developer has no business here, whatever the body says.
fn developer(actor: Actor) -> Result<Actor, Problem> {
    let is_one = actor.role() >= Action::ReadOwn.role();
    if is_one { Ok(actor) } else { Err(Error::NotAllowed(Action::ReadOwn).into()) }
}

impl<'a> ApiExtractor<'a> for Administrator {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let description = "A personal token, or an access token for the management API.";
        registry.create_security_scheme(BEARER, scheme("http", description));
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![BEARER]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let (app, tenant) = place(request)?;
        let actor = by_token(&app, &tenant, request).await?;
        Ok(Self { app, tenant, actor })
    }
}

async fn by_token(app: &App, tenant: &Tenant, request: &Request) -> Result<Actor, Problem> {
    caller::caller(app, tenant, request, None).await.map_err(|unknown| match unknown {
        Unknown::Missing | Unknown::Invalid => Problem::unauthorized(),
        Unknown::Failed(error) => error.into(),
    })
}

fn place(request: &Request) -> Result<(Arc<App>, Arc<Tenant>), Problem> {
    let app = request.data::<Arc<App>>().cloned();
    // A host that is no tenant's has no portal.
    app.zip(request.data::<Arc<Tenant>>().cloned()).ok_or_else(Problem::not_found)
}

fn scheme(ty: &'static str, description: &'static str) -> MetaSecurityScheme {
    MetaSecurityScheme {
        ty,
        description: Some(description),
        name: None,
        key_in: None,
        scheme: Some("bearer"),
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    }
}
