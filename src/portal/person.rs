//! Who is meant? A person as lists and mails name them, without what only sign-in needs.

use std::collections::HashMap;

use entity::id::UserId;
use entity::user::{self, Approval, Role, UserState};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::oidc::tenant::Tenant;

/// So many admins are told of a request, at most.
const ADMINS_TOLD_MAX: u64 = 50;

/// A person, as others see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Identity.
    pub id: UserId,
    /// E-mail address.
    pub email: String,
    /// Full name.
    pub name: Option<String>,
    /// Whether the portal is open to them.
    pub approval: Approval,
}

impl From<&user::Model> for Person {
    fn from(row: &user::Model) -> Self {
        Self { id: row.id, email: row.email.clone(), name: row.name.clone(), approval: row.approval }
    }
}

/// The persons with these identities.
pub(super) async fn named<C: ConnectionTrait>(
    connection: &C,
    ids: impl IntoIterator<Item = UserId>,
) -> Result<HashMap<UserId, Person>, DbErr> {
    let ids: std::collections::BTreeSet<UserId> = ids.into_iter().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = user::Entity::find().filter(user::Column::Id.is_in(ids)).all(connection).await?;
    Ok(rows.iter().map(|row| (row.id, Person::from(row))).collect())
}

/// The addresses of those who decide: the tenant's admins, and whoever looks after the thing.
pub(super) async fn deciders<C: ConnectionTrait>(
    connection: &C,
    tenant: &Tenant,
    publisher: Option<UserId>,
) -> Result<Vec<String>, DbErr> {
    let admins = user::Entity::find()
        .filter(user::Column::TenantId.eq(tenant.id))
        .filter(user::Column::Role.eq(Role::Admin))
        .filter(user::Column::State.eq(UserState::Active))
        .filter(user::Column::Approval.eq(Approval::Approved))
        .order_by_asc(user::Column::Id)
        .limit(ADMINS_TOLD_MAX)
        .all(connection)
        .await?;
    let mut addresses: Vec<String> = admins.into_iter().map(|admin| admin.email).collect();
    if let Some(publisher) = publisher {
        let row = user::Entity::find_by_id(publisher)
            .filter(user::Column::TenantId.eq(tenant.id))
            .filter(user::Column::State.eq(UserState::Active))
            .one(connection)
            .await?;
        addresses.extend(row.map(|row| row.email));
    }
    Ok(addresses)
}
