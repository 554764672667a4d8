//! Applications: made with a client, seen by those whose they are, put away with everything they could do.

use entity::application::{ApplicationStatus, Source};
use entity::contract::{self, ContractState};
use entity::event;
use entity::membership::{self, MemberRole};
use registrar::oidc::client::ApplicationType;
use registrar::portal::application::{self, Change, Filter, New, Whose};
use registrar::portal::contract::{Decision, Request, decide, request};
use registrar::portal::list::Wanted;
use registrar::portal::membership::Reach;
use registrar::portal::{Action, Conflict, Error, Rule};
use sea_orm::EntityTrait;

use super::parties::as_registered;
use crate::harness::TestApp;
use crate::harness::http::Auth;

fn conflict<T: std::fmt::Debug>(result: Result<T, Error>) -> Conflict {
    match result {
        Err(Error::Conflict(conflict)) => conflict,
        other => panic!("no conflict: {other:?}"),
    }
}

#[tokio::test]
async fn an_application_comes_with_a_client_whose_secret_works() {
    spec!("portal/K31", "portal/K32", "portal/K72");
    let site = TestApp::start().await;
    let ada = site.developer("ada@example.org").await;
    let made = site.application(&ada, "Shop").await;
    let row = &made.application.row;
    assert_eq!((row.name.as_str(), row.kind.as_str(), row.source), ("Shop", "web", Source::Portal));
    assert_eq!((row.primary_owner_id, row.status), (ada.user_id(), ApplicationStatus::Active));
    assert_eq!(made.application.reach, Reach::Own);
    assert_eq!(made.client.as_ref().unwrap().row.name.as_deref(), Some("Shop"));
    let id = made.client.as_ref().unwrap().client_id();
    let secret = made.secret.as_ref().unwrap().expose();
    assert_eq!((id.len(), secret.len()), (32, 64));
    let token = site.http.form("/token", Auth::Basic(id, secret), &[("grant_type", "client_credentials")]).await;
    assert_eq!(token.status, 200, "{}", token.text);
    let kinds: Vec<String> =
        event::Entity::find().all(site.app.db.pool()).await.unwrap().into_iter().map(|row| row.kind).collect();
    assert!(kinds.contains(&"application_created".to_owned()) && kinds.contains(&"client_registered".to_owned()));
}

#[tokio::test]
async fn every_field_that_is_wrong_is_told() {
    spec!("portal/N23");
    let site = TestApp::start().await;
    let (tenant, ada) = (site.tenant(), site.developer("ada@example.org").await);
    let odd = New {
        name: " ".to_owned(),
        custom_id: Some(String::new()),
        redirect_uris: vec!["javascript:alert(1)".to_owned()],
        ..New::named("", ApplicationType::Web)
    };
    let Err(Error::Invalid(wrong)) = application::create(&site.app, &tenant, &ada, odd).await else { panic!() };
    let fields: Vec<(&str, &Rule)> = wrong.iter().map(|wrong| (wrong.field.as_str(), &wrong.rule)).collect();
    assert_eq!(fields, [("name", &Rule::Required), ("custom_id", &Rule::Length), ("redirect_uris", &Rule::Form)]);
    let known =
        |name: &str| New { custom_id: Some("crm-7".to_owned()), ..New::named(name, ApplicationType::BackendToBackend) };
    application::create(&site.app, &tenant, &ada, known("One")).await.unwrap();
    let taken = application::create(&site.app, &tenant, &ada, known("Two")).await;
    assert!(matches!(taken, Err(Error::Taken { field: "custom_id", .. })), "{taken:?}");
    // Nothing of the second is left.
    let listed = application::list(&site.app, &tenant, &ada, &Filter::default(), &Wanted::first(10)).await.unwrap();
    assert_eq!(listed.total, 1);
    let native = application::create(
        &site.app,
        &tenant,
        &ada,
        New {
            redirect_uris: vec!["http://127.0.0.1:7777/cb".to_owned()],
            ..New::named("Phone", ApplicationType::Native)
        },
    );
    assert!(native.await.unwrap().secret.is_none());
    // Nobody makes applications for others but admins.
    let bob = site.developer("bob@example.org").await;
    let for_bob = || New { owner: bob.user_id(), ..known("Three") };
    let refused = application::create(&site.app, &tenant, &ada, for_bob()).await;
    assert!(matches!(refused, Err(Error::NotAllowed(Action::WriteApplications))), "{refused:?}");
    let new = New { custom_id: None, ..for_bob() };
    let by_admin = application::create(&site.app, &tenant, &site.admin().await, new).await.unwrap();
    assert_eq!(by_admin.application.row.source, Source::Admin);
    assert_eq!(by_admin.application.row.primary_owner_id, bob.user_id());
}

#[tokio::test]
async fn what_is_somebody_elses_is_not_there() {
    spec!("portal/K37", "portal/G58");
    // s.B1, s.B3, s.B4
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    let (ada, bob) = (site.developer("ada@example.org").await, site.developer("bob@example.org").await);
    let id = site.application(&ada, "Shop").await.application.row.id;
    site.application(&bob, "Blog").await;
    let rename = || Change { name: Some("Mine".to_owned()), ..Change::default() };
    assert!(matches!(application::find(app, &tenant, &bob, id).await, Err(Error::NotFound)));
    assert!(matches!(application::change(app, &tenant, &bob, id, None, rename()).await, Err(Error::NotFound)));
    assert!(matches!(application::archive(app, &tenant, &bob, id).await, Err(Error::NotFound)));
    let names = async |actor: &registrar::portal::Actor, filter: Filter| {
        let listed = application::list(app, &tenant, actor, &filter, &Wanted::first(10)).await.unwrap();
        assert_eq!(listed.total, listed.items.len() as u64);
        listed.items.into_iter().map(|item| item.row.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&bob, Filter::default()).await, ["Blog"]);
    let row = application::find(app, &tenant, &ada, id).await.unwrap().row;
    site.joins(&row, &bob, MemberRole::User).await;
    assert_eq!(names(&bob, Filter::default()).await, ["Shop", "Blog"]);
    assert_eq!(application::find(app, &tenant, &bob, id).await.unwrap().reach, Reach::See);
    let refused = application::change(app, &tenant, &bob, id, None, rename()).await;
    assert!(matches!(refused, Err(Error::NotAllowed(_))), "{refused:?}");
    let carl = site.developer("carl@example.org").await;
    site.joins(&row, &carl, MemberRole::Owner).await;
    application::change(app, &tenant, &carl, id, None, rename()).await.unwrap();
    // D-8
    let refused = application::archive(app, &tenant, &carl, id).await;
    assert!(matches!(refused, Err(Error::NotAllowed(_))), "{refused:?}");
    let admin = site.admin().await;
    assert_eq!(names(&admin, Filter::default()).await, ["Mine", "Blog"]);
    assert_eq!(names(&admin, Filter { whose: Whose::Mine, ..Filter::default() }).await, Vec::<String>::new());
    assert_eq!(names(&admin, Filter { search: Some("BLO".into()), ..Filter::default() }).await, ["Blog"]);
    assert_eq!(names(&admin, Filter { search: Some("%".into()), ..Filter::default() }).await, Vec::<String>::new());
    assert_eq!(names(&admin, Filter { owner: bob.user_id(), ..Filter::default() }).await, ["Blog"]);
}

#[tokio::test]
async fn a_change_is_made_by_whoever_saw_the_newest_version() {
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    let ada = site.developer("ada@example.org").await;
    let made = site.application(&ada, "Shop").await;
    let id = made.application.row.id;
    let change = |name: &str| Change {
        name: Some(name.to_owned()),
        redirect_uris: Some(vec!["https://new.example/cb".to_owned()]),
        ..Change::default()
    };
    let (one, two) = tokio::join!(
        application::change(app, &tenant, &ada, id, Some(0), change("One")),
        application::change(app, &tenant, &ada, id, Some(0), change("Two")),
    );
    let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
    let won = won.unwrap();
    assert_eq!(conflict(lost), Conflict::Changed);
    assert_eq!(won.row.version, 1);
    let clients = registrar::portal::client::list(app, &tenant, &ada, id).await.unwrap();
    assert_eq!(clients[0].row.name, Some(won.row.name));
    assert_eq!(clients[0].metadata.redirect_uris(), ["https://new.example/cb"]);
}

#[tokio::test]
async fn an_archived_application_can_nothing_any_more() {
    spec!("portal/D-16", "portal/G62");
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    let (ada, admin) = (site.developer("ada@example.org").await, site.admin().await);
    let made = site.application(&ada, "Shop").await;
    let id = made.application.row.id;
    site.joins(&made.application.row, &site.developer("bob@example.org").await, MemberRole::Owner).await;
    let (one, two) = (site.offered("one", |_, _| {}).await, site.offered("two", |_, _| {}).await);
    let approved = request(app, &tenant, &ada, Request::new(id, one.id)).await.unwrap();
    decide(app, &tenant, &admin, approved.row.id, Decision::Approve).await.unwrap();
    let pending = request(app, &tenant, &ada, Request::new(id, two.id)).await.unwrap();
    let person = site.person("user@example.org").await;
    let client = as_registered(&made);
    let tokens = site.exchange(&site.grant(&client, &person, "openid offline_access").await).await.expect(200);
    application::archive(app, &tenant, &ada, id).await.unwrap();

    assert!(matches!(application::find(app, &tenant, &ada, id).await, Err(Error::NotFound)));
    assert!(matches!(application::find(app, &tenant, &admin, id).await, Err(Error::NotFound)));
    let row = application::find_any(app, &tenant, &admin, id).await.unwrap().row;
    assert_eq!((row.status, row.primary_owner_id), (ApplicationStatus::Archived, None));
    assert_eq!(conflict(application::archive(app, &tenant, &admin, id).await), Conflict::Archived);
    assert!(membership::Entity::find().all(app.db.pool()).await.unwrap().is_empty());
    let contracts = contract::Entity::find();
    let contracts = contracts.all(app.db.pool()).await.unwrap();
    let of = |id| contracts.iter().find(|row| row.id == id).unwrap();
    assert_eq!(of(approved.row.id).state, ContractState::Closed);
    assert_eq!(of(pending.row.id).state, ContractState::Rejected);
    assert_eq!(of(pending.row.id).reason.as_deref(), Some("Subscription has been closed."));
    let again = decide(app, &tenant, &admin, pending.row.id, Decision::Approve).await;
    assert_eq!(conflict(again), Conflict::Archived);
    let (client_id, secret) = (client["client_id"].as_str().unwrap(), client["client_secret"].as_str().unwrap());
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    assert_eq!(site.http.form("/token", Auth::Basic(client_id, secret), &form).await.status, 401);
}

#[tokio::test]
async fn no_contract_outlives_its_application() {
    // An application that is archived while it asks for a service.
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    let ada = site.developer("ada@example.org").await;
    let service = site.offered("one", |_, policy| policy.auto_approve = true).await;
    for round in 0..6 {
        let id = site.application(&ada, &format!("Shop {round}")).await.application.row.id;
        let (archived, asked) = tokio::join!(
            application::archive(app, &tenant, &ada, id),
            request(app, &tenant, &ada, Request::new(id, service.id)),
        );
        archived.unwrap();
        match asked {
            Ok(_) | Err(Error::Conflict(Conflict::Archived) | Error::NotFound) => {}
            other => panic!("{other:?}"),
        }
    }
    let rows = contract::Entity::find().all(app.db.pool()).await.unwrap();
    assert!(rows.iter().all(|row| row.state == ContractState::Closed), "{rows:?}");
}
