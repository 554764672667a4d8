//! How much is left of what somebody may ask for? Token buckets in memory, each one number.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Quota, Wait};

/// Token buckets of one quota. Each is one number: the moment it will be full again (GCRA).
#[derive(Debug)]
pub(super) struct Buckets {
    quota: Option<Pace>,
    keys_max: usize,
    hasher: RandomState,
    count: AtomicUsize,
    full_at: Mutex<HashMap<u64, i64>>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// Microseconds one request costs.
    pub(super) cost: i64,
    /// Microseconds a bucket may lag behind: what a full one holds.
    pub(super) depth: i64,
}

/// Whom a newcomer is counted with while all keys are taken.
const OVERFLOW: u64 = 0;

impl Buckets {
    pub(super) fn new(quota: Option<Quota>, keys_max: usize) -> Self {
        Self {
            quota: quota.map(Pace::of),
            keys_max: keys_max.max(1),
            hasher: RandomState::new(),
            count: AtomicUsize::new(0),
            full_at: Mutex::default(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count.load(Ordering::Relaxed) == 0
    }

    /// Keys are kept as keyed hashes: eight bytes each, whatever was sent.
    pub(super) fn key(&self, of: &impl Hash) -> u64 {
        self.hasher.hash_one(of).max(OVERFLOW + 1)
    }

    pub(super) fn take(&self, now_millis: i64, of: &impl Hash) -> Result<(), Wait> {
        if self.quota.is_none() {
            return Ok(());
        }
        self.take_key(now_millis, self.key(of))
    }

    pub(super) fn take_key(&self, now_millis: i64, key: u64) -> Result<(), Wait> {
        self.quota.map_or(Ok(()), |pace| self.take_at(now_millis, key, pace))
    }

    pub(super) fn take_at(&self, now_millis: i64, key: u64, pace: Pace) -> Result<(), Wait> {
        let now = now_millis.saturating_mul(1000);
        let mut full_at = self.buckets();
        let key = self.seat(&mut full_at, now, key);
        let bucket = full_at.entry(key).or_insert(now);
        let next = (*bucket).max(now).saturating_add(pace.cost);
        let outcome = pace.judge(now, next);
        if outcome.is_ok() {
            *bucket = next;
        }
        self.count.store(full_at.len(), Ordering::Relaxed);
        outcome
    }

    pub(super) fn peek(&self, now_millis: i64, of: &impl Hash) -> Result<(), Wait> {
        let Some(pace) = self.quota else { return Ok(()) };
        pace.judge(now_millis.saturating_mul(1000), self.full_at(now_millis, of).saturating_add(pace.cost))
    }

    /// When the bucket will be full again, in microseconds since 1970: not before now.
    pub(super) fn full_at(&self, now_millis: i64, of: &impl Hash) -> i64 {
        let now = now_millis.saturating_mul(1000);
        let full_at = self.buckets();
        let shared = if full_at.len() >= self.keys_max { full_at.get(&OVERFLOW) } else { None };
        full_at.get(&self.key(of)).or(shared).map_or(now, |at| now.max(*at))
    }

    pub(super) fn give_back(&self, key: u64) {
        let Some(pace) = self.quota else { return };
        let mut full_at = self.buckets();
        let key = if full_at.contains_key(&key) { key } else { OVERFLOW };
        if let Some(bucket) = full_at.get_mut(&key) {
            *bucket = bucket.saturating_sub(pace.cost);
        }
    }

    /// The bucket `key` is counted in: its own, or the shared one while all are taken. Full buckets are forgotten first.
    fn seat(&self, full_at: &mut HashMap<u64, i64>, now: i64, key: u64) -> u64 {
        if full_at.len() < self.keys_max || full_at.contains_key(&key) {
            return key;
        }
        // While the shared bucket is in use a sweep was in vain not long ago: sweeping each time would be the next flood.
        let swept_lately = full_at.get(&OVERFLOW).is_some_and(|at| *at > now);
        if !swept_lately {
            full_at.retain(|_, at| *at > now);
        }
        if full_at.len() < self.keys_max { key } else { OVERFLOW }
    }

    pub(super) fn buckets(&self) -> MutexGuard<'_, HashMap<u64, i64>> {
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pace {
    pub(super) fn of(quota: Quota) -> Self {
        let depth = i64::from(quota.seconds.max(1)) * 1_000_000;
        match i64::from(quota.requests) {
            0 => Self { cost: i64::MAX / 4, depth },
            requests => Self { cost: (depth / requests).max(1), depth },
        }
    }

    /// A bucket that would be full at `next` is overdrawn if that is more than its depth away.
    fn judge(self, now: i64, next: i64) -> Result<(), Wait> {
        let overdrawn = next.saturating_sub(now).saturating_sub(self.depth);
        if overdrawn <= 0 {
            return Ok(());
        }
        // A quota of nothing has no moment at which asking again helps: one refill is as good an answer as any.
        let overdrawn = overdrawn.min(self.depth);
        let seconds = overdrawn.saturating_add(999_999) / 1_000_000;
        Err(Wait { seconds: u32::try_from(seconds).unwrap_or(u32::MAX) })
    }
}
