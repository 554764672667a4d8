//! Is it really you? E-mail address and password (s.L5 to s.L13).

use std::sync::Arc;

use entity::user::{self, UserState};
use serde_json::json;

use super::known_browser;
use super::session::{self, Arrival, Session, at};
use crate::app::App;
use crate::db::Rows;
use crate::limit::Browser;
use crate::oidc::event::{Kind, event};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Error, user as users};
use crate::secret::{self, Secret};

/// What was typed, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The e-mail address, as typed.
    pub email: &'a str,
    /// The password.
    pub password: &'a Secret,
    /// Where the browser is.
    pub arrival: Arrival<'a>,
    /// What the browser shows to prove that it signed in before.
    pub known_browser: Option<&'a Secret>,
    /// The session it has now, which ends.
    pub previous: Option<&'a Session>,
}

/// Somebody is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The value of the session cookie.
    pub cookie: Secret,
    /// The session.
    pub session: Session,
    /// The value of the cookie by which this browser is known from now on.
    pub known_browser: Secret,
}

/// Why nobody is.
#[derive(Clone, Debug)]
pub enum NotSignedIn {
    /// The account is unknown, its password is another, or it may not sign in: one answer for all (s.L10).
    Refused,
    /// Too many attempts; the next one is looked at after so many seconds.
    Throttled {
        /// Seconds to wait.
        wait_seconds: u32,
    },
    /// We failed.
    Failed(Error),
}

impl From<Error> for NotSignedIn {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Somebody whose password it was.
#[derive(Clone, Debug)]
pub struct Proven {
    /// Who; may sign in.
    pub user: user::Model,
    /// The browser showed that it signed in to this account before.
    browser_is_known: bool,
}

/// Checks an attempt.
///
/// It is counted before the password is hashed, so that parallel guesses are all counted (s.L6), and an unknown account
/// costs one hash as well (s.L11).
///
/// # Errors
/// [`NotSignedIn`].
pub async fn prove(app: &App, tenant: &Tenant, attempt: &Attempt<'_>) -> Result<Proven, NotSignedIn> {
    let user = users::find_by_email(app, tenant, attempt.email).await?;
    let known = match (&user, attempt.known_browser) {
        (Some(user), Some(cookie)) => known_browser::identify(app, tenant, user.id, cookie),
        _ => None,
    };
    let browser = known.map_or(Browser::Unknown, Browser::Known);
    let account = account(tenant, attempt.email, user.as_ref());
    let reserved = app
        .limiter
        .sign_in(&account, attempt.arrival.address, browser)
        .map_err(|wait| NotSignedIn::Throttled { wait_seconds: wait.seconds })?;
    let stored = user.as_ref().and_then(|user| user.password_hash.as_deref());
    let right = app.passwords.verify(attempt.password, stored).await?;
    let Some(user) = user.clone().filter(|user| right && user.state == UserState::Active) else {
        failed(app, tenant, user.as_ref(), &attempt.arrival).await?;
        return Err(NotSignedIn::Refused);
    };
    reserved.succeeded();
    app.users.forget(&user.id);
    Ok(Proven { user, browser_is_known: known.is_some() })
}

/// Checks an attempt and begins a session.
///
/// # Errors
/// [`NotSignedIn`].
pub async fn sign_in(app: &App, tenant: &Tenant, attempt: Attempt<'_>) -> Result<SignedIn, NotSignedIn> {
    let Proven { user, browser_is_known } = prove(app, tenant, &attempt).await?;
    let known_browser = match attempt.known_browser {
        Some(cookie) if browser_is_known => cookie.clone(),
        _ => known_browser::make(app, tenant, user.id),
    };
    let (cookie, session) = session::start(app, Arc::new(user), attempt.previous, &attempt.arrival).await?;
    Ok(SignedIn { cookie, session, known_browser })
}

/// By what attempts are counted: the account, however its name was spelled (s.L7); else the name, kept short.
fn account(tenant: &Tenant, email: &str, user: Option<&user::Model>) -> String {
    let who = match user {
        Some(user) => user.id.to_string(),
        None => {
            let name = users::email_key(email).unwrap_or_else(|| email.to_lowercase());
            secret::hash(name.as_bytes()).into()
        }
    };
    format!("{}/{who}", tenant.id)
}

async fn failed(app: &App, tenant: &Tenant, user: Option<&user::Model>, arrival: &Arrival<'_>) -> Result<(), Error> {
    // What was typed may be a password in the wrong field: it is not written down.
    let target = user.map_or_else(|| "user".to_owned(), |user| format!("user:{}", user.id));
    let told = at(event(app, tenant.id, Kind::SignInFailed, "anonymous", &target, json!({})), arrival);
    app.db.insert(Rows { events: vec![told], ..Rows::default() }).await?;
    Ok(())
}
