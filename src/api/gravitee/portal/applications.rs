//! `applications`: what does somebody who consumes APIs register in the portal? (portal.md G27, G55 to G60)

use entity::id::ApplicationId;
use poem::Request;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::{Binary, Response};

use super::address;
use super::shape::Application;
use crate::api::gravitee::answer::{Gone, Made, Told};
use crate::api::gravitee::application::{self as seen_application, Seen, find, living, renew, seen, with_secret};
use crate::api::gravitee::body::Sent;
use crate::api::gravitee::caller::PortalCaller;
use crate::api::gravitee::management::applications::picture;
use crate::api::gravitee::management::configuration::{self, ApplicationType};
use crate::api::gravitee::page::{Asked, Data};
use crate::api::gravitee::refusal::{About, Concerning, Detail, Refusal};
use crate::api::gravitee::refused::Refused;
use crate::api::gravitee::voice::{Part, Portal};
use crate::api::gravitee::wish::{Wish, WishDocument, WithoutSettings};
use crate::portal::application::{self, Filter, Order, Whose};
use crate::portal::application_type::Type;
use crate::portal::{Action, client};

/// Applications, for those who consume APIs.
#[derive(Debug)]
pub struct ApplicationsApi;

#[OpenApi(prefix_path = "/portal/environments/:envId", tag = "Part::Portal")]
impl ApplicationsApi {
    /// List one's own applications, and those one works on.
    #[oai(path = "/applications", method = "get", operation_id = "get_portal_applications")]
    async fn list(
        &self,
        caller: PortalCaller,
        request: &Request,
        /// From 1 on.
        page: Query<Option<i64>>,
        /// At most 500; -1: all.
        size: Query<Option<i64>>,
        /// `name`, `-name`, `updated_at` or `-updated_at`.
        order: Query<Option<String>>,
    ) -> Result<Told<Data<Application>>, Refused<Portal>> {
        let PortalCaller { app, tenant, actor, .. } = &caller;
        let asked = Asked::of_portal(*page, *size)?;
        let filter = Filter { whose: Whose::Mine, order: ordered(order.0.as_deref())?, ..Filter::default() };
        let listed = application::list(app, tenant, actor, &filter, &asked.wanted()).await?;
        let ids: Vec<ApplicationId> = listed.items.iter().map(|item| item.row.id).collect();
        let mut clients = client::first_of(app, tenant, &ids).await?;
        let told = |item: application::Application| {
            let client = clients.remove(&item.row.id);
            Application::of(tenant, Seen::listed(item, client))
        };
        let data = listed.items.into_iter().map(told).collect();
        Ok(Told(asked.data(tenant, request, data, listed.total)))
    }

    /// Make an application.
    ///
    /// One with settings `oauth` is registered at the default provider, and its secret is told.
    #[oai(path = "/applications", method = "post", operation_id = "create_portal_application")]
    async fn create(
        &self,
        caller: PortalCaller,
        body: Sent<WishDocument>,
    ) -> Result<Made<Application>, Refused<Portal>> {
        let PortalCaller { app, tenant, actor, .. } = &caller;
        actor.may(Action::WriteOwn)?;
        let new = Wish::read(body.fields()?, WithoutSettings::Refused)?.into_new()?;
        let created = application::create_at_provider(app, tenant, actor, new).await?;
        let at = address(tenant, &format!("applications/{}", created.application.row.id));
        let made = with_secret(&caller, created.application, created.secret).await?;
        Ok(Made { told: Application::of(tenant, made), at })
    }

    /// Read an application.
    #[oai(path = "/applications/:applicationId", method = "get", operation_id = "get_portal_application")]
    async fn read(
        &self,
        caller: PortalCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
    ) -> Result<Told<Application>, Refused<Portal>> {
        Ok(Told(Application::of(&caller.tenant, find(&caller, &application_id).await?)))
    }

    /// Change an application.
    ///
    /// Everything becomes what is sent; the type never changes.
    #[oai(path = "/applications/:applicationId", method = "put", operation_id = "update_portal_application")]
    async fn change(
        &self,
        caller: PortalCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
        body: Sent<WishDocument>,
    ) -> Result<Told<Application>, Refused<Portal>> {
        let PortalCaller { app, tenant, actor, .. } = &caller;
        let before = living(&caller, &application_id).await?.row;
        let change = Wish::read(body.fields()?, WithoutSettings::Refused)?.change(&before)?;
        let changed = application::change(app, tenant, actor, before.id, None, change).await;
        let changed = changed.about(About::Changed(&before.name))?;
        Ok(Told(Application::of(tenant, seen(&caller, changed).await?)))
    }

    /// Archive an application.
    #[oai(path = "/applications/:applicationId", method = "delete", operation_id = "delete_portal_application")]
    async fn remove(
        &self,
        caller: PortalCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
    ) -> Result<Gone, Refused<Portal>> {
        let id = crate::api::gravitee::application(&application_id)?;
        let about = About::Application(&application_id);
        application::archive(&caller.app, &caller.tenant, &caller.actor, id).await.about(about)?;
        Ok(Gone::Done)
    }

    /// Renew the secret of an application.
    #[oai(
        path = "/applications/:applicationId/_renew_secret",
        method = "post",
        operation_id = "renew_portal_application_secret"
    )]
    async fn renew(
        &self,
        caller: PortalCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
    ) -> Result<Told<Application>, Refused<Portal>> {
        Ok(Told(Application::of(&caller.tenant, renew(&caller, &application_id).await?)))
    }

    /// Read the type of an application.
    #[oai(
        path = "/applications/:applicationId/configuration",
        method = "get",
        operation_id = "get_type_of_portal_application"
    )]
    async fn configuration(
        &self,
        caller: PortalCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
    ) -> Result<Told<ApplicationType>, Refused<Portal>> {
        let kind = living(&caller, &application_id).await?.row.kind;
        Ok(Told(Type::parse(&kind).map_err(|_| Refusal::unknown_type(&kind))?.into()))
    }

    /// Read the picture of an application.
    #[oai(
        path = "/applications/:applicationId/picture",
        method = "get",
        operation_id = "get_portal_application_picture"
    )]
    async fn picture(
        &self,
        caller: PortalCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
    ) -> Result<Response<Binary<Vec<u8>>>, Refused<Portal>> {
        Ok(picture(&caller, &application_id).await?)
    }

    /// List the types of applications there may be.
    #[oai(path = "/configuration/applications/types", method = "get", operation_id = "get_portal_application_types")]
    async fn types(
        &self,
        caller: PortalCaller,
        request: &Request,
    ) -> Result<Told<Data<ApplicationType>>, Refused<Portal>> {
        let types = configuration::enabled(&caller)?;
        let asked = Asked::of_portal(None, Some(-1))?;
        let total = u64::try_from(types.len()).unwrap_or_default();
        Ok(Told(asked.data(&caller.tenant, request, types, total)))
    }
}

fn ordered(order: Option<&str>) -> Result<Order, Refusal> {
    seen_application::order(order).map_err(|complaint| Refusal::wrong(vec![Detail::new("order", complaint)]))
}
