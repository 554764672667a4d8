//! Contracts: the table of portal.md §8.4 on a real database, with everybody who may and everybody who may not.

use entity::contract::{self, ContractState};
use entity::membership::MemberRole;
use entity::user::Role;
use entity::word::Words;
use registrar::portal::contract::{
    self as contracts, Approval, Change, Contract, Decision, Filter, OnRejected, Request, decide, delete, find,
    request, unregister,
};
use registrar::portal::list::Wanted;
use registrar::portal::{Actor, Conflict, Error};
use sea_orm::EntityTrait;
use serde_json::json;

use super::parties::as_registered;
use crate::harness::TestApp;
use crate::harness::http::Auth;

use ContractState::{Approved, Closed, Pending, Rejected, Revoked};

fn conflict<T: std::fmt::Debug>(result: Result<T, Error>) -> Conflict {
    match result {
        Err(Error::Conflict(conflict)) => conflict,
        other => panic!("no conflict: {other:?}"),
    }
}

fn mail(kind: &str, to: &str) -> (String, String) {
    (kind.to_owned(), to.to_owned())
}

const REJECT: Decision = Decision::Reject { reason: None };
const REVOKE: Decision = Decision::Revoke { reason: None };

/// A developer with an application, an admin, and what was asked for.
struct Case {
    site: TestApp,
    ada: Actor,
    admin: Actor,
    wish: Request,
}

impl Case {
    async fn new() -> Self {
        let site = TestApp::start().await;
        let (ada, admin) = (site.developer("ada@example.org").await, site.admin().await);
        let service = site.offered("orders", |_, _| {}).await;
        let application = site.application(&ada, "Shop").await.application.row.id;
        Self { site, ada, admin, wish: Request::new(application, service.id) }
    }

    async fn ask(&self) -> Result<Contract, Error> {
        request(&self.site.app, &self.site.tenant(), &self.ada, self.wish.clone()).await
    }

    async fn decide(&self, contract: &Contract, decision: Decision) -> Result<Contract, Error> {
        decide(&self.site.app, &self.site.tenant(), &self.admin, contract.row.id, decision).await
    }

    /// A contract that came to this state.
    async fn in_state(&self, state: ContractState) -> Contract {
        let contract = self.ask().await.unwrap();
        let steps: &[Decision] = match state {
            Approved => &[Decision::Approve],
            Rejected => &[REJECT],
            Revoked => &[Decision::Approve, REVOKE],
            Pending | Closed => &[],
        };
        for step in steps {
            self.decide(&contract, step.clone()).await.unwrap();
        }
        if state == Closed {
            delete(&self.site.app, &self.site.tenant(), &self.admin, contract.row.id).await.unwrap();
        }
        contract
    }

    async fn row(&self) -> contract::Model {
        let rows = contract::Entity::find().all(self.site.app.db.pool()).await.unwrap();
        assert_eq!(rows.len(), 1, "there is one contract of an application for a service");
        rows.into_iter().next().unwrap()
    }
}

#[tokio::test]
async fn a_request_waits_until_somebody_approves_it() {
    spec!("portal/K33", "portal/K34", "portal/K36", "portal/N2", "portal/N8");
    // N15, K74
    let case = Case::new().await;
    let (app, tenant) = (&case.site.app, case.site.tenant());
    let asked = case.ask().await.unwrap();
    assert_eq!((asked.state(), asked.row.processed_by.as_deref()), (Pending, None));
    assert_eq!((asked.application.name.as_str(), asked.service.display_name.as_deref()), ("Shop", Some("orders")));
    assert_eq!(asked.application.owner.as_ref().map(|owner| owner.email.as_str()), Some("ada@example.org"));
    assert_eq!(
        case.site.mails().await,
        [mail("contract_pending", "ada@example.org"), mail("contract_requested", "admin@example.org")]
    );
    case.site.forget_mails().await;
    let approved = case.decide(&asked, Decision::Approve).await.unwrap();
    assert_eq!((approved.state(), approved.row.processed_by.as_deref()), (Approved, Some(case.admin.label())));
    assert_eq!(case.site.mails().await, [mail("contract_approved", "ada@example.org")]);
    let wanted = Wanted::first(10);
    let waiting = Filter { states: vec![Pending], ..Filter::default() };
    assert_eq!(contracts::list(app, &tenant, &case.admin, &waiting, &wanted).await.unwrap().total, 0);
    let all = contracts::list(app, &tenant, &case.ada, &Filter::default(), &wanted).await.unwrap();
    assert_eq!(all.items, [find(app, &tenant, &case.ada, asked.row.id).await.unwrap()]);
}

#[tokio::test]
async fn mails_are_sent_as_the_tenant_wants() {
    // K74
    let case = Case::new().await;
    case.site.settings(json!({"mail": {"on_request": false, "on_status": false}})).await;
    let asked = case.ask().await.unwrap();
    case.decide(&asked, REJECT).await.unwrap();
    assert_eq!(case.site.mails().await, []);
}

#[tokio::test]
async fn what_is_approved_automatically_waits_for_nobody_and_what_waits_goes_on_waiting() {
    spec!("portal/N21");
    // K10
    let case = Case::new().await;
    let waiting = case.ask().await.unwrap();
    case.site.settings(json!({"auto_approve": {"contracts": true}})).await;
    let (app, tenant) = (&case.site.app, case.site.tenant());
    assert_eq!(find(app, &tenant, &case.ada, waiting.row.id).await.unwrap().state(), Pending);
    let by_tenant = case.site.offered("two", |_, _| {}).await;
    let approved =
        request(app, &tenant, &case.ada, Request::new(case.wish.application_id, by_tenant.id)).await.unwrap();
    assert_eq!((approved.state(), approved.row.processed_by.as_deref()), (Approved, Some("system")));
    case.site.settings(json!({})).await;
    let by_policy = case.site.offered("three", |_, policy| policy.auto_approve = true).await;
    let wish = Request::new(case.wish.application_id, by_policy.id);
    let approved = request(app, &case.site.tenant(), &case.ada, wish).await.unwrap();
    assert_eq!((approved.state(), approved.row.processed_by.as_deref()), (Approved, Some("system")));
    assert!(case.site.mails().await.contains(&mail("contract_approved", "ada@example.org")));
}

#[tokio::test]
async fn a_request_needs_a_service_that_takes_it() {
    spec!("portal/N14", "portal/K3", "portal/N22");
    // K7
    let case = Case::new().await;
    let (site, app, tenant) = (&case.site, &case.site.app, case.site.tenant());
    let ask = async |actor: &Actor, wish: Request| request(app, &tenant, actor, wish).await;
    let to = |service: entity::service::Model| Request { service_id: service.id, ..case.wish.clone() };
    let bare = site.service("https://bare.example/", &["a"]).await;
    let refused = conflict(ask(&case.ada, to(bare)).await);
    assert_eq!(refused.describe(), "Application registration is not enabled for this Service.");
    let off = site.offered("off", |_, policy| policy.enabled = false).await;
    assert_eq!(conflict(ask(&case.ada, to(off)).await), Conflict::RegistrationDisabled);
    let hidden = site.offered("hidden", |service, _| service.published = false).await;
    assert!(matches!(ask(&case.ada, to(hidden.clone())).await, Err(Error::NotFound)));
    assert_eq!(conflict(ask(&case.admin, to(hidden)).await), Conflict::RegistrationDisabled);
    let nowhere = Request { service_id: registrar::secret::new_id().into(), ..case.wish.clone() };
    assert!(matches!(ask(&case.ada, nowhere).await, Err(Error::NotFound)));
    let talkative = site.offered("talkative", |_, policy| policy.comment_required = true).await;
    let scopes = Some(Words::from("orders:read orders:burn"));
    let Err(Error::Invalid(wrong)) = ask(&case.ada, Request { scopes, ..to(talkative.clone()) }).await else {
        panic!()
    };
    assert_eq!(wrong.iter().map(|wrong| wrong.field.as_str()).collect::<Vec<_>>(), ["comment", "scopes"]);
    let scopes = Some(Words::from("orders:read"));
    let fine = Request { scopes: scopes.clone(), comment: Some(" for my shop ".to_owned()), ..to(talkative) };
    let asked = ask(&case.ada, fine).await.unwrap();
    assert_eq!((asked.row.request.as_deref(), asked.row.scopes), (Some("for my shop"), scopes));
}

#[tokio::test]
async fn a_second_request_finds_the_first() {
    spec!("portal/K40", "portal/N19", "portal/D-18");
    for state in [Pending, Approved, Revoked, Rejected] {
        let case = Case::new().await;
        case.in_state(state).await;
        assert_eq!(conflict(case.ask().await), Conflict::AlreadyRequested(state));
        assert_eq!(case.row().await.state, state);
    }
    let case = Case::new().await;
    let old = case.in_state(Rejected).await;
    let again = Case { wish: Request { on_rejected: OnRejected::Again, ..case.wish.clone() }, ..case };
    let new = again.ask().await.unwrap();
    assert_eq!((new.row.id, new.state(), new.row.processed_at), (old.row.id, Pending, None));
}

#[tokio::test]
async fn a_developer_unregisters_what_was_not_revoked() {
    spec!("portal/N10", "portal/N11", "portal/N13", "portal/D-17");
    for state in [Pending, Approved, Rejected] {
        let case = Case::new().await;
        let contract = case.in_state(state).await;
        let (app, tenant) = (&case.site.app, case.site.tenant());
        unregister(app, &tenant, &case.ada, contract.row.id).await.unwrap();
        assert_eq!(case.row().await.state, Closed);
        for actor in [&case.ada, &case.admin] {
            let listed = contracts::list(app, &tenant, actor, &Filter::default(), &Wanted::first(10)).await.unwrap();
            assert_eq!((listed.items, listed.total), (Vec::new(), 0));
        }
        assert!(matches!(find(app, &tenant, &case.ada, contract.row.id).await, Err(Error::NotFound)));
        let again = case.ask().await.unwrap();
        assert_eq!((again.row.id, again.state()), (contract.row.id, Pending));
    }
    let case = Case::new().await;
    let revoked = case.in_state(Revoked).await;
    let refused = unregister(&case.site.app, &case.site.tenant(), &case.ada, revoked.row.id).await;
    assert_eq!(conflict(refused), Conflict::ContractState(Revoked));
}

#[tokio::test]
async fn those_who_decide_delete_whatever_there_is() {
    spec!("portal/N12", "portal/N20");
    for state in [Pending, Approved, Rejected, Revoked] {
        let case = Case::new().await;
        let contract = case.in_state(state).await;
        let (app, tenant) = (&case.site.app, case.site.tenant());
        let by_ada = delete(app, &tenant, &case.ada, contract.row.id).await;
        assert!(matches!(by_ada, Err(Error::NotAllowed(_))), "{by_ada:?}");
        delete(app, &tenant, &case.admin, contract.row.id).await.unwrap();
        assert!(matches!(delete(app, &tenant, &case.admin, contract.row.id).await, Err(Error::NotFound)));
        let closed = Filter { states: vec![Closed], ..Filter::default() };
        let listed = contracts::list(app, &tenant, &case.admin, &closed, &Wanted::first(10)).await.unwrap();
        assert_eq!(listed.total, 1);
        assert_eq!(case.ask().await.unwrap().state(), Pending);
    }
}

#[tokio::test]
async fn an_approval_is_taken_back_and_given_again() {
    spec!("portal/N20", "portal/K38");
    let case = Case::new().await;
    let contract = case.in_state(Revoked).await;
    assert_eq!(conflict(case.decide(&contract, REVOKE).await), Conflict::ContractState(Revoked));
    assert_eq!(case.decide(&contract, Decision::Approve).await.unwrap().state(), Approved);
    assert_eq!(conflict(case.decide(&contract, REJECT).await), Conflict::ContractState(Approved));
    assert!(case.decide(&contract, Decision::Suspend).await.unwrap().row.suspended);
    assert_eq!(conflict(case.decide(&contract, Decision::Suspend).await), Conflict::ContractState(Approved));
    assert!(!case.decide(&contract, Decision::Resume).await.unwrap().row.suspended);
    let reason = Some("too many requests".to_owned());
    let revoked = case.decide(&contract, Decision::Revoke { reason: reason.clone() }).await.unwrap();
    assert_eq!(revoked.row.reason, reason);
    let kinds: Vec<String> = case.site.mails().await.into_iter().map(|(kind, _)| kind).collect();
    for kind in ["contract_paused", "contract_resumed", "contract_revoked"] {
        assert!(kinds.iter().any(|known| known == kind), "{kind}: {kinds:?}");
    }
}

#[tokio::test]
async fn nobody_decides_but_admins_and_whoever_looks_after_the_service() {
    spec!("portal/K6");
    // N16
    // s.B4, s.B5
    let case = Case::new().await;
    let (site, app, tenant) = (&case.site, &case.site.app, case.site.tenant());
    let paula = site.with_role("paula@example.org", Role::Publisher).await;
    let peter = site.with_role("peter@example.org", Role::Publisher).await;
    let service = site.offered("paulas", |service, _| service.owner_id = paula.user_id()).await;
    let wish = Request { service_id: service.id, ..case.wish.clone() };
    let at_once = Request { approval: Approval::AtOnce, ..wish.clone() };
    let refused = request(app, &tenant, &case.ada, at_once).await;
    assert!(matches!(refused, Err(Error::NotAllowed(_))), "{refused:?}");
    let contract = request(app, &tenant, &case.ada, wish).await.unwrap();
    assert!(site.mails().await.contains(&mail("contract_requested", "paula@example.org")));
    let id = contract.row.id;
    let refused = decide(app, &tenant, &case.ada, id, Decision::Approve).await;
    assert!(matches!(refused, Err(Error::NotAllowed(_))), "{refused:?}");
    let refused = decide(app, &tenant, &peter, id, Decision::Approve).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    assert_eq!(decide(app, &tenant, &paula, id, Decision::Approve).await.unwrap().state(), Approved);
    let seen = contracts::list(app, &tenant, &paula, &Filter::default(), &Wanted::first(10)).await.unwrap();
    assert_eq!(seen.total, 1);
    // Members with the role `user` ask, but do not end.
    let row =
        registrar::portal::application::find(app, &tenant, &case.ada, case.wish.application_id).await.unwrap().row;
    let (bob, eve) = (site.developer("bob@example.org").await, site.developer("eve@example.org").await);
    site.joins(&row, &bob, MemberRole::User).await;
    let asked = request(app, &tenant, &bob, case.wish.clone()).await.unwrap();
    let refused = unregister(app, &tenant, &bob, asked.row.id).await;
    assert!(matches!(refused, Err(Error::NotAllowed(_))), "{refused:?}");
    assert!(matches!(unregister(app, &tenant, &eve, asked.row.id).await, Err(Error::NotFound)));
    assert!(matches!(request(app, &tenant, &eve, case.wish.clone()).await, Err(Error::NotFound)));
    assert_eq!(case.site.mails().await.iter().filter(|(_, to)| to == "bob@example.org").count(), 1);
    let at_once = site.offered("third", |_, _| {}).await;
    let wish = Request { service_id: at_once.id, approval: Approval::AtOnce, ..case.wish.clone() };
    assert_eq!(request(app, &tenant, &case.admin, wish).await.unwrap().state(), Approved);
}

#[tokio::test]
async fn revoking_ends_what_was_issued_for_the_service_and_nothing_else() {
    // s.B6
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    let (ada, admin) = (site.developer("ada@example.org").await, site.admin().await);
    let (orders, bills) = (site.offered("orders", |_, _| {}).await, site.offered("bills", |_, _| {}).await);
    let made = site.application(&ada, "Shop").await;
    let (client, person) = (as_registered(&made), site.person("user@example.org").await);
    let mut contracts = Vec::new();
    for service in [&orders, &bills] {
        let asked = request(app, &tenant, &ada, Request::new(made.application.row.id, service.id)).await.unwrap();
        contracts.push(decide(app, &tenant, &admin, asked.row.id, Decision::Approve).await.unwrap());
    }
    let mut refresh = Vec::new();
    for service in [&orders, &bills] {
        let grant = site.grant_for(&client, &person, "orders:read offline_access", &[&service.audience]).await;
        let tokens = site.exchange(&grant).await.expect(200);
        refresh.push(tokens["refresh_token"].as_str().unwrap().to_owned());
    }
    decide(app, &tenant, &admin, contracts[0].row.id, REVOKE).await.unwrap();
    let families = entity::token_family::Entity::find().all(app.db.pool()).await.unwrap();
    let ended = |audience: &str| {
        let of = families.iter().find(|family| family.audience.contains(audience)).unwrap();
        of.revoked_reason.as_deref() == Some("contract_ended")
    };
    assert!(ended(&orders.audience) && !ended(&bills.audience), "{families:?}");
    for (refresh, status) in refresh.iter().zip([400, 200]) {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
        let auth = Auth::Basic(client["client_id"].as_str().unwrap(), client["client_secret"].as_str().unwrap());
        let answer = site.http.form("/token", auth, &form).await;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
}

#[tokio::test]
async fn what_a_contract_allows_is_changed_by_those_who_decide() {
    let case = Case::new().await;
    let (app, tenant) = (&case.site.app, case.site.tenant());
    let contract = case.in_state(Approved).await;
    let id = contract.row.id;
    let version = find(app, &tenant, &case.ada, id).await.unwrap().row.version;
    let limits = || Change {
        scopes: Some(Some(Words::from("orders:read"))),
        starts_at: Some(Some(10)),
        ends_at: Some(Some(20)),
    };
    let by_ada = contracts::change(app, &tenant, &case.ada, id, None, limits()).await;
    assert!(matches!(by_ada, Err(Error::NotAllowed(_))), "{by_ada:?}");
    let changed = contracts::change(app, &tenant, &case.admin, id, Some(version), limits()).await.unwrap().row;
    assert_eq!((changed.scopes, changed.starts_at, changed.ends_at), (Some("orders:read".into()), Some(10), Some(20)));
    let late = contracts::change(app, &tenant, &case.admin, id, Some(version), limits()).await;
    assert_eq!(conflict(late), Conflict::Changed);
    let odd = Change { scopes: Some(Some("burn".into())), ends_at: Some(Some(5)), ..Change::default() };
    let Err(Error::Invalid(wrong)) = contracts::change(app, &tenant, &case.admin, id, None, odd).await else {
        panic!()
    };
    assert_eq!(wrong.iter().map(|wrong| wrong.field.as_str()).collect::<Vec<_>>(), ["scopes", "ends_at"]);
}

#[tokio::test]
async fn of_two_decisions_at_once_one_wins() {
    for (first, second) in
        [(Decision::Approve, Decision::Approve), (Decision::Approve, REJECT), (Decision::Approve, REVOKE)]
    {
        let case = Case::new().await;
        let contract = case.ask().await.unwrap();
        let (one, two) = tokio::join!(case.decide(&contract, first.clone()), case.decide(&contract, second.clone()));
        let row = case.row().await;
        match (&one, &two) {
            // The revocation came after the approval: both were right.
            (Ok(_), Ok(_)) => assert_eq!((second == REVOKE, row.state), (true, Revoked)),
            (Ok(won), Err(Error::Conflict(_))) | (Err(Error::Conflict(_)), Ok(won)) => {
                assert_eq!((won.state(), row.version), (row.state, 1));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn of_two_requests_at_once_one_wins() {
    for before in [None, Some(Closed)] {
        let case = Case::new().await;
        if let Some(state) = before {
            case.in_state(state).await;
        }
        let (one, two) = tokio::join!(case.ask(), case.ask());
        let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
        assert_eq!(won.unwrap().state(), Pending);
        assert_eq!(conflict(lost), Conflict::AlreadyRequested(Pending));
        assert_eq!(case.row().await.state, Pending);
    }
}
