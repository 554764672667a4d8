//! Is there room for one more client that registers without a token? (registration.md §4, s.R60)
//!
//! The number is counted in the database at most once a second and carried forward in memory, so that a registration
//! asks nobody and no two of this process take the last place. Replicas learn of each other's clients with the next
//! count: together they may exceed the limit by what they register within a second. Only clients that registered without
//! a token are counted: tickets have quotas of their own.
//!
//! When it is full, the oldest clients that nobody ever used make room ([`super::retire`]); a flood thereby drives out
//! itself. If none can go, the caller is told to come back.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use entity::application::{self, ApplicationStatus, Source};
use entity::id::TenantId;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::retire;
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};

/// How old a count may be, in milliseconds.
const COUNT_MILLIS: i64 = 1000;
/// How many places are made at a time, as a part of the limit.
const EVICTED_PART: u64 = 100;
/// How many places are made at a time, at most.
const EVICTED_MAX: u64 = 50;
/// When a caller that found no place may ask again, in seconds.
const RETRY_SECONDS: u32 = 60;

/// How many clients without a ticket each tenant has.
#[derive(Debug, Default)]
pub struct OpenClients {
    tenants: Mutex<HashMap<TenantId, Count>>,
    /// Held by the one who counts or makes room.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    /// At the last count.
    stored: u64,
    /// Stored by this process since that count began.
    since: u64,
    /// Being stored.
    under_way: u64,
    /// When it was counted, in milliseconds.
    counted_at: Option<i64>,
    /// Until then nothing can make room, in milliseconds.
    full_until: i64,
}

enum Answer {
    Taken,
    TakenButStale,
    Uncounted,
    Full,
    FullForNow,
}

/// A place that is taken until it is dropped, or for good once the client is stored.
#[derive(Debug)]
pub(super) struct Place<'a> {
    counts: &'a OpenClients,
    tenant_id: TenantId,
}

impl Place<'_> {
    /// The client is stored.
    pub(super) fn keep(self) {
        self.counts.count(self.tenant_id, |count| count.since += 1);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.counts.count(self.tenant_id, |count| count.under_way = count.under_way.saturating_sub(1));
    }
}

impl OpenClients {
    fn tenants(&self) -> MutexGuard<'_, HashMap<TenantId, Count>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count<T>(&self, tenant_id: TenantId, change: impl FnOnce(&mut Count) -> T) -> T {
        change(self.tenants().entry(tenant_id).or_default())
    }

    fn take(&self, tenant_id: TenantId, now_millis: i64, max: u64) -> Answer {
        self.count(tenant_id, |count| count.take(now_millis, max))
    }
}

impl Count {
    fn take(&mut self, now_millis: i64, max: u64) -> Answer {
        let Some(counted_at) = self.counted_at else { return Answer::Uncounted };
        if self.stored + self.since + self.under_way >= max {
            return if now_millis < self.full_until { Answer::FullForNow } else { Answer::Full };
        }
        self.under_way += 1;
        if now_millis - counted_at < COUNT_MILLIS { Answer::Taken } else { Answer::TakenButStale }
    }
}

/// Takes a place for a client that registers without a token; `None`: there is no limit.
///
/// # Errors
/// 503 if there is none and none can be made; when the database cannot be asked.
pub(super) async fn reserve<'a>(app: &'a App, tenant: &Tenant) -> Result<Option<Place<'a>>, Error> {
    let Some(max) = app.config.registration.open_clients_max else { return Ok(None) };
    let max = u64::from(max.get());
    let counts = &app.registration.open_clients;
    let place = || Some(Place { counts, tenant_id: tenant.id });
    let take = || counts.take(tenant.id, app.clock.now_millis(), max);
    match take() {
        Answer::Taken => return Ok(place()),
        Answer::TakenButStale => {
            let place = place();
            if let Ok(_turn) = counts.turn.try_lock() {
                recount(app, tenant.id).await?;
            }
            return Ok(place);
        }
        Answer::FullForNow => return Err(full(max)),
        Answer::Uncounted | Answer::Full => {}
    }
    let _turn = counts.turn.lock().await;
    // Somebody else may have counted, or made room, while this one waited.
    if let Answer::Taken | Answer::TakenButStale = take() {
        return Ok(place());
    }
    recount(app, tenant.id).await?;
    if let Answer::Taken | Answer::TakenButStale = take() {
        return Ok(place());
    }
    let wanted = (max / EVICTED_PART).clamp(1, EVICTED_MAX);
    if retire::make_room(app, tenant, wanted).await? > 0 {
        recount(app, tenant.id).await?;
        if let Answer::Taken | Answer::TakenButStale = take() {
            return Ok(place());
        }
    }
    counts.count(tenant.id, |count| count.full_until = app.clock.now_millis() + COUNT_MILLIS);
    Err(full(max))
}

fn full(max: u64) -> Error {
    let why = format!(
        "the limit of {max} clients that registered without a token is reached: come back later, or register with an \
         initial access token"
    );
    Error { retry_after: Some(RETRY_SECONDS), ..Error::new(Code::TemporarilyUnavailable, why) }
}

/// Counts in the database. What is stored while it counts is added on top, so that the number is never too small.
async fn recount(app: &App, tenant_id: TenantId) -> Result<(), Error> {
    let now = app.clock.now_millis();
    app.registration.open_clients.count(tenant_id, |count| {
        count.stored += std::mem::take(&mut count.since);
        count.counted_at = count.counted_at.map(|_| now);
    });
    let stored = application::Entity::find()
        .filter(application::Column::TenantId.eq(tenant_id))
        .filter(application::Column::Status.eq(ApplicationStatus::Active))
        .filter(application::Column::Source.eq(Source::Open))
        .count(app.db.pool())
        .await?;
    app.registration.open_clients.count(tenant_id, |count| {
        count.stored = stored;
        count.counted_at = Some(now);
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn places_that_are_being_taken_count_until_they_are_given_back() {
        // s.R60
        let counts = OpenClients::default();
        let tenant_id = TenantId(crate::secret::new_id());
        let take = |now| counts.take(tenant_id, now, 3);
        assert!(matches!(take(0), Answer::Uncounted));
        counts.count(tenant_id, |count| (count.stored, count.counted_at) = (1, Some(0)));
        assert!(matches!(take(0), Answer::Taken));
        assert!(matches!(take(999), Answer::Taken));
        assert!(matches!(take(999), Answer::Full));
        Place { counts: &counts, tenant_id }.keep();
        assert!(matches!(take(999), Answer::Full));
        drop(Place { counts: &counts, tenant_id });
        assert!(matches!(take(1000), Answer::TakenButStale));
        counts.count(tenant_id, |count| count.full_until = 3000);
        assert!(matches!(take(2999), Answer::FullForNow));
        assert!(matches!(take(3000), Answer::Full));
    }
}
