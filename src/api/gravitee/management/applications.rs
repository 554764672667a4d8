//! `applications`: what do consumers register, and how does it change? (portal.md G54 to G63)

use entity::application::ApplicationStatus;
use entity::id::ApplicationId;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::{Binary, Response};

use super::address;
use super::configuration::ApplicationType;
use super::shape::Application;
use crate::api::gravitee::answer::{Gone, Made, Told};
use crate::api::gravitee::application::{Seen, living, order as order_of, renew, seen, with_secret};
use crate::api::gravitee::body::Sent;
use crate::api::gravitee::caller::{Caller, ConsoleCaller};
use crate::api::gravitee::page::{Asked, Paged};
use crate::api::gravitee::refusal::{About, Concerning, Detail, Refusal};
use crate::api::gravitee::refused::Refused;
use crate::api::gravitee::voice::{Management, Part};
use crate::api::gravitee::wish::{Wish, WishDocument, WithoutSettings};
use crate::portal::application::{self, Filter, Order};
use crate::portal::application_type::Type;
use crate::portal::list::{Listed, Wanted};
use crate::portal::{Action, client};

/// A list without pages is that long at most: longer than those of anybody but an admin.
const ALL: u64 = 10_000;

/// Applications.
#[derive(Debug)]
pub struct ApplicationsApi;

#[OpenApi(prefix_path = "/management/organizations/:organizationId/environments/:envId", tag = "Part::Applications")]
impl ApplicationsApi {
    /// List applications.
    ///
    /// Those the caller works on; for admins, all. Archived ones are for admins.
    #[oai(path = "/applications", method = "get", operation_id = "get_applications")]
    async fn list(
        &self,
        caller: ConsoleCaller,
        /// `ACTIVE`, or `ARCHIVED`.
        status: Query<Option<String>>,
        /// Part of the name.
        query: Query<Option<String>>,
        /// `name`, `-name`, `updated_at` or `-updated_at`.
        order: Query<Option<String>>,
    ) -> Result<Told<Vec<Application>>, Refused<Management>> {
        let filter = filter(&caller, status.0, query.0, order.0)?;
        let listed = listed(&caller, &filter, &Wanted::first(ALL)).await?;
        Ok(Told(listed.items))
    }

    /// List applications, page by page.
    #[oai(path = "/applications/_paged", method = "get", operation_id = "get_applications_paged")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn paged(
        &self,
        caller: ConsoleCaller,
        /// `ACTIVE`, or `ARCHIVED`.
        status: Query<Option<String>>,
        /// Part of the name.
        query: Query<Option<String>>,
        /// `name`, `-name`, `updated_at` or `-updated_at`.
        order: Query<Option<String>>,
        /// From 1 on.
        page: Query<Option<i64>>,
        /// At most 500.
        size: Query<Option<i64>>,
    ) -> Result<Told<Paged<Application>>, Refused<Management>> {
        let filter = filter(&caller, status.0, query.0, order.0)?;
        let asked = Asked::of_management(*page, *size)?;
        let listed = listed(&caller, &filter, &asked.wanted()).await?;
        Ok(Told(asked.paged(listed.items, listed.total, None)))
    }

    /// Make an application.
    ///
    /// One with settings `oauth` is registered at the default provider, and its secret is told.
    #[oai(path = "/applications", method = "post", operation_id = "create_application")]
    async fn create(
        &self,
        caller: ConsoleCaller,
        body: Sent<WishDocument>,
    ) -> Result<Made<Application>, Refused<Management>> {
        let (app, tenant, actor) = (&caller.app, &caller.tenant, &caller.actor);
        actor.may(Action::WriteOwn)?;
        let new = Wish::read(body.fields()?, WithoutSettings::Simple)?.into_new()?;
        let created = application::create_at_provider(app, tenant, actor, new).await?;
        let at = address(tenant, &format!("applications/{}", created.application.row.id));
        let made = with_secret(&caller, created.application, created.secret).await?;
        Ok(Made { told: Application::of(made), at })
    }

    /// Read an application.
    ///
    /// Admins see archived ones, too.
    #[oai(path = "/applications/:applicationId", method = "get", operation_id = "get_application")]
    async fn read(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
    ) -> Result<Told<Application>, Refused<Management>> {
        let found = any(&caller, &application_id).await?;
        Ok(Told(Application::of(seen(&caller, found).await?)))
    }

    /// Change an application.
    ///
    /// Everything becomes what is sent; the type never changes.
    #[oai(path = "/applications/:applicationId", method = "put", operation_id = "update_application")]
    async fn change(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
        body: Sent<WishDocument>,
    ) -> Result<Told<Application>, Refused<Management>> {
        let (app, tenant, actor) = (&caller.app, &caller.tenant, &caller.actor);
        let before = any(&caller, &application_id).await?.row;
        let wish = Wish::read(body.fields()?, WithoutSettings::Refused)?;
        let change = wish.change(&before)?;
        let changed = application::change(app, tenant, actor, before.id, None, change).await;
        let changed = changed.about(About::Changed(&before.name))?;
        Ok(Told(Application::of(seen(&caller, changed).await?)))
    }

    /// Archive an application.
    ///
    /// Its subscriptions end, nobody works on it any more, and admins can restore it.
    #[oai(path = "/applications/:applicationId", method = "delete", operation_id = "delete_application")]
    async fn remove(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
    ) -> Result<Gone, Refused<Management>> {
        let id = crate::api::gravitee::application(&application_id)?;
        let about = About::Application(&application_id);
        application::archive(&caller.app, &caller.tenant, &caller.actor, id).await.about(about)?;
        Ok(Gone::Done)
    }

    /// Restore an archived application.
    ///
    /// The admin becomes its primary owner, and every subscription waits to be accepted again.
    #[oai(path = "/applications/:applicationId/_restore", method = "post", operation_id = "restore_application")]
    async fn restore(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
    ) -> Result<Told<Application>, Refused<Management>> {
        let (app, tenant, actor) = (&caller.app, &caller.tenant, &caller.actor);
        actor.may(Action::WriteApplications)?;
        let before = any(&caller, &application_id).await?.row;
        let restored = application::restore(app, tenant, actor, before.id).await;
        let restored = restored.about(About::Changed(&before.name))?;
        Ok(Told(Application::of(seen(&caller, restored).await?)))
    }

    /// Renew the secret of an application.
    #[oai(
        path = "/applications/:applicationId/renew_secret",
        method = "post",
        operation_id = "renew_application_secret"
    )]
    async fn renew(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
    ) -> Result<Told<Application>, Refused<Management>> {
        Ok(Told(Application::of(renew(&caller, &application_id).await?)))
    }

    /// Read the type of an application.
    #[oai(
        path = "/applications/:applicationId/configuration",
        method = "get",
        operation_id = "get_type_of_application"
    )]
    async fn configuration(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
    ) -> Result<Told<ApplicationType>, Refused<Management>> {
        let kind = living(&caller, &application_id).await?.row.kind;
        Ok(Told(Type::parse(&kind).map_err(|_| Refusal::unknown_type(&kind))?.into()))
    }

    /// Read the picture of an application.
    #[oai(path = "/applications/:applicationId/picture", method = "get", operation_id = "get_application_picture")]
    async fn picture(
        &self,
        caller: ConsoleCaller,
        #[oai(name = "applicationId")] application_id: Path<String>,
    ) -> Result<Response<Binary<Vec<u8>>>, Refused<Management>> {
        Ok(picture(&caller, &application_id).await?)
    }
}

/// The picture of an application, as it is; nothing for one without.
///
/// # Errors
/// 404 for an application the caller may not know of.
pub async fn picture<V>(caller: &Caller<V>, named: &str) -> Result<Response<Binary<Vec<u8>>>, Refusal> {
    let id = living(caller, named).await?.row.id;
    let found = application::picture(&caller.app, &caller.tenant, &caller.actor, id).await;
    let (kind, bytes) = match found.about(About::Application(named))? {
        Some(picture) => (picture.media_type, picture.bytes),
        None => ("application/octet-stream", Vec::new()),
    };
    let answer = Response::new(Binary(bytes));
    Ok(answer.header("Content-Type", kind).header("Cache-Control", "private, max-age=86400"))
}

/// The application, also an archived one for admins (D-23).
async fn any(caller: &ConsoleCaller, named: &str) -> Result<application::Application, Refusal> {
    let id = crate::api::gravitee::application(named)?;
    let found = application::find_any(&caller.app, &caller.tenant, &caller.actor, id).await;
    found.about(About::Application(named))
}

fn filter(
    caller: &ConsoleCaller,
    status: Option<String>,
    query: Option<String>,
    order: Option<String>,
) -> Result<Filter, Refusal> {
    let mut wrong = Vec::new();
    let status = match status.as_deref() {
        None | Some("" | "ACTIVE") => ApplicationStatus::Active,
        Some("ARCHIVED") => ApplicationStatus::Archived,
        Some(_) => {
            wrong.push(Detail::new("status", "must be ACTIVE or ARCHIVED"));
            ApplicationStatus::Active
        }
    };
    let usual = (status == ApplicationStatus::Archived).then_some("updated_at");
    let order = order_of(order.as_deref().or(usual)).unwrap_or_else(|complaint| {
        wrong.push(Detail::new("order", complaint));
        Order::Name
    });
    if !wrong.is_empty() {
        return Err(Refusal::wrong(wrong));
    }
    if status == ApplicationStatus::Archived {
        caller.actor.may(Action::ReadApplications)?;
    }
    let search = query.filter(|query| !query.is_empty());
    Ok(Filter { status: Some(status), search, order, ..Filter::default() })
}

async fn listed(caller: &ConsoleCaller, filter: &Filter, wanted: &Wanted) -> Result<Listed<Application>, Refusal> {
    let (app, tenant) = (&caller.app, &caller.tenant);
    let listed = application::list(app, tenant, &caller.actor, filter, wanted).await?;
    let ids: Vec<ApplicationId> = listed.items.iter().map(|item| item.row.id).collect();
    let mut clients = client::first_of(app, tenant, &ids).await?;
    Ok(listed.map(|item| {
        let client = clients.remove(&item.row.id);
        Application::listed(tenant, Seen::listed(item, client))
    }))
}
