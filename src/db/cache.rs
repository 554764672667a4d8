//! How are hot rows kept without ever answering from an old one for long?
//!
//! An entry lives one second, so that a change made by another replica is seen within that bound. A change made by this
//! replica is seen at once: it calls [`Cache::forget`] after its commit. A load that began before the change and ends
//! after it could bring the old row back; the epoch tells, and such a load is not kept.

use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long a change made by another replica may stay unseen.
pub const BOUND: Duration = Duration::from_secs(1);

/// Rows by key, each at most [`BOUND`] old.
#[derive(Debug)]
pub struct Cache<K: Hash + Eq + Send + Sync + 'static, V: Clone + Send + Sync + 'static> {
    entries: moka::sync::Cache<K, V>,
    epoch: AtomicU64,
}

impl<K, V> Cache<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// An empty cache for at most `entries_max` rows.
    pub fn new(entries_max: u64) -> Self {
        Self {
            entries: moka::sync::Cache::builder().max_capacity(entries_max).time_to_live(BOUND).build(),
            epoch: AtomicU64::new(0),
        }
    }

    /// The row of `key`: kept, or loaded now. What was not found is never kept: it may appear any moment.
    ///
    /// # Errors
    /// Whatever `load` fails with.
    pub async fn get<E>(&self, key: K, load: impl AsyncFnOnce(&K) -> Result<Option<V>, E>) -> Result<Option<V>, E> {
        if let Some(kept) = self.entries.get(&key) {
            return Ok(Some(kept));
        }
        let epoch = self.epoch.load(Ordering::SeqCst);
        let Some(loaded) = load(&key).await? else { return Ok(None) };
        self.entries.insert(key, loaded.clone());
        if self.epoch.load(Ordering::SeqCst) != epoch {
            self.entries.invalidate_all();
        }
        Ok(Some(loaded))
    }

    /// Drops the row of `key`: call it after the commit that changed it.
    pub fn forget(&self, key: &K) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.entries.invalidate(key);
    }

    /// Drops everything.
    pub fn forget_all(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.entries.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_load_that_a_change_overtook_is_not_kept() {
        let cache: Cache<u8, u8> = Cache::new(10);
        let loaded = cache
            .get(1, async |key| {
                cache.forget(key);
                Ok::<_, ()>(Some(7))
            })
            .await;
        assert_eq!(loaded, Ok(Some(7)));
        assert_eq!(cache.get(1, async |_| Ok::<_, ()>(Some(8))).await, Ok(Some(8)));
        assert_eq!(cache.get(1, async |_| Ok::<_, ()>(Some(9))).await, Ok(Some(8)));
    }

    #[tokio::test]
    async fn what_was_not_found_is_asked_for_again() {
        let cache: Cache<u8, u8> = Cache::new(10);
        assert_eq!(cache.get(1, async |_| Ok::<_, ()>(None)).await, Ok(None));
        assert_eq!(cache.get(1, async |_| Ok::<_, ()>(Some(8))).await, Ok(Some(8)));
    }
}
