//! What becomes of contracts when their application is back? All of them wait for a decision (portal.md §8.4 row 15, G35).

use entity::application;
use entity::contract;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::list::joined;
use super::state::{Event, next};
use super::transition::{Application, Tokens, Transition, mails_to_deciders, standing, told};
use crate::app::App;
use crate::oidc::event::Kind;
use crate::oidc::tenant::Tenant;
use crate::portal::notice::Notice;
use crate::portal::{Actor, Error};

/// The steps that make every contract of `application` wait again, whatever the policy approves by itself, ready to be
/// stored with its restore; those who decide are told.
pub(in crate::portal) async fn asked_again(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    application: &application::Model,
) -> Result<Vec<Transition>, Error> {
    let rows =
        contract::Entity::find().filter(contract::Column::ApplicationId.eq(application.id)).all(app.db.pool()).await?;
    let now = app.clock.now();
    let mut steps = Vec::with_capacity(rows.len());
    for contract in joined(app.db.pool(), rows).await? {
        let from = standing(&contract.row);
        let to = next(Some(from), Event::Restore).map_err(Error::Conflict)?;
        let after = contract::Model {
            state: to.state,
            suspended: to.suspended,
            reason: None,
            requested_at: now,
            processed_at: None,
            processed_by: None,
            updated_at: now,
            // What it was limited to is looked at again together with it.
            ..contract.row.clone()
        };
        let told = told(app, tenant, actor, Kind::ContractRequested, Some(from), &after);
        let mails = mails_to_deciders(app, tenant, &told, Notice::ContractRequested, &contract).await?;
        let application = Application::MayBeArchived;
        steps.push(Transition { from: Some(from), after, application, tokens: Tokens::Stay, told, mails });
    }
    Ok(steps)
}
