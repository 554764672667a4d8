//! A service from nothing to one that applications register for, with its documents.

use entity::user::Role;
use registrar::portal::service::Change;
use registrar::portal::{policy, service};

use super::{PUBLISHER, console, done, form_to, link, page, signed_in};
use crate::harness::browser::forms;

/// Leaves out a field, as a browser does with a mark that is not set.
fn without(mut form: crate::harness::browser::Form, names: &[&str]) -> crate::harness::browser::Form {
    form.fields.retain(|(name, _)| !names.contains(&name.as_str()));
    form
}

const MARKS: [&str; 7] = [
    "auto_approve",
    "enable_authorization_code",
    "enable_client_credentials",
    "enable_implicit_grant",
    "enable_password_grant",
    "mandatory_scope",
    "comment_required",
];

#[tokio::test]
async fn a_service_gets_application_registration_along_the_way_the_guide_describes() {
    spec!("portal/K8");
    let (app, admin, mut browser) = console().await;
    let list = page(&mut browser, "/admin/services").await;
    let blank = page(&mut browser, &link(&list, "New Service")).await;
    let form = form_to(&blank, "/services/new")
        .set("name", "orders")
        .set("audience", "https://orders.example/")
        .set("scopes", "read Read orders\nwrite Change orders")
        .set("access", "contract");
    let view = done(&mut browser, &form).await;
    // Services → View → Plugins → Add Plugin → Authentication → Portal Application Registration → Enable → Create.
    let list = page(&mut browser, "/admin/services").await;
    assert!(list.text.contains("View <bdi>orders</bdi>"), "{}", list.text);
    assert!(view.text.contains(">Plugins</h2>"), "{}", view.text);
    let kinds = page(&mut browser, &link(&view, "Add Plugin")).await;
    for words in ["Add New Plugin", ">Authentication</h2>", "Portal Application Registration"] {
        assert!(kinds.text.contains(words), "{words}: {}", kinds.text);
    }
    let form_page = page(&mut browser, &link(&kinds, "Enable")).await;
    let labels = [
        "Auth Header Name",
        "Auto Approve",
        "Description",
        "Display Name",
        "Enable Authorization Code",
        "Enable Client Credentials",
        "Enable Implicit Grant",
        "Enable Password Grant",
        "Mandatory Scope",
        "Provision Key",
        "Refresh Token TTL",
        "Scopes",
        "Token Expiration",
    ];
    for label in labels {
        assert!(form_page.text.contains(&format!(">{label}")), "{label}: {}", form_page.text);
    }
    for (name, value) in
        [("token_expiration", "7200"), ("refresh_token_ttl", "1209600"), ("auth_header_name", "authorization")]
    {
        assert!(form_page.text.contains(&format!("name=\"{name}\" type=\"")), "{name}");
        assert!(form_page.text.contains(&format!("value=\"{value}\"")), "{name}");
    }
    assert!(form_page.text.contains(">Create</button>"));
    let form = without(form_to(&form_page, "/policy/new"), &MARKS)
        .set("display_name", "Orders API")
        .set("enable_client_credentials", "on");
    let view = done(&mut browser, &form).await;
    assert!(view.text.contains("Orders API"), "{}", view.text);
    let made = policy::of_service(&app.app, &app.tenant(), &admin, "orders").await.unwrap();
    assert!(made.row.enable_client_credentials && !made.row.auto_approve && made.row.enabled);
    assert_eq!((made.row.token_expiration, made.row.refresh_token_ttl), (7200, 1_209_600));
    let key = policy::provision_key(&app.app, &admin, &made.row).unwrap();
    assert!(view.text.contains(key.expose()), "an admin sees the provision key");

    let off = done(&mut browser, &form_to(&view, "/policy/disable")).await;
    let on = done(&mut browser, &form_to(&off, "/policy/enable")).await;
    let rotated = done(&mut browser, &form_to(&on, "/policy/provision-key")).await;
    assert!(!rotated.text.contains(key.expose()));
    let gone = done(&mut browser, &form_to(&rotated, "/policy/delete")).await;
    assert!(gone.text.contains("Add Plugin"), "{}", gone.text);
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_what_was_typed_stays() {
    // K12, K14
    let (app, admin, mut browser) = console().await;
    let orders = Change { name: Some("orders".into()), ..Change::default() };
    let service = service::create(&app.app, &app.tenant(), &admin, None, orders).await.unwrap();
    let path = format!("/admin/services/{}/policy/new", service.row.id);
    let blank = page(&mut browser, &path).await;
    let form = without(form_to(&blank, "/policy/new"), &MARKS)
        .set("display_name", "")
        .set("token_expiration", "-1")
        .set("description", "kept as typed");
    let again = browser.submit(&form).await;
    assert_eq!(again.status, 400);
    assert!(again.text.contains("<title>Error: "), "{}", again.text);
    for id in ["field-display_name-complaint", "field-token_expiration-complaint"] {
        assert!(again.text.contains(&format!("id=\"{id}\"")), "{id}: {}", again.text);
    }
    assert!(again.text.contains("Enable at least one flow."));
    assert!(again.text.contains("kept as typed"));
}

#[tokio::test]
async fn tokens_that_never_end_are_warned_of() {
    // s.K4, D-19
    let (app, admin, mut browser) = console().await;
    let orders = Change { name: Some("orders".into()), ..Change::default() };
    service::create(&app.app, &app.tenant(), &admin, None, orders).await.unwrap();
    let endless = policy::Change {
        display_name: Some("Orders".into()),
        enable_client_credentials: Some(true),
        token_expiration: Some(0),
        ..policy::Change::default()
    };
    policy::create(&app.app, &app.tenant(), &admin, "orders", None, endless).await.unwrap();
    let view = page(&mut browser, "/admin/services/orders").await;
    assert!(view.text.contains("Tokens of this service may never expire."), "{}", view.text);
}

#[tokio::test]
async fn a_document_is_uploaded_unlinked_and_linked_by_its_path() {
    spec!("portal/K29");
    let (app, admin, mut browser) = console().await;
    let orders = Change { name: Some("orders".into()), ..Change::default() };
    let service = service::create(&app.app, &app.tenant(), &admin, None, orders).await.unwrap();
    let view = page(&mut browser, "/admin/services/orders").await;
    let blank = page(&mut browser, &link(&view, "Add a Document")).await;
    for words in ["Document Spec Path", "Upload Document", ">Add Document</button>"] {
        assert!(blank.text.contains(words), "{words}");
    }
    let mut form = form_to(&blank, "/documents/upload").set("title", "Orders API").set("path", "specs/orders.yaml");
    form.fields.retain(|(name, _)| name != "file");
    let document = "openapi: 3.1.0\ninfo: {title: Orders, version: '1'}\npaths: {}\n";
    let answer = browser.submit_file(&form, "file", "orders.yaml", document).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let view = browser.follow(answer).await;
    assert!(view.text.contains("specs/orders.yaml"), "{}", view.text);
    let hidden = done(&mut browser, &form_to(&view, "/hide")).await;
    let shown = done(&mut browser, &form_to(&hidden, "/publish")).await;
    let unlinked = done(&mut browser, &form_to(&shown, "/unlink")).await;
    assert!(!unlinked.text.contains("specs/orders.yaml"), "{}", unlinked.text);
    let add = format!("/admin/services/{}/documents/new", service.row.id);
    let blank = page(&mut browser, &add).await;
    assert!(blank.text.contains("<option value=\"specs/orders.yaml\">"), "{}", blank.text);
    let wrong = browser.submit(&form_to(&blank, "/documents/link").set("spec_path", "specs/none.yaml")).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("id=\"field-spec_path-complaint\"") && wrong.text.contains("specs/none.yaml"));
    let view = done(&mut browser, &form_to(&blank, "/documents/link").set("spec_path", "specs/orders.yaml")).await;
    assert!(view.text.contains("specs/orders.yaml"), "{}", view.text);
}

#[tokio::test]
async fn publishers_see_and_change_what_they_look_after_and_no_secret_of_it() {
    spec!("portal/N16");
    // s.B4, s.B15, s.K4
    let (app, admin, _) = console().await;
    let publisher = app.with_role(PUBLISHER, Role::Publisher).await;
    let mut keys = Vec::new();
    for (name, owner) in [("theirs", publisher.user_id()), ("other", None)] {
        let service = Change { name: Some(name.into()), owner_id: Some(owner), ..Change::default() };
        service::create(&app.app, &app.tenant(), &admin, None, service).await.unwrap();
        let wish = policy::Change {
            display_name: Some(name.into()),
            enable_client_credentials: Some(true),
            ..policy::Change::default()
        };
        let made = policy::create(&app.app, &app.tenant(), &admin, name, None, wish).await.unwrap();
        keys.push(policy::provision_key(&app.app, &admin, &made.row).unwrap());
    }
    let mut browser = signed_in(&app, PUBLISHER, "/admin/services").await;
    let theirs = page(&mut browser, "/admin/services/theirs").await;
    let other = page(&mut browser, "/admin/services/other").await;
    for (view, key) in [(&theirs, &keys[0]), (&other, &keys[1])] {
        assert!(!view.text.contains(key.expose()) && !view.text.contains("Provision Key"), "{}", view.text);
        assert!(!view.text.contains("/admin/settings"), "{}", view.text);
    }
    assert!(theirs.text.contains(">Edit</a>") && !other.text.contains(">Edit</a>"));
    assert!(forms(&other.text).is_empty(), "nothing to do with another's service: {}", other.text);
    for path in ["/edit", "/policy", "/add", "/documents/new"] {
        assert_eq!(browser.get(&format!("/admin/services/other{path}")).await.status, 403, "{path}");
    }
    let edit = page(&mut browser, "/admin/services/theirs/policy").await;
    for name in ["auto_approve", "enable_implicit_grant", "enable_password_grant", "provision_key"] {
        assert!(!edit.text.contains(&format!("name=\"{name}\"")), "{name}");
    }
    // Sent all the same, they change nothing; a lifetime without end is refused.
    let fields = without(form_to(&edit, "/policy"), &MARKS).set("enable_client_credentials", "on");
    let sneaky = fields.clone().set("enable_password_grant", "on").set("auto_approve", "on");
    done(&mut browser, &sneaky).await;
    let now = policy::of_service(&app.app, &app.tenant(), &admin, "theirs").await.unwrap();
    assert!(!now.row.enable_password_grant && !now.row.auto_approve);
    let edit = page(&mut browser, "/admin/services/theirs/policy").await;
    let endless = without(form_to(&edit, "/policy"), &MARKS).set("enable_client_credentials", "on");
    assert_eq!(browser.submit(&endless.set("token_expiration", "0")).await.status, 403);
}
