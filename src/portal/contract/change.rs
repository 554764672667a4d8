//! What does a contract allow, and from when to when? Those who decide say so.

use entity::id::ContractId;
use entity::word::Words;
use entity::{contract, service};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::decide::may_decide;
use super::transition::{Application, Tokens, Transition, standing, told_more};
use super::{Contract, find};
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::event::Kind;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Conflict, Error, Rule, Wrong};

/// What is to change; `None` stays. The inner `None` lifts the limit.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The scopes of the service it is for; an inner `None`: all of them.
    pub scopes: Option<Option<Words>>,
    /// Not before, seconds since 1970.
    pub starts_at: Option<Option<Seconds>>,
    /// Not from then on, seconds since 1970.
    pub ends_at: Option<Option<Seconds>>,
}

/// Changes a contract: admins, and the publisher who looks after the service. `expected` is the version the caller saw;
/// `None`: whichever is there.
///
/// # Errors
/// `Invalid` for scopes the service does not know and for an end that is not after the start; `Conflict(Changed)` for
/// another version; `NotFound`, `NotAllowed`.
pub async fn change(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ContractId,
    expected: Option<i64>,
    change: Change,
) -> Result<Contract, Error> {
    let before = find(app, tenant, actor, id).await?;
    may_decide(actor, before.service.owner_id)?;
    if expected.is_some_and(|expected| expected != before.row.version) {
        return Err(Error::Conflict(Conflict::Changed));
    }
    let service = service::Entity::find_by_id(before.service.id).one(app.db.pool()).await?.ok_or(Error::NotFound)?;
    let after = contract::Model {
        scopes: change.scopes.unwrap_or_else(|| before.row.scopes.clone()),
        starts_at: change.starts_at.unwrap_or(before.row.starts_at),
        ends_at: change.ends_at.unwrap_or(before.row.ends_at),
        updated_at: app.clock.now(),
        ..before.row.clone()
    };
    check(&after, &service)?;
    let from = standing(&before.row);
    let limits =
        |row: &contract::Model| json!({"scopes": row.scopes, "starts_at": row.starts_at, "ends_at": row.ends_at});
    let changed = json!({"before": limits(&before.row), "after": limits(&after)});
    let told = told_more(app, tenant, actor, Kind::ContractUpdated, Some(from), &after, &changed);
    let step = Transition {
        from: Some(from),
        after,
        application: Application::MayBeArchived,
        tokens: Tokens::Stay,
        told,
        mails: Vec::new(),
    };
    step.store(app).await.map_err(|error| match error {
        Error::Conflict(Conflict::ContractState(_)) => Error::Conflict(Conflict::Changed),
        error => error,
    })?;
    find(app, tenant, actor, id).await
}

fn check(after: &contract::Model, service: &service::Model) -> Result<(), Error> {
    let mut wrong: Vec<Wrong> =
        after.scopes.as_ref().and_then(|scopes| check_scopes(scopes, service)).into_iter().collect();
    wrong.extend(wrong_times(after.starts_at, after.ends_at));
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

/// What is wrong with the beginning and the end of a contract.
pub(super) fn wrong_times(starts_at: Option<Seconds>, ends_at: Option<Seconds>) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for (field, moment) in [("starts_at", starts_at), ("ends_at", ends_at)] {
        if moment.is_some_and(|moment| moment < 0) {
            wrong.push(Wrong::new(field, Rule::Form, "must be seconds since 1970"));
        }
    }
    if let (Some(starts), Some(ends)) = (starts_at, ends_at)
        && ends <= starts
    {
        wrong.push(Wrong::new("ends_at", Rule::Contradiction, "must be after starts_at"));
    }
    wrong
}

/// What is wrong with the scopes of a contract for this service.
pub(super) fn check_scopes(scopes: &Words, service: &service::Model) -> Option<Wrong> {
    let known: Vec<&str> = match &service.scopes {
        Value::Array(scopes) => scopes.iter().filter_map(|scope| scope.get("value")?.as_str()).collect(),
        _ => Vec::new(),
    };
    let unknown: Vec<&str> = scopes.iter().filter(|scope| !known.contains(scope)).collect();
    if unknown.is_empty() {
        return None;
    }
    let complaint = format!("holds {}, which the service does not know", unknown.join(", "));
    Some(Wrong::new("scopes", Rule::Unknown, complaint))
}
