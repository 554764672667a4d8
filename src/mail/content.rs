//! What does a mail say? Each notice in two languages, as text and as HTML.
//!
//! Every value in it was chosen by somebody else: it is one line without control characters, escaped in HTML (s.B11).

use std::sync::LazyLock;

use askama::Template;
use serde_json::Value;

use crate::shown::{Shown, WebLink};
use crate::text::{Catalogues, Language, Sentence};

static MAILS: LazyLock<Catalogues> =
    LazyLock::new(|| Catalogues::read(include_str!("texts/en.ftl"), include_str!("texts/de.ftl")));

/// A mail without its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// One line.
    pub subject: String,
    /// For those who read no HTML.
    pub text: String,
    /// The same.
    pub html: String,
}

/// The keys of one notice's sentences.
struct Wording {
    kind: &'static str,
    subject: &'static str,
    body: &'static str,
    /// The member with what somebody wrote about it, which has the same key; empty: none is shown.
    remark: &'static str,
    /// What stands at the end; empty: nothing.
    after: &'static str,
    /// What the link is called; empty: there is none.
    link: &'static str,
}

const fn wording(
    kind: &'static str,
    subject: &'static str,
    body: &'static str,
    remark: &'static str,
    after: &'static str,
    link: &'static str,
) -> Wording {
    Wording { kind, subject, body, remark, after, link }
}

/// The notices of the portal, by the word in their rows (portal.md K74, N15).
const WORDINGS: [Wording; 15] = [
    wording("contract_requested", "requested-subject", "requested", "comment", "", "to-requests"),
    wording("contract_pending", "pending-subject", "pending", "", "pending-after", "to-application"),
    wording("contract_approved", "approved-subject", "approved", "", "", "to-application"),
    wording("contract_rejected", "rejected-subject", "rejected", "reason", "", "to-application"),
    wording("contract_revoked", "revoked-subject", "revoked", "reason", "revoked-after", "to-application"),
    wording("contract_paused", "paused-subject", "paused", "reason", "paused-after", "to-application"),
    wording("contract_resumed", "resumed-subject", "resumed", "", "", "to-application"),
    wording("developer_requested", "developer-requested-subject", "developer-requested", "", "", "to-developers"),
    wording("developer_approved", "developer-approved-subject", "developer-approved", "", "", "to-portal"),
    wording("developer_rejected", "developer-rejected-subject", "developer-rejected", "reason", "", ""),
    wording("developer_revoked", "developer-revoked-subject", "developer-revoked", "reason", "", ""),
    wording("verify_email", "verify-subject", "verify", "", "ignore", "to-verify"),
    wording("invitation", "invitation-subject", "invitation", "", "ignore", "to-invitation"),
    wording("password_reset", "reset-subject", "reset", "", "ignore", "to-reset"),
    wording("account_exists", "exists-subject", "exists", "", "ignore", "to-portal"),
];

/// What a notice says. `data` is that of its row: members `tenant` (`name`, `url`), `application`, `service` and
/// `developer` (each with `name` or `email`), `comment` or `reason`, and the address to go to: `link`, where one proves
/// something, else `url`. `None`: no notice has this name.
pub fn notice(kind: &str, data: &Value, language: Language) -> Option<Content> {
    let wording = WORDINGS.iter().find(|wording| wording.kind == kind)?;
    let tenant = name_in(&data["tenant"]);
    let fill = |key: &'static str| {
        let sentence = MAILS.say(language, key).with("tenant", &tenant);
        ["application", "service", "developer"]
            .into_iter()
            .fold(sentence, |sentence, member| sentence.with(member, &name_in(&data[member])))
    };
    let some = |key: &'static str| (!key.is_empty()).then(|| fill(key));
    let remark = data[wording.remark].as_str().map(Shown::text).filter(|remark| !remark.is_empty());
    let address = data["link"].as_str().or_else(|| data["url"].as_str());
    let link = some(wording.link).zip(address.and_then(WebLink::to)).map(|(label, to)| Link { label, to });
    let mail = Parts {
        language,
        subject: fill(wording.subject),
        greeting: MAILS.say(language, "greeting"),
        body: fill(wording.body),
        remark: remark.map(|remark| MAILS.say(language, wording.remark).with("remark", &remark)),
        link,
        after: some(wording.after),
        footer: fill("footer"),
    };
    Some(Content {
        subject: mail.subject.bare(),
        text: AsText { m: &mail }.render().unwrap_or_default(),
        html: AsHtml { m: &mail }.render().unwrap_or_default(),
    })
}

struct Parts {
    language: Language,
    subject: Sentence,
    greeting: Sentence,
    body: Sentence,
    remark: Option<Sentence>,
    link: Option<Link>,
    after: Option<Sentence>,
    footer: Sentence,
}

struct Link {
    label: Sentence,
    to: WebLink,
}

#[derive(Template)]
#[template(path = "notice.txt", whitespace = "preserve")]
struct AsText<'m> {
    m: &'m Parts,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct AsHtml<'m> {
    m: &'m Parts,
}

/// How a thing or a person is called.
fn name_in(value: &Value) -> Shown {
    let named = value.as_str().or_else(|| value["name"].as_str()).or_else(|| value["email"].as_str());
    Shown::name(named.unwrap_or("?"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::json;

    use super::*;

    const ENGLISH: &str = include_str!("texts/en.ftl");
    const GERMAN: &str = include_str!("texts/de.ftl");

    fn data() -> Value {
        json!({
            "tenant": {"name": "Acme", "url": "https://id.acme.example/portal"},
            "application": {"name": "Orders app"},
            "service": {"name": "Orders"},
            "developer": {"name": "Ada", "email": "ada@example.org"},
            "url": "https://id.acme.example/admin/applications/1#requested",
        })
    }

    /// The keys of a catalogue, each with the variables its text uses.
    fn keys(source: &str) -> BTreeMap<&str, BTreeSet<&str>> {
        let lines = source.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
        lines
            .map(|line| {
                let (key, text) = line.split_once('=').unwrap();
                let used = text.split('$').skip(1).map(|rest| rest.split([' ', '}']).next().unwrap());
                (key.trim(), used.collect())
            })
            .collect()
    }

    #[test]
    fn both_catalogues_have_the_same_sentences_and_each_notice_has_its_own() {
        assert_eq!(keys(ENGLISH), keys(GERMAN));
        let all = keys(ENGLISH);
        for wording in &WORDINGS {
            for key in [wording.subject, wording.body, wording.remark, wording.after, wording.link] {
                assert!(key.is_empty() || all.contains_key(key), "{key}");
            }
            for language in Language::ALL {
                let content = notice(wording.kind, &data(), language).unwrap();
                let bad = |text: &str| text.contains('{') || text.contains("-subject") || text.trim().is_empty();
                assert!(![&content.subject, &content.text].into_iter().any(|text| bad(text)), "{content:?}");
                assert!(!content.subject.contains('\u{2068}') && !content.text.contains('\u{2068}'));
            }
        }
        assert_eq!(notice("no_such_notice", &data(), Language::English), None);
    }

    #[test]
    fn an_approval_reads_like_this() {
        // K74, N15
        let content = notice("contract_approved", &data(), Language::English).unwrap();
        assert_eq!(content.subject, "Access to Orders approved");
        insta::assert_snapshot!(content.text, @"
        Hello,

        The application Orders app has access to the service Orders now.

        See the application:
        https://id.acme.example/admin/applications/1#requested

        -- 
        This mail was sent by Acme. Nobody reads answers to it.
        ");
        let german = notice("contract_rejected", &data(), Language::German).unwrap();
        assert_eq!(german.subject, "Zugriff auf Orders abgelehnt");
    }

    #[test]
    fn nothing_in_a_name_is_markup_or_another_line() {
        // s.B11, s.R33
        let mut data = data();
        data["application"]["name"] = json!("<script>alert(1)</script>\r\nBcc: all@example.org\u{202e}{{7*7}}");
        data["service"] = json!("\"><img src=x onerror=alert(1)>\n.\nQUIT");
        data["reason"] = json!("<a href=\"https://evil.example\">click</a>\r\n\r\nsecond");
        data["link"] = json!("javascript:alert(1)");
        let content = notice("contract_rejected", &data, Language::English).unwrap();
        assert!(!content.subject.contains(['\r', '\n']), "{}", content.subject);
        for markup in ["<script", "<img", "<a href=\"https://evil", "javascript:"] {
            assert!(!content.html.contains(markup), "{}", content.html);
        }
        assert!(content.html.contains("&#60;img src=x") && content.html.contains("{{7*7}}"), "{}", content.html);
        let lines = ["Bcc:", ".", "QUIT", "second"];
        assert!(!content.text.lines().any(|line| lines.iter().any(|start| line == *start || line.starts_with("Bcc"))));
        assert!(!content.text.contains('\u{202e}') && !content.text.contains("javascript:"));
    }
}
