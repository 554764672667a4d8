//! What does a person give to a script so that it acts for them? A token with an end, shown once.

use entity::id::PersonalTokenId;
use entity::personal_token::{self, Model};
use entity::user::{self, Role};
use entity::word::Words;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait as _, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::actor::PERSONAL_TOKEN_PREFIX;
use super::{Action, Actor, Error, Rule, Wrong};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::Rows;
use crate::oidc::event::{Kind, event};
use crate::oidc::scope::MANAGEMENT_SCOPES;
use crate::oidc::tenant::Tenant;
use crate::secret::{self, Secret};

/// How long a token lives unless somebody says otherwise.
pub const DAYS: u32 = 90;
const DAYS_MAX: u32 = 3650;
const DAY: Seconds = 86_400;
const HOUR: Seconds = 3600;
const NAME_CHARACTERS_MAX: usize = 100;
/// Of one person, not counting those that ended.
const TOKENS_MAX: u64 = 100;

/// When a token ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lifetime {
    /// After [`DAYS`].
    #[default]
    Usual,
    /// After so many days.
    Days(u32),
    /// After an hour, for a script that just signed in.
    Hour,
    /// When it is revoked; for admins only.
    Endless,
}

/// A token to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct New {
    /// What it is for.
    pub name: String,
    /// What it may do; empty: all that the person may.
    pub scopes: Vec<String>,
    /// When it ends.
    pub lifetime: Lifetime,
}

/// Makes a token for the person who asks, and returns it this once.
///
/// # Errors
/// `NotAllowed` for a client, for a person who manages nothing, and for a token that may not do all its person may: it
/// must not give away more than it has. `Invalid` with every wrong field.
pub async fn create(app: &App, tenant: &Tenant, actor: &Actor, new: New) -> Result<(Model, Secret), Error> {
    actor.may(Action::WriteOwn)?;
    let person = actor.user.as_deref().filter(|_| !actor.is_limited()).ok_or(Error::NotAllowed(Action::WriteOwn))?;
    create_for(app, tenant, actor.label(), person, new).await
}

/// Makes a token for a person on the operator's behalf; `by` is who does it, as the audit log writes it.
///
/// # Errors
/// `Invalid` with every wrong field; when the database cannot be asked.
pub async fn create_for(
    app: &App,
    tenant: &Tenant,
    by: &str,
    person: &user::Model,
    new: New,
) -> Result<(Model, Secret), Error> {
    let now = app.clock.now();
    let mut wrong = complaints(person.role, &new);
    let live = personal_token::Entity::find()
        .filter(personal_token::Column::UserId.eq(person.id))
        .filter(personal_token::Column::RevokedAt.is_null())
        .filter(personal_token::Column::ExpiresAt.is_null().or(personal_token::Column::ExpiresAt.gt(now)));
    if live.count(app.db.pool()).await? >= TOKENS_MAX {
        wrong.push(Wrong::new("", Rule::Form, format!("there are {TOKENS_MAX} tokens, which is the most")));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let value = Secret::token(PERSONAL_TOKEN_PREFIX);
    let row = Model {
        id: PersonalTokenId(secret::new_id()),
        tenant_id: tenant.id,
        user_id: person.id,
        name: new.name.trim().to_owned(),
        hash: value.hash().into(),
        hint: hint(&value),
        scopes: Words::new(new.scopes),
        expires_at: expires_at(new.lifetime, now),
        revoked_at: None,
        created_at: now,
    };
    let data = json!({"name": row.name, "scope": row.scopes, "expires_at": row.expires_at, "user": person.id});
    let told = event(app, tenant.id, Kind::PersonalTokenCreated, by, &format!("personal_token:{}", row.id), data);
    let stored = row.clone();
    app.db
        .transaction(move |transaction| {
            let (row, told) = (stored.clone().into_active_model(), told.clone());
            Box::pin(async move {
                personal_token::Entity::insert(row).exec_without_returning(transaction).await?;
                Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?;
                Ok::<_, Error>(())
            })
        })
        .await?;
    Ok((row, value))
}

/// One's own tokens, the newest first; for the operator, everybody's.
///
/// # Errors
/// `NotAllowed`; when the database cannot be asked.
pub async fn list(app: &App, tenant: &Tenant, actor: &Actor) -> Result<Vec<Model>, Error> {
    actor.may(Action::ReadOwn)?;
    let mut found = personal_token::Entity::find().filter(personal_token::Column::TenantId.eq(tenant.id));
    match (actor.user_id(), actor.is_limited()) {
        (Some(person), _) => found = found.filter(personal_token::Column::UserId.eq(person)),
        (None, false) => {}
        (None, true) => return Err(Error::NotAllowed(Action::ReadOwn)),
    }
    Ok(found.order_by_desc(personal_token::Column::Id).all(app.db.pool()).await?)
}

/// Revokes one of one's own tokens; the operator, anybody's. It is refused at once, on every replica.
///
/// # Errors
/// `NotAllowed`; `NotFound` for a token that is not there, somebody else's, or was revoked before.
pub async fn revoke(app: &App, tenant: &Tenant, actor: &Actor, id: PersonalTokenId) -> Result<(), Error> {
    actor.may(Action::WriteOwn)?;
    let mut update = personal_token::Entity::update_many()
        .col_expr(personal_token::Column::RevokedAt, Expr::value(app.clock.now()))
        .filter(personal_token::Column::Id.eq(id))
        .filter(personal_token::Column::TenantId.eq(tenant.id))
        .filter(personal_token::Column::RevokedAt.is_null());
    match (actor.user_id(), actor.is_limited()) {
        (Some(person), _) => update = update.filter(personal_token::Column::UserId.eq(person)),
        (None, false) => {}
        (None, true) => return Err(Error::NotAllowed(Action::WriteOwn)),
    }
    let target = format!("personal_token:{id}");
    let told = event(app, tenant.id, Kind::PersonalTokenRevoked, actor.label(), &target, json!({}));
    app.db
        .transaction(move |transaction| {
            let (update, told) = (update.clone(), told.clone());
            Box::pin(async move {
                if update.exec(transaction).await?.rows_affected == 0 {
                    return Err(Error::NotFound);
                }
                Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?;
                Ok(())
            })
        })
        .await
}

/// The scopes that do something in the hands of this role.
pub fn scopes_of(role: Role) -> impl Iterator<Item = &'static str> {
    let reaches =
        move |scope: &&str| Action::ALL.iter().any(|action| action.role() <= role && action.scopes().contains(scope));
    MANAGEMENT_SCOPES.into_iter().filter(reaches)
}

fn complaints(role: Role, new: &New) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARACTERS_MAX || name.chars().any(char::is_control) {
        let complaint = format!("must have 1 to {NAME_CHARACTERS_MAX} characters, none of them a control character");
        wrong.push(Wrong::new("name", Rule::Length, complaint));
    }
    for scope in &new.scopes {
        if !scopes_of(role).any(|known| known == scope) {
            let shown: String = scope.chars().take(64).collect();
            let known = scopes_of(role).collect::<Vec<_>>().join(", ");
            wrong.push(Wrong::new("scopes", Rule::Unknown, format!("has {shown:?}, which is none of {known}")));
        }
    }
    match new.lifetime {
        Lifetime::Days(days) if !(1..=DAYS_MAX).contains(&days) => {
            let rule = Rule::Range { least: 1, most: i64::from(DAYS_MAX) };
            wrong.push(Wrong::new("expires_in_days", rule, format!("must be 1 to {DAYS_MAX}")));
        }
        Lifetime::Endless if role < Role::Admin => {
            let complaint = "must be given: only an admin's token may have no end";
            wrong.push(Wrong::new("expires_in_days", Rule::Required, complaint));
        }
        _ => {}
    }
    wrong
}

fn expires_at(lifetime: Lifetime, now: Seconds) -> Option<Seconds> {
    match lifetime {
        Lifetime::Usual => Some(now + i64::from(DAYS) * DAY),
        Lifetime::Days(days) => Some(now + i64::from(days) * DAY),
        Lifetime::Hour => Some(now + HOUR),
        Lifetime::Endless => None,
    }
}

/// The last four characters, by which people know it again.
fn hint(value: &Secret) -> String {
    let text = value.expose();
    text.get(text.len().saturating_sub(4)..).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_refused_with_every_complaint_and_only_an_admins_has_no_end() {
        let new = New {
            name: "\u{7}".into(),
            scopes: vec!["applications:read".into(), "clients:write".into()],
            lifetime: Lifetime::Endless,
        };
        let fields: Vec<String> = complaints(Role::Developer, &new).into_iter().map(|wrong| wrong.field).collect();
        assert_eq!(fields, ["name", "scopes", "expires_in_days"]);
        let fine = New { name: "ci".into(), ..new };
        assert_eq!(complaints(Role::Admin, &fine), []);
        let long = New { lifetime: Lifetime::Days(0), ..fine };
        assert_eq!(complaints(Role::Admin, &long).len(), 1);
    }

    #[test]
    fn a_developers_token_reaches_what_is_theirs() {
        // K6
        assert_eq!(scopes_of(Role::Developer).collect::<Vec<_>>(), ["applications:read", "applications:write"]);
        assert_eq!(scopes_of(Role::Admin).count(), MANAGEMENT_SCOPES.len());
        assert_eq!(scopes_of(Role::User).count(), 0);
    }
}
