//! Where are the console's pages? One table: the router, the door and the tests that walk all of them read it.

use poem::{Route, RouteMethod, get, post};

use super::{applications, clients, contracts, deliveries, developers, documents, events, keys, overview, policy};
use super::{services, settings, tickets, users, webhooks};
use crate::edge::routes as edge;
use crate::portal::Action;
use crate::portal::notice::page;

/// The first page.
pub const OVERVIEW: &str = "/admin";
/// What the path of every other page begins with.
pub const BELOW: &str = "/admin/";
/// Services.
pub const SERVICES: &str = "/admin/services";
/// A service to be.
pub const NEW_SERVICE: &str = "/admin/services/new";
/// All applications.
pub const APPLICATIONS: &str = "/admin/applications";
/// All clients.
pub const CLIENTS: &str = "/admin/clients";
/// What waits for a decision.
pub const REQUESTS: &str = "/admin/requests";
/// Developers.
pub const DEVELOPERS: &str = page::ADMIN_DEVELOPERS;
/// Somebody who is to become one.
pub const INVITE: &str = "/admin/developers/invite";
/// All of them, as a file.
pub const EXPORT: &str = "/admin/developers/export";
/// Everybody.
pub const USERS: &str = "/admin/users";
/// Signing keys.
pub const KEYS: &str = "/admin/signing-keys";
/// The next ones.
pub const ROTATE_KEYS: &str = "/admin/signing-keys/rotate";
/// Settings › Advanced.
pub const SETTINGS: &str = "/admin/settings";
/// Webhooks.
pub const WEBHOOKS: &str = "/admin/webhooks";
/// A webhook to be.
pub const NEW_WEBHOOK: &str = "/admin/webhooks/new";
/// The outbox.
pub const DELIVERIES: &str = "/admin/deliveries";
/// The audit log.
pub const EVENTS: &str = "/admin/events";
/// Initial access tokens.
pub const TICKETS: &str = "/admin/initial-access-tokens";
/// One to be.
pub const NEW_TICKET: &str = "/admin/initial-access-tokens/new";

/// Bytes of a document with the form around it.
const UPLOAD_BYTES_MAX: usize = crate::portal::document::media::BODY_MAX + 16 * 1024;

/// A service's page, or one below it: `more` is empty or begins with a slash.
pub fn service(id: impl std::fmt::Display, more: &str) -> String {
    format!("{SERVICES}/{id}{more}")
}

/// An application's page.
pub fn application(id: impl std::fmt::Display) -> String {
    format!("{}{id}", page::ADMIN_APPLICATION)
}

/// Somebody's page, or one below it: `more` is empty or begins with a slash.
pub fn user(id: impl std::fmt::Display, more: &str) -> String {
    format!("{USERS}/{id}{more}")
}

/// Where something is done to one thing of a list.
pub fn act(list: &str, id: impl std::fmt::Display, act: &str) -> String {
    format!("{list}/{id}/{act}")
}

/// What one finds in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The first page.
    Overview,
    /// Services, with their policies, documents and contracts.
    Services,
    /// Applications.
    Applications,
    /// Clients.
    Clients,
    /// Requests.
    Requests,
    /// Developers.
    Developers,
    /// Everybody.
    Users,
    /// Initial access tokens.
    Tickets,
    /// Webhooks.
    Webhooks,
    /// The outbox.
    Deliveries,
    /// The audit log.
    Events,
    /// Signing keys.
    Keys,
    /// Settings.
    Settings,
}

impl Place {
    /// All of them, as they stand in the navigation.
    pub const ALL: [Self; 13] = [
        Self::Overview,
        Self::Services,
        Self::Applications,
        Self::Clients,
        Self::Requests,
        Self::Developers,
        Self::Users,
        Self::Tickets,
        Self::Webhooks,
        Self::Deliveries,
        Self::Events,
        Self::Keys,
        Self::Settings,
    ];

    /// Its path.
    pub fn path(self) -> &'static str {
        match self {
            Self::Overview => OVERVIEW,
            Self::Services => SERVICES,
            Self::Applications => APPLICATIONS,
            Self::Clients => CLIENTS,
            Self::Requests => REQUESTS,
            Self::Developers => DEVELOPERS,
            Self::Users => USERS,
            Self::Tickets => TICKETS,
            Self::Webhooks => WEBHOOKS,
            Self::Deliveries => DELIVERIES,
            Self::Events => EVENTS,
            Self::Keys => KEYS,
            Self::Settings => SETTINGS,
        }
    }

    /// Its name in the catalogue.
    pub fn key(self) -> &'static str {
        match self {
            Self::Overview => "console-overview",
            Self::Services => "console-services",
            Self::Applications => "console-applications",
            Self::Clients => "console-clients",
            Self::Requests => "console-requests",
            Self::Developers => "console-developers",
            Self::Users => "console-users",
            Self::Tickets => "console-tickets",
            Self::Webhooks => "console-webhooks",
            Self::Deliveries => "console-deliveries",
            Self::Events => "console-events",
            Self::Keys => "console-keys",
            Self::Settings => "console-settings",
        }
    }

    /// What one must be allowed to do to see it.
    pub fn needs(self) -> Action {
        match self {
            Self::Overview | Self::Services => Action::ReadServices,
            Self::Applications => Action::ReadApplications,
            Self::Clients => Action::ReadClients,
            Self::Requests => Action::ReadContracts,
            Self::Developers | Self::Users => Action::ReadDevelopers,
            Self::Tickets => Action::WriteInitialAccessTokens,
            Self::Webhooks => Action::WriteWebhooks,
            Self::Deliveries | Self::Events => Action::ReadEvents,
            Self::Keys | Self::Settings => Action::ReadSettings,
        }
    }
}

/// An address: as the door writes it, which methods it takes, and what answers there.
type Address = (&'static str, &'static str, fn() -> RouteMethod);

const ADDRESSES: [Address; 52] = [
    (OVERVIEW, "GET", || get(overview::overview)),
    (SERVICES, "GET", || get(services::all)),
    (NEW_SERVICE, "GET, POST", || get(services::blank).post(services::add)),
    ("/admin/services/{service}", "GET", || get(services::one)),
    ("/admin/services/{service}/edit", "GET, POST", || get(services::edit).post(services::change)),
    ("/admin/services/{service}/delete", "POST", || post(services::remove)),
    ("/admin/services/{service}/add", "GET", || get(policy::kinds)),
    ("/admin/services/{service}/policy", "GET, POST", || get(policy::edit).post(policy::change)),
    ("/admin/services/{service}/policy/new", "GET, POST", || get(policy::blank).post(policy::add)),
    ("/admin/services/{service}/policy/enable", "POST", || post(policy::enable)),
    ("/admin/services/{service}/policy/disable", "POST", || post(policy::disable)),
    ("/admin/services/{service}/policy/delete", "POST", || post(policy::remove)),
    ("/admin/services/{service}/policy/provision-key", "POST", || post(policy::rotate)),
    ("/admin/services/{service}/documents/new", "GET", || get(documents::blank)),
    ("/admin/services/{service}/documents/link", "POST", || post(documents::link)),
    ("/admin/services/{service}/documents/upload", "POST", || post(documents::upload)),
    ("/admin/documents/{document}/unlink", "POST", || post(documents::unlink)),
    ("/admin/documents/{document}/publish", "POST", || post(documents::publish)),
    ("/admin/documents/{document}/hide", "POST", || post(documents::hide)),
    ("/admin/documents/{document}/delete", "POST", || post(documents::remove)),
    (APPLICATIONS, "GET", || get(applications::all)),
    ("/admin/applications/{application}", "GET", || get(applications::one)),
    (REQUESTS, "GET", || get(contracts::requests)),
    ("/admin/contracts/{contract}/{act}", "POST", || post(contracts::decide)),
    (DEVELOPERS, "GET", || get(developers::all)),
    (INVITE, "GET, POST", || get(developers::blank).post(developers::invite)),
    (EXPORT, "GET", || get(developers::export)),
    ("/admin/developers/{developer}/{act}", "POST", || post(developers::decide)),
    (SETTINGS, "GET, POST", || get(settings::edit).post(settings::change)),
    (WEBHOOKS, "GET", || get(webhooks::all)),
    (NEW_WEBHOOK, "GET, POST", || get(webhooks::blank).post(webhooks::add)),
    ("/admin/webhooks/{webhook}/ping", "POST", || post(webhooks::ping)),
    ("/admin/webhooks/{webhook}/enable", "POST", || post(webhooks::enable)),
    ("/admin/webhooks/{webhook}/disable", "POST", || post(webhooks::disable)),
    ("/admin/webhooks/{webhook}/secret", "POST", || post(webhooks::rotate)),
    ("/admin/webhooks/{webhook}/delete", "POST", || post(webhooks::remove)),
    (DELIVERIES, "GET", || get(deliveries::all)),
    ("/admin/deliveries/{delivery}/retry", "POST", || post(deliveries::retry)),
    (EVENTS, "GET", || get(events::all)),
    (TICKETS, "GET", || get(tickets::all)),
    (NEW_TICKET, "GET, POST", || get(tickets::blank).post(tickets::add)),
    ("/admin/initial-access-tokens/{ticket}/revoke", "POST", || post(tickets::revoke)),
    (CLIENTS, "GET", || get(clients::all)),
    ("/admin/clients/{client}/{act}", "POST", || post(clients::decide)),
    (USERS, "GET", || get(users::all)),
    ("/admin/users/{user}", "GET", || get(users::one)),
    ("/admin/users/{user}/role", "POST", || post(users::change_role)),
    ("/admin/users/{user}/sessions/end", "POST", || post(users::end_sessions)),
    ("/admin/users/{user}/sessions/{session}/end", "POST", || post(users::end_session)),
    (KEYS, "GET", || get(keys::all)),
    (ROTATE_KEYS, "POST", || post(keys::rotate)),
    ("/admin/applications/{application}/archive", "POST", || post(applications::archive_it)),
];

/// Adds the pages to `route`.
pub fn add(route: Route) -> Route {
    let spelled = |path: &str| path.replace('{', ":").replace('}', "");
    ADDRESSES.into_iter().fold(route, |route, (path, _, at)| route.at(spelled(path), at()))
}

/// The same addresses, for the door.
pub fn at_the_door() -> Vec<edge::Route> {
    let door = |(path, methods, _): Address| {
        let route = edge::Route::private(path, methods);
        if path.ends_with("/upload") { route.body_bytes_max(UPLOAD_BYTES_MAX) } else { route }
    };
    ADDRESSES.into_iter().map(door).collect()
}
