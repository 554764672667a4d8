//! How messages leave the house: the outbox, by mail and to webhooks.

mod outbox;
mod real_server;
mod webhook;

use entity::delivery;
use registrar::app::App;
use registrar::db::Rows;
use registrar::oidc::event::{Kind, event};
use registrar::portal::notice::{self, Notice};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

use crate::harness::TestApp;

/// What a contract's mails say.
fn contract() -> Value {
    json!({
        "application": {"name": "Orders app"},
        "service": {"name": "Orders"},
        "developer": {"name": "Ada", "email": "ada@example.org"},
        "url": "https://id.example/admin/applications/1#requested",
    })
}

/// Writes an event and mails about it in one transaction, as a rule does.
async fn tell(server: &TestApp, notice: Notice, to: &[&str], data: Value) {
    let (app, tenant) = (&server.app, server.tenant());
    let told = event(app, tenant.id, Kind::Administered, "system", "contract:1", json!({}));
    let to: Vec<String> = to.iter().map(|to| (*to).to_owned()).collect();
    let deliveries = notice::mails(app, &tenant, &told, notice, &to, data);
    app.db.insert(Rows { events: vec![told], deliveries, ..Rows::default() }).await.unwrap();
}

/// All rows of the outbox, the oldest first.
async fn rows(app: &App) -> Vec<delivery::Model> {
    delivery::Entity::find().order_by_asc(delivery::Column::Id).all(app.db.pool()).await.unwrap()
}

/// The only row of the outbox.
async fn only_row(app: &App) -> delivery::Model {
    let mut rows = rows(app).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0)
}
