//! What waits for a decision, and what came of the others? Requests, and the contracts of a service or an application.

use entity::contract::ContractState;
use entity::id::ContractId;
use poem::web::Path;
use poem::{Response, handler};

use super::address::{self, Place, REQUESTS};
use super::desk::{Desk, Posted, identity};
use super::words;
use crate::portal::contract::{self, Contract, Decision, Filter};
use crate::portal::list::Wanted;
use crate::portal::service::looks_after;
use crate::portal::{Action, Error};
use crate::web::page::console::{Act, Cell, Here, Part, Row, Section, Tab, Table, Words};
use crate::web::shown::Shown;

/// Rows of a tab, at most.
const TAB_ROWS_MAX: u64 = 25;

/// What waits.
pub fn waiting() -> Filter {
    Filter { states: vec![ContractState::Pending], ..Filter::default() }
}

/// Which side of a contract a page is about: the other one is named in each row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It lists the contracts of one service.
    Service,
    /// It lists those of one application.
    Application,
    /// It lists any.
    Neither,
}

/// All requests that wait (U26).
#[handler]
pub async fn requests(desk: Desk) -> Response {
    desk.answer(all_requests(&desk).await).await
}

async fn all_requests(desk: &Desk) -> Result<Response, Error> {
    desk.may(Action::ReadContracts)?;
    let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
    let listed = contract::list(app, tenant, &desk.actor, &waiting(), &desk.wanted()).await?;
    let mut page = desk.page(Place::Requests, desk.say("console-requests")).await?;
    page.lead = Some(desk.say("console-requests-lead").into());
    let next = desk.next(REQUESTS, &[], listed.next);
    let table = table(desk, &listed.items, Side::Neither, REQUESTS, next);
    page.sections.push(Section::plain("requests", vec![Part::Table(table)]));
    Ok(desk.show(&page))
}

/// The contracts of a service or an application, in tabs: those of the state the query names from where it says.
///
/// # Errors
/// As [`contract::list()`].
pub async fn tabs(desk: &Desk, of: Filter, side: Side, path: &str) -> Result<Part, Error> {
    let states = [
        (ContractState::Approved, "approved", "console-tab-approved"),
        (ContractState::Revoked, "revoked", "console-tab-revoked"),
        (ContractState::Rejected, "rejected", "console-tab-rejected"),
        (ContractState::Pending, "requested", "console-tab-requested"),
    ];
    let mut tabs = Vec::new();
    for (state, id, label) in states {
        let after = desk.wanted().after.filter(|_| desk.asked("state") == Some(id));
        let wanted = Wanted { after, ..Wanted::first(TAB_ROWS_MAX) };
        let filter = Filter { states: vec![state], ..of.clone() };
        let listed = contract::list(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, &filter, &wanted).await?;
        let next = desk.next(path, &[("state", id)], listed.next).map(|next| format!("{next}#{id}"));
        let back = format!("{path}#{id}");
        let table = table(desk, &listed.items, side, &back, next);
        tabs.push(Tab { id, label: desk.say(label).into(), count: listed.total, first: Here::No, table });
    }
    // What waits is what one came for; without it, what is approved.
    let first = if tabs.last().is_some_and(|tab| tab.count > 0) { tabs.last_mut() } else { tabs.first_mut() };
    if let Some(first) = first {
        first.first = Here::Yes;
    }
    Ok(Part::Tabs(tabs))
}

fn table(desk: &Desk, contracts: &[Contract], side: Side, back: &str, next: Option<String>) -> Table {
    let mut heads = Vec::new();
    if side != Side::Application {
        heads.push(desk.say("console-application"));
    }
    if side != Side::Service {
        heads.push(desk.say("console-service"));
    }
    heads.extend(["console-state", "console-since", "console-remarks", "console-acts"].map(|key| desk.say(key)));
    let empty = if side == Side::Neither { "console-requests-none" } else { "console-contracts-none" };
    Table {
        caption: desk.say("console-contracts").into(),
        heads: heads.into_iter().map(Words::from).collect(),
        rows: contracts.iter().map(|contract| row(desk, contract, side, back)).collect(),
        empty: desk.say(empty).into(),
        next,
    }
}

fn row(desk: &Desk, contract: &Contract, side: Side, back: &str) -> Row {
    let mut row = Row::new();
    if side != Side::Application {
        let may_see = desk.actor.can(Action::ReadApplications);
        let owner = contract.application.owner.as_ref();
        row.push(Cell::Named {
            name: Shown::name(&contract.application.name).into(),
            href: may_see.then(|| desk.path(&address::application(contract.application.id))),
            more: owner.map(|owner| Shown::text(&owner.email).into()).into_iter().collect(),
        });
    }
    if side != Side::Service {
        let service = &contract.service;
        row.push(Cell::Named {
            name: Shown::name(service.display_name.as_deref().unwrap_or(&service.name)).into(),
            href: Some(desk.path(&address::service(service.id, ""))),
            more: vec![Shown::text(&service.audience).into()],
        });
    }
    row.push(words::contract_state(desk, &contract.row));
    row.push(desk.moment(contract.row.processed_at.unwrap_or(contract.row.requested_at)).into());
    row.push(remarks(desk, contract));
    row.push(acts(desk, contract, back));
    row
}

/// What the developer said, and what those said who decided.
fn remarks(desk: &Desk, contract: &Contract) -> Cell {
    let said = |key, text: &Option<String>| {
        let text = text.as_deref().filter(|text| !text.is_empty()).map(Shown::text)?;
        Some(Words::from(desk.say(key).with("text", &text)))
    };
    let mut lines =
        [said("console-remark-request", &contract.row.request), said("console-remark-reason", &contract.row.reason)]
            .into_iter()
            .flatten();
    match lines.next() {
        Some(name) => Cell::Named { name, href: None, more: lines.collect() },
        None => Cell::Nothing,
    }
}

/// What this person may do about it, as it stands (portal.md §8.4).
fn acts(desk: &Desk, contract: &Contract, back: &str) -> Cell {
    let owner = contract.service.owner_id;
    let own = desk.actor.user_id().is_some_and(|user| owner == Some(user));
    let decides = desk.actor.can(Action::DecideContracts) && (own || desk.actor.role() == entity::user::Role::Admin);
    if !decides {
        return Cell::Nothing;
    }
    let names = desk
        .say("console-contract-about")
        .with("application", &Shown::name(&contract.application.name))
        .with("service", &Shown::name(&contract.service.name));
    let act = |act: &str, key| {
        let action = desk.path(&address::act("/admin/contracts", contract.row.id, act));
        Act::new(action, desk.say(key), names.clone()).with("back", back)
    };
    let approve = || act("approve", "console-approve").expected();
    let mut acts = match contract.state() {
        ContractState::Pending => {
            vec![approve(), act("reject", "console-reject").reason(desk.say("console-reason"))]
        }
        ContractState::Approved => {
            let pause = match contract.row.suspended {
                true => act("resume", "console-resume"),
                false => act("suspend", "console-suspend"),
            };
            vec![pause, act("revoke", "console-revoke").reason(desk.say("console-reason"))]
        }
        ContractState::Rejected | ContractState::Revoked => vec![approve()],
        ContractState::Closed => Vec::new(),
    };
    acts.push(act("delete", "console-delete").sure(desk.say("console-contract-delete-sure")));
    Cell::Acts(acts)
}

/// Decides about a contract.
#[handler]
pub async fn decide(posted: Posted, Path((id, act)): Path<(String, String)>) -> Response {
    posted.desk.answer(decided(&posted, &id, &act).await).await
}

async fn decided(posted: &Posted, id: &str, act: &str) -> Result<Response, Error> {
    let desk = &posted.desk;
    desk.may(Action::DecideContracts)?;
    let (app, tenant, id) = (&desk.visitor.app, &desk.visitor.tenant, ContractId(identity(id)?));
    let reason = posted.some("reason");
    let (decision, done) = match act {
        "approve" => (Decision::Approve, "approved"),
        "reject" => (Decision::Reject { reason }, "rejected"),
        "revoke" => (Decision::Revoke { reason }, "revoked"),
        "suspend" => (Decision::Suspend, "suspended"),
        "resume" => (Decision::Resume, "resumed"),
        "delete" => {
            contract::delete(app, tenant, &desk.actor, id).await?;
            return Ok(desk.go(posted.back(REQUESTS), "removed"));
        }
        _ => return Err(Error::NotFound),
    };
    contract::decide(app, tenant, &desk.actor, id, decision).await?;
    Ok(desk.go(posted.back(REQUESTS), done))
}

/// Whether this person looks after a service.
pub fn looks_after_it(desk: &Desk, service: &entity::service::Model) -> bool {
    looks_after(&desk.actor, Action::WriteServices, service).is_ok()
}
