//! Does a mail server that others wrote take what we send, and understand it?

use registrar::clock::Clock;
use registrar::jobs::deliver;
use registrar::portal::notice::Notice;
use serde_json::{Value, json};

use super::{contract, rows, tell};
use crate::harness::{TestApp, database};

/// What `cargo xtask clients` says about the server it started.
fn told(name: &str) -> String {
    std::env::var(format!("REGISTRAR_TEST_SMTP_{name}")).expect("cargo xtask clients starts the mail server")
}

async fn server(tls: &str, password: &str) -> TestApp {
    let (port, ca) = (told("PORT"), told("CA"));
    let settings = [
        ("mail.host", "localhost"),
        ("mail.port", &port),
        ("mail.tls", tls),
        ("mail.username", "registrar"),
        ("mail.password", password),
        ("mail.from_address", "registrar@id.example"),
        ("mail.from_name", "Ünï GmbH"),
        ("outbound.ca_file", &ca),
    ];
    TestApp::on(database::Fresh::make().await, &settings, Clock::system()).await
}

fn received() -> Vec<Value> {
    let lines = std::fs::read_to_string(told("MAILS")).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
#[ignore = "needs a mail server in a process of its own: cargo xtask clients"]
async fn a_mail_arrives_over_starttls_and_is_understood() {
    spec!("portal/K74", "portal/N15");
    let server = server("starttls", "correct horse").await;
    server.person_with("ada@example.org", json!({"locale": "de"})).await;
    let mut data = contract();
    data["application"]["name"] = json!("Größe <b>\r\nBcc: all@example.org");
    tell(&server, Notice::ContractRequested, &["boss@example.org"], data.clone()).await;
    tell(&server, Notice::ContractApproved, &["ada@example.org", "gone@example.org"], data).await;
    deliver::mails(&server.app).await.unwrap();
    let received = received();
    for row in rows(&server.app).await {
        let mail = received.iter().find(|mail| mail["message_id"] == format!("<{}@id.example>", row.id));
        if row.recipient.as_deref() == Some("gone@example.org") {
            assert!(mail.is_none() && row.failed_at.is_some());
            assert!(row.last_error.as_deref().unwrap().contains("550"), "{row:?}");
            continue;
        }
        let mail = mail.unwrap_or_else(|| panic!("{row:?} is not among {received:?}"));
        assert_eq!(mail["from"], json!({"address": "registrar@id.example", "name": "Ünï GmbH"}));
        assert_eq!(mail["envelope"], json!([row.recipient]));
        assert_eq!([&mail["secure"], &mail["user"]], [&json!(true), &json!("registrar")]);
        assert_eq!(mail["auto_submitted"], "auto-generated");
        let html = mail["html"].as_str().unwrap();
        assert!(html.contains("Größe &#60;b&#62; Bcc: all@example.org") && !html.contains("<b>"), "{html}");
        assert!(mail["text"].as_str().unwrap().contains("Größe <b> Bcc: all@example.org"), "{mail}");
        assert_eq!(mail["bcc"], Value::Null);
        let subject = if row.recipient.as_deref() == Some("ada@example.org") {
            "Zugriff auf Orders genehmigt"
        } else {
            "Requested: Größe <b> Bcc: all@example.org wants access to Orders"
        };
        assert_eq!(mail["subject"], subject);
    }
}

#[tokio::test]
#[ignore = "needs a mail server in a process of its own: cargo xtask clients"]
async fn a_wrong_password_and_a_server_without_the_promised_tls_only_delay_a_mail() {
    for (tls, password) in [("starttls", "canary"), ("tls", "correct horse")] {
        let server = server(tls, password).await;
        tell(&server, Notice::ContractApproved, &["ada@example.org"], contract()).await;
        deliver::mails(&server.app).await.unwrap();
        let row = super::only_row(&server.app).await;
        assert!(row.failed_at.is_none() && row.next_try_at.is_some(), "{row:?}");
        let error = row.last_error.unwrap();
        assert!(!error.is_empty() && !error.contains("canary") && !error.contains("horse"), "{error}");
    }
}
