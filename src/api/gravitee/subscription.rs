//! What is a subscription? A contract, in words that both APIs share, and in steps that both take (portal.md G66 to G70).

use std::collections::HashMap;

use entity::contract::ContractState;
use entity::id::ApplicationId;

use super::application::living;
use super::caller::Caller;
use super::catalog::{Plan, Plans};
use super::refusal::{About, Concerning, Detail, Refusal};
use crate::portal::client;
use crate::portal::contract::state::{OnRejected, Standing};
use crate::portal::contract::{self, Approval, Clients, Contract, Filter, Request};
use crate::portal::list::{Listed, Wanted};

/// The words for how far a subscription has come.
pub const STATUSES: [&str; 5] = ["PENDING", "ACCEPTED", "PAUSED", "REJECTED", "CLOSED"];

/// A subscription, with what it is called by.
#[derive(Clone, Debug)]
pub struct Seen {
    /// It.
    pub contract: Contract,
    /// The plan; `None`: the API has none any more.
    pub plan: Option<Plan>,
    /// The identifier of the application's first client.
    pub client_id: Option<String>,
}

impl Seen {
    /// How far it has come.
    pub fn status(&self) -> &'static str {
        status(&self.contract)
    }

    /// Since when it is over; seconds since 1970.
    pub fn closed_at(&self) -> Option<i64> {
        (self.status() == "CLOSED").then_some(self.contract.row.updated_at)
    }

    /// Since when it is paused; seconds since 1970.
    pub fn paused_at(&self) -> Option<i64> {
        (self.status() == "PAUSED").then_some(self.contract.row.updated_at)
    }

    /// Who decided: the identity of a person, or `system`.
    pub fn processed_by(&self) -> Option<String> {
        let by = self.contract.row.processed_by.as_deref()?;
        Some(by.strip_prefix("user:").unwrap_or(by).to_owned())
    }

    /// What the API is called.
    pub fn api_name(&self) -> &str {
        self.contract.service.display_name.as_deref().unwrap_or(&self.contract.service.name)
    }
}

/// How far a subscription has come, in Gravitee's word.
pub fn status(contract: &Contract) -> &'static str {
    match (contract.row.state, contract.row.suspended) {
        (ContractState::Pending, _) => "PENDING",
        (ContractState::Approved, false) => "ACCEPTED",
        (ContractState::Approved, true) => "PAUSED",
        (ContractState::Rejected, _) => "REJECTED",
        (ContractState::Revoked | ContractState::Closed, _) => "CLOSED",
    }
}

/// The standings that words mean, separated by commas or not; none: `usual`.
///
/// # Errors
/// 400 for a word that is none.
pub fn standings(words: &[String], usual: &[&str]) -> Result<Vec<Standing>, Refusal> {
    let mut wanted: Vec<&str> =
        words.iter().flat_map(|words| words.split(',')).map(str::trim).filter(|word| !word.is_empty()).collect();
    if wanted.is_empty() {
        wanted = usual.to_vec();
    }
    let mut standings = Vec::new();
    for word in wanted {
        let suspended = |suspended| Standing { state: ContractState::Approved, suspended };
        match word {
            "PENDING" => standings.push(Standing::of(ContractState::Pending)),
            "ACCEPTED" | "RESUMED" => standings.push(suspended(false)),
            "PAUSED" => standings.push(suspended(true)),
            "REJECTED" => standings.push(Standing::of(ContractState::Rejected)),
            "CLOSED" => {
                standings.extend([ContractState::Revoked, ContractState::Closed].map(Standing::of));
            }
            _ => {
                let complaint = format!("must be one of {}", STATUSES.join(", "));
                return Err(Refusal::wrong(vec![Detail::new("status", &complaint)]));
            }
        }
    }
    Ok(standings)
}

/// The contracts with what they are called by.
///
/// # Errors
/// When the database cannot be asked.
pub async fn seen<V>(caller: &Caller<V>, contracts: Vec<Contract>) -> Result<Vec<Seen>, Refusal> {
    let ids: Vec<ApplicationId> = contracts.iter().map(|contract| contract.application.id).collect();
    let clients = client::first_of(&caller.app, &caller.tenant, &ids).await?;
    let client_ids: HashMap<ApplicationId, String> =
        clients.into_iter().map(|(id, client)| (id, client.client_id().to_owned())).collect();
    let plans = Plans::of(caller).await?;
    let see = |contract: Contract| Seen {
        plan: plans.of_api(contract.service.id).cloned(),
        client_id: client_ids.get(&contract.application.id).cloned(),
        contract,
    };
    Ok(contracts.into_iter().map(see).collect())
}

/// One contract with what it is called by.
///
/// # Errors
/// As [`seen`].
pub async fn one<V>(caller: &Caller<V>, contract: Contract) -> Result<Seen, Refusal> {
    let id = contract.row.id.to_string();
    let seen = seen(caller, vec![contract]).await?.pop();
    seen.ok_or_else(|| Refusal::not_found(About::Subscription(&id)))
}

/// The subscription with this identity, also one that is over.
///
/// # Errors
/// 404.
pub async fn find<V>(caller: &Caller<V>, named: &str) -> Result<Contract, Refusal> {
    let id = super::contract(named)?;
    let found = contract::find_any(&caller.app, &caller.tenant, &caller.actor, id).await;
    found.about(About::Subscription(named))
}

/// Part of a list of subscriptions.
///
/// # Errors
/// 403; when the database cannot be asked.
pub async fn list<V>(caller: &Caller<V>, filter: &Filter, wanted: &Wanted) -> Result<Listed<Seen>, Refusal> {
    let listed = contract::list(&caller.app, &caller.tenant, &caller.actor, filter, wanted).await?;
    let Listed { items, total, next } = listed;
    Ok(Listed { items: seen(caller, items).await?, total, next })
}

/// What is subscribed to.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// The application.
    pub application: &'a str,
    /// The plan.
    pub plan: &'a str,
    /// What it is for.
    pub comment: Option<String>,
    /// Who accepts it.
    pub approval: Approval,
}

/// Subscribes, in the order of portal.md G67.
///
/// # Errors
/// 404 for an application or a plan that the caller may not know of; 400 for a plan that nobody can subscribe to, one that
/// the application has a subscription for, an application without a client, and a comment that is missing.
pub async fn subscribe<V>(caller: &Caller<V>, wish: Wish<'_>) -> Result<Seen, Refusal> {
    let application = living(caller, wish.application).await?.row.id;
    let plans = Plans::of(caller).await?;
    let plan = plans.named(wish.plan)?;
    let request = Request {
        comment: wish.comment.filter(|comment| !comment.is_empty()),
        on_rejected: OnRejected::Again,
        approval: wish.approval,
        clients: Clients::Needed,
        ..Request::new(application, plan.api)
    };
    let made = contract::request(&caller.app, &caller.tenant, &caller.actor, request).await;
    one(caller, made.about(About::Plan(wish.plan, plan.stage))?).await
}

/// Closes a subscription for its consumer.
///
/// # Errors
/// 404, 403, and 400 for one that is over.
pub async fn close<V>(caller: &Caller<V>, named: &str) -> Result<Seen, Refusal> {
    let id = super::contract(named)?;
    let about = About::Subscription(named);
    contract::unregister(&caller.app, &caller.tenant, &caller.actor, id).await.about(about)?;
    one(caller, find(caller, named).await?).await
}
