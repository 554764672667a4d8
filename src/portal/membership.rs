//! How far does somebody reach into an application? As its primary owner, a member, or an admin (portal.md §8.4, §3.6).

pub mod member;
pub mod notification;
pub mod permission;
pub mod transfer;

pub use member::{MEMBERS_MAX, Member, Role, Who, add, change_role, leave, list, remove};
pub use notification::{Mails, mails, set_mails};
pub use permission::{Matter, permissions};
pub use transfer::transfer;

use entity::application;
use entity::id::{ApplicationId, UserId};
use entity::membership::{self, MemberRole};
use entity::user::{self, UserState};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Action, Actor, Error};

/// So many members are told of a change, at most.
const TOLD_MAX: u64 = 50;

/// How far somebody reaches; each step includes those before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// A member with the role `user`: sees it and may ask for services.
    See,
    /// A member with the role `owner`: changes it, its clients and its contracts.
    Change,
    /// The primary owner: may archive it too.
    Own,
    /// An admin.
    Administer,
}

/// How far `actor` reaches into `row`, for looking or for changing.
///
/// # Errors
/// `NotFound` for somebody who may not know of it, `NotApproved`, and `NotAllowed` for somebody who may see it but
/// reaches less far than `needed` (s.B1, s.B4).
pub(super) async fn reach<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    row: &application::Model,
    needed: Reach,
) -> Result<Reach, Error> {
    let (all, own) = actions(needed);
    if actor.can(all) {
        return Ok(Reach::Administer);
    }
    actor.may(own)?;
    match of_their_own(connection, actor, row).await? {
        Some(reached) if reached >= needed => Ok(reached),
        // Who may see it is told what is missing.
        Some(_) => Err(Error::NotAllowed(all)),
        None if actor.can(Action::ReadApplications) => Err(Error::NotAllowed(all)),
        None => Err(Error::NotFound),
    }
}

/// What it takes to reach so far: into any application, and into one's own.
pub(super) fn actions(needed: Reach) -> (Action, Action) {
    match needed {
        Reach::See => (Action::ReadApplications, Action::ReadOwn),
        _ => (Action::WriteApplications, Action::WriteOwn),
    }
}

/// Whether `actor` may ask for services in the name of `row`, which they may see: every member may, and admins.
///
/// # Errors
/// `NotAllowed`, `NotApproved`.
pub(super) async fn may_ask<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    row: &application::Model,
) -> Result<(), Error> {
    if actor.can(Action::WriteApplications) {
        return Ok(());
    }
    actor.may(Action::WriteOwn)?;
    match of_their_own(connection, actor, row).await? {
        Some(_) => Ok(()),
        None => Err(Error::NotAllowed(Action::WriteApplications)),
    }
}

/// How far somebody reaches who is no admin; `None`: not at all.
pub(super) async fn of_their_own<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    row: &application::Model,
) -> Result<Option<Reach>, Error> {
    let Some(user) = actor.user_id() else { return Ok(None) };
    if row.primary_owner_id == Some(user) {
        return Ok(Some(Reach::Own));
    }
    let found = membership::Entity::find_by_id((row.id, user)).one(connection).await?;
    Ok(found.map(|membership| match membership.role {
        MemberRole::Owner => Reach::Change,
        MemberRole::User => Reach::See,
    }))
}

/// The identities of the applications that are somebody's own or that they are a member of.
pub(super) fn reached_by(user: UserId) -> SelectStatement {
    let mut member = Query::select();
    member
        .column(membership::Column::ApplicationId)
        .from(membership::Entity)
        .and_where(membership::Column::UserId.eq(user));
    let mut reached = Query::select();
    reached.column(application::Column::Id).from(application::Entity).cond_where(
        sea_orm::Condition::any()
            .add(application::Column::PrimaryOwnerId.eq(user))
            .add(application::Column::Id.in_subquery(member)),
    );
    reached
}

/// The addresses of those who are told about an application: its primary owner and the members, each if they want to be.
pub(super) async fn addresses<C: ConnectionTrait>(
    connection: &C,
    row: &application::Model,
) -> Result<Vec<String>, DbErr> {
    let members = membership::Entity::find()
        .filter(membership::Column::ApplicationId.eq(row.id))
        .filter(membership::Column::Notify.eq(true))
        .limit(TOLD_MAX)
        .all(connection)
        .await?;
    let owner = row.primary_owner_id.filter(|_| row.notify);
    let ids: Vec<UserId> = owner.into_iter().chain(members.into_iter().map(|member| member.user_id)).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let people = user::Entity::find()
        .filter(user::Column::Id.is_in(ids))
        .filter(user::Column::TenantId.eq(row.tenant_id))
        .filter(user::Column::State.eq(UserState::Active))
        .order_by_asc(user::Column::Id)
        .all(connection)
        .await?;
    Ok(people.into_iter().map(|person| person.email).collect())
}

/// Ends all memberships of an application, inside a transaction.
pub(super) async fn end_all<C: ConnectionTrait>(connection: &C, id: ApplicationId) -> Result<(), DbErr> {
    let all = membership::Entity::delete_many().filter(membership::Column::ApplicationId.eq(id));
    all.exec(connection).await.map(drop)
}
