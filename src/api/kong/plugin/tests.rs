//! Are the seed's literal bodies read, and its literal answers given?

#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::*;
use crate::api::kong::body::{form, json as json_body};
use crate::secret::Secret;

const NO_FLOW: &str = "at least one of these fields must be true: enable_authorization_code, enable_implicit_grant, \
                       enable_client_credentials, enable_password_grant";
const SERVICE: &str = "c2a45fd2-e753-46a0-955d-2ac7b4a18ce0";

fn form(text: &str) -> Tree {
    form::tree(form::pairs(text.as_bytes()).unwrap()).unwrap()
}

fn body(value: &Value) -> Tree {
    json_body::tree(value.to_string().as_bytes()).unwrap()
}

fn on() -> Option<ServiceKey> {
    Some(ServiceKey::parse(SERVICE))
}

/// A new plugin from the `--data` of the seed's examples.
fn created(data: &str) -> Result<PluginChange, Refusal> {
    PluginChange::whole(form(&format!("name=application-registration&config.display_name=d&{data}")), on())
}

fn policy(data: &str) -> PolicyValues {
    created(data).unwrap().replace(None)
}

fn refused<T: std::fmt::Debug>(read: Result<T, Refusal>) -> Value {
    let refusal = read.unwrap_err();
    assert_eq!(refusal.status(), 400);
    refusal.body()
}

#[test]
fn the_first_example_gives_the_documented_answer() {
    // K16, K23, K24, §1.2: the command and the result of seed-K2, to the letter.
    let data = "name=application-registration&config.display_name=my_service_display_name\
                &config.enable_client_credentials=true";
    let change = PluginChange::whole(form(data), on()).unwrap();
    assert_eq!(change.service, on());
    let mut policy = change.replace(None);
    assert_eq!(policy.provision_key, None);
    policy.provision_key = Some(Secret::new("D7gc8R1vGD5lkod2wUrSRdpBPpte73kF"));
    let plugin = Plugin {
        id: "7696f657-00f9-462e-9d63-96d27140d2f8".parse().unwrap(),
        name: change.name,
        created_at: 1_589_485_602,
        service: SERVICE.parse().unwrap(),
        enabled: change.enabled.unwrap_or(true),
        beside: kept::Beside::default(),
        tags: change.tags.given(),
        policy,
    };
    assert_eq!(
        serde_json::to_string(&plugin.answer()).unwrap(),
        concat!(
            r#"{"created_at":1589485602,"config":{"refresh_token_ttl":1209600,"auto_approve":false,"#,
            r#""provision_key":"D7gc8R1vGD5lkod2wUrSRdpBPpte73kF","mandatory_scope":false,"scopes":null,"#,
            r#""enable_implicit_grant":false,"display_name":"my_service_display_name","#,
            r#""enable_client_credentials":true,"description":null,"enable_password_grant":false,"#,
            r#""enable_authorization_code":false,"token_expiration":7200,"auth_header_name":"authorization"},"#,
            r#""id":"7696f657-00f9-462e-9d63-96d27140d2f8","#,
            r#""service":{"id":"c2a45fd2-e753-46a0-955d-2ac7b4a18ce0"},"name":"application-registration","#,
            r#""protocols":["grpc","grpcs","http","https"],"enabled":true,"run_on":null,"consumer":null,"#,
            r#""route":null,"tags":null}"#
        )
    );
}

#[test]
fn an_answer_can_be_sent_back() {
    // K52: what GET shows, PUT takes; a display_name in angle brackets as in the seed's template.
    let data = "name=application-registration&config.display_name=<my_service_display_name>\
                &config.enable_authorization_code=true&config.show_issuer=false&tags[]=a";
    let change = PluginChange::whole(form(data), on()).unwrap();
    let plugin = Plugin {
        id: Uuid::from_u128(1),
        name: change.name,
        created_at: 1,
        service: SERVICE.parse().unwrap(),
        enabled: false,
        beside: kept::Beside::default()
            .after(&PluginChange { protocols: Some(vec!["https".into()]), ..change.clone() }),
        tags: change.tags.clone().given(),
        policy: PolicyValues { provision_key: Some(Secret::new("k")), ..change.replace(None) },
    };
    assert_eq!(plugin.value()["config"]["show_issuer"], false); // D-2
    for name in PluginName::ALL {
        let plugin = Plugin { name, ..plugin.clone() };
        let again = PluginChange::whole(body(&plugin.value()), None).unwrap();
        assert_eq!((again.id, again.service.clone(), again.enabled), (Some(plugin.id), on(), Some(false)));
        assert_eq!(again.protocols, Some(plugin.beside.protocols()));
        assert_eq!(again.replace(Some(plugin.policy.clone())), plugin.policy);
    }
}

#[test]
fn every_flow_can_be_enabled() {
    // K25
    for flow in ["authorization_code", "password_grant", "implicit_grant", "client_credentials"] {
        let policy = policy(&format!("config.enable_{flow}=true"));
        let enabled = [
            ("authorization_code", policy.enable_authorization_code),
            ("password_grant", policy.enable_password_grant),
            ("implicit_grant", policy.enable_implicit_grant),
            ("client_credentials", policy.enable_client_credentials),
        ];
        assert!(enabled.into_iter().all(|(name, on)| on == (name == flow)), "{flow}");
    }
}

#[test]
fn tokens_may_live_for_ever_and_not_too_long() {
    // K17, K18, K26
    let flow = "config.enable_authorization_code=true";
    let endless = policy(&format!("{flow}&config.refresh_token_ttl=0&config.token_expiration=0"));
    assert_eq!((endless.refresh_token_ttl, endless.token_expiration), (0, 0));
    let usual = policy(flow);
    assert_eq!((usual.refresh_token_ttl, usual.token_expiration), (1_209_600, 7200));
    // K49
    let body = refused(created(&format!("{flow}&config.refresh_token_ttl=252979200&config.token_expiration=-1")));
    let text = "value should be between 0 and 100000000";
    assert_eq!(body["fields"], json!({"config": {"refresh_token_ttl": text, "token_expiration": text}}));
    let body = refused(created(&format!("{flow}&config.token_expiration=soon")));
    assert_eq!(body["message"], "schema violation (config.token_expiration: expected an integer)");
}

#[test]
fn scopes_are_kept_as_given_and_split_when_used() {
    // K21, K27, D-25: both examples of the seed.
    let flow = "config.enable_authorization_code=true&config.mandatory_scope=true";
    let one = policy(&format!("{flow}&config.scopes[]=<read>"));
    assert_eq!(
        (one.scopes.clone(), one.effective_scopes()),
        (Some(vec!["<read>".to_owned()]), vec!["<read>".to_owned()])
    );
    let two = policy(&format!("{flow}&config.scopes%5B%5D=<read> <write>&config.scopes%5B%5D=<write>  admin"));
    assert_eq!(two.scopes, Some(vec!["<read> <write>".to_owned(), "<write>  admin".to_owned()]));
    assert_eq!(two.effective_scopes(), ["<read>", "<write>", "admin"]);
    // K51: one value is a list of one.
    assert_eq!(policy(&format!("{flow}&config.scopes=read")).scopes, Some(vec!["read".to_owned()]));
    let body = refused(created(&format!("{flow}&config.scopes[]=a&config.scopes[]=b\"c&config.scopes[]=+")));
    assert_eq!(body["fields"], json!({"config": {"scopes": [null, "invalid value: b\"c", "invalid value:  "]}}));
}

#[test]
fn at_least_one_flow_must_be_enabled() {
    // K14, K47: the literal answer.
    let wanted = json!({"message": format!("schema violation (config: {NO_FLOW})"), "name": "schema violation",
                        "fields": {"config": NO_FLOW}, "code": 2});
    assert_eq!(refused(created("")), wanted);
    assert_eq!(refused(created("config.enable_implicit_grant=false")), wanted);
    let before = policy("config.enable_implicit_grant=true");
    let change = PluginChange::part(form("config.enable_implicit_grant=false"), PluginName::ApplicationRegistration);
    assert_eq!(refused(change.unwrap().merge(before.clone())), wanted);
    let change = form("config.enable_implicit_grant=false&config.enable_password_grant=true");
    let change = PluginChange::part(change, PluginName::ApplicationRegistration).unwrap();
    let after = change.merge(before.clone()).unwrap();
    assert_eq!(after, PolicyValues { enable_implicit_grant: false, enable_password_grant: true, ..before });
}

#[test]
fn mandatory_scopes_need_scopes() {
    // K20, K48
    let flow = "config.enable_authorization_code=true&config.mandatory_scope=true";
    for scopes in ["", "&config.scopes="] {
        let body = refused(created(&format!("{flow}{scopes}")));
        let conditional = "failed conditional validation given value of field 'mandatory_scope'";
        let fields = json!({"config": {"@entity": [conditional], "scopes": "required field missing"}});
        assert_eq!(body["fields"], fields);
        assert_eq!(
            body["message"],
            format!(
                "2 schema violations (config.@entity: {{\n  \"{conditional}\"\n}}; config.scopes: required field missing)"
            )
        );
    }
    let before = policy(&format!("{flow}&config.scopes[]=a"));
    let change = PluginChange::part(body(&json!({"config": {"scopes": []}})), PluginName::ApplicationRegistration);
    assert_eq!(refused(change.unwrap().merge(before))["fields"]["config"]["scopes"], "required field missing");
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    // K12, K22, K46, K49, s.K3
    let data = "name=application-registration&route.id=x&consumer.id=y&config.scope=a&config.auto_approve=yes\
                &config.auth_header_name=a:b&protocols[]=tcp&foo=1&config.description=1&config.description=2";
    let body = refused(PluginChange::whole(form(data), None));
    assert_eq!(
        body["fields"],
        json!({"config": {"auth_header_name": "bad header name 'a:b', allowed characters are A-Z, a-z, 0-9, '_', and '-'",
                          "auto_approve": "expected a boolean", "description": "expected a string",
                          "display_name": "required field missing", "scope": "unknown field"},
               "consumer": "value must be null", "foo": "unknown field",
               "protocols": ["expected one of: grpc, grpcs, http, https"], "route": "value must be null",
               "service": "required field missing"})
    );
    assert!(body["message"].as_str().unwrap().starts_with("10 schema violations (config.auth_header_name: bad"));
    // K41, K49
    let body =
        refused(PluginChange::whole(form("name=application-registration&service.id=x&config.display_name=d"), None));
    assert_eq!(body["fields"], json!({"config": NO_FLOW, "service": {"id": "expected a valid UUID"}}));
    // A missing config is as empty as one without fields.
    let body = refused(PluginChange::whole(form("name=application-registration"), on()));
    assert_eq!(body["message"], "schema violation (config.display_name: required field missing)");
    let body = refused(PluginChange::whole(form("name=application-registration&config=x"), on()));
    assert_eq!(body["fields"], json!({"config": "expected a record"}));
}

#[test]
fn the_name_says_which_plugin_is_meant() {
    // K46: the literal answer; D-1.
    let missing = json!({"message": "schema violation (name: required field missing)", "name": "schema violation",
                         "fields": {"name": "required field missing"}, "code": 2});
    for data in ["", "name=", "config.display_name=d"] {
        assert_eq!(refused(PluginChange::whole(form(data), on())), missing, "{data}");
        assert!(!is_meant(&form(data)));
    }
    let unknown = refused(PluginChange::whole(form("name=key-auth"), on()));
    let text = "plugin 'key-auth' not enabled; add it to the 'plugins' configuration property";
    assert_eq!(unknown["fields"], json!({"name": text}));
    assert_eq!(
        refused(PluginChange::whole(form("name=a&name=b"), on()))["fields"],
        json!({"name": "expected a string"})
    );
    assert!(is_meant(&form("name=application-registration")) && is_meant(&form("name=oauth2")));
    assert!(!is_meant(&form("name=key-auth")));
}

#[test]
fn a_service_is_named_by_id_or_name() {
    // K23, K41, s.K7
    assert_eq!(ServiceKey::parse(SERVICE), ServiceKey::Id(SERVICE.parse().unwrap()));
    assert_eq!(ServiceKey::parse("billing"), ServiceKey::Name("billing".to_owned()));
    assert_eq!(
        ServiceKey::parse("c2a45fd2e75346a0955d2ac7b4a18ce0").value(),
        json!({"name": "c2a45fd2e75346a0955d2ac7b4a18ce0"})
    );
    let data = "name=application-registration&config.display_name=d&config.enable_password_grant=true&service";
    let named = |rest: &str, on| PluginChange::whole(form(&format!("{data}{rest}")), on).unwrap().service;
    assert_eq!(named(".name=billing", None), Some(ServiceKey::Name("billing".to_owned())));
    assert_eq!(named(&format!(".id={SERVICE}"), None), on());
    // The path decides.
    assert_eq!(named(".name=billing", on()), on());
}

#[test]
fn a_patch_changes_only_what_it_names() {
    // K28: the literal body of the seed; K52.
    let before =
        policy("config.enable_authorization_code=true&config.scopes[]=a&config.scopes[]=b&config.description=x");
    let part = |text: &str| PluginChange::part(form(text), PluginName::ApplicationRegistration).unwrap();
    let change = part("config.auto_approve=true");
    assert_eq!((change.enabled, &change.tags, &change.protocols), (None, &Sent::Absent, &None));
    assert_eq!(change.merge(before.clone()).unwrap(), PolicyValues { auto_approve: true, ..before.clone() });
    let lists = part("config.scopes[]=c&config.auth_header_name=x-token").merge(before.clone()).unwrap();
    let scopes = Some(vec!["c".to_owned()]);
    assert_eq!(lists, PolicyValues { scopes, auth_header_name: "x-token".to_owned(), ..before.clone() });
    let emptied = part("config.scopes=&config.description=&config.auth_header_name=").merge(lists).unwrap();
    assert_eq!(emptied, PolicyValues { scopes: None, description: None, ..before.clone() });
    assert_eq!(part("name=application-registration&enabled=false&tags=").tags, Sent::Null);
    assert_eq!(part("").merge(before.clone()).unwrap(), before);
    let json = body(&json!({"config": {"display_name": null, "auto_approve": null, "provision_key": null}}));
    let missing = "required field missing";
    assert_eq!(
        refused(PluginChange::part(json, PluginName::ApplicationRegistration))["fields"],
        json!({"config": {"display_name": missing, "auto_approve": missing, "provision_key": missing}})
    );
    let renamed = refused(PluginChange::part(form("name=oauth2"), PluginName::ApplicationRegistration));
    assert_eq!(renamed["fields"], json!({"name": "immutable field cannot be updated"}));
}

#[test]
fn a_put_replaces_and_a_given_provision_key_is_kept() {
    // K16, K52
    let before = policy("config.enable_authorization_code=true&config.description=x&config.provision_key=mine");
    assert_eq!(before.provision_key, Some(Secret::new("mine")));
    let after = created("config.enable_password_grant=true").unwrap().replace(Some(before));
    assert_eq!((after.description, after.enable_authorization_code, after.provision_key), (None, false, None));
}

#[test]
fn oauth2_sets_its_part_of_the_policy() {
    // D-2
    let before = policy(
        "config.enable_password_grant=true&config.description=x&config.auto_approve=true&config.token_expiration=9",
    );
    let data = "name=oauth2&config.enable_authorization_code=true&config.scopes[]=read&config.global_credentials=true\
                &config.hide_credentials=true&config.pkce=lax";
    let after = PluginChange::whole(form(data), on()).unwrap().replace(Some(before.clone()));
    assert_eq!(
        after,
        PolicyValues {
            enable_password_grant: false,
            enable_authorization_code: true,
            token_expiration: 7200,
            scopes: Some(vec!["read".to_owned()]),
            ..before
        }
    );
    let body = refused(PluginChange::whole(
        form("name=oauth2&config.pkce=none&config.reuse_refresh_token=true&config.anonymous=a&config.display_name=d"),
        on(),
    ));
    assert_eq!(
        body["fields"],
        json!({"config": {"pkce": "expected one of: lax", "reuse_refresh_token": "value must be false",
                          "anonymous": "value must be null", "display_name": "unknown field"}})
    );
    assert_eq!(refused(PluginChange::whole(form("name=oauth2"), on()))["fields"], json!({"config": NO_FLOW}));
}

#[test]
fn what_may_exist_once_conflicts() {
    // K12, K50
    let service: Uuid = SERVICE.parse().unwrap();
    let refusal = exists(PluginName::ApplicationRegistration, service);
    let text = format!(
        "UNIQUE violation detected on '{{consumer=null,name=\"application-registration\",route=null,service={{id=\"{SERVICE}\"}}}}'"
    );
    assert_eq!(
        (refusal.status(), refusal.body()),
        (
            409,
            json!({"message": text, "name": "unique constraint violation", "code": 5,
                   "fields": {"consumer": null, "name": "application-registration", "route": null, "service": {"id": SERVICE}}})
        )
    );
    assert_eq!(display_name_is_taken("d").body()["fields"], json!({"config": {"display_name": "d"}}));
}
