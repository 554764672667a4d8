//! Which part of a list is asked for? `?limit=&cursor=`, and filters that are known (security.md s.B12).

use poem::Request;
use poem_openapi::Object;
use poem_openapi::types::{ParseFromJSON, ToJSON};
use url::form_urlencoded;

use super::answer::Told;
use super::caller::Caller;
use super::nullable::Nullable;
use super::problem::Problem;
use crate::portal::list::{self, Listed, Wanted};
use crate::portal::{Rule, Wrong};

/// How many things a part has if nothing was said.
const LIMIT: u64 = 50;
/// How many it may have.
const LIMIT_MAX: u64 = 200;

/// A part of a list.
#[derive(Debug, Object)]
pub struct Page<T: ParseFromJSON + ToJSON + Send + Sync> {
    /// The things, in order.
    pub items: Vec<T>,
    /// How many there are in all parts that the caller may see.
    pub total: u64,
    /// The `cursor` of the next part; `null`: there is none.
    pub next: Nullable<String>,
}

/// The part that is asked for.
#[derive(Clone, Debug)]
pub struct Asked {
    wanted: Wanted,
    /// The list with what it depends on: a cursor is good for it alone.
    list: String,
}

impl Asked {
    /// Reads the query. `filters` are those of this list: what would be ignored is refused, because the list would not
    /// be what the caller thinks it is.
    ///
    /// # Errors
    /// 400 with all that is wrong.
    pub fn read(
        caller: &Caller,
        request: &Request,
        limit: Option<u64>,
        cursor: Option<&str>,
        filters: &[&str],
    ) -> Result<Self, Problem> {
        let mut wrong = Vec::new();
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()) {
            let page = name == "limit" || name == "cursor";
            if pairs.iter().any(|(known, _)| *known == name) {
                wrong.push(Wrong::new(name.clone(), Rule::Form, "must not occur twice"));
            } else if !page && !filters.contains(&&*name) {
                let known = [&["limit", "cursor"], filters].concat().join(", ");
                let complaint = format!("is no parameter of this list; there are: {known}");
                wrong.push(Wrong::new(name.clone(), Rule::Unknown, complaint));
            }
            pairs.push((name.into_owned(), value.into_owned()));
        }
        pairs.retain(|(name, _)| name != "limit" && name != "cursor");
        pairs.sort();
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let list = format!("{}?{query}", request.uri().path());
        let limit = limit.unwrap_or(LIMIT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            let range = Rule::Range { least: 1, most: LIMIT_MAX as i64 };
            wrong.push(Wrong::new("limit", range, format!("must be from 1 to {LIMIT_MAX}")));
        }
        let after = cursor.map(|cursor| list::read_cursor(&caller.app.sealer, &parts(caller, &list), cursor));
        let after = after.transpose().unwrap_or_else(|_| {
            wrong.push(Wrong::new("cursor", Rule::Form, "must be the `next` of the same list with the same filters"));
            None
        });
        if !wrong.is_empty() {
            return Err(Problem::invalid(wrong));
        }
        Ok(Self { wanted: Wanted { after, skip: 0, limit }, list })
    }

    /// As the rules want it.
    pub fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// The answer.
    pub fn page<T, U>(&self, caller: &Caller, listed: Listed<T>, into: impl FnMut(T) -> U) -> Told<Page<U>>
    where
        U: ParseFromJSON + ToJSON + Send + Sync,
    {
        let next = listed.next.map(|next| list::cursor(&caller.app.sealer, &parts(caller, &self.list), next));
        let items = listed.items.into_iter().map(into).collect();
        Told::new(&Page { items, total: listed.total, next: next.into() })
    }
}

fn parts<'a>(caller: &'a Caller, list: &'a str) -> [&'a [u8]; 3] {
    [b"admin", caller.tenant.id.0.as_bytes(), list.as_bytes()]
}

/// Words separated by commas.
pub fn words(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Text that is there and not empty.
pub fn said(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}
