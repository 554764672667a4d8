//! `apis/{id}/subscriptions`: what do those who look after an API decide about subscriptions? (portal.md G69)

use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

use super::address;
use super::subscriptions::{Listed, Subscription, paged};
use crate::api::gravitee::answer::{Made, Told};
use crate::api::gravitee::body::Sent;
use crate::api::gravitee::caller::ConsoleCaller;
use crate::api::gravitee::catalog;
use crate::api::gravitee::page::{Asked, Paged};
use crate::api::gravitee::refusal::{About, Concerning, Detail, Refusal};
use crate::api::gravitee::refused::Refused;
use crate::api::gravitee::subscription::{self, Wish, standings};
use crate::api::gravitee::voice::{Management, Part};
use crate::portal::Action;
use crate::portal::contract::{self, Approval, Contract, Decision, Filter, Processed, Verdict};

/// Subscriptions, for those who look after APIs.
#[derive(Debug)]
pub struct PublisherApi;

/// What is made of a subscription.
#[derive(Debug, Object)]
#[oai(rename = "ProcessSubscriptionEntity", skip_serializing_if_is_none)]
struct ProcessDocument {
    /// The subscription: if it is said, then the one of the path.
    id: Option<String>,
    /// Whether the application may use the API.
    accepted: bool,
    /// Why, told to the consumer.
    reason: Option<String>,
    /// Not before: milliseconds since 1970.
    starting_at: Option<i64>,
    /// Not from then on: milliseconds since 1970.
    ending_at: Option<i64>,
}

#[OpenApi(prefix_path = "/management/organizations/:organizationId/environments/:envId", tag = "Part::Subscriptions")]
impl PublisherApi {
    /// List the subscriptions to an API.
    #[oai(path = "/apis/:apiId/subscriptions", method = "get", operation_id = "get_api_subscriptions")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "apiId")] api_id: Path<String>,
        /// `PENDING`, `ACCEPTED`, `PAUSED`, `REJECTED`, `CLOSED`, several with commas; none: `ACCEPTED`.
        status: Query<Option<String>>,
        /// From 1 on.
        page: Query<Option<i64>>,
        /// At most 500.
        size: Query<Option<i64>>,
    ) -> Result<Told<Paged<Listed>>, Refused<Management>> {
        caller.actor.may(Action::ReadContracts)?;
        let service = Some(catalog::find(&caller, &api_id).await?.shown.id);
        let standings = standings(&Vec::from_iter(status.0), &["ACCEPTED"])?;
        let filter = Filter { service, standings, ..Filter::default() };
        Ok(Told(paged(&caller, &filter, Asked::of_management(*page, *size)?).await?))
    }

    /// Subscribe an application to a plan of an API, accepted at once.
    #[oai(path = "/apis/:apiId/subscriptions", method = "post", operation_id = "create_subscription_to_api")]
    async fn create(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "apiId")] api_id: Path<String>,
        /// The application.
        application: Query<Option<String>>,
        /// The plan.
        plan: Query<Option<String>>,
    ) -> Result<Made<Subscription>, Refused<Management>> {
        caller.actor.may(Action::DecideContracts)?;
        let api = catalog::find(&caller, &api_id).await?;
        let application = application.0.ok_or_else(|| Refusal::needed("application"))?;
        let plan = plan.0.ok_or_else(|| Refusal::needed("plan"))?;
        if api.plan.is_none_or(|known| known.id.to_string() != plan) {
            let stage = crate::api::gravitee::refusal::Plan::Published;
            return Err(Refusal::not_found(About::Plan(&plan, stage)).into());
        }
        let wish = Wish { application: &application, plan: &plan, comment: None, approval: Approval::AtOnce };
        let made = subscription::subscribe(&caller, wish).await?;
        let path = format!("apis/{}/subscriptions/{}", made.contract.service.id, made.contract.row.id);
        Ok(Made { told: made.into(), at: address(&caller.tenant, &path) })
    }

    /// Read a subscription to an API.
    #[oai(path = "/apis/:apiId/subscriptions/:subscriptionId", method = "get", operation_id = "get_api_subscription")]
    async fn read(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "apiId")] api_id: Path<String>,
        #[oai(name = "subscriptionId")] subscription_id: Path<String>,
    ) -> Result<Told<Subscription>, Refused<Management>> {
        let found = found(&caller, &api_id, &subscription_id).await?;
        Ok(Told(subscription::one(&caller, found).await?.into()))
    }

    /// Accept or refuse a subscription that is pending.
    #[oai(
        path = "/apis/:apiId/subscriptions/:subscriptionId/_process",
        method = "post",
        operation_id = "process_api_subscription"
    )]
    async fn process(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "apiId")] api_id: Path<String>,
        #[oai(name = "subscriptionId")] subscription_id: Path<String>,
        body: Sent<ProcessDocument>,
    ) -> Result<Told<Subscription>, Refused<Management>> {
        caller.actor.may(Action::DecideContracts)?;
        let id = found(&caller, &api_id, &subscription_id).await?.row.id;
        let mut fields = body.fields()?;
        let verdict = if fields.flag("accepted") == Some(true) { Verdict::Accept } else { Verdict::Refuse };
        if fields.filled("id").is_some_and(|other| other != id.to_string()) {
            fields.refuse("id", "must be the subscription of the path");
        }
        let processed = Processed {
            verdict,
            reason: fields.filled("reason"),
            starts_at: fields.moment("starting_at"),
            ends_at: fields.moment("ending_at"),
        };
        fields.done()?;
        let about = About::Processed(&subscription_id);
        let after = contract::process(&caller.app, &caller.tenant, &caller.actor, id, processed).await.about(about)?;
        Ok(Told(subscription::one(&caller, after).await?.into()))
    }

    /// Close, pause or resume a subscription.
    #[oai(
        path = "/apis/:apiId/subscriptions/:subscriptionId/status",
        method = "post",
        operation_id = "change_api_subscription_status"
    )]
    async fn status(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "apiId")] api_id: Path<String>,
        #[oai(name = "subscriptionId")] subscription_id: Path<String>,
        /// `CLOSED`, `PAUSED` or `RESUMED`.
        status: Query<Option<String>>,
    ) -> Result<Told<Subscription>, Refused<Management>> {
        let (app, tenant, actor) = (&caller.app, &caller.tenant, &caller.actor);
        actor.may(Action::DecideContracts)?;
        let id = found(&caller, &api_id, &subscription_id).await?.row.id;
        let named = &subscription_id;
        let after = match status.as_deref() {
            Some("CLOSED") => {
                contract::delete(app, tenant, actor, id).await.about(About::Subscription(named))?;
                found(&caller, &api_id, named).await?
            }
            Some("PAUSED") => {
                contract::decide(app, tenant, actor, id, Decision::Suspend).await.about(About::Paused(named))?
            }
            Some("RESUMED") => {
                contract::decide(app, tenant, actor, id, Decision::Resume).await.about(About::Resumed(named))?
            }
            _ => return Err(Refusal::wrong(vec![Detail::new("status", "must be CLOSED, PAUSED or RESUMED")]).into()),
        };
        Ok(Told(subscription::one(&caller, after).await?.into()))
    }
}

/// The subscription to this API, for those who look after it.
async fn found(caller: &ConsoleCaller, api: &str, named: &str) -> Result<Contract, Refusal> {
    caller.actor.may(Action::ReadContracts)?;
    let id = catalog::find(caller, api).await?.shown.id;
    let contract = subscription::find(caller, named).await?;
    if contract.service.id == id { Ok(contract) } else { Err(Refusal::not_found(About::Subscription(named))) }
}
