//! Who may register applications with a token? Initial access tokens (U31).

use entity::id::InitialAccessTokenId;
use entity::initial_access_token::Model;
use http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};

use super::address::{self, NEW_TICKET, Place, TICKETS};
use super::desk::{Desk, Posted, identity};
use super::words;
use crate::clock::Seconds;
use crate::oidc::registration::Policy;
use crate::oidc::registration::initial_access_token::{self as tickets, New};
use crate::portal::{Action, Error, Rule, Wrong};
use crate::web::form::{Pairs, field};
use crate::web::page::console::{Act, Cell, Field, Form, Group, Link, Part, Section, Table, Tone, Words};
use crate::web::shown::Shown;

/// Seconds of a day.
const DAY: Seconds = 86_400;
/// Days a ticket may live.
const DAYS_MAX: i64 = 3650;

/// All tickets.
#[handler]
pub async fn all(desk: Desk) -> Response {
    desk.answer(listed(&desk).await).await
}

async fn listed(desk: &Desk) -> Result<Response, Error> {
    desk.may(Action::WriteInitialAccessTokens)?;
    let rows = tickets::list(&desk.visitor.app, &desk.visitor.tenant).await?;
    let mut page = desk.page(Place::Tickets, desk.say("console-tickets")).await?;
    page.lead = Some(desk.say("console-tickets-lead").into());
    page.links.push(Link { href: desk.path(NEW_TICKET), words: desk.say("console-ticket-new").into() });
    let table = Table {
        caption: desk.say("console-tickets").into(),
        heads: ["console-ticket", "console-ticket-uses", "console-ticket-ends", "console-status", "console-acts"]
            .map(|key| desk.say(key).into())
            .to_vec(),
        rows: rows.iter().map(|ticket| row(desk, ticket)).collect(),
        empty: desk.say("console-tickets-none").into(),
        next: None,
    };
    page.sections.push(Section::plain("tickets", vec![Part::Table(table)]));
    Ok(desk.show(&page))
}

fn row(desk: &Desk, ticket: &Model) -> Vec<Cell> {
    let now = desk.visitor.app.clock.now();
    let (tone, key) = if ticket.revoked_at.is_some() {
        (Tone::Bad, "console-state-revoked")
    } else if ticket.expires_at.is_some_and(|ends| ends <= now) {
        (Tone::Plain, "console-ticket-expired")
    } else if ticket.max_uses.is_some_and(|most| ticket.uses >= most) {
        (Tone::Plain, "console-ticket-exhausted")
    } else {
        (Tone::Good, "console-status-active")
    };
    let uses = match ticket.max_uses {
        Some(most) => format!("{} / {most}", ticket.uses),
        None => ticket.uses.to_string(),
    };
    let acts = ticket.revoked_at.is_none().then(|| {
        let action = desk.path(&address::act(TICKETS, ticket.id, "revoke"));
        let act = Act::new(action, desk.say("console-revoke"), Shown::name(&ticket.name));
        Cell::Acts(vec![act.sure(desk.say("console-ticket-revoke-sure"))])
    });
    vec![
        Cell::Named {
            name: Shown::name(&ticket.name).into(),
            href: None,
            more: vec![Shown::text(&format!("…{}", ticket.hint)).into()],
        },
        Cell::from(Shown::text(&uses)),
        ticket.expires_at.map(|ends| desk.moment(ends)).into(),
        Cell::Status { tone, words: desk.say(key).into() },
        acts.into(),
    ]
}

/// An empty form.
#[handler]
pub async fn blank(desk: Desk) -> Response {
    let fresh = [("max_uses", "1"), ("days", "30")].map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let shown = match desk.may(Action::WriteInitialAccessTokens) {
        Ok(()) => form_page(&desk, &fresh, Vec::new()).await,
        Err(error) => Err(error),
    };
    desk.answer(shown).await
}

/// Makes a ticket, and shows it this once.
#[handler]
pub async fn add(posted: Posted) -> Response {
    posted.desk.answer(added(&posted).await).await
}

async fn added(posted: &Posted) -> Result<Response, Error> {
    let desk = &posted.desk;
    desk.may(Action::WriteInitialAccessTokens)?;
    let made = match read(posted) {
        Ok(new) => tickets::create(&desk.visitor.app, &desk.visitor.tenant, new).await.map_err(Error::from),
        Err(error) => Err(error),
    };
    let value = match made {
        Ok((value, _)) => value,
        Err(error) => return form_page(desk, &posted.pairs, words::complaints(desk, error)?).await,
    };
    let mut page = desk.page(Place::Tickets, desk.say("console-ticket-made")).await?;
    page.above = Some(Link { href: desk.path(TICKETS), words: desk.say("console-tickets").into() });
    let value = Part::Secret { label: desk.say("console-ticket").into(), value: value.expose().to_owned() };
    page.sections.push(Section::plain("once", vec![value]));
    Ok(desk.show(&page))
}

fn read(posted: &Posted) -> Result<New, Error> {
    let mut wrong = Vec::new();
    let mut number = |name: &'static str, most: i64| {
        let sent = posted.text(name);
        let parsed = sent.parse::<i64>().ok().filter(|number| (1..=most).contains(number));
        if parsed.is_none() && !sent.is_empty() {
            wrong.push(Wrong::new(name, Rule::Range { least: 1, most }, format!("must be from 1 to {most}")));
        }
        parsed
    };
    let (max_uses, days) = (number("max_uses", i64::from(u32::MAX)), number("days", DAYS_MAX));
    let name = posted.text("name").to_owned();
    if name.is_empty() {
        wrong.push(Wrong::new("name", Rule::Required, "is required"));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let now = posted.desk.visitor.app.clock.now();
    Ok(New {
        name,
        profile: None,
        policy: Policy::default(),
        template: None,
        max_uses,
        expires_at: days.map(|days| now.saturating_add(days.saturating_mul(DAY))),
        created_by: posted.desk.actor.label().to_owned(),
    })
}

/// Revokes a ticket.
#[handler]
pub async fn revoke(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(revoked(&posted, &id).await).await
}

async fn revoked(posted: &Posted, id: &str) -> Result<Response, Error> {
    let (desk, id) = (&posted.desk, InitialAccessTokenId(identity(id)?));
    desk.may(Action::WriteInitialAccessTokens)?;
    tickets::revoke(&desk.visitor.app, &desk.visitor.tenant, id, desk.actor.label()).await?;
    Ok(desk.go(TICKETS, "revoked"))
}

async fn form_page(desk: &Desk, pairs: &Pairs, complaints: Vec<(String, Words)>) -> Result<Response, Error> {
    let status = if complaints.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let fields = vec![
        Field::line("name", desk.say("console-ticket-name")).required(),
        Field::typed("max_uses", "number", desk.say("console-ticket-uses")).hint(desk.say("console-ticket-uses-hint")),
        Field::typed("days", "number", desk.say("console-ticket-days")).hint(desk.say("console-ticket-days-hint")),
    ];
    let form = Form::new(desk.path(NEW_TICKET), desk.say("console-create"), vec![Group::plain(fields)])
        .or(desk.path(TICKETS))
        .filled(|name| field(pairs, name))
        .judged(complaints);
    let mut page = desk.page(Place::Tickets, desk.say("console-ticket-new")).await?;
    page.above = Some(Link { href: desk.path(TICKETS), words: desk.say("console-tickets").into() });
    page.sections.push(Section::plain("form", vec![Part::Form(form)]));
    Ok(desk.show_with(status, &page))
}
