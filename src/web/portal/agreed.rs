//! What somebody agreed to, in words: they see it, and take it back (U10).

use http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use uuid::Uuid;

use super::visit::{Early, Guest};
use crate::portal::consent::{self, Agreed, AgreedPart};
use crate::portal::list::Wanted;
use crate::web::form::field;
use crate::web::page::portal::agreed::{AgreedApplication, AgreedGroup, AgreedPage};
use crate::web::page::portal::{Done, PlaceKind};
use crate::web::page::{Permission, PermissionGroup};
use crate::web::routes;
use crate::web::shown::{Destination, Shown};
use crate::web::visitor::Visitor;

/// Consents of a page.
const ROWS_MAX: u64 = 100;

/// Lists what one agreed to.
#[handler]
pub async fn list(visitor: Visitor) -> Response {
    listed(&visitor).await.unwrap_or_else(|early| *early)
}

async fn listed(visitor: &Visitor) -> Result<Response, Early> {
    let guest = Guest::enter_account(visitor).await?;
    let pairs = visitor.query().unwrap_or_default();
    let after = field(&pairs, "after").and_then(|after| Uuid::parse_str(after).ok());
    let wanted = Wanted { after, ..Wanted::first(ROWS_MAX) };
    let own = consent::own(&visitor.app, &visitor.tenant, guest.session.user.id, &wanted).await;
    let own = own.map_err(|error| Box::new(guest.refuse(&error)))?;
    let page = AgreedPage {
        frame: guest.frame(PlaceKind::Agreed, None),
        applications: own.agreed.iter().map(|agreed| application(visitor, agreed)).collect(),
        previous: after.map(|_| visitor.path(routes::AGREED)),
        next: own.next.map(|next| format!("{}?after={next}", visitor.path(routes::AGREED))),
    };
    Ok(guest.show(StatusCode::OK, page.render(&guest.layout())))
}

fn application(visitor: &Visitor, agreed: &Agreed) -> AgreedApplication {
    let metadata = &agreed.client.metadata;
    AgreedApplication {
        name: metadata.name(&[visitor.language(None).tag()]).map(Shown::name),
        destination: metadata.redirect_uris().first().and_then(|uri| Destination::of(uri)),
        groups: agreed.parts.iter().map(group).collect(),
        withdraw: visitor.path(&routes::withdraw(agreed.client.client_id())),
    }
}

fn group(part: &AgreedPart) -> AgreedGroup {
    let described = |scope: &str| {
        let known = part.service.as_ref()?.scopes.iter().find(|known| known.value == scope)?;
        (!known.description.is_empty()).then(|| Shown::text(&known.description))
    };
    let permission = |scope: &str| Permission { scope: Shown::text(scope), description: described(scope) };
    let permissions = PermissionGroup {
        service: part.service.as_ref().map(|service| Shown::name(&service.row.name)),
        permissions: part.row.scopes.iter().map(permission).collect(),
    };
    AgreedGroup { permissions, since: part.row.created_at }
}

/// Takes back what one application may do.
#[handler]
pub async fn withdraw(visitor: Visitor, Path(client_id): Path<String>) -> Response {
    withdrawn(&visitor, &client_id).await.unwrap_or_else(|early| *early)
}

async fn withdrawn(visitor: &Visitor, client_id: &str) -> Result<Response, Early> {
    let (guest, _) = Guest::enter_account_with_form(visitor).await?;
    let done = consent::take_back(&visitor.app, &visitor.tenant, guest.session.user.id, client_id).await;
    done.map_err(|error| Box::new(guest.refuse(&error)))?;
    Ok(guest.go_and_tell(routes::AGREED, Done::Withdrawn))
}
