//! The page of Kong's plugin "Portal Application Registration", version 1.0.x: its examples, as they stand there.

use serde_json::{Value, json};

use super::{curl_is_here, typed};
use crate::harness::TestApp;
use crate::harness::kong::KongAddress;

const WITH_CLIENT_CREDENTIALS: &str = r#"curl -X POST http://<DNSorIP>:8001/services/{service} \
    --data "name=application-registration"  \
    --data "config.display_name=<my_service_display_name>" \
    --data "config.enable_client_credentials=true""#;

const WITH_AUTHORIZATION_CODE: &str = r#"curl -X POST http://<DNSorIP>:8001/services/{service} \
    --data "name=application-registration"  \
    --data "config.display_name=<my_service_display_name>" \
    --data "config.enable_authorization_code=true""#;

const WITH_PASSWORD_GRANT: &str = r#"curl -X POST http://<DNSorIP>:8001/services/{service} \
    --data "name=application-registration"  \
    --data "config.display_name=<my_service_display_name>" \
    --data "config.enable_password_grant=true""#;

const WITH_IMPLICIT_GRANT: &str = r#"curl -X POST http://<DNSorIP>:8001/services/{service} \
    --data "name=application-registration"  \
    --data "config.display_name=<my_service_display_name>" \
    --data "config.enable_implicit_grant=true""#;

const TOKENS_NEVER_EXPIRE: &str = r#"curl -X  POST http://<DNSorIP>:8001/services/{service} \
    --data "name=application-registration"  \
    --data "config.display_name=<my_service_display_name>" \
    --data "config.enable_authorization_code=true"
    --data "config.refresh_token_ttl=0" \
    --data "config.token_expiration=0""#;

const MANDATORY_SCOPE: &str = r#"curl -X  POST http://<DNSorIP>:8001/services/{service} \
    --data "name=application-registration"  \
    --data "config.display_name=<my_service_display_name>" \
    --data "config.enable_authorization_code=true" \
    --data "config.mandatory_scope=true" \
    --data "config.scopes[]=<read>""#;

/// The same with "Multiple scopes" in the last line.
const MULTIPLE_SCOPES: &str = r#"curl -X  POST http://<DNSorIP>:8001/services/{service} \
    --data "name=application-registration"  \
    --data "config.display_name=<my_service_display_name>" \
    --data "config.enable_authorization_code=true" \
    --data "config.mandatory_scope=true" \
    --data "config.scopes[]=<read> <write>""#;

const AUTO_APPROVE: &str = r#"curl -X PATCH http://<DNSorIP>:8001/plugins/{plugin_id} \
  --data "config.auto_approve=true""#;

/// What the page prints as the result of the first command.
const RESULT: &str = r#"{
   "created_at":1589485602,
   "config":{
      "refresh_token_ttl":1209600,
      "auto_approve":false,
      "provision_key":"D7gc8R1vGD5lkod2wUrSRdpBPpte73kF",
      "mandatory_scope":false,
      "scopes":null,
      "enable_implicit_grant":false,
      "display_name":"my_service_display_name",
      "enable_client_credentials":true,
      "description":null,
      "enable_password_grant":false,
      "enable_authorization_code":false,
      "token_expiration":7200,
      "auth_header_name":"authorization"
   },
   "id":"7696f657-00f9-462e-9d63-96d27140d2f8",
   "service":{
      "id":"c2a45fd2-e753-46a0-955d-2ac7b4a18ce0"
   },
   "name":"application-registration",
   "protocols":[
      "grpc",
      "grpcs",
      "http",
      "https"
   ],
   "enabled":true,
   "run_on":null,
   "consumer":null,
   "route":null,
   "tags":null
}"#;

/// A reader at the Admin API's own address, which asks nobody who they are, as the page assumes.
struct Reader {
    app: TestApp,
    address: KongAddress,
}

impl Reader {
    async fn sits_down() -> Self {
        let app = TestApp::with(&[("kong_admin.auth", "false")]).await;
        let address = KongAddress::of(&app).await;
        Self { app, address }
    }

    /// Makes a service, and types a command about it.
    async fn types_about(&self, service: &str, command: &str, more: &[(&str, &str)]) -> Value {
        let make = "curl -X POST http://<DNSorIP>:8001/services --data name={service} --data url=https://up.example/v1";
        typed(make, &self.places(service, &[])).await.expect(201);
        typed(command, &self.places(service, more)).await.expect(201)
    }

    fn places<'a>(&'a self, service: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let usual = [
            ("<DNSorIP>:8001", self.address.authority.as_str()),
            ("{service}", service),
            ("<my_service_display_name>", service),
        ];
        [usual.as_slice(), more].concat()
    }
}

/// What the server chose is not what the page shows: hidden where the form is right.
fn masked(mut plugin: Value) -> Value {
    assert!(plugin["created_at"].as_i64().is_some_and(|at| at > 1_500_000_000), "{plugin}");
    let key = plugin["config"]["provision_key"].as_str().unwrap_or_default();
    assert!(key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{plugin}");
    for id in [&plugin["id"], &plugin["service"]["id"]] {
        assert_eq!(id.as_str().map(str::len), Some(36), "{plugin}");
    }
    plugin["created_at"] = json!(0);
    plugin["config"]["provision_key"] = json!("…");
    plugin["config"]["display_name"] = json!("…");
    plugin["id"] = json!("…");
    plugin["service"]["id"] = json!("…");
    plugin
}

#[tokio::test]
async fn the_first_command_prints_what_the_page_prints() {
    spec!("portal/K23", "portal/K24", "portal/K16");
    if !curl_is_here().await {
        return;
    }
    let reader = Reader::sits_down().await;
    let printed = reader.types_about("my_service_display_name", WITH_CLIENT_CREDENTIALS, &[]).await;
    assert_eq!(masked(printed), masked(serde_json::from_str(RESULT).unwrap()));
}

#[tokio::test]
async fn each_flow_is_enabled_by_its_command() {
    spec!("portal/K25", "portal/K13");
    if !curl_is_here().await {
        return;
    }
    let reader = Reader::sits_down().await;
    let commands = [
        ("code", WITH_AUTHORIZATION_CODE, "enable_authorization_code"),
        ("password", WITH_PASSWORD_GRANT, "enable_password_grant"),
        ("implicit", WITH_IMPLICIT_GRANT, "enable_implicit_grant"),
    ];
    let mut expected = masked(serde_json::from_str(RESULT).unwrap());
    for flow in ["enable_client_credentials", "enable_authorization_code"] {
        expected["config"][flow] = json!(false);
    }
    for (service, command, flow) in commands {
        let mut expected = expected.clone();
        expected["config"][flow] = json!(true);
        assert_eq!(masked(reader.types_about(service, command, &[]).await), expected, "{service}");
    }
}

#[tokio::test]
async fn tokens_that_never_expire_and_scopes_that_are_mandatory() {
    spec!("portal/K26", "portal/K27", "portal/K21", "portal/D-25");
    if !curl_is_here().await {
        return;
    }
    let reader = Reader::sits_down().await;
    let endless = reader.types_about("endless", TOKENS_NEVER_EXPIRE, &[]).await;
    let config = &endless["config"];
    assert_eq!((&config["refresh_token_ttl"], &config["token_expiration"]), (&json!(0), &json!(0)));
    let scopes = [("<read>", "read"), ("<write>", "write")];
    let one = reader.types_about("one", MANDATORY_SCOPE, &scopes).await;
    assert_eq!((&one["config"]["mandatory_scope"], &one["config"]["scopes"]), (&json!(true), &json!(["read"])));
    let several = reader.types_about("several", MULTIPLE_SCOPES, &scopes).await;
    assert_eq!(several["config"]["scopes"], json!(["read write"]), "as it was given");
    let services = registrar::oidc::service::all(&reader.app.app, &reader.app.tenant()).await.unwrap();
    let service = services.iter().find(|service| service.row.name == "several").unwrap();
    let known: Vec<&str> = service.scopes.iter().map(|scope| scope.value.as_str()).collect();
    assert_eq!(known, ["read", "write"], "space delimited: two scopes");
}

#[tokio::test]
async fn automatic_approval_is_patched_in_and_nothing_else_changes() {
    spec!("portal/K28", "portal/K52");
    if !curl_is_here().await {
        return;
    }
    let reader = Reader::sits_down().await;
    let mut plugin = reader.types_about("orders", WITH_CLIENT_CREDENTIALS, &[]).await;
    let id = plugin["id"].as_str().unwrap().to_owned();
    let patched = typed(AUTO_APPROVE, &reader.places("orders", &[("{plugin_id}", &id)])).await.expect(200);
    plugin["config"]["auto_approve"] = json!(true);
    assert_eq!(patched, plugin);
}
