//! Somebody's own account, in words: who they are, where they are signed in, and another password (U9).

use entity::id::SessionId;
use entity::session::Model;
use http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use uuid::Uuid;

use super::refusal::{Shortfall, not_found};
use super::sign_up::length_min;
use super::visit::{Early, Guest};
use crate::oidc::endpoint::END_SESSION;
use crate::oidc::session::new_password::{self, NotChanged, NotSet, Weak};
use crate::oidc::session::open::{self, Which};
use crate::portal::developer::{self, Change};
use crate::portal::{Action, Error};
use crate::secret::Secret;
use crate::web::answer::problem;
use crate::web::cookie::Cookie;
use crate::web::device::Device;
use crate::web::form::field;
use crate::web::login::remember;
use crate::web::page::portal::profile::{ProfilePage, SessionRow};
use crate::web::page::portal::{Done, PlaceKind, Trouble};
use crate::web::routes;
use crate::web::shown::Shown;
use crate::web::visitor::Visitor;

/// Shows the account.
#[handler]
pub async fn look(visitor: Visitor) -> Response {
    looked(&visitor).await.unwrap_or_else(|early| *early)
}

async fn looked(visitor: &Visitor) -> Result<Response, Early> {
    let guest = Guest::enter_account(visitor).await?;
    show(&guest, None, None).await
}

async fn show(guest: &Guest<'_>, name: Option<&str>, shortfall: Option<Shortfall>) -> Result<Response, Early> {
    let (visitor, user) = (guest.visitor, &guest.session.user);
    let sessions = open::list(&visitor.app, &visitor.tenant, user.id).await;
    let sessions = sessions.map_err(|error| Box::new(problem(visitor, &error)))?;
    let (status, trouble, complaints) = match shortfall {
        Some(shortfall) => (shortfall.status, Some(shortfall.trouble), shortfall.complaints),
        None => (StatusCode::OK, None, Vec::new()),
    };
    let known = user.name.as_deref().unwrap_or_default();
    let in_field = name.map_or_else(|| Shown::text(known).plain().to_owned(), str::to_owned);
    let page = ProfilePage {
        frame: guest.frame(PlaceKind::Account, trouble),
        name: user.name.as_deref().map(Shown::name),
        email: Shown::text(&user.email),
        rename: guest.actor.can(Action::WriteOwn).then(|| (visitor.path(routes::ACCOUNT_NAME), in_field)),
        password: visitor.path(routes::ACCOUNT_PASSWORD),
        length_min: length_min(),
        sessions: sessions.iter().map(|row| session(guest, row)).collect(),
        end_others: (sessions.len() > 1).then(|| visitor.path(routes::END_OTHER_SESSIONS)),
        sign_out: visitor.path(END_SESSION),
        complaints,
    };
    Ok(guest.show(status, page.render(&guest.layout())))
}

fn session(guest: &Guest<'_>, row: &Model) -> SessionRow {
    let is_other = row.id != guest.session.row.id;
    SessionRow {
        device: Device::of(row.agent.as_deref().unwrap_or_default()),
        address: row.address.as_deref().map(Shown::text),
        began_at: row.created_at,
        used_at: open::last_used(row),
        end: is_other.then(|| guest.visitor.path(&routes::end_session(row.id))),
    }
}

/// Sets another name.
#[handler]
pub async fn rename(visitor: Visitor) -> Response {
    renamed(&visitor).await.unwrap_or_else(|early| *early)
}

async fn renamed(visitor: &Visitor) -> Result<Response, Early> {
    let (guest, pairs) = Guest::enter_account_with_form(visitor).await?;
    let name = field(&pairs, "name").unwrap_or_default().trim();
    let change = Change { name: Some(Some(name.to_owned()).filter(|name| !name.is_empty())), ..Change::default() };
    let id = guest.session.user.id;
    match developer::change(&visitor.app, &visitor.tenant, &guest.actor, id, change).await {
        Ok(_) => Ok(guest.go_and_tell(routes::ACCOUNT, Done::Saved)),
        Err(error) => {
            let shortfall = Shortfall::of(visitor.language(None), error, &["name"]);
            let shortfall = shortfall.map_err(|error| Box::new(guest.refuse(&error)))?;
            show(&guest, Some(name), Some(shortfall)).await
        }
    }
}

/// Sets another password, for somebody who knows the present one.
#[handler]
pub async fn change_password(visitor: Visitor) -> Response {
    password_changed(&visitor).await.unwrap_or_else(|early| *early)
}

async fn password_changed(visitor: &Visitor) -> Result<Response, Early> {
    let (guest, pairs) = Guest::enter_account_with_form(visitor).await?;
    let language = visitor.language(None);
    let typed = |name| Secret::new(field(&pairs, name).unwrap_or_default());
    let (present, password) = (typed("present_password"), typed("password"));
    if field(&pairs, "password_repeat") != Some(password.expose()) {
        let shortfall = Shortfall::field(language, "password_repeat", "password-different");
        return show(&guest, None, Some(shortfall)).await;
    }
    let (known_browser, arrival) = (visitor.cookie(Cookie::KnownBrowser), visitor.arrival());
    let (app, tenant, known) = (&visitor.app, &visitor.tenant, known_browser.as_ref());
    let done = new_password::change(app, tenant, &guest.session, &present, &password, known, &arrival).await;
    let shortfall = match done {
        Ok(signed_in) => {
            let mut response = guest.go_and_tell(routes::ACCOUNT, Done::PasswordChanged);
            remember(visitor, &mut response, &signed_in).await;
            return Ok(response);
        }
        Err(NotChanged::Wrong) => Shortfall::field(language, "present_password", "password-present-wrong"),
        Err(NotChanged::Throttled { wait_seconds }) => Shortfall {
            status: StatusCode::TOO_MANY_REQUESTS,
            trouble: Trouble::Throttled { wait_seconds },
            complaints: Vec::new(),
        },
        Err(NotChanged::NotSet(NotSet::Weak(Weak::TooEasy))) => {
            Shortfall::field(language, "password", "password-too-easy")
        }
        Err(NotChanged::NotSet(NotSet::Weak(Weak::TooShort | Weak::TooLong))) => {
            Shortfall::field(language, "password", "wrong-password-length")
        }
        Err(NotChanged::NotSet(NotSet::LinkSpent)) => {
            Shortfall { status: StatusCode::CONFLICT, trouble: Trouble::Changed, complaints: Vec::new() }
        }
        Err(NotChanged::NotSet(NotSet::Failed(error))) => return Err(Box::new(problem(visitor, &error))),
    };
    show(&guest, None, Some(shortfall)).await
}

/// Ends one of one's own sessions.
#[handler]
pub async fn end_one(visitor: Visitor, Path(id): Path<String>) -> Response {
    let which = |_: &Guest<'_>| Uuid::parse_str(&id).map(|id| Which::One(SessionId(id))).ok();
    ended(&visitor, which).await.unwrap_or_else(|early| *early)
}

/// Ends all of them but this one.
#[handler]
pub async fn end_others(visitor: Visitor) -> Response {
    let which = |guest: &Guest<'_>| Some(Which::AllBut(guest.session.row.id));
    ended(&visitor, which).await.unwrap_or_else(|early| *early)
}

async fn ended(visitor: &Visitor, which: impl FnOnce(&Guest<'_>) -> Option<Which>) -> Result<Response, Early> {
    let (guest, _) = Guest::enter_account_with_form(visitor).await?;
    let which = which(&guest).ok_or_else(|| Box::new(not_found(visitor)))?;
    let (person, actor) = (guest.session.user.id, guest.actor.label().to_owned());
    let done = open::end(&visitor.app, &visitor.tenant, &actor, person, which, &visitor.arrival()).await;
    match done.map_err(Error::from) {
        Ok(0) if matches!(which, Which::One(_)) => Err(Box::new(not_found(visitor))),
        Ok(_) => Ok(guest.go_and_tell(routes::ACCOUNT, Done::SessionsEnded)),
        Err(error) => Err(Box::new(guest.refuse(&error))),
    }
}
