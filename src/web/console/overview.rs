//! What waits, and is anything wrong? The first page of the console (U20).

use poem::{Response, handler};

use super::address::{self, Place};
use super::desk::Desk;
use super::{contracts, words};
use crate::portal::delivery::{self, Progress};
use crate::portal::list::Wanted;
use crate::portal::{Action, Error, contract, developer, overview as rule};
use crate::web::page::console::{Cell, Here, Link, Part, Section, Table, Tone, Way};
use crate::web::shown::Shown;

/// Shows the page.
#[handler]
pub async fn overview(desk: Desk) -> Response {
    desk.answer(shown(&desk).await).await
}

async fn shown(desk: &Desk) -> Result<Response, Error> {
    let mut page = desk.page(Place::Overview, desk.say("console-overview")).await?;
    let mut parts = Vec::new();
    let open = desk.visitor.tenant.settings.registration.open;
    if open && desk.actor.can(Action::ReadSettings) {
        parts.push(Part::Notice { tone: Tone::Warn, words: desk.say("console-open-registration").into() });
    }
    parts.push(Part::Counts(counts(desk).await?));
    page.sections.push(Section::titled("queues", desk.say("console-queues"), parts));
    if desk.actor.can(Action::ReadClients) {
        page.sections.push(clients(desk).await?);
    }
    Ok(desk.show(&page))
}

async fn counts(desk: &Desk) -> Result<Vec<Way>, Error> {
    let (app, tenant, one) = (&desk.visitor.app, &desk.visitor.tenant, Wanted::first(1));
    let requests = contract::list(app, tenant, &desk.actor, &contracts::waiting(), &one).await?.total;
    let way = |waiting, path: &str, key| Way {
        link: Link { href: desk.path(path), words: desk.say(key).into() },
        waiting,
        here: Here::No,
    };
    let mut counts = vec![way(requests, address::REQUESTS, "console-requests")];
    if desk.actor.can(Action::ReadDevelopers) {
        let pending = developer::Filter { approval: Some(entity::user::Approval::Pending), ..Default::default() };
        let waiting = developer::list(app, tenant, &desk.actor, &pending, &one).await?.total;
        counts.push(way(waiting, &format!("{}#requested", address::DEVELOPERS), "console-developers-waiting"));
    }
    if desk.actor.can(Action::ReadEvents) {
        let failed = delivery::Filter { progress: Some(Progress::Failed), ..Default::default() };
        let failed = delivery::list(app, tenant, &desk.actor, &failed, &one).await?.total;
        counts.push(way(failed, &format!("{}?progress=failed", address::DELIVERIES), "console-deliveries-failed"));
    }
    Ok(counts)
}

async fn clients(desk: &Desk) -> Result<Section, Error> {
    let counted = rule::clients_by_source(&desk.visitor.app, &desk.visitor.tenant, &desk.actor).await?;
    let row = |(source, count): (entity::application::Source, u64)| {
        vec![words::source(desk, source).into(), Cell::Words(Shown::text(&count.to_string()).into())]
    };
    let table = Table {
        caption: desk.say("console-clients-by-source").into(),
        heads: ["console-source", "console-clients"].map(|key| desk.say(key).into()).to_vec(),
        rows: counted.into_iter().map(row).collect(),
        empty: desk.say("console-clients-none").into(),
        next: None,
    };
    Ok(Section::titled("clients", desk.say("console-clients-by-source"), vec![Part::Table(table)]))
}
