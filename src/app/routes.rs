//! Which address leads where? Every route of the house on one screen.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use poem::{Endpoint, EndpointExt as _, Response, Route};
use poem_openapi::{ContactObject, LicenseObject, OpenApi, OpenApiService};

use super::part::{House, Part, described};
use super::{App, settings};
use crate::api::admin;
use crate::api::auth0;
use crate::api::docs::Docs;
use crate::api::gravitee;
use crate::api::health;
use crate::api::kong;
use crate::api::konnect;
use crate::api::oidc::discovery::DiscoveryApi;
use crate::api::oidc::introspection::IntrospectionApi;
use crate::api::oidc::registration::RegistrationApi;
use crate::api::oidc::revocation::RevocationApi;
use crate::api::oidc::token::TokenApi;
use crate::api::oidc::userinfo::UserInfoApi;
use crate::api::verify;
use crate::edge::answer::refusal;
use crate::edge::headers::Transport;
use crate::edge::routes::{Route as Address, Routes};
use crate::edge::tenancy::Tenancy;
use crate::edge::workspace::{Below, Workspaces};
use crate::edge::{self, Settings};
use crate::web;
use crate::web::openapi::AuthorizationApi;

/// Longer than any honest answer takes, a fetch on a client's behalf included.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Requests under way at once; further ones are told to come back.
const OPEN_REQUESTS_MAX: usize = 1024;

/// The whole server, from the door to the rows.
pub fn endpoint(app: Arc<App>) -> impl Endpoint<Output = Response> {
    let ours = [pages(), protocol(), management()];
    let theirs = [kong_admin(), kong_portal(), konnect_portal(), gravitee(), auth0(), kong_oauth2()];
    let (house, routes) = House::new(ours.into_iter().chain(theirs).collect());
    let door = behind_the_door(&app, house, routes.clone());
    Tenancy::new(app.clone(), Below::new(app, kong::ADMIN, routes, door))
}

/// Kong's Admin API alone, on an address of its own.
pub fn kong_admin_endpoint(app: Arc<App>) -> impl Endpoint<Output = Response> {
    let (house, routes) = House::new(vec![kong_admin()]);
    let door = behind_the_door(&app, house, routes.clone());
    Workspaces::new(app, kong::ADMIN, routes, kong::admin::spelled, door)
}

fn behind_the_door(app: &App, house: House, routes: Routes) -> impl Endpoint<Output = Response> + use<> {
    let issuer_is_https = app.config.server.issuer.is_https();
    let settings = Settings {
        routes,
        transport: if issuer_is_https { Transport::Https } else { Transport::Http },
        proxies: settings::proxies(&app.config),
        body: settings::body(&app.config),
        open_requests_max: OPEN_REQUESTS_MAX,
        answer_within: ANSWER_WITHIN,
        metrics: app.metrics.clone(),
    };
    edge::protect(house, settings)
}

/// Pages for people, and plain routes.
fn pages() -> Part {
    let docs = Arc::new(Docs::new(documents, || oidc().swagger_ui_html()));
    let pages =
        web::routes::add(verify::mount(health::mount(Route::new()))).at("/docs", docs.clone()).at("/docs/:name", docs);
    Part::new(page_addresses(), pages)
}

/// OAuth 2.0 and OpenID Connect.
fn protocol() -> Part {
    let addresses = vec![
        Address::public("/.well-known/openid-configuration", "GET"),
        Address::public("/.well-known/oauth-authorization-server", "GET"),
        Address::public("/.well-known/jwks.json", "GET"),
        // Clients probe for other documents from pages of their own: they may read that there is none.
        Address::public("/.well-known/{name...}", "GET"),
        Address::public("/oidc/register", "POST"),
        Address::public("/oidc/register_templates", "GET"),
        Address::public("/oidc/register/{client_id}", "GET, PUT, PATCH, DELETE"),
        Address::public("/oidc/register/{client_id}/renew_secret", "POST"),
        Address::public("/token", "POST"),
        Address::public("/introspect", "GET, POST"),
        Address::public("/revoke", "POST"),
        Address::public("/userinfo", "GET, POST"),
    ];
    Part::new(addresses, Route::new().nest("/", oidc()))
}

/// The management API in the words of Auth0's.
fn auth0() -> Part {
    static ADDRESSES: LazyLock<Vec<Address>> =
        LazyLock::new(|| described(auth0::PREFIX, &auth0::apis(), auth0::error::spelled));
    Part::new(ADDRESSES.clone(), Route::new().nest(auth0::PREFIX, auth0::service()))
}

/// Kong's Admin API (portal.md C2).
fn kong_admin() -> Part {
    static ADDRESSES: LazyLock<Vec<Address>> =
        LazyLock::new(|| described("", &kong::admin::apis(), kong::admin::spelled));
    let mut addresses = ADDRESSES.clone();
    addresses.push(Address::private("/kong/admin/{rest...}", "GET").spelled(kong::admin::spelled).nothing());
    Part::new(addresses, Route::new().nest("/", service(kong::admin::apis(), "")))
}

/// Kong's Portal API.
fn kong_portal() -> Part {
    static ADDRESSES: LazyLock<Vec<Address>> =
        LazyLock::new(|| described("", &kong::portal::apis(), kong::admin::spelled));
    let mut addresses = ADDRESSES.clone();
    addresses.push(Address::private("/kong/portal/{rest...}", "GET").spelled(kong::admin::spelled).nothing());
    Part::new(addresses, Route::new().nest("/", service(kong::portal::apis(), "")))
}

/// The OAuth endpoints of services, where Kong has them.
fn kong_oauth2() -> Part {
    use kong::oauth2::{ADDRESSES, METHODS, PostOnly, apis, spelled};
    let addresses = ADDRESSES.map(|address| Address::private(address, METHODS).spelled(spelled));
    Part::new(addresses.into(), PostOnly(Route::new().nest("/", service(apis(), ""))))
}

/// Konnect's developer portal and management of portals, and the bridge that its portals call.
fn konnect_portal() -> Part {
    static ADDRESSES: LazyLock<Vec<Address>> = LazyLock::new(|| {
        let own = |address: Address| {
            if address.template().starts_with(konnect::BRIDGE) { address.spelled(refusal) } else { address }
        };
        described("", &konnect::apis(), konnect::error::spelled).into_iter().map(own).collect()
    });
    let mut addresses = ADDRESSES.clone();
    addresses.extend([
        Address::private("/api/v3/{rest...}", "GET").spelled(konnect::error::spelled).nothing(),
        Address::private("/v3/{rest...}", "GET").spelled(konnect::error::spelled).nothing(),
        Address::private("/konnect/{rest...}", "GET").nothing(),
    ]);
    Part::new(addresses, Route::new().nest("/", konnect_service()).around(konnect::named))
}

/// Gravitee's management API, and the API of its portal.
fn gravitee() -> Part {
    use gravitee::refused::{spelled_by_management, spelled_by_portal};
    static ADDRESSES: LazyLock<Vec<Address>> = LazyLock::new(|| {
        let own = |address: Address| {
            let of_portal = address.template().starts_with(gravitee::portal::PREFIX);
            let address = if of_portal { address.spelled(spelled_by_portal) } else { address };
            address.body_bytes_max(gravitee::body::BYTES_MAX)
        };
        described("", &gravitee::apis(), spelled_by_management).into_iter().map(own).collect()
    });
    let mut addresses = ADDRESSES.clone();
    addresses.extend([
        Address::private("/management", "GET").spelled(spelled_by_management).nothing(),
        Address::private("/management/{rest...}", "GET").spelled(spelled_by_management).nothing(),
        Address::private("/portal/environments/{rest...}", "GET").spelled(spelled_by_portal).nothing(),
    ]);
    Part::new(addresses, Route::new().nest("/", gravitee::openapi::service()))
}

/// The native management API.
fn management() -> Part {
    static ADDRESSES: LazyLock<Vec<Address>> = LazyLock::new(|| {
        let large = |address: Address| {
            let holds_documents = address.template().starts_with("/api/admin/documents");
            if holds_documents { address.body_bytes_max(admin::BODY_BYTES_MAX) } else { address }
        };
        described(admin::PREFIX, &admin::apis(), admin::problem::spelled).into_iter().map(large).collect()
    });
    let endpoint = Route::new().nest(admin::PREFIX, admin::openapi::service()).around(admin::told);
    Part::new(ADDRESSES.clone(), endpoint.around(admin::repeat::once))
}

fn page_addresses() -> Vec<Address> {
    let mut addresses = web::routes::at_the_door();
    addresses.extend(health::addresses());
    addresses.extend(verify::addresses());
    addresses.extend([Address::private("/docs", "GET"), Address::private("/docs/{name}", "GET")]);
    addresses
}

/// The protocol's documents, by file name.
pub fn documents() -> Vec<(&'static str, String)> {
    vec![
        ("oidc.json", oidc().spec()),
        ("admin.json", admin::openapi::document()),
        ("kong.json", kong_document().spec()),
        ("konnect.json", konnect_service().spec()),
        ("gravitee.json", gravitee::openapi::document()),
        ("auth0.json", auth0::service().spec()),
    ]
}

fn oidc() -> OpenApiService<impl OpenApi, ()> {
    let apis =
        (DiscoveryApi, RegistrationApi, AuthorizationApi, TokenApi, IntrospectionApi, RevocationApi, UserInfoApi);
    let description = "OAuth 2.0 and OpenID Connect, with registration of clients by themselves. All addresses are below \
                       the issuer.";
    service(apis, description)
}

fn kong_document() -> OpenApiService<impl OpenApi, ()> {
    let description = "What scripts written for Kong Enterprise's application registration use. All addresses are below \
                       the issuer; the Admin API also has an address of its own, without /kong/admin.";
    service((kong::admin::apis(), kong::portal::apis(), kong::oauth2::apis()), description)
}

fn service<A: OpenApi>(apis: A, description: &str) -> OpenApiService<A, ()> {
    OpenApiService::new(apis, "Registrar", env!("CARGO_PKG_VERSION"))
        .description(description)
        .license(LicenseObject::new("Apache-2.0").url("https://www.apache.org/licenses/LICENSE-2.0"))
        .contact(ContactObject::new().name("The maintainers of Registrar"))
}

fn konnect_service() -> OpenApiService<impl OpenApi, ()> {
    let description = "What scripts and clients for Konnect's developer portal use: applications, credentials and \
                       registrations of developers, the management of a portal, and the endpoints that a portal \
                       elsewhere calls to register its applications here. All addresses are below the issuer.";
    OpenApiService::new(konnect::apis(), "Registrar, as a Konnect developer portal", env!("CARGO_PKG_VERSION"))
        .description(description)
        .license(LicenseObject::new("Apache-2.0").url("https://www.apache.org/licenses/LICENSE-2.0"))
        .contact(ContactObject::new().name("The maintainers of Registrar"))
}
