//! Does managing a client keep its promises, also when several callers change it at once?

use entity::application::{self, ApplicationStatus};
use entity::client::{self, ClientState};
use entity::{client_secret, token_family};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryTrait, sea_query::Expr};
use serde_json::json;

use super::house::{NOW, PAGE, caller, code, family, id, interop, token};
use crate::db::Rows;
use crate::oidc::Code;
use crate::oidc::client::record;
use crate::oidc::registration::renew;

#[tokio::test]
async fn the_token_of_another_client_is_refused_like_an_unknown_client_and_stays_alive() {
    // R20, s.M1, s.M3, s.M16
    let house = interop().await;
    let (one, two) = (house.register(None, PAGE).await.unwrap(), house.register(None, PAGE).await.unwrap());
    let foreign = house.read(token(&one), id(&two)).await.unwrap_err();
    let unknown = house.read(token(&one), "doesnotexist").await.unwrap_err();
    let odd = house.read(token(&one), "..%2f\u{0}").await.unwrap_err();
    for error in [&unknown, &odd] {
        assert_eq!((error.code, &error.description), (foreign.code, &foreign.description));
    }
    assert_eq!(foreign.code, Code::InvalidToken);
    assert_eq!(code(house.delete(token(&one), id(&two)).await), Code::InvalidToken);
    assert_eq!(house.events("registration_token_misused").await, 3);
    assert!(house.read(token(&one), id(&one)).await.is_ok());
    assert!(house.read(token(&two), id(&two)).await.is_ok());
}

#[tokio::test]
async fn an_update_rotates_the_token_and_the_old_one_lives_until_the_new_one_is_used() {
    // R18, R19, s.M11, s.M18, G43
    let house = interop().await;
    let before = house.register(None, PAGE).await.unwrap();
    let client_id = id(&before);
    let wanted = json!({"client_id": client_id, "redirect_uris": ["https://b.example/cb"], "client_name": "New"});
    let first = house.put(token(&before), client_id, wanted.clone()).await.unwrap();
    assert_eq!(first.client_secret, before.client_secret);
    assert_eq!(first.client_id_issued_at, Some(NOW));
    assert_eq!(first.metadata.redirect_uris(), ["https://b.example/cb"]);
    // The answer was lost: the old token still works, and what it led to is forgotten.
    let second = house.put(token(&before), client_id, wanted).await.unwrap();
    assert_eq!(code(house.read(token(&first), client_id).await), Code::InvalidToken);
    assert!(house.read(token(&before), client_id).await.is_ok());
    assert!(house.read(token(&second), client_id).await.is_ok());
    assert_eq!(code(house.read(token(&before), client_id).await), Code::InvalidToken);
    let row = house.row(client_id).await;
    assert_eq!((row.metadata_version, row.registration_token_previous_hash), (3, None));
    assert_eq!(row.name.as_deref(), Some("New"));
    let found = record::find(&house.app, &house.tenant, client_id).await.unwrap().unwrap();
    assert_eq!(found.metadata.redirect_uris(), ["https://b.example/cb"]);
}

#[tokio::test]
async fn an_update_that_is_refused_changes_nothing() {
    // s.M5, s.M6, s.M7, s.M8, S1
    let house = interop().await;
    let before = house.register(None, PAGE).await.unwrap();
    let client_id = id(&before);
    let bodies = [
        json!({"redirect_uris": ["https://b.example/cb"]}),
        json!({"client_id": "other", "redirect_uris": ["https://b.example/cb"]}),
        json!({"client_id": client_id, "redirect_uris": ["https://b.example/cb"], "client_secret": "chosen"}),
        json!({"client_id": client_id, "redirect_uris": ["javascript:alert(1)"]}),
        json!({"client_id": client_id}),
    ];
    for body in bodies {
        assert_eq!(house.put(token(&before), client_id, body).await.unwrap_err().code.status(), 400);
    }
    let after = house.read(token(&before), client_id).await.unwrap();
    assert_eq!(serde_json::to_value(&after).unwrap(), serde_json::to_value(&before).unwrap());
    assert_eq!(house.row(client_id).await.metadata_version, 1);
}

#[tokio::test]
async fn the_secret_comes_and_goes_with_the_authentication_method_and_renewal_replaces_it() {
    // R16, s.M9, G16, s.R64
    let house = interop().await;
    let before = house.register(None, PAGE).await.unwrap();
    let client_id = id(&before);
    let public = house.patch(token(&before), client_id, json!({"token_endpoint_auth_method": "none"})).await.unwrap();
    assert_eq!((&public.client_secret, public.client_secret_expires_at), (&None, None));
    assert_eq!(public.metadata.redirect_uris(), before.metadata.redirect_uris());
    let renewed = renew::renew_secret(&house.app, &house.tenant, caller(Some(token(&public))), client_id).await;
    assert_eq!(code(renewed), Code::InvalidRequest);
    let method = json!({"token_endpoint_auth_method": "client_secret_post"});
    let again = house.patch(token(&public), client_id, method).await.unwrap();
    assert!(again.client_secret.is_some() && again.client_secret != before.client_secret);
    let renewed = renew::renew_secret(&house.app, &house.tenant, caller(Some(token(&again))), client_id).await.unwrap();
    assert!(renewed.client_secret.is_some() && renewed.client_secret != again.client_secret);
    assert_eq!(renewed.client_secret_expires_at, Some(0));
    let kept = client_secret::Entity::find().all(house.app.db.pool()).await.unwrap();
    let hashes: Vec<&str> = kept.iter().map(|row| row.hash.as_str()).collect();
    assert_eq!(hashes, [renewed.client_secret.as_ref().unwrap().hash().as_str()]);
    let read = house.read(token(&renewed), client_id).await.unwrap();
    assert_eq!(read.client_secret, renewed.client_secret);
    assert_eq!(house.events("client_secret_renewed").await, 1);
}

#[tokio::test]
async fn of_several_updates_at_once_one_wins_and_one_line_of_tokens_lives() {
    // s.M12
    let house = interop().await;
    let before = house.register(None, PAGE).await.unwrap();
    let client_id = id(&before);
    let wanted =
        |n| json!({"client_id": client_id, "redirect_uris": ["https://a.example/cb"], "client_name": format!("n{n}")});
    let asked: Vec<_> = (0..8).map(|n| house.put(token(&before), client_id, wanted(n))).collect();
    let outcomes = futures_util::future::join_all(asked).await;
    let mut winners = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(information) => winners.push(information),
            Err(error) => assert_eq!(error.code, Code::Conflict),
        }
    }
    assert!(!winners.is_empty());
    let row = house.row(client_id).await;
    assert_eq!(row.metadata_version, 1 + i64::try_from(winners.len()).unwrap());
    let mut alive = 0;
    for winner in &winners {
        alive += usize::from(house.read(token(winner), client_id).await.is_ok());
    }
    assert_eq!(alive, 1);
    assert_eq!(code(house.read(token(&before), client_id).await), Code::InvalidToken);
}

#[tokio::test]
async fn of_several_deletions_at_once_one_succeeds_and_everything_is_gone() {
    // s.M13, s.M14, registration.md §6
    let house = interop().await;
    let information = house.register(None, PAGE).await.unwrap();
    let client_id = id(&information);
    let key = house.row(client_id).await.id;
    house.app.db.insert(Rows { token_families: vec![family(&house, key)], ..Rows::default() }).await.unwrap();
    let asked: Vec<_> = (0..8).map(|_| house.delete(token(&information), client_id)).collect();
    let outcomes = futures_util::future::join_all(asked).await;
    let (deleted, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(deleted.len(), 1);
    assert!(refused.into_iter().all(|outcome| code(outcome) == Code::InvalidToken));
    let row = house.row(client_id).await;
    assert_eq!((row.state, row.live_key, row.registration_token_hash), (ClientState::Ended, None, None));
    assert_eq!((row.name.as_deref(), row.ended_at), (Some("Page"), Some(NOW)));
    assert_eq!(row.ended_reason.as_deref(), Some("deleted"));
    let pool = house.app.db.pool();
    assert_eq!(client_secret::Entity::find().count(pool).await.unwrap(), 0);
    let family = token_family::Entity::find().one(pool).await.unwrap().unwrap();
    assert_eq!(family.revoked_at, Some(NOW));
    let application = application::Entity::find().one(pool).await.unwrap().unwrap();
    assert_eq!(application.status, ApplicationStatus::Archived);
    assert_eq!(house.events("client_deleted").await, 1);
    assert!(record::find_any(&house.app, &house.tenant, client_id).await.unwrap().is_none());
    assert_eq!(code(house.read(token(&information), client_id).await), Code::InvalidToken);
    let wanted = json!({"client_id": client_id, "redirect_uris": ["https://a.example/cb"]});
    assert_eq!(code(house.put(token(&information), client_id, wanted).await), Code::InvalidToken);
}

#[tokio::test]
async fn a_client_that_an_admin_took_out_of_service_cannot_manage_itself() {
    // s.M10
    let house = interop().await;
    let information = house.register(None, PAGE).await.unwrap();
    let client_id = id(&information);
    let disable = client::Entity::update_many().col_expr(client::Column::State, Expr::value(ClientState::Disabled));
    house.app.db.execute(disable.build(house.app.db.backend())).await.unwrap();
    let wanted = json!({"client_id": client_id, "redirect_uris": ["https://a.example/cb"]});
    assert_eq!(code(house.put(token(&information), client_id, wanted).await), Code::InvalidToken);
    assert_eq!(code(house.delete(token(&information), client_id).await), Code::InvalidToken);
    assert_eq!(house.row(client_id).await.state, ClientState::Disabled);
}

#[tokio::test]
async fn the_scope_dcr_registers_and_dcr_admin_manages_what_registered_itself() {
    // registration.md §4, s.R55
    let house = interop().await;
    let information = house.register(None, PAGE).await.unwrap();
    let client_id = id(&information);
    let registrar = house.access_token("dcr", "dcr").await;
    let admin = house.access_token("dcr dcr_admin", "dcr_admin").await;
    let registered = house.register(Some(&registrar), PAGE).await.unwrap();
    assert!(registered.registration_access_token.is_some());
    assert!(house.register(Some(&admin), PAGE).await.is_ok());
    assert_eq!(code(house.read(&registrar, client_id).await), Code::InsufficientScope);
    let read = house.read(&admin, client_id).await.unwrap();
    assert_eq!((read.client_secret, &read.registration_access_token), (information.client_secret.clone(), &None));
    let changed = house.patch(&admin, client_id, json!({"client_name": "Named"})).await.unwrap();
    assert_eq!(changed.metadata.name(&[]), Some("Named"));
    // An admin's change leaves the client its token.
    assert!(house.read(token(&information), client_id).await.is_ok());
    // What an admin or a developer made is not for machines to change.
    let made = application::Entity::update_many()
        .col_expr(application::Column::Source, Expr::value(application::Source::Admin))
        .filter(application::Column::Name.eq("Named"));
    house.app.db.execute(made.build(house.app.db.backend())).await.unwrap();
    assert_eq!(code(house.delete(&admin, client_id).await), Code::InvalidToken);
    // A right that was taken away, or a client that was, is worth nothing at once.
    let taken = client::Entity::update_many().col_expr(client::Column::Rights, Expr::value(""));
    house.app.db.execute(taken.build(house.app.db.backend())).await.unwrap();
    house.app.clients.forget_all();
    assert_eq!(code(house.register(Some(&registrar), PAGE).await), Code::InsufficientScope);
}
