//! Which address leads where? Every route of the house on one screen.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use poem::{Endpoint, EndpointExt as _, Response, Route};
use poem_openapi::{ContactObject, LicenseObject, OpenApi, OpenApiService};

use super::part::{House, Part, described};
use super::{App, settings};
use crate::api::admin;
use crate::api::docs::Docs;
use crate::api::health;
use crate::api::oidc::discovery::DiscoveryApi;
use crate::api::oidc::introspection::IntrospectionApi;
use crate::api::oidc::registration::RegistrationApi;
use crate::api::oidc::revocation::RevocationApi;
use crate::api::oidc::token::TokenApi;
use crate::api::oidc::userinfo::UserInfoApi;
use crate::api::verify;
use crate::edge::headers::Transport;
use crate::edge::routes::{Route as Address, Routes};
use crate::edge::tenancy::Tenancy;
use crate::edge::{self, Settings};
use crate::web;
use crate::web::openapi::AuthorizationApi;

/// Longer than any honest answer takes, a fetch on a client's behalf included.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Requests under way at once; further ones are told to come back.
const OPEN_REQUESTS_MAX: usize = 1024;

/// The whole server, from the door to the rows.
pub fn endpoint(app: Arc<App>) -> impl Endpoint<Output = Response> {
    let (house, routes) = House::new(vec![pages(), protocol(), management()]);
    behind_the_door(app, house, routes)
}

fn behind_the_door(app: Arc<App>, house: House, routes: Routes) -> impl Endpoint<Output = Response> {
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
    Tenancy::new(app, edge::protect(house, settings))
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
        Address::public("/oidc/register/{client_id}", "GET, PUT, PATCH, DELETE"),
        Address::public("/oidc/register/{client_id}/renew_secret", "POST"),
        Address::public("/token", "POST"),
        Address::public("/introspect", "GET, POST"),
        Address::public("/revoke", "POST"),
        Address::public("/userinfo", "GET, POST"),
    ];
    Part::new(addresses, Route::new().nest("/", oidc()))
}

/// The native management API.
fn management() -> Part {
    static DOCUMENT: LazyLock<String> = LazyLock::new(admin::openapi::document);
    let addresses = described(admin::PREFIX, &DOCUMENT, admin::problem::spelled);
    let large = |address: Address| {
        let holds_documents = address.template().starts_with("/api/admin/documents");
        if holds_documents { address.body_bytes_max(admin::BODY_BYTES_MAX) } else { address }
    };
    let endpoint = Route::new().nest(admin::PREFIX, admin::openapi::service()).around(admin::told);
    Part::new(addresses.into_iter().map(large).collect(), endpoint.around(admin::repeat::once))
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
    vec![("oidc.json", oidc().spec()), ("admin.json", admin::openapi::document())]
}

fn oidc() -> OpenApiService<impl OpenApi, ()> {
    let apis =
        (DiscoveryApi, RegistrationApi, AuthorizationApi, TokenApi, IntrospectionApi, RevocationApi, UserInfoApi);
    let description = "OAuth 2.0 and OpenID Connect, with registration of clients by themselves. All addresses are below \
                       the issuer.";
    OpenApiService::new(apis, "Registrar", env!("CARGO_PKG_VERSION"))
        .description(description)
        .license(LicenseObject::new("Apache-2.0").url("https://www.apache.org/licenses/LICENSE-2.0"))
        .contact(ContactObject::new().name("The maintainers of Registrar"))
}
