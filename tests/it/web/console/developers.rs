//! Developers come, are let in, and go.

use entity::user::{Approval, Role};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::{console, done, form_to, link, page, tab};

#[tokio::test]
async fn a_developer_is_approved_revoked_and_removed_from_tab_to_tab() {
    let (app, _, mut browser) = console().await;
    let mut eve = app.person("eve@example.org").await.into_active_model();
    (eve.role, eve.approval) = (Set(Role::Developer), Set(Approval::Pending));
    eve.update(app.app.db.pool()).await.unwrap();
    let first = page(&mut browser, "/admin").await;
    assert!(first.text.contains("Developers waiting for approval"), "{}", first.text);
    for (act, state) in
        [("reject", "rejected"), ("approve", "approved"), ("revoke", "revoked"), ("approve", "approved")]
    {
        let people = page(&mut browser, "/admin/developers").await;
        let panel = ["approved", "requested", "rejected", "revoked"]
            .into_iter()
            .find(|id| tab(&people, id).contains("eve@example.org"))
            .unwrap();
        let of_eve =
            crate::harness::Answer { text: tab(&people, panel).split("eve@example.org").skip(1).collect(), ..people };
        let after = done(&mut browser, &form_to(&of_eve, &format!("/{act}"))).await;
        assert!(tab(&after, state).contains("eve@example.org"), "{act}: {}", after.text);
    }
    let file = browser.get("/admin/developers/export").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert!(file.text.starts_with("Email,Status\r\n") && file.text.contains("eve@example.org,approved\r\n"));
    let people = page(&mut browser, "/admin/developers").await;
    let panel = tab(&people, "approved");
    let of_eve = crate::harness::Answer { text: panel.split("eve@example.org").skip(1).collect(), ..people };
    let after = done(&mut browser, &form_to(&of_eve, "/delete")).await;
    assert!(!after.text.contains("eve@example.org"), "{}", after.text);
}

#[tokio::test]
async fn somebody_is_invited_and_a_wrong_address_is_told_beside_its_field() {
    let (_app, _, mut browser) = console().await;
    let people = page(&mut browser, "/admin/developers").await;
    let blank = page(&mut browser, &link(&people, "Invite")).await;
    let form = form_to(&blank, "/invite").set("role", "publisher");
    let wrong = browser.submit(&form.clone().set("email", "nobody")).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("id=\"field-email-complaint\""), "{}", wrong.text);
    let after = done(&mut browser, &form.set("email", "new@example.org")).await;
    assert!(after.text.contains("The invitation is on its way."), "{}", after.text);
    let sent = page(&mut browser, "/admin/deliveries").await;
    assert!(sent.text.contains("invitation") && sent.text.contains("new@example.org"), "{}", sent.text);
    assert!(!sent.text.contains("?link="));
}
