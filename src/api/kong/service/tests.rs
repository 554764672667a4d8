//! Is a service read and shown as Kong does?

#![allow(clippy::unwrap_used, clippy::expect_used)]

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::api::kong::body::{form, json as json_body};

fn form(text: &str) -> Tree {
    form::tree(form::pairs(text.as_bytes()).unwrap()).unwrap()
}

fn body(value: &Value) -> Tree {
    json_body::tree(value.to_string().as_bytes()).unwrap()
}

fn shown(change: &ServiceChange) -> Value {
    let service = Service {
        id: Uuid::nil(),
        name: change.name.clone().given(),
        created_at: 1,
        updated_at: 2,
        upstream: change.upstream(Upstream::default()).unwrap(),
        tags: change.tags.clone().given(),
        enabled: change.enabled.unwrap_or(true),
    };
    service.value()
}

fn fields_refused(read: Result<ServiceChange, Refusal>) -> Value {
    let refusal = read.expect_err("it is refused");
    assert_eq!((refusal.status(), &refusal.body()["code"]), (400, &json!(2)));
    refusal.body()["fields"].clone()
}

#[test]
fn a_url_stands_for_four_fields() {
    // K53
    let change = ServiceChange::whole(form("name=billing&url=https://billing.example/v1")).unwrap();
    assert_eq!(
        serde_json::to_string(&shown(&change)).unwrap(),
        json!({"id": "00000000-0000-0000-0000-000000000000", "name": "billing", "created_at": 1, "updated_at": 2,
               "protocol": "https", "host": "billing.example", "port": 443, "path": "/v1", "retries": 5,
               "connect_timeout": 60000, "write_timeout": 60000, "read_timeout": 60000, "tags": null,
               "client_certificate": null, "tls_verify": null, "tls_verify_depth": null, "ca_certificates": null,
               "enabled": true})
        .to_string()
    );
}

#[test]
fn parts_of_a_url_may_be_missing() {
    // K53
    for (url, protocol, host, port, path) in [
        ("http://a.example", "http", "a.example", 80, Value::Null),
        ("http://a.example/", "http", "a.example", 80, json!("/")),
        ("HTTP://u:p@a.example:8080/x?y#z", "http", "a.example", 8080, json!("/x")),
        ("https://[::1]:8443/x", "https", "[::1]", 8443, json!("/x")),
        ("https://[::1]", "https", "[::1]", 443, Value::Null),
        ("grpcs://a.example:443", "grpcs", "a.example", 443, Value::Null),
    ] {
        let upstream = ServiceChange::whole(body(&json!({"url": url}))).unwrap().upstream(Upstream::default()).unwrap();
        assert_eq!((&*upstream.protocol, &*upstream.host, upstream.port), (protocol, host, port), "{url}");
        assert_eq!(json!(upstream.path), path, "{url}");
    }
}

#[test]
fn what_is_wrong_with_a_url_is_wrong_with_its_fields() {
    for (url, fields) in [
        ("a.example/x", json!({"host": "required field missing", "path": "should start with: /"})),
        (
            "ftp://a.example",
            json!({"protocol": "expected one of: grpc, grpcs, http, https, tcp, tls, tls_passthrough, udp"}),
        ),
        ("http://a.example:99999", json!({"port": "value should be between 0 and 65535"})),
        ("http://a.example:http", json!({"port": "expected an integer"})),
        ("http://a b/x//y", json!({"host": "invalid value: a b", "path": "must not have empty segments"})),
    ] {
        assert_eq!(fields_refused(ServiceChange::whole(body(&json!({"url": url})))), fields, "{url}");
    }
    assert_eq!(
        fields_refused(ServiceChange::whole(body(&json!({"url": 1})))),
        json!({"host": "required field missing", "url": "expected a string"})
    );
}

#[test]
fn a_service_needs_a_host() {
    // K46, as Kong's own test says it.
    let refusal = ServiceChange::whole(form("path=x")).unwrap_err();
    assert_eq!(
        refusal.body(),
        json!({"message": "2 schema violations (host: required field missing; path: should start with: /)",
               "name": "schema violation",
               "fields": {"host": "required field missing", "path": "should start with: /"}, "code": 2})
    );
}

#[test]
fn a_name_is_a_part_of_a_path() {
    // K53, s.K7
    for good in ["billing", "a.b-c_d~e", "größe", "日本"] {
        assert!(ServiceChange::whole(body(&json!({"name": good, "host": "h"}))).is_ok(), "{good}");
    }
    for bad in ["a/b", "a b", "..", ".", "a?b", "a%2fb", "a\u{85}"] {
        let text =
            format!("invalid value '{bad}': the only accepted ascii characters are alphanumerics or ., -, _, and ~");
        let fields = fields_refused(ServiceChange::whole(body(&json!({"name": bad, "host": "h"}))));
        assert_eq!(fields, json!({"name": text}));
    }
}

#[test]
fn hosts_and_paths_are_checked() {
    for (host, text) in
        [("a.example:80", "must not have a port"), ("a b", "invalid value: a b"), (":", "invalid value: :")]
    {
        assert_eq!(fields_refused(ServiceChange::whole(body(&json!({"host": host})))), json!({"host": text}));
    }
    for (path, text) in [
        ("/a b", "invalid path: '/a b' (characters outside of the reserved list of RFC 3986 found)"),
        ("/%4", "invalid url-encoded value: '%4'"),
        ("/%zz", "invalid url-encoded value: '%zz'"),
    ] {
        let fields = fields_refused(ServiceChange::whole(body(&json!({"host": "h", "path": path}))));
        assert_eq!(fields, json!({"path": text}));
    }
}

#[test]
fn a_field_must_go_with_the_protocol() {
    let conditional = "failed conditional validation given value of field 'protocol'";
    let grpc = json!({"host": "h", "protocol": "grpc", "path": "/x", "tls_verify": true});
    assert_eq!(
        fields_refused(ServiceChange::whole(body(&grpc))),
        json!({"@entity": [conditional, conditional], "path": "value must be null", "tls_verify": "value must be null"})
    );
    let before = Upstream { path: Some("/x".to_owned()), ..Upstream::default() };
    let refused = ServiceChange::part(form("protocol=tcp")).unwrap().upstream(before.clone()).unwrap_err();
    assert_eq!(refused.body()["message"], format!("2 schema violations ({conditional}; path: value must be null)"));
    let after = ServiceChange::part(form("protocol=tcp&path=")).unwrap().upstream(before).unwrap();
    assert_eq!((&*after.protocol, after.path), ("tcp", None));
}

#[test]
fn a_change_leaves_the_rest_alone() {
    // K53
    let before = ServiceChange::whole(form("url=http://h/x&retries=7")).unwrap().upstream(Upstream::default()).unwrap();
    let change = ServiceChange::part(form("read_timeout=1&tags[]=a&tags[]=b&tags[]=a")).unwrap();
    assert_eq!(change.tags, Sent::Given(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(change.name, Sent::Absent);
    assert_eq!(change.upstream(before.clone()).unwrap(), Upstream { read_timeout: Some(1), ..before });
    assert_eq!(fields_refused(ServiceChange::part(form("host="))), json!({"host": "required field missing"}));
    assert_eq!(fields_refused(ServiceChange::part(form("foo=1"))), json!({"foo": "unknown field"}));
}
