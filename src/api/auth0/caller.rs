//! Who calls, and may they? A bearer token for the management API; each operation names the scopes that allow it.

use std::sync::Arc;

use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::error::{Refused, Thing, is_own};
use crate::api::caller::{Unknown, caller};
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::{Action, Actor, Error};

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller(Actor);

/// What an operation needs.
#[derive(Clone, Copy, Debug)]
pub struct Need {
    /// What it does.
    pub action: Action,
    /// The scopes of this dialect that allow it: any one.
    pub scopes: &'static [&'static str],
}

impl Caller {
    /// The actor, if what they present allows the operation. The rules look at the action again; here the words are
    /// finer: a token for `create:clients` deletes none.
    ///
    /// # Errors
    /// 403 with the scopes that would do.
    pub fn with(&self, need: &Need) -> Result<&Actor, Refused> {
        match self.0.may(need.action) {
            Ok(()) => {}
            Err(Error::NotAllowed(_)) => return Err(Refused::scope(need.scopes)),
            Err(error) => return Err(Refused::about(&Thing { name: "", code: "", fields: &[] })(error)),
        }
        let ours = need.action.scopes().iter().filter(|scope| !is_own(scope));
        let fits = need.scopes.iter().chain(ours).any(|scope| !self.0.lacks_scope(scope));
        if fits { Ok(&self.0) } else { Err(Refused::scope(need.scopes)) }
    }
}

const SCHEME: &str = "management_token";

impl<'a> ApiExtractor<'a> for Caller {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let description = "An access token with the audience {issuer}/api/v2/ and the scopes an admin granted, or a \
                           personal token of an admin.";
        let scheme = MetaSecurityScheme {
            ty: "http",
            description: Some(description),
            name: None,
            key_in: None,
            scheme: Some("bearer"),
            bearer_format: None,
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(SCHEME, scheme);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let (app, tenant) = (request.extensions().get::<Arc<App>>(), request.extensions().get::<Arc<Tenant>>());
        let (Some(app), Some(tenant)) = (app, tenant) else {
            return Err(Refused::token("Invalid token").into());
        };
        let refused = |unknown| match unknown {
            Unknown::Missing => Refused::token("Missing authentication"),
            Unknown::Invalid => Refused::token("Invalid token"),
            Unknown::Failed(error) => Refused::about(&Thing { name: "", code: "", fields: &[] })(error),
        };
        Ok(Self(caller(app, tenant, request, None).await.map_err(refused)?))
    }
}
