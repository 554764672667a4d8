//! The catalog (U11), a service (U12) and its documents, in words.

use entity::id::DocumentId;
use entity::service::Access;
use http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use url::form_urlencoded;
use uuid::Uuid;

use super::document::content;
use super::refusal::not_found;
use super::visit::{Early, Guest};
use crate::portal::list::Wanted;
use crate::portal::service::{Filter, Registration};
use crate::portal::{document, service};
use crate::web::form::field;
use crate::web::page::portal::PlaceKind;
use crate::web::page::portal::catalog::{CatalogPage, DocumentPage, Flow, ServicePage, Tile};
use crate::web::routes;
use crate::web::shown::Shown;
use crate::web::visitor::Visitor;

/// Tiles of one page.
const TILES: u64 = 24;

/// Shows the services that are published.
#[handler]
pub async fn catalog(visitor: Visitor) -> Response {
    tiles(&visitor).await.unwrap_or_else(|early| *early)
}

async fn tiles(visitor: &Visitor) -> Result<Response, Early> {
    let guest = Guest::enter(visitor).await?;
    let pairs = visitor.query().unwrap_or_default();
    let search: String = field(&pairs, "search").unwrap_or_default().trim().chars().take(200).collect();
    let number = page_number(&pairs);
    let filter = Filter { search: Some(search.clone()).filter(|search| !search.is_empty()), ..Filter::default() };
    let wanted = Wanted { after: None, skip: number * TILES, limit: TILES };
    let listed = service::catalog(&visitor.app, &visitor.tenant, &guest.actor, &filter, &wanted).await;
    let listed = listed.map_err(|error| Box::new(guest.refuse(&error)))?;
    let address = |number: u64| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !search.is_empty() {
            query.append_pair("search", &search);
        }
        format!("{}?{}", visitor.path(routes::CATALOG), query.append_pair("page", &number.to_string()).finish())
    };
    let tile = |shown: service::Shown| Tile {
        address: visitor.path(&routes::service(shown.id)),
        title: Shown::name(&shown.title),
        description: Shown::text(shown.description.as_deref().unwrap_or_default()),
        is_registrable: shown.registration.is_some(),
    };
    let page = CatalogPage {
        frame: guest.frame(PlaceKind::Catalog, None),
        action: visitor.path(routes::CATALOG),
        total: listed.total,
        previous: (number > 0).then(|| address(number - 1)),
        next: listed.next.is_some().then(|| address(number + 1)),
        tiles: listed.items.into_iter().map(tile).collect(),
        search: search.clone(),
    };
    Ok(guest.show(StatusCode::OK, page.render(&guest.layout())))
}

/// The number of the page of a list that is asked for; the first is 0.
pub(super) fn page_number(pairs: &crate::web::form::Pairs) -> u64 {
    field(pairs, "page").and_then(|number| number.parse().ok()).unwrap_or(0).min(1_000_000)
}

/// Shows one service.
#[handler]
pub async fn service_page(visitor: Visitor, Path(id): Path<String>) -> Response {
    one(&visitor, &id).await.unwrap_or_else(|early| *early)
}

async fn one(visitor: &Visitor, id: &str) -> Result<Response, Early> {
    let guest = Guest::enter(visitor).await?;
    let (app, tenant) = (&visitor.app, &visitor.tenant);
    let refused = |error| Box::new(guest.refuse(&error));
    let shown = service::shown(app, tenant, &guest.actor, id).await.map_err(refused)?;
    let documents = document::of_service(app, tenant, &guest.actor, id).await.map_err(refused)?;
    let rules = shown.registration.as_ref();
    let page = ServicePage {
        frame: guest.frame(PlaceKind::Catalog, None),
        title: Shown::name(&shown.title),
        description: crate::web::page::portal::lines(shown.description.as_deref().unwrap_or_default()),
        audience: Shown::text(&shown.audience),
        is_open: shown.access != Access::Contract,
        flows: rules.map(flows).unwrap_or_default(),
        scopes: shown.scopes.iter().map(|s| (Shown::text(&s.value), Shown::text(&s.description))).collect(),
        needs_scope: rules.is_some_and(|rules| rules.mandatory_scope),
        token_seconds: rules.map(|rules| rules.token_expiration),
        documents: documents
            .iter()
            .map(|heading| (visitor.path(&routes::document(shown.id, heading.id)), Shown::name(&heading.title)))
            .collect(),
        register: rules.map(|_| visitor.path(&routes::register(shown.id))),
    };
    Ok(guest.show(StatusCode::OK, page.render(&guest.layout())))
}

fn flows(rules: &Registration) -> Vec<Flow> {
    let all = [
        (rules.authorization_code, Flow::AuthorizationCode),
        (rules.client_credentials, Flow::ClientCredentials),
        (rules.implicit_grant, Flow::Implicit),
        (rules.password_grant, Flow::Password),
    ];
    all.into_iter().filter(|(is_on, _)| *is_on).map(|(_, flow)| flow).collect()
}

/// Shows one document of a service.
#[handler]
pub async fn document_page(visitor: Visitor, Path((service, id)): Path<(String, String)>) -> Response {
    read(&visitor, &service, &id).await.unwrap_or_else(|early| *early)
}

async fn read(visitor: &Visitor, service: &str, id: &str) -> Result<Response, Early> {
    let guest = Guest::enter(visitor).await?;
    let (app, tenant) = (&visitor.app, &visitor.tenant);
    let id = Uuid::parse_str(id).map(DocumentId).map_err(|_| Box::new(not_found(visitor)))?;
    let refused = |error| Box::new(guest.refuse(&error));
    let of = service::shown(app, tenant, &guest.actor, service).await.map_err(refused)?;
    let found = document::shown(app, tenant, &guest.actor, service, id).await.map_err(refused)?;
    let page = DocumentPage {
        frame: guest.frame(PlaceKind::Catalog, None),
        title: Shown::name(&found.title),
        service: (visitor.path(&routes::service(of.id)), Shown::name(&of.title)),
        register: of.registration.as_ref().map(|_| visitor.path(&routes::register(of.id))),
        content: content(&found),
    };
    Ok(guest.show(StatusCode::OK, page.render(&guest.layout())))
}
