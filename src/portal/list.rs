//! Which part of a list? Rows come in the order of their identities, which is the order of their creation.

use uuid::Uuid;

/// Which part of a list is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// After the row with this identity.
    pub after: Option<Uuid>,
    /// So many are left out before the first, for those who count pages.
    pub skip: u64,
    /// So many at most.
    pub limit: u64,
}

impl Wanted {
    /// The first `limit` rows.
    pub fn first(limit: u64) -> Self {
        Self { after: None, skip: 0, limit }
    }
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed<T> {
    /// The rows.
    pub items: Vec<T>,
    /// How many there are in all that this actor may see.
    pub total: u64,
    /// Where the next part begins: after this identity; `None`: there is none.
    pub next: Option<Uuid>,
}

impl<T> Listed<T> {
    /// A part of which one more row than `wanted.limit` was read, to know whether there is a next.
    pub fn of(mut items: Vec<T>, wanted: &Wanted, total: u64, id: impl Fn(&T) -> Uuid) -> Self {
        let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(id) } else { None };
        Self { items, total, next }
    }

    /// The same part, each row turned into something else.
    pub fn map<U>(self, into: impl FnMut(T) -> U) -> Listed<U> {
        Listed { items: self.items.into_iter().map(into).collect(), total: self.total, next: self.next }
    }
}
