//! My Apps, the dashboard, credentials and tokens; and that nobody reaches what is somebody else's.

use entity::contract::ContractState;
use registrar::portal::{Actor, application as rules, contract};
use serde_json::json;

use super::{admin, application, between, developer, page_form, path, reloaded};
use crate::harness::TestApp;
use crate::harness::browser::forms;
use crate::harness::http::Auth;

#[tokio::test]
async fn an_application_needs_a_name_and_what_was_typed_stays() {
    spec!("portal/K31");
    let site = TestApp::start().await;
    site.settings(json!({"users": {"default_application": false}})).await;
    let mut browser = developer(&site, "ada@example.org").await;
    let blank = page_form(&browser.get("/portal/applications/new").await, "/portal/applications/new");
    let form =
        blank.clone().set("name", " ").set("kind", "web").set("redirect_uris", "https://a.example/cb#x\r\nnonsense");
    let answer = browser.submit(&form.set("description", "What it \"does\"")).await;
    assert_eq!(answer.status, 400);
    for shown in ["id=\"name-wrong\"", "id=\"redirect_uris-wrong\"", "What it &#34;does&#34;", "https://a.example/cb#x"]
    {
        assert!(answer.text.contains(shown), "{shown}: {}", answer.text);
    }
    assert!(answer.text.contains("<title>Error: Create Application"));
    let answer = browser.submit(&blank.set("name", "x").set("kind", "toaster")).await;
    assert_eq!(answer.status, 400);
    assert!(browser.get("/portal/applications").await.text.contains("You have no applications yet."));
}

#[tokio::test]
async fn secrets_are_shown_once_and_are_added_renewed_and_removed() {
    spec!("portal/K32", "portal/N24", "portal/N25");
    let site = TestApp::start().await;
    let mut browser = developer(&site, "ada@example.org").await;
    let made = application(&site, &mut browser, "Shop", "web").await;
    let works = async |secret: &str| {
        let fields = [("grant_type", "client_credentials")];
        site.http.form("/token", Auth::Basic(&made.client_id, secret), &fields).await.status == 200
    };
    let first = made.secret.clone().unwrap();
    assert!(works(&first).await);
    let dashboard = browser.get(&made.page).await;
    assert!(dashboard.text.contains(&format!("…<bdi>{}</bdi>", &first[60..])) && !dashboard.text.contains(&first));
    assert_eq!(dashboard.header("cache-control"), "no-store");

    let answer = browser.submit(&page_form(&dashboard, "/secrets").set("name", "second")).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    assert!(answer.text.contains("The client secret will only be shown once."));
    let second = between(&answer.text, "<code class=\"secret\">", "</code>");
    assert!(works(&first).await && works(&second).await);

    // With two, neither is renewed; the first is removed.
    let dashboard = browser.get(&made.page).await;
    assert!(dashboard.text.contains("<bdi>second</bdi>") && !dashboard.text.contains(&second));
    assert!(!dashboard.text.contains("/renew\""));
    let remove = forms(&dashboard.text).into_iter().find(|form| form.action.contains("/secrets/")).unwrap();
    assert_eq!(path(&site, &browser.submit(&remove).await), format!("{}?done=secret-removed", made.page));
    assert!(!works(&first).await && works(&second).await);
    // The last one stays.
    assert_eq!(browser.submit(&remove).await.status, 404);
    let form = page_form(&browser.get(&made.page).await, "/renew");
    let answer = browser.submit(&form).await;
    let third = between(&answer.text, "<code class=\"secret\">", "</code>");
    assert!(!works(&second).await && works(&third).await);

    // Another client of the same application, and away with it.
    let form = page_form(&browser.get(&made.page).await, "/clients").set("name", "Batch");
    let answer = browser.submit(&form).await;
    assert!(answer.text.contains("Client added") && answer.text.contains("<code class=\"secret\">"), "{}", answer.text);
    let dashboard = browser.get(&made.page).await;
    assert!(dashboard.text.contains("<bdi>Batch</bdi>"));
    let remove = forms(&dashboard.text).into_iter().rfind(|form| form.action.ends_with("/delete")).unwrap();
    assert_eq!(path(&site, &browser.submit(&remove).await), format!("{}?done=client-removed", made.page));
    assert!(!browser.get(&made.page).await.text.contains("<bdi>Batch</bdi>"));
}

#[tokio::test]
async fn an_application_is_edited_and_deleted_by_who_types_its_name() {
    spec!("portal/G32");
    let site = TestApp::start().await;
    let mut browser = developer(&site, "ada@example.org").await;
    let made = application(&site, &mut browser, "Shop", "web").await;
    let edit = format!("{}/edit", made.page);
    let stale = page_form(&browser.get(&edit).await, "/edit");
    let form =
        stale.clone().set("name", "Store").set("description", "a\r\nb").set("redirect_uris", "https://b.example/cb");
    assert_eq!(path(&site, &browser.submit(&form).await), format!("{}?done=saved", made.page));
    let dashboard = browser.get(&made.page).await.text;
    assert!(dashboard.contains("<h1>Store</h1>") && dashboard.contains("https://b.example/cb"), "{dashboard}");
    // Somebody else's change is not overwritten.
    let answer = browser.submit(&stale.set("name", "Kiosk").set("description", "")).await;
    assert_eq!(answer.status, 409);
    assert!(answer.text.contains("Somebody changed it in the meantime.") && answer.text.contains("value=\"Kiosk\""));
    let form = page_form(&browser.get(&edit).await, "/edit").set("redirect_uris", "x#y");
    let answer = browser.submit(&form).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("id=\"redirect_uris-wrong\""), "{}", answer.text);

    let delete = page_form(&browser.get(&edit).await, "/delete");
    let answer = browser.submit(&delete.clone().set("confirm", "Shop")).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("The name you typed is not the name of the application."));
    let answer = browser.submit(&delete.set("confirm", "Store")).await;
    assert_eq!(path(&site, &answer), "/portal/applications?done=deleted");
    assert_eq!(browser.get(&made.page).await.status, 404);
}

#[tokio::test]
async fn a_decision_is_shown_with_its_remark_and_what_was_revoked_stays() {
    spec!("portal/N9", "portal/N10", "portal/N12");
    let site = TestApp::start().await;
    let tenant = site.tenant();
    let service = site.guarded("https://orders.example", &[], |_| {}).await;
    let mut browser = developer(&site, "ada@example.org").await;
    let made = application(&site, &mut browser, "Shop", "web").await;
    let ask = page_form(&browser.get(&made.page).await, "/register");
    assert_eq!(browser.submit(&ask).await.status, 303);
    let all = contract::list(&site.app, &tenant, &admin(), &contract::Filter::default(), &first()).await.unwrap();
    let id = all.items[0].row.id;
    let decide = async |decision| contract::decide(&site.app, &tenant, &admin(), id, decision).await.unwrap();
    decide(contract::Decision::Reject { reason: Some("Not <yet>\nsorry".to_owned()) }).await;
    let page = browser.get(&made.page).await;
    for shown in ["Rejected", "Not &#60;yet&#62;", "To ask again, unregister first."] {
        assert!(page.text.contains(shown), "{shown}: {}", page.text);
    }
    let end = page_form(&page, "/unregister");
    decide(contract::Decision::Approve).await;
    decide(contract::Decision::Suspend).await;
    assert!(browser.get(&made.page).await.text.contains("Paused"));
    decide(contract::Decision::Revoke { reason: None }).await;
    let page = browser.get(&made.page).await;
    assert!(page.text.contains("Revoked") && !page.text.contains("/unregister"), "{}", page.text);
    let answer = browser.submit(&end).await;
    assert_eq!(answer.status, 409);
    assert!(answer.text.contains("This cannot be done in the state it is in"), "{}", answer.text);
    let row = contract::find(&site.app, &tenant, &admin(), id).await.unwrap();
    assert_eq!((row.state(), row.service.id), (ContractState::Revoked, service.id));
    // What an admin deletes is gone from the pane.
    contract::delete(&site.app, &tenant, &admin(), id).await.unwrap();
    assert!(!browser.get(&made.page).await.text.contains("Revoked"));
}

fn first() -> registrar::portal::list::Wanted {
    registrar::portal::list::Wanted::first(10)
}

#[tokio::test]
async fn nobody_reaches_what_is_somebody_elses() {
    spec!("security/s.B1", "security/s.B2");
    let site = TestApp::start().await;
    site.settings(json!({"users": {"default_application": false}})).await;
    site.guarded("https://orders.example", &[], |_| {}).await;
    let (mut ada, mut eve) = (developer(&site, "ada@example.org").await, developer(&site, "eve@example.org").await);
    let hers = application(&site, &mut ada, "Hers", "web").await;
    let theirs = application(&site, &mut eve, "Theirs", "web").await;
    let form = page_form(&ada.get(&hers.page).await, "/register");
    let answer = ada.submit(&form).await;
    let review = path(&site, &answer);
    let page = ada.get(&hers.page).await;
    let edit = ada.get(&format!("{}/edit", hers.page)).await;
    let theirs_page = eve.get(&theirs.page).await;
    let csrf = theirs_page.text.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(!eve.get("/portal/applications").await.text.contains("Hers"));
    for page in [&hers.page, &format!("{}/edit", hers.page), &review] {
        assert_eq!(eve.get(page).await.status, 404, "{page}");
    }
    for form in forms(&page.text).into_iter().chain(forms(&edit.text)) {
        if form.action.ends_with("/register") || form.action.contains("/services/") {
            continue;
        }
        // Her forms with a token of their own; and hers below an application of their own.
        let form = form.set("csrf", &csrf).set("confirm", "Hers");
        assert_eq!(eve.submit(&form).await.status, 404, "{}", form.action);
        let mut below = form.clone();
        below.action = form.action.replace(hers.id(), theirs.id());
        if below.action.matches('/').count() > 5 {
            assert_eq!(eve.submit(&below).await.status, 404, "{}", below.action);
        }
    }
    let catalog = eve.get("/portal").await.text;
    let service = between(&catalog, "/portal/services/", "\"");
    let form = page_form(&eve.get(&format!("/portal/services/{service}/register")).await, "/register");
    assert_eq!(eve.submit(&form.set("application", hers.id())).await.status, 404);
    let row = reloaded(&site, "ada@example.org").await;
    let mine = rules::Filter::default();
    let actor = Actor::person(std::sync::Arc::new(row));
    assert_eq!(rules::list(&site.app, &site.tenant(), &actor, &mine, &first()).await.unwrap().total, 1);
}

#[tokio::test]
async fn a_form_of_another_site_session_or_browser_changes_nothing() {
    spec!("security/s.B10");
    let site = TestApp::start().await;
    let mut ada = developer(&site, "ada@example.org").await;
    let mut eve = developer(&site, "eve@example.org").await;
    let form = page_form(&ada.get("/portal/applications/new").await, "/portal/applications/new").set("kind", "native");
    let form = form.set("name", "Trap").set("redirect_uris", "http://127.0.0.1/cb").set("description", "");
    let foreign = page_form(&eve.get("/portal/applications/new").await, "/portal/applications/new");
    let token = foreign.fields.iter().find(|(name, _)| name == "csrf").unwrap().1.clone();
    for csrf in ["", "AAAA", &token] {
        assert_eq!(ada.submit(&form.clone().set("csrf", csrf)).await.status, 403, "{csrf}");
    }
    let cookies: Vec<String> = ada.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let request = site.http.request("POST", &form.action).header("cookie", cookies.join("; ")).header(name, value);
        assert_eq!(site.http.send(request.form(&form.fields)).await.status, 403, "{name}");
    }
    let json = site.http.request("POST", &form.action).header("cookie", cookies.join("; "));
    let json = json.header("content-type", "text/plain").body("{}");
    assert_eq!(site.http.send(json).await.status, 415);
    // Nothing changes by looking.
    let made = application(&site, &mut ada, "Shop", "native").await;
    for gone in ["delete", "clients"] {
        assert_eq!(ada.get(&format!("{}/{gone}", made.page)).await.status, 405, "{gone}");
    }
    assert!(!ada.get("/portal/applications").await.text.contains("Trap"));
    assert_eq!(ada.submit(&form).await.status, 303);
}

#[tokio::test]
async fn a_personal_token_is_shown_once_works_and_is_revoked() {
    spec!("security/s.B14");
    let site = TestApp::start().await;
    let mut browser = developer(&site, "ada@example.org").await;
    let blank = page_form(&browser.get("/portal/tokens").await, "/portal/tokens");
    let pick = |name: &str, days: &str| {
        let mut form = blank.clone();
        form.fields.retain(|(name, _)| name != "scopes");
        form.set("name", name).set("expires_in_days", days)
    };
    for (name, days, wrong) in
        [("", "90", "name-wrong"), ("ci", "0", "expires_in_days-wrong"), ("ci", "x", "expires_in_days")]
    {
        let answer = browser.submit(&pick(name, days)).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text.contains(wrong), "{}", answer.text);
    }
    let mut greedy = pick("ci", "90");
    greedy.fields.push(("scopes".to_owned(), "contracts:write".to_owned()));
    assert_eq!(browser.submit(&greedy).await.status, 400);
    let mut form = pick("ci <b>", "90");
    form.fields.push(("scopes".to_owned(), "applications:read".to_owned()));
    let answer = browser.submit(&form).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    let token = between(&answer.text, "<code class=\"secret\">", "</code>");
    let actor = async || Actor::of_token(&site.app, &site.tenant(), &token).await.unwrap();
    assert!(actor().await.is_some());
    let list = browser.get("/portal/tokens").await;
    assert!(list.text.contains("ci &#60;b&#62;") && !list.text.contains(&token), "{}", list.text);
    let mut eve = developer(&site, "eve@example.org").await;
    let hers = page_form(&eve.get("/portal/tokens").await, "/portal/tokens");
    let csrf = hers.fields.iter().find(|(name, _)| name == "csrf").unwrap().1.clone();
    let revoke = page_form(&list, "/revoke");
    assert_eq!(eve.submit(&revoke.clone().set("csrf", &csrf)).await.status, 404);
    assert_eq!(path(&site, &browser.submit(&revoke).await), "/portal/tokens?done=token-revoked");
    assert!(actor().await.is_none());
    assert_eq!(json!(browser.submit(&revoke).await.status), json!(404));
}
