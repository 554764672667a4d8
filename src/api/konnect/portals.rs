//! `/v3/portals/{id}`: which switches has the portal? (portal.md N21)

use poem::Request;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde_json::{Map, Value, json};

use super::Part;
use super::answer::{Page, Told};
use super::body::{Fields, Sent};
use super::caller::Administrator;
use super::error::Problem;
use super::page::Asked;
use crate::clock::rfc3339;
use crate::oidc::tenant::Tenant;
use crate::portal::settings::{self, Shown};

/// How long the rules let names be, in characters.
const NAME_MAX: usize = 200;

/// The portal and its switches.
#[derive(Debug)]
pub struct PortalsApi;

/// A portal.
#[derive(Debug, Object)]
pub struct Portal {
    /// Identity.
    id: String,
    /// Its short name, which stays.
    name: String,
    /// What people call it.
    display_name: String,
    /// Always `null`.
    description: Option<String>,
    /// Always `true`: applications belong to developers who signed in.
    authentication_enabled: bool,
    /// Always `false`: every developer sees the whole catalog.
    rbac_enabled: bool,
    /// Always `false`.
    sipr_enabled: bool,
    /// Always `private`.
    default_api_visibility: String,
    /// Always `private`.
    default_page_visibility: String,
    /// The one auth strategy there is.
    default_application_auth_strategy_id: Option<String>,
    /// Developers are approved at once.
    auto_approve_developers: bool,
    /// Registrations are approved at once, whatever the API says.
    auto_approve_applications: bool,
    /// Host and port.
    default_domain: String,
    /// Host and port.
    canonical_domain: String,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339.
    updated_at: String,
}

/// What is to change of a portal. What is fixed may be sent as it is.
#[derive(Debug, Object)]
#[oai(rename = "UpdatePortal")]
struct ChangeDocument {
    /// Its short name: fixed.
    name: Option<String>,
    /// What people call it.
    display_name: Option<String>,
    /// Developers are approved at once.
    auto_approve_developers: Option<bool>,
    /// Registrations are approved at once, whatever the API says. Those that wait go on waiting.
    auto_approve_applications: Option<bool>,
    /// Fixed: `true`.
    authentication_enabled: Option<bool>,
    /// Fixed: `false`.
    rbac_enabled: Option<bool>,
}

#[OpenApi(tag = "Part::Portals")]
impl PortalsApi {
    /// List the portals: the one at this address.
    #[oai(path = "/v3/portals", method = "get", operation_id = "list_portals")]
    async fn list(
        &self,
        caller: Administrator,
        request: &Request,
        #[oai(name = "page[number]")] number: Query<Option<u64>>,
        #[oai(name = "page[size]")] size: Query<Option<u64>>,
    ) -> Result<Told<Page<Portal>>, Problem> {
        let asked = Asked::read(request, *number, *size, &[])?;
        let shown = settings::read(&caller.app, &caller.tenant, &caller.actor).await?;
        Ok(Told(asked.page(asked.of_all(vec![shown]), |shown| Portal::of(&caller.tenant, shown))))
    }

    /// Read a portal.
    #[oai(path = "/v3/portals/:portal_id", method = "get", operation_id = "get_portal")]
    async fn read(&self, caller: Administrator, portal_id: Path<String>) -> Result<Told<Portal>, Problem> {
        caller.portal(&portal_id)?;
        let shown = settings::read(&caller.app, &caller.tenant, &caller.actor).await?;
        Ok(Told(Portal::of(&caller.tenant, shown)))
    }

    /// Change the switches of a portal.
    #[oai(path = "/v3/portals/:portal_id", method = "patch", operation_id = "update_portal")]
    async fn change(
        &self,
        caller: Administrator,
        portal_id: Path<String>,
        body: Sent<ChangeDocument>,
    ) -> Result<Told<Portal>, Problem> {
        caller.portal(&portal_id)?;
        let mut fields = body.fields();
        let mut patch = Map::new();
        if let Some(name) = fields.text("display_name", NAME_MAX) {
            patch.insert("name".into(), name.into());
        }
        let switches = [("auto_approve_developers", "developers"), ("auto_approve_applications", "contracts")];
        for (field, switch) in switches {
            if let Some(on) = fields.flag(field) {
                patch.entry("auto_approve").or_insert(json!({}))[switch] = on.into();
            }
        }
        keep_what_is_fixed(&mut fields, &caller.tenant);
        fields.done()?;
        let shown = settings::patch(&caller.app, &caller.tenant, &caller.actor, &Value::Object(patch)).await?;
        Ok(Told(Portal::of(&caller.tenant, shown)))
    }
}

/// What cannot be switched here may be sent as it is, because scripts send whole portals back.
fn keep_what_is_fixed(fields: &mut Fields, tenant: &Tenant) {
    let fixed = [
        ("name", json!(tenant.slug)),
        ("description", Value::Null),
        ("authentication_enabled", json!(true)),
        ("rbac_enabled", json!(false)),
        ("sipr_enabled", json!(false)),
        ("default_api_visibility", json!("private")),
        ("default_page_visibility", json!("private")),
        ("default_application_auth_strategy_id", json!(tenant.id)),
        ("labels", json!({})),
    ];
    for (field, value) in fixed {
        if fields.any(field).is_some_and(|sent| sent != value) {
            fields.refuse(field, "invalid", &format!("is fixed here: {value}"));
        }
    }
}

impl Portal {
    fn of(tenant: &Tenant, shown: Shown) -> Self {
        Self {
            id: tenant.id.to_string(),
            name: shown.slug,
            display_name: shown.name,
            description: None,
            authentication_enabled: true,
            rbac_enabled: false,
            sipr_enabled: false,
            default_api_visibility: "private".to_owned(),
            default_page_visibility: "private".to_owned(),
            default_application_auth_strategy_id: Some(tenant.id.to_string()),
            auto_approve_developers: shown.settings.auto_approve.developers,
            auto_approve_applications: shown.settings.auto_approve.contracts,
            default_domain: tenant.authority().to_owned(),
            canonical_domain: tenant.authority().to_owned(),
            created_at: rfc3339(shown.created_at),
            updated_at: rfc3339(shown.updated_at),
        }
    }
}
