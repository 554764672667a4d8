//! One's own account: name, password, and where one is signed in (U9).

use entity::user::{Approval, Role};
use registrar::portal::Actor;
use registrar::portal::personal_token::{self, Lifetime, New};

use super::{developer, member, page_form, path, reloaded, signed_in};
use crate::harness::{Browser, PASSWORD, TestApp};

const NEW: &str = "another horse battery";

#[tokio::test]
async fn a_password_is_changed_by_who_knows_the_present_one_and_ends_all_else() {
    spec!("portal/U9", "security/s.L22");
    let site = TestApp::start().await;
    member(&site, "ada@example.org", Role::User, Approval::Approved).await;
    let mut elsewhere = signed_in(&site, "ada@example.org").await;
    let mut browser = signed_in(&site, "ada@example.org").await;
    let form = page_form(&browser.get("/account").await, "/account/password");
    let typed = |present: &str, new: &str, again: &str| {
        form.clone().set("present_password", present).set("password", new).set("password_repeat", again)
    };
    for (form, status, said) in [
        (typed("wrong", NEW, NEW), 400, "This is not your present password."),
        (typed(PASSWORD, NEW, "other"), 400, "The two passwords differ."),
        (typed(PASSWORD, "short", "short"), 400, "This password is too short or too long."),
        (typed(PASSWORD, "password123", "password123"), 400, "easy to guess"),
        // The same rule as behind a link and at the command line.
        (typed(PASSWORD, "ada@example.org", "ada@example.org"), 400, "easy to guess"),
    ] {
        let answer = browser.submit(&form).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert!(answer.text.contains(said), "{said}: {}", answer.text);
        assert!(!answer.text.contains(&format!("value=\"{PASSWORD}\"")));
    }
    assert_eq!(elsewhere.get("/account").await.status, 200);
    let stolen = browser.cookies.clone();

    let answer = browser.submit(&typed(PASSWORD, NEW, NEW)).await;
    assert_eq!(path(&site, &answer), "/account?done=password-changed");
    let page = browser.get("/account?done=password-changed").await;
    assert!(page.status == 200 && page.text.contains("Your password was changed."), "{}", page.text);
    assert_eq!(elsewhere.get("/account").await.status, 303);
    let mut thief = Browser::new(&site.http);
    thief.cookies = stolen;
    assert_eq!(thief.get("/account").await.status, 303);
    let mut late = Browser::new(&site.http);
    let login = page_form(&late.get("/login").await, "/login").set("email", "ada@example.org");
    assert_eq!(late.submit(&login.clone().set("password", PASSWORD)).await.status, 400);
    assert_eq!(late.submit(&login.set("password", NEW)).await.status, 303);
}

#[tokio::test]
async fn guesses_at_the_present_password_are_counted_like_those_at_the_login() {
    // s.L6
    let site = TestApp::start().await;
    member(&site, "ada@example.org", Role::User, Approval::Approved).await;
    let mut browser = signed_in(&site, "ada@example.org").await;
    let form = page_form(&browser.get("/account").await, "/account/password");
    let form = form.set("present_password", "wrong").set("password", NEW).set("password_repeat", NEW);
    let mut statuses = Vec::new();
    for _ in 0..30 {
        let status = browser.submit(&form).await.status;
        statuses.push(status);
        if status == 429 {
            break;
        }
    }
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    let right = form.set("present_password", PASSWORD);
    assert_eq!(browser.submit(&right).await.status, 429);
}

#[tokio::test]
async fn sessions_are_seen_with_their_device_and_ended_from_elsewhere() {
    spec!("portal/U9");
    let site = TestApp::start().await;
    member(&site, "ada@example.org", Role::User, Approval::Approved).await;
    member(&site, "bob@example.org", Role::User, Approval::Approved).await;
    let mut phone = signed_in(&site, "ada@example.org").await;
    let mut laptop = signed_in(&site, "ada@example.org").await;
    let mut browser = signed_in(&site, "ada@example.org").await;
    let page = browser.get("/account").await;
    assert_eq!(page.text.matches("This browser").count(), 1);
    assert_eq!(page.text.matches("Last used on").count(), 5, "{}", page.text);
    // Nobody ends what is somebody else's.
    let one = page_form(&page, "/end");
    let mut other = signed_in(&site, "bob@example.org").await;
    let mut theirs = page_form(&other.get("/account").await, "/account/password");
    theirs.action = one.action.clone();
    assert_eq!(other.submit(&theirs).await.status, 404);
    theirs.action = "/account/sessions/x/end".to_owned();
    assert_eq!(other.submit(&theirs).await.status, 404);

    assert_eq!(path(&site, &browser.submit(&one).await), "/account?done=sessions-ended");
    assert_eq!(browser.submit(&one).await.status, 404);
    let mut alive = Vec::new();
    for device in [&mut phone, &mut laptop] {
        alive.push(device.get("/account").await.status);
    }
    alive.sort_unstable();
    assert_eq!(alive, [200, 303]);
    let all = page_form(&browser.get("/account").await, "/account/sessions/end-others");
    assert_eq!(path(&site, &browser.submit(&all).await), "/account?done=sessions-ended");
    assert_eq!((phone.get("/account").await.status, laptop.get("/account").await.status), (303, 303));
    let page = browser.get("/account").await;
    assert!(page.status == 200 && !page.text.contains("end-others"), "{}", page.text);
    assert_eq!(other.get("/account").await.status, 200);
}

#[tokio::test]
async fn a_developer_is_called_what_they_say_and_others_what_is_known() {
    let site = TestApp::start().await;
    let mut browser = developer(&site, "ada@example.org").await;
    let form = page_form(&browser.get("/account").await, "/account/name");
    let long = browser.submit(&form.clone().set("name", &"n".repeat(201))).await;
    assert!(long.status == 400 && long.text.contains("id=\"name-wrong\""), "{}", long.text);
    assert_eq!(path(&site, &browser.submit(&form.clone().set("name", "Ada King")).await), "/account?done=saved");
    assert_eq!(reloaded(&site, "ada@example.org").await.name.as_deref(), Some("Ada King"));

    member(&site, "user@example.org", Role::User, Approval::Approved).await;
    let mut user = signed_in(&site, "user@example.org").await;
    let page = user.get("/account").await;
    assert!(page.text.contains("Ada Lovelace") && !page.text.contains("/account/name"), "{}", page.text);
    let mut theirs = page_form(&page, "/account/password").set("name", "Mallory");
    theirs.action = "/account/name".to_owned();
    assert_eq!(user.submit(&theirs).await.status, 403);
    assert_eq!(reloaded(&site, "user@example.org").await.name.as_deref(), Some("Ada Lovelace"));
}

#[tokio::test]
async fn personal_tokens_end_with_the_password() {
    // s.L22
    let site = TestApp::start().await;
    let mut browser = developer(&site, "ada@example.org").await;
    let person = reloaded(&site, "ada@example.org").await;
    let new = New { name: "a script".to_owned(), scopes: Vec::new(), lifetime: Lifetime::Usual };
    let (_, token) = personal_token::create_for(&site.app, &site.tenant(), "test", &person, new).await.unwrap();
    let form = page_form(&browser.get("/account").await, "/account/password");
    let form = form.set("present_password", PASSWORD).set("password", NEW).set("password_repeat", NEW);
    assert_eq!(browser.submit(&form).await.status, 303);
    assert!(Actor::of_token(&site.app, &site.tenant(), token.expose()).await.unwrap().is_none());
}
