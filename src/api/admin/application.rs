//! `/applications`: what do developers register?

use std::collections::BTreeMap;

use entity::id::{ApplicationId, UserId};
use poem::Request;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::types::Any;
use poem_openapi::{Enum, Object, OpenApi};
use serde_json::Value;
use uuid::Uuid;

use super::Part;
use super::answer::{Gone, Told};
use super::body::Body;
use super::caller::Caller;
use super::client::Client;
use super::nullable::Nullable;
use super::page::{Asked, Page, said};
use super::precondition::Seen;
use super::problem::Problem;
use super::word::{ApplicationStatus, ApplicationType, GrantType, Source};
use crate::portal::application::{self as rule, Change, Filter, New};
use crate::portal::application_type::Type;
use crate::portal::client::{Given, Grants};
use crate::portal::membership;
use crate::portal::person::Person;
use crate::secret::Secret;

/// The applications of the tenant.
#[derive(Debug)]
pub struct ApplicationApi;

/// Whose things are listed.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case", remote = "rule::Whose")]
pub enum Whose {
    /// All that the caller may see.
    Reachable,
    /// The caller's own, and those they are a member of.
    Mine,
}

/// How far the caller reaches into an application; each step includes those before.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename_all = "snake_case", remote = "membership::Reach")]
enum Reach {
    /// Sees it, and asks for services.
    See,
    /// Changes it, its clients and its contracts.
    Change,
    /// May archive it, too.
    Own,
    /// Everything.
    Administer,
}

/// Somebody who answers for something.
#[derive(Clone, Debug, Object)]
pub struct Owner {
    /// Identity.
    pub id: Uuid,
    /// E-mail address.
    pub email: String,
    /// Full name.
    pub name: Nullable<String>,
}

impl From<Person> for Owner {
    fn from(person: Person) -> Self {
        Self { id: person.id.0, email: person.email, name: person.name.into() }
    }
}

/// An application.
#[derive(Debug, Object)]
pub(super) struct Application {
    /// Identity.
    id: Uuid,
    /// Name shown to people.
    name: String,
    /// What it does.
    description: Nullable<String>,
    /// Its type: `simple`, `web`, `native`, `browser` or `backend_to_backend`.
    #[oai(rename = "type")]
    kind: String,
    /// Whether it lives.
    status: ApplicationStatus,
    /// How it came to be.
    source: Source,
    /// Who answers for it; `null` when it registered itself.
    owner: Nullable<Owner>,
    /// What another system calls it.
    custom_id: Nullable<String>,
    /// The domain it belongs to.
    domain: Nullable<String>,
    /// Its picture, as a `data:` URL; left out of lists.
    picture: Nullable<String>,
    /// What other products' scripts store with it; without effect.
    kept: Nullable<Any<Value>>,
    /// Whether it is the one its owner found when they came.
    is_default: bool,
    /// How far the caller reaches.
    reach: Reach,
    /// Counts the changes; the `ETag` is `"v"` and this number.
    version: i64,
    /// Seconds since 1970.
    archived_at: Nullable<i64>,
    /// Seconds since 1970.
    created_at: i64,
    /// Seconds since 1970.
    updated_at: i64,
}

impl From<rule::Application> for Application {
    fn from(application: rule::Application) -> Self {
        let rule::Application { row, owner, reach } = application;
        Self {
            id: row.id.0,
            name: row.name,
            description: row.description.into(),
            kind: row.kind,
            status: row.status.into(),
            source: row.source.into(),
            owner: owner.map(Owner::from).into(),
            custom_id: row.custom_id.into(),
            domain: row.domain.into(),
            picture: row.picture.into(),
            kept: row.kept.map(Any).into(),
            is_default: row.is_default,
            reach: reach.into(),
            version: row.version,
            archived_at: row.archived_at.into(),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// An application that was made, with its client.
#[derive(Debug, Object)]
struct MadeApplication {
    /// It.
    #[oai(flatten)]
    application: Application,
    /// Its client; `null` for a simple application without `client_id`.
    client: Nullable<Client>,
    /// The secret of the client, told this once; `null` for a client without one.
    client_secret: Nullable<String>,
}

/// An application to be made.
#[derive(Debug, Object)]
struct NewApplication {
    /// Name shown to people: 1 to 255 characters.
    name: String,
    /// Its type, which never changes.
    #[oai(rename = "type")]
    kind: ApplicationType,
    /// What it does: at most 4000 characters.
    description: Nullable<String>,
    /// Where authorization answers of its client may go.
    redirect_uris: Option<Vec<String>>,
    /// How its client may ask for tokens; else as clients of its type usually do.
    grant_types: Option<Vec<GrantType>>,
    /// What another system calls it: at most 200 characters, unique in the tenant.
    custom_id: Nullable<String>,
    /// The domain it belongs to: at most 255 characters.
    domain: Nullable<String>,
    /// Its picture: a `data:` URL of a PNG, JPEG, GIF or WebP of at most 256 KiB.
    picture: Nullable<String>,
    /// What other products' scripts store with it and read back: an object; without effect.
    kept: Nullable<BTreeMap<String, Value>>,
    /// Who answers for it; else the caller. Only admins name somebody else.
    owner_id: Nullable<Uuid>,
    /// An identifier for its client that is known elsewhere already; else a fresh one, or none of a simple application.
    client_id: Option<String>,
    /// A secret for its client that is known elsewhere already; else a fresh one.
    client_secret: Option<String>,
}

/// What is to change of an application; what is left out stays.
#[derive(Debug, Object)]
struct ApplicationChange {
    /// Name shown to people.
    name: Option<String>,
    /// What it does.
    description: Nullable<String>,
    /// Where authorization answers of its first client may go.
    redirect_uris: Option<Vec<String>>,
    /// How its first client may ask for tokens.
    grant_types: Option<Vec<GrantType>>,
    /// By which identifier a simple application is known elsewhere.
    client_id: Nullable<String>,
    /// What another system calls it.
    custom_id: Nullable<String>,
    /// The domain it belongs to.
    domain: Nullable<String>,
    /// Its picture: a `data:` URL of a PNG, JPEG, GIF or WebP of at most 256 KiB.
    picture: Nullable<String>,
    /// What other products' scripts store with it and read back; without effect.
    kept: Nullable<BTreeMap<String, Value>>,
}

fn object(members: BTreeMap<String, Value>) -> Value {
    Value::Object(members.into_iter().collect())
}

/// How a client may ask for tokens, as rules take it.
pub(super) fn grants(wanted: Option<Vec<GrantType>>) -> Grants {
    wanted.map_or(Grants::Usual, |grants| Grants::These(grants.into_iter().map(Into::into).collect()))
}

pub(super) fn told(application: rule::Application) -> Told<Application> {
    let version = application.row.version;
    Told::new(&application.into()).version(version)
}

#[OpenApi(tag = "Part::Applications")]
impl ApplicationApi {
    /// List applications.
    ///
    /// The oldest first: all for admins, else the caller's own and those they are a member of.
    #[oai(path = "/applications", method = "get", operation_id = "list_applications")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// Things in a part: 1 to 200, else 50.
        limit: Query<Option<u64>>,
        /// `next` of the part before.
        cursor: Query<Option<String>>,
        /// Whose; else `reachable`.
        whose: Query<Option<Whose>>,
        /// In this state; else `active`. Only admins see archived ones.
        status: Query<Option<ApplicationStatus>>,
        /// Of this primary owner.
        owner: Query<Option<Uuid>>,
        /// Occurs in the name.
        search: Query<Option<String>>,
    ) -> Result<Told<Page<Application>>, Problem> {
        let filters = ["whose", "status", "owner", "search"];
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &filters)?;
        let filter = Filter {
            whose: whose.0.map_or(rule::Whose::Reachable, Into::into),
            status: Some(status.0.unwrap_or(ApplicationStatus::Active).into()),
            owner: owner.0.map(UserId),
            search: said(search.0),
            order: rule::Order::Created,
        };
        let listed = rule::list(&caller.app, &caller.tenant, &caller.actor, &filter, asked.wanted()).await?;
        Ok(asked.page(&caller, listed, Application::from))
    }

    /// Make an application.
    ///
    /// With a client, whose secret is told this once; a simple application has none, or one that is known elsewhere.
    #[oai(path = "/applications", method = "post", operation_id = "create_application")]
    async fn create(&self, caller: Caller, body: Body<NewApplication>) -> Result<Told<MadeApplication, 201>, Problem> {
        let body = body.0;
        let new = New {
            description: body.description.value(),
            redirect_uris: body.redirect_uris.unwrap_or_default(),
            grants: grants(body.grant_types),
            custom_id: body.custom_id.value(),
            domain: body.domain.value(),
            picture: body.picture.value(),
            kept: body.kept.value().map(object),
            owner: body.owner_id.value().map(UserId),
            given: Given { client_id: body.client_id, secret: body.client_secret.map(Secret::new) },
            ..New::named(body.name, Type::from(body.kind))
        };
        let made = rule::create(&caller.app, &caller.tenant, &caller.actor, new).await?;
        let (at, version) =
            (caller.url(&format!("/applications/{}", made.application.row.id)), made.application.row.version);
        let made = MadeApplication {
            application: made.application.into(),
            client: made.client.as_deref().map(Client::from).into(),
            client_secret: made.secret.map(|secret| secret.expose().to_owned()).into(),
        };
        Ok(Told::new(&made).version(version).at(&at))
    }

    /// Read an application.
    ///
    /// Admins see archived ones, too.
    #[oai(path = "/applications/:application", method = "get", operation_id = "read_application")]
    async fn read(&self, caller: Caller, application: Path<Uuid>) -> Result<Told<Application>, Problem> {
        let id = ApplicationId(application.0);
        Ok(told(rule::find_any(&caller.app, &caller.tenant, &caller.actor, id).await?))
    }

    /// Change an application.
    #[oai(path = "/applications/:application", method = "patch", operation_id = "change_application")]
    async fn change(
        &self,
        caller: Caller,
        application: Path<Uuid>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<ApplicationChange>,
    ) -> Result<Told<Application>, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let (id, expected) = (ApplicationId(application.0), seen.version()?);
        let change = Change {
            name: body.0.name,
            description: body.0.description.change(),
            redirect_uris: body.0.redirect_uris,
            grants: body.0.grant_types.map(|wanted| grants(Some(wanted))),
            client_id: body.0.client_id.change(),
            custom_id: body.0.custom_id.change(),
            domain: body.0.domain.change(),
            picture: body.0.picture.change(),
            kept: body.0.kept.change().map(|kept| kept.map(object)),
        };
        let changed = rule::change(&caller.app, &caller.tenant, &caller.actor, id, expected, change).await;
        changed.map(told).map_err(|error| seen.refuse(error))
    }

    /// Archive an application.
    ///
    /// Its clients, their tokens and its contracts end.
    #[oai(path = "/applications/:application", method = "delete", operation_id = "archive_application")]
    async fn archive(
        &self,
        caller: Caller,
        application: Path<Uuid>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Result<Gone, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let (id, expected) = (ApplicationId(application.0), seen.version()?);
        let archived = rule::archive_version(&caller.app, &caller.tenant, &caller.actor, id, expected).await;
        archived.map(|()| Gone::Done).map_err(|error| seen.refuse(error))
    }
}
