//! Contracts: asked for, decided, changed and ended.

use futures_util::future::join;
use serde_json::{Value, json};

use super::{Desk, masked, plainly, refused, wrongly};
use crate::harness::party::text;

impl Desk {
    async fn asked(&self) -> (Value, Value, Value) {
        let service = self.offered("orders").await;
        let application = self.application(&self.ada, "App").await;
        let wanted = json!({
            "application_id": application["id"], "service_id": service["id"], "comment": "For the shop",
        });
        let contract = self.post(&self.ada, "/contracts", &wanted).await.expect(201);
        (service, application, contract)
    }

    async fn act(&self, token: &str, contract: &Value, action: &str, body: &Value) -> crate::harness::http::Answer {
        self.post(token, &format!("/contracts/{}/{action}", text(contract, "id")), body).await
    }
}

#[tokio::test]
async fn a_contract_is_asked_for_and_decided_by_those_who_may() {
    spec!("portal/K33", "portal/K34", "security/s.B5");
    let desk = Desk::open().await;
    let (service, application, contract) = desk.asked().await;
    let expected = json!({
        "id": "[id]",
        "application": {
            "id": "[id]", "name": "App", "owner": {"id": "[id]", "email": "ada@example.org", "name": "Ada Lovelace"},
        },
        "service": {"id": "[id]", "name": "orders", "display_name": "orders", "audience": "orders"},
        "state": "pending", "suspended": false, "comment": "For the shop", "reason": null, "scopes": null,
        "starts_at": null, "ends_at": null, "requested_at": "[moment]", "processed_at": null, "processed_by": null,
        "version": 0, "created_at": "[moment]", "updated_at": "[moment]",
    });
    assert_eq!(masked(&contract), expected);
    for action in ["approve", "reject", "revoke", "suspend", "resume"] {
        let answer = desk.act(&desk.ada, &contract, action, &Value::Null).await;
        assert_eq!(refused(&answer), plainly(403, "not_allowed"), "{action}");
        let answer = desk.act(&desk.bob, &contract, action, &Value::Null).await;
        assert_eq!(refused(&answer), plainly(404, "not_found"), "{action}");
    }
    let stated = json!({"application_id": application["id"], "service_id": service["id"], "state": "approved"});
    assert_eq!(refused(&desk.post(&desk.ada, "/contracts", &stated).await), wrongly(&[("state", "unknown")]));
    let at_once = json!({"application_id": application["id"], "service_id": service["id"], "approve": true});
    assert_eq!(refused(&desk.post(&desk.ada, "/contracts", &at_once).await), plainly(403, "not_allowed"));

    let approved = desk.act(&desk.admin, &contract, "approve", &Value::Null).await.expect(200);
    assert_eq!((&approved["state"], &approved["version"]), (&json!("approved"), &json!(1)));
    let again = desk.act(&desk.admin, &contract, "approve", &Value::Null).await;
    assert_eq!(refused(&again), plainly(409, "conflict"));
    assert_eq!(again.json()["detail"], "the contract is approved");
    assert_eq!(desk.act(&desk.admin, &contract, "suspend", &Value::Null).await.expect(200)["suspended"], true);
    assert_eq!(desk.act(&desk.admin, &contract, "resume", &Value::Null).await.expect(200)["suspended"], false);
    let revoked = desk.act(&desk.admin, &contract, "revoke", &json!({"reason": "Too much"})).await.expect(200);
    assert_eq!((&revoked["state"], &revoked["reason"]), (&json!("revoked"), &json!("Too much")));
    let kept = desk.act(&desk.ada, &contract, "unregister", &Value::Null).await;
    assert_eq!(refused(&kept), plainly(409, "conflict"));
    let path = format!("/contracts/{}", text(&contract, "id"));
    desk.send(&desk.admin, "DELETE", &path, &Value::Null).await.expect(204);
    assert_eq!(desk.get(&desk.admin, "/contracts").await.expect(200)["total"], 0);
    assert_eq!(desk.get(&desk.admin, "/contracts?state=closed").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn contracts_are_filtered_and_each_sees_their_own() {
    spec!("security/s.B3");
    let desk = Desk::open().await;
    let (service, application, contract) = desk.asked().await;
    let total = async |token: &str, query: &str| {
        desk.get(token, &format!("/contracts{query}")).await.expect(200)["total"].as_u64().unwrap()
    };
    assert_eq!((total(&desk.ada, "").await, total(&desk.bob, "").await, total(&desk.admin, "").await), (1, 0, 1));
    // A publisher sees those for the services they look after.
    assert_eq!(total(&desk.publisher, "").await, 0);
    assert_eq!(total(&desk.admin, &format!("?service={}", text(&service, "id"))).await, 1);
    assert_eq!(total(&desk.admin, &format!("?application={}", text(&application, "id"))).await, 1);
    assert_eq!(total(&desk.admin, "?state=approved,rejected").await, 0);
    assert_eq!(total(&desk.admin, "?whose=mine").await, 0);
    let path = format!("/contracts/{}", text(&contract, "id"));
    assert_eq!(refused(&desk.get(&desk.bob, &path).await), plainly(404, "not_found"));
    let change = json!({"scopes": ["orders:read"], "starts_at": 10, "ends_at": 5});
    let wrong = desk.send(&desk.admin, "PATCH", &path, &change).await;
    assert_eq!(refused(&wrong), wrongly(&[("scopes", "unknown"), ("ends_at", "contradiction")]));
    let changed = desk.send(&desk.admin, "PATCH", &path, &json!({"starts_at": 10, "ends_at": 20})).await.expect(200);
    assert_eq!((&changed["starts_at"], &changed["ends_at"]), (&json!(10), &json!(20)));
    let lifted = desk.send(&desk.admin, "PATCH", &path, &json!({"ends_at": null})).await.expect(200);
    assert_eq!((&lifted["starts_at"], &lifted["ends_at"]), (&json!(10), &Value::Null));
    desk.act(&desk.ada, &contract, "unregister", &Value::Null).await.expect(204);
    assert_eq!(total(&desk.ada, "").await, 0);
}

#[tokio::test]
async fn of_two_decisions_at_once_one_counts() {
    let desk = Desk::open().await;
    let (.., contract) = desk.asked().await;
    let (approve, reject) = (
        desk.act(&desk.admin, &contract, "approve", &Value::Null),
        desk.act(&desk.admin, &contract, "reject", &Value::Null),
    );
    let (approve, reject) = join(approve, reject).await;
    let mut statuses = [approve.status, reject.status];
    statuses.sort_unstable();
    // Approving what was rejected is a decision, too.
    assert!(statuses == [200, 409] || statuses == [200, 200] && reject.json()["state"] == "rejected", "{statuses:?}");
}
