//! Somebody's personal access tokens, in words. A new one is on the answer to the form, and nowhere else.

use entity::id::PersonalTokenId;
use entity::personal_token::Model;
use http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use uuid::Uuid;

use super::refusal::{Shortfall, not_found};
use super::visit::{Early, Guest};
use crate::portal::personal_token::{self, DAYS, Lifetime, New};
use crate::web::form::field;
use crate::web::page::portal::application::{NewSecretPage, SecretOf};
use crate::web::page::portal::token::{TokenRow, TokenState, TokensPage};
use crate::web::page::portal::{Done, PlaceKind};
use crate::web::routes;
use crate::web::shown::Shown;
use crate::web::visitor::Visitor;

const FIELDS: [&str; 3] = ["name", "expires_in_days", "scopes"];

/// What stands in the form.
struct Typed {
    name: String,
    days: String,
    scopes: Vec<String>,
}

impl Default for Typed {
    fn default() -> Self {
        Self { name: String::new(), days: DAYS.to_string(), scopes: Vec::new() }
    }
}

/// Lists one's tokens.
#[handler]
pub async fn list(visitor: Visitor) -> Response {
    listed(&visitor).await.unwrap_or_else(|early| *early)
}

async fn listed(visitor: &Visitor) -> Result<Response, Early> {
    let guest = Guest::enter(visitor).await?;
    show(&guest, Typed::default(), None).await
}

async fn show(guest: &Guest<'_>, typed: Typed, shortfall: Option<Shortfall>) -> Result<Response, Early> {
    let visitor = guest.visitor;
    let tokens = personal_token::list(&visitor.app, &visitor.tenant, &guest.actor).await;
    let tokens = tokens.map_err(|error| Box::new(guest.refuse(&error)))?;
    let (status, trouble, complaints) = match shortfall {
        Some(shortfall) => (shortfall.status, Some(shortfall.trouble), shortfall.complaints),
        None => (StatusCode::OK, None, Vec::new()),
    };
    let page = TokensPage {
        frame: guest.frame(PlaceKind::Tokens, trouble),
        action: visitor.path(routes::TOKENS),
        tokens: tokens.iter().map(|row| token(visitor, row)).collect(),
        scopes: personal_token::scopes_of(guest.actor.role()).collect(),
        chosen: typed.scopes,
        name: typed.name,
        days: typed.days,
        complaints,
    };
    Ok(guest.show(status, page.render(&guest.layout())))
}

fn token(visitor: &Visitor, row: &Model) -> TokenRow {
    let now = visitor.app.clock.now();
    let state = if row.revoked_at.is_some() {
        TokenState::Revoked
    } else if row.expires_at.is_some_and(|at| at <= now) {
        TokenState::Expired
    } else {
        TokenState::Live { revoke: visitor.path(&routes::revoke_token(row.id)) }
    };
    TokenRow {
        name: Shown::name(&row.name),
        hint: Shown::text(&row.hint),
        scopes: row.scopes.iter().map(Shown::text).collect(),
        created_at: row.created_at,
        expires_at: row.expires_at,
        state,
    }
}

/// Makes a token.
#[handler]
pub async fn create(visitor: Visitor) -> Response {
    created(&visitor).await.unwrap_or_else(|early| *early)
}

async fn created(visitor: &Visitor) -> Result<Response, Early> {
    let (guest, pairs) = Guest::enter_with_form(visitor).await?;
    let typed = Typed {
        name: field(&pairs, "name").unwrap_or_default().to_owned(),
        days: field(&pairs, "expires_in_days").unwrap_or_default().trim().to_owned(),
        scopes: pairs.iter().filter(|(name, _)| name == "scopes").map(|(_, scope)| scope.clone()).collect(),
    };
    // What is no number is judged like one outside the range.
    let lifetime = Lifetime::Days(typed.days.parse().unwrap_or(0));
    let new = New { name: typed.name.clone(), scopes: typed.scopes.clone(), lifetime };
    match personal_token::create(&visitor.app, &visitor.tenant, &guest.actor, new).await {
        Ok((_, value)) => {
            let page = NewSecretPage {
                frame: guest.frame(PlaceKind::Tokens, None),
                of: SecretOf::Token,
                client_id: None,
                secret: value.expose().to_owned(),
                close: visitor.path(routes::TOKENS),
            };
            Ok(guest.show(StatusCode::OK, page.render(&guest.layout())))
        }
        Err(error) => {
            let shortfall = Shortfall::of(visitor.language(None), error, &FIELDS);
            let shortfall = shortfall.map_err(|error| Box::new(guest.refuse(&error)))?;
            show(&guest, typed, Some(shortfall)).await
        }
    }
}

/// Revokes a token.
#[handler]
pub async fn revoke(visitor: Visitor, Path(id): Path<String>) -> Response {
    revoked(&visitor, &id).await.unwrap_or_else(|early| *early)
}

async fn revoked(visitor: &Visitor, id: &str) -> Result<Response, Early> {
    let (guest, _) = Guest::enter_with_form(visitor).await?;
    let id = Uuid::parse_str(id).map(PersonalTokenId).map_err(|_| Box::new(not_found(visitor)))?;
    let done = personal_token::revoke(&visitor.app, &visitor.tenant, &guest.actor, id).await;
    done.map_err(|error| Box::new(guest.refuse(&error)))?;
    Ok(guest.go_and_tell(routes::TOKENS, Done::TokenRevoked))
}
