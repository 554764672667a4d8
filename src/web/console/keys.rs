//! Which keys sign the tokens, and which will? (U35)

use entity::signing_key::{KeyState, Model};
use poem::{Response, handler};

use super::address::{KEYS, Place, ROTATE_KEYS};
use super::desk::{Desk, Posted};
use crate::portal::signing_key as keys;
use crate::portal::{Action, Error};
use crate::web::page::console::{Act, Cell, Part, Section, Table, Tone};
use crate::web::shown::Shown;

/// The keys that are published.
#[handler]
pub async fn all(desk: Desk) -> Response {
    desk.answer(listed(&desk).await).await
}

async fn listed(desk: &Desk) -> Result<Response, Error> {
    let rows = keys::list(&desk.visitor.app, &desk.visitor.tenant, &desk.actor).await?;
    let mut page = desk.page(Place::Keys, desk.say("console-keys")).await?;
    page.lead = Some(desk.say("console-keys-lead").into());
    let table = Table {
        caption: desk.say("console-keys").into(),
        heads: [
            "console-key",
            "console-key-algorithm",
            "console-state",
            "console-key-published",
            "console-key-signs",
            "console-key-leaves",
        ]
        .map(|key| desk.say(key).into())
        .to_vec(),
        rows: rows.iter().map(|key| row(desk, key)).collect(),
        empty: desk.say("console-keys-none").into(),
        next: None,
    };
    let mut parts = vec![Part::Table(table)];
    if desk.actor.can(Action::WriteSettings) {
        let act = Act::new(desk.path(ROTATE_KEYS), desk.say("console-keys-rotate"), desk.say("console-keys"));
        parts.push(Part::Acts(vec![act.sure(desk.say("console-keys-rotate-sure"))]));
    }
    page.sections.push(Section::plain("keys", parts));
    Ok(desk.show(&page))
}

fn row(desk: &Desk, key: &Model) -> Vec<Cell> {
    let (tone, state) = match key.state {
        KeyState::Next => (Tone::Warn, "console-key-next"),
        KeyState::Current => (Tone::Good, "console-key-current"),
        KeyState::Retiring => (Tone::Plain, "console-key-retiring"),
    };
    let signs = match key.state {
        KeyState::Next => {
            let from = desk.moment(keys::may_sign_from(&desk.visitor.app, key));
            Cell::from(desk.say("console-key-earliest").with("date", &from))
        }
        KeyState::Current | KeyState::Retiring => key.signs_from.map(|at| desk.moment(at)).into(),
    };
    vec![
        Cell::Code(Shown::text(&key.kid)),
        Cell::Code(Shown::text(&key.algorithm)),
        Cell::Status { tone, words: desk.say(state).into() },
        desk.moment(key.published_at).into(),
        signs,
        key.retires_at.map(|at| desk.moment(at)).into(),
    ]
}

/// Takes the keys one step on.
#[handler]
pub async fn rotate(posted: Posted) -> Response {
    posted.desk.answer(rotated(&posted).await).await
}

async fn rotated(posted: &Posted) -> Result<Response, Error> {
    let desk = &posted.desk;
    let done = keys::rotate(&desk.visitor.app, &desk.visitor.tenant, &desk.actor).await?;
    Ok(desk.go(KEYS, if done.is_nothing() { "keys-waiting" } else { "rotated" }))
}
