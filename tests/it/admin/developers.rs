//! Developers: added, invited, decided about, changed and removed.

use serde_json::{Value, json};

use super::{Desk, masked, plainly, refused, wrongly};
use crate::harness::party::text;

#[tokio::test]
async fn a_developer_is_added_decided_about_and_removed() {
    let desk = Desk::open().await;
    let new = json!({"email": "eve@example.org", "name": "Eve", "approval": "pending", "meta": {"team": "blue"}});
    let made = desk.post(&desk.admin, "/developers", &new).await.expect(201);
    let expected = json!({
        "id": "[id]", "email": "eve@example.org", "email_verified": false, "name": "Eve", "role": "developer",
        "state": "active", "approval": "pending", "meta": {"team": "blue"}, "custom_id": null, "first_login_at": null,
        "created_at": "[moment]", "updated_at": "[moment]",
    });
    assert_eq!(masked(&made), expected);
    let path = format!("/developers/{}", text(&made, "id"));
    for (action, approval) in [("reject", "rejected"), ("approve", "approved"), ("revoke", "revoked")] {
        let body = if action == "approve" { Value::Null } else { json!({"reason": "Because"}) };
        let decided = desk.post(&desk.admin, &format!("{path}/{action}"), &body).await.expect(200);
        assert_eq!(decided["approval"], approval);
    }
    let late = desk.post(&desk.admin, &format!("{path}/reject"), &Value::Null).await;
    assert_eq!(refused(&late), plainly(409, "conflict"));
    let found = desk.get(&desk.admin, "/developers?approval=revoked&search=eve").await.expect(200);
    assert_eq!((&found["total"], &found["items"][0]["id"]), (&json!(1), &made["id"]));
    let wrong = json!({"email": "nobody", "name": "", "role": "admin", "password": "short"});
    let wrong = refused(&desk.post(&desk.admin, "/developers", &wrong).await);
    assert_eq!(wrong, wrongly(&[("email", "form"), ("name", "length"), ("password", "length"), ("role", "unknown")]));
    let taken = desk.post(&desk.admin, "/developers", &json!({"email": "EVE@example.org"})).await;
    assert_eq!(refused(&taken).1, "taken");
    desk.send(&desk.admin, "DELETE", &path, &Value::Null).await.expect(204);
    assert_eq!(refused(&desk.get(&desk.admin, &path).await), plainly(404, "not_found"));
}

#[tokio::test]
async fn somebody_is_invited_and_everybody_changes_themselves() {
    spec!("security/s.B1");
    let desk = Desk::open().await;
    let invited = json!({"email": "new@example.org", "role": "publisher"});
    let invited = desk.post(&desk.admin, "/invitations", &invited).await.expect(201);
    assert_eq!((&invited["role"], &invited["approval"]), (&json!("publisher"), &json!("approved")));
    let mails = desk.get(&desk.admin, "/deliveries?channel=mail&progress=waiting").await.expect(200);
    assert_eq!((&mails["total"], &mails["items"][0]["kind"]), (&json!(1), &json!("invitation")));
    assert!(!mails.to_string().contains("link"), "{mails}");

    let ada = desk.get(&desk.ada, "/developers/ada@example.org").await.expect(200);
    let path = format!("/developers/{}", text(&ada, "id"));
    let changed = desk.send(&desk.ada, "PATCH", &path, &json!({"name": "Augusta"})).await.expect(200);
    assert_eq!(changed["name"], "Augusta");
    let own = desk.send(&desk.ada, "PATCH", &path, &json!({"custom_id": "x"})).await;
    assert_eq!(refused(&own), plainly(403, "not_allowed"));
    let proven = desk.send(&desk.ada, "PATCH", &path, &json!({"approval": "approved"})).await;
    assert_eq!(refused(&proven), wrongly(&[("approval", "unknown")]));
    for answer in [
        desk.get(&desk.bob, &path).await,
        desk.send(&desk.bob, "PATCH", &path, &json!({"name": "Mine"})).await,
        desk.send(&desk.ada, "DELETE", &path, &Value::Null).await,
    ] {
        assert_eq!(refused(&answer), plainly(403, "not_allowed"));
    }
}

#[tokio::test]
async fn whoever_is_not_approved_any_more_is_shut_out_at_once() {
    let desk = Desk::open().await;
    let ada = desk.get(&desk.admin, "/developers/ada@example.org").await.expect(200);
    desk.post(&desk.admin, &format!("/developers/{}/revoke", text(&ada, "id")), &Value::Null).await.expect(200);
    assert_eq!(refused(&desk.get(&desk.ada, "/applications").await), plainly(403, "not_approved"));
    let new = json!({"name": "App", "type": "web"});
    assert_eq!(refused(&desk.post(&desk.ada, "/applications", &new).await), plainly(403, "not_approved"));
}
