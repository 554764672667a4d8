//! Who is told of events? Webhooks: added, tried, switched, given another secret, removed.

use entity::id::WebhookId;
use entity::webhook::Model;
use http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};

use super::address::{self, DELIVERIES, NEW_WEBHOOK, Place, WEBHOOKS};
use super::desk::{Desk, Posted, identity};
use super::words::{self, Switch};
use crate::portal::webhook::{self, Change, New};
use crate::portal::{Action, Error};
use crate::secret::Secret;
use crate::web::form::{Pairs, field};
use crate::web::page::console::{Act, Cell, Field, Form, Group, Link, Part, Section, Table, Words};
use crate::web::shown::Shown;

/// All webhooks.
#[handler]
pub async fn all(desk: Desk) -> Response {
    desk.answer(listed(&desk).await).await
}

async fn listed(desk: &Desk) -> Result<Response, Error> {
    desk.may(Action::WriteWebhooks)?;
    let listed = webhook::list(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, &desk.wanted()).await?;
    let mut page = desk.page(Place::Webhooks, desk.say("console-webhooks")).await?;
    page.lead = Some(desk.say("console-webhooks-lead").into());
    page.links.push(Link { href: desk.path(NEW_WEBHOOK), words: desk.say("console-webhook-new").into() });
    let table = Table {
        caption: desk.say("console-webhooks").into(),
        heads: ["console-webhook-url", "console-webhook-kinds", "console-enabled", "console-acts"]
            .map(|key| desk.say(key).into())
            .to_vec(),
        rows: listed.items.iter().map(|webhook| row(desk, webhook)).collect(),
        empty: desk.say("console-webhooks-none").into(),
        next: desk.next(WEBHOOKS, &[], listed.next),
    };
    page.sections.push(Section::plain("webhooks", vec![Part::Table(table)]));
    Ok(desk.show(&page))
}

fn row(desk: &Desk, webhook: &Model) -> Vec<Cell> {
    let url = Shown::text(&webhook.url);
    let act = |act: &str, key| {
        Act::new(desk.path(&address::act(WEBHOOKS, webhook.id, act)), desk.say(key), url.clone())
            .with("version", webhook.version.to_string())
    };
    let acts = vec![
        act("ping", "console-webhook-ping"),
        match webhook.enabled {
            true => act("disable", "console-disable"),
            false => act("enable", "console-enable"),
        },
        act("secret", "console-webhook-rotate").sure(desk.say("console-webhook-rotate-sure")),
        act("delete", "console-delete").sure(desk.say("console-webhook-delete-sure")),
    ];
    let kinds = match webhook.kinds.is_empty() {
        true => Cell::from(desk.say("console-webhook-all-kinds")),
        false => Cell::from(Shown::text(&webhook.kinds.to_string())),
    };
    vec![Cell::Code(url.clone()), kinds, Switch::from(webhook.enabled).cell(desk), Cell::Acts(acts)]
}

/// An empty form.
#[handler]
pub async fn blank(desk: Desk) -> Response {
    let shown = match desk.may(Action::WriteWebhooks) {
        Ok(()) => form_page(&desk, &Pairs::new(), Vec::new()).await,
        Err(error) => Err(error),
    };
    desk.answer(shown).await
}

/// Adds a webhook, and shows its secret this once.
#[handler]
pub async fn add(posted: Posted) -> Response {
    posted.desk.answer(added(&posted).await).await
}

async fn added(posted: &Posted) -> Result<Response, Error> {
    let desk = &posted.desk;
    let new = New { url: posted.text("url").to_owned(), kinds: posted.lines("kinds") };
    match webhook::create(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, new).await {
        Ok((_, secret)) => secret_page(desk, &secret).await,
        Err(error) => form_page(desk, &posted.pairs, words::complaints(desk, error)?).await,
    }
}

async fn secret_page(desk: &Desk, secret: &Secret) -> Result<Response, Error> {
    let mut page = desk.page(Place::Webhooks, desk.say("console-webhook-secret")).await?;
    page.above = Some(Link { href: desk.path(WEBHOOKS), words: desk.say("console-webhooks").into() });
    page.lead = Some(desk.say("console-webhook-secret-lead").into());
    let secret = Part::Secret { label: desk.say("console-webhook-secret").into(), value: secret.expose().to_owned() };
    page.sections.push(Section::plain("once", vec![secret]));
    Ok(desk.show(&page))
}

/// Gives a webhook another secret, and shows it this once.
#[handler]
pub async fn rotate(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(rotated(&posted, &id).await).await
}

async fn rotated(posted: &Posted, id: &str) -> Result<Response, Error> {
    let (desk, id) = (&posted.desk, WebhookId(identity(id)?));
    let (_, secret) = webhook::rotate_secret(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, id).await?;
    secret_page(desk, &secret).await
}

/// Sends a message that only shows that messages arrive.
#[handler]
pub async fn ping(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(pinged(&posted, &id).await).await
}

async fn pinged(posted: &Posted, id: &str) -> Result<Response, Error> {
    let (desk, id) = (&posted.desk, WebhookId(identity(id)?));
    webhook::ping(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, id).await?;
    Ok(desk.go(&format!("{DELIVERIES}?webhook={id}"), "sent"))
}

/// Sends requests again.
#[handler]
pub async fn enable(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(switched(&posted, &id, Switch::On).await).await
}

/// Sends no more requests.
#[handler]
pub async fn disable(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(switched(&posted, &id, Switch::Off).await).await
}

async fn switched(posted: &Posted, id: &str, to: Switch) -> Result<Response, Error> {
    let (desk, id) = (&posted.desk, WebhookId(identity(id)?));
    let wish = Change { enabled: Some(to == Switch::On), version: posted.version(), ..Change::default() };
    webhook::change(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, id, wish).await?;
    Ok(desk.go(WEBHOOKS, if to == Switch::On { "enabled" } else { "disabled" }))
}

/// Removes a webhook.
#[handler]
pub async fn remove(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(removed(&posted, &id).await).await
}

async fn removed(posted: &Posted, id: &str) -> Result<Response, Error> {
    let (desk, id) = (&posted.desk, WebhookId(identity(id)?));
    webhook::remove(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, id).await?;
    Ok(desk.go(WEBHOOKS, "removed"))
}

async fn form_page(desk: &Desk, pairs: &Pairs, complaints: Vec<(String, Words)>) -> Result<Response, Error> {
    let status = if complaints.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let fields = vec![
        Field::typed("url", "url", desk.say("console-webhook-url"))
            .hint(desk.say("console-webhook-url-hint"))
            .required(),
        Field::lines("kinds", desk.say("console-webhook-kinds")).hint(desk.say("console-webhook-kinds-hint")),
    ];
    let form = Form::new(desk.path(NEW_WEBHOOK), desk.say("console-create"), vec![Group::plain(fields)])
        .or(desk.path(WEBHOOKS))
        .filled(|name| field(pairs, name))
        .judged(complaints);
    let mut page = desk.page(Place::Webhooks, desk.say("console-webhook-new")).await?;
    page.above = Some(Link { href: desk.path(WEBHOOKS), words: desk.say("console-webhooks").into() });
    page.sections.push(Section::plain("form", vec![Part::Form(form)]));
    Ok(desk.show_with(status, &page))
}
