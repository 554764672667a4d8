//! `/plugins` and `/services/{service}/plugins` (portal.md K14 to K28, K41 to K52).

use entity::user::Role;
use serde_json::json;

use super::{Body, Kong, PLUGIN, masked, text};

const VARYING: [&str; 4] = ["created_at", "id", "service.id", "config.provision_key"];

#[tokio::test]
async fn the_seeds_example_gets_the_documented_answer_by_every_path() {
    spec!("portal/K23", "portal/K24", "portal/K41", "portal/D-1", "portal/K16");
    let wanted = json!({
        "created_at": "…", "id": "…", "service": {"id": "…"},
        "config": {"refresh_token_ttl": 1_209_600, "auto_approve": false, "provision_key": "…",
            "mandatory_scope": false, "scopes": null, "enable_implicit_grant": false,
            "display_name": "my_service_display_name", "enable_client_credentials": true, "description": null,
            "enable_password_grant": false, "enable_authorization_code": false, "token_expiration": 7200,
            "auth_header_name": "authorization"},
        "name": "application-registration", "protocols": ["grpc", "grpcs", "http", "https"], "enabled": true,
        "run_on": null, "consumer": null, "route": null, "tags": null,
    });
    let kong = Kong::start().await;
    let service = kong.post("/services", "name=billing&url=http://billing.internal").await.expect(201);
    let by_id = format!("/services/{}", text(&service, "id"));
    let on = format!("{PLUGIN}&service.name=billing");
    for (path, form) in [
        ("/services/billing", PLUGIN),
        (by_id.as_str(), PLUGIN),
        ("/services/billing/plugins", PLUGIN),
        ("/plugins", on.as_str()),
    ] {
        let made = kong.post(path, form).await.expect(201);
        assert_eq!(made["service"]["id"], service["id"]);
        let key = made["config"]["provision_key"].as_str().unwrap();
        assert!(key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{key}");
        assert_eq!(masked(made.clone(), &VARYING), wanted, "{path}");
        let gone = kong.call("DELETE", &format!("/plugins/{}", text(&made, "id")), Body::None).await;
        assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    }
}

#[tokio::test]
async fn a_body_that_is_no_plugin_is_a_405_on_the_short_path() {
    spec!("portal/D-1", "portal/K44");
    let kong = Kong::start().await;
    kong.post("/services", "name=billing&url=http://billing.internal").await.expect(201);
    let refused = kong.post("/services/billing", "name=rate-limiting").await;
    assert_eq!(refused.header("allow"), "GET, HEAD, PATCH, PUT, DELETE, OPTIONS");
    assert_eq!(refused.expect(405), json!({"message": "Method not allowed"}));
}

#[tokio::test]
async fn every_flow_and_every_lifetime_of_the_seed_is_taken() {
    spec!("portal/K25", "portal/K27", "portal/D-25");
    let kong = Kong::start().await;
    for (number, more) in [
        "config.enable_authorization_code=true",
        "config.enable_password_grant=true",
        "config.enable_implicit_grant=true",
        "config.enable_client_credentials=true&config.refresh_token_ttl=0&config.token_expiration=0",
        "config.enable_client_credentials=true&config.mandatory_scope=true&config.scopes[]=read+write",
    ]
    .iter()
    .enumerate()
    {
        kong.post("/services", &format!("name=s{number}&url=http://x.internal")).await.expect(201);
        let form = format!("name=application-registration&config.display_name=d{number}&{more}");
        let made = kong.post(&format!("/services/s{number}"), &form).await.expect(201);
        if more.contains("mandatory") {
            assert_eq!(made["config"]["scopes"], json!(["read write"]));
        }
    }
    assert_eq!(kong.get("/plugins").await["data"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn wrong_bodies_are_told_in_kongs_words() {
    spec!("portal/K22", "portal/K46", "portal/K47", "portal/K48", "portal/K49", "portal/K51");
    let kong = Kong::start().await;
    kong.post("/services", "name=billing&url=http://billing.internal").await.expect(201);
    let flows = "at least one of these fields must be true: enable_authorization_code, enable_implicit_grant, \
                 enable_client_credentials, enable_password_grant";
    for (form, fields) in [
        ("name=application-registration&config.display_name=x", json!({"config": flows})),
        (
            "name=application-registration&config.enable_client_credentials=true",
            json!({"config": {"display_name": "required field missing"}}),
        ),
        (
            &format!("{PLUGIN}&config.mandatory_scope=true"),
            json!({"config": {
            "@entity": ["failed conditional validation given value of field 'mandatory_scope'"],
            "scopes": "required field missing"}}),
        ),
        (&format!("{PLUGIN}&config.x=1"), json!({"config": {"x": "unknown field"}})),
        (
            &format!("{PLUGIN}&config.token_expiration=x"),
            json!({"config": {"token_expiration": "expected an integer"}}),
        ),
        (
            &format!("{PLUGIN}&config.token_expiration=-1"),
            json!({"config": {"token_expiration": "value should be between 0 and 100000000"}}),
        ),
        (&format!("{PLUGIN}&config.auto_approve=perhaps"), json!({"config": {"auto_approve": "expected a boolean"}})),
        (&format!("{PLUGIN}&route.id=7696f657-00f9-462e-9d63-96d27140d2f8"), json!({"route": "value must be null"})),
    ] {
        let refused = kong.post("/services/billing/plugins", form).await.expect(400);
        assert_eq!((&refused["fields"], &refused["code"]), (&fields, &json!(2)), "{form}");
        assert_eq!(refused["name"], "schema violation");
    }
}

#[tokio::test]
async fn what_may_exist_once_is_a_unique_violation() {
    spec!("portal/K12", "portal/K45", "portal/K50");
    let kong = Kong::start().await;
    let (service, _) = kong.billing(PLUGIN).await;
    let refused = kong.post("/services/billing/plugins", PLUGIN).await.expect(409);
    let key =
        json!({"consumer": null, "name": "application-registration", "route": null, "service": {"id": service["id"]}});
    let printed =
        format!("{{consumer=null,name=\"application-registration\",route=null,service={{id={}}}}}", service["id"]);
    assert_eq!(
        refused,
        json!({"message": format!("UNIQUE violation detected on '{printed}'"), "name": "unique constraint violation",
            "fields": key, "code": 5})
    );
    kong.post("/services", "name=other&url=http://x.internal").await.expect(201);
    let refused = kong.post("/services/other", PLUGIN).await.expect(409);
    assert_eq!(
        (&refused["code"], &refused["fields"]["config"]["display_name"]),
        (&json!(5), &json!("my_service_display_name"))
    );
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_a_put_replaces() {
    spec!("portal/K28", "portal/K42", "portal/K52");
    let kong = Kong::start().await;
    let (service, made) = kong.billing(&format!("{PLUGIN}&config.scopes[]=a&config.scopes[]=b&tags[]=x")).await;
    let path = format!("/plugins/{}", text(&made, "id"));
    let patched = kong.call("PATCH", &path, Body::Form("config.auto_approve=true")).await.expect(200);
    let mut wanted = made.clone();
    wanted["config"]["auto_approve"] = json!(true);
    assert_eq!(patched, wanted);
    let nested = format!("/services/billing{path}");
    let patched =
        kong.call("PATCH", &nested, Body::Json(&json!({"config": {"scopes": ["c"]}, "enabled": false}))).await;
    wanted["config"]["scopes"] = json!(["c"]);
    wanted["enabled"] = json!(false);
    assert_eq!(patched.expect(200), wanted);
    // K14 holds for every change.
    let none = kong.call("PATCH", &path, Body::Form("config.enable_client_credentials=false")).await.expect(400);
    assert!(none["fields"]["config"].as_str().unwrap().starts_with("at least one of these fields"), "{none}");
    let whole = format!("{PLUGIN}&service.id={}", text(&service, "id"));
    let replaced = kong.call("PUT", &path, Body::Form(&whole)).await.expect(200);
    let mut wanted = made;
    (wanted["config"]["scopes"], wanted["tags"]) = (json!(null), json!(null));
    assert_eq!(replaced, wanted);
    // An id that nobody has is given to a new one.
    kong.post("/services", "name=other&url=http://x.internal").await.expect(201);
    let fresh = "/services/other/plugins/7696f657-00f9-462e-9d63-96d27140d2f8";
    let form = PLUGIN.replace("my_service", "another");
    let put = kong.call("PUT", fresh, Body::Form(&form)).await.expect(200);
    assert_eq!(put["id"], "7696f657-00f9-462e-9d63-96d27140d2f8");
    assert_eq!(kong.get(fresh).await, put);
    // s.B2: a plugin is found below its own service only.
    kong.call("GET", "/services/billing/plugins/7696f657-00f9-462e-9d63-96d27140d2f8", Body::None).await.expect(404);
}

#[tokio::test]
async fn oauth2_sets_the_flows_of_the_policy_there_is() {
    spec!("portal/D-2");
    let kong = Kong::start().await;
    kong.post("/services", "name=billing&url=http://billing.internal").await.expect(201);
    let alone =
        kong.post("/services/billing/plugins", "name=oauth2&config.enable_password_grant=true").await.expect(400);
    assert_eq!(alone["code"], 2);
    let made = kong.post("/services/billing/plugins", &format!("{PLUGIN}&config.show_issuer=true")).await.expect(201);
    assert_eq!(made["config"]["show_issuer"], true);
    let form = "name=oauth2&config.enable_authorization_code=true&config.token_expiration=60";
    let oauth2 = kong.post("/services/billing/plugins", form).await.expect(201);
    assert_eq!((&oauth2["name"], &oauth2["config"]["token_expiration"]), (&json!("oauth2"), &json!(60)));
    let read = kong.get(&format!("/plugins/{}", text(&made, "id"))).await;
    let config = &read["config"];
    let told = (&config["enable_authorization_code"], &config["enable_client_credentials"], &config["display_name"]);
    assert_eq!(told, (&json!(true), &json!(false), &json!("my_service_display_name")));
    assert_eq!(config["provision_key"], made["config"]["provision_key"]);
}

#[tokio::test]
async fn a_publisher_never_sees_the_provision_key() {
    // s.B15, s.K4
    spec!("portal/K6");
    let kong = Kong::start().await;
    let (_, made) = kong.billing(PLUGIN).await;
    let path = format!("/plugins/{}", text(&made, "id"));
    let publisher = kong.token_of("pub@example.org", Role::Publisher).await;
    let seen = kong.call_as(Some(&publisher), "GET", &path, Body::None).await.expect(200);
    assert_eq!(seen["config"]["provision_key"], json!(null));
    let refused = kong.call_as(Some(&publisher), "PATCH", &path, Body::Form("config.auto_approve=true")).await;
    let body = refused.expect(403);
    let message = body["message"].as_str().unwrap();
    assert!(message.ends_with(", you do not have permissions to update this resource"), "{message}");
}

#[tokio::test]
async fn oauth2_is_a_plugin_of_its_own_to_who_made_it() {
    spec!("portal/D-2", "portal/D-26", "portal/K50");
    let kong = Kong::start().await;
    let (_, first) = kong.billing(PLUGIN).await;
    let form = "name=oauth2&config.enable_authorization_code=true&config.enable_client_credentials=true\
                &instance_name=flows&tags[]=a";
    let oauth2 = kong.post("/services/billing/plugins", form).await.expect(201);
    assert_ne!(oauth2["id"], first["id"]);
    assert_eq!((&oauth2["instance_name"], &oauth2["tags"]), (&json!("flows"), &json!(["a"])));
    let path = format!("/plugins/{}", text(&oauth2, "id"));
    assert_eq!(kong.get(&path).await, oauth2);
    assert_eq!(kong.get(&format!("/services/billing{path}")).await, oauth2);
    let names = async |path: &str| -> Vec<String> {
        let listed = kong.get(path).await;
        listed["data"].as_array().unwrap().iter().map(|one| text(one, "name").to_owned()).collect()
    };
    assert_eq!(names("/plugins").await, ["application-registration", "oauth2"]);
    assert_eq!(names("/services/billing/plugins").await, ["application-registration", "oauth2"]);
    assert_eq!(kong.get("/").await["plugins"]["enabled_in_cluster"], json!(["application-registration", "oauth2"]));
    let twice = kong.post("/services/billing/plugins", form).await.expect(409);
    assert_eq!(twice["fields"]["name"], "oauth2");
    let changed = kong.call("PATCH", &path, Body::Form("config.token_expiration=60")).await.expect(200);
    assert_eq!((&changed["name"], &changed["config"]["token_expiration"]), (&json!("oauth2"), &json!(60)));
    // Taken away again, it leaves the policy as it is: only `application-registration` ends it.
    assert_eq!(kong.call("DELETE", &path, Body::None).await.status, 204);
    assert_eq!(kong.call("DELETE", &path, Body::None).await.status, 204);
    kong.call("GET", &path, Body::None).await.expect(404);
    assert_eq!(names("/plugins").await, ["application-registration"]);
    let left = kong.get(&format!("/plugins/{}", text(&first, "id"))).await;
    let flows = (&left["config"]["enable_authorization_code"], &left["config"]["token_expiration"]);
    assert_eq!(flows, (&json!(true), &json!(60)));
    // With an id of its own, as decK makes it; with the policy it goes, too.
    let own = "/plugins/7696f657-00f9-462e-9d63-96d27140d2f8";
    let put = format!("{form}&service.name=billing");
    assert_eq!(kong.call("PUT", own, Body::Form(&put)).await.expect(200)["id"], own["/plugins/".len()..]);
    assert_eq!(kong.call("PUT", own, Body::Form(&put)).await.expect(200)["name"], "oauth2");
    let gone = format!("/plugins/{}", text(&first, "id"));
    assert_eq!(kong.call("DELETE", &gone, Body::None).await.status, 204);
    kong.call("GET", own, Body::None).await.expect(404);
    assert_eq!(names("/plugins").await, [] as [&str; 0]);
}

#[tokio::test]
async fn what_is_of_no_meaning_here_is_kept_for_who_sent_it() {
    spec!("portal/K52");
    let kong = Kong::start().await;
    kong.post("/services", "name=billing&url=http://billing.internal").await.expect(201);
    let form = format!("{PLUGIN}&instance_name=billing-registration&run_on=first&protocols[]=https&protocols[]=http");
    let made = kong.post("/services/billing/plugins", &form).await.expect(201);
    let told = (&made["instance_name"], &made["run_on"], &made["protocols"]);
    assert_eq!(told, (&json!("billing-registration"), &json!("first"), &json!(["http", "https"])));
    let path = format!("/plugins/{}", text(&made, "id"));
    assert_eq!(kong.get(&path).await, made);
    let changed = kong.call("PATCH", &path, Body::Json(&json!({"instance_name": null}))).await.expect(200);
    assert_eq!((changed.get("instance_name"), &changed["run_on"]), (None, &json!("first")));
    let wrong = kong.call("PATCH", &path, Body::Form("run_on=sometimes&instance_name=a/b")).await.expect(400);
    assert_eq!(wrong["fields"]["run_on"], "expected one of: first, second, all");
    assert_eq!(wrong["fields"].as_object().unwrap().len(), 2, "{wrong}");
}
