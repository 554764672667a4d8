//! Who calls? Somebody with a token, with an e-mail address and a password, or with a session of our own portal.

use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use entity::user::Role;
use http::header::{AUTHORIZATION, USER_AGENT};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::refusal::Refusal;
use super::refused::Refused;
use super::voice::{Management, Portal, Sessions, Voice};
use crate::api::caller::{self, Unheard, Unknown};
use crate::app::App;
use crate::edge::authorization_header::{self, Authorization, Pair};
use crate::edge::requests::ClientAddress;
use crate::oidc::session::Arrival;
use crate::oidc::session::sign_in::{Attempt, NotSignedIn, prove};
use crate::oidc::tenant::Tenant;
use crate::oidc::user::email_key;
use crate::portal::Actor;
use crate::portal::actor::PERSONAL_TOKEN_PREFIX;

/// The environment of every tenant, and its organization, by Gravitee's own name for the first.
const DEFAULT: &str = "DEFAULT";

const BEARER: &str = "personalToken";
const BASIC: &str = "emailAndPassword";
const SESSION: &str = "portalSession";

/// Whoever calls one of the two APIs: a developer at least, in an environment that is this tenant's.
#[derive(Debug)]
pub struct Caller<V> {
    /// The server.
    pub app: Arc<App>,
    /// Whose portal it is.
    pub tenant: Arc<Tenant>,
    /// Who calls.
    pub actor: Actor,
    voice: PhantomData<V>,
}

/// Whoever calls the management API: consumers, publishers and admins, as in Gravitee's console.
pub type ConsoleCaller = Caller<Management>;

/// Whoever calls the portal API.
pub type PortalCaller = Caller<Portal>;

impl<'a, V: Voice> ApiExtractor<'a> for Caller<V> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let bearer = scheme("http", Some("bearer"), "A personal token, or an access token for the management API.");
        registry.create_security_scheme(BEARER, bearer);
        let description = "The e-mail address of a person, and as password the person's own or a personal token.";
        registry.create_security_scheme(BASIC, scheme("http", Some("basic"), description));
        if V::SESSIONS == Sessions::Heard {
            let description = "The session of somebody who signed in to the portal; what changes something must name \
                               this origin in the `Origin` header.";
            let session = scheme("apiKey", None, description);
            let session = MetaSecurityScheme { key_in: Some("cookie"), name: Some("registrar-session"), ..session };
            registry.create_security_scheme(SESSION, session);
        }
    }

    fn security_schemes() -> Vec<&'static str> {
        match V::SESSIONS {
            Sessions::Heard => vec![BEARER, BASIC, SESSION],
            Sessions::Unheard => vec![BEARER, BASIC],
        }
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let found = found(request, V::SESSIONS).await.map_err(Refused::<V>::from)?;
        let (app, tenant, actor) = found;
        Ok(Self { app, tenant, actor, voice: PhantomData })
    }
}

async fn found(request: &Request, sessions: Sessions) -> Result<(Arc<App>, Arc<Tenant>, Actor), Refusal> {
    let (app, tenant) = place(request)?;
    let actor = actor(&app, &tenant, request, sessions).await?;
    // Whoever is no developer has no business here, whatever the path and the body say.
    if actor.role() < Role::Developer {
        return Err(Refusal::forbidden());
    }
    check_environment(&tenant, request)?;
    Ok((app, tenant, actor))
}

/// Where a request goes: a host that is no tenant's has no portal.
///
/// # Errors
/// 404.
pub fn place(request: &Request) -> Result<(Arc<App>, Arc<Tenant>), Refusal> {
    let app = request.data::<Arc<App>>().cloned();
    let place = app.zip(request.data::<Arc<Tenant>>().cloned());
    place.ok_or_else(|| Refusal::not_found(super::refusal::About::Nothing))
}

/// Looks at the organization and the environment in the path: this tenant is both, under Gravitee's own name for the first
/// of them, and under its short name.
///
/// # Errors
/// 404 for any other name, so that nobody learns which tenants there are.
pub fn check_environment(tenant: &Tenant, request: &Request) -> Result<(), Refusal> {
    let named = ["organizationId", "envId"].into_iter().filter_map(|name| request.raw_path_param(name));
    let is_other = |name: &&str| *name != DEFAULT && *name != tenant.slug;
    match named.into_iter().find(is_other) {
        Some(other) => Err(Refusal::no_environment(other)),
        None => Ok(()),
    }
}

async fn actor(app: &App, tenant: &Tenant, request: &Request, sessions: Sessions) -> Result<Actor, Refusal> {
    let headers = request.headers();
    if !headers.contains_key(AUTHORIZATION) && sessions == Sessions::Heard {
        let visitor = caller::visitor(app, tenant, request).await.map_err(|unheard| match unheard {
            Unheard::Elsewhere => Refusal::foreign_origin(),
            Unheard::Failed(error) => error.into(),
        })?;
        return visitor.ok_or_else(Refusal::unauthorized);
    }
    if let Ok(Some(Authorization::Basic(basic))) = authorization_header::read(headers) {
        // Nothing is form-encoded here (RFC 7617 §2).
        let pair = basic.readings().last().ok_or_else(Refusal::unauthorized)?;
        return by_password(app, tenant, request, pair).await;
    }
    caller::caller(app, tenant, request, None).await.map_err(|unknown| match unknown {
        Unknown::Missing | Unknown::Invalid => Refusal::unauthorized(),
        Unknown::Failed(error) => error.into(),
    })
}

/// The person with this e-mail address and this password, by the rules and limits of the login page (s.L5 to s.L13); or
/// with a personal token of theirs instead of it.
async fn by_password(app: &App, tenant: &Tenant, request: &Request, pair: &Pair) -> Result<Actor, Refusal> {
    if pair.secret.expose().starts_with(PERSONAL_TOKEN_PREFIX) {
        let found = Actor::of_token(app, tenant, pair.secret.expose()).await?;
        let is_theirs =
            |actor: &Actor| actor.user.as_ref().is_some_and(|user| email_key(&pair.id) == email_key(&user.email));
        return found.filter(is_theirs).ok_or_else(Refusal::unauthorized);
    }
    let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let arrival = Arrival {
        address: request.extensions().get::<ClientAddress>().map_or(unknown, |address| address.0),
        agent: request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()),
    };
    let attempt = Attempt { email: &pair.id, password: &pair.secret, arrival, known_browser: None, previous: None };
    match prove(app, tenant, &attempt).await {
        Ok(proven) => Ok(Actor::person(Arc::new(proven.user))),
        Err(NotSignedIn::Refused) => Err(Refusal::unauthorized()),
        Err(NotSignedIn::Throttled { wait_seconds }) => Err(Refusal::too_many_attempts(wait_seconds)),
        Err(NotSignedIn::Failed(error)) => Err((&error).into()),
    }
}

fn scheme(ty: &'static str, scheme: Option<&'static str>, description: &'static str) -> MetaSecurityScheme {
    MetaSecurityScheme {
        ty,
        description: Some(description),
        name: None,
        key_in: None,
        scheme,
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    }
}
