//! The signing keys at the console (U35).

use super::{console, done, form_to, page};

#[tokio::test]
async fn keys_are_listed_and_rotated_one_step_at_a_time() {
    spec!("portal/U35");
    let (app, _, mut browser) = console().await;
    let jwks = app.http.get("/.well-known/jwks.json").await;
    let before = if jwks.status == 200 { jwks.json()["keys"].as_array().unwrap().len() } else { 0 };
    let list = page(&mut browser, "/admin/signing-keys").await;
    let count = |text: &str, state: &str| text.matches(&format!("</span> {state}</span>")).count();
    let signing = count(&list.text, "Signs");
    assert!(signing > 0 && count(&list.text, "Next") == 0, "{}", list.text);
    let rotate = form_to(&list, "/rotate");
    let next = done(&mut browser, &rotate).await;
    assert!(next.text.contains("one step further") && next.text.contains("at the earliest"), "{}", next.text);
    assert_eq!((count(&next.text, "Signs"), count(&next.text, "Next")), (signing, signing));
    if before > 0 {
        assert_eq!(
            app.http.get("/.well-known/jwks.json").await.json()["keys"].as_array().unwrap().len(),
            before + signing
        );
    }
    // Nobody knows the new ones yet: they do not sign before that.
    let again = done(&mut browser, &rotate).await;
    assert!(again.text.contains("Nothing to do yet"), "{}", again.text);
    assert_eq!((count(&again.text, "Signs"), count(&again.text, "Next")), (signing, signing));
}
