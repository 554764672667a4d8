//! `apis` and their plans: what is there to subscribe to? To be read; services are managed elsewhere.

use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

use crate::api::gravitee::answer::{Told, millis};
use crate::api::gravitee::caller::ConsoleCaller;
use crate::api::gravitee::catalog::{self, Api, Plan};
use crate::api::gravitee::page::SIZE_MAX;
use crate::api::gravitee::refusal::{About, Plan as Stage, Refusal};
use crate::api::gravitee::refused::Refused;
use crate::api::gravitee::voice::{Management, Part};
use crate::portal::list::Wanted;

/// APIs and plans.
#[derive(Debug)]
pub struct ApisApi;

/// An API.
#[derive(Debug, Object)]
#[oai(rename = "ApiListItem", skip_serializing_if_is_none)]
pub struct ApiEntity {
    /// Identity.
    id: String,
    /// Name.
    name: String,
    /// Always `1`: an API here has no versions.
    version: String,
    /// What it is.
    description: Option<String>,
    /// Milliseconds since 1970.
    created_at: i64,
    /// Milliseconds since 1970.
    updated_at: i64,
    /// `PUBLIC` for consumers to see, or `PRIVATE`.
    visibility: String,
    /// `STARTED` or `STOPPED`.
    state: String,
    /// `PUBLISHED` or `UNPUBLISHED`.
    lifecycle_state: String,
    /// Who looks after it.
    owner: Option<ApiOwner>,
    /// Words to find it by.
    labels: Vec<String>,
    /// What tokens for it name as their audience.
    audience: String,
    /// What one may ask for.
    scopes: Vec<String>,
}

/// Who looks after an API.
#[derive(Debug, Object)]
#[oai(rename = "ApiOwner")]
pub struct ApiOwner {
    /// Identity.
    id: String,
}

/// A plan of an API: there is one.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct PlanEntity {
    /// Identity.
    id: String,
    /// Name.
    name: String,
    /// What it is.
    description: Option<String>,
    /// `AUTO` if nobody has to accept subscriptions, or `MANUAL`.
    validation: String,
    /// Always `OAUTH2`.
    security: String,
    /// Always `API`.
    #[oai(rename = "type")]
    kind: String,
    /// `PUBLISHED`, `STAGING`, `DEPRECATED` or `CLOSED`.
    status: String,
    /// The API.
    api: String,
    /// Always 1.
    order: u32,
    /// Milliseconds since 1970.
    created_at: i64,
    /// Milliseconds since 1970.
    updated_at: i64,
    /// Whoever subscribes must say what for.
    comment_required: bool,
    /// Always empty.
    characteristics: Vec<String>,
}

#[OpenApi(prefix_path = "/management/organizations/:organizationId/environments/:envId", tag = "Part::Apis")]
impl ApisApi {
    /// List APIs.
    ///
    /// Publishers and admins see all of them, everybody else those that are published.
    #[oai(path = "/apis", method = "get", operation_id = "get_apis")]
    async fn list(
        &self,
        caller: ConsoleCaller,
        /// Part of the name, the description or a label.
        name: Query<Option<String>>,
    ) -> Result<Told<Vec<ApiEntity>>, Refused<Management>> {
        let search = name.0.filter(|name| !name.is_empty());
        let listed = catalog::list(&caller, search, &Wanted::first(SIZE_MAX.unsigned_abs())).await?;
        Ok(Told(listed.items.into_iter().map(ApiEntity::from).collect()))
    }

    /// Read an API.
    #[oai(path = "/apis/:apiId", method = "get", operation_id = "get_api")]
    async fn read(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "apiId")] api_id: Path<String>,
    ) -> Result<Told<ApiEntity>, Refused<Management>> {
        Ok(Told(catalog::find(&caller, &api_id).await?.into()))
    }

    /// List the plans of an API.
    #[oai(path = "/apis/:apiId/plans", method = "get", operation_id = "get_api_plans")]
    async fn plans(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "apiId")] api_id: Path<String>,
        /// `PUBLISHED`, `STAGING`, `DEPRECATED`, `CLOSED`, several with commas; none: `PUBLISHED`.
        status: Query<Option<String>>,
    ) -> Result<Told<Vec<PlanEntity>>, Refused<Management>> {
        let plan = catalog::find(&caller, &api_id).await?.plan;
        let wanted = status.0.filter(|words| !words.is_empty()).unwrap_or_else(|| "PUBLISHED".to_owned());
        let is_wanted = |plan: &Plan| wanted.split(',').any(|word| word.trim().eq_ignore_ascii_case(plan.status()));
        Ok(Told(plan.into_iter().filter(is_wanted).map(PlanEntity::from).collect()))
    }

    /// Read a plan of an API.
    #[oai(path = "/apis/:apiId/plans/:planId", method = "get", operation_id = "get_api_plan")]
    async fn plan(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "apiId")] api_id: Path<String>,
        #[oai(name = "planId")] plan_id: Path<String>,
    ) -> Result<Told<PlanEntity>, Refused<Management>> {
        let plan = catalog::find(&caller, &api_id).await?.plan.filter(|plan| plan.id.to_string() == *plan_id);
        let about = About::Plan(&plan_id, Stage::Published);
        Ok(Told(plan.ok_or_else(|| Refusal::not_found(about))?.into()))
    }
}

impl From<Api> for ApiEntity {
    fn from(api: Api) -> Self {
        let word = |is: bool, yes: &str, no: &str| if is { yes.to_owned() } else { no.to_owned() };
        let Api { shown, owner, published, enabled, .. } = api;
        Self {
            id: shown.id.to_string(),
            name: shown.title,
            version: "1".to_owned(),
            description: shown.description,
            created_at: millis(shown.created_at),
            updated_at: millis(shown.updated_at),
            visibility: word(published, "PUBLIC", "PRIVATE"),
            state: word(enabled, "STARTED", "STOPPED"),
            lifecycle_state: word(published, "PUBLISHED", "UNPUBLISHED"),
            owner: owner.map(|id| ApiOwner { id }),
            labels: shown.tags,
            audience: shown.audience,
            scopes: shown.scopes.into_iter().map(|scope| scope.value).collect(),
        }
    }
}

impl From<Plan> for PlanEntity {
    fn from(plan: Plan) -> Self {
        Self {
            id: plan.id.to_string(),
            validation: plan.validation().to_owned(),
            status: plan.status().to_owned(),
            name: plan.name,
            description: plan.description,
            security: "OAUTH2".to_owned(),
            kind: "API".to_owned(),
            api: plan.api.to_string(),
            order: 1,
            created_at: millis(plan.created_at),
            updated_at: millis(plan.updated_at),
            comment_required: plan.comment_required,
            characteristics: Vec::new(),
        }
    }
}
