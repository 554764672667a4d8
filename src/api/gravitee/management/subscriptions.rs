//! `applications/{id}/subscriptions`: what does a consumer subscribe an application to? (portal.md G66 to G70)

use poem_openapi::param::{Path, Query};
use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde_json::{Map, Value, json};

use super::address;
use super::shape::display_name;
use crate::api::gravitee::answer::{Made, Told, millis};
use crate::api::gravitee::application::living;
use crate::api::gravitee::body::Sent;
use crate::api::gravitee::caller::ConsoleCaller;
use crate::api::gravitee::page::{Asked, Paged};
use crate::api::gravitee::refusal::{About, Refusal};
use crate::api::gravitee::refused::Refused;
use crate::api::gravitee::subscription::{self, Seen, Wish, standings};
use crate::api::gravitee::voice::{Management, Part};
use crate::portal::contract::{Approval, Filter};

/// Subscriptions, for those who consume APIs.
#[derive(Debug)]
pub struct SubscriptionsApi;

/// A subscription that is asked for.
#[derive(Debug, Object)]
#[oai(rename = "NewSubscriptionEntity", skip_serializing_if_is_none)]
struct WishDocument {
    /// What it is for; some plans want to know.
    request: Option<String>,
}

/// A subscription.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Subscription {
    /// Identity.
    id: String,
    /// The API.
    api: Api,
    /// The plan; absent if the API has none any more.
    plan: Option<Plan>,
    /// The application.
    application: Application,
    /// `PENDING`, `ACCEPTED`, `PAUSED`, `REJECTED` or `CLOSED`.
    status: String,
    /// Always `STARTED`: consumers pause nothing.
    #[oai(rename = "consumerStatus")]
    consumer_status: String,
    /// Milliseconds since 1970.
    processed_at: Option<i64>,
    /// Who decided.
    processed_by: Option<String>,
    /// Whose application it is.
    subscribed_by: Option<User>,
    /// What it is for.
    request: Option<String>,
    /// What whoever decided wrote.
    reason: Option<String>,
    /// Not before: milliseconds since 1970.
    starting_at: Option<i64>,
    /// Not from then on: milliseconds since 1970.
    ending_at: Option<i64>,
    /// Milliseconds since 1970.
    created_at: i64,
    /// Milliseconds since 1970.
    updated_at: i64,
    /// Milliseconds since 1970.
    closed_at: Option<i64>,
    /// Milliseconds since 1970.
    paused_at: Option<i64>,
    /// By which identifier the application is known.
    client_id: Option<String>,
}

/// An API that is subscribed to.
#[derive(Debug, Object)]
#[oai(rename = "SubscriptionApi", skip_serializing_if_is_none)]
struct Api {
    /// Identity.
    id: String,
    /// Name.
    name: String,
    /// Always `1`: an API here has no versions.
    version: String,
    /// Who looks after it.
    owner: Option<Owner>,
}

/// A plan that is subscribed to.
#[derive(Debug, Object)]
#[oai(rename = "SubscriptionPlan")]
struct Plan {
    /// Identity.
    id: String,
    /// Name.
    name: String,
    /// Always `OAUTH2`.
    security: String,
}

/// An application that subscribed.
#[derive(Debug, Object)]
#[oai(rename = "SubscriptionApplication", skip_serializing_if_is_none)]
struct Application {
    /// Identity.
    id: String,
    /// Name.
    name: String,
    /// Who answers for it.
    owner: Option<User>,
}

/// A person.
#[derive(Clone, Debug, Object)]
#[oai(rename = "SubscriptionUser")]
struct User {
    /// Identity.
    id: String,
    /// Name.
    #[oai(rename = "displayName")]
    display_name: String,
}

/// A person.
#[derive(Debug, Object)]
#[oai(rename = "SubscriptionApiOwner")]
struct Owner {
    /// Identity.
    id: String,
}

/// A subscription, as lists have it: `metadata` has the names.
#[derive(Debug, Object)]
#[oai(rename = "SubscriptionEntity", skip_serializing_if_is_none)]
pub struct Listed {
    /// Identity.
    id: String,
    /// The API.
    api: String,
    /// The plan.
    plan: Option<String>,
    /// The application.
    application: String,
    /// `PENDING`, `ACCEPTED`, `PAUSED`, `REJECTED` or `CLOSED`.
    status: String,
    /// Always `STARTED`.
    #[oai(rename = "consumerStatus")]
    consumer_status: String,
    /// Milliseconds since 1970.
    processed_at: Option<i64>,
    /// Who decided.
    processed_by: Option<String>,
    /// Whose application it is.
    subscribed_by: Option<String>,
    /// What it is for.
    request: Option<String>,
    /// What whoever decided wrote.
    reason: Option<String>,
    /// Not before: milliseconds since 1970.
    starting_at: Option<i64>,
    /// Not from then on: milliseconds since 1970.
    ending_at: Option<i64>,
    /// Milliseconds since 1970.
    created_at: i64,
    /// Milliseconds since 1970.
    updated_at: i64,
    /// Milliseconds since 1970.
    closed_at: Option<i64>,
    /// Milliseconds since 1970.
    paused_at: Option<i64>,
    /// By which identifier the application is known.
    client_id: Option<String>,
    /// Always `OAUTH2`.
    security: String,
}

#[OpenApi(prefix_path = "/management/organizations/:organizationId/environments/:envId", tag = "Part::Subscriptions")]
impl SubscriptionsApi {
    /// List the subscriptions of an application.
    #[oai(
        path = "/applications/:applicationId/subscriptions",
        method = "get",
        operation_id = "get_application_subscriptions"
    )]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
        /// `PENDING`, `ACCEPTED`, `PAUSED`, `REJECTED`, `CLOSED`, several with commas; none: `ACCEPTED`.
        status: Query<Option<String>>,
        /// From 1 on.
        page: Query<Option<i64>>,
        /// At most 500.
        size: Query<Option<i64>>,
    ) -> Result<Told<Paged<Listed>>, Refused<Management>> {
        let application = Some(living(&caller, &application_id).await?.row.id);
        let standings = standings(&Vec::from_iter(status.0), &["ACCEPTED"])?;
        let filter = Filter { application, standings, ..Filter::default() };
        Ok(Told(paged(&caller, &filter, Asked::of_management(*page, *size)?).await?))
    }

    /// Subscribe an application to a plan.
    #[oai(
        path = "/applications/:applicationId/subscriptions",
        method = "post",
        operation_id = "create_subscription_with_application"
    )]
    async fn create(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
        /// The plan.
        plan: Query<Option<String>>,
        body: Sent<WishDocument>,
    ) -> Result<Made<Subscription>, Refused<Management>> {
        living(&caller, &application_id).await?;
        let plan = plan.0.ok_or_else(|| Refusal::needed("plan"))?;
        let mut fields = body.fields()?;
        let comment = fields.text("request");
        fields.done()?;
        let application = &application_id;
        let wish = Wish { application, plan: &plan, comment, approval: Approval::AsConfigured };
        let made = subscription::subscribe(&caller, wish).await?;
        let path = format!("applications/{}/subscriptions/{}", made.contract.application.id, made.contract.row.id);
        Ok(Made { told: made.into(), at: address(&caller.tenant, &path) })
    }

    /// Read a subscription of an application.
    #[oai(
        path = "/applications/:applicationId/subscriptions/:subscriptionId",
        method = "get",
        operation_id = "get_application_subscription"
    )]
    async fn read(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
        #[oai(name = "subscriptionId")] subscription_id: Path<String>,
    ) -> Result<Told<Subscription>, Refused<Management>> {
        Ok(Told(found(&caller, &application_id, &subscription_id).await?.into()))
    }

    /// Close a subscription of an application.
    #[oai(
        path = "/applications/:applicationId/subscriptions/:subscriptionId",
        method = "delete",
        operation_id = "close_application_subscription"
    )]
    async fn close(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
        #[oai(name = "subscriptionId")] subscription_id: Path<String>,
    ) -> Result<Told<Subscription>, Refused<Management>> {
        found(&caller, &application_id, &subscription_id).await?;
        Ok(Told(subscription::close(&caller, &subscription_id).await?.into()))
    }
}

/// The subscription of this application.
async fn found(caller: &ConsoleCaller, application: &str, named: &str) -> Result<Seen, Refusal> {
    let id = living(caller, application).await?.row.id;
    let contract = subscription::find(caller, named).await?;
    if contract.application.id != id {
        return Err(Refusal::not_found(About::Subscription(named)));
    }
    subscription::one(caller, contract).await
}

/// A page of subscriptions, with the names of what they are about.
pub(super) async fn paged(caller: &ConsoleCaller, filter: &Filter, asked: Asked) -> Result<Paged<Listed>, Refusal> {
    let listed = subscription::list(caller, filter, &asked.wanted()).await?;
    let mut names = Map::new();
    for seen in &listed.items {
        let contract = &seen.contract;
        names.insert(contract.service.id.to_string(), json!({"name": seen.api_name()}));
        names.insert(contract.application.id.to_string(), json!({"name": contract.application.name}));
        if let Some(plan) = &seen.plan {
            names.insert(plan.id.to_string(), json!({"name": plan.name}));
        }
        if let Some(owner) = &contract.application.owner {
            names.insert(owner.id.to_string(), json!({"name": display_name(owner)}));
        }
    }
    let data = listed.items.into_iter().map(Listed::from).collect();
    Ok(asked.paged(data, listed.total, Some(Any(Value::Object(names)))))
}

impl From<Seen> for Subscription {
    fn from(seen: Seen) -> Self {
        let owner = seen.contract.application.owner.as_ref();
        let owner = owner.map(|owner| User { id: owner.id.to_string(), display_name: display_name(owner) });
        let list = Listed::from(seen.clone());
        let plan = seen.plan.as_ref().map(|plan| Plan {
            id: plan.id.to_string(),
            name: plan.name.clone(),
            security: list.security.clone(),
        });
        let api = Api {
            id: list.api,
            name: seen.api_name().to_owned(),
            version: "1".to_owned(),
            owner: seen.contract.service.owner_id.map(|id| Owner { id: id.to_string() }),
        };
        let name = seen.contract.application.name.clone();
        Self {
            id: list.id,
            api,
            plan,
            application: Application { id: list.application, name, owner: owner.clone() },
            status: list.status,
            consumer_status: list.consumer_status,
            processed_at: list.processed_at,
            processed_by: list.processed_by,
            subscribed_by: owner,
            request: list.request,
            reason: list.reason,
            starting_at: list.starting_at,
            ending_at: list.ending_at,
            created_at: list.created_at,
            updated_at: list.updated_at,
            closed_at: list.closed_at,
            paused_at: list.paused_at,
            client_id: list.client_id,
        }
    }
}

impl From<Seen> for Listed {
    fn from(seen: Seen) -> Self {
        let row = &seen.contract.row;
        Self {
            id: row.id.to_string(),
            api: seen.contract.service.id.to_string(),
            plan: seen.plan.as_ref().map(|plan| plan.id.to_string()),
            application: seen.contract.application.id.to_string(),
            status: seen.status().to_owned(),
            consumer_status: "STARTED".to_owned(),
            processed_at: row.processed_at.map(millis),
            processed_by: seen.processed_by(),
            subscribed_by: seen.contract.application.owner.as_ref().map(|owner| owner.id.to_string()),
            request: row.request.clone(),
            reason: row.reason.clone(),
            starting_at: row.starts_at.map(millis),
            ending_at: row.ends_at.map(millis),
            created_at: millis(row.requested_at),
            updated_at: millis(row.updated_at),
            closed_at: seen.closed_at().map(millis),
            paused_at: seen.paused_at().map(millis),
            client_id: seen.client_id.clone(),
            security: "OAUTH2".to_owned(),
        }
    }
}
