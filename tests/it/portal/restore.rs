//! Archived applications: how they come back, who comes first, and when they are gone for good.

use entity::application::{self as row, ApplicationStatus};
use entity::client::{self, ClientKind, ClientState};
use entity::contract::{self, ContractState};
use entity::id::ProviderId;
use entity::membership::MemberRole;
use entity::remote_call::{self, CallKind};
use entity::{client_secret, event};
use registrar::jobs::purge;
use registrar::portal::application::{self, Change, Filter, New};
use registrar::portal::application_type::Type;
use registrar::portal::client::Given;
use registrar::portal::contract::{Decision, Request, decide, request, unregister};
use registrar::portal::list::Wanted;
use registrar::portal::{Action, Error, membership};
use registrar::secret;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::told;
use crate::harness::TestApp;
use crate::harness::http::Auth;

const DAY: i64 = 86_400;

#[tokio::test]
async fn a_restored_application_works_as_before_but_for_what_others_decide() {
    spec!("portal/G33", "portal/G34", "portal/G35", "portal/G61", "portal/G63");
    let site = TestApp::start().await;
    let (app, tenant, admin) = (&site.app, site.tenant(), site.admin().await);
    let (ada, bob) = (site.developer("ada@example.org").await, site.developer("bob@example.org").await);
    let made = site.application(&ada, "Shop").await;
    let id = made.application.row.id;
    site.joins(&made.application.row, &bob, MemberRole::Owner).await;
    let mut contracts = Vec::new();
    for name in ["approved", "closed", "pending", "rejected", "revoked"] {
        // The policy of all would approve by itself.
        let service = site.offered(name, |_, policy| policy.auto_approve = name == "approved").await;
        contracts.push(request(app, &tenant, &ada, Request::new(id, service.id)).await.unwrap().row.id);
    }
    unregister(app, &tenant, &ada, contracts[1]).await.unwrap();
    decide(app, &tenant, &admin, contracts[3], Decision::Reject { reason: Some("no".into()) }).await.unwrap();
    decide(app, &tenant, &admin, contracts[4], Decision::Approve).await.unwrap();
    decide(app, &tenant, &admin, contracts[4], Decision::Revoke { reason: None }).await.unwrap();
    membership::set_mails(app, &tenant, &ada, id, membership::Mails::Off).await.unwrap();
    assert_eq!(told(application::restore(app, &tenant, &admin, id).await), "Conflict(Active)");
    application::archive(app, &tenant, &ada, id).await.unwrap();
    let archived = application::find_any(app, &tenant, &admin, id).await.unwrap().row;
    assert_eq!((archived.primary_owner_id, archived.notify), (None, false));

    let by_ada = application::restore(app, &tenant, &ada, id).await;
    assert!(matches!(by_ada, Err(Error::NotAllowed(Action::WriteApplications))), "{by_ada:?}");
    site.forget_mails().await;
    let (one, two) =
        tokio::join!(application::restore(app, &tenant, &admin, id), application::restore(app, &tenant, &admin, id));
    let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
    let lost = told(lost);
    assert!(["Conflict(Active)", "Conflict(Changed)"].contains(&lost.as_str()), "{lost}");
    let back = won.unwrap().row;
    assert_eq!((back.status, back.primary_owner_id), (ApplicationStatus::Active, admin.user_id()));
    assert_eq!((back.notify, back.archived_at), (true, None));
    let members = membership::list(app, &tenant, &admin, id).await.unwrap();
    assert_eq!(members.len(), 1, "nobody but the admin");
    for row in contract::Entity::find().all(app.db.pool()).await.unwrap() {
        assert_eq!((row.state, row.reason, row.processed_by), (ContractState::Pending, None, None));
    }
    let told_of = site.mails().await;
    let expected: Vec<(String, String)> =
        contracts.iter().map(|_| ("contract_requested".to_owned(), "admin@example.org".to_owned())).collect();
    assert_eq!(told_of, expected);
    // The client has the secret it had.
    let client = made.client.as_ref().unwrap();
    let auth = Auth::Basic(client.client_id(), made.secret.as_ref().unwrap().expose());
    let token = site.http.form("/token", auth, &[("grant_type", "client_credentials")]).await;
    assert_eq!(token.status, 200, "{}", token.text);
    let restored = event::Entity::find().filter(event::Column::Kind.eq("application_restored"));
    assert_eq!(restored.all(app.db.pool()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_archived_does_nothing_and_admins_see_it() {
    spec!("portal/D-23");
    let site = TestApp::start().await;
    let (app, tenant, admin) = (&site.app, site.tenant(), site.admin().await);
    let ada = site.developer("ada@example.org").await;
    let id = site.application(&ada, "Shop").await.application.row.id;
    let service = site.offered("one", |_, _| {}).await;
    application::archive(app, &tenant, &ada, id).await.unwrap();
    let archived = "Conflict(Archived)";
    assert_eq!(told(application::change(app, &tenant, &admin, id, None, Change::default()).await), archived);
    assert_eq!(told(membership::list(app, &tenant, &admin, id).await), archived);
    assert_eq!(told(request(app, &tenant, &admin, Request::new(id, service.id)).await), archived);
    let to = membership::Who::User(ada.user_id().unwrap());
    assert_eq!(told(membership::add(app, &tenant, &admin, id, to, membership::Role::User).await), archived);
    let moved = membership::transfer(app, &tenant, &admin, id, None, to, MemberRole::User).await;
    assert_eq!(told(moved), archived);
    assert_eq!(told(application::change(app, &tenant, &ada, id, None, Change::default()).await), "NotFound");
    let filter = Filter { status: Some(ApplicationStatus::Archived), ..Filter::default() };
    let listed = async |actor| application::list(app, &tenant, actor, &filter, &Wanted::first(10)).await.unwrap().total;
    assert_eq!((listed(&admin).await, listed(&ada).await), (1, 0));
}

#[tokio::test]
async fn an_identifier_belongs_to_whoever_has_it_first() {
    spec!("portal-8.2/client-id-once");
    let site = TestApp::start().await;
    let (app, tenant, admin) = (&site.app, site.tenant(), site.admin().await);
    let ada = site.developer("ada@example.org").await;
    let given = || Given { client_id: Some("mine".to_owned()), secret: None };
    let new = |name: &str, kind| New { given: given(), ..New::named(name, kind) };
    let first = application::create(app, &tenant, &ada, new("One", Type::BackendToBackend)).await.unwrap();
    let id = first.application.row.id;
    application::archive(app, &tenant, &ada, id).await.unwrap();
    // Archived, it holds nothing back.
    let second = application::create(app, &tenant, &ada, new("Two", Type::Simple)).await.unwrap().application.row.id;
    let refused = application::restore(app, &tenant, &admin, id).await;
    assert!(matches!(&refused, Err(Error::Taken { field: "client_id", value }) if value == "mine"), "{refused:?}");
    let row = application::find_any(app, &tenant, &admin, id).await.unwrap().row;
    assert_eq!((row.status, row.primary_owner_id), (ApplicationStatus::Archived, None), "all or nothing");
    application::archive(app, &tenant, &ada, second).await.unwrap();
    for round in 0..4 {
        let (back, fresh) = tokio::join!(
            application::restore(app, &tenant, &admin, id),
            application::create(app, &tenant, &ada, new(&format!("Round {round}"), Type::Simple)),
        );
        assert!(back.is_ok() != fresh.is_ok(), "{back:?} {fresh:?}");
        let (winner, lost) = match (back, fresh) {
            (Ok(_), Err(lost)) => (id, lost),
            (Err(lost), Ok(fresh)) => (fresh.application.row.id, lost),
            _ => unreachable!(),
        };
        assert!(matches!(lost, Error::Taken { field: "client_id", .. }), "{lost:?}");
        application::archive(app, &tenant, &admin, winner).await.unwrap();
    }
}

#[tokio::test]
async fn a_client_out_of_service_comes_back_out_of_service() {
    let site = TestApp::start().await;
    let (app, tenant, admin) = (&site.app, site.tenant(), site.admin().await);
    let made = site.application(&admin, "Shop").await;
    let mut off = made.client.as_ref().unwrap().row.clone().into_active_model();
    off.state = Set(ClientState::Disabled);
    off.update(app.db.pool()).await.unwrap();
    application::archive(app, &tenant, &admin, made.application.row.id).await.unwrap();
    application::restore(app, &tenant, &admin, made.application.row.id).await.unwrap();
    let row = client::Entity::find().one(app.db.pool()).await.unwrap().unwrap();
    assert_eq!((row.state, row.live_key), (ClientState::Disabled, Some(row.client_id)));
    assert_eq!((row.ended_at, row.ended_reason), (None, None));
}

#[tokio::test]
async fn an_archived_application_is_gone_after_the_days_its_tenant_keeps_it() {
    spec!("portal/D-5");
    let site = TestApp::at_a_standstill().await;
    let (app, tenant, admin) = (&site.app, site.tenant(), site.admin().await);
    let made = site.application(&admin, "Shop").await;
    let (id, kept) = (made.application.row.id, site.application(&admin, "Kept").await.application.row.id);
    let service = site.offered("one", |_, policy| policy.auto_approve = true).await;
    request(app, &tenant, &admin, Request::new(id, service.id)).await.unwrap();
    // Its client lives at a provider.
    let mut away = made.client.as_ref().unwrap().row.clone().into_active_model();
    let provider = ProviderId(secret::new_id());
    away.kind = Set(ClientKind::External);
    away.provider_id = Set(Some(provider));
    let managed = json!({
        "registration_client_uri": "https://op.example/register/shop",
        "registration_access_token": "t",
        "answer": {},
    });
    let context = [made.client.as_ref().unwrap().row.id.0.as_bytes(), b"remote".as_slice()].concat();
    let sealed = app.sealer.seal_text(secret::Purpose::Provider, &context, managed.to_string().as_bytes());
    away.remote_sealed = Set(Some(sealed));
    let away = away.update(app.db.pool()).await.unwrap();
    app.clients.forget_all();
    application::archive(app, &tenant, &admin, id).await.unwrap();

    app.clock.advance(90 * DAY - 1);
    purge::run(app).await.unwrap();
    registrar::jobs::expire::sweep(app).await.unwrap();
    assert!(application::find_any(app, &tenant, &admin, id).await.is_ok());
    assert_eq!(remote_call::Entity::find().all(app.db.pool()).await.unwrap(), []);
    app.clock.advance(1);
    purge::run(app).await.unwrap();
    assert!(matches!(application::find_any(app, &tenant, &admin, id).await, Err(Error::NotFound)));
    assert!(application::find(app, &tenant, &admin, kept).await.is_ok());
    assert_eq!(contract::Entity::find().all(app.db.pool()).await.unwrap(), []);
    assert_eq!(client::Entity::find_by_id(away.id).one(app.db.pool()).await.unwrap(), None);
    let secrets = client_secret::Entity::find().filter(client_secret::Column::ClientKey.eq(away.id));
    assert_eq!(secrets.all(app.db.pool()).await.unwrap(), []);
    let calls = remote_call::Entity::find().all(app.db.pool()).await.unwrap();
    let [call] = &calls[..] else { panic!("{calls:?}") };
    assert_eq!((call.provider_id, call.kind, call.client_key), (provider, CallKind::Delete, Some(away.id)));
    let log = site.log(tenant.id, &format!("application:{id}")).await;
    assert_eq!(log.last().unwrap()["name"], "Shop");
    assert_eq!(row::Entity::find().all(app.db.pool()).await.unwrap().len(), 1);
    assert_eq!(told(application::restore(app, &tenant, &admin, id).await), "NotFound");
}
