//! Do the portal's pages keep what all pages promise: escaped values, a name for everything, no script, one policy?

#![allow(clippy::unwrap_used, clippy::expect_used)]

use entity::contract::ContractState;

use super::account::*;
use super::agreed::*;
use super::application::*;
use super::catalog::*;
use super::profile::*;
use super::register::*;
use super::token::*;
use super::*;
use crate::oidc::client::ApplicationType;
use crate::portal::membership::Reach;
use crate::web::device::Device;
use crate::web::page::{Layout, Permission, PermissionGroup, Rendered};
use crate::web::shown::{Destination, WebLink};
use crate::web::text::Language;

const HOSTILE: [&str; 5] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</textarea></title></code><svg onload=alert(1)>",
    "\u{202e}evil\u{2069}\u{2066}\u{200b}\u{feff}\r\nSet-Cookie: a",
    "' onfocus='alert(1)' autofocus='",
];

fn layout(language: Language) -> Layout {
    Layout { tenant: Shown::name("Acme"), language, csrf: "csrf-Acme".to_owned(), root: String::new() }
}

fn frame(trouble: Option<Trouble>) -> Frame {
    let kinds = [PlaceKind::Catalog, PlaceKind::Applications, PlaceKind::Tokens, PlaceKind::Agreed, PlaceKind::Account];
    let place = |kind| Place { address: "/portal".to_owned(), kind, is_here: kind == PlaceKind::Catalog };
    Frame { places: kinds.map(place).to_vec(), done: None, trouble }
}

fn troubles(value: &str) -> Vec<Option<Trouble>> {
    let states = [ContractState::Pending, ContractState::Approved, ContractState::Rejected, ContractState::Revoked];
    let mut all = vec![
        None,
        Some(Trouble::Fields),
        Some(Trouble::Whole(Shown::text(value))),
        Some(Trouble::Stale),
        Some(Trouble::Throttled { wait_seconds: 7 }),
        Some(Trouble::RegistrationDisabled),
        Some(Trouble::Changed),
        Some(Trouble::OnlySecret),
        Some(Trouble::SeveralSecrets),
        Some(Trouble::NotAllowed),
        Some(Trouble::NameDiffers),
    ];
    all.extend(states.map(|state| Some(Trouble::AlreadyRequested(state))));
    all.extend(states.map(|state| Some(Trouble::ContractState(state))));
    all
}

fn complaints(l: &Layout, value: &str, fields: &[&str]) -> field::Complaints {
    let complaint = || Complaint { words: l.say("wrong-value"), detail: Some(Shown::text(value)) };
    fields.iter().map(|name| ((*name).to_owned(), complaint())).collect()
}

fn catalog_pages(l: &Layout, value: &str, out: &mut Vec<(&'static str, Rendered)>) {
    let (text, shown) = (|| value.to_owned(), || Shown::text(value));
    for (tiles, search) in [(2, String::new()), (2, text()), (0, String::new()), (0, text())] {
        let tile = |at: usize| Tile {
            address: "/portal/services/1".to_owned(),
            title: shown(),
            description: shown(),
            is_registrable: at == 0,
        };
        let page = CatalogPage {
            frame: frame(None),
            action: "/portal".to_owned(),
            search,
            tiles: (0..tiles).map(tile).collect(),
            total: 30,
            previous: Some("/portal?page=0".to_owned()),
            next: Some("/portal?page=2".to_owned()),
        };
        out.push(("catalog", page.render(l).unwrap()));
    }
    for register in [None, Some("/portal/services/1/register".to_owned())] {
        let page = ServicePage {
            frame: frame(None),
            title: shown(),
            description: vec![shown()],
            audience: shown(),
            is_open: register.is_none(),
            flows: vec![Flow::AuthorizationCode, Flow::ClientCredentials, Flow::Implicit, Flow::Password],
            scopes: vec![(shown(), shown())],
            needs_scope: true,
            token_seconds: register.as_ref().map(|_| 0),
            documents: vec![("/portal/services/1/documents/2".to_owned(), shown())],
            register: register.clone(),
        };
        out.push(("service", page.render(l).unwrap()));
        let operation = Operation {
            method: shown(),
            path: shown(),
            summary: shown(),
            about: vec![shown()],
            is_deprecated: true,
            parameters: vec![Parameter {
                name: shown(),
                place: shown(),
                kind: shown(),
                is_required: true,
                about: shown(),
            }],
            bodies: vec![(shown(), shown())],
            responses: vec![(shown(), shown())],
        };
        let description = Description {
            title: Some(shown()),
            version: Some(shown()),
            about: vec![shown()],
            servers: vec![shown()],
            operations: vec![operation],
            is_cut: true,
        };
        for content in [
            Content::Plain(text()),
            Content::Operations(Box::new(description)),
            Content::Operations(Box::default()),
            Content::Article(Article::made("<p>made here</p>".to_owned())),
        ] {
            let service = ("/portal/services/1".to_owned(), shown());
            let page =
                DocumentPage { frame: frame(None), title: shown(), service, register: register.clone(), content };
            out.push(("document", page.render(l).unwrap()));
        }
    }
}

fn register_pages(l: &Layout, value: &str, out: &mut Vec<(&'static str, Rendered)>) {
    for trouble in troubles(value) {
        for (is_enabled, count) in [(true, 2), (true, 0), (false, 0)] {
            let page = RegisterPage {
                frame: frame(trouble.clone()),
                action: "/portal/services/1/register".to_owned(),
                service: ("/portal/services/1".to_owned(), Shown::name(value)),
                is_enabled,
                is_approved_at_once: count == 0,
                needs_comment: trouble.is_some(),
                applications: (0..count).map(|at| (format!("id-{at}"), Shown::name(value))).collect(),
                chosen: "id-1".to_owned(),
                comment: value.to_owned(),
                complaints: complaints(l, value, if trouble.is_some() { &["application", "comment"] } else { &[] }),
                new_application: "/portal/applications/new".to_owned(),
            };
            out.push(("register", page.render(l).unwrap()));
        }
    }
    let page = UnderReviewPage {
        frame: frame(None),
        application: Shown::name(value),
        service: Shown::name(value),
        close: "/portal/applications/1".to_owned(),
    };
    out.push(("under review", page.render(l).unwrap()));
}

fn dashboard(value: &str) -> ApplicationPage {
    let shown = || Shown::text(value);
    let all = [ContractState::Pending, ContractState::Approved, ContractState::Rejected, ContractState::Revoked];
    let contract = |state| ContractRow {
        address: "/portal/services/1".to_owned(),
        service: shown(),
        audience: shown(),
        badge: Badge { state, suspended: false },
        reason: vec![shown()],
        unregister: Some("/portal/applications/1/contracts/1/unregister".to_owned()),
    };
    let mut contracts = all.map(contract).to_vec();
    contracts[1].badge.suspended = true;
    contracts.push(ContractRow { unregister: None, ..contract(ContractState::Approved) });
    let secret = |expires_at| SecretRow {
        name: shown(),
        hint: shown(),
        created_at: 0,
        expires_at,
        remove: Some("/s/delete".to_owned()),
    };
    let client = |number| ClientCard {
        number,
        name: shown(),
        client_id: shown(),
        redirect_uris: vec![shown()],
        grants: vec![shown()],
        method: shown(),
        secrets: vec![secret(0), secret(1_793_664_000)],
        add_secret: Some("/s".to_owned()),
        renew: Some("/s/renew".to_owned()),
        remove: Some("/c/delete".to_owned()),
    };
    let available = |activate| Available { address: "/portal/services/1".to_owned(), service: shown(), activate };
    ApplicationPage {
        frame: frame(None),
        name: shown(),
        description: vec![shown()],
        id: "0197".to_owned(),
        kind: Some(ApplicationType::Web),
        reach: Reach::Own,
        owner: Some(shown()),
        created_at: 1_793_664_000,
        edit: Some("/edit".to_owned()),
        clients: vec![client(1), client(2)],
        add_client: Some("/clients".to_owned()),
        contracts,
        available: vec![
            available(Activate::AtOnce("/register".to_owned())),
            available(Activate::WithComment("/register?application=1".to_owned())),
        ],
        catalog: "/portal".to_owned(),
    }
}

fn application_pages(l: &Layout, value: &str, out: &mut Vec<(&'static str, Rendered)>) {
    let row = |(kind, reach)| Listed {
        address: "/portal/applications/1".to_owned(),
        name: Shown::name(value),
        kind,
        reach,
        services: 3,
    };
    let kinds = [
        (Some(ApplicationType::Web), Reach::Own),
        (Some(ApplicationType::Native), Reach::Change),
        (Some(ApplicationType::Browser), Reach::See),
        (Some(ApplicationType::BackendToBackend), Reach::Administer),
        (None, Reach::Own),
    ];
    for rows in [kinds.map(row).to_vec(), Vec::new()] {
        let page = ApplicationsPage {
            frame: frame(None),
            total: 5,
            applications: rows,
            new: "/new".to_owned(),
            previous: None,
            next: Some("/next".to_owned()),
        };
        out.push(("applications", page.render(l).unwrap()));
    }
    let values = Values { name: value.to_owned(), redirect_uris: value.to_owned(), description: value.to_owned() };
    for trouble in troubles(value) {
        let fields: &[&str] =
            if trouble.is_some() { &["name", "kind", "redirect_uris", "description", "confirm"] } else { &[] };
        let page = NewApplicationPage {
            frame: frame(trouble.clone()),
            action: "/new".to_owned(),
            cancel: "/".to_owned(),
            values: values.clone(),
            kind: ApplicationType::Native,
            complaints: complaints(l, value, fields),
        };
        out.push(("new application", page.render(l).unwrap()));
        let page = EditApplicationPage {
            frame: frame(trouble.clone()),
            action: "/edit".to_owned(),
            cancel: "/".to_owned(),
            name: Shown::name(value),
            version: 3,
            values: values.clone(),
            redirects: true,
            complaints: complaints(l, value, if trouble.is_some() { &["name"] } else { &[] }),
            delete: Some("/delete".to_owned()),
        };
        out.push(("edit application", page.render(l).unwrap()));
        let page = ApplicationPage { frame: frame(trouble), ..dashboard(value) };
        out.push(("application", page.render(l).unwrap()));
    }
    for (_, word) in Done::ALL {
        let frame = Frame { done: Done::parse(word), ..frame(None) };
        assert_eq!(frame.done.map(Done::as_str), Some(word));
        let bare =
            ApplicationPage { clients: Vec::new(), contracts: Vec::new(), available: Vec::new(), ..dashboard(value) };
        out.push(("bare application", ApplicationPage { frame, ..bare }.render(l).unwrap()));
    }
    for of in [SecretOf::NewApplication, SecretOf::NewClient, SecretOf::Client, SecretOf::Token] {
        let page = NewSecretPage {
            frame: frame(None),
            of,
            client_id: Some(Shown::text(value)),
            secret: value.to_owned(),
            close: "/".to_owned(),
        };
        out.push(("new secret", page.render(l).unwrap()));
    }
}

fn own_pages(l: &Layout, value: &str, out: &mut Vec<(&'static str, Rendered)>) {
    let shown = || Shown::text(value);
    let group = |service: Option<Shown>| AgreedGroup {
        permissions: PermissionGroup { service, permissions: vec![Permission { scope: shown(), description: None }] },
        since: 0,
    };
    let destinations = [
        None,
        Some(Destination::Host(shown())),
        Some(Destination::Loopback(shown())),
        Some(Destination::Scheme(shown())),
    ];
    let application = |destination| AgreedApplication {
        name: Some(shown()),
        destination,
        groups: vec![group(None), group(Some(shown()))],
        withdraw: "/account/applications/a/withdraw".to_owned(),
    };
    for applications in [destinations.map(application).to_vec(), Vec::new()] {
        let next = (!applications.is_empty()).then(|| "/account/applications?after=1".to_owned());
        let page = AgreedPage { frame: frame(None), applications, previous: next.clone(), next };
        out.push(("agreed", page.render(l).unwrap()));
    }
    for trouble in troubles(value) {
        // Of the two forms one is sent at a time.
        let wrong: &[&str] = match trouble {
            None => &[],
            Some(Trouble::Fields) => &["present_password", "password"],
            Some(_) => &["name"],
        };
        let session = |agent: &str, end: Option<&str>| SessionRow {
            device: Device::of(agent),
            address: Some(shown()),
            began_at: 0,
            used_at: 1_793_664_000,
            end: end.map(str::to_owned),
        };
        let page = ProfilePage {
            frame: frame(trouble.clone()),
            name: Some(shown()),
            email: shown(),
            rename: trouble.is_some().then(|| ("/account/name".to_owned(), value.to_owned())),
            password: "/account/password".to_owned(),
            length_min: 8,
            sessions: vec![
                session("Firefox/1 (Linux)", None),
                session("Linux", Some("/account/sessions/1/end")),
                session(value, Some("/account/sessions/2/end")),
            ],
            end_others: Some("/account/sessions/end-others".to_owned()),
            sign_out: "/logout".to_owned(),
            complaints: complaints(l, value, wrong),
        };
        out.push(("profile", page.render(l).unwrap()));
    }
}

fn account_pages(l: &Layout, value: &str, out: &mut Vec<(&'static str, Rendered)>) {
    for trouble in troubles(value) {
        let wrong = trouble.is_some();
        let bare = || Frame { trouble: trouble.clone(), ..Frame::default() };
        let page = SignUpPage {
            frame: bare(),
            action: "/sign-up".to_owned(),
            sign_in: "/login".to_owned(),
            name: value.to_owned(),
            email: value.to_owned(),
            domains: wrong.then(|| Shown::text(value)),
            length_min: 8,
            complaints: complaints(l, value, if wrong { &["name", "email", "password"] } else { &[] }),
        };
        out.push(("sign up", page.render(l).unwrap()));
        let page = ForgotPasswordPage {
            frame: bare(),
            action: "/forgot".to_owned(),
            email: value.to_owned(),
            sign_in: "/login".to_owned(),
            complaints: complaints(l, value, if wrong { &["email"] } else { &[] }),
        };
        out.push(("forgot password", page.render(l).unwrap()));
        for occasion in [Occasion::Invitation { name: value.to_owned() }, Occasion::Reset] {
            let page = ChoosePasswordPage {
                frame: bare(),
                action: "/new-password".to_owned(),
                link: value.to_owned(),
                email: Shown::text(value),
                occasion,
                length_min: 8,
                complaints: complaints(l, value, if wrong { &["name", "password_repeat"] } else { &[] }),
            };
            out.push(("choose password", page.render(l).unwrap()));
        }
        let token = |state| TokenRow {
            name: Shown::name(value),
            hint: Shown::text(value),
            scopes: vec![Shown::text(value)],
            created_at: 0,
            expires_at: Some(1),
            state,
        };
        let live = TokenState::Live { revoke: "/revoke".to_owned() };
        let page = TokensPage {
            frame: frame(trouble.clone()),
            action: "/portal/tokens".to_owned(),
            tokens: [live, TokenState::Expired, TokenState::Revoked].map(token).to_vec(),
            scopes: vec!["applications:read", "applications:write"],
            chosen: vec!["applications:read".to_owned()],
            name: value.to_owned(),
            days: value.to_owned(),
            complaints: complaints(l, value, if wrong { &["name", "expires_in_days", "scopes"] } else { &[] }),
        };
        out.push(("tokens", page.render(l).unwrap()));
    }
    let confirm = || Next::Confirm { action: "/verify".to_owned(), link: value.to_owned() };
    for (message, next) in [
        (Message::SignedUp, Next::SignIn("/login".to_owned())),
        (Message::SignedUpPending, Next::SignIn("/login".to_owned())),
        (Message::SignUpClosed, Next::SignIn("/login".to_owned())),
        (Message::ResetSent, Next::SignIn("/login".to_owned())),
        (Message::VerifyEmail(Shown::text(value)), confirm()),
        (Message::LinkSpent, Next::AskAgain("/forgot".to_owned())),
    ] {
        let page = MessagePage { frame: Frame::default(), message, next };
        out.push(("message", page.render(l).unwrap()));
    }
    for standing in [Standing::Pending, Standing::Rejected, Standing::Revoked, Standing::NoDeveloper] {
        let page = StatusPage {
            frame: Frame::default(),
            standing,
            support_email: (standing != Standing::Revoked).then(|| Shown::text(value)),
            support: WebLink::to("https://help.example/"),
            home: "/".to_owned(),
        };
        out.push(("status", page.render(l).unwrap()));
    }
}

/// Every page in every state, each value of it being `value`.
fn every_page(language: Language, value: &str) -> Vec<(&'static str, Rendered)> {
    let (l, mut out) = (layout(language), Vec::new());
    catalog_pages(&l, value, &mut out);
    register_pages(&l, value, &mut out);
    application_pages(&l, value, &mut out);
    account_pages(&l, value, &mut out);
    own_pages(&l, value, &mut out);
    out
}

fn between<'a>(html: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    html.split(open).skip(1).map(|rest| rest.split(close).next().unwrap()).collect()
}

/// The start and end tags of `html`, without their brackets: a reader that knows quotes, as a browser does.
fn tags(html: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let mut quote = None;
        let ends = |c: char| {
            match quote {
                Some(open) if c == open => quote = None,
                None if matches!(c, '"' | '\'') => quote = Some(c),
                _ => {}
            }
            quote.is_none() && c == '>'
        };
        let end = rest[at + 1..].find(ends).map_or(rest.len(), |end| at + 1 + end);
        out.push(rest[at + 1..end].to_owned());
        rest = &rest[end..];
    }
    out
}

#[test]
fn hostile_values_change_no_tag_of_any_page() {
    // s.B11
    let skeleton = |html: &str| -> Vec<String> {
        tags(html).iter().map(|tag| tag.split('"').step_by(2).collect::<String>()).collect()
    };
    let harmless = every_page(Language::English, "Harmless");
    for value in HOSTILE {
        let pages = every_page(Language::English, value);
        assert_eq!(pages.len(), harmless.len());
        for ((name, page), (_, harmless)) in pages.iter().zip(&harmless) {
            assert_eq!(skeleton(&page.html), skeleton(&harmless.html), "{name}: {value}");
        }
    }
}

#[test]
fn every_page_has_a_language_one_heading_a_title_and_a_main_part() {
    for language in Language::ALL {
        for (name, page) in every_page(language, "Ada") {
            let html = &page.html;
            assert!(html.starts_with(&format!("<!doctype html>\n<html lang=\"{}\">", language.tag())), "{name}");
            assert_eq!(between(html, "<h1", "</h1>").len(), 1, "{name}");
            assert_eq!(between(html, "<main id=\"main\"", "</main>").len(), 1, "{name}");
            let title = between(html, "<title>", "</title>");
            assert!(title.len() == 1 && title[0].ends_with(" – Acme") && !title[0].contains('<'), "{name}: {title:?}");
            assert!(!html.contains("{$") && !html.contains("{ $"), "{name} lacks a value: {html}");
            assert_eq!(title[0].starts_with(&*language.say("title-error").plain()), html.contains("role=\"alert\""));
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_description_exists_once() {
    for (name, page) in every_page(Language::German, "Ada") {
        let mut focused = 0;
        let mut ids = std::collections::BTreeSet::new();
        for tag in tags(&page.html) {
            let attribute = |name: &str| between(&tag, &format!(" {name}=\""), "\"").first().map(|v| (*v).to_owned());
            focused += usize::from(tag.ends_with(" autofocus"));
            if let Some(id) = attribute("id") {
                assert!(ids.insert(id.clone()), "{name}: {id} twice");
            }
            let is_field = ["input", "select", "textarea"].contains(&tag.split(' ').next().unwrap());
            if is_field && attribute("type").as_deref() != Some("hidden") {
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
        assert!(focused <= 1, "{name}: {focused}");
    }
}

#[test]
fn every_form_that_changes_something_carries_the_csrf_token_and_only_the_search_asks() {
    // s.B10
    for (name, page) in every_page(Language::English, "Ada") {
        for form in between(&page.html, "<form ", "</form>") {
            let posts = form.starts_with("method=\"post\" action=\"");
            assert_eq!(posts, !form.contains("role=\"search\""), "{name}");
            assert_eq!(form.contains("name=\"csrf\" value=\"csrf-Acme\""), posts, "{name}");
        }
    }
}

#[test]
fn no_page_has_a_script_inline_styles_or_foreign_content() {
    for (name, page) in every_page(Language::English, "Ada") {
        assert!(!page.content_security_policy.contains("script-src"), "{name}");
        assert!(page.content_security_policy.contains("; form-action '"), "{name}");
        for tag in tags(&page.html) {
            assert!(!tag.starts_with("script"), "{name}");
            for forbidden in [" style=", " on", "src=", "<img", "javascript:"] {
                assert!(!tag.contains(forbidden), "{name}: {tag}");
            }
            let follows = tag.starts_with("a ") && tag.contains("href=\"http");
            assert_eq!(tag.contains("rel=\"noopener noreferrer\""), follows, "{name}: {tag}");
        }
    }
}

#[test]
fn the_portal_says_what_konnect_says_to_the_letter() {
    // N8, N14, N24
    let l = layout(Language::English);
    let page = UnderReviewPage {
        frame: frame(None),
        application: Shown::name("Shop"),
        service: Shown::name("Orders"),
        close: "/portal/applications/1".to_owned(),
    };
    let html = page.render(&l).unwrap().html;
    assert!(html.contains("<h1>Registration Under Review</h1>"));
    assert!(html.contains("You will be notified by email upon approval.") && html.contains(">Close</a>"));
    assert_eq!(
        Trouble::RegistrationDisabled.words(&l).plain(),
        crate::portal::Conflict::RegistrationDisabled.describe()
    );
    let once = "The client secret will only be shown once. Please copy this value and keep for your records.";
    assert_eq!(l.say("secret-shown-once").plain(), once);
    for (key, words) in [
        ("select-application", "Select Application"),
        ("request-access", "Request Access"),
        ("unregister", "Unregister"),
        ("nav-applications", "My Apps"),
        ("new-application", "New Application"),
        ("heading-new-application", "Create Application"),
        ("activate", "Activate"),
        ("more-credentials", "Generate more credentials"),
    ] {
        assert_eq!(l.language.say(key).plain(), words);
    }
}
