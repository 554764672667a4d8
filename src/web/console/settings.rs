//! How does the tenant behave? Settings › Advanced (U33): who may register, what skips the queue, how long people stay.

use http::StatusCode;
use poem::{Response, handler};
use serde_json::{Map, Value, json};

use super::address::{Place, SETTINGS};
use super::desk::{Desk, Posted};
use super::words;
use crate::config::Profile;
use crate::portal::service;
use crate::portal::settings::{self, Shown as Current};
use crate::portal::{Action, Error, Rule, Wrong};
use crate::web::form::{Pairs, field};
use crate::web::page::console::{Choice, Field, Form, Group, Part, Section, Words};

/// What is on or off: the setting, and its words.
const SWITCHES: [&str; 9] = [
    "registration.open",
    "registration.with_token",
    "auto_approve.developers",
    "auto_approve.contracts",
    "portal.sign_up",
    "mail.on_request",
    "mail.on_status",
    "policies.endless_tokens",
    "grants.password",
];

/// Numbers that may be left to the configuration.
const NUMBERS: [&str; 3] = ["session.idle_hours", "session.max_hours", "retention_days"];

/// Lines that may be left empty.
const LINES: [&str; 4] = ["registration.profile", "about.support_email", "about.support_url", "default_audience"];

/// Shows the settings.
#[handler]
pub async fn edit(desk: Desk) -> Response {
    let current = settings::read(&desk.visitor.app, &desk.visitor.tenant, &desk.actor).await;
    let shown = match current.and_then(|current| pairs(&current)) {
        Ok(pairs) => form_page(&desk, &pairs, Vec::new()).await,
        Err(error) => Err(error),
    };
    desk.answer(shown).await
}

/// Changes them.
#[handler]
pub async fn change(posted: Posted) -> Response {
    posted.desk.answer(changed(&posted).await).await
}

async fn changed(posted: &Posted) -> Result<Response, Error> {
    let desk = &posted.desk;
    desk.may(Action::WriteSettings)?;
    let outcome = match patch(posted) {
        Ok(patch) => settings::patch(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, &patch).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(_) => Ok(desk.go(SETTINGS, "saved")),
        Err(error) => form_page(desk, &posted.pairs, words::complaints(desk, error)?).await,
    }
}

/// The form as a merge patch (RFC 7396): what was left empty goes back to its default.
fn patch(posted: &Posted) -> Result<Value, Error> {
    let (mut patch, mut wrong) = (json!({"name": posted.text("name")}), Vec::new());
    for path in SWITCHES {
        put(&mut patch, path, posted.marked(path).into());
    }
    for path in NUMBERS {
        let sent = posted.text(path);
        let number = (!sent.is_empty()).then(|| sent.parse::<i64>());
        match number.transpose() {
            Ok(number) => put(&mut patch, path, number.into()),
            Err(_) => wrong.push(Wrong::new(path, Rule::Form, "must be a whole number")),
        }
    }
    for path in LINES {
        put(&mut patch, path, posted.some(path).into());
    }
    put(&mut patch, "portal.sign_up_domains", posted.lines("portal.sign_up_domains").into());
    if wrong.is_empty() { Ok(patch) } else { Err(Error::Invalid(wrong)) }
}

fn put(patch: &mut Value, path: &str, value: Value) {
    let Some(members) = patch.as_object_mut() else { return };
    match path.split_once('.') {
        None => drop(members.insert(path.to_owned(), value)),
        Some((section, member)) => {
            let inner = members.entry(section).or_insert_with(|| Value::Object(Map::new()));
            if let Some(inner) = inner.as_object_mut() {
                inner.insert(member.to_owned(), value);
            }
        }
    }
}

fn pairs(current: &Current) -> Result<Pairs, Error> {
    let all = serde_json::to_value(&current.settings).map_err(Error::internal)?;
    let at = |path: &str| path.split('.').try_fold(&all, |value, member| value.get(member));
    let mut pairs = vec![("name".to_owned(), current.name.clone())];
    for path in SWITCHES {
        pairs.extend((at(path) == Some(&Value::Bool(true))).then(|| (path.to_owned(), "on".to_owned())));
    }
    for path in NUMBERS.into_iter().chain(LINES) {
        let text = match at(path) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        pairs.push((path.to_owned(), text));
    }
    let domains = current.settings.portal.sign_up_domains.join("\n");
    pairs.push(("portal.sign_up_domains".to_owned(), domains));
    Ok(pairs)
}

async fn form_page(desk: &Desk, pairs: &Pairs, complaints: Vec<(String, Words)>) -> Result<Response, Error> {
    let status = if complaints.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
    let all = service::list(app, tenant, &desk.actor, &service::Filter::default(), &desk.wanted()).await?;
    let audiences = all.items.into_iter().map(|service| service.row.audience).collect();
    let mut groups = registration(desk);
    groups.extend(people(desk));
    groups.extend(tokens(desk, audiences));
    let form = Form::new(desk.path(SETTINGS), desk.say("console-save"), groups)
        .filled(|name| field(pairs, name))
        .judged(complaints);
    let mut page = desk.page(Place::Settings, desk.say("console-settings-advanced")).await?;
    page.sections.push(Section::plain("form", vec![Part::Form(form)]));
    Ok(desk.show_with(status, &page))
}

fn registration(desk: &Desk) -> Vec<Group> {
    let mut profiles = vec![Choice { value: "", label: desk.say("console-setting-as-configured").into() }];
    profiles.extend(Profile::ALL.map(|profile| {
        let key = match profile {
            Profile::Permissive => "console-profile-permissive",
            Profile::Interop => "console-profile-interop",
            Profile::Strict => "console-profile-strict",
        };
        Choice { value: profile.name(), label: desk.say(key).into() }
    }));
    let open = Field::mark("registration.open", desk.say("console-setting-open"));
    let fields = vec![
        open.hint(desk.say("console-setting-open-hint")),
        Field::mark("registration.with_token", desk.say("console-setting-with-token"))
            .hint(desk.say("console-setting-with-token-hint")),
        Field::choice("registration.profile", desk.say("console-setting-profile"), profiles)
            .hint(desk.say("console-setting-profile-hint")),
    ];
    let group = Group::titled(desk.say("console-setting-registration"), fields);
    vec![group.warn(desk.say("console-setting-open-warning"))]
}

fn people(desk: &Desk) -> Vec<Group> {
    let mark = |name, key, hint| Field::mark(name, desk.say(key)).hint(desk.say(hint));
    let approval = vec![
        mark("auto_approve.developers", "console-setting-auto-developers", "console-setting-auto-developers-hint"),
        mark("auto_approve.contracts", "console-setting-auto-contracts", "console-setting-auto-contracts-hint"),
    ];
    let sign_up = vec![
        mark("portal.sign_up", "console-setting-sign-up", "console-setting-sign-up-hint"),
        Field::lines("portal.sign_up_domains", desk.say("console-setting-domains"))
            .hint(desk.say("console-setting-domains-hint")),
    ];
    let mail = vec![
        mark("mail.on_request", "console-setting-mail-request", "console-setting-mail-request-hint"),
        mark("mail.on_status", "console-setting-mail-status", "console-setting-mail-status-hint"),
    ];
    vec![
        Group::titled(desk.say("console-setting-approval"), approval),
        Group::titled(desk.say("console-setting-portal"), sign_up),
        Group::titled(desk.say("console-setting-mail"), mail),
    ]
}

fn tokens(desk: &Desk, audiences: Vec<String>) -> Vec<Group> {
    let number = |name, key| Field::typed(name, "number", desk.say(key)).hint(desk.say("console-setting-empty"));
    let tokens = vec![
        Field::mark("policies.endless_tokens", desk.say("console-setting-endless"))
            .hint(desk.say("console-setting-endless-hint")),
        Field::mark("grants.password", desk.say("console-setting-password"))
            .hint(desk.say("console-setting-password-hint")),
        Field::suggested("default_audience", desk.say("console-setting-audience"), audiences)
            .hint(desk.say("console-setting-audience-hint")),
    ];
    let sessions =
        vec![number("session.idle_hours", "console-setting-idle"), number("session.max_hours", "console-setting-max")];
    let about = vec![
        Field::line("name", desk.say("console-setting-name")).required(),
        Field::typed("about.support_email", "email", desk.say("console-setting-support-email")),
        Field::typed("about.support_url", "url", desk.say("console-setting-support-url")),
        number("retention_days", "console-setting-retention"),
    ];
    vec![
        Group::titled(desk.say("console-setting-tokens"), tokens),
        Group::titled(desk.say("console-setting-sessions"), sessions),
        Group::titled(desk.say("console-setting-about"), about),
    ]
}
