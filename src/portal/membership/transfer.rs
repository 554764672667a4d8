//! How does an application come to another primary owner? By one conditional update: of two transfers, or a transfer and
//! an archive, one comes first (portal.md §8.4).

use entity::application::{self, ApplicationStatus};
use entity::id::{ApplicationId, UserId};
use entity::membership::{self, MemberRole};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::Reach;
use super::member::{Who, developer};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::{Rows, Told};
use crate::oidc::event::{Kind, event};
use crate::oidc::tenant::Tenant;
use crate::portal::application::create::check_room;
use crate::portal::application::{Application, find, forget_application, living, lock, target};
use crate::portal::{Actor, Conflict, Error};

/// Makes another developer answer for an application: its primary owner may, and admins. Whoever answered for it before
/// becomes a member with the role `old_becomes`. `expected` is the version the caller saw; `None`: whichever is there.
///
/// # Errors
/// `Invalid` for `user` who is no approved developer or has too many applications; `Taken` for `user` who answers for it
/// already; `Conflict(Changed)` when somebody else came to answer for it, and for another version; `Conflict(Archived)`
/// when it was put away meanwhile; `NotFound`, `NotAllowed` for members.
pub async fn transfer(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ApplicationId,
    expected: Option<i64>,
    to: Who<'_>,
    old_becomes: MemberRole,
) -> Result<Application, Error> {
    let (before, _) = living(app.db.pool(), tenant, actor, id, Reach::Own).await?;
    if expected.is_some_and(|expected| expected != before.version) {
        return Err(Error::Conflict(Conflict::Changed));
    }
    let new = developer(app, tenant, to).await?;
    if before.primary_owner_id == Some(new.id) {
        return Err(Error::Taken { field: "user", value: new.id.to_string() });
    }
    let data = json!({"from": before.primary_owner_id, "to": new.id, "from_becomes": old_becomes});
    let told = event(app, tenant.id, Kind::ApplicationTransferred, actor.label(), &target(id), data);
    let transfer = Transfer { before, to: new.id, old_becomes, expected, told, at: app.clock.now() };
    let stored = app
        .db
        .transaction(move |transaction| {
            let transfer = transfer.clone();
            Box::pin(async move { transfer.store_in(transaction).await })
        })
        .await;
    forget_application(app, id);
    stored?;
    find(app, tenant, actor, id).await
}

#[derive(Clone, Debug)]
struct Transfer {
    before: application::Model,
    to: UserId,
    old_becomes: MemberRole,
    expected: Option<i64>,
    told: Told,
    at: Seconds,
}

impl Transfer {
    async fn store_in(self, transaction: &DatabaseTransaction) -> Result<(), Error> {
        let (id, old) = (self.before.id, self.before.primary_owner_id);
        // People first, then applications: everybody locks in this order.
        check_room(transaction, "user", self.to).await?;
        lock(transaction, id).await?;
        let mut update = application::Entity::update_many()
            .col_expr(application::Column::PrimaryOwnerId, Expr::value(self.to))
            // What the old one wanted to be told is no wish of the new one.
            .col_expr(application::Column::Notify, Expr::value(true))
            .col_expr(application::Column::UpdatedAt, Expr::value(self.at))
            .col_expr(application::Column::Version, Expr::col(application::Column::Version).add(1))
            .filter(application::Column::Id.eq(id))
            .filter(application::Column::Status.eq(ApplicationStatus::Active))
            .filter(match old {
                Some(old) => application::Column::PrimaryOwnerId.eq(old),
                None => application::Column::PrimaryOwnerId.is_null(),
            });
        if let Some(expected) = self.expected {
            update = update.filter(application::Column::Version.eq(expected));
        }
        if update.exec(transaction).await?.rows_affected == 0 {
            return Err(Error::Conflict(Conflict::Changed));
        }
        membership::Entity::delete_by_id((id, self.to)).exec(transaction).await?;
        if let Some(user_id) = old {
            let member = membership::Model {
                application_id: id,
                user_id,
                tenant_id: self.before.tenant_id,
                role: self.old_becomes,
                notify: self.before.notify,
                created_at: self.at,
            };
            membership::Entity::insert(member.into_active_model()).exec_without_returning(transaction).await?;
        }
        Ok(Rows { events: vec![self.told], ..Rows::default() }.insert(transaction).await?)
    }
}
