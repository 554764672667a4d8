//! Who works on an application, as Gravitee tells it (portal.md §3.6).

use serde_json::{Value, json};

use super::{Script, code, coded, id, refusal, simple, wrong};
use crate::harness::TestApp;

/// An application with an owner, a user, and somebody else.
struct Team<'a> {
    path: String,
    primary: Script<'a>,
    owner: Script<'a>,
    user: Script<'a>,
    other: Script<'a>,
}

async fn team(app: &TestApp) -> Team<'_> {
    let primary = Script::developer(app, "primary@example.org").await;
    let owner = Script::developer(app, "owner@example.org").await;
    let user = Script::developer(app, "user@example.org").await;
    let other = Script::developer(app, "other@example.org").await;
    let made = primary.post("/applications", simple("Shop", Some("shop"))).await.expect(201);
    let path = format!("/applications/{}", id(&made));
    let members = format!("{path}/members");
    let by_id = json!({"id": owner.actor.user_id(), "role": "OWNER"});
    let by_reference = json!({"reference": "USER@example.org", "role": "USER"});
    for body in [by_id, by_reference] {
        assert_eq!(primary.post(&members, body).await.expect(201), Value::Null);
    }
    Team { path, primary, owner, user, other }
}

#[tokio::test]
async fn members_are_let_in_listed_given_roles_and_shut_out() {
    spec!("portal/G30", "portal/G31");
    let app = TestApp::start().await;
    let Team { path, primary, owner, user, other } = team(&app).await;
    let members = format!("{path}/members");
    let roles = async |script: &Script<'_>| {
        let listed = script.get(&members).await.expect(200);
        listed.as_array().unwrap().iter().map(|item| item["role"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(roles(&user).await, ["PRIMARY_OWNER", "OWNER", "USER"]);
    let first = &primary.get(&members).await.expect(200)[0];
    let name = primary.actor.user.as_ref().unwrap().name.clone().unwrap_or("primary@example.org".to_owned());
    assert_eq!(*first, json!({"id": primary.actor.user_id(), "displayName": name, "role": "PRIMARY_OWNER"}));
    // Only those with the permission manage members.
    let newcomer = json!({"id": other.actor.user_id(), "role": "USER"});
    assert_eq!(code(&user.post(&members, newcomer.clone()).await), coded(403, "forbidden"));
    let out = format!("{members}?user={}", owner.actor.user_id().unwrap());
    assert_eq!(code(&user.delete(&out).await), coded(403, "forbidden"));
    assert_eq!(code(&other.post(&members, newcomer.clone()).await), coded(404, "application.notFound"));
    // An owner does.
    owner.post(&members, newcomer).await.expect(201);
    owner.post(&members, json!({"id": other.actor.user_id(), "role": "OWNER"})).await.expect(201);
    assert_eq!(roles(&other).await, ["PRIMARY_OWNER", "OWNER", "USER", "OWNER"]);
    let out = format!("{members}?user={}", other.actor.user_id().unwrap());
    assert_eq!(owner.delete(&out).await.expect(200), Value::Null);
    assert_eq!(code(&other.get(&members).await), coded(404, "application.notFound"));
    assert_eq!(code(&owner.delete(&out).await), coded(404, "user.notFound"));
}

#[tokio::test]
async fn an_application_has_one_primary_owner() {
    let app = TestApp::start().await;
    let Team { path, primary, other, .. } = team(&app).await;
    let members = format!("{path}/members");
    let second = primary.post(&members, json!({"id": other.actor.user_id(), "role": "PRIMARY_OWNER"})).await;
    assert_eq!(code(&second), coded(400, "applicationmembers.invalid"));
    let out = format!("{members}?user={}", primary.actor.user_id().unwrap());
    assert_eq!(code(&primary.delete(&out).await), coded(400, "applicationmembers.invalid"));
    let unknown = primary.post(&members, json!({"id": other.actor.user_id(), "role": "EMPEROR"})).await;
    assert_eq!(code(&unknown), coded(404, "role.notFound"));
    assert_eq!(wrong(&primary.post(&members, json!({})).await), ["role", "id"]);
    let nobody = primary.post(&members, json!({"reference": "nobody@example.org", "role": "USER"})).await;
    assert_eq!(nobody.status, 400, "{}", nobody.text);
}

#[tokio::test]
async fn an_application_is_given_away_by_its_primary_owner() {
    // §8.4
    let app = TestApp::start().await;
    let Team { path, primary, owner, other, .. } = team(&app).await;
    let transfer = format!("{path}/members/transfer_ownership");
    let to_other = json!({"id": other.actor.user_id(), "role": "USER"});
    assert_eq!(code(&owner.post(&transfer, to_other.clone()).await), coded(403, "forbidden"));
    let back = primary.post(&transfer, json!({"id": other.actor.user_id(), "role": "PRIMARY_OWNER"})).await;
    assert_eq!(code(&back), coded(400, "role.transferNotAllowed"));
    assert_eq!(primary.post(&transfer, to_other).await.expect(200), Value::Null);
    assert_eq!(other.get(&path).await.expect(200)["owner"]["email"], "other@example.org");
    assert_eq!(code(&primary.delete(&path).await), coded(403, "forbidden"), "a user by now");
    other.delete(&path).await.expect(204);
}

#[tokio::test]
async fn roles_reach_as_far_as_the_table_says() {
    spec!("portal/D-8");
    // G30, G32
    let app = TestApp::start().await;
    let Team { path, primary, owner, user, .. } = team(&app).await;
    let admin = Script::admin(&app).await;
    let all = |definition: &[&str]| {
        let crud = ["C", "R", "U", "D"];
        json!({
            "DEFINITION": definition, "MEMBER": crud, "SUBSCRIPTION": crud, "NOTIFICATION": crud, "ALERT": crud,
            "METADATA": crud, "ANALYTICS": ["R"], "LOG": ["R"],
        })
    };
    let permissions = format!("{path}/members/permissions");
    let told = async |script: &Script<'_>| script.get(&permissions).await.expect(200);
    assert_eq!(told(&primary).await, all(&["C", "R", "U", "D"]));
    assert_eq!(told(&admin).await, all(&["C", "R", "U", "D"]));
    assert_eq!(told(&owner).await, all(&["C", "R", "U"]));
    let reads = json!({
        "DEFINITION": ["R"], "MEMBER": ["R"], "SUBSCRIPTION": ["C", "R"], "NOTIFICATION": [], "ALERT": [],
        "METADATA": ["R"], "ANALYTICS": ["R"], "LOG": ["R"],
    });
    assert_eq!(told(&user).await, reads);
    let forbidden =
        (403, "forbidden".to_owned(), "You do not have sufficient rights to access this resource".to_owned());
    assert_eq!(refusal(&owner.delete(&path).await), forbidden, "all but delete");
    assert_eq!(refusal(&user.put(&path, simple("x", None)).await), forbidden);
    assert_eq!(owner.put(&path, simple("Store", Some("shop"))).await.expect(200)["name"], "Store");
    assert_eq!(user.get(&path).await.expect(200)["name"], "Store");
    primary.delete(&path).await.expect(204);
}
