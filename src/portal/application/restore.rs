//! How does an archived application come back? An admin answers for it from then on; its clients live again, and whoever
//! looks after the services decides anew (portal.md G34, G35, G63).

use entity::application::{self, ApplicationStatus};
use entity::client::{self, ClientState};
use entity::id::{ApplicationId, ClientKey};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde_json::json;

use super::{Application, find, forget_application, reached, target};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::{Rows, Told, TransactionError, is_duplicate};
use crate::oidc::event::{Kind, event};
use crate::oidc::registration::end::Reason;
use crate::oidc::tenant::Tenant;
use crate::portal::contract::restore::asked_again;
use crate::portal::contract::transition::{Moved, Transition};
use crate::portal::membership::{self, Reach};
use crate::portal::{Action, Actor, Conflict, Error};

/// Brings an application back, in one transaction: the admin becomes its primary owner (nobody does where a client speaks
/// for itself), it has no members, its clients live again with the secrets they had, every contract waits for a decision,
/// whatever became of it before, and those who decide are told.
///
/// # Errors
/// `NotAllowed` for everybody but admins; `NotFound`; `Conflict(Active)` for one that is not archived, also for the second
/// of two restores; `Taken` for `client_id` that somebody else has meanwhile; `Conflict(Changed)` when one of its contracts
/// changed at the same moment.
pub async fn restore(app: &App, tenant: &Tenant, actor: &Actor, id: ApplicationId) -> Result<Application, Error> {
    actor.may(Action::WriteApplications)?;
    let (row, _) = reached(app.db.pool(), tenant, actor, id, Reach::Administer).await?;
    if row.status == ApplicationStatus::Active {
        return Err(Error::Conflict(Conflict::Active));
    }
    let now = app.clock.now();
    let after = application::Model {
        status: ApplicationStatus::Active,
        primary_owner_id: actor.user_id(),
        notify: true,
        archived_at: None,
        version: row.version + 1,
        updated_at: now,
        ..row
    };
    let clients = ended(app, id).await?;
    let data = json!({"name": after.name, "owner": after.primary_owner_id, "custom_id": after.custom_id});
    let told = event(app, tenant.id, Kind::ApplicationRestored, actor.label(), &target(id), data);
    let contracts = asked_again(app, tenant, actor, &after).await?;
    let keys = clients.iter().map(|client| (client.id, client.client_id.clone())).collect();
    let back = Back { after, clients: keys, contracts, told, at: now };
    let stored = app
        .db
        .transaction(move |transaction| {
            let back = back.clone();
            Box::pin(async move { back.store_in(transaction).await })
        })
        .await;
    for client in &clients {
        app.clients.forget(&(client.tenant_id, client.client_id.clone()));
    }
    forget_application(app, id);
    match stored {
        Ok(()) => find(app, tenant, actor, id).await,
        Err(error) if error.database().is_some_and(is_duplicate) => Err(taken(app, tenant, &clients, error).await?),
        Err(error) => Err(error),
    }
}

/// The clients that ended with the application.
async fn ended(app: &App, id: ApplicationId) -> Result<Vec<client::Model>, Error> {
    let ended = client::Entity::find()
        .filter(client::Column::ApplicationId.eq(id))
        .filter(client::Column::LiveKey.is_null())
        .filter(client::Column::EndedReason.eq(Reason::Archived.as_str()));
    Ok(ended.all(app.db.pool()).await?)
}

/// Which identifier somebody else has meanwhile; `error` if that one is gone again.
async fn taken(app: &App, tenant: &Tenant, clients: &[client::Model], error: Error) -> Result<Error, Error> {
    let there = client::Entity::find()
        .filter(client::Column::TenantId.eq(tenant.id))
        .filter(client::Column::LiveKey.is_in(clients.iter().map(|client| client.client_id.as_str())))
        .one(app.db.pool())
        .await?;
    Ok(there.map_or(error, |there| Error::Taken { field: "client_id", value: there.client_id }))
}

#[derive(Clone, Debug)]
struct Back {
    after: application::Model,
    clients: Vec<(ClientKey, String)>,
    contracts: Vec<Transition>,
    told: Told,
    at: Seconds,
}

impl Back {
    async fn store_in(self, transaction: &DatabaseTransaction) -> Result<(), Error> {
        let id = self.after.id;
        let restored = application::Entity::update_many()
            .col_expr(application::Column::Status, Expr::value(self.after.status))
            .col_expr(application::Column::PrimaryOwnerId, Expr::value(self.after.primary_owner_id))
            .col_expr(application::Column::Notify, Expr::value(self.after.notify))
            .col_expr(application::Column::ArchivedAt, Expr::value(self.after.archived_at))
            .col_expr(application::Column::UpdatedAt, Expr::value(self.at))
            .col_expr(application::Column::Version, Expr::col(application::Column::Version).add(1))
            .filter(application::Column::Id.eq(id))
            .filter(application::Column::Status.eq(ApplicationStatus::Archived))
            .exec(transaction)
            .await?;
        if restored.rows_affected == 0 {
            return Err(Error::Conflict(Conflict::Active));
        }
        membership::end_all(transaction, id).await?;
        for (key, client_id) in self.clients {
            live_again(transaction, key, client_id, self.at).await?;
        }
        for contract in self.contracts {
            if matches!(contract.store_in(transaction).await?, Moved::No) {
                return Err(Error::Conflict(Conflict::Changed));
            }
        }
        Ok(Rows { events: vec![self.told], ..Rows::default() }.insert(transaction).await?)
    }
}

/// The unique key decides between it and a new client of the same name. One that an admin took out of service before
/// stays out of service.
async fn live_again(
    transaction: &DatabaseTransaction,
    key: ClientKey,
    client_id: String,
    at: Seconds,
) -> Result<(), Error> {
    client::Entity::update_many()
        .col_expr(client::Column::LiveKey, Expr::value(client_id))
        .col_expr(client::Column::EndedAt, Expr::value(Option::<Seconds>::None))
        .col_expr(client::Column::EndedReason, Expr::value(Option::<String>::None))
        .col_expr(client::Column::UpdatedAt, Expr::value(at))
        .filter(client::Column::Id.eq(key))
        .filter(client::Column::LiveKey.is_null())
        .exec(transaction)
        .await?;
    client::Entity::update_many()
        .col_expr(client::Column::State, Expr::value(ClientState::Active))
        .filter(client::Column::Id.eq(key))
        .filter(client::Column::State.eq(ClientState::Ended))
        .exec(transaction)
        .await?;
    Ok(())
}
