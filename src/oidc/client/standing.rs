//! How does the application behind a client stand? Its state, its owner's, and its contracts: rows the portal writes.

use std::sync::Arc;

use entity::application::{self, ApplicationStatus};
use entity::contract::{self, ContractState};
use entity::id::{ApplicationId, ServiceId};
use entity::user::{self, Approval, UserState};
use entity::word::Words;
use sea_orm::{EntityTrait, JoinType, QuerySelect, RelationDef};

use super::record::Client;
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::Error;

/// How an application stands, at most a second ago.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// Why it gets no tokens at all; `None`: it may.
    pub barred: Option<Barred>,
    /// Its name.
    pub name: String,
    /// What another system calls it.
    pub custom_id: Option<String>,
    /// Its approved contracts that are not suspended.
    pub contracts: Vec<Contract>,
}

/// Why an application gets no tokens at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// It is archived.
    Archived,
    /// Whoever answers for it may not use the portal.
    OwnerNotApproved,
}

/// An approved contract.
#[derive(Clone, Debug, PartialEq)]
pub struct Contract {
    /// With which service.
    pub service_id: ServiceId,
    /// The scopes it is for; `None`: all of the service.
    pub scopes: Option<Words>,
    /// Not before, seconds since 1970.
    pub starts_at: Option<Seconds>,
    /// Not from then on, seconds since 1970.
    pub ends_at: Option<Seconds>,
    /// When it was approved the last time, seconds since 1970.
    pub approved_at: Seconds,
}

impl Standing {
    /// The contract with a service that holds at `now`.
    pub fn contract(&self, service_id: ServiceId, now: Seconds) -> Option<&Contract> {
        let holds = |contract: &&Contract| {
            contract.service_id == service_id
                && contract.starts_at.is_none_or(|starts| starts <= now)
                && contract.ends_at.is_none_or(|ends| now < ends)
        };
        self.contracts.iter().find(holds)
    }
}

/// How the application of `client` stands; a client without one stands for itself.
///
/// # Errors
/// When the database cannot be asked.
pub async fn of(app: &App, client: &Client) -> Result<Arc<Standing>, Error> {
    let Some(application_id) = client.row.application_id else { return Ok(Arc::default()) };
    let load = async |id: &ApplicationId| load(app, *id).await.map(|standing| Some(Arc::new(standing)));
    Ok(app.standings.get(application_id, load).await?.unwrap_or_default())
}

type Row = (
    ApplicationStatus,
    String,
    Option<String>,
    Option<Approval>,
    Option<UserState>,
    Option<ServiceId>,
    Option<ContractState>,
    Option<bool>,
    Option<Words>,
    Option<Seconds>,
    Option<Seconds>,
    Option<Seconds>,
);

/// One question for all of it: the token endpoint asks it for every client it has not seen within a second.
async fn load(app: &App, id: ApplicationId) -> Result<Standing, Error> {
    let owner: RelationDef = application::Entity::belongs_to(user::Entity)
        .from(application::Column::PrimaryOwnerId)
        .to(user::Column::Id)
        .into();
    let contracts: RelationDef = application::Entity::belongs_to(contract::Entity)
        .from(application::Column::Id)
        .to(contract::Column::ApplicationId)
        .into();
    let rows: Vec<Row> = application::Entity::find_by_id(id)
        .select_only()
        .column(application::Column::Status)
        .column(application::Column::Name)
        .column(application::Column::CustomId)
        .column(user::Column::Approval)
        .column(user::Column::State)
        .column(contract::Column::ServiceId)
        .column_as(contract::Column::State, "contract_state")
        .column(contract::Column::Suspended)
        .column(contract::Column::Scopes)
        .column(contract::Column::StartsAt)
        .column(contract::Column::EndsAt)
        .column(contract::Column::ProcessedAt)
        .join(JoinType::LeftJoin, owner)
        .join(JoinType::LeftJoin, contracts)
        .into_tuple()
        .all(app.db.pool())
        .await?;
    // No row: the application is gone, and its clients with it.
    let Some((status, name, custom_id, approval, state, ..)) = rows.first().cloned() else {
        return Ok(Standing { barred: Some(Barred::Archived), ..Standing::default() });
    };
    let owner_stands = approval.is_none_or(|approval| approval == Approval::Approved)
        && state.is_none_or(|state| state == UserState::Active);
    let barred = match (status, owner_stands) {
        (ApplicationStatus::Archived, _) => Some(Barred::Archived),
        (ApplicationStatus::Active, false) => Some(Barred::OwnerNotApproved),
        (ApplicationStatus::Active, true) => None,
    };
    Ok(Standing { barred, name, custom_id, contracts: rows.into_iter().filter_map(contract_of).collect() })
}

fn contract_of((.., service_id, state, suspended, scopes, starts_at, ends_at, processed_at): Row) -> Option<Contract> {
    let approved = state == Some(ContractState::Approved) && suspended == Some(false);
    service_id.filter(|_| approved).map(|service_id| {
        let approved_at = processed_at.unwrap_or_default();
        Contract { service_id, scopes, starts_at, ends_at, approved_at }
    })
}
