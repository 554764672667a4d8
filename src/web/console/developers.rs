//! Who are the developers, and whom does the portal let in? (U27, K6, K69)

use std::fmt::Write as _;

use bytes::Bytes;
use entity::id::UserId;
use entity::user::{self, Approval, Role};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use poem::web::Path;
use poem::{Response, handler};

use super::address::{self, DEVELOPERS, EXPORT, INVITE, Place};
use super::desk::{Desk, Posted, ROWS_MAX, identity};
use super::words;
use crate::portal::developer::{self, Decision, Filter, Invitation};
use crate::portal::list::Wanted;
use crate::portal::{Action, Error};
use crate::web::form::{Pairs, field};
use crate::web::page::console::{Act, Cell, Choice, Field, Form, Group, Here, Link, Part, Section, Tab, Table, Words};
use crate::web::shown::Shown;

/// Rows read at a time for the file.
const EXPORTED_AT_ONCE: u64 = 1000;

const TABS: [(Approval, &str, &str); 4] = [
    (Approval::Approved, "approved", "console-tab-approved"),
    (Approval::Pending, "requested", "console-tab-requested"),
    (Approval::Rejected, "rejected", "console-tab-rejected"),
    (Approval::Revoked, "revoked", "console-tab-revoked"),
];

/// All developers, in tabs.
#[handler]
pub async fn all(desk: Desk) -> Response {
    desk.answer(listed(&desk).await).await
}

async fn listed(desk: &Desk) -> Result<Response, Error> {
    desk.may(Action::ReadDevelopers)?;
    let search = desk.sought();
    let mut tabs = Vec::new();
    for (approval, id, label) in TABS {
        let after = desk.wanted().after.filter(|_| desk.asked("state") == Some(id));
        let wanted = Wanted { after, ..Wanted::first(ROWS_MAX) };
        let filter = Filter { approval: Some(approval), search: search.clone(), ..Filter::default() };
        let listed = developer::list(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, &filter, &wanted).await?;
        let more = [("state", id), ("search", search.as_deref().unwrap_or_default())];
        let next = desk.next(DEVELOPERS, &more, listed.next).map(|next| format!("{next}#{id}"));
        let table = table(desk, &listed.items, id, next);
        tabs.push(Tab { id, label: desk.say(label).into(), count: listed.total, first: Here::No, table });
    }
    let asks = tabs.get(1).is_some_and(|tab| tab.count > 0);
    if let Some(first) = tabs.get_mut(usize::from(asks)) {
        first.first = Here::Yes;
    }
    let mut page = desk.page(Place::Developers, desk.say("console-developers")).await?;
    let link = |path: &str, key| Link { href: desk.path(path), words: desk.say(key).into() };
    page.links = vec![link(INVITE, "console-developer-invite"), link(EXPORT, "console-developer-export")];
    let field = desk.search(DEVELOPERS, "console-people-search", &[]);
    page.sections.push(Section::plain("developers", vec![field, Part::Tabs(tabs)]));
    Ok(desk.show(&page))
}

fn table(desk: &Desk, people: &[user::Model], tab: &str, next: Option<String>) -> Table {
    let row = |person: &user::Model| {
        let email = Shown::text(&person.email);
        let name = person.name.as_deref().filter(|name| !name.is_empty());
        let (name, more) = match name {
            Some(name) => (Shown::name(name).into(), vec![email.into()]),
            None => (email.into(), Vec::new()),
        };
        vec![
            Cell::Named { name, href: None, more },
            words::role(desk, person.role).into(),
            desk.moment(person.created_at).into(),
            Some(acts(desk, person, tab)).filter(|acts| !acts.is_empty()).map(Cell::Acts).into(),
        ]
    };
    Table {
        caption: desk.say("console-developers").into(),
        heads: ["console-developer", "console-role", "console-since", "console-acts"]
            .map(|key| desk.say(key).into())
            .to_vec(),
        rows: people.iter().map(row).collect(),
        empty: desk.nothing("console-developers-none"),
        next,
    }
}

fn acts(desk: &Desk, person: &user::Model, tab: &str) -> Vec<Act> {
    if desk.actor.user_id() == Some(person.id) {
        return Vec::new();
    }
    let about = Shown::text(&person.email);
    let act = |act: &str, key| {
        let action = desk.path(&address::act(DEVELOPERS, person.id, act));
        Act::new(action, desk.say(key), about.clone()).with("back", format!("{DEVELOPERS}#{tab}"))
    };
    let approve = || act("approve", "console-approve").expected();
    let mut acts = match person.approval {
        Approval::Pending => vec![approve(), act("reject", "console-reject").reason(desk.say("console-reason"))],
        Approval::Approved => vec![act("revoke", "console-revoke").reason(desk.say("console-reason"))],
        Approval::Rejected | Approval::Revoked => vec![approve()],
    };
    acts.push(act("delete", "console-delete").sure(desk.say("console-developer-delete-sure")));
    acts
}

/// Decides about a developer.
#[handler]
pub async fn decide(posted: Posted, Path((id, act)): Path<(String, String)>) -> Response {
    posted.desk.answer(decided(&posted, &id, &act).await).await
}

async fn decided(posted: &Posted, id: &str, act: &str) -> Result<Response, Error> {
    let desk = &posted.desk;
    desk.may(Action::WriteDevelopers)?;
    let (app, tenant, id) = (&desk.visitor.app, &desk.visitor.tenant, UserId(identity(id)?));
    let reason = posted.some("reason");
    let (decision, done) = match act {
        "approve" => (Decision::Approve, "approved"),
        "reject" => (Decision::Reject { reason }, "rejected"),
        "revoke" => (Decision::Revoke { reason }, "revoked"),
        "delete" => {
            developer::remove(app, tenant, &desk.actor, id).await?;
            return Ok(desk.go(posted.back(DEVELOPERS), "removed"));
        }
        _ => return Err(Error::NotFound),
    };
    developer::decide(app, tenant, &desk.actor, id, decision).await?;
    Ok(desk.go(posted.back(DEVELOPERS), done))
}

/// An empty invitation.
#[handler]
pub async fn blank(desk: Desk) -> Response {
    let shown = match desk.may(Action::WriteDevelopers) {
        Ok(()) => form_page(&desk, &Pairs::new(), Vec::new()).await,
        Err(error) => Err(error),
    };
    desk.answer(shown).await
}

/// Invites somebody.
#[handler]
pub async fn invite(posted: Posted) -> Response {
    posted.desk.answer(invited(&posted).await).await
}

async fn invited(posted: &Posted) -> Result<Response, Error> {
    let desk = &posted.desk;
    let role = if posted.text("role") == "publisher" { Role::Publisher } else { Role::Developer };
    let invitation = Invitation { email: posted.text("email").to_owned(), name: posted.some("name"), role };
    match developer::invite(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, invitation).await {
        Ok(_) => Ok(desk.go(DEVELOPERS, "invited")),
        Err(error) => form_page(desk, &posted.pairs, words::complaints(desk, error)?).await,
    }
}

async fn form_page(desk: &Desk, pairs: &Pairs, complaints: Vec<(String, Words)>) -> Result<Response, Error> {
    let status = if complaints.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let choice = |value, key| Choice { value, label: desk.say(key).into() };
    let roles = vec![choice("developer", "console-role-developer"), choice("publisher", "console-role-publisher")];
    let fields = vec![
        Field::typed("email", "email", desk.say("login-email")).required(),
        Field::line("name", desk.say("console-full-name")),
        Field::choice("role", desk.say("console-role"), roles).hint(desk.say("console-role-hint")),
    ];
    let form = Form::new(desk.path(INVITE), desk.say("console-developer-invite"), vec![Group::plain(fields)])
        .or(desk.path(DEVELOPERS))
        .filled(|name| field(pairs, name))
        .judged(complaints);
    let mut page = desk.page(Place::Developers, desk.say("console-developer-invite")).await?;
    page.lead = Some(desk.say("console-developer-invite-lead").into());
    page.above = Some(Link { href: desk.path(DEVELOPERS), words: desk.say("console-developers").into() });
    page.sections.push(Section::plain("form", vec![Part::Form(form)]));
    Ok(desk.show_with(status, &page))
}

/// All developers, as a file (K69).
#[handler]
pub async fn export(desk: Desk) -> Response {
    let exported = exported(&desk).await;
    desk.answer(exported).await
}

async fn exported(desk: &Desk) -> Result<Response, Error> {
    let mut file = String::from("Email,Status\r\n");
    let mut wanted = Wanted::first(EXPORTED_AT_ONCE);
    loop {
        let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
        let part = developer::list(app, tenant, &desk.actor, &Filter::default(), &wanted).await?;
        for person in &part.items {
            let _ = write!(file, "{},{}\r\n", cell(&person.email), status(person.approval));
        }
        match part.next {
            Some(next) => wanted.after = Some(next),
            None => break,
        }
    }
    let mut response = Response::from(Bytes::from(file));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"developers.csv\""));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn status(approval: Approval) -> &'static str {
    match approval {
        Approval::Approved => "approved",
        Approval::Pending => "pending",
        Approval::Rejected => "rejected",
        Approval::Revoked => "revoked",
    }
}

/// A field of RFC 4180 §2 that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_the_file_is_a_field_and_no_formula() {
        let cells = ["ada@example.org", "=1+1@example.org", "\"a,b\"@example.org"].map(cell);
        assert_eq!(cells, ["ada@example.org", "'=1+1@example.org", "\"\"\"a,b\"\"@example.org\""]);
    }
}
