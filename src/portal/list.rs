//! Which part of a list? Rows come in the order of their identities, which is the order of their creation.
//!
//! Where a list goes on is told as a cursor: authenticated, so that nobody makes one up (security.md s.B12).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::secret::{self, Purpose, Sealer};

/// How much of the authentication code a cursor carries, in bytes: more guesses than any caller has.
const MAC_BYTES: usize = 16;

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

/// The wanted part of rows that are in the order of their identities; the total counts what is left after scoping
/// (security.md s.B3).
pub fn part<T>(rows: Vec<T>, wanted: &Wanted, id: impl Fn(&T) -> Uuid) -> Listed<T> {
    let total = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let skip = usize::try_from(wanted.skip).unwrap_or(usize::MAX);
    let one_more = usize::try_from(wanted.limit).unwrap_or(usize::MAX).saturating_add(1);
    let after = |row: &T| wanted.after.is_none_or(|after| id(row) > after);
    let items = rows.into_iter().filter(|row| after(row)).skip(skip).take(one_more).collect();
    Listed::of(items, wanted, total, id)
}

/// Why a cursor says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCursor {
    /// It is not base64url.
    Encoding,
    /// It is another list's, another tenant's, or was made up.
    Foreign,
}

/// Where a list goes on: behind the row `after`. `list` names the list with whatever it depends on, first of all the
/// tenant: a cursor of one list is none of another's.
pub fn cursor(sealer: &Sealer, list: &[&[u8]], after: Uuid) -> String {
    let mut cursor = after.as_bytes().to_vec();
    cursor.extend_from_slice(&code(sealer, list, after.as_bytes())[..MAC_BYTES]);
    URL_SAFE_NO_PAD.encode(cursor)
}

/// The row behind which a list goes on, as [`cursor`] told for the same `list`.
///
/// # Errors
/// [`BadCursor`].
pub fn read_cursor(sealer: &Sealer, list: &[&[u8]], text: &str) -> Result<Uuid, BadCursor> {
    let cursor = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor::Encoding)?;
    let (after, sent) = cursor.split_at_checked(16).ok_or(BadCursor::Foreign)?;
    if !secret::same(&code(sealer, list, after)[..MAC_BYTES], sent) {
        return Err(BadCursor::Foreign);
    }
    Uuid::from_slice(after).map_err(|_| BadCursor::Foreign)
}

fn code(sealer: &Sealer, list: &[&[u8]], after: &[u8]) -> [u8; 32] {
    let parts: Vec<&[u8]> = list.iter().copied().chain([after]).collect();
    sealer.sign(Purpose::Cursor, &parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_list_says_how_many_there_are_and_where_it_goes_on() {
        // s.B3
        let ids: Vec<Uuid> = (1..=5).map(Uuid::from_u128).collect();
        let listed = part(ids.clone(), &Wanted { after: Some(ids[0]), skip: 1, limit: 2 }, |id| *id);
        assert_eq!(listed, Listed { items: vec![ids[2], ids[3]], total: 5, next: Some(ids[3]) });
        let last = part(ids.clone(), &Wanted { after: Some(ids[3]), skip: 0, limit: 2 }, |id| *id);
        assert_eq!(last, Listed { items: vec![ids[4]], total: 5, next: None });
    }

    #[test]
    fn a_cursor_is_good_for_the_list_it_was_told_for() {
        // s.B12
        let (sealer, list): (_, [&[u8]; 2]) = (Sealer::new(&[7; 32]), [b"tenant", b"services?search=a"]);
        let told = cursor(&sealer, &list, Uuid::from_u128(42));
        assert_eq!(read_cursor(&sealer, &list, &told), Ok(Uuid::from_u128(42)));
        for other in [[b"tenant".as_slice(), b"services?search=b"], [b"other", b"services?search=a"]] {
            assert_eq!(read_cursor(&sealer, &other, &told), Err(BadCursor::Foreign));
        }
        assert_eq!(read_cursor(&Sealer::new(&[8; 32]), &list, &told), Err(BadCursor::Foreign));
        for (forged, why) in [("", BadCursor::Foreign), (&told[..40], BadCursor::Foreign), ("x!", BadCursor::Encoding)]
        {
            assert_eq!(read_cursor(&sealer, &list, forged), Err(why), "{forged}");
        }
    }
}
