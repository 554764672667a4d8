//! `/settings`: what may a tenant's admins change while the server runs? (portal.md §8.3)

use std::collections::BTreeMap;

use poem_openapi::param::Header;
use poem_openapi::{Object, OpenApi};
use serde_json::{Map, Value};

use super::Part;
use super::answer::Told;
use super::body::Members;
use super::caller::Caller;
use super::nullable::Nullable;
use super::precondition::Seen;
use super::problem::Problem;
use crate::portal::Error;
use crate::portal::settings::{self as rule, Shown};

/// The settings of the tenant.
#[derive(Debug)]
pub struct SettingsApi;

/// The tenant and its settings.
#[derive(Debug, Object)]
struct Settings {
    /// Short name; fixed.
    slug: String,
    /// The issuer; fixed.
    issuer: String,
    /// Name shown to people.
    name: String,
    /// What can be set.
    #[oai(flatten)]
    more: SettingsMembers,
}

/// What is to change; what is left out stays, and `null` goes back to the default (RFC 7396).
#[derive(Debug, Object)]
struct SettingsChange {
    /// Name shown to people.
    name: Option<String>,
    /// What can be set.
    #[oai(flatten)]
    more: SettingsMembers,
}

/// What can be set.
#[derive(Debug, Object)]
struct SettingsMembers {
    /// How applications may register themselves.
    registration: Nullable<Registration>,
    /// Introspection (RFC 7662).
    introspection: Nullable<Introspection>,
    /// Grants that have to be switched on.
    grants: Nullable<Grants>,
    /// How developers come to the portal.
    portal: Nullable<Portal>,
    /// What skips the queue.
    auto_approve: Nullable<AutoApprove>,
    /// When mails are sent.
    mail: Nullable<Mail>,
    /// Policies of services.
    policies: Nullable<Policies>,
    /// Which types of applications developers make.
    types: Nullable<Types>,
    /// What people find when they come.
    users: Nullable<Users>,
    /// How long people stay signed in.
    session: Nullable<Session>,
    /// What is known of the tenant beyond its name.
    about: Nullable<About>,
    /// The audience of a token whose request names none and whose scopes belong to no service.
    default_audience: Nullable<String>,
    /// Days that archived applications are kept.
    retention_days: Nullable<u32>,
    /// What other products' scripts store and read back; without effect.
    kept: Nullable<BTreeMap<String, Value>>,
}

/// How applications may register themselves.
#[derive(Debug, Object)]
#[oai(rename = "RegistrationSettings")]
struct Registration {
    /// Anybody may, without a token.
    open: Nullable<bool>,
    /// Whoever has a token may.
    with_token: Nullable<bool>,
    /// The profile of new clients: `permissive`, `interop` or `strict`.
    profile: Nullable<String>,
    /// Whether clients of open registration manage themselves.
    open_management: Nullable<bool>,
    /// Clients follow the template that their `software_id` names.
    templates: Nullable<bool>,
    /// They must follow one.
    templates_required: Nullable<bool>,
    /// The scopes that those who register themselves may have, others are left out; `null`: whichever there are.
    allowed_scopes: Nullable<Vec<String>>,
    /// The scopes of those who ask for none they may have.
    default_scopes: Nullable<Vec<String>>,
    /// Answers may go to the person's own machine.
    allow_localhost: Nullable<bool>,
    /// Answers may go over `http` to other machines.
    allow_http: Nullable<bool>,
    /// Answers may go to private-use schemes (RFC 8252 §7.1).
    allow_custom_scheme: Nullable<bool>,
    /// Applications of the portal are registered at the default provider, where that is another server.
    portal: Nullable<bool>,
    /// How many may register without a token in a second; 0: no limit of that kind.
    rate_per_second: Nullable<u32>,
}

/// Introspection.
#[derive(Debug, Object)]
#[oai(rename = "IntrospectionSettings")]
struct Introspection {
    /// Gateways may use GET.
    allow_get: Nullable<bool>,
}

/// Grants that have to be switched on.
#[derive(Debug, Object)]
#[oai(rename = "GrantSettings")]
struct Grants {
    /// RFC 6749 §4.3.
    password: Nullable<bool>,
}

/// How developers come to the portal.
#[derive(Debug, Object)]
#[oai(rename = "PortalSettings")]
struct Portal {
    /// Anybody may ask to be a developer.
    sign_up: Nullable<bool>,
    /// Only with an e-mail address of these domains; empty: of any.
    sign_up_domains: Nullable<Vec<String>>,
}

/// What skips the queue.
#[derive(Debug, Object)]
#[oai(rename = "AutoApproveSettings")]
struct AutoApprove {
    /// Developers.
    developers: Nullable<bool>,
    /// Contracts.
    contracts: Nullable<bool>,
}

/// When mails are sent.
#[derive(Debug, Object)]
#[oai(rename = "MailSettings")]
struct Mail {
    /// To those who decide, when somebody asks.
    on_request: Nullable<bool>,
    /// To developers, when somebody decides.
    on_status: Nullable<bool>,
}

/// Policies of services.
#[derive(Debug, Object)]
#[oai(rename = "PolicySettings")]
struct Policies {
    /// Tokens may live for ever.
    endless_tokens: Nullable<bool>,
}

/// Which types of applications developers make.
#[derive(Debug, Object)]
#[oai(rename = "TypeSettings")]
struct Types {
    /// Without a client here.
    simple: Nullable<bool>,
    /// In browsers alone.
    browser: Nullable<bool>,
    /// On a server, with people in browsers.
    web: Nullable<bool>,
    /// On people's devices.
    native: Nullable<bool>,
    /// On a server, without people.
    backend_to_backend: Nullable<bool>,
}

/// What people find when they come.
#[derive(Debug, Object)]
#[oai(rename = "UserSettings")]
struct Users {
    /// Developers find an application at their first sign-in.
    default_application: Nullable<bool>,
}

/// How long people stay signed in.
#[derive(Debug, Object)]
#[oai(rename = "SessionSettings")]
struct Session {
    /// Hours without use.
    idle_hours: Nullable<u32>,
    /// Hours in all.
    max_hours: Nullable<u32>,
}

/// What is known of the tenant beyond its name.
#[derive(Debug, Object)]
#[oai(rename = "AboutSettings")]
struct About {
    /// Where people get help.
    support_email: Nullable<String>,
    /// Where people get help.
    support_url: Nullable<String>,
}

fn told(shown: &Shown) -> Result<Told<Settings>, Problem> {
    let settings = serde_json::to_value(&shown.settings).map_err(Error::internal)?;
    let mut members = Map::from_iter([
        ("slug".to_owned(), shown.slug.as_str().into()),
        ("issuer".to_owned(), shown.issuer.as_str().into()),
        ("name".to_owned(), shown.name.as_str().into()),
    ]);
    if let Value::Object(settings) = settings {
        members.extend(settings);
    }
    Ok(Told::spelled(Value::Object(members).to_string()).tag(&shown.tag))
}

#[OpenApi(tag = "Part::Settings")]
impl SettingsApi {
    /// Read the settings.
    #[oai(path = "/settings", method = "get", operation_id = "read_settings")]
    async fn read(&self, caller: Caller) -> Result<Told<Settings>, Problem> {
        told(&rule::read(&caller.app, &caller.tenant, &caller.actor).await?)
    }

    /// Change settings.
    ///
    /// The other replicas follow a second later.
    #[oai(path = "/settings", method = "patch", operation_id = "change_settings")]
    async fn change(
        &self,
        caller: Caller,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Members<SettingsChange>,
    ) -> Result<Told<Settings>, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let Caller { app, tenant, actor } = &caller;
        let changed = rule::patch_tagged(app, tenant, actor, seen.tag(), &body.value).await;
        told(&changed.map_err(|error| seen.refuse(error))?)
    }
}
