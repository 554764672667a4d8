//! What does a handler need of a request? Who asks, whose entities these are, and which part of a list is wanted.

use std::sync::Arc;

use entity::user::Role;
use http::Method;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::Serialize;
use serde_json::Value;
use url::form_urlencoded;
use uuid::Uuid;

use super::error::Action;
use super::error::portal::{Entity, Matter};
use super::page::{Page, Tags, Wanted};
use super::portal::session;
use super::{PORTAL, Refusal};
use crate::api::caller::{self, Unknown};
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::list::{self, Listed};
use crate::portal::service::Tags as WantedTags;
use crate::portal::{Actor, Error};

/// The header that carries the token of an admin, as Kong's scripts send it (portal.md C3).
const ADMIN_TOKEN: &str = "kong-admin-token";

/// A request of somebody who is known.
#[derive(Debug)]
pub struct Call {
    /// The server.
    pub app: Arc<App>,
    /// Whose entities these are.
    pub tenant: Arc<Tenant>,
    /// Who asks.
    pub actor: Actor,
    method: Method,
    /// Below the address of the API.
    path: String,
    query: String,
}

impl Call {
    async fn read(
        request: &Request,
        prefix: &str,
        who: impl AsyncFnOnce(&Arc<App>, &Arc<Tenant>) -> Result<Actor, Refusal>,
    ) -> Result<Self, Refusal> {
        let app = request.extensions().get::<Arc<App>>().cloned();
        let tenant = request.extensions().get::<Arc<Tenant>>().cloned();
        let (Some(app), Some(tenant)) = (app, tenant) else { return Err(Refusal::not_found()) };
        let actor = who(&app, &tenant).await?;
        let path = request.uri().path();
        Ok(Self {
            app,
            tenant,
            actor,
            method: request.method().clone(),
            path: path.strip_prefix(prefix).unwrap_or(path).to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
        })
    }

    /// Says what was refused.
    pub fn refuse(&self, entity: Entity) -> impl Fn(Error) -> Refusal + use<> {
        self.refuse_about(entity, Value::Null)
    }

    /// Says what was refused; `key` are the values that may exist once.
    pub fn refuse_about(&self, entity: Entity, key: Value) -> impl Fn(Error) -> Refusal + use<> {
        let (caller, action) = (self.actor.label().to_owned(), Action::of(&self.method));
        move |error| Refusal::of(error, &Matter { entity, caller: caller.clone(), action, key: key.clone() })
    }

    /// A parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }

    /// The page that is asked for.
    ///
    /// # Errors
    /// As [`Wanted::read`].
    pub fn page(&self) -> Result<Asked<'_>, Refusal> {
        let name = [self.tenant.id.0.as_bytes().as_slice(), self.path.as_bytes()];
        let wanted = Wanted::read(&self.query, &self.app.sealer, &name)?;
        Ok(Asked { call: self, wanted })
    }
}

/// A page that is asked for.
#[derive(Debug)]
pub struct Asked<'c> {
    call: &'c Call,
    wanted: Wanted,
}

impl Asked<'_> {
    /// As the rules ask for it.
    pub fn part(&self) -> list::Wanted {
        let limit = u64::try_from(self.wanted.size).unwrap_or(u64::MAX);
        list::Wanted { after: self.wanted.after, skip: 0, limit }
    }

    /// The tags that are asked for.
    pub fn tags(&self) -> WantedTags {
        match &self.wanted.tags {
            None => WantedTags::Any,
            Some(Tags::All(tags)) => WantedTags::AllOf(tags.clone()),
            Some(Tags::Any(tags)) => WantedTags::OneOf(tags.clone()),
        }
    }

    /// The page.
    pub fn of<T: Serialize>(&self, listed: Listed<T>) -> Page<T> {
        let Call { app, tenant, path, .. } = self.call;
        let name = [tenant.id.0.as_bytes().as_slice(), path.as_bytes()];
        self.wanted.page(path, listed.items, listed.next, &app.sealer, &name)
    }

    /// The page, telling how many entities there are on all pages.
    pub fn counted<T: Serialize>(&self, listed: Listed<T>) -> Page<T> {
        let total = listed.total;
        self.of(listed).of(total)
    }
}

/// An id in a path.
///
/// # Errors
/// 404 for what is none.
pub fn id<I: From<Uuid>>(text: &str) -> Result<I, Refusal> {
    Uuid::try_parse(text).map(I::from).map_err(|_| Refusal::not_found())
}

/// Whoever has a lesser role has no business here, whatever the body says (portal.md K6).
fn at_least(role: Role, actor: Actor, method: &Method) -> Result<Actor, Refusal> {
    if actor.role() < role { Err(Refusal::forbidden(actor.label(), Action::of(method))) } else { Ok(actor) }
}

fn unknown(unknown: Unknown, method: &Method) -> Refusal {
    match unknown {
        Unknown::Missing => Refusal::unauthorized(),
        Unknown::Invalid => Refusal::invalid_credentials(),
        Unknown::Failed(error) => {
            let (caller, action) = (String::new(), Action::of(method));
            Refusal::of(error, &Matter { entity: Entity::Developer, caller, action, key: Value::Null })
        }
    }
}

/// A call of somebody who presents a token, or who came in where nobody is asked (portal.md C3).
#[derive(Debug)]
pub struct Admin(pub Call);

impl std::ops::Deref for Admin {
    type Target = Call;

    fn deref(&self) -> &Call {
        &self.0
    }
}

impl<'a> ApiExtractor<'a> for Admin {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let about = "A personal access token, or an access token for the management API.";
        let scheme = MetaSecurityScheme { key_in: Some("header"), name: Some("Kong-Admin-Token"), ..bare("apiKey") };
        registry.create_security_scheme("kong_admin_token", MetaSecurityScheme { description: Some(about), ..scheme });
        register_bearer(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec!["kong_admin_token", BEARER]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let call = Call::read(request, super::ADMIN, async |app, tenant| {
            let found = caller::caller(app, tenant, request, Some(ADMIN_TOKEN)).await;
            let actor = found.map_err(|error| unknown(error, request.method()))?;
            at_least(Role::Publisher, actor, request.method())
        });
        Ok(Self(call.await?))
    }
}

/// A call of somebody who signed in to the Portal API, or who presents a token.
#[derive(Debug)]
pub struct Developer(pub Call);

impl std::ops::Deref for Developer {
    type Target = Call;

    fn deref(&self) -> &Call {
        &self.0
    }
}

impl<'a> ApiExtractor<'a> for Developer {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let about = "The cookie that `GET /kong/portal/auth` sets; its name begins with `__Host-` over TLS.";
        let scheme = MetaSecurityScheme { key_in: Some("cookie"), name: Some(session::COOKIE), ..bare("apiKey") };
        registry.create_security_scheme("kong_portal", MetaSecurityScheme { description: Some(about), ..scheme });
        register_bearer(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec!["kong_portal", BEARER]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let call = Call::read(request, PORTAL, async |app, tenant| {
            if let Some(session) = session::find(app, tenant, request).await? {
                return at_least(Role::Developer, Actor::person(session.user), request.method());
            }
            match caller::caller(app, tenant, request, None).await {
                Ok(actor) => at_least(Role::Developer, actor, request.method()),
                Err(error) => Err(unknown(error, request.method())),
            }
        });
        Ok(Self(call.await?))
    }
}

const BEARER: &str = "bearer";

fn register_bearer(registry: &mut Registry) {
    let about = "A personal access token, or an access token for the management API.";
    let scheme = MetaSecurityScheme { scheme: Some("bearer"), description: Some(about), ..bare("http") };
    registry.create_security_scheme(BEARER, scheme);
}

fn bare(ty: &'static str) -> MetaSecurityScheme {
    MetaSecurityScheme {
        ty,
        description: None,
        name: None,
        key_in: None,
        scheme: None,
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    }
}
