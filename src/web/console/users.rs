//! Who are the people, what may they do, and where are they signed in? (U34)

use entity::id::{SessionId, UserId};
use entity::session;
use entity::user::{self, Approval, Role, UserState};
use poem::web::Path;
use poem::{Response, handler};

use super::address::{self, Place, USERS};
use super::desk::{Desk, Posted, identity};
use super::words;
use crate::oidc::session::open::{self, Which};
use crate::portal::user::{self as people, Known};
use crate::portal::{Action, Error};
use crate::web::device::Device;
use crate::web::page::console::{Act, Cell, Choice, Fact, Field, Form, Group, Link, Part, Section, Table, Tone};
use crate::web::shown::Shown;

const ROLES: [(Role, &str, &str); 4] = [
    (Role::User, "user", "console-role-user"),
    (Role::Developer, "developer", "console-role-developer"),
    (Role::Publisher, "publisher", "console-role-publisher"),
    (Role::Admin, "admin", "console-role-admin"),
];

/// Everybody.
#[handler]
pub async fn all(desk: Desk) -> Response {
    desk.answer(listed(&desk).await).await
}

async fn listed(desk: &Desk) -> Result<Response, Error> {
    let (app, tenant, sought) = (&desk.visitor.app, &desk.visitor.tenant, desk.sought());
    let listed = people::list(app, tenant, &desk.actor, sought.as_deref(), &desk.wanted()).await?;
    let mut page = desk.page(Place::Users, desk.say("console-users")).await?;
    page.lead = Some(desk.say("console-users-lead").into());
    let table = Table {
        caption: desk.say("console-users").into(),
        heads: ["console-developer", "console-role", "console-status", "console-sessions", "console-since"]
            .map(|key| desk.say(key).into())
            .to_vec(),
        rows: listed.items.iter().map(|known| row(desk, known)).collect(),
        empty: desk.nothing("console-users-none"),
        next: desk.next(USERS, &[("search", sought.as_deref().unwrap_or_default())], listed.next),
    };
    let field = desk.search(USERS, "console-people-search", &[]);
    page.sections.push(Section::plain("users", vec![field, Part::Table(table)]));
    Ok(desk.show(&page))
}

fn row(desk: &Desk, known: &Known) -> Vec<Cell> {
    let person = &known.row;
    let email = Shown::text(&person.email);
    let (name, more) = match named(person) {
        Some(name) => (name.into(), vec![email.into()]),
        None => (email.into(), Vec::new()),
    };
    vec![
        Cell::Named { name, href: Some(desk.path(&address::user(person.id, ""))), more },
        words::role(desk, person.role).into(),
        state(desk, person),
        Cell::from(Shown::text(&known.sessions.to_string())),
        desk.moment(person.created_at).into(),
    ]
}

fn named(person: &user::Model) -> Option<Shown> {
    person.name.as_deref().map(Shown::name).filter(|name| !name.is_empty())
}

/// Whether somebody may sign in, and for developers whether the portal is open to them.
fn state(desk: &Desk, person: &user::Model) -> Cell {
    let (tone, key) = match (person.state, person.approval) {
        (UserState::Disabled, _) => (Tone::Bad, "console-status-disabled"),
        (UserState::Active, Approval::Approved) => (Tone::Good, "console-status-active"),
        (UserState::Active, Approval::Pending) => (Tone::Warn, "console-state-requested"),
        (UserState::Active, Approval::Rejected) => (Tone::Bad, "console-state-rejected"),
        (UserState::Active, Approval::Revoked) => (Tone::Bad, "console-state-revoked"),
    };
    Cell::Status { tone, words: desk.say(key).into() }
}

/// One person.
#[handler]
pub async fn one(desk: Desk, Path(id): Path<String>) -> Response {
    desk.answer(viewed(&desk, &id).await).await
}

async fn viewed(desk: &Desk, id: &str) -> Result<Response, Error> {
    desk.may(Action::ReadDevelopers)?;
    let (app, tenant, id) = (&desk.visitor.app, &desk.visitor.tenant, UserId(identity(id)?));
    let (person, sessions) = people::find(app, tenant, &desk.actor, id).await?;
    let email = Shown::text(&person.email);
    let mut page = desk.page(Place::Users, named(&person).unwrap_or_else(|| email.clone())).await?;
    page.above = Some(Link { href: desk.path(USERS), words: desk.say("console-users").into() });
    let facts = vec![
        Fact::new(desk.say("login-email"), email),
        Fact::new(desk.say("console-role"), words::role(desk, person.role)),
        Fact::new(desk.say("console-status"), state(desk, &person)),
        Fact::new(desk.say("console-since"), desk.moment(person.created_at)),
        Fact::new(desk.say("console-identity"), Cell::Code(Shown::text(&person.id.to_string()))),
    ];
    page.sections.push(Section::titled("details", desk.say("console-details"), vec![Part::Facts(facts)]));
    page.sections.push(sessions_section(desk, &person, &sessions));
    if desk.actor.user_id() != Some(id) && desk.actor.can(Action::WriteDevelopers) {
        page.sections.push(role_section(desk, &person));
    }
    Ok(desk.show(&page))
}

fn sessions_section(desk: &Desk, person: &user::Model, sessions: &[session::Model]) -> Section {
    let row = |session: &session::Model| {
        let action = desk.path(&address::user(person.id, &format!("/sessions/{}/end", session.id)));
        let end = Act::new(action, desk.say("session-end"), desk.moment(open::last_used(session)));
        let from = session.address.as_deref().map(|address| Shown::text(address).into());
        let device = Device::of(session.agent.as_deref().unwrap_or_default()).words(desk.language());
        vec![
            Cell::Named { name: device.into(), href: None, more: from.into_iter().collect() },
            desk.moment(session.created_at).into(),
            desk.moment(open::last_used(session)).into(),
            Cell::Acts(vec![end]),
        ]
    };
    let table = Table {
        caption: desk.say("console-sessions").into(),
        heads: ["console-session-device", "console-since", "console-last-used", "console-acts"]
            .map(|key| desk.say(key).into())
            .to_vec(),
        rows: sessions.iter().map(row).collect(),
        empty: desk.say("console-sessions-none").into(),
        next: None,
    };
    let mut parts = vec![Part::Table(table)];
    if !sessions.is_empty() {
        let action = desk.path(&address::user(person.id, "/sessions/end"));
        let end = Act::new(action, desk.say("console-sessions-end"), Shown::text(&person.email));
        parts.push(Part::Acts(vec![end.sure(desk.say("console-sessions-end-sure"))]));
    }
    Section::titled("sessions", desk.say("console-sessions"), parts)
}

fn role_section(desk: &Desk, person: &user::Model) -> Section {
    let choices = ROLES.map(|(_, value, key)| Choice { value, label: desk.say(key).into() });
    let now = ROLES.into_iter().find(|(role, ..)| *role == person.role).map(|(_, value, _)| value);
    let fields = vec![Field::choice("role", desk.say("console-role"), choices.to_vec())];
    let action = desk.path(&address::user(person.id, "/role"));
    let form = Form::new(action, desk.say("console-role-change"), vec![Group::plain(fields)]).filled(|_| now);
    let section = Section::titled("role", desk.say("console-role-change"), vec![Part::Form(form)]);
    section.about(desk.say("console-role-change-lead"))
}

/// Gives somebody another role.
#[handler]
pub async fn change_role(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(role_changed(&posted, &id).await).await
}

async fn role_changed(posted: &Posted, id: &str) -> Result<Response, Error> {
    let (desk, id) = (&posted.desk, UserId(identity(id)?));
    let asked = ROLES.into_iter().find(|(_, value, _)| *value == posted.text("role"));
    let (role, ..) = asked.ok_or(Error::NotFound)?;
    people::change_role(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, id, role).await?;
    Ok(desk.go(&address::user(id, ""), "saved"))
}

/// Signs somebody out everywhere.
#[handler]
pub async fn end_sessions(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(ended(&posted, &id, Which::All).await).await
}

/// Ends one session of somebody.
#[handler]
pub async fn end_session(posted: Posted, Path((id, session)): Path<(String, String)>) -> Response {
    let outcome = match identity(&session) {
        Ok(session) => ended(&posted, &id, Which::One(SessionId(session))).await,
        Err(error) => Err(error),
    };
    posted.desk.answer(outcome).await
}

async fn ended(posted: &Posted, id: &str, which: Which) -> Result<Response, Error> {
    let (desk, id) = (&posted.desk, UserId(identity(id)?));
    let (app, tenant, from) = (&desk.visitor.app, &desk.visitor.tenant, desk.visitor.arrival().address);
    people::end_sessions(app, tenant, &desk.actor, id, which, from).await?;
    Ok(desk.go(&address::user(id, ""), "ended"))
}
