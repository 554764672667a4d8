//! Does every mail arrive, once if nothing breaks and at least once if something does?

use futures_util::future::join_all;
use registrar::clock::Clock;
use registrar::jobs::{deliver, expire};
use registrar::portal::notice::{self, Notice};
use registrar::portal::{Actor, Conflict, Error, delivery as outbox};
use registrar::secret::Secret;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::{contract, only_row, rows, tell};
use crate::harness::postbox::Postbox;
use crate::harness::{TestApp, database};
use crate::reliability::process::Server;

/// A server that sends to `postbox` and whose clock stands until it is moved.
async fn server(postbox: &Postbox) -> TestApp {
    let settings = postbox.settings();
    let settings: Vec<(&str, &str)> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let clock = Clock::fixed(Clock::system().now());
    TestApp::on(database::Fresh::make().await, &settings, clock).await
}

#[tokio::test]
async fn an_approval_is_mailed_to_the_developer_and_a_request_to_those_who_decide() {
    spec!("portal/K74", "portal/N15");
    let postbox = Postbox::start().await;
    let server = server(&postbox).await;
    tell(&server, Notice::ContractRequested, &["admin@id.example", "boss@id.example"], contract()).await;
    tell(&server, Notice::ContractApproved, &["ada@example.org"], contract()).await;
    deliver::mails(&server.app).await.unwrap();
    let mut received = postbox.received();
    received.sort_by(|one, other| one.to.cmp(&other.to));
    let to: Vec<&str> = received.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, ["ada@example.org", "admin@id.example", "boss@id.example"]);
    assert!(received[0].text.contains("Subject: Access to Orders approved\n"), "{}", received[0].text);
    assert!(received[1].text.contains("Subject: Requested: Orders app wants access to Orders\n"));
    assert!(received[1].text.contains("https://id.example/admin/applications/1#requested"));
    for row in rows(&server.app).await {
        assert!(row.done_at.is_some() && row.next_try_at.is_none() && row.attempts == 1, "{row:?}");
        assert!(received.iter().any(|mail| mail.text.contains(&format!("Message-ID: <{}@id.example>", row.id))));
    }
    deliver::mails(&server.app).await.unwrap();
    assert_eq!(postbox.conversations(), 3);
}

#[tokio::test]
async fn a_tenant_switches_mails_about_requests_and_about_decisions_off() {
    spec!("portal/K74");
    let server = TestApp::start().await;
    for (settings, kinds) in [
        (json!({"on_request": false}), &["contract_approved", "password_reset"][..]),
        (json!({"on_status": false}), &["contract_requested", "password_reset"]),
    ] {
        server.settings(json!({"mail": settings})).await;
        let before = rows(&server.app).await.len();
        for notice in [Notice::ContractRequested, Notice::ContractApproved, Notice::PasswordReset] {
            tell(&server, notice, &["ada@example.org"], contract()).await;
        }
        let told: Vec<String> = rows(&server.app).await.into_iter().skip(before).map(|row| row.kind).collect();
        assert_eq!(told, kinds);
    }
}

#[tokio::test]
async fn a_link_that_proves_something_is_sealed_until_it_is_sent() {
    let postbox = Postbox::start().await;
    let server = server(&postbox).await;
    let link = "https://id.example/portal/new-password?token=canary";
    let data = notice::with_link(&server.app, &server.tenant(), contract(), &Secret::new(link));
    tell(&server, Notice::PasswordReset, &["ada@example.org"], data).await;
    assert!(!only_row(&server.app).await.data.to_string().contains("canary"));
    deliver::mails(&server.app).await.unwrap();
    let text = &postbox.received()[0].text;
    assert!(text.contains("new-password?token=3Dcanary"), "{text}");
}

#[tokio::test]
async fn what_was_delivered_is_listed_for_thirty_days() {
    let postbox = Postbox::start().await;
    let server = server(&postbox).await;
    tell(&server, Notice::ContractApproved, &["ada@example.org"], contract()).await;
    deliver::mails(&server.app).await.unwrap();
    tell(&server, Notice::ContractApproved, &["waits@example.org"], contract()).await;
    for (wait, left) in [(30 * 86_400 - 1, 2), (1, 1)] {
        server.app.clock.advance(wait);
        expire::sweep(&server.app).await.unwrap();
        assert_eq!(rows(&server.app).await.len(), left);
    }
    assert_eq!(only_row(&server.app).await.recipient.as_deref(), Some("waits@example.org"));
}

#[tokio::test]
async fn a_server_that_is_killed_while_it_sends_leaves_the_mail_to_the_next() {
    spec!("security/Q23");
    let postbox = Postbox::start().await;
    let server = server(&postbox).await;
    tell(&server, Notice::ContractApproved, &["ada@example.org"], contract()).await;
    let settings = postbox.settings();
    postbox.answers(&["hang"]);
    let first = Server::with(server.database(), &settings).await;
    until(async || postbox.conversations() == 1).await;
    first.kill().await;
    let row = only_row(&server.app).await;
    assert_eq!((row.attempts, row.done_at, row.failed_at), (1, None, None));
    assert!(row.next_try_at.is_some());
    // A minute passes.
    entity::delivery::Entity::update_many()
        .col_expr(entity::delivery::Column::NextTryAt, Expr::value(row.created_at))
        .filter(entity::delivery::Column::Id.eq(row.id))
        .exec(server.app.db.pool())
        .await
        .unwrap();
    let _second = Server::with(server.database(), &settings).await;
    until(async || only_row(&server.app).await.done_at.is_some()).await;
    let received = postbox.received();
    assert_eq!(received.len(), 1);
    assert!(received[0].text.contains(&format!("Message-ID: <{}@id.example>", row.id)));
}

async fn until(is_so: impl AsyncFn() -> bool) {
    for _ in 0..600 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("it did not come to pass within a minute");
}

#[tokio::test]
async fn a_mail_speaks_the_language_of_its_reader() {
    let postbox = Postbox::start().await;
    let server = server(&postbox).await;
    server.person_with("ada@example.org", json!({"locale": "de-AT"})).await;
    tell(&server, Notice::ContractPending, &["Ada@example.org"], contract()).await;
    deliver::mails(&server.app).await.unwrap();
    assert!(postbox.received()[0].text.contains("Subject: Zugriff auf Orders in =?utf-8?"), "{:?}", postbox.received());
}

#[tokio::test]
async fn a_mail_that_is_not_taken_is_tried_again_later_and_later_and_then_given_up() {
    spec!("security/Q23");
    let postbox = Postbox::start().await;
    let server = server(&postbox).await;
    postbox.answers(&["451 not now"; 7]);
    tell(&server, Notice::ContractApproved, &["ada@example.org"], contract()).await;
    for (tries, wait) in [(1, 60), (2, 300), (3, 1800), (4, 7200), (5, 43_200), (6, 86_400)] {
        deliver::mails(&server.app).await.unwrap();
        let row = only_row(&server.app).await;
        assert_eq!((row.attempts, row.next_try_at), (tries, Some(server.app.clock.now() + wait)));
        assert!(row.last_error.as_deref().unwrap().contains("451"), "{row:?}");
        server.app.clock.advance(wait - 1);
        deliver::mails(&server.app).await.unwrap();
        assert_eq!(only_row(&server.app).await.attempts, tries, "before its time");
        server.app.clock.advance(1);
    }
    deliver::mails(&server.app).await.unwrap();
    let row = only_row(&server.app).await;
    assert_eq!((row.attempts, row.next_try_at, row.done_at), (7, None, None));
    assert_eq!(row.failed_at, Some(server.app.clock.now()));

    // Whoever looks after it sees it and begins anew.
    let (app, tenant, actor) = (&server.app, server.tenant(), Actor::operator("test"));
    let again = outbox::retry(app, &tenant, &actor, row.id).await.unwrap();
    assert_eq!((again.attempts, again.failed_at), (0, None));
    deliver::mails(app).await.unwrap();
    assert_eq!(postbox.received().len(), 1);
    let refused = outbox::retry(app, &tenant, &actor, row.id).await.unwrap_err();
    assert!(matches!(refused, Error::Conflict(Conflict::Changed)), "{refused:?}");
}

#[tokio::test]
async fn a_mail_that_will_never_be_taken_is_given_up_at_once_and_seen() {
    spec!("security/Q23");
    let postbox = Postbox::start().await;
    let server = server(&postbox).await;
    postbox.answers(&["550 no such person"]);
    tell(&server, Notice::ContractApproved, &["gone@example.org"], contract()).await;
    tell(&server, Notice::ContractApproved, &["not an address"], contract()).await;
    deliver::mails(&server.app).await.unwrap();
    let filter = outbox::Filter { progress: Some(outbox::Progress::Failed), ..outbox::Filter::default() };
    let wanted = registrar::portal::list::Wanted::first(10);
    let failed = outbox::list(&server.app, &server.tenant(), &Actor::operator("test"), &filter, &wanted).await.unwrap();
    let errors: Vec<String> = failed.items.into_iter().map(|row| row.last_error.unwrap()).collect();
    assert_eq!(errors, ["permanent error (550): no such person", "the address is none"]);
    let metrics = server.app.metrics.text();
    assert!(metrics.contains("deliveries_total{channel=\"mail\",outcome=\"failed\"} 2"), "{metrics}");
}

#[tokio::test]
async fn two_replicas_at_once_send_a_mail_once() {
    spec!("security/Q23");
    let postbox = Postbox::start().await;
    let server = server(&postbox).await;
    let settings = postbox.settings();
    let settings: Vec<(&str, &str)> = settings.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let other = server.replica_with(&settings).await;
    let to: Vec<String> = (0..40).map(|number| format!("ada{number}@example.org")).collect();
    let to: Vec<&str> = to.iter().map(String::as_str).collect();
    tell(&server, Notice::ContractApproved, &to, contract()).await;
    let runs = [&server, &other, &server, &other].map(|server| deliver::mails(&server.app));
    join_all(runs).await.into_iter().for_each(|run| run.unwrap());
    assert_eq!((postbox.conversations(), postbox.received().len()), (40, 40));
}

#[tokio::test]
async fn a_mail_whose_sender_died_is_sent_again_with_the_same_identity() {
    spec!("security/Q23");
    let postbox = Postbox::start().await;
    let server = server(&postbox).await;
    tell(&server, Notice::ContractApproved, &["ada@example.org"], contract()).await;
    // The server takes the mail, and the sender is gone before it hears of it.
    postbox.answers(&["drop"]);
    deliver::mails(&server.app).await.unwrap();
    let row = only_row(&server.app).await;
    // So it looks as if a replica had claimed the row and died: no error was noted.
    entity::delivery::Entity::update_many()
        .col_expr(entity::delivery::Column::LastError, Expr::value(Option::<String>::None))
        .filter(entity::delivery::Column::Id.eq(row.id))
        .exec(server.app.db.pool())
        .await
        .unwrap();
    deliver::mails(&server.app).await.unwrap();
    assert_eq!(postbox.conversations(), 1, "a claimed row is not due");
    server.app.clock.advance(60);
    deliver::mails(&server.app).await.unwrap();
    let received = postbox.received();
    assert_eq!(received.len(), 1);
    assert!(received[0].text.contains(&format!("Message-ID: <{}@id.example>", row.id)));
}

#[tokio::test]
async fn without_a_mail_server_mails_wait_and_say_why() {
    let server = TestApp::start().await;
    tell(&server, Notice::ContractApproved, &["ada@example.org"], contract()).await;
    deliver::mails(&server.app).await.unwrap();
    let row = only_row(&server.app).await;
    assert_eq!((row.attempts, row.done_at, row.failed_at), (0, None, None));
    assert_eq!(row.last_error.as_deref(), Some("no mail server is configured (mail.host)"));
    deliver::count(&server.app).await.unwrap();
    assert!(server.app.metrics.text().contains("deliveries_waiting{channel=\"mail\"} 1"));
}

#[tokio::test]
async fn what_a_developer_chose_is_text_in_every_part_of_a_mail() {
    spec!("security/s.B11");
    let postbox = Postbox::start().await;
    let server = server(&postbox).await;
    let mut data = contract();
    data["application"]["name"] = json!("<script>x</script>\r\nBcc: all@example.org\r\n.\r\nQUIT");
    data["service"]["name"] = json!("\"><img src=x onerror=y>");
    tell(&server, Notice::ContractRejected, &["ada@example.org"], data).await;
    deliver::mails(&server.app).await.unwrap();
    let received = postbox.received();
    assert_eq!(received.len(), 1);
    let (header, body) = received[0].text.split_once("\n\n").unwrap();
    assert!(!header.lines().any(|line| line.starts_with("Bcc")), "{header}");
    let html = body.split("text/html").nth(1).unwrap();
    assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    assert!(html.contains("&#60;script") && html.contains("&#60;img"), "{html}");
}
