//! What may be changed about a developer? By admins, and by the developer.

use entity::id::UserId;
use entity::user::{self, Role};
use sea_orm::{EntityTrait, QuerySelect, Value as Bound};
use serde_json::{Map, Value, json};

use super::{Said, developer, foreign_domain, forget, link, link_mail, set, taken, target, told_with, unchanged};
use crate::app::App;
use crate::db::{TransactionError, is_duplicate};
use crate::oidc::event::{Kind, event};
use crate::oidc::tenant::Tenant;
use crate::oidc::user::email_key;
use crate::portal::notice::Notice;
use crate::portal::{Action, Actor, Conflict, Error, Wrong};

/// What is to change; `None` stays, an inner `None` clears. Whether an address is proven is not among it (s.L17).
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Full name.
    pub name: Option<Option<String>>,
    /// E-mail address; a new one is not proven, and gets a mail with a link.
    pub email: Option<String>,
    /// What is known of them.
    pub meta: Option<Option<Map<String, Value>>>,
    /// What another system calls them; for admins only.
    pub custom_id: Option<Option<String>>,
}

impl Change {
    /// All that is wrong with it; what others have is looked at when it is stored.
    pub fn complaints(&self, tenant: &Tenant, actor: &Actor) -> Vec<Wrong> {
        let said = Said {
            email: self.email.as_deref(),
            name: self.name.as_ref().and_then(Option::as_deref),
            meta: self.meta.as_ref().and_then(Option::as_ref),
            custom_id: self.custom_id.as_ref().and_then(Option::as_deref),
            password: None,
        };
        let mut wrong = said.complaints();
        if !actor.can(Action::WriteDevelopers) {
            wrong.extend(self.email.as_deref().and_then(|email| foreign_domain(tenant, email)));
        }
        wrong
    }
}

/// Changes a developer: an admin, or the developer.
///
/// # Errors
/// `Invalid`; `Taken` for `email` and `custom_id`; `Conflict(Changed)` when the address or the role changed meanwhile;
/// `NotFound`; `NotAllowed`, also for another address by a token with scopes, and of an admin by anybody but an admin.
pub async fn change(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: UserId,
    wanted: Change,
) -> Result<user::Model, Error> {
    change_tagged(app, tenant, actor, id, None, wanted).await
}

/// As [`change`], if the developer has the tag the caller saw ([`super::tag`]); `None`: whichever it is.
///
/// # Errors
/// As [`change`]; `Conflict(Changed)` for another tag.
pub async fn change_tagged(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: UserId,
    expected: Option<String>,
    change: Change,
) -> Result<user::Model, Error> {
    let by_admin = actor.can(Action::WriteDevelopers);
    let themselves = actor.user_id() == Some(id);
    if !by_admin {
        actor.may(if themselves && change.custom_id.is_none() { Action::WriteOwn } else { Action::WriteDevelopers })?;
    }
    let before = developer(app, tenant, id).await?;
    let wrong = change.complaints(tenant, actor);
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    unchanged(expected.as_deref(), &before)?;
    let (after, columns) = changed(app, &before, change);
    if after.email_key != before.email_key && !may_move(actor, &before) {
        return Err(Error::NotAllowed(Action::WriteDevelopers));
    }
    store(app, tenant, actor, (&before, &after), columns, expected).await?;
    Ok(after)
}

/// Whether the actor may give somebody another address: whoever reads its mail gets into the account, and a token with
/// scopes must not reach what its scopes do not.
fn may_move(actor: &Actor, before: &user::Model) -> bool {
    !actor.is_limited() && (before.role != Role::Admin || actor.role() == Role::Admin)
}

type Columns = Vec<(user::Column, Bound)>;

/// The person after the change, and the columns that it names: others may be changed by somebody else meanwhile.
fn changed(app: &App, before: &user::Model, change: Change) -> (user::Model, Columns) {
    let named = [change.name.is_some(), change.meta.is_some(), change.custom_id.is_some(), change.email.is_some()];
    let email = change.email.map_or_else(|| before.email.clone(), |email| email.trim().to_owned());
    let email_key = email_key(&email).unwrap_or_else(|| before.email_key.clone());
    let after = user::Model {
        // Another spelling of the same address is as proven as it was; another address is not (s.L17).
        email_verified: before.email_verified && email_key == before.email_key,
        email,
        email_key,
        name: change.name.unwrap_or_else(|| before.name.clone()),
        meta: change.meta.map_or_else(|| before.meta.clone(), |meta| meta.map(Value::Object)),
        custom_id: change.custom_id.unwrap_or_else(|| before.custom_id.clone()),
        updated_at: app.clock.now(),
        ..before.clone()
    };
    let columns: [(user::Column, Bound); 5] = [
        (user::Column::Name, after.name.clone().into()),
        (user::Column::Meta, after.meta.clone().into()),
        (user::Column::CustomId, after.custom_id.clone().into()),
        (user::Column::Email, after.email.clone().into()),
        (user::Column::EmailKey, after.email_key.clone().into()),
    ];
    let [name, meta, custom_id, email] = named;
    let named = columns.into_iter().zip([name, meta, custom_id, email, email]);
    let mut columns: Columns = named.filter_map(|(column, is_named)| is_named.then_some(column)).collect();
    columns.push((user::Column::UpdatedAt, after.updated_at.into()));
    if after.email_key != before.email_key {
        columns.push((user::Column::EmailVerified, false.into()));
    }
    (after, columns)
}

async fn store(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    (before, after): (&user::Model, &user::Model),
    columns: Columns,
    expected: Option<String>,
) -> Result<(), Error> {
    let (id, moved) = (before.id, before.email_key != after.email_key);
    let sides = |row: &user::Model| json!({"email": row.email, "name": row.name, "custom_id": row.custom_id});
    let data = json!({"before": sides(before), "after": sides(after)});
    let told = event(app, tenant.id, Kind::DeveloperUpdated, actor.label(), &target(id), data);
    let mails = match moved {
        true => link_mail(app, tenant, &told, Notice::VerifyEmail, after, link::For::VerifyEmail),
        false => Vec::new(),
    };
    // What the actor may do was judged by both.
    let seen =
        vec![(user::Column::EmailKey, Bound::from(before.email_key.clone())), (user::Column::Role, before.role.into())];
    let stored = app
        .db
        .transaction(move |transaction| {
            let (columns, seen, expected) = (columns.clone(), seen.clone(), expected.clone());
            let rows = told_with(told.clone(), mails.clone());
            Box::pin(async move {
                if expected.is_some() {
                    // Locked, so that of two who saw the same only one changes it.
                    let row = user::Entity::find_by_id(id).lock_exclusive().one(transaction).await?;
                    unchanged(expected.as_deref(), &row.ok_or(Error::NotFound)?)?;
                }
                if !set(transaction, id, columns, seen).await? {
                    return Err(Error::Conflict(Conflict::Changed));
                }
                Ok::<_, Error>(rows.insert(transaction).await?)
            })
        })
        .await;
    forget(app, id, []);
    match stored {
        Err(error) if error.database().is_some_and(is_duplicate) => Err(taken(app, after).await?),
        stored => stored,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use sea_orm::sea_query::Expr;
    use sea_orm::{ColumnTrait, QueryFilter, QueryTrait};

    use super::*;
    use crate::clock::Clock;
    use crate::config::{self, Files, Sources};

    #[tokio::test]
    async fn somebody_who_became_an_admin_meanwhile_keeps_their_address() {
        // s.B1: whoever may change developers only must not get into the account of an admin.
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("registrar.db").display());
        let sources = Sources { files: Files::Disk, ..Sources::nothing() };
        let sources = sources.set("database.url", url).set("keys.algorithms", "RS256");
        let sources = sources.set("keys.access_token_alg", "RS256");
        let (app, _) = App::start(config::load(&sources).unwrap().config, Clock::system()).await.unwrap();
        let tenant = app.tenants.all().first().unwrap().clone();
        let there = user::Entity::find().one(app.db.pool()).await.unwrap().unwrap();
        assert_eq!(there.role, Role::Admin);
        // What was read before they were promoted.
        let before = user::Model { role: Role::Developer, ..there.clone() };
        let wanted = Change { email: Some("elsewhere@example.org".to_owned()), ..Change::default() };
        let (after, columns) = changed(&app, &before, wanted);
        let actor = Actor::operator("test");
        let stored = store(&app, &tenant, &actor, (&before, &after), columns.clone(), None).await;
        assert!(matches!(stored, Err(Error::Conflict(Conflict::Changed))), "{stored:?}");
        let kept = user::Entity::find_by_id(there.id).one(app.db.pool()).await.unwrap().unwrap();
        assert_eq!(kept, there);
        let demote = user::Entity::update_many()
            .col_expr(user::Column::Role, Expr::value(Role::Developer))
            .filter(user::Column::Id.eq(there.id));
        app.db.execute(demote.build(app.db.backend())).await.unwrap();
        store(&app, &tenant, &actor, (&before, &after), columns, None).await.unwrap();
    }
}
