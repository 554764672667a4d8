//! What happened, and who did it? The audit log (U35).

use entity::event::Model;
use poem::{Response, handler};

use super::address::{EVENTS, Place};
use super::desk::Desk;
use crate::oidc::event::Kind;
use crate::portal::audit::{self, Filter};
use crate::portal::{Action, Error};
use crate::web::page::console::{Cell, Here, Link, Part, Section, Table, Way};
use crate::web::shown::Shown;

/// Characters of an event's data that are shown.
const DATA_LETTERS: usize = 300;

/// The events, all or those the query asks for.
#[handler]
pub async fn all(desk: Desk) -> Response {
    desk.answer(listed(&desk).await).await
}

async fn listed(desk: &Desk) -> Result<Response, Error> {
    desk.may(Action::ReadEvents)?;
    let kind = desk.asked("kind").and_then(|word| Kind::all().find(|kind| kind.as_str() == word));
    let (actor, target) = (desk.asked("actor").map(str::to_owned), desk.asked("target").map(str::to_owned));
    let named = kind.map(|kind| kind.as_str().to_owned());
    let filter = Filter { kind: named, actor: actor.clone(), target: target.clone(), ..Filter::default() };
    let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
    let listed = audit::list(app, tenant, &desk.actor, &filter, &desk.wanted()).await?;
    let mut page = desk.page(Place::Events, desk.say("console-events")).await?;
    page.lead = Some(desk.say("console-events-lead").number("count", clamp(listed.total)).into());
    let more = [
        ("kind", kind.map(Kind::as_str).unwrap_or_default()),
        ("actor", actor.as_deref().unwrap_or_default()),
        ("target", target.as_deref().unwrap_or_default()),
    ];
    let table = Table {
        caption: desk.say("console-events").into(),
        heads: ["console-event-when", "console-event-what", "console-event-who", "console-event-data"]
            .map(|key| desk.say(key).into())
            .to_vec(),
        rows: listed.items.iter().map(|event| row(desk, event)).collect(),
        empty: desk.say("console-events-none").into(),
        next: desk.next(EVENTS, &more, listed.next),
    };
    page.sections.push(Section::plain("events", vec![Part::Kinds(kinds(desk, kind)), Part::Table(table)]));
    Ok(desk.show(&page))
}

/// A way to the events of each kind, and to all of them.
fn kinds(desk: &Desk, chosen: Option<Kind>) -> Vec<Way> {
    let way = |href: String, words, here| Way { link: Link { href, words }, waiting: 0, here };
    let here = |kind| if kind == chosen { Here::Yes } else { Here::No };
    let every = way(desk.path(EVENTS), desk.say("console-events-all").into(), here(None));
    let of_kind = Kind::all().map(|kind| {
        let href = desk.path(&format!("{EVENTS}?kind={}", kind.as_str()));
        way(href, Shown::text(kind.as_str()).into(), here(Some(kind)))
    });
    std::iter::once(every).chain(of_kind).collect()
}

fn row(desk: &Desk, event: &Model) -> Vec<Cell> {
    let data: String = match event.data.as_object().is_some_and(serde_json::Map::is_empty) {
        true => String::new(),
        false => event.data.to_string().chars().take(DATA_LETTERS).collect(),
    };
    let address = event.address.as_deref().map(|address| Shown::text(address).into());
    vec![
        desk.moment(event.at).into(),
        Cell::Named {
            name: Shown::text(&event.kind).into(),
            href: None,
            more: vec![Shown::text(&event.target).into()],
        },
        Cell::Named { name: Shown::text(&event.actor).into(), href: None, more: address.into_iter().collect() },
        if data.is_empty() { Cell::Nothing } else { Cell::Code(Shown::text(&data)) },
    ]
}

fn clamp(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
