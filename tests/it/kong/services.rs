//! `/services`, pages of lists, and what decK reads first (portal.md K42, K43, K53, K75).

use serde_json::{Value, json};

use super::{Body, Kong, PLUGIN, masked, text};

#[tokio::test]
async fn a_service_is_shown_with_every_key_of_kongs() {
    spec!("portal/K53");
    let kong = Kong::start().await;
    let made = kong.post("/services", "name=billing&url=https://billing.internal:8443/v1&tags[]=a").await.expect(201);
    let wanted = json!({
        "id": "…", "name": "billing", "created_at": "…", "updated_at": "…", "protocol": "https",
        "host": "billing.internal", "port": 8443, "path": "/v1", "retries": 5, "connect_timeout": 60000,
        "write_timeout": 60000, "read_timeout": 60000, "tags": ["a"], "client_certificate": null, "tls_verify": null,
        "tls_verify_depth": null, "ca_certificates": null, "enabled": true,
    });
    assert_eq!(masked(made.clone(), &["id", "created_at", "updated_at"]), wanted);
    assert_eq!(kong.get("/services/billing").await, made);
    assert_eq!(kong.get(&format!("/services/{}", text(&made, "id"))).await, made);
    let patched = kong.call("PATCH", "/services/billing", Body::Json(&json!({"port": 1, "enabled": false}))).await;
    let patched = patched.expect(200);
    assert_eq!((&patched["port"], &patched["enabled"], &patched["path"]), (&json!(1), &json!(false), &json!("/v1")));
    let put = kong.call("PUT", "/services/billing", Body::Form("host=elsewhere.internal")).await.expect(200);
    let told = (&put["id"], &put["host"], &put["port"], &put["path"], &put["tags"], &put["enabled"]);
    let host = json!("elsewhere.internal");
    assert_eq!(told, (&made["id"], &host, &json!(80), &Value::Null, &Value::Null, &json!(true)));
    let put = kong.call("PUT", "/services/new", Body::Form("host=new.internal")).await.expect(200);
    assert_eq!(put["name"], "new");
    assert_eq!(kong.call("DELETE", "/services/new", Body::None).await.status, 204);
    kong.call("GET", "/services/new", Body::None).await.expect(404);
}

#[tokio::test]
async fn wrong_services_are_told_in_kongs_words() {
    spec!("portal/K45", "portal/K53");
    let kong = Kong::start().await;
    kong.post("/services", "name=billing&host=x.internal").await.expect(201);
    let taken = kong.post("/services", "name=billing&host=x.internal").await.expect(409);
    assert_eq!(
        taken,
        json!({"message": "UNIQUE violation detected on '{name=\"billing\"}'", "name": "unique constraint violation",
            "fields": {"name": "billing"}, "code": 5})
    );
    let refused = kong.post("/services", "name=a/b&color=red").await.expect(400);
    let fields = &refused["fields"];
    assert_eq!((&fields["color"], &fields["host"]), (&json!("unknown field"), &json!("required field missing")));
    assert!(refused["message"].as_str().unwrap().starts_with("3 schema violations ("), "{refused}");
    for (path, code) in
        [("/services?size=0", 9), ("/services?size=x", 9), ("/services?offset=abc", 7), ("/services?tags=", 11)]
    {
        let refused = kong.call("GET", path, Body::None).await.expect(400);
        assert_eq!(refused["code"], code, "{path}");
    }
}

#[tokio::test]
async fn deck_reads_the_node_and_all_pages() {
    spec!("portal/K42", "portal/K43");
    let kong = Kong::start().await;
    for number in 0..5 {
        kong.post("/services", &format!("name=s{number}&host=x.internal&tags[]=t{}", number % 2)).await.expect(201);
        let form = format!(
            "name=application-registration&config.display_name=d{number}&config.enable_client_credentials=true"
        );
        kong.post(&format!("/services/s{number}/plugins"), &form).await.expect(201);
    }
    let node = kong.get("/").await;
    assert_eq!(node["plugins"]["available_on_server"]["application-registration"], true);
    assert_eq!(node["plugins"]["enabled_in_cluster"], json!(["application-registration"]));
    assert_ne!(node["configuration"]["database"], "off");
    assert_eq!(kong.get("/plugins/enabled").await, json!({"enabled_plugins": ["application-registration", "oauth2"]}));
    assert!(kong.get("/schemas/plugins/application-registration").await["fields"].is_array());
    for collection in ["/services", "/plugins"] {
        let mut path = format!("{collection}?size=2");
        let mut sizes = Vec::new();
        loop {
            let page = kong.get(&path).await;
            sizes.push(page["data"].as_array().unwrap().len());
            let Some(next) = page["next"].as_str() else { break };
            assert!(next.starts_with(&format!("{collection}?offset=")), "{next}");
            path = next.to_owned();
        }
        assert_eq!(sizes, [2, 2, 1], "{collection}");
    }
    assert_eq!(kong.get("/services?tags=t1").await["data"].as_array().unwrap().len(), 2);
    let of_service = kong.get("/services/s3/plugins").await;
    assert_eq!((of_service["data"].as_array().unwrap().len(), &of_service["next"]), (1, &Value::Null));
    // s.B12: an offset of one list is none of another's.
    let offset = kong.get("/services?size=1").await["offset"].as_str().unwrap().to_owned();
    kong.call("GET", &format!("/plugins?offset={offset}"), Body::None).await.expect(400);
}

#[tokio::test]
async fn a_document_is_linked_to_a_service() {
    spec!("portal/K75");
    let kong = Kong::start().await;
    let (service, _) = kong.billing(PLUGIN).await;
    let document = json!({"path": "specs/billing.yaml", "contents": "openapi: 3.0.0\ninfo: {title: B, version: '1'}\npaths: {}\n"});
    let made = kong.call("POST", "/services/billing/document_objects", Body::Json(&document)).await.expect(201);
    let wanted = json!({"created_at": "…", "id": "…", "path": "specs/billing.yaml", "service": {"id": service["id"]}});
    assert_eq!(masked(made.clone(), &["created_at", "id"]), wanted);
    let list = kong.get("/services/billing/document_objects").await;
    assert_eq!(list, json!({"data": [made], "next": null}));
    let path = format!("/document_objects/{}", text(&made, "id"));
    assert_eq!(kong.call("DELETE", &path, Body::None).await.status, 204);
    assert_eq!(kong.get("/services/billing/document_objects").await["data"], json!([]));
    let again = kong.post("/document_objects", "path=specs/billing.yaml&service.name=billing").await.expect(201);
    assert_eq!(again["id"], made["id"]);
}

#[tokio::test]
async fn all_that_is_wrong_with_a_service_is_told_at_once() {
    spec!("portal/K46", "portal/C4");
    let kong = Kong::start().await;
    let long = "n".repeat(250);
    let body = json!({"name": long, "host": "x.internal", "color": "red"});
    let refused = kong.call("POST", "/services", Body::Json(&body)).await.expect(400);
    assert_eq!(refused["fields"].as_object().unwrap().keys().collect::<Vec<_>>(), ["color", "name"], "{refused}");
    kong.post("/services", "name=billing&host=x.internal").await.expect(201);
    let body = json!({"name": long, "protocol": "tcp", "path": "/x", "color": "red"});
    let refused = kong.call("PATCH", "/services/billing", Body::Json(&body)).await.expect(400);
    let fields = refused["fields"].as_object().unwrap();
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["@entity", "color", "name", "path"], "{refused}");
}
