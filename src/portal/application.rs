//! What is an application to those who may see it? Its row, who answers for it, and how far the one who asks reaches.

pub mod archive;
pub mod change;
mod client_id;
pub mod create;
pub mod first;
pub mod list;
pub mod picture;
pub mod purge;
pub mod restore;

pub use super::application_type::enabled as types;
pub use archive::{archive, archive_version};
pub use change::{Change, change};
pub use create::{APPLICATIONS_MAX, Created, New, create, create_at_provider};
pub use first::welcome;
pub use list::{Filter, Order, Whose, list};
pub use picture::{PICTURE_BYTES_MAX, Picture, picture};
pub use purge::purge_archived;
pub use restore::restore;

use entity::application::{self, ApplicationStatus};
use entity::id::ApplicationId;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IdenStatic as _, Iterable as _, QueryFilter,
    QuerySelect, Select,
};

use super::membership::{self, Reach};
use super::person::{self, Person};
use super::{Action, Actor, Conflict, Error, Rule, Wrong};
use crate::app::App;
use crate::oidc::tenant::Tenant;

/// An application, as those who may see it are told.
#[derive(Clone, Debug, PartialEq)]
pub struct Application {
    /// Its row.
    pub row: application::Model,
    /// Its primary owner.
    pub owner: Option<Person>,
    /// How far the one who asked reaches.
    pub reach: Reach,
}

/// The application with this identity, if it lives and this actor may see it. Archived ones are not there (D-16).
///
/// # Errors
/// `NotFound` for one that is unknown, archived, of another tenant or nobody's business of this actor (s.B1);
/// `NotApproved`; when the database cannot be asked.
pub async fn find(app: &App, tenant: &Tenant, actor: &Actor, id: ApplicationId) -> Result<Application, Error> {
    let found = find_any(app, tenant, actor, id).await?;
    if found.row.status == ApplicationStatus::Archived { Err(Error::NotFound) } else { Ok(found) }
}

/// As [`find`], but admins see archived applications too.
///
/// # Errors
/// As [`find`].
pub async fn find_any(app: &App, tenant: &Tenant, actor: &Actor, id: ApplicationId) -> Result<Application, Error> {
    let (row, reach) = reached(app.db.pool(), tenant, actor, id, Reach::See).await?;
    if row.status == ApplicationStatus::Archived && reach < Reach::Administer {
        return Err(Error::NotFound);
    }
    let owner = person::named(app.db.pool(), row.primary_owner_id).await?.into_values().next();
    Ok(Application { row, owner, reach })
}

/// The application another system knows by this name, if it lives and this actor may see it.
///
/// # Errors
/// As [`find`].
pub async fn find_by_custom_id(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    custom_id: &str,
) -> Result<Application, Error> {
    let row = application::Entity::find()
        .filter(application::Column::TenantId.eq(tenant.id))
        .filter(application::Column::CustomId.eq(custom_id))
        .one(app.db.pool())
        .await?;
    let Some(row) = row else {
        actor.may(Action::ReadOwn)?;
        return Err(Error::NotFound);
    };
    find(app, tenant, actor, row.id).await
}

/// Applications as lists have them: without their pictures, which are large.
pub(super) fn rows() -> Select<application::Entity> {
    let small = application::Column::iter().filter(|column| !matches!(column, application::Column::Picture));
    let none = Expr::cust("NULL");
    application::Entity::find().select_only().columns(small).column_as(none, application::Column::Picture.as_str())
}

/// Drops what is remembered of an application: call it after every commit that changes the application, its owner, its
/// members, its clients or its contracts.
pub fn forget_application(app: &App, id: ApplicationId) {
    app.standings.forget(&id);
    // Families are kept by their own identity, and whether they are good depends on the application.
    app.families.forget_all();
}

/// The row of an application, and how far the actor reaches into it: at least `needed`.
///
/// # Errors
/// `NotFound`, `NotAllowed`, `NotApproved` as [`membership::reach`]; when the database cannot be asked.
pub(super) async fn reached<C: ConnectionTrait>(
    connection: &C,
    tenant: &Tenant,
    actor: &Actor,
    id: ApplicationId,
    needed: Reach,
) -> Result<(application::Model, Reach), Error> {
    let row =
        application::Entity::find_by_id(id).filter(application::Column::TenantId.eq(tenant.id)).one(connection).await?;
    let Some(row) = row else {
        let (all, own) = membership::actions(needed);
        if !actor.can(all) {
            actor.may(own)?;
        }
        return Err(Error::NotFound);
    };
    let reach = membership::reach(connection, actor, &row, needed).await?;
    Ok((row, reach))
}

/// As [`reached`], of an application that lives: for those who change what belongs to it.
///
/// # Errors
/// As [`reached`]; an archived application is `NotFound` for its developers and a conflict for admins.
pub(super) async fn living<C: ConnectionTrait>(
    connection: &C,
    tenant: &Tenant,
    actor: &Actor,
    id: ApplicationId,
    needed: Reach,
) -> Result<(application::Model, Reach), Error> {
    let (row, reach) = reached(connection, tenant, actor, id, needed).await?;
    match (row.status, reach) {
        (ApplicationStatus::Active, _) => Ok((row, reach)),
        (ApplicationStatus::Archived, Reach::Administer) => Err(Error::Conflict(Conflict::Archived)),
        (ApplicationStatus::Archived, _) => Err(Error::NotFound),
    }
}

/// Waits until nobody else decides about an application, and makes others wait until the end of the transaction.
///
/// # Errors
/// `Conflict(Archived)` for one that was put away meanwhile, `NotFound` for one that is gone.
pub(super) async fn lock(transaction: &DatabaseTransaction, id: ApplicationId) -> Result<application::Model, Error> {
    let row = application::Entity::find_by_id(id).lock_exclusive().one(transaction).await?.ok_or(Error::NotFound)?;
    match row.status {
        ApplicationStatus::Active => Ok(row),
        ApplicationStatus::Archived => Err(Error::Conflict(Conflict::Archived)),
    }
}

/// What is wrong with the words about an application; `None` of them is not looked at.
fn complaints(name: Option<&str>, more: &[(&'static str, Option<&str>, usize)]) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if let Some(name) = name {
        let length = name.trim().chars().count();
        if length == 0 {
            wrong.push(Wrong::new("name", Rule::Required, "must be there"));
        } else if length > 255 {
            wrong.push(Wrong::new("name", Rule::Length, "must have 1 to 255 characters"));
        } else if name.chars().any(char::is_control) {
            wrong.push(Wrong::new("name", Rule::Form, "must not have control characters"));
        }
    }
    for (field, value, max) in more {
        let Some(value) = value else { continue };
        let is_text = *field == "description";
        let odd = |c: char| c.is_control() && !(is_text && matches!(c, '\n' | '\r' | '\t'));
        if value.chars().count() > *max || (value.is_empty() && !is_text) {
            let least = usize::from(!is_text);
            wrong.push(Wrong::new(*field, Rule::Length, format!("must have {least} to {max} characters")));
        } else if value.chars().any(odd) {
            wrong.push(Wrong::new(*field, Rule::Form, "must not have control characters"));
        }
    }
    wrong
}

/// How long the words about an application may be, in characters.
const DESCRIPTION_MAX: usize = 4000;
const CUSTOM_ID_MAX: usize = 200;
const DOMAIN_MAX: usize = 255;

/// How the audit log names an application.
pub(super) fn target(id: ApplicationId) -> String {
    format!("application:{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_about_an_application_have_limits() {
        // N23
        let long = "n".repeat(256);
        let rules = |name: &str, custom_id: Option<&str>| {
            let wrong = complaints(Some(name), &[("custom_id", custom_id, CUSTOM_ID_MAX)]);
            wrong.into_iter().map(|wrong| (wrong.field, wrong.rule)).collect::<Vec<_>>()
        };
        assert_eq!(rules("n", Some("c")), []);
        assert_eq!(rules(&"n".repeat(255), None), []);
        assert_eq!(rules(" ", Some("")), [("name".into(), Rule::Required), ("custom_id".into(), Rule::Length)]);
        assert_eq!(rules(&long, Some("a\nb")), [("name".into(), Rule::Length), ("custom_id".into(), Rule::Form)]);
        assert_eq!(complaints(None, &[("description", Some("a\nb"), DESCRIPTION_MAX)]), []);
    }
}
