//! The landing page, and the files all pages need.

use bytes::Bytes;
use entity::user::Role;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use poem::error::NotFoundError;
use poem::web::Path;
use poem::{Response, handler};

use super::answer::{page, problem};
use super::asset;
use super::page::portal::{Place, PlaceKind};
use super::page::{HomePage, Visitor as Seen};
use super::routes;
use super::sign_out::token;
use super::visitor::{Visitor, person};
use crate::oidc::endpoint::END_SESSION;

/// Says who is signed in.
#[handler]
pub async fn home(visitor: Visitor) -> Response {
    let session = match visitor.session().await {
        Ok(session) => session,
        Err(error) => return problem(&visitor, &error),
    };
    let Some(session) = session else {
        let shown = HomePage { visitor: Seen::Stranger { sign_in: visitor.path(routes::LOGIN) } };
        return page(shown.render(&visitor.layout(None, String::new())));
    };
    let browser = visitor.browser();
    let csrf = token(&visitor, &browser, &session, "");
    let signed_in = Seen::SignedIn {
        user: person(&session),
        sign_out: visitor.path(END_SESSION),
        places: places(&visitor, session.user.role),
    };
    let mut response = page(HomePage { visitor: signed_in }.render(&visitor.layout(None, csrf)));
    browser.remember(&visitor.tenant, response.headers_mut());
    response
}

/// Where somebody with this role may go.
fn places(visitor: &Visitor, role: Role) -> Vec<Place> {
    let all = [
        (Role::Developer, PlaceKind::Catalog, routes::CATALOG),
        (Role::Developer, PlaceKind::Applications, routes::APPLICATIONS),
        (Role::Developer, PlaceKind::Tokens, routes::TOKENS),
        (Role::Publisher, PlaceKind::Console, routes::CONSOLE),
        (Role::User, PlaceKind::Agreed, routes::AGREED),
        (Role::User, PlaceKind::Account, routes::ACCOUNT),
    ];
    let theirs = all.into_iter().filter(|(least, _, _)| role >= *least);
    theirs.map(|(_, kind, path)| Place { address: visitor.path(path), kind, is_here: false }).collect()
}

/// A file under its hashed name.
#[handler]
pub async fn file(Path(name): Path<String>) -> poem::Result<Response> {
    let found = asset::find(&name).ok_or(NotFoundError)?;
    let mut response = Response::from(Bytes::from_static(found.body.as_bytes()));
    response.set_status(StatusCode::OK);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(found.media_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(asset::CACHE_CONTROL));
    Ok(response)
}
