//! Which part of a list, and in which shape? Counted pages, or from one place to the next (`from`, `take`).

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::error::Refused;
use crate::portal::list::{Listed, Wanted};

/// Rows of a page, at most, and where nothing is said.
const ROWS_MAX: u64 = 100;
const ROWS: u64 = 50;

/// The parameters of a list, as they were sent.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The number of the page, from 0 on.
    pub page: Option<u64>,
    /// Rows of a page.
    pub per_page: Option<u64>,
    /// Count all rows, too.
    pub include_totals: Option<bool>,
    /// After the row with this identity.
    pub from: Option<String>,
    /// So many rows.
    pub take: Option<u64>,
}

/// The shape of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// The rows.
    Plain,
    /// The rows and how many there are.
    Totals,
    /// The rows and where the next ones begin.
    Next,
}

/// Which part is wanted, and in which shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// For the rules.
    pub wanted: Wanted,
    shape: Shape,
}

impl Asked {
    /// What it means.
    ///
    /// # Errors
    /// 400 for more rows than there are on a page, and for a place that is none.
    pub fn read(self) -> Result<Page, Refused> {
        let too_many = |name: &str| Refused::query(format!("Query validation error: {name} must be 0 to {ROWS_MAX}."));
        if self.from.is_some() || self.take.is_some() {
            let limit = self.take.unwrap_or(ROWS);
            if limit == 0 || limit > ROWS_MAX {
                return Err(too_many("take"));
            }
            let unknown = |_| Refused::query("Query validation error: from must be the next of an answer before.");
            let after = self.from.as_deref().map(Uuid::parse_str).transpose().map_err(unknown)?;
            return Ok(Page { wanted: Wanted { after, skip: 0, limit }, shape: Shape::Next });
        }
        let limit = self.per_page.unwrap_or(ROWS);
        if limit > ROWS_MAX {
            return Err(too_many("per_page"));
        }
        let skip = self.page.unwrap_or_default().saturating_mul(limit).min(i64::MAX.unsigned_abs());
        let shape = if self.include_totals == Some(true) { Shape::Totals } else { Shape::Plain };
        Ok(Page { wanted: Wanted { after: None, skip, limit }, shape })
    }
}

impl Page {
    /// The answer; `name` is what the rows are called beside totals.
    pub fn answer(&self, name: &str, listed: Listed<Value>) -> Value {
        let mut answer = Map::new();
        match self.shape {
            Shape::Plain => return Value::Array(listed.items),
            Shape::Totals => {
                answer.insert("total".to_owned(), listed.total.into());
                answer.insert("start".to_owned(), self.wanted.skip.into());
                answer.insert("limit".to_owned(), self.wanted.limit.into());
                answer.insert("length".to_owned(), listed.items.len().into());
            }
            Shape::Next => answer.extend(listed.next.map(|next| ("next".to_owned(), json!(next)))),
        }
        answer.insert(name.to_owned(), Value::Array(listed.items));
        Value::Object(answer)
    }
}

/// Which members of a thing are told.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    names: Vec<String>,
    leave_out: bool,
}

impl Fields {
    /// `fields`, separated by commas, and whether they are told or left out.
    pub fn read(fields: Option<&str>, include: Option<bool>) -> Self {
        let names = fields.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
        Self { names: names.map(str::to_owned).collect(), leave_out: include == Some(false) }
    }

    /// The thing with those members.
    pub fn of(&self, thing: Value) -> Value {
        match thing {
            Value::Object(mut members) if !self.names.is_empty() => {
                members.retain(|name, _| self.names.contains(name) != self.leave_out);
                Value::Object(members)
            }
            thing => thing,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn listed() -> Listed<Value> {
        Listed { items: vec![json!(1), json!(2)], total: 5, next: Some(Uuid::from_u128(2)) }
    }

    #[test]
    fn a_list_has_one_of_three_shapes() {
        // A36
        let plain = Asked::default().read().unwrap();
        assert_eq!(plain.wanted, Wanted { after: None, skip: 0, limit: 50 });
        assert_eq!(plain.answer("clients", listed()), json!([1, 2]));
        let asked = Asked { page: Some(2), per_page: Some(2), include_totals: Some(true), ..Asked::default() };
        let totals = asked.read().unwrap();
        assert_eq!(totals.wanted, Wanted { after: None, skip: 4, limit: 2 });
        let expected = json!({"total": 5, "start": 4, "limit": 2, "length": 2, "clients": [1, 2]});
        assert_eq!(totals.answer("clients", listed()), expected);
        let next = Asked { take: Some(2), ..Asked::default() }.read().unwrap();
        let expected = json!({"next": "00000000-0000-0000-0000-000000000002", "clients": [1, 2]});
        assert_eq!(next.answer("clients", listed()), expected);
    }

    #[test]
    fn a_page_has_a_hundred_rows_at_most() {
        for asked in [
            Asked { per_page: Some(101), ..Asked::default() },
            Asked { take: Some(0), ..Asked::default() },
            Asked { from: Some("x".to_owned()), ..Asked::default() },
        ] {
            assert!(asked.read().is_err());
        }
    }

    #[test]
    fn members_are_told_or_left_out_by_name() {
        let thing = json!({"a": 1, "b": 2, "c": 3});
        assert_eq!(Fields::read(Some("a, b"), None).of(thing.clone()), json!({"a": 1, "b": 2}));
        assert_eq!(Fields::read(Some("a"), Some(false)).of(thing.clone()), json!({"b": 2, "c": 3}));
        assert_eq!(Fields::read(None, Some(false)).of(thing.clone()), thing);
    }
}
