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

    fn take(&self) -> HashMap<ClientKey, Seconds> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes down what was noted since the last time: one statement for all clients used in the same minute.
///
/// # Errors
/// When the database cannot be asked; what was noted is lost then, which only makes `last_used_at` older.
pub async fn write_down(app: &App) -> Result<(), DbErr> {
    let mut minutes: HashMap<Seconds, Vec<ClientKey>> = HashMap::new();
    for (client, at) in app.usage.take() {
        minutes.entry(at - at % 60).or_default().push(client);
    }
    for (minute, clients) in minutes {
        for some in clients.chunks(500) {
            let update = client::Entity::update_many()
                .col_expr(client::Column::LastUsedAt, Expr::value(minute))
                .filter(client::Column::Id.is_in(some.iter().copied()));
            app.db.execute(update.build(app.db.backend())).await?;
        }
    }
    Ok(())
}
