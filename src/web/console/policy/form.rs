//! How does one fill in the rules of a service? All fields of K9–K20.

use entity::user::Role;
use http::StatusCode;
use poem::Response;

use super::{FLOWS, above};
use crate::portal::Error;
use crate::portal::policy::{self, Change, Policy};
use crate::portal::service::Service;
use crate::secret::Secret;
use crate::web::console::address::{self, Place};
use crate::web::console::desk::{Desk, Posted};
use crate::web::form::{Pairs, field};
use crate::web::page::console::{Field, Form, Group, Part, Section, Words};

/// What was filled in, as a change.
///
/// # Errors
/// `Invalid` for what is no number.
pub(super) fn read(posted: &Posted) -> Result<Change, Error> {
    let is_admin = posted.desk.actor.role() == Role::Admin;
    // What only an admin may switch on is not on the page of the others, and stays as it is.
    let mark = |name: &str| (is_admin || !is_for_admins(name)).then(|| posted.marked(name));
    let seconds = |name: &'static str| {
        let wrong = || Error::invalid(name, crate::portal::Rule::Form, "must be a whole number of seconds");
        posted.text(name).parse::<i64>().map(Some).map_err(|_| wrong())
    };
    Ok(Change {
        display_name: Some(posted.text("display_name").to_owned()),
        description: Some(posted.some("description")),
        auto_approve: mark("auto_approve"),
        enable_authorization_code: mark("enable_authorization_code"),
        enable_client_credentials: mark("enable_client_credentials"),
        enable_implicit_grant: mark("enable_implicit_grant"),
        enable_password_grant: mark("enable_password_grant"),
        mandatory_scope: mark("mandatory_scope"),
        scopes: Some(Some(posted.lines("scopes")).filter(|scopes| !scopes.is_empty())),
        auth_header_name: Some(posted.text("auth_header_name").to_owned()),
        token_expiration: seconds("token_expiration")?,
        refresh_token_ttl: seconds("refresh_token_ttl")?,
        provision_key: posted.some("provision_key").filter(|_| is_admin).map(Secret::new),
        comment_required: mark("comment_required"),
        ..Change::default()
    })
}

/// security.md s.K4.
fn is_for_admins(name: &str) -> bool {
    ["auto_approve", "enable_implicit_grant", "enable_password_grant"].contains(&name)
}

/// A policy as it stands in the form.
pub(super) fn pairs(policy: &Policy) -> Pairs {
    let row = &policy.row;
    let mut pairs = vec![
        ("display_name", row.display_name.clone()),
        ("description", row.description.clone().unwrap_or_default()),
        ("scopes", policy::scopes::elements(row.scope_elements.as_ref()).unwrap_or_default().join("\n")),
        ("auth_header_name", row.auth_header_name.clone()),
        ("token_expiration", row.token_expiration.to_string()),
        ("refresh_token_ttl", row.refresh_token_ttl.to_string()),
        ("version", row.version.to_string()),
    ];
    let marks = [
        ("auto_approve", row.auto_approve),
        ("enable_authorization_code", row.enable_authorization_code),
        ("enable_client_credentials", row.enable_client_credentials),
        ("enable_implicit_grant", row.enable_implicit_grant),
        ("enable_password_grant", row.enable_password_grant),
        ("mandatory_scope", row.mandatory_scope),
        ("comment_required", row.comment_required),
    ];
    pairs.extend(marks.into_iter().filter(|(_, on)| *on).map(|(name, _)| (name, "on".to_owned())));
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn groups(desk: &Desk, service: &Service) -> Vec<Group> {
    let is_admin = desk.actor.role() == Role::Admin;
    let shown = |name: &str| is_admin || !is_for_admins(name);
    let mut portal = vec![
        Field::line("display_name", desk.say("console-policy-display-name"))
            .hint(desk.say("console-policy-display-name-hint"))
            .required(),
        Field::lines("description", desk.say("console-description")).hint(desk.say("console-policy-description-hint")),
    ];
    if shown("auto_approve") {
        let auto = Field::mark("auto_approve", desk.say("console-policy-auto-approve"));
        portal.push(auto.hint(desk.say("console-policy-auto-approve-hint")));
    }
    let comment = Field::mark("comment_required", desk.say("console-policy-comment"));
    portal.push(comment.hint(desk.say("console-policy-comment-hint")));
    let flows = FLOWS.into_iter().filter(|(name, _)| shown(name)).map(|(name, key)| Field::mark(name, desk.say(key)));
    let mut tokens = vec![
        Field::typed("token_expiration", "number", desk.say("console-policy-token-expiration"))
            .hint(desk.say("console-policy-token-expiration-hint")),
        Field::typed("refresh_token_ttl", "number", desk.say("console-policy-refresh-ttl"))
            .hint(desk.say("console-policy-refresh-ttl-hint")),
        Field::line("auth_header_name", desk.say("console-policy-auth-header"))
            .hint(desk.say("console-policy-auth-header-hint")),
    ];
    if is_admin {
        let hint = if service.policy.is_some() { "console-policy-key-keep" } else { "console-policy-key-hint" };
        tokens.push(Field::line("provision_key", desk.say("console-policy-provision-key")).hint(desk.say(hint)));
    }
    let scopes = vec![
        Field::lines("scopes", desk.say("console-scopes")).hint(desk.say("console-policy-scopes-hint")),
        Field::mark("mandatory_scope", desk.say("console-policy-mandatory-scope"))
            .hint(desk.say("console-policy-mandatory-hint")),
    ];
    vec![
        Group::titled(desk.say("console-policy-group-portal"), portal),
        Group::titled(desk.say("console-policy-flows"), flows.collect()).about(desk.say("console-policy-flows-hint")),
        Group::titled(desk.say("console-scopes"), scopes),
        Group::titled(desk.say("console-policy-group-tokens"), tokens),
    ]
}

/// The page with the form, and with what is wrong with it.
///
/// # Errors
/// When the database cannot be asked.
pub(super) async fn form_page(
    desk: &Desk,
    service: &Service,
    pairs: &Pairs,
    complaints: Vec<(String, Words)>,
) -> Result<Response, Error> {
    let status = if complaints.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let (action, submit) = match service.policy {
        Some(_) => ("/policy", "console-save"),
        None => ("/policy/new", "console-create"),
    };
    let value = |name: &str| field(pairs, name);
    let form = Form::new(desk.path(&address::service(service.row.id, action)), desk.say(submit), groups(desk, service))
        .or(desk.path(&address::service(service.row.id, "#policy")))
        .with("version", value("version").unwrap_or_default())
        .filled(value)
        .judged(complaints);
    let mut page = desk.page(Place::Services, desk.say("console-policy-registration")).await?;
    page.above = Some(above(desk, service));
    page.sections.push(Section::plain("form", vec![Part::Form(form)]));
    Ok(desk.show_with(status, &page))
}
