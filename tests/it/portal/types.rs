//! Application types: which there are, what they take, and where their clients are registered.

use entity::client::ClientKind;
use entity::contract::ContractState;
use entity::provider::{self, Place, TicketFrom};
use entity::word::Words;
use registrar::oidc::client::{GrantType, record};
use registrar::portal::application::{self, Change, Filter, New, Order, Registration};
use registrar::portal::application_type::{Refused, Type};
use registrar::portal::client::{self, Given, Grants};
use registrar::portal::contract::{
    Clients, Decision, OnRejected, Processed, Request, Verdict, decide, process, request, unregister,
};
use registrar::portal::list::Wanted;
use registrar::portal::settings::patch;
use registrar::portal::{Conflict, Error, Rule};
use registrar::secret;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::{admin, told, wrong};
use crate::harness::TestApp;
use crate::harness::http::Auth;

fn named(client_id: &str) -> New {
    let given = Given { client_id: Some(client_id.to_owned()), secret: None };
    New { given, ..New::named("Simple", Type::Simple) }
}

fn of_type(kind: Type, grants: &[&str], uris: &[&str]) -> New {
    New {
        grants: Grants::OfType(grants.iter().map(|word| (*word).to_owned()).collect()),
        redirect_uris: uris.iter().map(|uri| (*uri).to_owned()).collect(),
        ..New::named("Typed", kind)
    }
}

#[tokio::test]
async fn a_simple_application_has_no_client_but_may_be_known_elsewhere() {
    spec!("portal/G3", "portal/G59");
    let site = TestApp::start().await;
    let (app, tenant, ada) = (&site.app, site.tenant(), site.developer("ada@example.org").await);
    let bare = application::create(app, &tenant, &ada, New::named("Bare", Type::Simple)).await.unwrap();
    assert_eq!((bare.application.row.kind.as_str(), bare.secret.is_none()), ("simple", true));
    assert!(bare.client.is_none());
    let made = application::create(app, &tenant, &ada, named("elsewhere.1")).await.unwrap();
    let (id, known) = (made.application.row.id, made.client.unwrap());
    assert_eq!((known.client_id(), known.row.kind, made.secret.is_none()), ("elsewhere.1", ClientKind::External, true));
    // It gets nothing here, and nobody else has its name.
    assert!(record::find_any(app, &tenant, "elsewhere.1").await.unwrap().is_none());
    let form = [("grant_type", "client_credentials"), ("client_id", "elsewhere.1")];
    assert_eq!(site.http.form("/token", Auth::None, &form).await.status, 401);
    let which = client::Which::of(id, "elsewhere.1");
    assert_eq!(wrong(client::secret::add(app, &tenant, &ada, which, None).await), [(String::new(), Rule::Fixed)]);
    let taken = application::create(app, &tenant, &ada, named("elsewhere.1")).await;
    assert!(matches!(taken, Err(Error::Taken { field: "client_id", .. })), "{taken:?}");
    let odd = New { redirect_uris: vec!["https://c.example/cb".into()], ..named("a b") };
    let odd = wrong(application::create(app, &tenant, &ada, odd).await);
    assert_eq!(odd, [("redirect_uris".to_owned(), Rule::Contradiction)]);

    let change = async |id, client_id: Option<&str>| {
        let change = Change { client_id: Some(client_id.map(str::to_owned)), ..Change::default() };
        application::change(app, &tenant, &ada, id, None, change).await
    };
    let bare = bare.application.row.id;
    assert!(matches!(change(bare, Some("elsewhere.1")).await, Err(Error::Taken { field: "client_id", .. })));
    change(bare, Some("elsewhere.2")).await.unwrap();
    change(bare, None).await.unwrap();
    assert_eq!(client::list(app, &tenant, &ada, bare).await.unwrap().len(), 0);

    let service = site.offered("one", |_, _| {}).await;
    let contract = request(app, &tenant, &ada, Request::new(id, service.id)).await.unwrap();
    assert_eq!(told(change(id, None).await), "Conflict(ClientNeeded)");
    change(id, Some("elsewhere.3")).await.unwrap();
    let clients = client::list(app, &tenant, &ada, id).await.unwrap();
    assert_eq!(clients.iter().map(|client| client.client_id()).collect::<Vec<_>>(), ["elsewhere.3"]);
    unregister(app, &tenant, &ada, contract.row.id).await.unwrap();
    change(id, None).await.unwrap();
    let web = site.application(&ada, "Web").await.application.row.id;
    assert_eq!(wrong(change(web, Some("mine")).await), [("client_id".to_owned(), Rule::Fixed)]);
}

#[tokio::test]
async fn each_type_takes_its_grants_and_a_refusal_says_which_rule() {
    spec!("portal/G19", "portal/G57", "portal/D-7");
    let site = TestApp::start().await;
    let (app, tenant, ada) = (&site.app, site.tenant(), site.developer("ada@example.org").await);
    let uri = "https://c.example/cb";
    let made = application::create(app, &tenant, &ada, of_type(Type::Web, &["refresh_token"], &[uri])).await.unwrap();
    let grants = made.client.unwrap().metadata.grant_types().to_vec();
    assert_eq!(grants, [GrantType::AuthorizationCode, GrantType::RefreshToken]);
    let rules = async |new: New| wrong(application::create(app, &tenant, &ada, new).await);
    let wanted = vec!["password".to_owned()];
    assert_eq!(
        rules(of_type(Type::Browser, &["password"], &[])).await,
        [
            ("grant_types".to_owned(), Rule::OfType(Refused::GrantTypesNotAllowed { kind: Type::Browser, wanted })),
            ("redirect_uris".to_owned(), Rule::OfType(Refused::RedirectUrisNotFound)),
        ]
    );
    assert_eq!(
        rules(of_type(Type::BackendToBackend, &[], &[])).await,
        [("grant_types".to_owned(), Rule::OfType(Refused::GrantTypesNotFound))]
    );
    let change = Change { grants: Some(Grants::OfType(vec!["client_credentials".to_owned()])), ..Change::default() };
    let changed = application::change(app, &tenant, &ada, made.application.row.id, None, change).await;
    assert!(matches!(wrong(changed).as_slice(), [(field, Rule::OfType(_))] if field == "grant_types"));
}

#[tokio::test]
async fn a_type_that_is_off_is_off_for_everybody() {
    spec!("portal/G2", "portal/G53");
    let site = TestApp::start().await;
    let app = &site.app;
    let types = |on: Value| json!({ "types": on });
    patch(app, &site.tenant(), &admin(), &types(json!({"web": false, "simple": false}))).await.unwrap();
    let tenant = site.tenant();
    let enabled: Vec<Type> = application::types(&tenant).collect();
    assert_eq!(enabled, [Type::Browser, Type::Native, Type::BackendToBackend]);
    let somebody = site.with_role("somebody@example.org", entity::user::Role::Admin).await;
    for kind in [Type::Web, Type::Simple] {
        let refused = application::create(app, &tenant, &somebody, New::named("No", kind)).await;
        let text = format!("Application type '{}' is not allowed", kind.id());
        assert!(refused.as_ref().is_err_and(|error| error.describe().contains(&text)), "{refused:?}");
        assert_eq!(wrong(refused), [("type".to_owned(), Rule::OfType(Refused::TypeNotAllowed(kind)))]);
    }
    let token = site.management_token("applications:read").await;
    let listed = site.http.json("GET", "/api/admin/application-types", Auth::Bearer(&token), &Value::Null).await.json();
    let ids: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|kind| &kind["id"]).collect();
    assert_eq!(ids, ["browser", "native", "backend_to_backend"]);
    assert_eq!(listed["items"][1]["allowed_grant_types"][3]["response_types"], json!(["token", "id_token"]));
}

#[tokio::test]
async fn registering_elsewhere_has_to_be_switched_on() {
    spec!("portal/G4", "portal/G7", "portal/D-3");
    let site = TestApp::start().await;
    let (app, tenant, ada) = (&site.app, site.tenant(), site.developer("ada@example.org").await);
    let backend = || New::named("Backend", Type::BackendToBackend);
    // Without a provider this server registers.
    application::create(app, &tenant, &ada, backend()).await.unwrap();
    let now = app.clock.now();
    let row = provider::Model {
        id: secret::new_id().into(),
        tenant_id: tenant.id,
        name: "Elsewhere".into(),
        description: None,
        place: Place::Elsewhere,
        default_key: Some(tenant.id.to_string()),
        discovery_endpoint: "https://elsewhere.example/.well-known/openid-configuration".into(),
        ticket_from: TicketFrom::InitialAccessToken,
        client_id: None,
        client_secret_sealed: None,
        scopes: Words::default(),
        initial_access_token_sealed: None,
        software_id: None,
        renew_secret: false,
        renew_secret_endpoint: None,
        renew_secret_method: None,
        claim_mappings: json!({}),
        tls_sealed: None,
        metadata: json!({}),
        metadata_at: now,
        failed_at: None,
        failure: None,
        version: 0,
        created_at: now,
        updated_at: now,
    };
    let row = row.into_active_model().reset_all().insert(app.db.pool()).await.unwrap();
    let refused = application::create(app, &tenant, &ada, backend()).await;
    assert!(matches!(refused, Err(Error::Conflict(Conflict::ClientRegistrationOff))), "{refused:?}");
    assert_eq!(refused.err().unwrap().describe(), "The client registration is disabled");
    application::create(app, &tenant, &ada, New::named("Simple", Type::Simple)).await.unwrap();
    assert!(matches!(application::registration(app, &tenant).await.unwrap(), Registration::Elsewhere(_)));
    let mut here = row.into_active_model();
    here.place = sea_orm::ActiveValue::Set(Place::Here);
    here.update(app.db.pool()).await.unwrap();
    application::create(app, &tenant, &ada, backend()).await.unwrap();
}

#[tokio::test]
async fn a_request_is_refused_for_the_first_of_all_reasons() {
    spec!("portal/G67", "portal/G69");
    let site = TestApp::start().await;
    let (app, tenant, ada) = (&site.app, site.tenant(), site.developer("ada@example.org").await);
    let admin = site.admin().await;
    let id =
        application::create(app, &tenant, &ada, New::named("Bare", Type::Simple)).await.unwrap().application.row.id;
    let off = site.offered("off", |_, policy| policy.enabled = false).await;
    let on = site.offered("on", |_, policy| policy.comment_required = true).await;
    let ask =
        |service| Request { clients: Clients::Needed, on_rejected: OnRejected::Again, ..Request::new(id, service) };
    assert_eq!(told(request(app, &tenant, &ada, ask(off.id)).await), "Conflict(RegistrationDisabled)");
    assert_eq!(told(request(app, &tenant, &ada, ask(on.id)).await), "Conflict(NoClient)");
    let known = Change { client_id: Some(Some("elsewhere".into())), ..Change::default() };
    application::change(app, &tenant, &ada, id, None, known).await.unwrap();
    assert_eq!(wrong(request(app, &tenant, &ada, ask(on.id)).await), [("comment".to_owned(), Rule::Required)]);
    let said = || Request { comment: Some("please".into()), ..ask(on.id) };
    let contract = request(app, &tenant, &ada, said()).await.unwrap().row.id;
    assert_eq!(told(request(app, &tenant, &ada, said()).await), "Conflict(AlreadyRequested(Pending))");

    let accept =
        |starts_at, ends_at| Processed { verdict: Verdict::Accept, reason: Some("welcome".into()), starts_at, ends_at };
    let odd = process(app, &tenant, &admin, contract, accept(Some(20), Some(10))).await;
    assert_eq!(wrong(odd), [("ends_at".to_owned(), Rule::Contradiction)]);
    let refused = process(app, &tenant, &ada, contract, accept(None, None)).await;
    assert!(matches!(refused, Err(Error::NotAllowed(_))), "{refused:?}");
    let row = process(app, &tenant, &admin, contract, accept(Some(10), Some(20))).await.unwrap().row;
    assert_eq!((row.state, row.starts_at, row.ends_at), (ContractState::Approved, Some(10), Some(20)));
    assert_eq!(row.reason.as_deref(), Some("welcome"));
    let again = process(app, &tenant, &admin, contract, accept(None, None)).await;
    assert_eq!(told(again), "Conflict(ContractState(Approved))");
    decide(app, &tenant, &admin, contract, Decision::Suspend).await.unwrap();
    let row = decide(app, &tenant, &admin, contract, Decision::Resume).await.unwrap().row;
    assert_eq!((row.suspended, row.ends_at), (false, Some(20)));
}

#[tokio::test]
async fn a_list_has_an_order_and_no_pictures() {
    let site = TestApp::at_a_standstill().await;
    let (app, tenant, ada) = (&site.app, site.tenant(), site.developer("ada@example.org").await);
    let picture = "data:image/gif;base64,R0lGODlhAQABAAAAACw=";
    let mut ids = Vec::new();
    for name in ["b", "C", "a%"] {
        let new = New { picture: Some(picture.into()), ..New::named(name, Type::Simple) };
        ids.push(application::create(app, &tenant, &ada, new).await.unwrap().application.row.id);
    }
    app.clock.advance(10);
    let change = Change { name: Some("B".into()), kept: Some(Some(json!({"x": 1}))), ..Change::default() };
    application::change(app, &tenant, &ada, ids[0], None, change).await.unwrap();
    let listed = async |order, search: Option<&str>, skip| {
        let filter = Filter { order, search: search.map(str::to_owned), ..Filter::default() };
        let wanted = Wanted { after: None, skip, limit: 2 };
        let listed = application::list(app, &tenant, &ada, &filter, &wanted).await.unwrap();
        assert!(listed.items.iter().all(|item| item.row.picture.is_none()));
        listed.items.into_iter().map(|item| item.row.name).collect::<Vec<_>>()
    };
    assert_eq!(listed(Order::Name, None, 0).await, ["a%", "B"]);
    assert_eq!(listed(Order::Name, None, 2).await, ["C"]);
    assert_eq!(listed(Order::NameDescending, None, 0).await, ["C", "B"]);
    assert_eq!(listed(Order::LastUpdated, None, 0).await, ["B", "C"]);
    assert_eq!(listed(Order::Updated, None, 0).await, ["C", "a%"]);
    assert_eq!(listed(Order::Newest, None, 0).await, ["a%", "C"]);
    assert_eq!(listed(Order::Name, Some("%"), 0).await, ["a%"]);
    let row = application::find(app, &tenant, &ada, ids[0]).await.unwrap().row;
    assert_eq!((row.picture.as_deref(), row.kept), (Some(picture), Some(json!({"x": 1}))));
    let shown = application::picture(app, &tenant, &ada, ids[1]).await.unwrap().unwrap();
    assert_eq!((shown.media_type, &shown.bytes[..6]), ("image/gif", &b"GIF89a"[..]));
    let svg = Change { picture: Some(Some("data:image/svg+xml;base64,PHN2Zz4=".into())), ..Change::default() };
    let refused = application::change(app, &tenant, &ada, ids[0], None, svg).await;
    assert_eq!(wrong(refused), [("picture".to_owned(), Rule::Form)]);
}
