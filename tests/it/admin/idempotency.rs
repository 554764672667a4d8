//! Does what is asked for twice happen once? `Idempotency-Key`.

use entity::idempotency;
use futures_util::future::join_all;
use registrar::portal::Actor;
use registrar::portal::idempotency::{Begun, Key, begin};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::{Desk, plainly, refused};
use crate::harness::http::Answer;
use crate::harness::party::text;

fn wanted() -> Value {
    json!({"name": "App", "type": "web", "redirect_uris": ["https://client.example/cb"]})
}

impl Desk {
    async fn once(&self, token: &str, key: &str, path: &str, body: &Value) -> Answer {
        self.with(token, "POST", path, ("Idempotency-Key", key), body).await
    }

    async fn applications(&self) -> Value {
        self.get(&self.admin, "/applications").await.expect(200)["total"].clone()
    }
}

#[tokio::test]
async fn a_request_that_is_sent_again_gets_the_first_answer_byte_for_byte() {
    spec!("security/s.B14");
    let desk = Desk::open().await;
    let first = desk.once(&desk.ada, "k 1", "/applications", &wanted()).await;
    let made = first.expect(201);
    let again = desk.once(&desk.ada, "k 1", "/applications", &wanted()).await;
    assert_eq!((again.status, &again.text), (201, &first.text));
    for name in ["content-type", "etag", "location", "cache-control"] {
        assert_eq!(again.header(name), first.header(name), "{name}");
    }
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    assert_eq!(desk.applications().await, 1);
    // The secret is told again, but it lies nowhere open.
    let rows = idempotency::Entity::find().all(desk.server.app.db.pool()).await.unwrap();
    assert!(!format!("{rows:?}").contains(text(&made, "client_secret")));
    assert!(!format!("{rows:?}").contains("k 1"));
}

#[tokio::test]
async fn a_key_is_one_callers_and_one_requests() {
    let desk = Desk::open().await;
    desk.once(&desk.ada, "k", "/applications", &wanted()).await.expect(201);
    let mut other = wanted();
    other["name"] = "Other".into();
    let answer = desk.once(&desk.ada, "k", "/applications", &other).await;
    assert_eq!(refused(&answer), plainly(422, "idempotency_key_reused"));
    let answer = desk.once(&desk.ada, "k", "/personal-tokens", &json!({"name": "t"})).await;
    assert_eq!(refused(&answer), plainly(422, "idempotency_key_reused"));
    // Somebody else has other keys, and so has a token that reaches less far: it never sees what the first one saw.
    desk.once(&desk.bob, "k", "/applications", &wanted()).await.expect(201);
    let limited = json!({"name": "t", "scopes": ["applications:read"]});
    let limited = desk.post(&desk.ada, "/personal-tokens", &limited).await.expect(201);
    let answer = desk.once(text(&limited, "personal_token"), "k", "/applications", &wanted()).await;
    assert_eq!(refused(&answer), plainly(403, "not_allowed"));
    assert_eq!(desk.applications().await, 2);
    for key in ["", &"k".repeat(256), "a\tb"] {
        let answer = desk.once(&desk.ada, key, "/applications", &wanted()).await;
        assert_eq!(answer.json()["errors"][0]["field"], "Idempotency-Key", "{key:?}");
    }
}

#[tokio::test]
async fn of_many_at_once_one_happens() {
    let desk = Desk::open().await;
    let body = wanted();
    let answers = join_all((0..8).map(|_| desk.once(&desk.ada, "race", "/applications", &body))).await;
    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert!(!made.is_empty() && made.iter().all(|answer| answer.text == made[0].text));
    assert_eq!(made.iter().filter(|answer| answer.header("idempotency-replayed").is_empty()).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(refused(answer), plainly(409, "under_way"));
        assert_eq!(answer.header("retry-after"), "1");
    }
    assert_eq!(desk.applications().await, 1);
}

#[tokio::test]
async fn what_changed_nothing_is_judged_anew() {
    let desk = Desk::open().await;
    let service = json!({"name": "orders"});
    desk.post(&desk.admin, "/services", &service).await.expect(201);
    let taken = desk.once(&desk.admin, "k", "/services", &service).await;
    assert_eq!(refused(&taken).1, "taken");
    desk.send(&desk.admin, "DELETE", "/services/orders", &Value::Null).await.expect(204);
    desk.once(&desk.admin, "k", "/services", &service).await.expect(201);
}

#[tokio::test]
async fn a_request_that_died_can_be_made_again_after_a_minute_and_an_answer_is_kept_for_a_day() {
    let desk = Desk::at_a_standstill().await;
    let (app, tenant) = (&desk.server.app, desk.server.tenant());
    let ada = desk.get(&desk.ada, "/me").await.expect(200);
    let id = uuid::Uuid::parse_str(text(&ada["person"], "id")).unwrap();
    let person = registrar::oidc::user::find(app, &tenant, id.into()).await.unwrap().unwrap();
    let body = wanted().to_string();
    let made = [b"POST".as_slice(), b"/api/admin/applications", body.as_bytes()];
    let key = Key::new(&tenant, &Actor::person(person), "k", made).unwrap();
    // Somebody began, and died.
    assert!(matches!(begin(app, &tenant, &key).await.unwrap(), Begun::First(_)));
    let answer = desk.once(&desk.ada, "k", "/applications", &wanted()).await;
    assert_eq!(refused(&answer), plainly(409, "under_way"));
    app.clock.advance(60);
    let first = desk.once(&desk.ada, "k", "/applications", &wanted()).await;
    first.expect(201);
    app.clock.advance(86_399);
    assert_eq!(desk.once(&desk.ada, "k", "/applications", &wanted()).await.text, first.text);
    app.clock.advance(1);
    assert_ne!(desk.once(&desk.ada, "k", "/applications", &wanted()).await.text, first.text);
    assert_eq!(desk.applications().await, 2);
    app.clock.advance(86_400 + 300);
    registrar::jobs::expire::run(app).await.unwrap();
    assert_eq!(idempotency::Entity::find().count(app.db.pool()).await.unwrap(), 0);
}
