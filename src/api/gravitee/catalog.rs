//! Which API, and which plan of it, is meant? A service is an API, and its policy its one plan (portal.md §8.1).

use entity::id::{PolicyId, ServiceId};

use super::caller::Caller;
use super::refusal::{About, Concerning, Plan as Stage, Refusal};
use crate::clock::Seconds;
use crate::oidc::service::{self as services, Service};
use crate::oidc::tenant::Tenant;
use crate::portal::Action;
use crate::portal::list::{Listed, Wanted};
use crate::portal::service::{self, Filter, Shown, catalog, shown};

/// An API, with its plan if it has one.
#[derive(Clone, Debug)]
pub struct Api {
    /// What everybody may see of it.
    pub shown: Shown,
    /// Who looks after it.
    pub owner: Option<String>,
    /// Whether consumers see it.
    pub published: bool,
    /// Whether tokens are issued for it.
    pub enabled: bool,
    /// Its plan.
    pub plan: Option<Plan>,
}

/// The plan of an API.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Identity.
    pub id: PolicyId,
    /// The API.
    pub api: ServiceId,
    /// Name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Nobody has to accept subscriptions.
    pub auto: bool,
    /// Whoever subscribes must say what for.
    pub comment_required: bool,
    /// How far it has come.
    pub stage: Stage,
    /// Seconds since 1970.
    pub created_at: Seconds,
    /// Seconds since 1970.
    pub updated_at: Seconds,
}

impl Plan {
    /// The plan of a service; `None`: it has none.
    pub fn of(tenant: &Tenant, service: &Service) -> Option<Self> {
        let policy = service.policy.as_ref()?;
        let stage = match (service.row.enabled, service.row.published, policy.enabled) {
            (false, _, _) => Stage::Closed,
            (true, false, _) => Stage::Staging,
            (true, true, false) => Stage::Deprecated,
            (true, true, true) => Stage::Published,
        };
        Some(Self {
            id: policy.id,
            api: service.row.id,
            name: policy.display_name.clone(),
            description: policy.description.clone(),
            // Where the tenant approves everything, nothing else decides (portal.md N21).
            auto: tenant.settings.auto_approve.contracts || policy.auto_approve,
            comment_required: policy.comment_required,
            stage,
            created_at: policy.created_at,
            updated_at: policy.updated_at,
        })
    }

    /// `AUTO` or `MANUAL`.
    pub fn validation(&self) -> &'static str {
        if self.auto { "AUTO" } else { "MANUAL" }
    }

    /// How far it has come, in Gravitee's word.
    pub fn status(&self) -> &'static str {
        match self.stage {
            Stage::Published => "PUBLISHED",
            Stage::Staging => "STAGING",
            Stage::Deprecated => "DEPRECATED",
            Stage::Closed => "CLOSED",
        }
    }
}

impl Api {
    fn of(tenant: &Tenant, service: &Service) -> Self {
        Self {
            shown: Shown::of(service),
            owner: service.row.owner_id.map(|owner| owner.to_string()),
            published: service.row.published,
            enabled: service.row.enabled,
            plan: Plan::of(tenant, service),
        }
    }
}

/// The APIs the caller sees: those who look after services see all, everybody else those that are published.
///
/// # Errors
/// 403.
pub async fn list<V>(caller: &Caller<V>, search: Option<String>, wanted: &Wanted) -> Result<Listed<Api>, Refusal> {
    let Caller { app, tenant, actor, .. } = caller;
    if !actor.can(Action::ReadServices) {
        return published(caller, search, wanted).await;
    }
    let filter = Filter { search, ..Filter::default() };
    let listed = service::list(app, tenant, actor, &filter, wanted).await?;
    Ok(listed.map(|service| Api::of(tenant, &service)))
}

/// The APIs that are published.
///
/// # Errors
/// 403.
pub async fn published<V>(caller: &Caller<V>, search: Option<String>, wanted: &Wanted) -> Result<Listed<Api>, Refusal> {
    let Caller { app, tenant, actor, .. } = caller;
    let filter = Filter { search, ..Filter::default() };
    let Listed { items, total, next } = catalog(app, tenant, actor, &filter, wanted).await?;
    let all = services::all(app, tenant).await.map_err(|error| Refusal::from(&error))?;
    let known = |shown: Shown| all.iter().find(|service| service.row.id == shown.id).map(|it| Api::of(tenant, it));
    Ok(Listed { items: items.into_iter().filter_map(known).collect(), total, next })
}

/// One of those the caller sees.
///
/// # Errors
/// 404, 403.
pub async fn find<V>(caller: &Caller<V>, named: &str) -> Result<Api, Refusal> {
    let Caller { app, tenant, actor, .. } = caller;
    if !actor.can(Action::ReadServices) {
        return find_published(caller, named).await;
    }
    let found = service::find(app, tenant, actor, named).await;
    Ok(Api::of(tenant, &found.about(About::Api(named))?))
}

/// One of those that are published.
///
/// # Errors
/// 404, 403.
pub async fn find_published<V>(caller: &Caller<V>, named: &str) -> Result<Api, Refusal> {
    let Caller { app, tenant, actor, .. } = caller;
    let about = About::Api(named);
    let id = shown(app, tenant, actor, named).await.about(about)?.id;
    let all = services::all(app, tenant).await.map_err(|error| Refusal::from(&error))?;
    let found = all.iter().find(|service| service.row.id == id).map(|service| Api::of(tenant, service));
    found.ok_or_else(|| Refusal::not_found(about))
}

/// Every plan, at most a second old: contracts and scripts name them.
#[derive(Clone, Debug)]
pub struct Plans(Vec<Plan>);

impl Plans {
    /// Those of this tenant.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn of<V>(caller: &Caller<V>) -> Result<Self, Refusal> {
        let all = services::all(&caller.app, &caller.tenant).await.map_err(|error| Refusal::from(&error))?;
        Ok(Self(all.iter().filter_map(|service| Plan::of(&caller.tenant, service)).collect()))
    }

    /// The plan of an API, whatever its stage.
    pub fn of_api(&self, api: ServiceId) -> Option<&Plan> {
        self.0.iter().find(|plan| plan.api == api)
    }

    /// The plan with this identity, whatever its stage: what can be done with it is for the rules to say.
    ///
    /// # Errors
    /// 404.
    pub fn named(&self, named: &str) -> Result<&Plan, Refusal> {
        let found = self.0.iter().find(|plan| plan.id.to_string() == named);
        found.ok_or_else(|| Refusal::not_found(About::Plan(named, Stage::Published)))
    }
}
