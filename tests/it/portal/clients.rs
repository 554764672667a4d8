//! Clients of an application, and their secrets: what is exchanged or removed is refused at once.

use entity::application::ApplicationStatus;
use entity::membership::MemberRole;
use registrar::oidc::client::rights::{self, Right};
use registrar::portal::client::{self, Change, Given, Grants, New, Which, secret};
use registrar::portal::{Actor, Conflict, Error, application};
use registrar::secret::Secret;

use crate::harness::TestApp;
use crate::harness::http::Auth;

async fn works(site: &TestApp, client_id: &str, secret: &str) -> bool {
    let form = [("grant_type", "client_credentials")];
    match site.http.form("/token", Auth::Basic(client_id, secret), &form).await.status {
        200 => true,
        401 => false,
        other => panic!("{other}"),
    }
}

fn conflict<T: std::fmt::Debug>(result: Result<T, Error>) -> Conflict {
    match result {
        Err(Error::Conflict(conflict)) => conflict,
        other => panic!("no conflict: {other:?}"),
    }
}

#[tokio::test]
async fn a_client_may_bring_its_credentials() {
    spec!("portal/K72");
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    let ada = site.developer("ada@example.org").await;
    let id = site.application(&ada, "Shop").await.application.row.id;
    let given = |client_id: &str, secret: &str| New {
        given: Given { client_id: Some(client_id.to_owned()), secret: Some(Secret::new(secret)) },
        ..New::default()
    };
    let value = "a secret that another gateway made";
    let added = client::add(app, &tenant, &ada, id, given("kong-7", value)).await.unwrap();
    assert_eq!(added.client.metadata.redirect_uris(), ["https://client.example/cb"]);
    assert!(works(&site, "kong-7", value).await);
    let taken = client::add(app, &tenant, &ada, id, given("kong-7", value)).await;
    assert!(matches!(taken, Err(Error::Taken { field: "client_id", .. })), "{taken:?}");
    let Err(Error::Invalid(wrong)) = client::add(app, &tenant, &ada, id, given("k 7", "short")).await else { panic!() };
    assert_eq!(wrong.iter().map(|wrong| wrong.field.as_str()).collect::<Vec<_>>(), ["client_id", "client_secret"]);
    assert_eq!(client::list(app, &tenant, &ada, id).await.unwrap().len(), 2);
    let shown = secret::reveal(app, &tenant, &ada, Which::of(id, "kong-7")).await.unwrap();
    assert_eq!(shown.unwrap().expose(), value);
    client::remove(app, &tenant, &ada, Which::of(id, "kong-7")).await.unwrap();
    assert!(!works(&site, "kong-7", value).await);
    let again = client::remove(app, &tenant, &ada, Which::of(id, "kong-7")).await;
    assert!(matches!(again, Err(Error::NotFound)), "{again:?}");
    assert_eq!(application::find(app, &tenant, &ada, id).await.unwrap().row.status, ApplicationStatus::Active);
}

#[tokio::test]
async fn a_client_may_have_several_secrets_and_one_exchanges_only_the_only_one() {
    spec!("portal/N25");
    // s.B14
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    let ada = site.developer("ada@example.org").await;
    let made = site.application(&ada, "Shop").await;
    let client_id = made.client.as_ref().unwrap().client_id().to_owned();
    let which = Which::of(made.application.row.id, &client_id);
    let first = made.secret.unwrap();
    let second = secret::add(app, &tenant, &ada, which, Some("spare".to_owned())).await.unwrap();
    assert!(works(&site, &client_id, first.expose()).await && works(&site, &client_id, second.value.expose()).await);
    let known = secret::list(app, &tenant, &ada, which).await.unwrap();
    assert_eq!(known.iter().map(|known| known.name.as_deref()).collect::<Vec<_>>(), [None, Some("spare")]);
    assert!(second.value.expose().ends_with(&known[1].hint) && known[1].hint.len() == 4);
    assert_eq!(conflict(secret::regenerate(app, &tenant, &ada, which).await), Conflict::SeveralSecrets);
    secret::remove(app, &tenant, &ada, which, known[0].id).await.unwrap();
    assert!(!works(&site, &client_id, first.expose()).await && works(&site, &client_id, second.value.expose()).await);
    let last = conflict(secret::remove(app, &tenant, &ada, which, known[1].id).await);
    assert!(matches!(last, Conflict::LastOne(_)), "{last:?}");
    let third = secret::regenerate(app, &tenant, &ada, which).await.unwrap();
    assert!(
        !works(&site, &client_id, second.value.expose()).await && works(&site, &client_id, third.value.expose()).await
    );
    let renamed = secret::rename(app, &tenant, &ada, which, third.info.id, Some("main".to_owned())).await.unwrap();
    assert_eq!(secret::list(app, &tenant, &ada, which).await.unwrap(), [renamed]);
}

#[tokio::test]
async fn of_two_removals_at_once_one_secret_is_left() {
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    let ada = site.developer("ada@example.org").await;
    let made = site.application(&ada, "Shop").await;
    let which = Which::of(made.application.row.id, made.client.as_ref().unwrap().client_id());
    secret::add(app, &tenant, &ada, which, None).await.unwrap();
    let ids: Vec<_> = secret::list(app, &tenant, &ada, which).await.unwrap().iter().map(|info| info.id).collect();
    let (one, two) = tokio::join!(
        secret::remove(app, &tenant, &ada, which, ids[0]),
        secret::remove(app, &tenant, &ada, which, ids[1]),
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert_eq!(secret::list(app, &tenant, &ada, which).await.unwrap().len(), 1);
    let (one, two) =
        tokio::join!(secret::regenerate(app, &tenant, &ada, which), secret::regenerate(app, &tenant, &ada, which),);
    assert!(one.is_ok() || two.is_ok());
    assert_eq!(secret::list(app, &tenant, &ada, which).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_client_is_found_only_below_its_own_application() {
    // s.B1, s.B2
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    let (ada, bob) = (site.developer("ada@example.org").await, site.developer("bob@example.org").await);
    let (shop, blog) = (site.application(&ada, "Shop").await, site.application(&bob, "Blog").await);
    let foreign = blog.client.as_ref().unwrap().client_id();
    let not_found = |result: Result<(), Error>| assert!(matches!(result, Err(Error::NotFound)), "{result:?}");
    for which in [
        Which::of(shop.application.row.id, foreign),
        Which::of(blog.application.row.id, foreign),
        Which::anywhere(foreign),
    ] {
        not_found(client::find(app, &tenant, &ada, which).await.map(drop));
        not_found(client::change(app, &tenant, &ada, which, Change::default()).await.map(drop));
        not_found(client::remove(app, &tenant, &ada, which).await);
        not_found(secret::reveal(app, &tenant, &ada, which).await.map(drop));
    }
    not_found(client::find(app, &tenant, &bob, Which::of(shop.application.row.id, foreign)).await.map(drop));
    let key = blog.client.as_ref().unwrap().row.id.to_string();
    for which in [Which::anywhere(&key), Which::of(blog.application.row.id, foreign)] {
        assert_eq!(client::find(app, &tenant, &bob, which).await.unwrap().client_id(), foreign);
    }
    site.joins(&blog.application.row, &ada, MemberRole::User).await;
    let which = Which::of(blog.application.row.id, foreign);
    assert!(client::find(app, &tenant, &ada, which).await.is_ok());
    let refused = secret::reveal(app, &tenant, &ada, which).await;
    assert!(matches!(refused, Err(Error::NotAllowed(_))), "{refused:?}");
    assert!(secret::reveal(app, &tenant, &Actor::operator("test"), which).await.unwrap().is_some());
}

#[tokio::test]
async fn a_changed_client_is_judged_like_a_new_one() {
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    let ada = site.developer("ada@example.org").await;
    let made = site.application(&ada, "Shop").await;
    let which = Which::of(made.application.row.id, made.client.as_ref().unwrap().client_id());
    let to = |uri: &str| Change { redirect_uris: Some(vec![uri.to_owned()]), ..Change::default() };
    let refused = client::change(app, &tenant, &ada, which, to("https://c.example/cb#x")).await;
    assert!(matches!(&refused, Err(Error::Invalid(wrong)) if wrong[0].field == "redirect_uris"), "{refused:?}");
    let change = Change { name: Some("Till".to_owned()), grants: Some(Grants::Usual), ..to("https://c.example/cb") };
    let changed = client::change(app, &tenant, &ada, which, change).await.unwrap();
    assert_eq!(changed.metadata.redirect_uris(), ["https://c.example/cb"]);
    assert_eq!((changed.row.name.as_deref(), changed.row.metadata_version), (Some("Till"), 2));
    assert!(works(&site, changed.client_id(), made.secret.unwrap().expose()).await);
    assert_eq!(application::find(app, &tenant, &ada, made.application.row.id).await.unwrap().row.name, "Shop");
}

#[tokio::test]
async fn a_token_with_scopes_gets_at_no_secret_that_buys_more() {
    // s.B4
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    let ada = site.developer("ada@example.org").await;
    let made = site.application(&ada, "Shop").await;
    let which = Which::of(made.application.row.id, made.client.as_ref().unwrap().client_id());
    let token = site.management_token("clients:write clients:read applications:write applications:read").await;
    let script = Actor::of_token(app, &tenant, &token).await.unwrap().unwrap();
    assert!(secret::add(app, &tenant, &script, which, None).await.is_ok());
    let right: Right = "developers:write".parse().unwrap();
    rights::change(app, &tenant, "test", which.client, rights::Change::Manage(vec![right])).await.unwrap();
    for refused in [
        secret::reveal(app, &tenant, &script, which).await.map(drop),
        secret::add(app, &tenant, &script, which, None).await.map(drop),
        secret::regenerate(app, &tenant, &script, which).await.map(drop),
        client::change(app, &tenant, &script, which, Change::default()).await.map(drop),
    ] {
        assert!(matches!(refused, Err(Error::NotAllowed(_))), "{refused:?}");
    }
    for actor in [&ada, &Actor::operator("test")] {
        assert!(secret::reveal(app, &tenant, actor, which).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn no_client_id_hides_the_row_of_another_client() {
    // s.B1
    let site = TestApp::start().await;
    let (app, tenant) = (&site.app, site.tenant());
    let ada = site.developer("ada@example.org").await;
    let made = site.application(&ada, "Shop").await;
    let key = made.client.as_ref().unwrap().row.id.to_string();
    let given = Given { client_id: Some(key.clone()), secret: None };
    let refused = client::add(app, &tenant, &ada, made.application.row.id, New { given, ..New::default() }).await;
    assert!(matches!(&refused, Err(Error::Invalid(wrong)) if wrong[0].field == "client_id"), "{refused:?}");
    let found = client::find(app, &tenant, &ada, Which::anywhere(&key)).await.unwrap();
    assert_eq!(found.client_id(), made.client.as_ref().unwrap().client_id());
}
