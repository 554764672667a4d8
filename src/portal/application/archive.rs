//! What goes when an application is put away? Everything it could do; its row and its clients' wait for a restore (D-16).

use entity::application::{self, ApplicationStatus};
use entity::client;
use entity::id::{ApplicationId, UserId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::json;

use super::{forget_application, living, lock, target};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::{Rows, Told};
use crate::oidc::event::{Kind, Teller, event as tell};
use crate::oidc::registration::end::{End, Reason, end_contracts};
use crate::oidc::tenant::Tenant;
use crate::portal::membership::{self, Reach};
use crate::portal::{Actor, Conflict, Error};

/// Puts an application away: no primary owner, no members, its contracts closed or rejected (portal.md §8.4 rows 13 and
/// 14), its clients and their tokens ended, all in one transaction.
///
/// # Errors
/// `NotFound`; `NotAllowed` for members (D-8); `Conflict(Archived)` for an admin who archives it twice.
pub async fn archive(app: &App, tenant: &Tenant, actor: &Actor, id: ApplicationId) -> Result<(), Error> {
    archive_version(app, tenant, actor, id, None).await
}

/// As [`archive`], if the application has the version the caller saw; `None`: whichever is there.
///
/// # Errors
/// As [`archive`]; `Conflict(Changed)` for another version.
pub async fn archive_version(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ApplicationId,
    expected: Option<i64>,
) -> Result<(), Error> {
    let (row, _) = living(app.db.pool(), tenant, actor, id, Reach::Own).await?;
    let away = Away { expected, ..Away::of(app, tenant, actor.label(), &row) };
    let stored = app
        .db
        .transaction(move |transaction| {
            let away = away.clone();
            Box::pin(async move { away.store_in(transaction).await })
        })
        .await;
    let clients = stored?;
    for client in &clients {
        app.clients.forget(&(client.tenant_id, client.client_id.clone()));
    }
    forget_application(app, id);
    Ok(())
}

/// An application about to be put away.
#[derive(Clone, Debug)]
pub(in crate::portal) struct Away {
    id: ApplicationId,
    owner: Option<UserId>,
    /// The version it must have; `None`: whichever.
    expected: Option<i64>,
    told: Told,
    teller: Teller,
    at: Seconds,
}

impl Away {
    /// `row`, by whoever `label` says.
    pub fn of(app: &App, tenant: &Tenant, label: &str, row: &application::Model) -> Self {
        let data = json!({"name": row.name, "owner": row.primary_owner_id, "custom_id": row.custom_id});
        let told = tell(app, tenant.id, Kind::ApplicationArchived, label, &target(row.id), data);
        let teller = Teller::new(app, tenant.id, label);
        Self { id: row.id, owner: row.primary_owner_id, expected: None, told, teller, at: app.clock.now() }
    }

    /// Puts it away inside a transaction, and returns the rows of the clients that ended, which must be forgotten
    /// afterwards.
    ///
    /// # Errors
    /// `Conflict(Archived)` if it was put away meanwhile, `Conflict(Changed)` if somebody else answers for it now.
    pub async fn store_in(self, transaction: &DatabaseTransaction) -> Result<Vec<client::Model>, Error> {
        let row = lock(transaction, self.id).await?;
        if row.primary_owner_id != self.owner || self.expected.is_some_and(|expected| expected != row.version) {
            return Err(Error::Conflict(Conflict::Changed));
        }
        application::Entity::update_many()
            .col_expr(application::Column::Status, Expr::value(ApplicationStatus::Archived))
            .col_expr(application::Column::PrimaryOwnerId, Expr::value(Option::<UserId>::None))
            // Another may have the name now: products whose deletion this is make the same thing again.
            .col_expr(application::Column::CustomId, Expr::value(Option::<String>::None))
            .col_expr(application::Column::Notify, Expr::value(false))
            .col_expr(application::Column::ArchivedAt, Expr::value(self.at))
            .col_expr(application::Column::UpdatedAt, Expr::value(self.at))
            .col_expr(application::Column::Version, Expr::col(application::Column::Version).add(1))
            .filter(application::Column::Id.eq(self.id))
            .exec(transaction)
            .await?;
        membership::end_all(transaction, self.id).await?;
        end_contracts(transaction, self.id, self.at).await?;
        let clients = client::Entity::find()
            .filter(client::Column::ApplicationId.eq(self.id))
            .filter(client::Column::LiveKey.is_not_null())
            .all(transaction)
            .await?;
        for client in &clients {
            let end = End {
                client: client.id,
                application: None,
                reason: Reason::Archived,
                condition: Condition::all(),
                told: self.teller.tell(
                    Kind::ClientDeleted,
                    &format!("client:{}", client.client_id),
                    json!({"reason": "archived", "client_name": client.name}),
                ),
                at: self.at,
            };
            end.store_in(transaction).await?;
        }
        Rows { events: vec![self.told], ..Rows::default() }.insert(transaction).await?;
        Ok(clients)
    }
}
