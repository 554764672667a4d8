//! `apis`, their plans, and `user`: what can somebody who consumes APIs subscribe to, and who are they?

use poem::Request;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

use super::shape::User;
use crate::api::gravitee::answer::Told;
use crate::api::gravitee::caller::PortalCaller;
use crate::api::gravitee::catalog::{self, Api, Plan};
use crate::api::gravitee::page::{Asked, Data};
use crate::api::gravitee::refusal::Refusal;
use crate::api::gravitee::refused::Refused;
use crate::api::gravitee::voice::{Part, Portal};
use crate::clock::rfc3339;
use crate::oidc::tenant::Tenant;
use crate::portal::Action;

/// The catalog.
#[derive(Debug)]
pub struct CatalogApi;

/// An API.
#[derive(Debug, Object)]
#[oai(rename = "Api", skip_serializing_if_is_none)]
pub struct PortalApi {
    /// Identity.
    id: String,
    /// Name.
    name: String,
    /// Always `1`: an API here has no versions.
    version: String,
    /// What it is.
    description: String,
    /// Always `true`: everybody with an account sees it.
    public: bool,
    /// Whether tokens are issued for it.
    running: bool,
    /// Always `false`.
    draft: bool,
    /// Where it is: not told here.
    entrypoints: Vec<String>,
    /// Words to find it by.
    labels: Vec<String>,
    /// Whose portal it is in.
    owner: User,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339.
    updated_at: String,
    /// What tokens for it name as their audience.
    audience: String,
    /// What one may ask for.
    scopes: Vec<String>,
}

/// A plan of an API: there is one.
#[derive(Debug, Object)]
#[oai(rename = "Plan")]
pub struct PortalPlan {
    /// Identity.
    id: String,
    /// Name.
    name: String,
    /// Always `OAUTH2`.
    security: String,
    /// What it is.
    description: String,
    /// Always empty.
    characteristics: Vec<String>,
    /// `AUTO` if nobody has to accept subscriptions, or `MANUAL`.
    validation: String,
    /// Always 1.
    order: u32,
    /// Whoever subscribes must say what for.
    comment_required: bool,
    /// Always `STANDARD`.
    mode: String,
}

#[OpenApi(prefix_path = "/portal/environments/:envId", tag = "Part::Portal")]
impl CatalogApi {
    /// List APIs.
    #[oai(path = "/apis", method = "get", operation_id = "get_portal_apis")]
    async fn list(
        &self,
        caller: PortalCaller,
        request: &Request,
        /// Part of the name, the description or a label.
        name: Query<Option<String>>,
        /// From 1 on.
        page: Query<Option<i64>>,
        /// At most 500; -1: all.
        size: Query<Option<i64>>,
    ) -> Result<Told<Data<PortalApi>>, Refused<Portal>> {
        let asked = Asked::of_portal(*page, *size)?;
        let search = name.0.filter(|name| !name.is_empty());
        let listed = catalog::published(&caller, search, &asked.wanted()).await?;
        let data = listed.items.into_iter().map(|api| PortalApi::of(&caller.tenant, api)).collect();
        Ok(Told(asked.data(&caller.tenant, request, data, listed.total)))
    }

    /// Read an API.
    #[oai(path = "/apis/:apiId", method = "get", operation_id = "get_portal_api")]
    async fn read(
        &self,
        caller: PortalCaller,
        #[oai(name = "apiId")] api_id: Path<String>,
    ) -> Result<Told<PortalApi>, Refused<Portal>> {
        Ok(Told(PortalApi::of(&caller.tenant, catalog::find_published(&caller, &api_id).await?)))
    }

    /// List the plans of an API that one can subscribe to.
    #[oai(path = "/apis/:apiId/plans", method = "get", operation_id = "get_portal_api_plans")]
    async fn plans(
        &self,
        caller: PortalCaller,
        request: &Request,
        #[oai(name = "apiId")] api_id: Path<String>,
        /// From 1 on.
        page: Query<Option<i64>>,
        /// At most 500; -1: all.
        size: Query<Option<i64>>,
    ) -> Result<Told<Data<PortalPlan>>, Refused<Portal>> {
        let asked = Asked::of_portal(*page, *size)?;
        let plan = catalog::find_published(&caller, &api_id).await?.plan;
        let plans = plan.into_iter().filter(|plan| plan.status() == "PUBLISHED").collect();
        let listed = asked.of_all(plans);
        let data = listed.items.into_iter().map(PortalPlan::from).collect();
        Ok(Told(asked.data(&caller.tenant, request, data, listed.total)))
    }

    /// Say who calls.
    #[oai(path = "/user", method = "get", operation_id = "get_portal_user")]
    async fn user(&self, caller: PortalCaller) -> Result<Told<User>, Refused<Portal>> {
        caller.actor.may(Action::ReadOwn)?;
        let user = caller.actor.user.as_deref().ok_or_else(Refusal::forbidden)?;
        Ok(Told(user.into()))
    }
}

impl PortalApi {
    fn of(tenant: &Tenant, api: Api) -> Self {
        let Api { shown, owner, enabled, .. } = api;
        let owner = User { id: owner, display_name: tenant.name.clone(), email: None, editable_profile: None };
        Self {
            id: shown.id.to_string(),
            name: shown.title,
            version: "1".to_owned(),
            description: shown.description.unwrap_or_default(),
            public: true,
            running: enabled,
            draft: false,
            entrypoints: Vec::new(),
            labels: shown.tags,
            owner,
            created_at: rfc3339(shown.created_at),
            updated_at: rfc3339(shown.updated_at),
            audience: shown.audience,
            scopes: shown.scopes.into_iter().map(|scope| scope.value).collect(),
        }
    }
}

impl From<Plan> for PortalPlan {
    fn from(plan: Plan) -> Self {
        Self {
            id: plan.id.to_string(),
            validation: plan.validation().to_owned(),
            name: plan.name,
            security: "OAUTH2".to_owned(),
            description: plan.description.unwrap_or_default(),
            characteristics: Vec::new(),
            order: 1,
            comment_required: plan.comment_required,
            mode: "STANDARD".to_owned(),
        }
    }
}
