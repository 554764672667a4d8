//! What is still to be sent, and what could not be? The outbox (U35).

use entity::delivery::{Channel, Model};
use entity::id::{DeliveryId, WebhookId};
use poem::web::Path;
use poem::{Response, handler};
use uuid::Uuid;

use super::address::{self, DELIVERIES, Place};
use super::desk::{Desk, Posted, identity};
use crate::portal::Error;
use crate::portal::delivery::{self, Filter, Progress};
use crate::web::page::console::{Act, Cell, Here, Link, Part, Section, Table, Tone, Way};
use crate::web::shown::Shown;

/// The messages, all or those the query asks for.
#[handler]
pub async fn all(desk: Desk) -> Response {
    desk.answer(listed(&desk).await).await
}

async fn listed(desk: &Desk) -> Result<Response, Error> {
    let asked = desk.asked("progress").unwrap_or_default();
    let progress = match asked {
        "waiting" => Some(Progress::Waiting),
        "failed" => Some(Progress::Failed),
        "done" => Some(Progress::Done),
        _ => None,
    };
    let webhook = desk.asked("webhook").and_then(|id| Uuid::parse_str(id).ok()).map(WebhookId);
    let filter = Filter { progress, webhook, channel: None };
    let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
    let listed = delivery::list(app, tenant, &desk.actor, &filter, &desk.wanted()).await?;
    let mut page = desk.page(Place::Deliveries, desk.say("console-deliveries")).await?;
    page.lead = Some(desk.say("console-deliveries-lead").into());
    let of_webhook = webhook.map(|id| id.to_string()).unwrap_or_default();
    let more = [("progress", asked), ("webhook", of_webhook.as_str())];
    let table = Table {
        caption: desk.say("console-deliveries").into(),
        heads: ["console-delivery-what", "console-delivery-to", "console-status", "console-since", "console-acts"]
            .map(|key| desk.say(key).into())
            .to_vec(),
        rows: listed.items.iter().map(|row| self::row(desk, row)).collect(),
        empty: desk.say("console-deliveries-none").into(),
        next: desk.next(DELIVERIES, &more, listed.next),
    };
    let filters = Part::Counts(ways(desk).await?);
    page.sections.push(Section::plain("deliveries", vec![filters, Part::Table(table)]));
    Ok(desk.show(&page))
}

async fn ways(desk: &Desk) -> Result<Vec<Way>, Error> {
    let ways = [
        ("failed", Progress::Failed, "console-delivery-failed"),
        ("waiting", Progress::Waiting, "console-delivery-waiting"),
        ("done", Progress::Done, "console-delivery-done"),
    ];
    let mut out = Vec::new();
    for (word, progress, key) in ways {
        let filter = Filter { progress: Some(progress), ..Filter::default() };
        let one = crate::portal::list::Wanted::first(1);
        let waiting = delivery::list(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, &filter, &one).await?.total;
        let link = Link { href: desk.path(&format!("{DELIVERIES}?progress={word}")), words: desk.say(key).into() };
        out.push(Way { link, waiting, here: Here::No });
    }
    Ok(out)
}

/// What a mail says is not shown: its link would be.
fn row(desk: &Desk, row: &Model) -> Vec<Cell> {
    let (tone, key) = match Progress::of(row) {
        Progress::Waiting => (Tone::Plain, "console-delivery-waiting"),
        Progress::Done => (Tone::Good, "console-delivery-done"),
        Progress::Failed => (Tone::Bad, "console-delivery-failed"),
    };
    let channel = desk.say(match row.channel {
        Channel::Mail => "console-delivery-mail",
        Channel::Webhook => "console-delivery-webhook",
    });
    let to = match (&row.recipient, row.webhook_id) {
        (Some(recipient), _) => Shown::text(recipient).into(),
        (None, Some(webhook)) => Cell::Code(Shown::text(&webhook.to_string())),
        (None, None) => Cell::Nothing,
    };
    let again = (Progress::of(row) == Progress::Failed).then(|| {
        let action = desk.path(&address::act(DELIVERIES, row.id, "retry"));
        Cell::Acts(vec![Act::new(action, desk.say("console-delivery-retry"), Shown::text(&row.kind))])
    });
    let mut status = vec![Cell::Status { tone, words: desk.say(key).into() }];
    if let Some(error) = row.last_error.as_deref().filter(|_| row.done_at.is_none()) {
        // In one field: how it stands, and what was answered last.
        status = vec![Cell::Named { name: desk.say(key).into(), href: None, more: vec![Shown::text(error).into()] }];
    }
    vec![
        Cell::Named { name: Shown::text(&row.kind).into(), href: None, more: vec![channel.into()] },
        to,
        status.pop().unwrap_or(Cell::Nothing),
        desk.moment(row.created_at).into(),
        again.into(),
    ]
}

/// Tries one again that was given up.
#[handler]
pub async fn retry(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(retried(&posted, &id).await).await
}

async fn retried(posted: &Posted, id: &str) -> Result<Response, Error> {
    let (desk, id) = (&posted.desk, DeliveryId(identity(id)?));
    delivery::retry(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, id).await?;
    Ok(desk.go(DELIVERIES, "sent"))
}
