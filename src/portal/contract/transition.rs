//! How is a step of a contract written down? One conditional `UPDATE` with its event, its mails and its effects on tokens:
//! of two steps at once, one finds no row to move (portal.md §8.4).

use entity::contract;
use entity::id::ContractId;
use entity::{application, delivery, event};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};

use super::Contract;
use super::state::Standing;
use crate::app::App;
use crate::clock::Seconds;
use crate::db::{Rows, Told, TransactionError, is_duplicate};
use crate::oidc::event::{Kind, event as tell};
use crate::oidc::tenant::Tenant;
use crate::oidc::token::family;
use crate::portal::application::{forget_application, lock};
use crate::portal::notice::{self, Notice, page};
use crate::portal::{Actor, Conflict, Error, membership, person};

/// What a step needs of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::portal) enum Application {
    /// It must live, and nobody may put it away at this moment.
    MustLive,
    /// Whatever.
    MayBeArchived,
}

/// What becomes of tokens that were issued under the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::portal) enum Tokens {
    /// Nothing: whether they are good is asked each time.
    Stay,
    /// Those for this audience end.
    End {
        /// The audience of the service.
        audience: String,
    },
}

/// A step that is ready to be stored.
#[derive(Clone, Debug)]
pub(in crate::portal) struct Transition {
    /// Where it begins; `None`: the contract is new.
    pub from: Option<Standing>,
    /// The row as it is to be; its identity, its sides and its version are those there are.
    pub after: contract::Model,
    pub application: Application,
    pub tokens: Tokens,
    pub told: Told,
    pub mails: Vec<delivery::Model>,
}

impl Transition {
    /// Stores the step, or nothing.
    ///
    /// # Errors
    /// `Conflict(ContractState)` with the state it is in when another step came first; `Conflict(Archived)`.
    pub async fn store(self, app: &App) -> Result<(), Error> {
        let from = self.from;
        let (id, application, service) = (self.after.id, self.after.application_id, self.after.service_id);
        let stored = app
            .db
            .transaction(move |transaction| {
                let step = self.clone();
                Box::pin(async move { step.store_in(transaction).await })
            })
            .await;
        forget_application(app, application);
        match stored {
            Ok(Moved::Yes) => Ok(()),
            Ok(Moved::No) => Err(Error::Conflict(overtaken(app, id, from).await?)),
            Err(error) if error.database().is_some_and(is_duplicate) => {
                let there = contract::Entity::find()
                    .filter(contract::Column::ApplicationId.eq(application))
                    .filter(contract::Column::ServiceId.eq(service))
                    .one(app.db.pool())
                    .await?;
                let conflict = there.map_or(Conflict::Changed, |row| Conflict::AlreadyRequested(row.state));
                Err(Error::Conflict(conflict))
            }
            Err(error) => Err(error),
        }
    }

    /// As [`Self::store`], inside a transaction of somebody else's.
    pub async fn store_in(self, transaction: &DatabaseTransaction) -> Result<Moved, Error> {
        if self.application == Application::MustLive {
            lock(transaction, self.after.application_id).await?;
        }
        let (application, at) = (self.after.application_id, self.after.updated_at);
        match self.from {
            None => {
                let row = self.after.into_active_model();
                contract::Entity::insert(row).exec_without_returning(transaction).await?;
            }
            Some(from) => {
                if moved(from, self.after).exec(transaction).await?.rows_affected == 0 {
                    return Ok(Moved::No);
                }
            }
        }
        if let Tokens::End { audience } = &self.tokens {
            family::revoke_for(transaction, application, audience, at).await?;
        }
        let rows = Rows { events: vec![self.told], deliveries: self.mails, ..Rows::default() };
        rows.insert(transaction).await?;
        Ok(Moved::Yes)
    }
}

/// Whether the row was where the step begins.
pub(in crate::portal) enum Moved {
    Yes,
    No,
}

fn moved(from: Standing, after: contract::Model) -> sea_orm::UpdateMany<contract::Entity> {
    contract::Entity::update_many()
        .col_expr(contract::Column::State, Expr::value(after.state))
        .col_expr(contract::Column::Suspended, Expr::value(after.suspended))
        .col_expr(contract::Column::Request, Expr::value(after.request))
        .col_expr(contract::Column::Reason, Expr::value(after.reason))
        .col_expr(contract::Column::RequestedAt, Expr::value(after.requested_at))
        .col_expr(contract::Column::ProcessedAt, Expr::value(after.processed_at))
        .col_expr(contract::Column::ProcessedBy, Expr::value(after.processed_by))
        .col_expr(contract::Column::Scopes, Expr::value(after.scopes))
        .col_expr(contract::Column::StartsAt, Expr::value(after.starts_at))
        .col_expr(contract::Column::EndsAt, Expr::value(after.ends_at))
        .col_expr(contract::Column::UpdatedAt, Expr::value(after.updated_at))
        .col_expr(contract::Column::Version, Expr::col(contract::Column::Version).add(1))
        .filter(contract::Column::Id.eq(after.id))
        .filter(contract::Column::State.eq(from.state))
        .filter(contract::Column::Suspended.eq(from.suspended))
        // Limits that were changed in between are not put back.
        .filter(contract::Column::Version.eq(after.version))
}

/// What another step, which came first, made of the contract.
async fn overtaken(app: &App, id: ContractId, from: Option<Standing>) -> Result<Conflict, Error> {
    let row = contract::Entity::find_by_id(id).one(app.db.pool()).await?.ok_or(Error::NotFound)?;
    let same = Some(standing(&row)) == from;
    Ok(if same { Conflict::Changed } else { Conflict::ContractState(row.state) })
}

/// The entry of the audit log about a step.
pub(super) fn told(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    kind: Kind,
    from: Option<Standing>,
    after: &contract::Model,
) -> Told {
    told_more(app, tenant, actor, kind, from, after, &Value::Null)
}

/// The entry about a step that changed more than the state: `limits` says what.
pub(super) fn told_more(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    kind: Kind,
    from: Option<Standing>,
    after: &contract::Model,
    limits: &Value,
) -> Told {
    let mut data = json!({
        "application": after.application_id,
        "service": after.service_id,
        "from": from.map(|from| from.state),
        "to": after.state,
        "suspended": after.suspended,
        "reason": after.reason,
    });
    if !limits.is_null() {
        data["limits"] = limits.clone();
    }
    tell(app, tenant.id, kind, actor.label(), &format!("contract:{}", after.id), data)
}

/// Mails to the developers of the application.
pub(super) async fn mails_to_developers(
    app: &App,
    tenant: &Tenant,
    event: &event::Model,
    notice: Notice,
    contract: &Contract,
    row: &application::Model,
) -> Result<Vec<delivery::Model>, Error> {
    let recipients = membership::addresses(app.db.pool(), row).await?;
    let url = tenant.url(&format!("{}{}", page::APPLICATION, row.id));
    Ok(notice::mails(app, tenant, event, notice, &recipients, said(contract, &url)))
}

/// Mails to those who decide about contracts for the service.
pub(super) async fn mails_to_deciders(
    app: &App,
    tenant: &Tenant,
    event: &event::Model,
    notice: Notice,
    contract: &Contract,
) -> Result<Vec<delivery::Model>, Error> {
    let recipients = person::deciders(app.db.pool(), tenant, contract.service.owner_id).await?;
    let url = tenant.url(&format!("{}{}#requested", page::ADMIN_APPLICATION, contract.application.id));
    Ok(notice::mails(app, tenant, event, notice, &recipients, said(contract, &url)))
}

fn said(contract: &Contract, url: &str) -> Value {
    let service = contract.service.display_name.as_deref().unwrap_or(&contract.service.name);
    let owner = contract.application.owner.as_ref();
    json!({
        "application": {"id": contract.application.id, "name": contract.application.name},
        "service": {"id": contract.service.id, "name": service},
        "developer": owner.map(|owner| json!({"email": owner.email, "name": owner.name})),
        "comment": contract.row.request,
        "reason": contract.row.reason,
        "link": url,
    })
}

/// The row after somebody decided: the state, who and when.
pub(super) fn processed(row: &contract::Model, to: Standing, by: &str, at: Seconds) -> contract::Model {
    contract::Model {
        state: to.state,
        suspended: to.suspended,
        // A pause is no new decision: what was issued before it is good after it.
        processed_at: if row.state == to.state { row.processed_at } else { Some(at) },
        processed_by: Some(by.chars().take(128).collect()),
        updated_at: at,
        ..row.clone()
    }
}

/// Where a contract is.
pub(super) fn standing(row: &contract::Model) -> Standing {
    Standing { state: row.state, suspended: row.suspended }
}
