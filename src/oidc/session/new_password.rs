//! How does somebody who proved who they are choose a new password, and go on signed in?
//!
//! Whoever sets a password, by a link, a page or the command line, does it by `set_password::set_with` with one rule,
//! [`check`].

use std::sync::Arc;

use entity::user;
use sea_orm::Value;
use serde_json::json;

pub use super::password::{Weak, check};
use super::session::{self, Arrival, Session, at};
use super::sign_in::{Attempt, NotSignedIn, SignedIn, prove};
use super::{known_browser, sign_in_link};
use crate::app::App;
use crate::oidc::Error;
use crate::oidc::event::{Kind, event};
use crate::oidc::tenant::Tenant;
use crate::oidc::user::set_password::{self, With};
use crate::secret::Secret;

/// Why a password was not set.
#[derive(Debug)]
pub enum NotSet {
    /// The link was used before, is too old, or is not one of ours (s.L15).
    LinkSpent,
    /// The password is not taken; the link is still good.
    Weak(Weak),
    /// We failed.
    Failed(Error),
}

impl From<Error> for NotSet {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<set_password::NotSet> for NotSet {
    fn from(not_set: set_password::NotSet) -> Self {
        match not_set {
            // A link holds the moment of the last change: whoever comes second holds a link that is spent.
            set_password::NotSet::Overtaken => Self::LinkSpent,
            set_password::NotSet::Weak(weak) => Self::Weak(weak),
            set_password::NotSet::Failed(error) => Self::Failed(error),
        }
    }
}

/// Spends a sign-in link: sets the password of its person, ends their sessions elsewhere (s.L22) and signs them in.
///
/// # Errors
/// [`NotSet`].
pub async fn set(
    app: &App,
    tenant: &Tenant,
    link: &Secret,
    password: &Secret,
    arrival: &Arrival<'_>,
) -> Result<SignedIn, NotSet> {
    let user = sign_in_link::open(app, tenant, link).await?.ok_or(NotSet::LinkSpent)?;
    set_for(app, tenant, &user, password, arrival, Vec::new()).await
}

/// Sets the password of somebody who proved who they are, ends their sessions elsewhere (s.L22) and signs them in.
/// `more` is what else is set about them at the same moment.
///
/// # Errors
/// [`NotSet`]: what proved who they are is spent when another password was set since `user` was read.
pub async fn set_for(
    app: &App,
    tenant: &Tenant,
    user: &user::Model,
    password: &Secret,
    arrival: &Arrival<'_>,
    more: Vec<(user::Column, Value)>,
) -> Result<SignedIn, NotSet> {
    let (cookie, row) = session::begin(app, tenant, user, arrival);
    let actor = format!("user:{}", user.id);
    let told = at(event(app, tenant.id, Kind::PasswordSet, &actor, &actor, json!({})), arrival);
    let with = With { session: Some(row.clone()), more, told };
    let changed = set_password::set_with(app, user, password, with).await?;
    let known_browser = known_browser::make(app, tenant, user.id);
    Ok(SignedIn { cookie, session: Session { row, user: Arc::new(changed) }, known_browser })
}

/// Why somebody's password stayed as it was.
#[derive(Debug)]
pub enum NotChanged {
    /// What was typed is not the present password.
    Wrong,
    /// Too many attempts; the next one is looked at after so many seconds.
    Throttled {
        /// Seconds to wait.
        wait_seconds: u32,
    },
    /// The new one was not set.
    NotSet(NotSet),
}

/// Exchanges the password of somebody who is signed in and knows the present one, with all that [`set_for`] does. Attempts
/// are counted with those to sign in: a browser that was left alone guesses no better than any other (s.L6).
///
/// # Errors
/// [`NotChanged`].
pub async fn change(
    app: &App,
    tenant: &Tenant,
    session: &Session,
    present: &Secret,
    password: &Secret,
    known_browser: Option<&Secret>,
    arrival: &Arrival<'_>,
) -> Result<SignedIn, NotChanged> {
    let attempt =
        Attempt { email: &session.user.email, password: present, arrival: *arrival, known_browser, previous: None };
    let proven = prove(app, tenant, &attempt).await.map_err(|refused| match refused {
        NotSignedIn::Refused => NotChanged::Wrong,
        NotSignedIn::Throttled { wait_seconds } => NotChanged::Throttled { wait_seconds },
        NotSignedIn::Failed(error) => NotChanged::NotSet(error.into()),
    })?;
    set_for(app, tenant, &proven.user, password, arrival, Vec::new()).await.map_err(NotChanged::NotSet)
}
