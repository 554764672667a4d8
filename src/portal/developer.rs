//! Who are the developers? Everybody with the role `developer` or more, and what the portal decided about them.

pub mod change;
pub mod create;
pub mod decide;
pub mod link;
pub mod list;
pub mod password;
pub mod remove;
pub mod sign_up;

pub use change::{Change, change, change_tagged};
pub use create::{Invitation, New, accept_invitation, create, create_with, invite};
pub use decide::{Decision, decide};
pub use list::{Filter, find, list};
pub use password::{request_password_reset, reset};
pub use remove::{remove, remove_tagged};
pub use sign_up::{SignUp, sign_up, verify_email};

use entity::id::{ApplicationId, UserId};
use entity::user::{self, Role};
use entity::{application, delivery};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter, Value as Bound};
use serde_json::{Map, Value, json};

use super::notice::{self, Notice, page};
use super::{Conflict, Error, Rule, Wrong};
use crate::app::App;
use crate::db::text::holds_nul;
use crate::db::{Rows, Told, TransactionError, is_duplicate};
use crate::limit::{Browser, Wait};
use crate::oidc::session::password::{Weak, check};
use crate::oidc::tenant::Tenant;
use crate::oidc::user::email_key;
use crate::secret::{self, Secret};

/// How long a reason may be, in characters.
const REASON_MAX: usize = 2000;
/// What somebody may say about themselves, in bytes of JSON.
const META_BYTES_MAX: usize = 8 * 1024;
/// How long a foreign name of a person may be, in characters.
const CUSTOM_ID_MAX: usize = 200;

/// What is said about a person, to be checked: `None` is not looked at.
#[derive(Clone, Copy, Debug, Default)]
struct Said<'a> {
    email: Option<&'a str>,
    name: Option<&'a str>,
    meta: Option<&'a Map<String, Value>>,
    custom_id: Option<&'a str>,
    /// A password, and the address it must not be like.
    password: Option<(&'a Secret, &'a str)>,
}

impl Said<'_> {
    /// # Errors
    /// `Invalid` with every wrong field.
    fn check(self) -> Result<(), Error> {
        let wrong = self.complaints();
        if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
    }

    fn complaints(self) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        if self.email.is_some_and(|email| email_key(email).is_none()) {
            wrong.push(Wrong::new("email", Rule::Form, "must be an e-mail address"));
        }
        let within = |text: &str, max: usize| {
            !text.trim().is_empty() && text.chars().count() <= max && !text.chars().any(char::is_control)
        };
        if self.name.is_some_and(|name| !within(name, 200)) {
            let complaint = "must have 1 to 200 characters, none of them a control character";
            wrong.push(Wrong::new("name", Rule::Length, complaint));
        }
        if self.custom_id.is_some_and(|custom_id| !within(custom_id, CUSTOM_ID_MAX)) {
            let complaint = format!("must have 1 to {CUSTOM_ID_MAX} characters, none of them a control character");
            wrong.push(Wrong::new("custom_id", Rule::Length, complaint));
        }
        let bytes = |meta: &Map<String, Value>| serde_json::to_vec(meta).map_or(usize::MAX, |json| json.len());
        if self.meta.is_some_and(|meta| bytes(meta) > META_BYTES_MAX) {
            wrong.push(Wrong::new("meta", Rule::Length, format!("must have at most {META_BYTES_MAX} bytes as JSON")));
        }
        if self.meta.is_some_and(|meta| holds_nul(&Value::Object(meta.clone()))) {
            wrong.push(Wrong::new("meta", Rule::Form, "must not hold the character U+0000"));
        }
        if let Some((chosen, email)) = self.password
            && let Err(weak) = check(chosen, email)
        {
            wrong.push(weak_password(weak));
        }
        wrong
    }
}

fn weak_password(weak: Weak) -> Wrong {
    let rule = if weak == Weak::TooEasy { Rule::Form } else { Rule::Length };
    Wrong::new("password", rule, format!("is not taken: {}", weak.describe()))
}

/// What is wrong with an address where only those of some domains may come by themselves (s.B17).
fn foreign_domain(tenant: &Tenant, email: &str) -> Option<Wrong> {
    let domains = &tenant.settings.portal.sign_up_domains;
    let key = email_key(email)?;
    let domain = key.rsplit('@').next().unwrap_or_default();
    let allowed = domains.is_empty() || domains.iter().any(|allowed| allowed.eq_ignore_ascii_case(domain));
    let complaint = || format!("must be an address of {}", domains.join(" or "));
    (!allowed).then(|| Wrong::new("email", Rule::Form, complaint()))
}

/// Counts an attempt that sends a mail to somebody: an address gets no flood, a source sends none.
///
/// # Errors
/// `NotNow`.
fn throttle(app: &App, tenant: &Tenant, what: &str, email: &str, from: std::net::IpAddr) -> Result<(), Error> {
    let name = email_key(email).unwrap_or_else(|| email.to_lowercase());
    let account = format!("{}/{what}/{}", tenant.id, secret::hash(name.as_bytes()).as_str());
    match app.limiter.sign_in(&account, from, Browser::Unknown) {
        // Kept: every attempt counts.
        Ok(counted) => {
            drop(counted);
            Ok(())
        }
        Err(Wait { seconds, .. }) => Err(Error::NotNow { retry_after: u64::from(seconds), cause: None }),
    }
}

/// The row of somebody, past every cache.
///
/// # Errors
/// `NotFound` for somebody who is no developer.
async fn developer(app: &App, tenant: &Tenant, id: UserId) -> Result<user::Model, Error> {
    let row = user::Entity::find_by_id(id).filter(user::Column::TenantId.eq(tenant.id)).one(app.db.pool()).await?;
    row.filter(|row| row.role >= Role::Developer).ok_or(Error::NotFound)
}

/// Stores a new person with the entry of the audit log and the mails.
///
/// # Errors
/// `Taken` for an address or a foreign name that somebody has.
async fn store_new(app: &App, row: &user::Model, told: Told, mails: Vec<delivery::Model>) -> Result<(), Error> {
    let person = row.clone();
    let stored = app
        .db
        .transaction(move |transaction| {
            let (person, told, mails) = (person.clone(), told.clone(), mails.clone());
            Box::pin(async move {
                user::Entity::insert(person.into_active_model()).exec_without_returning(transaction).await?;
                Ok::<_, Error>(told_with(told, mails).insert(transaction).await?)
            })
        })
        .await;
    match stored {
        Err(error) if error.database().is_some_and(is_duplicate) => Err(taken(app, row).await?),
        stored => stored,
    }
}

fn told_with(told: Told, deliveries: Vec<delivery::Model>) -> Rows {
    Rows { events: vec![told], deliveries, ..Rows::default() }
}

/// Which of the values that must be unique somebody else has.
async fn taken(app: &App, row: &user::Model) -> Result<Error, Error> {
    let same = user::Entity::find()
        .filter(user::Column::TenantId.eq(row.tenant_id))
        .filter(user::Column::EmailKey.eq(row.email_key.as_str()))
        .filter(user::Column::Id.ne(row.id));
    Ok(match &row.custom_id {
        Some(custom_id) if same.one(app.db.pool()).await?.is_none() => {
            Error::Taken { field: "custom_id", value: custom_id.clone() }
        }
        _ => Error::Taken { field: "email", value: row.email.clone() },
    })
}

/// Sets columns of somebody if what the caller saw is still so: whether a row was there to change.
async fn set(
    transaction: &DatabaseTransaction,
    id: UserId,
    columns: Vec<(user::Column, Bound)>,
    seen: Vec<(user::Column, Bound)>,
) -> Result<bool, Error> {
    let mut update = user::Entity::update_many().filter(user::Column::Id.eq(id));
    for (column, value) in columns {
        update = update.col_expr(column, Expr::value(value));
    }
    for (column, value) in seen {
        update = update.filter(column.eq(value));
    }
    Ok(update.exec(transaction).await?.rows_affected > 0)
}

/// The applications somebody answers for, also put away ones.
async fn applications_of(app: &App, id: UserId) -> Result<Vec<application::Model>, Error> {
    let own = super::application::rows().filter(application::Column::PrimaryOwnerId.eq(id));
    Ok(own.all(app.db.pool()).await?)
}

/// Drops what is remembered of somebody and of the applications they answer for.
fn forget(app: &App, id: UserId, applications: impl IntoIterator<Item = ApplicationId>) {
    app.users.forget(&id);
    for application in applications {
        super::application::forget_application(app, application);
    }
}

/// What mails about a developer say.
fn said(tenant: &Tenant, row: &user::Model, path: &str) -> Value {
    json!({
        "developer": {"email": row.email, "name": row.name},
        "link": tenant.url(path),
    })
}

/// A mail with a link that proves the address of somebody.
fn link_mail(
    app: &App,
    tenant: &Tenant,
    told: &Told,
    notice: Notice,
    row: &user::Model,
    what: link::For,
) -> Vec<delivery::Model> {
    let link = link::make(app, tenant, row, what);
    let data = notice::with_link(app, tenant, said(tenant, row, page::CATALOG), &link);
    notice::mails(app, tenant, told, notice, std::slice::from_ref(&row.email), data)
}

/// What becomes another one with each change of what is told about a developer.
pub fn tag(row: &user::Model) -> String {
    let told = json!([row.email, row.email_verified, row.name, row.role, row.state, row.approval]);
    super::tag::tag(json!([told, row.meta, row.custom_id, row.updated_at]))
}

/// Whether the caller saw what is there.
fn unchanged(expected: Option<&str>, row: &user::Model) -> Result<(), Error> {
    let seen = expected.is_none_or(|expected| expected == tag(row));
    if seen { Ok(()) } else { Err(Error::Conflict(Conflict::Changed)) }
}

/// How the audit log names a person.
fn target(id: UserId) -> String {
    format!("user:{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_about_a_person_has_limits() {
        // s.L13, s.L14
        let (weak, long) = (Secret::new("short"), "n".repeat(201));
        let meta = Map::from_iter([("text".to_owned(), Value::from("m".repeat(META_BYTES_MAX)))]);
        let said = Said {
            email: Some("a@b@c"),
            name: Some(&long),
            meta: Some(&meta),
            custom_id: Some(" "),
            password: Some((&weak, "a@b")),
        };
        let fields: Vec<String> = said.complaints().into_iter().map(|wrong| wrong.field).collect();
        assert_eq!(fields, ["email", "name", "custom_id", "meta", "password"]);
        let fine = Secret::new("correct horse");
        let said = Said { email: Some("a@b.example"), password: Some((&fine, "a@b.example")), ..Said::default() };
        assert_eq!(said.complaints(), []);
    }
}
