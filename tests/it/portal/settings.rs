//! The tenant's settings: typed, checked as a whole, merged.

use entity::user::Role;
use registrar::portal::Rule;
use registrar::portal::settings::{self, patch, read};
use serde_json::{Value, json};

use super::{admin, told, wrong};
use crate::harness::TestApp;

#[tokio::test]
async fn a_patch_changes_what_it_names_and_takes_effect_at_once() {
    let app = TestApp::start().await;
    app.made(&admin(), registrar::portal::service::Change { name: Some("orders".into()), ..Default::default() }).await;
    let patch = async |wanted: Value| patch(&app.app, &app.tenant(), &admin(), &wanted).await;
    let before = read(&app.app, &app.tenant(), &admin()).await.unwrap();
    let first = json!({
        "name": "Acme",
        "registration": {"open": true},
        "auto_approve": {"contracts": true},
        "default_audience": "orders",
        "kept": {"picture_url": "https://cdn.example/logo.png", "flags": {"old": true}},
    });
    let after = patch(first).await.unwrap();
    assert_eq!(after, read(&app.app, &app.tenant(), &admin()).await.unwrap());
    assert_ne!(after.tag, before.tag);
    let mut expected = settings::Shown { tag: after.tag.clone(), updated_at: after.updated_at, ..before };
    expected.name = "Acme".into();
    expected.settings.registration.open = true;
    expected.settings.auto_approve.contracts = true;
    expected.settings.default_audience = Some("orders".into());
    let kept = json!({"picture_url": "https://cdn.example/logo.png", "flags": {"old": true}});
    expected.settings.kept = kept.as_object().unwrap().clone();
    assert_eq!(after, expected);
    let tenant = app.tenant();
    assert_eq!((tenant.name.as_str(), &tenant.settings), ("Acme", &expected.settings));
    let back =
        json!({"registration": {"open": null}, "default_audience": null, "kept": {"flags": {"old": null, "new": 1}}});
    let after = patch(back).await.unwrap();
    assert_eq!((after.settings.registration.open, after.settings.default_audience), (false, None));
    let kept = json!({"picture_url": "https://cdn.example/logo.png", "flags": {"new": 1}});
    assert_eq!(Value::Object(after.settings.kept), kept);
    let log = app.log(tenant.id, "tenant:default").await;
    // s.B18
    assert_eq!((log.len(), &log[1]["before"]["settings"]["default_audience"]), (2, &json!("orders")));
}

#[tokio::test]
async fn all_that_is_wrong_is_said_at_once_and_nothing_changes() {
    let app = TestApp::start().await;
    let patch = async |wanted: Value| patch(&app.app, &app.tenant(), &admin(), &wanted).await;
    let bad = json!({
        "registration": {"open": true, "profile": "lenient"},
        "session": {"idle_hours": 0, "max_hours": "long"},
        "portal": {"sign_up_domains": ["exa mple.org"]},
        "about": {"support_email": "nobody", "support_url": "ftp://example.org"},
        "default_audience": "unheard-of",
        "colour": "red",
    });
    let fields: Vec<String> = wrong(patch(bad).await).into_iter().map(|(field, _)| field).collect();
    let expected = [
        "about.support_email",
        "about.support_url",
        "colour",
        "default_audience",
        "portal.sign_up_domains",
        "registration.profile",
        "session.idle_hours",
        "session.max_hours",
    ];
    let mut sorted = fields;
    sorted.sort();
    assert_eq!(sorted, expected);
    assert!(!app.tenant().settings.registration.open);
    patch(json!({"session": {"max_hours": 10}})).await.unwrap();
    let outcome = wrong(patch(json!({"session": {"idle_hours": 11}})).await);
    assert_eq!(outcome, [("session.idle_hours".to_owned(), Rule::Contradiction)]);
    assert_eq!(wrong(patch(json!([])).await), [(String::new(), Rule::Form)]);
}

#[tokio::test]
async fn settings_are_the_admins_affair() {
    // K6, s.B4
    let app = TestApp::start().await;
    let tenant = app.tenant();
    for role in [Role::User, Role::Developer, Role::Publisher] {
        let actor = app.actor(&format!("{role:?}@p.example"), role).await;
        assert_eq!(told(read(&app.app, &tenant, &actor).await), "NotAllowed(ReadSettings)");
        let outcome = patch(&app.app, &tenant, &actor, &json!({"registration": {"open": true}})).await;
        assert_eq!(told(outcome), "NotAllowed(WriteSettings)");
    }
}
