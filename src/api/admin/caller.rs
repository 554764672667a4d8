//! Who calls? A person's script with a personal token, or whoever has an access token for the management API.

use std::sync::Arc;

use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::problem::Problem;
use crate::api::caller::{self, Unknown};
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::Actor;

/// Whoever calls, and where.
#[derive(Debug)]
pub struct Caller {
    /// The server.
    pub app: Arc<App>,
    /// Whose.
    pub tenant: Arc<Tenant>,
    /// Who calls.
    pub actor: Actor,
}

impl Caller {
    /// Who made this request.
    ///
    /// # Errors
    /// 404 at a host that is no tenant's; 401; 503.
    pub async fn of(request: &Request) -> Result<Self, Problem> {
        let app = request.data::<Arc<App>>().cloned();
        let place = app.zip(request.data::<Arc<Tenant>>().cloned());
        let (app, tenant) = place.ok_or_else(Problem::not_found)?;
        let actor = caller::caller(&app, &tenant, request, None).await.map_err(|unknown| match unknown {
            Unknown::Missing => Problem::nobody(),
            Unknown::Invalid => Problem::bad_token(),
            Unknown::Failed(error) => error.into(),
        })?;
        Ok(Self { app, tenant, actor })
    }

    /// The address of something of this API.
    pub fn url(&self, path: &str) -> String {
        self.tenant.url(&format!("{}{path}", super::PREFIX))
    }
}

/// The name of the security scheme of personal tokens.
pub const PERSONAL_TOKEN: &str = "personal_token";

impl<'a> ApiExtractor<'a> for Caller {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = MetaSecurityScheme {
            ty: "http",
            description: Some("A token that acts for a person, within its scopes: `pt_…`."),
            name: None,
            key_in: None,
            scheme: Some("bearer"),
            bearer_format: None,
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(PERSONAL_TOKEN, scheme);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![PERSONAL_TOKEN]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        Ok(Self::of(request).await?)
    }
}
