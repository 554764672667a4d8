//! How does an application come to a contract? Somebody asks for it; the policy says whether somebody has to decide.

use entity::contract::{self, ContractState};
use entity::id::{ApplicationId, ContractId, ServiceId};
use entity::word::Words;
use entity::{application, policy, service};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::decide::may_decide;
use super::list::joined;
use super::state::{Event, OnRejected, Standing, next};
use super::transition::{self, Tokens, Transition, mails_to_deciders, mails_to_developers, standing, told};
use super::{Contract, TEXT_MAX, change::check_scopes};
use crate::app::App;
use crate::oidc::event::Kind;
use crate::oidc::tenant::Tenant;
use crate::portal::application::{living, reached};
use crate::portal::client::of_application;
use crate::portal::membership::{Reach, may_ask};
use crate::portal::notice::Notice;
use crate::portal::{Action, Actor, Conflict, Error, Rule, Wrong};
use crate::secret;

/// Who approves a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approval {
    /// Nobody has to if the policy or the tenant says so, else somebody who may decide.
    #[default]
    AsConfigured,
    /// The one who asks: needs the right to decide, too.
    AtOnce,
}

/// Which applications a contract is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clients {
    /// All: a client may come later.
    #[default]
    NotNeeded,
    /// Those with a client that lives, here or elsewhere (portal.md G67).
    Needed,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// For this application.
    pub application_id: ApplicationId,
    /// To use this service.
    pub service_id: ServiceId,
    /// What it is for: at most 2000 characters; must be there where the policy says so.
    pub comment: Option<String>,
    /// Only these scopes of the service; `None`: all of them.
    pub scopes: Option<Words>,
    /// What a contract that was rejected means.
    pub on_rejected: OnRejected,
    /// Who approves.
    pub approval: Approval,
    /// Whether the application must have a client.
    pub clients: Clients,
}

impl Request {
    /// For all scopes, without a comment, as configured.
    pub fn new(application_id: ApplicationId, service_id: ServiceId) -> Self {
        Self {
            application_id,
            service_id,
            comment: None,
            scopes: None,
            on_rejected: OnRejected::Refuse,
            approval: Approval::AsConfigured,
            clients: Clients::NotNeeded,
        }
    }
}

/// Asks for a contract (portal.md §8.4 rows 1 to 4). There is one for each application and service: an old one that is
/// closed, or rejected where [`OnRejected::Again`] is said, begins anew under the same identity.
///
/// # Errors
/// `NotFound` for an application or a service this actor may not know of (K3); `Conflict(RegistrationDisabled)` (N14);
/// `Conflict(Archived)`; `Conflict(AlreadyRequested)` with the state it is in; `Conflict(NoClient)` where
/// [`Clients::Needed`] is said; `Invalid` for a missing comment and scopes the service does not know, in this order
/// (portal.md G67); `NotApproved`, `NotAllowed`.
pub async fn request(app: &App, tenant: &Tenant, actor: &Actor, request: Request) -> Result<Contract, Error> {
    let (application, _) = reached(app.db.pool(), tenant, actor, request.application_id, Reach::See).await?;
    may_ask(app.db.pool(), actor, &application).await?;
    let (service, policy) = service(app, tenant, actor, request.service_id).await?;
    living(app.db.pool(), tenant, actor, request.application_id, Reach::See).await?;
    if request.approval == Approval::AtOnce {
        may_decide(actor, service.owner_id)?;
    }
    let before = contract::Entity::find()
        .filter(contract::Column::ApplicationId.eq(application.id))
        .filter(contract::Column::ServiceId.eq(service.id))
        .one(app.db.pool())
        .await?;
    let (event, by) = event(tenant, actor, &policy, &request, before.as_ref());
    let from = before.as_ref().map(standing);
    let to = next(from, event).map_err(Error::Conflict)?;
    if request.clients == Clients::Needed && of_application(app.db.pool(), application.id).await?.is_empty() {
        return Err(Error::Conflict(Conflict::NoClient));
    }
    check(&request, &policy, &service)?;
    let after = row(app, tenant, before, &request, to, &by);
    let contract = joined(app.db.pool(), vec![after.clone()]).await?.pop().ok_or(Error::NotFound)?;
    let step = step(app, tenant, actor, from, after, &contract, &application).await?;
    step.store(app).await.map_err(already_requested)?;
    super::find(app, tenant, &Actor::operator("system"), contract.row.id).await
}

/// The service, and the policy that lets applications register for it.
async fn service(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ServiceId,
) -> Result<(service::Model, policy::Model), Error> {
    let pool = app.db.pool();
    let found = service::Entity::find_by_id(id).filter(service::Column::TenantId.eq(tenant.id)).one(pool).await?;
    let service = found.ok_or(Error::NotFound)?;
    let disabled = Error::Conflict(Conflict::RegistrationDisabled);
    if !service.published || !service.enabled {
        // Developers do not know of it.
        return Err(if actor.can(Action::ReadServices) { disabled } else { Error::NotFound });
    }
    let policy = policy::Entity::find().filter(policy::Column::ServiceId.eq(id)).one(pool).await?;
    match policy.filter(|policy| policy.enabled) {
        Some(policy) => Ok((service, policy)),
        None => Err(disabled),
    }
}

/// Whether somebody still has to decide, and who did if not: the tenant's switch stands above the policy (N21).
/// What an admin limited before is looked at again by somebody.
fn event(
    tenant: &Tenant,
    actor: &Actor,
    policy: &policy::Model,
    request: &Request,
    before: Option<&contract::Model>,
) -> (Event, String) {
    let was_limited =
        before.is_some_and(|row| row.scopes.is_some() || row.starts_at.is_some() || row.ends_at.is_some());
    if request.approval == Approval::AtOnce {
        return (Event::RequestApproved(request.on_rejected), actor.label().to_owned());
    }
    if (policy.auto_approve || tenant.settings.auto_approve.contracts) && !was_limited {
        return (Event::RequestApproved(request.on_rejected), "system".to_owned());
    }
    (Event::Request(request.on_rejected), String::new())
}

fn check(request: &Request, policy: &policy::Model, service: &service::Model) -> Result<(), Error> {
    let mut wrong = Vec::new();
    let comment = request.comment.as_deref().map(str::trim).unwrap_or_default();
    if comment.is_empty() && policy.comment_required {
        wrong.push(Wrong::new("comment", Rule::Required, "must say what the service is needed for"));
    } else if comment.chars().count() > TEXT_MAX {
        wrong.push(Wrong::new("comment", Rule::Length, format!("must have at most {TEXT_MAX} characters")));
    }
    wrong.extend(request.scopes.as_ref().and_then(|scopes| check_scopes(scopes, service)));
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
}

/// The contract as it begins, or begins anew: nothing of what was decided before is left.
fn row(
    app: &App,
    tenant: &Tenant,
    before: Option<contract::Model>,
    request: &Request,
    to: Standing,
    by: &str,
) -> contract::Model {
    let now = app.clock.now();
    let approved = to.state == ContractState::Approved;
    let comment = request.comment.as_deref().map(str::trim).filter(|comment| !comment.is_empty());
    contract::Model {
        id: before.as_ref().map_or_else(|| ContractId(secret::new_id()), |row| row.id),
        tenant_id: tenant.id,
        application_id: request.application_id,
        service_id: request.service_id,
        state: to.state,
        suspended: to.suspended,
        request: comment.map(str::to_owned),
        reason: None,
        requested_at: now,
        processed_at: approved.then_some(now),
        processed_by: approved.then(|| by.chars().take(128).collect()),
        scopes: request.scopes.clone(),
        starts_at: None,
        ends_at: None,
        version: before.as_ref().map_or(0, |row| row.version),
        created_at: before.as_ref().map_or(now, |row| row.created_at),
        updated_at: now,
    }
}

async fn step(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    from: Option<Standing>,
    after: contract::Model,
    contract: &Contract,
    application: &application::Model,
) -> Result<Transition, Error> {
    let approved = after.state == ContractState::Approved;
    let (kind, notice) = match approved {
        true => (Kind::ContractApproved, Notice::ContractApproved),
        false => (Kind::ContractRequested, Notice::ContractPending),
    };
    let told = told(app, tenant, actor, kind, from, &after);
    let mut mails = mails_to_developers(app, tenant, &told, notice, contract, application).await?;
    if !approved {
        mails.extend(mails_to_deciders(app, tenant, &told, Notice::ContractRequested, contract).await?);
    }
    let application = transition::Application::MustLive;
    Ok(Transition { from, after, application, tokens: Tokens::Stay, told, mails })
}

/// Of two requests at once, the second finds the contract of the first.
fn already_requested(error: Error) -> Error {
    match error {
        Error::Conflict(Conflict::ContractState(ContractState::Closed)) => Error::Conflict(Conflict::Changed),
        Error::Conflict(Conflict::ContractState(state)) => Error::Conflict(Conflict::AlreadyRequested(state)),
        error => error,
    }
}
