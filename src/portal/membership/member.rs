//! Who works on an application? Its primary owner and its members, each of whom its owners let in and may shut out.

use entity::id::{ApplicationId, UserId};
use entity::membership::{self, MemberRole};
use entity::user::{self, Approval, UserState};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::Reach;
use crate::app::App;
use crate::clock::Seconds;
use crate::db::{InTransaction, Rows, Told, TransactionError, is_duplicate};
use crate::oidc::event::{Kind, event};
use crate::oidc::tenant::Tenant;
use crate::oidc::user as users;
use crate::portal::application::{forget_application, living, lock, target};
use crate::portal::person::{self, Person};
use crate::portal::{Actor, Conflict, Error, Rule};

/// So many members an application has, at most.
pub const MEMBERS_MAX: u64 = 200;

/// What somebody is to an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Answers for it: there is one, who changes by [`super::transfer()`] alone.
    PrimaryOwner,
    /// Changes it, its clients, its members and its contracts.
    Owner,
    /// Sees it, and asks for contracts.
    User,
}

impl Role {
    /// What a member can be given.
    fn of_member(self) -> Result<MemberRole, Error> {
        match self {
            Self::PrimaryOwner => Err(Error::Conflict(Conflict::OnePrimaryOwner)),
            Self::Owner => Ok(MemberRole::Owner),
            Self::User => Ok(MemberRole::User),
        }
    }
}

impl From<MemberRole> for Role {
    fn from(role: MemberRole) -> Self {
        match role {
            MemberRole::Owner => Self::Owner,
            MemberRole::User => Self::User,
        }
    }
}

/// Who is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who<'a> {
    /// The person with this identity.
    User(UserId),
    /// The person with this e-mail address, however it is spelled.
    Email(&'a str),
}

/// Somebody who works on an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub person: Person,
    /// What they are to the application.
    pub role: Role,
    /// Whether mails about it go to them.
    pub mails: super::Mails,
    /// Since when: seconds since 1970. For the primary owner: as long as the application is there.
    pub since: Seconds,
}

/// Everybody who works on an application: the primary owner, then the members, the oldest first.
///
/// # Errors
/// `NotFound`, `NotAllowed`, `NotApproved` as [`crate::portal::application::find`]; `Conflict(Archived)` for admins.
pub async fn list(app: &App, tenant: &Tenant, actor: &Actor, id: ApplicationId) -> Result<Vec<Member>, Error> {
    let pool = app.db.pool();
    let (row, _) = living(pool, tenant, actor, id, Reach::See).await?;
    let rows = membership::Entity::find()
        .filter(membership::Column::ApplicationId.eq(id))
        .order_by_asc(membership::Column::CreatedAt)
        .order_by_asc(membership::Column::UserId)
        .all(pool)
        .await?;
    let ids = row.primary_owner_id.into_iter().chain(rows.iter().map(|member| member.user_id));
    let mut people = person::named(pool, ids).await?;
    let owner = row.primary_owner_id.and_then(|id| people.remove(&id)).map(|person| Member {
        person,
        role: Role::PrimaryOwner,
        mails: row.notify.into(),
        since: row.created_at,
    });
    let member = |row: membership::Model| {
        let person = people.remove(&row.user_id)?;
        Some(Member { person, role: row.role.into(), mails: row.notify.into(), since: row.created_at })
    };
    let members: Vec<Member> = rows.into_iter().filter_map(member).collect();
    Ok(owner.into_iter().chain(members).collect())
}

/// Lets somebody work on an application: a developer of the tenant for whom the portal is open. Mails about it go to them,
/// too, until they say otherwise.
///
/// # Errors
/// `Conflict(OnePrimaryOwner)` for that role; `Invalid` for `user` who is no such developer, and beyond [`MEMBERS_MAX`];
/// `Taken` for `user` who works on it already; `NotFound`, `NotAllowed` for members with the role `user` (G31).
pub async fn add(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ApplicationId,
    who: Who<'_>,
    role: Role,
) -> Result<Member, Error> {
    living(app.db.pool(), tenant, actor, id, Reach::Change).await?;
    let role = role.of_member()?;
    let person = developer(app, tenant, who).await?;
    let now = app.clock.now();
    let (tenant_id, user_id) = (tenant.id, person.id);
    let row = membership::Model { application_id: id, user_id, tenant_id, role, notify: true, created_at: now };
    let told = told(app, tenant, actor, Kind::MemberAdded, id, json!({"user": person.id, "role": role}));
    let stored = store(app, id, move |transaction| {
        let (row, told) = (row.clone(), told.clone());
        Box::pin(async move {
            let application = lock(transaction, id).await?;
            if application.primary_owner_id == Some(row.user_id) {
                return Err(Error::Taken { field: "user", value: row.user_id.to_string() });
            }
            let members = membership::Entity::find().filter(membership::Column::ApplicationId.eq(id));
            if members.count(transaction).await? >= MEMBERS_MAX {
                let rule = Rule::Range { least: 0, most: MEMBERS_MAX as i64 };
                return Err(Error::invalid("", rule, format!("an application has {MEMBERS_MAX} members at most")));
            }
            membership::Entity::insert(row.into_active_model()).exec_without_returning(transaction).await?;
            Ok(Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?)
        })
    });
    stored.await.map_err(|error| match error.database() {
        Some(database) if is_duplicate(database) => Error::Taken { field: "user", value: user_id.to_string() },
        _ => error,
    })?;
    Ok(Member { person: Person::from(&person), role: role.into(), mails: super::Mails::On, since: now })
}

/// Gives a member another role.
///
/// # Errors
/// `Conflict(OnePrimaryOwner)` for that role and for the primary owner; `NotFound` for somebody who is no member;
/// `NotAllowed`.
pub async fn change_role(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ApplicationId,
    user: UserId,
    role: Role,
) -> Result<Member, Error> {
    living(app.db.pool(), tenant, actor, id, Reach::Change).await?;
    let role = role.of_member()?;
    let told = told(app, tenant, actor, Kind::MemberChanged, id, json!({"user": user, "role": role}));
    let changed = store(app, id, move |transaction| {
        let told = told.clone();
        Box::pin(async move {
            if lock(transaction, id).await?.primary_owner_id == Some(user) {
                return Err(Error::Conflict(Conflict::OnePrimaryOwner));
            }
            let member = membership::Entity::find_by_id((id, user)).one(transaction).await?.ok_or(Error::NotFound)?;
            membership::Entity::update_many()
                .col_expr(membership::Column::Role, Expr::value(role))
                .filter(membership::Column::ApplicationId.eq(id))
                .filter(membership::Column::UserId.eq(user))
                .exec(transaction)
                .await?;
            Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?;
            Ok(membership::Model { role, ..member })
        })
    });
    let row = changed.await?;
    let person = person::named(app.db.pool(), [user]).await?.remove(&user).ok_or(Error::NotFound)?;
    Ok(Member { person, role: row.role.into(), mails: row.notify.into(), since: row.created_at })
}

/// Shuts a member out.
///
/// # Errors
/// `Conflict(OnePrimaryOwner)` for the primary owner; `NotFound` for somebody who is no member; `NotAllowed`.
pub async fn remove(app: &App, tenant: &Tenant, actor: &Actor, id: ApplicationId, user: UserId) -> Result<(), Error> {
    living(app.db.pool(), tenant, actor, id, Reach::Change).await?;
    end(app, tenant, actor, id, user).await
}

/// Ends one's own membership, whatever the role.
///
/// # Errors
/// `Conflict(OnePrimaryOwner)` for the primary owner, who transfers the application first; `NotFound` for somebody who is
/// no member.
pub async fn leave(app: &App, tenant: &Tenant, actor: &Actor, id: ApplicationId) -> Result<(), Error> {
    actor.may(crate::portal::Action::WriteOwn)?;
    living(app.db.pool(), tenant, actor, id, Reach::See).await?;
    let user = actor.user_id().ok_or(Error::NotFound)?;
    end(app, tenant, actor, id, user).await
}

async fn end(app: &App, tenant: &Tenant, actor: &Actor, id: ApplicationId, user: UserId) -> Result<(), Error> {
    let told = told(app, tenant, actor, Kind::MemberRemoved, id, json!({"user": user}));
    let ended = store(app, id, move |transaction| {
        let told = told.clone();
        Box::pin(async move {
            if lock(transaction, id).await?.primary_owner_id == Some(user) {
                return Err(Error::Conflict(Conflict::OnePrimaryOwner));
            }
            let of_user = membership::Entity::delete_by_id((id, user));
            if of_user.exec(transaction).await?.rows_affected == 0 {
                return Err(Error::NotFound);
            }
            Ok(Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?)
        })
    });
    ended.await
}

/// A developer of the tenant for whom the portal is open. Who is no such person is told apart from nobody.
///
/// # Errors
/// `Invalid` for `user`.
pub(super) async fn developer(app: &App, tenant: &Tenant, who: Who<'_>) -> Result<user::Model, Error> {
    let found = match who {
        Who::Email(email) => users::find_by_email(app, tenant, email).await?,
        Who::User(id) => {
            let row = user::Entity::find_by_id(id).filter(user::Column::TenantId.eq(tenant.id));
            row.one(app.db.pool()).await?
        }
    };
    let fits = |row: &user::Model| {
        row.role >= user::Role::Developer && row.state == UserState::Active && row.approval == Approval::Approved
    };
    found.filter(fits).ok_or_else(|| Error::invalid("user", Rule::Missing, "is no approved developer of this tenant"))
}

fn told(app: &App, tenant: &Tenant, actor: &Actor, kind: Kind, id: ApplicationId, data: serde_json::Value) -> Told {
    event(app, tenant.id, kind, actor.label(), &target(id), data)
}

async fn store<T, F>(app: &App, id: ApplicationId, work: F) -> Result<T, Error>
where
    F: for<'t> Fn(&'t sea_orm::DatabaseTransaction) -> InTransaction<'t, Result<T, Error>> + Send + 'static,
    T: Send + 'static,
{
    let stored = app.db.transaction(work).await;
    forget_application(app, id);
    stored
}
