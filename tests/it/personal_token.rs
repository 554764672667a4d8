//! Does a personal token do what its person may, until it ends, and no more?

use entity::user::{self, Role};
use registrar::portal::personal_token::{self, Lifetime, New};
use registrar::portal::{Action, Actor, Error};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use std::sync::Arc;

use crate::harness::TestApp;

async fn person(server: &TestApp, email: &str, role: Role) -> Arc<user::Model> {
    let mut row = server.person(email).await.into_active_model();
    row.role = Set(role);
    Arc::new(row.update(server.app.db.pool()).await.unwrap())
}

fn new(scopes: &[&str], lifetime: Lifetime) -> New {
    New { name: "ci".into(), scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(), lifetime }
}

#[tokio::test]
async fn a_token_acts_for_its_person_within_its_scopes_until_it_ends_or_is_revoked() {
    let server = TestApp::at_a_standstill().await;
    let (app, tenant) = (&server.app, server.tenant());
    let ada = Actor::person(person(&server, "ada@example.org", Role::Admin).await);
    let (row, value) =
        personal_token::create(app, &tenant, &ada, new(&["services:read"], Lifetime::Days(2))).await.unwrap();
    assert!(value.expose().starts_with("pt_") && value.expose().ends_with(&row.hint));
    let script = Actor::of_token(app, &tenant, value.expose()).await.unwrap().unwrap();
    assert!(script.can(Action::ReadServices) && !script.can(Action::WriteServices));
    let refused = personal_token::create(app, &tenant, &script, new(&[], Lifetime::Usual)).await.unwrap_err();
    assert!(matches!(refused, Error::NotAllowed(_)), "{refused:?}");

    server.app.clock.advance(2 * 86_400);
    assert!(Actor::of_token(app, &tenant, value.expose()).await.unwrap().is_none());

    let (row, value) = personal_token::create(app, &tenant, &ada, new(&[], Lifetime::Endless)).await.unwrap();
    assert_eq!(row.expires_at, None);
    let bob = Actor::person(person(&server, "bob@example.org", Role::Developer).await);
    assert!(matches!(personal_token::revoke(app, &tenant, &bob, row.id).await, Err(Error::NotFound)));
    assert_eq!(personal_token::list(app, &tenant, &bob).await.unwrap(), []);
    personal_token::revoke(app, &tenant, &ada, row.id).await.unwrap();
    assert!(Actor::of_token(app, &tenant, value.expose()).await.unwrap().is_none());
    assert!(matches!(personal_token::revoke(app, &tenant, &ada, row.id).await, Err(Error::NotFound)));
    assert_eq!(personal_token::list(app, &tenant, &ada).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_developers_token_has_an_end_and_no_admins_scope() {
    let server = TestApp::start().await;
    let (app, tenant) = (&server.app, server.tenant());
    let ada = Actor::person(person(&server, "ada@example.org", Role::Developer).await);
    let made = personal_token::create(app, &tenant, &ada, new(&["clients:write"], Lifetime::Endless)).await;
    let Err(Error::Invalid(wrong)) = made else { panic!("{made:?}") };
    let fields: Vec<&str> = wrong.iter().map(|wrong| wrong.field.as_str()).collect();
    assert_eq!(fields, ["scopes", "expires_in_days"]);
    let (row, _) = personal_token::create(app, &tenant, &ada, new(&[], Lifetime::Usual)).await.unwrap();
    assert_eq!(row.expires_at, Some(row.created_at + 90 * 86_400));
    let eve = Actor::person(person(&server, "eve@example.org", Role::User).await);
    assert!(personal_token::create(app, &tenant, &eve, new(&[], Lifetime::Usual)).await.is_err());
}
