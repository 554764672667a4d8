//! `/api/v2/grants`.

use entity::consent;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::json;

use super::{Managed, refused};
use crate::harness::party::text;

#[tokio::test]
async fn what_people_agreed_to_is_listed_and_taken_back_with_its_tokens() {
    spec!("portal/A33", "portal/A36");
    let server = Managed::start().await;
    let app = &server.app;
    app.settings(json!({"registration": {"open": true}})).await;
    let (client, person) = (app.web_client().await, app.person("ada@example.org").await);
    let record = registrar::oidc::client::record::find(&app.app, &app.tenant(), text(&client, "client_id")).await;
    let now = app.app.clock.now();
    let row = consent::Model {
        id: registrar::secret::new_id().into(),
        tenant_id: app.tenant().id,
        user_id: person.id,
        client_key: record.unwrap().unwrap().row.id,
        service_key: String::new(),
        scopes: "openid email".into(),
        metadata_hash: "x".repeat(43),
        revoked_at: None,
        created_at: now,
        updated_at: now,
    };
    row.clone().into_active_model().reset_all().insert(app.app.db.pool()).await.unwrap();
    let grant = app.grant(&client, &person, "openid offline_access").await;
    let tokens = app.exchange(&grant).await.expect(200);
    let expected = json!([{
        "id": row.id, "clientID": client["client_id"], "user_id": person.id, "audience": app.url("/userinfo"),
        "scope": ["openid", "email"],
    }]);
    assert_eq!(server.get(&format!("/grants?user_id={}", person.id)).await.expect(200), expected);
    assert_eq!(server.get("/grants?user_id=nobody").await.expect(200), json!([]));
    assert_eq!(app.http.bearer("GET", "/userinfo", text(&tokens, "access_token")).await.status, 200);
    let path = format!("/grants/{}", row.id);
    assert_eq!(server.delete(&path).await.status, 204);
    assert_eq!(app.http.bearer("GET", "/userinfo", text(&tokens, "access_token")).await.status, 401);
    let refresh = app.refresh(&grant, text(&tokens, "refresh_token")).await;
    assert_eq!(refresh.refusal(), (400, "invalid_grant".to_owned()));
    let gone = refused(404, "Not Found", "The grant does not exist.", "inexistent_grant");
    assert_eq!(server.delete(&path).await.expect(404), gone);
    assert_eq!(server.delete(&format!("/grants?user_id={}", person.id)).await.status, 204);
}
