//! When was a client last used? Collected in memory and written down in batches, because nobody needs the second.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use entity::client;
use entity::id::ClientKey;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryTrait};

use crate::app::App;
use crate::clock::Seconds;

/// Uses that are not written down yet.
#[derive(Debug, Default)]
pub struct Usage(Mutex<HashMap<ClientKey, Seconds>>);

impl Usage {
    /// Notes that a client was used.
    pub fn used(&self, client: ClientKey, now: Seconds) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(client, now);
    }

    /// Notes again what could not be written down: a client whose only use were lost would count as never used.
    fn put_back(&self, notes: impl IntoIterator<Item = (ClientKey, Seconds)>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (client, at) in notes {
            let known = kept.entry(client).or_insert(at);
            *known = at.max(*known);
        }
    }

    fn take(&self) -> HashMap<ClientKey, Seconds> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes down what was noted since the last time: one statement for all clients used in the same minute.
///
/// # Errors
/// When the database cannot be asked; what was noted is kept for the next time.
pub async fn write_down(app: &App) -> Result<(), DbErr> {
    let mut minutes: HashMap<Seconds, Vec<ClientKey>> = HashMap::new();
    for (client, at) in app.usage.take() {
        minutes.entry(at - at % 60).or_default().push(client);
    }
    let mut failed = None;
    for (minute, clients) in minutes {
        for some in clients.chunks(500) {
            let update = client::Entity::update_many()
                .col_expr(client::Column::LastUsedAt, Expr::value(minute))
                .filter(client::Column::Id.is_in(some.iter().copied()));
            if let Err(error) = app.db.execute(update.build(app.db.backend())).await {
                app.usage.put_back(some.iter().map(|client| (*client, minute)));
                failed = Some(error);
            }
        }
    }
    failed.map_or(Ok(()), Err)
}
