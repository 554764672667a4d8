//! Who is told by mail what happens to an application? Whoever works on it, each as they wish (portal.md G65).

use entity::application;
use entity::id::ApplicationId;
use entity::membership;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::Reach;
use crate::app::App;
use crate::db::Rows;
use crate::oidc::event::{Kind, event};
use crate::oidc::tenant::Tenant;
use crate::portal::application::{living, lock, target};
use crate::portal::{Action, Actor, Error};

/// Whether mails about an application go to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mails {
    /// They do.
    On,
    /// They do not.
    Off,
}

impl From<bool> for Mails {
    fn from(is_on: bool) -> Self {
        if is_on { Self::On } else { Self::Off }
    }
}

/// Whether mails about an application go to the one who asks: to a member as the member said, else as the primary owner
/// did.
///
/// # Errors
/// `NotFound`, `NotApproved`; `Conflict(Archived)` for admins.
pub async fn mails(app: &App, tenant: &Tenant, actor: &Actor, id: ApplicationId) -> Result<Mails, Error> {
    let (row, _) = living(app.db.pool(), tenant, actor, id, Reach::See).await?;
    let user = actor.user_id().filter(|user| row.primary_owner_id != Some(*user));
    let Some(user) = user else { return Ok(row.notify.into()) };
    let member = membership::Entity::find_by_id((id, user)).one(app.db.pool()).await?;
    Ok(member.map_or(row.notify, |member| member.notify).into())
}

/// Says whether mails about an application go to oneself: to a member, or to the primary owner. An admin who is no member
/// says it for the primary owner. It is nobody else's business, so that even a member who only reads may.
///
/// # Errors
/// As [`mails`]; `NotAllowed` for a token that only reads.
pub async fn set_mails(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ApplicationId,
    mails: Mails,
) -> Result<(), Error> {
    if !actor.can(Action::WriteApplications) {
        actor.may(Action::WriteOwn)?;
    }
    living(app.db.pool(), tenant, actor, id, Reach::See).await?;
    let (user, is_on) = (actor.user_id(), mails == Mails::On);
    let data = json!({"user": user, "mails": is_on});
    let told = event(app, tenant.id, Kind::MemberChanged, actor.label(), &target(id), data);
    app.db
        .transaction(move |transaction| {
            let told = told.clone();
            Box::pin(async move {
                let row = lock(transaction, id).await?;
                let member = user.filter(|user| row.primary_owner_id != Some(*user));
                let is_member = match member {
                    Some(user) => membership::Entity::find_by_id((id, user)).one(transaction).await?.is_some(),
                    None => false,
                };
                if let Some(user) = member.filter(|_| is_member) {
                    membership::Entity::update_many()
                        .col_expr(membership::Column::Notify, Expr::value(is_on))
                        .filter(membership::Column::ApplicationId.eq(id))
                        .filter(membership::Column::UserId.eq(user))
                        .exec(transaction)
                        .await?;
                } else {
                    application::Entity::update_many()
                        .col_expr(application::Column::Notify, Expr::value(is_on))
                        .filter(application::Column::Id.eq(id))
                        .exec(transaction)
                        .await?;
                }
                Ok::<_, Error>(Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?)
            })
        })
        .await
}
