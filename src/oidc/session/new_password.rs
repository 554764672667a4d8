//! May this be a password, and whose does it become?

use entity::user::{self, UserState};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use serde_json::json;
use std::sync::Arc;

use super::password::{BYTES_MAX, LENGTH_MIN};
use super::session::{self, Arrival, Session, at};
use super::sign_in::SignedIn;
use super::{known_browser, sign_in_link};
use crate::app::App;
use crate::db::TransactionError;
use crate::oidc::Error;
use crate::oidc::event::{Kind, event};
use crate::oidc::tenant::Tenant;
use crate::oidc::token::family;
use crate::secret::Secret;

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    /// Fewer than [`LENGTH_MIN`] characters.
    TooShort,
    /// More than [`BYTES_MAX`] bytes.
    TooLong,
    /// Everybody's first guess.
    TooEasy,
}

/// What lists of stolen passwords begin with, of those that are long enough to pass otherwise.
const FIRST_GUESSES: [&str; 24] = [
    "password",
    "passw0rd",
    "password1",
    "password123",
    "12345678",
    "123456789",
    "1234567890",
    "87654321",
    "11223344",
    "qwertyuiop",
    "qwerty123",
    "1q2w3e4r",
    "1qaz2wsx",
    "asdfghjkl",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "letmein1",
    "welcome1",
    "abcd1234",
    "trustno1",
];

/// Whether `password` may be the one of somebody with this e-mail address.
///
/// # Errors
/// [`Weak`].
pub fn check(password: &Secret, email: &str) -> Result<(), Weak> {
    let text = password.expose();
    if text.len() > BYTES_MAX {
        return Err(Weak::TooLong);
    }
    if text.chars().count() < LENGTH_MIN {
        return Err(Weak::TooShort);
    }
    let lower = text.to_lowercase();
    let email = email.to_lowercase();
    let local = email.split('@').next().unwrap_or_default();
    let one_character = text.chars().all(|c| text.starts_with(c));
    if one_character || lower == email || lower == local || FIRST_GUESSES.contains(&lower.as_str()) {
        return Err(Weak::TooEasy);
    }
    Ok(())
}

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

impl From<DbErr> for NotSet {
    fn from(error: DbErr) -> Self {
        Self::Failed(error.into())
    }
}

impl TransactionError for NotSet {
    fn database(&self) -> Option<&DbErr> {
        match self {
            Self::Failed(error) => error.database(),
            Self::LinkSpent | Self::Weak(_) => None,
        }
    }
}

/// Spends a sign-in link: sets the password of its person, ends their sessions elsewhere (s.L22) and signs them in.
///
/// The `UPDATE` is the gate: a link holds the moment of the last change, so of two uses at the same moment one finds no
/// row to change.
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
    check(password, &user.email).map_err(NotSet::Weak)?;
    let hash = app.passwords.hash(password).await?;
    let now = app.clock.now();
    let changed = user::Model {
        password_hash: Some(hash),
        // Later than before in any case: two changes in one second must not look like one.
        password_changed_at: now.max(user.password_changed_at + 1),
        updated_at: now,
        ..user.clone()
    };
    let (cookie, row) = session::begin(app, &changed, arrival);
    let actor = format!("user:{}", user.id);
    let told = at(event(app, tenant.id, Kind::PasswordSet, &actor, &actor, json!({})), arrival);
    let (stored, before, after) = (row.clone(), user.password_changed_at, changed.clone());
    app.db
        .transaction(move |transaction| {
            let (stored, told, after) = (stored.clone(), told.clone(), after.clone());
            Box::pin(async move {
                let spent = user::Entity::update_many()
                    .col_expr(user::Column::PasswordHash, Expr::value(after.password_hash))
                    .col_expr(user::Column::PasswordChangedAt, Expr::value(after.password_changed_at))
                    .col_expr(user::Column::UpdatedAt, Expr::value(after.updated_at))
                    .filter(user::Column::Id.eq(after.id))
                    .filter(user::Column::PasswordChangedAt.eq(before))
                    .filter(user::Column::State.eq(UserState::Active))
                    .exec(transaction)
                    .await?;
                if spent.rows_affected == 0 {
                    return Err(NotSet::LinkSpent);
                }
                session::end_all(transaction, after.id, now).await?;
                family::revoke_all_of(transaction, after.id, family::Reason::PasswordSet, now).await?;
                session::store(transaction, stored, told).await.map_err(NotSet::from)
            })
        })
        .await?;
    app.users.forget(&user.id);
    app.families.forget_all();
    let known_browser = known_browser::make(app, tenant, user.id);
    Ok(SignedIn { cookie, session: Session { row, user: Arc::new(changed) }, known_browser })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_enough_not_too_long_and_not_the_first_guess() {
        // s.L13
        let check = |password: &str| check(&Secret::new(password), "Ada.Lovelace@example.org");
        assert_eq!(check("correct horse"), Ok(()));
        assert_eq!(check("pässwörd"), Ok(()));
        assert_eq!(check("seven77"), Err(Weak::TooShort));
        assert_eq!(check(&"ab".repeat(129)), Err(Weak::TooLong));
        for easy in ["Password", "aaaaaaaaaa", "ada.lovelace@example.org", "ADA.lovelace", "12345678"] {
            assert_eq!(check(easy), Err(Weak::TooEasy), "{easy}");
        }
    }
}
