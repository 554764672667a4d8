//! `subscriptions`: what does somebody who consumes APIs subscribe to in the portal? (portal.md G66 to G70)

use poem::Request;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

use super::shape::Subscription;
use crate::api::gravitee::answer::{Gone, Told};
use crate::api::gravitee::application::living;
use crate::api::gravitee::body::Sent;
use crate::api::gravitee::caller::PortalCaller;
use crate::api::gravitee::catalog;
use crate::api::gravitee::page::{Asked, Data};
use crate::api::gravitee::refused::Refused;
use crate::api::gravitee::subscription::{self, Wish, standings};
use crate::api::gravitee::voice::{Part, Portal};
use crate::portal::Action;
use crate::portal::application::Whose;
use crate::portal::contract::{Approval, Filter};

/// Subscriptions, for those who consume APIs.
#[derive(Debug)]
pub struct SubscriptionsApi;

/// A subscription that is asked for.
#[derive(Debug, Object)]
#[oai(rename = "SubscriptionInput", skip_serializing_if_is_none)]
struct WishDocument {
    /// The application.
    application: String,
    /// The plan.
    plan: String,
    /// What it is for; some plans want to know.
    request: Option<String>,
}

#[OpenApi(prefix_path = "/portal/environments/:envId", tag = "Part::Portal")]
impl SubscriptionsApi {
    /// List the subscriptions of one's applications.
    #[oai(path = "/subscriptions", method = "get", operation_id = "get_portal_subscriptions")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list(
        &self,
        caller: PortalCaller,
        request: &Request,
        /// Those of this application.
        #[oai(name = "applicationId")]
        application_id: Query<Option<String>>,
        /// Those to this API.
        #[oai(name = "apiId")]
        api_id: Query<Option<String>>,
        /// `PENDING`, `ACCEPTED`, `PAUSED`, `REJECTED`, `CLOSED`; none: all of them.
        statuses: Query<Vec<String>>,
        /// From 1 on.
        page: Query<Option<i64>>,
        /// At most 500; -1: all.
        size: Query<Option<i64>>,
    ) -> Result<Told<Data<Subscription>>, Refused<Portal>> {
        let asked = Asked::of_portal(*page, *size)?;
        let application = match application_id.as_deref() {
            Some(named) => Some(living(&caller, named).await?.row.id),
            None => None,
        };
        let service = match api_id.as_deref() {
            Some(named) => Some(catalog::find(&caller, named).await?.shown.id),
            None => None,
        };
        let standings = standings(&statuses, &subscription::STATUSES)?;
        let filter = Filter { whose: Whose::Mine, application, service, standings, ..Filter::default() };
        let listed = subscription::list(&caller, &filter, &asked.wanted()).await?;
        let data = listed.items.into_iter().map(Subscription::from).collect();
        Ok(Told(asked.data(&caller.tenant, request, data, listed.total)))
    }

    /// Subscribe an application to a plan.
    #[oai(path = "/subscriptions", method = "post", operation_id = "create_portal_subscription")]
    async fn create(
        &self,
        caller: PortalCaller,
        body: Sent<WishDocument>,
    ) -> Result<Told<Subscription>, Refused<Portal>> {
        caller.actor.may(Action::WriteOwn)?;
        let mut fields = body.fields()?;
        fields.need("application");
        fields.need("plan");
        let [application, plan] = ["application", "plan"].map(|name| fields.text(name).unwrap_or_default());
        let comment = fields.text("request");
        fields.done()?;
        let wish = Wish { application: &application, plan: &plan, comment, approval: Approval::AsConfigured };
        Ok(Told(subscription::subscribe(&caller, wish).await?.into()))
    }

    /// Read a subscription.
    #[oai(path = "/subscriptions/:subscriptionId", method = "get", operation_id = "get_portal_subscription")]
    async fn read(
        &self,
        caller: PortalCaller,
        #[oai(name = "subscriptionId")] subscription_id: Path<String>,
    ) -> Result<Told<Subscription>, Refused<Portal>> {
        let found = subscription::find(&caller, &subscription_id).await?;
        Ok(Told(subscription::one(&caller, found).await?.into()))
    }

    /// Close a subscription.
    #[oai(path = "/subscriptions/:subscriptionId/_close", method = "post", operation_id = "close_portal_subscription")]
    async fn close(
        &self,
        caller: PortalCaller,
        #[oai(name = "subscriptionId")] subscription_id: Path<String>,
    ) -> Result<Gone, Refused<Portal>> {
        subscription::close(&caller, &subscription_id).await?;
        Ok(Gone::Done)
    }
}
