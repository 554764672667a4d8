//! What does an application look like in the management API? (portal.md G56)

use poem_openapi::Object;

use crate::api::gravitee::answer::millis;
use crate::api::gravitee::application::{ApplicationSettings, Seen};
use crate::api::gravitee::wish::Kept;
use crate::oidc::tenant::Tenant;
use crate::portal::person::Person;

/// An application.
#[derive(Debug, Object)]
#[oai(rename = "ApplicationEntity", skip_serializing_if_is_none)]
pub struct Application {
    /// Identity.
    id: String,
    /// Name.
    name: String,
    /// What it does.
    description: Option<String>,
    /// The domain it belongs to.
    domain: Option<String>,
    /// Kept, without effect: there are no groups here.
    groups: Vec<String>,
    /// `ACTIVE` or `ARCHIVED`.
    status: String,
    /// `SIMPLE`, `BROWSER`, `WEB`, `NATIVE` or `BACKEND_TO_BACKEND`.
    #[oai(rename = "type")]
    kind: String,
    /// Its picture, as a `data:` URL; lists have none.
    picture: Option<String>,
    /// Where its picture is; in lists.
    picture_url: Option<String>,
    /// Milliseconds since 1970.
    created_at: i64,
    /// Milliseconds since 1970.
    updated_at: i64,
    /// Its primary owner; absent for an archived one, and for one that registered itself.
    owner: Option<PrimaryOwner>,
    /// What it is.
    settings: ApplicationSettings,
    /// Kept, without effect.
    disable_membership_notifications: bool,
    /// Always `UNSPECIFIED`: there are no API keys here.
    api_key_mode: String,
    /// Always `MANAGEMENT`.
    origin: String,
}

/// Whoever answers for something.
#[derive(Debug, Object)]
#[oai(rename = "PrimaryOwnerEntity", skip_serializing_if_is_none)]
pub struct PrimaryOwner {
    /// Identity.
    id: String,
    /// E-mail address.
    email: String,
    /// Name.
    #[oai(rename = "displayName")]
    display_name: String,
    /// Always `USER`.
    #[oai(rename = "type")]
    kind: String,
}

/// A person, as Gravitee shows them: by name, or else by e-mail address.
pub fn display_name(person: &Person) -> String {
    person.name.clone().unwrap_or_else(|| person.email.clone())
}

impl From<&Person> for PrimaryOwner {
    fn from(person: &Person) -> Self {
        Self {
            id: person.id.to_string(),
            email: person.email.clone(),
            display_name: display_name(person),
            kind: "USER".to_owned(),
        }
    }
}

impl Application {
    /// What is told of one application.
    pub fn of(seen: Seen) -> Self {
        let kept = Kept::of(&seen.application.row);
        let (kind, settings) = (seen.kind(), seen.settings(&kept));
        let row = seen.application.row;
        Self {
            id: row.id.to_string(),
            name: row.name,
            description: row.description,
            domain: row.domain,
            groups: kept.groups,
            status: match row.status {
                entity::application::ApplicationStatus::Active => "ACTIVE".to_owned(),
                entity::application::ApplicationStatus::Archived => "ARCHIVED".to_owned(),
            },
            kind,
            picture: row.picture,
            picture_url: None,
            created_at: millis(row.created_at),
            updated_at: millis(row.updated_at),
            owner: seen.application.owner.as_ref().map(PrimaryOwner::from),
            settings,
            disable_membership_notifications: kept.quiet,
            api_key_mode: "UNSPECIFIED".to_owned(),
            origin: "MANAGEMENT".to_owned(),
        }
    }

    /// What lists tell of an application: where its picture is, with a mark that becomes another one with each change.
    pub fn listed(tenant: &Tenant, seen: Seen) -> Self {
        let told = Self::of(seen);
        let path = format!("applications/{}/picture?hash={}", told.id, told.updated_at);
        Self { picture: None, picture_url: Some(super::address(tenant, &path)), ..told }
    }
}
