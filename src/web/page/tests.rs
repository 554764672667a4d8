//! Do all pages keep what they promise: escaped values, names for everything, one policy?

#![allow(clippy::unwrap_used, clippy::expect_used)]

use base64::Engine as _;

use super::*;
use crate::oidc::error::Code;
use crate::web::shown::WebLink;

const HOSTILE: [&str; 5] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "{{7*7}}",
    "\u{202e}evil\u{2069}\u{2066}\u{200b}\u{feff}\r\nSet-Cookie: a",
    "' onfocus='alert(1)' autofocus='",
];

fn layout(language: Language, tenant: &str) -> Layout {
    Layout { tenant: Shown::name(tenant), language, csrf: format!("csrf-{tenant}"), root: String::new() }
}

fn application(name: &str, redirect_uri: &str) -> Application {
    Application { name: Some(Shown::name(name)), destination: Destination::of(redirect_uri).unwrap() }
}

fn person(name: &str) -> Person {
    Person { name: Some(Shown::name(name)), email: Shown::text(name) }
}

fn consent(name: &str, redirect_uri: &str) -> ConsentPage {
    ConsentPage {
        action: "/consent".to_owned(),
        request: name.to_owned(),
        application: application(name, redirect_uri),
        standing: Standing::RegisteredItself { at: 1_793_664_000 },
        website: WebLink::to("https://acme.example/"),
        privacy_policy: WebLink::to(&format!("https://acme.example/{name}")),
        terms: WebLink::to("javascript:alert(1)"),
        resources: vec![Resource { name: Some(Shown::name(name)), uri: Shown::text(name) }],
        permissions: vec![
            PermissionGroup {
                service: None,
                permissions: ["openid", "profile", "email", "address", "phone", "offline_access"]
                    .map(|scope| Permission { scope: Shown::text(scope), description: None })
                    .to_vec(),
            },
            PermissionGroup {
                service: Some(Shown::name(name)),
                permissions: vec![
                    Permission { scope: Shown::text(name), description: None },
                    Permission { scope: Shown::text("orders"), description: Some(Shown::text(name)) },
                ],
            },
        ],
        user: person(name),
    }
}

/// Every page in every state, each value of it being `value`.
fn every_page(l: &Layout, value: &str) -> Vec<(&'static str, Rendered)> {
    let text = || value.to_owned();
    let mut out = Vec::new();
    let uris = ["https://acme.example/cb", "http://127.0.0.1:9/cb", "cursor://cb"];
    for uri in uris {
        let problems = [
            None,
            Some(LoginProblem::Refused),
            Some(LoginProblem::Throttled { wait_seconds: 7 }),
            Some(LoginProblem::Stale),
        ];
        for problem in problems {
            let page = LoginPage {
                action: "/login".to_owned(),
                request: Some(text()),
                application: Some(application(value, uri)),
                email: Some(Shown::text(value)),
                problem,
                sign_in_link: Some("/link".to_owned()),
                return_to: None,
            };
            out.push(("login", page.render(l).unwrap()));
        }
        let page = SelectAccountPage {
            action: "/account".to_owned(),
            request: text(),
            application: application(value, uri),
            user: person(value),
        };
        out.push(("select account", page.render(l).unwrap()));
        for standing in [Standing::Verified, Standing::NotVerified, Standing::RegisteredItself { at: 0 }] {
            out.push(("consent", ConsentPage { standing, ..consent(value, uri) }.render(l).unwrap()));
        }
        let page = FormPostPage {
            action: uri.to_owned(),
            destination: Destination::of(uri).unwrap(),
            fields: vec![("code".to_owned(), text()), (text(), text())],
        };
        out.push(("form post", page.render(l).unwrap()));
    }
    let login = LoginPage {
        action: "/login".to_owned(),
        request: None,
        application: None,
        email: None,
        problem: None,
        sign_in_link: None,
        return_to: Some("/portal".to_owned()),
    };
    out.push(("login", login.render(l).unwrap()));
    for advice in [Advice::RegisterAgain, Advice::FixRedirectUri, Advice::FixRequest, Advice::TellOperator] {
        let description = Shown::text(value);
        let page =
            AuthorizationErrorPage { code: Code::InvalidRequest, description, advice, request_id: Shown::text(value) };
        out.push(("authorization error", page.render(l).unwrap()));
    }
    for problem in [
        Problem::Stale,
        Problem::LinkSpent,
        Problem::Unreadable,
        Problem::NotAllowed,
        Problem::TooManyRequests { wait_seconds: 600 },
        Problem::Unavailable,
        Problem::Failed,
    ] {
        let page = ErrorPage { problem, request_id: Some(Shown::text(value)), retry: Some("/".to_owned()) };
        out.push(("error", page.render(l).unwrap()));
    }
    out.push(("not found", NotFoundPage { home: "/".to_owned() }.render(l).unwrap()));
    for problem in [
        None,
        Some(PasswordProblem::TooShort),
        Some(PasswordProblem::TooLong { length_max: 1024 }),
        Some(PasswordProblem::TooEasy),
        Some(PasswordProblem::Different),
        Some(PasswordProblem::Stale),
    ] {
        let page = SignInLinkPage {
            action: "/link".to_owned(),
            link: text(),
            email: Shown::text(value),
            length_min: 12,
            problem,
        };
        out.push(("sign-in link", page.render(l).unwrap()));
    }
    for application in [None, Some(Shown::name(value))] {
        let page =
            SignOutPage { action: "/logout".to_owned(), request: Some(text()), application, user: person(value) };
        out.push(("sign out", page.render(l).unwrap()));
    }
    out.push(("signed out", SignedOutPage { sign_in: "/login".to_owned() }.render(l).unwrap()));
    let signed_in = Visitor::SignedIn { user: person(value), sign_out: "/logout".to_owned() };
    for visitor in [Visitor::Stranger { sign_in: "/login".to_owned() }, signed_in] {
        out.push(("home", HomePage { visitor }.render(l).unwrap()));
    }
    out
}

/// The text of each element that starts with `open`, up to `close`.
fn between<'a>(html: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    html.split(open).skip(1).map(|rest| rest.split(close).next().unwrap()).collect()
}

/// The start tags of `html`, without their brackets: a reader that knows quotes, as a browser does.
fn tags(html: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let mut quote = None;
        let tag: String = rest[at + 1..]
            .chars()
            .take_while(|c| {
                match quote {
                    Some(open) if *c == open => quote = None,
                    None if matches!(c, '"' | '\'') => quote = Some(*c),
                    _ => {}
                }
                quote.is_some() || *c != '>'
            })
            .collect();
        rest = &rest[at + 1 + tag.len()..];
        out.push(tag);
    }
    out
}

#[test]
fn hostile_values_change_no_tag_of_any_page() {
    // s.R31, s.R33, s.A14, s.A29
    /// The names of tags and attributes.
    fn skeleton(html: &str) -> Vec<String> {
        let valueless = |tag: &String| tag.split('"').step_by(2).collect::<String>();
        tags(html).iter().map(valueless).collect()
    }
    let harmless = every_page(&layout(Language::English, "Harmless"), "Harmless");
    for value in HOSTILE {
        let pages = every_page(&layout(Language::English, value), value);
        assert_eq!(pages.len(), harmless.len());
        for ((name, page), (_, harmless)) in pages.iter().zip(&harmless) {
            assert_eq!(skeleton(&page.html), skeleton(&harmless.html), "{name}: {value}");
            assert!(!page.html.contains("49"), "{name}");
            // The values of an answer must arrive as they are; nobody sees them.
            for mark in ['\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}'].into_iter().filter(|_| *name != "form post") {
                let visible =
                    page.html.split(" value=\"").map(|part| part.split_once('"').map_or(part, |(_, rest)| rest));
                assert!(!visible.collect::<String>().contains(mark), "{name}: {mark:?}");
            }
        }
    }
}

#[test]
fn a_very_long_name_is_cut() {
    // s.R31
    let long = "W".repeat(60_000);
    let page = consent(&long, "https://acme.example/cb");
    let page = ConsentPage { request: String::new(), privacy_policy: None, ..page };
    let html = page.render(&layout(Language::English, "Acme")).unwrap().html;
    assert!(html.len() < 12_000, "{}", html.len());
    assert!(html.contains(&format!("“<bdi>{}…</bdi>” asks for access", "W".repeat(100))));
}

#[test]
fn every_page_has_a_language_one_heading_a_title_and_a_main_part() {
    for language in Language::ALL {
        for (name, page) in every_page(&layout(language, "Acme"), "Ada") {
            let html = &page.html;
            assert!(html.starts_with(&format!("<!doctype html>\n<html lang=\"{}\">", language.tag())), "{name}");
            assert_eq!(between(html, "<h1", "</h1>").len(), 1, "{name}");
            assert_eq!(between(html, "<main id=\"main\"", "</main>").len(), 1, "{name}");
            assert!(html.contains("href=\"#main\""), "{name}");
            let title = between(html, "<title>", "</title>");
            assert!(title.len() == 1 && title[0].ends_with(" – Acme") && !title[0].contains('<'), "{name}: {title:?}");
            assert!(!html.contains("{$") && !html.contains("{ $"), "{name} lacks a value: {html}");
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_description_exists() {
    for (name, page) in every_page(&layout(Language::German, "Acme"), "Ada") {
        let mut focused = 0;
        for tag in tags(&page.html) {
            let attribute = |name: &str| between(&tag, &format!(" {name}=\""), "\"").first().map(|v| (*v).to_owned());
            focused += usize::from(tag.ends_with(" autofocus"));
            if tag.starts_with("input") && attribute("type").as_deref() != Some("hidden") {
                let id = attribute("id").unwrap();
                assert!(page.html.contains(&format!("<label for=\"{id}\">")), "{name}: {id}");
                assert!(attribute("autocomplete").is_some(), "{name}: {id}");
            }
            for ids in ["aria-describedby", "aria-labelledby"].into_iter().filter_map(attribute) {
                for id in ids.split(' ') {
                    assert!(page.html.contains(&format!(" id=\"{id}\"")), "{name}: {id}");
                }
            }
        }
        let asks = page.html.contains("type=\"password\"");
        assert_eq!(focused, usize::from(asks), "{name}");
    }
}

#[test]
fn every_form_posts_and_all_but_the_form_post_page_carry_the_csrf_token() {
    for (name, page) in every_page(&layout(Language::English, "Acme"), "Ada") {
        for form in between(&page.html, "<form ", "</form>") {
            assert!(form.starts_with("method=\"post\" action=\""), "{name}");
            assert_eq!(form.contains("name=\"csrf\" value=\"csrf-Acme\""), name != "form post", "{name}");
        }
    }
}

#[test]
fn no_page_has_inline_styles_foreign_content_or_a_script_but_the_known_one() {
    // s.A32, P-10
    for (name, page) in every_page(&layout(Language::English, "Acme"), "Ada") {
        assert_eq!(page.html.matches("<script>").count(), usize::from(name == "form post"), "{name}");
        assert_eq!(between(&page.html, "<script>", "</script>").iter().filter(|s| **s != SUBMIT_SCRIPT).count(), 0);
        for tag in tags(&page.html) {
            for forbidden in [" style=", " on", "src=", "<img", "javascript:"] {
                assert!(!tag.contains(forbidden), "{name}: {tag}");
            }
            let follows = tag.starts_with("a ") && tag.contains("href=\"http");
            assert_eq!(tag.contains("rel=\"noopener noreferrer\""), follows, "{name}: {tag}");
        }
        assert!(page.html.contains(&format!("href=\"/assets/{}\"", asset::stylesheet().name)));
    }
}

#[test]
fn the_policy_allows_nothing_but_the_stylesheet_and_forms_that_may_leave() {
    // s.A31, s.A32
    let strict = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";
    assert_eq!(content_security_policy(Forms::Leave), strict);
    assert_eq!(content_security_policy(Forms::Stay), format!("{strict}; form-action 'self'"));
    assert_eq!(content_security_policy(Forms::None), format!("{strict}; form-action 'none'"));
    for (name, page) in every_page(&layout(Language::English, "Acme"), "Ada") {
        assert!(!page.content_security_policy.contains("unsafe"), "{name}");
        let leaves = ["login", "select account", "consent", "sign out"].contains(&name);
        // The form-post page is bounded by where it posts to, which the next test looks at.
        if name != "form post" {
            assert_eq!(page.content_security_policy.contains("form-action"), !leaves, "{name}");
        }
        assert_eq!(
            page.html.contains("<form"),
            !page.content_security_policy.contains("form-action 'none'")
                && !page.html.contains("class=\"button primary\" href=\"/login\""),
            "{name}"
        );
    }
}

#[test]
fn the_policy_of_the_form_post_page_names_the_hash_of_its_script() {
    // s.A14
    let page = FormPostPage {
        action: "https://acme.example/cb".to_owned(),
        destination: Destination::of("https://acme.example/cb").unwrap(),
        fields: vec![("state".to_owned(), "\"><script>alert(1)</script>".to_owned())],
    };
    let page = page.render(&layout(Language::English, "Acme")).unwrap();
    let script = between(&page.html, "<script>", "</script>");
    assert_eq!(script.len(), 1);
    let hash = STANDARD.encode(secret::sha256(script[0].as_bytes()));
    assert!(page.content_security_policy.ends_with(&format!("; script-src 'sha256-{hash}'; form-action https:")));
    let state = "<input type=\"hidden\" name=\"state\" value=\"&#34;&#62;&#60;script&#62;alert(1)&#60;/script&#62;\">";
    assert!(page.html.contains(state));
    assert!(!page.html.contains("name=\"submit\""));
    // Where the form goes, and where that may redirect to; a claimed scheme cannot be listed.
    for (action, bound) in [
        ("http://127.0.0.1:7777/cb", "; form-action https: http:"),
        ("https://[::1]/cb", "; form-action https:"),
        ("com.example.app:/cb", ""),
    ] {
        let page = FormPostPage {
            action: action.to_owned(),
            destination: Destination::of(action).unwrap(),
            fields: Vec::new(),
        };
        let page = page.render(&layout(Language::English, "Acme")).unwrap();
        assert!(page.content_security_policy.ends_with(&format!("'sha256-{hash}'{bound}")), "{action}");
    }
}

#[test]
fn the_headers_keep_pages_out_of_frames_caches_and_referrers() {
    // s.A31, s.A33
    let page = NotFoundPage { home: "/".to_owned() }.render(&layout(Language::English, "Acme")).unwrap();
    let expected = [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", content_security_policy(Forms::None)),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "unsafe-none"),
    ];
    assert_eq!(page.headers(), expected);
}

#[test]
fn consent_says_where_the_answer_goes_that_nobody_checked_and_when_it_registered() {
    // s.R32, s.R34, P-10
    let l = layout(Language::English, "Acme");
    let html = consent("PayPal", "https://xn--80ak6aa92e.com/cb").render(&l).unwrap().html;
    assert_eq!(between(&html, "<p class=\"address\">", "</p>")[0].trim(), "<bdi>xn--80ak6aa92e.com</bdi>");
    let notice = between(&html, "<p class=\"notice warn\">", "</p>")[0];
    assert!(notice.contains("Not verified."));
    assert!(notice.contains("It registered itself on <bdi>3 November 2026</bdi>"));
    assert!(notice.contains("Accept only if you know <bdi>xn--80ak6aa92e.com</bdi>"));
    assert!(html.contains("“<bdi>PayPal</bdi>” asks for access"));
    let html = consent("Cursor", "http://127.0.0.1:8976/cb").render(&l).unwrap().html;
    assert_eq!(between(&html, "<p class=\"address\">", "</p>")[0].trim(), "an application on this computer");
    assert!(html.contains("<bdi>127.0.0.1:8976</bdi>"));
    let html = consent("Cursor", "cursor://anysphere/cb").render(&l).unwrap().html;
    assert_eq!(between(&html, "<p class=\"address\">", "</p>")[0].trim(), "the app for <bdi>cursor:</bdi> links");
}

#[test]
fn a_refused_login_says_the_same_whoever_tried() {
    let l = layout(Language::English, "Acme");
    let page = |email: &str| LoginPage {
        action: "/login".to_owned(),
        request: None,
        application: None,
        email: Some(Shown::text(email)),
        problem: Some(LoginProblem::Refused),
        sign_in_link: None,
        return_to: Some("/portal".to_owned()),
    };
    let [known, unknown] = ["ada@acme.example", "eve@acme.example"].map(|email| page(email).render(&l).unwrap().html);
    assert_eq!(known.replace("ada@", "eve@"), unknown);
    assert!(known.contains("The email address or the password is not right."));
    assert!(known.contains("<title>Error: Sign in – Acme</title>"));
    let throttled = LoginPage { problem: Some(LoginProblem::Throttled { wait_seconds: 1 }), ..page("a") };
    assert!(throttled.render(&l).unwrap().html.contains("Please wait <bdi>1 second</bdi>, then try again."));
    let throttled = LoginPage { problem: Some(LoginProblem::Throttled { wait_seconds: 121 }), ..page("a") };
    assert!(throttled.render(&l).unwrap().html.contains("Please wait <bdi>3 minutes</bdi>, then try again."));
}

#[test]
fn the_authorization_error_page_has_no_link_but_to_its_own_content() {
    // U4
    let page = AuthorizationErrorPage {
        code: Code::InvalidRequest,
        description: Shown::text("redirect_uri https://evil.example/cb is not registered"),
        advice: Advice::FixRedirectUri,
        request_id: Shown::text("0197"),
    };
    let html = page.render(&layout(Language::English, "Acme")).unwrap().html;
    let links: Vec<String> = tags(&html).into_iter().filter(|tag| tag.starts_with("a ")).collect();
    assert_eq!(links, ["a class=\"skip\" href=\"#main\""]);
    for shown in ["<code>invalid_request</code>", "https://evil.example/cb is not registered", "<bdi>0197</bdi>"] {
        assert!(html.contains(shown), "{shown}");
    }
}
