//! Whom does the holder of a provision key mean? `authenticated_userid` is whatever the holder calls the person.
//!
//! It is the `custom_id` of somebody, or else the identity or the proven e-mail address of somebody who has an account; of
//! whom nothing is known, a person is made with this `custom_id` and nothing to sign in with. An e-mail address is unique in a
//! tenant and must be there, so theirs is one that no mail ever reaches: below `.invalid` (RFC 2606 §2).

use entity::id::UserId;
use entity::user::{self, Role, UserState};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Map, json};
use uuid::Uuid;

use super::NotVouched;
use crate::app::App;
use crate::db::{Rows, is_duplicate};
use crate::oidc::event::{Kind, event};
use crate::oidc::service::Service;
use crate::oidc::tenant::Tenant;
use crate::oidc::user::add::{self, New, Password};
use crate::oidc::{Error, user as users};

/// The domain of addresses that are none.
const NOWHERE: &str = "vouched-for.invalid";
/// Characters of what the holder calls somebody, at most.
const LENGTH_MAX: usize = 200;

/// What a person is called where others call them by the address they sign in with: somebody who was made here has none,
/// and is called what the holder of the provision key calls them (portal.md I7).
pub fn username(person: &user::Model) -> Option<String> {
    let is_nowhere = person.email_key.rsplit_once('@').is_some_and(|(_, domain)| domain == NOWHERE);
    if is_nowhere { person.custom_id.clone() } else { Some(person.email.clone()) }
}

/// The person, as the database has them now.
///
/// # Errors
/// `Person` for somebody who may not sign in, and for a name that cannot be one.
pub async fn find_or_make(
    app: &App,
    tenant: &Tenant,
    service: &Service,
    named: &str,
) -> Result<user::Model, NotVouched> {
    if named.chars().count() > LENGTH_MAX || named.chars().any(char::is_control) {
        return Err(NotVouched::Person);
    }
    let found = match find(app, tenant, named).await? {
        Some(found) => found,
        None => make(app, tenant, service, named).await?,
    };
    if found.state == UserState::Active { Ok(found) } else { Err(NotVouched::Person) }
}

async fn find(app: &App, tenant: &Tenant, named: &str) -> Result<Option<user::Model>, Error> {
    if let Some(found) = by_custom_id(app, tenant, named).await? {
        return Ok(Some(found));
    }
    if let Ok(id) = Uuid::try_parse(named) {
        let of_tenant = user::Entity::find_by_id(UserId(id)).filter(user::Column::TenantId.eq(tenant.id));
        return Ok(of_tenant.one(app.db.pool()).await?);
    }
    // Whoever signed up with somebody else's address is not that person (s.L17).
    let found = users::find_by_email(app, tenant, named).await?;
    Ok(found.filter(|found| found.email_verified))
}

async fn by_custom_id(app: &App, tenant: &Tenant, named: &str) -> Result<Option<user::Model>, Error> {
    let found = user::Entity::find()
        .filter(user::Column::TenantId.eq(tenant.id))
        .filter(user::Column::CustomId.eq(named))
        .one(app.db.pool())
        .await?;
    Ok(found)
}

async fn make(app: &App, tenant: &Tenant, service: &Service, named: &str) -> Result<user::Model, NotVouched> {
    let address = format!("{}@{NOWHERE}", crate::secret::new_id());
    let new = New {
        email: address,
        name: None,
        role: Role::User,
        email_verified: false,
        password: Password::None,
        claims: Map::new(),
    };
    let row = user::Model { custom_id: Some(named.to_owned()), ..add::row(app, tenant, new).await? };
    let data = json!({"change": "user_added", "role": row.role, "custom_id": named});
    let actor = format!("provision_key:{}", service.row.id);
    let told = event(app, tenant.id, Kind::Administered, &actor, &format!("user:{}", row.id), data);
    let stored = row.clone();
    let written = app
        .db
        .transaction(move |transaction| {
            let (row, told) = (stored.clone(), told.clone());
            Box::pin(async move {
                user::Entity::insert(row.into_active_model()).exec_without_returning(transaction).await?;
                Rows { events: vec![told], ..Rows::default() }.insert(transaction).await
            })
        })
        .await;
    match written {
        Ok(()) => Ok(row),
        // Another request about the same person was faster.
        Err(error) if is_duplicate(&error) => by_custom_id(app, tenant, named).await?.ok_or(NotVouched::Person),
        Err(error) => Err(NotVouched::Failed(error.into())),
    }
}
