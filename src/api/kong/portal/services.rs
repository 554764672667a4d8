//! `/application_services`: what an application can ask for (portal.md K7, K73).

use poem_openapi::OpenApi;
use serde_json::{Value, json};

use crate::api::kong::Refusal;
use crate::api::kong::admin::Part;
use crate::api::kong::answer::{Answer, Any};
use crate::api::kong::call::Developer;
use crate::api::kong::error::portal::Entity;
use crate::portal::service::{Filter, Shown, Which, catalog};

/// Services that take registrations.
#[derive(Debug)]
pub struct ServicesApi;

#[OpenApi(prefix_path = "/kong/portal", tag = "Part::Portal")]
impl ServicesApi {
    /// List the services that an application can ask for.
    #[oai(path = "/application_services", method = "get", operation_id = "list_application_services")]
    async fn list(&self, call: Developer) -> Result<Answer<Any>, Refusal> {
        let asked = call.page()?;
        let filter = Filter { which: Which::Registrable, tags: asked.tags(), ..Filter::default() };
        let found = catalog(&call.app, &call.tenant, &call.actor, &filter, &asked.part()).await;
        let found = found.map_err(call.refuse(Entity::Service))?;
        Ok(Answer::new(&asked.counted(found.map(|service| shown(&service)))))
    }
}

fn shown(service: &Shown) -> Value {
    let config = service.registration.as_ref().map(|registration| {
        json!({
            "auto_approve": registration.auto_approve,
            "description": registration.description,
            "display_name": registration.display_name,
            "show_issuer": registration.show_issuer.unwrap_or(false),
        })
    });
    json!({"app_registration_config": config, "id": service.id, "name": service.name})
}
