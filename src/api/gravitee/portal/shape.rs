//! What do people, applications and subscriptions look like in the portal API? Moments are RFC 3339 (portal.md C5).

use entity::user;
use poem_openapi::Object;

use crate::api::gravitee::application::{self, ApplicationSettings};
use crate::api::gravitee::management::shape::display_name;
use crate::api::gravitee::subscription;
use crate::api::gravitee::wish::Kept;
use crate::clock::rfc3339;
use crate::oidc::tenant::Tenant;
use crate::portal::person::Person;

/// A person.
#[derive(Debug, Object)]
#[oai(rename = "User", skip_serializing_if_is_none)]
pub struct User {
    /// Identity.
    pub id: Option<String>,
    /// Name.
    pub display_name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Whether they can change it here: they cannot.
    pub editable_profile: Option<bool>,
}

/// An application.
#[derive(Debug, Object)]
#[oai(rename = "Application", skip_serializing_if_is_none)]
pub struct Application {
    /// Identity.
    id: String,
    /// Name.
    name: String,
    /// What it does.
    description: Option<String>,
    /// The domain it belongs to.
    domain: Option<String>,
    /// `SIMPLE`, `BROWSER`, `WEB`, `NATIVE` or `BACKEND_TO_BACKEND`.
    #[oai(rename = "applicationType")]
    application_type: String,
    /// Always `MANAGEMENT`.
    origin: String,
    /// Whether it is known by an identifier.
    #[oai(rename = "hasClientId")]
    has_client_id: bool,
    /// Its primary owner.
    owner: Option<User>,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339.
    updated_at: String,
    /// Its picture, as a `data:` URL; lists have none.
    picture: Option<String>,
    /// Always `UNSPECIFIED`: there are no API keys here.
    api_key_mode: String,
    /// What it is.
    settings: ApplicationSettings,
    /// Where more of it is.
    #[oai(rename = "_links")]
    links: ApplicationLinks,
}

/// Where more of an application is.
#[derive(Debug, Object)]
pub struct ApplicationLinks {
    /// It.
    #[oai(rename = "self")]
    this: String,
    /// Its picture.
    picture: String,
}

/// A subscription.
#[derive(Debug, Object)]
#[oai(rename = "PortalSubscription", skip_serializing_if_is_none)]
pub struct Subscription {
    /// Identity.
    id: String,
    /// The API.
    api: String,
    /// Always `API`.
    reference_type: String,
    /// The API.
    reference_id: String,
    /// The application.
    application: String,
    /// The plan; empty if the API has none any more.
    plan: String,
    /// What it is for.
    request: Option<String>,
    /// What whoever decided wrote.
    reason: Option<String>,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339.
    updated_at: String,
    /// RFC 3339.
    processed_at: Option<String>,
    /// Not before: RFC 3339.
    start_at: Option<String>,
    /// Not from then on: RFC 3339.
    end_at: Option<String>,
    /// RFC 3339.
    paused_at: Option<String>,
    /// RFC 3339.
    closed_at: Option<String>,
    /// Whose application it is.
    subscribed_by: Option<String>,
    /// `PENDING`, `ACCEPTED`, `PAUSED`, `REJECTED` or `CLOSED`.
    status: String,
    /// Always `STARTED`.
    #[oai(rename = "consumerStatus")]
    consumer_status: String,
    /// Always `MANAGEMENT`.
    origin: String,
    /// Always empty: there are no API keys here.
    keys: Vec<String>,
}

impl From<&Person> for User {
    fn from(person: &Person) -> Self {
        Self {
            id: Some(person.id.to_string()),
            display_name: display_name(person),
            email: Some(person.email.clone()),
            editable_profile: None,
        }
    }
}

impl From<&user::Model> for User {
    fn from(row: &user::Model) -> Self {
        Self { editable_profile: Some(false), ..Self::from(&Person::from(row)) }
    }
}

impl Application {
    /// What is told of one application.
    pub fn of(tenant: &Tenant, seen: application::Seen) -> Self {
        let kept = Kept::of(&seen.application.row);
        let (kind, settings) = (seen.kind(), seen.settings(&kept));
        let row = seen.application.row;
        let this = super::address(tenant, &format!("applications/{}", row.id));
        let picture = format!("{this}/picture?{}", row.updated_at);
        Self {
            id: row.id.to_string(),
            name: row.name,
            description: row.description,
            domain: row.domain,
            application_type: kind,
            origin: "MANAGEMENT".to_owned(),
            has_client_id: seen.client.is_some(),
            owner: seen.application.owner.as_ref().map(User::from),
            created_at: rfc3339(row.created_at),
            updated_at: rfc3339(row.updated_at),
            picture: row.picture,
            api_key_mode: "UNSPECIFIED".to_owned(),
            settings,
            links: ApplicationLinks { this, picture },
        }
    }
}

impl From<subscription::Seen> for Subscription {
    fn from(seen: subscription::Seen) -> Self {
        let row = &seen.contract.row;
        let api = seen.contract.service.id.to_string();
        Self {
            id: row.id.to_string(),
            api: api.clone(),
            reference_type: "API".to_owned(),
            reference_id: api,
            application: seen.contract.application.id.to_string(),
            plan: seen.plan.as_ref().map(|plan| plan.id.to_string()).unwrap_or_default(),
            request: row.request.clone(),
            reason: row.reason.clone(),
            created_at: rfc3339(row.requested_at),
            updated_at: rfc3339(row.updated_at),
            processed_at: row.processed_at.map(rfc3339),
            start_at: row.starts_at.map(rfc3339),
            end_at: row.ends_at.map(rfc3339),
            paused_at: seen.paused_at().map(rfc3339),
            closed_at: seen.closed_at().map(rfc3339),
            subscribed_by: seen.contract.application.owner.as_ref().map(|owner| owner.id.to_string()),
            status: seen.status().to_owned(),
            consumer_status: "STARTED".to_owned(),
            origin: "MANAGEMENT".to_owned(),
            keys: Vec::new(),
        }
    }
}
