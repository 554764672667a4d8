//! Is what goes over the wire one mail, to one person, with the headers it should have?
#![allow(clippy::unwrap_used)]

use super::*;
use crate::secret::Secret;

fn mailer(from_name: Option<&str>) -> Mailer {
    let settings = config::Mail {
        host: "127.0.0.1".into(),
        port: 1,
        tls: MailTls::None,
        login: Some(("registrar".into(), Secret::new("canary"))),
        from_address: "registrar@id.example".into(),
        from_name: from_name.map(str::to_owned),
        timeout: Duration::from_secs(5),
    };
    Mailer::new(settings, "id.example", None)
}

fn written(from_name: &str, to: &str, subject: &str) -> Result<String, NotSent> {
    let content = Content { subject: subject.into(), text: "Hello\n.\n".into(), html: "<p>Hello</p>".into() };
    let mail = Mail { id: "0198", to, from_name, content: &content, at: 1_800_000_000 };
    mailer(None).message(&mail).map(|message| String::from_utf8(message.formatted()).unwrap())
}

/// The lines of the header, continuations included.
fn header(mail: &str) -> Vec<&str> {
    mail.split("\r\n\r\n").next().unwrap().split("\r\n").collect()
}

#[test]
fn a_mail_says_who_sent_it_which_it_is_and_that_nobody_typed_it() {
    let mail = written("Acme", "ada@example.org", "Access to Orders approved").unwrap();
    for line in [
        "From: Acme <registrar@id.example>",
        "To: ada@example.org",
        "Subject: Access to Orders approved",
        "Message-ID: <0198@id.example>",
        "Date: Fri, 15 Jan 2027 08:00:00 +0000",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
    ] {
        assert!(header(&mail).contains(&line), "{line} is not in\n{mail}");
    }
    assert!(mail.contains("multipart/alternative") && mail.contains("text/plain") && mail.contains("text/html"));
}

#[test]
fn no_name_and_no_address_begins_another_header() {
    // s.B11
    let odd = "x\r\nBcc: all@example.org\r\n\r\n<script>\u{2028}\u{0}";
    let mail = written(odd, "ada@example.org", odd).unwrap();
    let starts = |name: &str| header(&mail).iter().filter(|line| line.to_lowercase().starts_with(name)).count();
    assert_eq!([starts("bcc:"), starts("to:"), starts("subject:"), starts("from:")], [0, 1, 1, 1], "{mail}");
    for to in ["ada@example.org\r\nBcc: b@c", "a@b, c@d", "", "ada", "<ada@example.org>\r\nRCPT TO:<b@c>"] {
        assert_eq!(written("x", to, "x"), Err(NotSent::Refused("the address is none".into())), "{to:?}");
    }
}

#[test]
fn a_password_does_not_show_itself() {
    assert!(!format!("{:?}", mailer(Some("Acme"))).contains("canary"));
}
