//! What goes with a developer? Their applications are archived, their sessions and tokens end.

use entity::application::{self, ApplicationStatus};
use entity::client;
use entity::id::UserId;
use entity::user::{self, Approval, Role};
use entity::{consent, service};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::{applications_of, developer, forget, target, told_with, unchanged};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::Told;
use crate::oidc::event::{Kind, event as tell};
use crate::oidc::tenant::Tenant;
use crate::oidc::token::family::{self, Reason};
use crate::portal::application::archive::Away;
use crate::portal::service::write::lock_tenant;
use crate::portal::{Action, Actor, Conflict, Error};

/// Removes a developer with all they are here: who they were stays in the audit log, and their identity is never given
/// to anybody else (s.L24).
///
/// # Errors
/// `Conflict(LastOne)` for oneself and for the last admin; `Conflict(Changed)` when they got or lost an application at
/// the same moment; `NotFound`, `NotAllowed`.
pub async fn remove(app: &App, tenant: &Tenant, actor: &Actor, id: UserId) -> Result<(), Error> {
    remove_tagged(app, tenant, actor, id, None).await
}

/// As [`remove`], if the developer has the tag the caller saw ([`super::tag`]); `None`: whichever it is.
///
/// # Errors
/// As [`remove`]; `Conflict(Changed)` for another tag.
pub async fn remove_tagged(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: UserId,
    expected: Option<String>,
) -> Result<(), Error> {
    actor.may(Action::WriteDevelopers)?;
    if actor.user_id() == Some(id) {
        return Err(Error::Conflict(Conflict::LastOne("nobody removes themselves")));
    }
    let person = developer(app, tenant, id).await?;
    let applications = applications_of(app, id).await?;
    let living = applications.iter().filter(|row| row.status == ApplicationStatus::Active);
    let away: Vec<Away> = living.map(|row| Away::of(app, tenant, actor.label(), row)).collect();
    let data = json!({"email": person.email, "role": person.role, "applications": away.len()});
    let told = tell(app, tenant.id, Kind::DeveloperRemoved, actor.label(), &target(id), data);
    let now = app.clock.now();
    let clients = app
        .db
        .transaction(move |transaction| {
            let (person, away, told, expected) = (person.clone(), away.clone(), told.clone(), expected.clone());
            Box::pin(async move {
                // Of two admins who remove each other at once one stays.
                lock_tenant(transaction, person.tenant_id).await?;
                let person = locked(transaction, person.id).await?;
                unchanged(expected.as_deref(), &person)?;
                store(transaction, person, away, told, now).await
            })
        })
        .await?;
    for client in &clients {
        app.clients.forget(&(client.tenant_id, client.client_id.clone()));
    }
    app.families.forget_all();
    app.services.forget(&tenant.id);
    forget(app, id, applications.into_iter().map(|row| row.id));
    Ok(())
}

async fn store(
    transaction: &DatabaseTransaction,
    person: user::Model,
    away: Vec<Away>,
    told: Told,
    now: Seconds,
) -> Result<Vec<client::Model>, Error> {
    if person.role == Role::Admin {
        check_not_last(transaction, &person, "the last admin cannot be removed").await?;
    }
    let mut clients = Vec::new();
    for application in away {
        clients.extend(application.store_in(transaction).await?);
    }
    let left = application::Entity::find().filter(application::Column::PrimaryOwnerId.eq(person.id));
    if left.filter(application::Column::Status.eq(ApplicationStatus::Active)).count(transaction).await? > 0 {
        return Err(Error::Conflict(Conflict::Changed));
    }
    family::revoke_all_of(transaction, person.id, Reason::PersonRemoved, now).await?;
    consent::Entity::delete_many().filter(consent::Column::UserId.eq(person.id)).exec(transaction).await?;
    service::Entity::update_many()
        .col_expr(service::Column::OwnerId, Expr::value(Option::<UserId>::None))
        .filter(service::Column::OwnerId.eq(person.id))
        .exec(transaction)
        .await?;
    // Sessions, memberships and personal tokens go with the row.
    user::Entity::delete_by_id(person.id).exec(transaction).await?;
    told_with(told, Vec::new()).insert(transaction).await?;
    Ok(clients)
}

/// Whoever makes an application for them waits for this row.
async fn locked(transaction: &DatabaseTransaction, id: UserId) -> Result<user::Model, Error> {
    let locked = user::Entity::find_by_id(id).lock_exclusive().one(transaction).await?;
    locked.ok_or(Error::NotFound)
}

/// Whether somebody else could still decide, who signs in and for whom the portal is open; the tenant must be locked.
///
/// # Errors
/// `Conflict(LastOne)`.
pub(in crate::portal) async fn check_not_last(
    transaction: &DatabaseTransaction,
    admin: &user::Model,
    complaint: &'static str,
) -> Result<(), Error> {
    let others = user::Entity::find()
        .filter(user::Column::TenantId.eq(admin.tenant_id))
        .filter(user::Column::Role.eq(Role::Admin))
        .filter(user::Column::State.eq(user::UserState::Active))
        .filter(user::Column::Approval.eq(Approval::Approved))
        .filter(user::Column::Id.ne(admin.id));
    if others.count(transaction).await? > 0 {
        return Ok(());
    }
    Err(Error::Conflict(Conflict::LastOne(complaint)))
}
