//! `/register` and `/developer` (portal.md K73).

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use poem::Request;
use poem::web::Data;
use poem_openapi::OpenApi;
use serde_json::{Value, json};

use crate::api::kong::admin::Part;
use crate::api::kong::answer::{Answer, Any, One};
use crate::api::kong::call::Developer;
use crate::api::kong::developer::{self as words, DeveloperEntity, DeveloperFields, RegistrationBody};
use crate::api::kong::error::Action;
use crate::api::kong::error::portal::{Entity, Matter, together};
use crate::api::kong::status::Status;
use crate::api::kong::{KongBody, Refusal};
use crate::app::App;
use crate::edge::requests::ClientAddress;
use crate::oidc::tenant::Tenant;
use crate::portal::developer::{SignUp, sign_up};
use crate::secret::Secret;

/// Who somebody is.
#[derive(Debug)]
pub struct DeveloperApi;

#[OpenApi(prefix_path = "/kong/portal", tag = "Part::Portal")]
impl DeveloperApi {
    /// Sign up. The answer is the same for an address that has an account: its owner is told by mail.
    #[oai(path = "/register", method = "post", operation_id = "register_developer")]
    async fn register(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        request: &Request,
        body: KongBody<RegistrationBody>,
    ) -> Result<Answer<Any>, Refusal> {
        let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let (fields, wrong) = DeveloperFields::registration(body.tree);
        let (email, meta) = (fields.email.unwrap_or_default(), fields.meta.flatten());
        let wish = SignUp {
            email: email.clone(),
            name: fields.name.flatten(),
            password: fields.password.unwrap_or_else(|| Secret::new("")),
            meta: meta.clone(),
            from: request.extensions().get::<ClientAddress>().map_or(unknown, |address| address.0),
        };
        if tenant.settings.portal.sign_up {
            together(Entity::Developer, wrong, || wish.complaints(&tenant))?;
        }
        let matter = Matter {
            entity: Entity::Developer,
            caller: "anonymous".to_owned(),
            action: Action::Create,
            key: Value::Null,
        };
        let approval = sign_up(&app, &tenant, wish).await.map_err(|error| Refusal::of(error, &matter))?;
        let meta = Value::Object(meta.unwrap_or_default()).to_string();
        let developer = json!({"email": email, "meta": meta, "status": Status::from(approval).number()});
        Ok(Answer::new(&json!({"developer": developer})))
    }

    /// Say who is signed in.
    #[oai(path = "/developer", method = "get", operation_id = "read_own_developer")]
    async fn read(&self, call: Developer) -> Result<Answer<One<DeveloperEntity>>, Refusal> {
        // A client that speaks for itself is nobody.
        let user = call.actor.user.as_ref().ok_or_else(Refusal::not_found)?;
        Ok(Answer::new(&words::shown(user)))
    }
}
