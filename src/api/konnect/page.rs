//! Which page of a list is asked for? `page[number]` and `page[size]`, and filters in brackets (portal.md N26).

use poem::Request;
use url::form_urlencoded;

use super::answer::{Meta, Page, PageMeta};
use super::error::{Invalid, Problem, Source};
use crate::portal::list::{Listed, Wanted};

/// How many things a page has if nothing was said.
const SIZE: u64 = 10;
/// How many it may have.
const SIZE_MAX: u64 = 100;
/// The last page anybody may ask for: far more than there are.
const NUMBER_MAX: u64 = 1_000_000;

/// A page that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    number: u64,
    size: u64,
}

impl Asked {
    /// Reads `page[number]` and `page[size]`. `filters` are the filters of this list by their whole names: what would be
    /// ignored is refused, because the list would not be what the caller thinks it is. So is a `sort` by anything but
    /// `created_at`.
    ///
    /// # Errors
    /// 400 with all that is wrong.
    pub fn read(request: &Request, number: Option<u64>, size: Option<u64>, filters: &[&str]) -> Result<Self, Problem> {
        let mut wrong = Vec::new();
        let mut within = |name: &str, value: Option<u64>, usual: u64, most: u64| match value {
            None => usual,
            Some(value) if (1..=most).contains(&value) => value,
            Some(_) => {
                wrong.push(Invalid::new(name, "invalid", format!("must be from 1 to {most}"), Source::Query));
                usual
            }
        };
        let number = within("page[number]", number, 1, NUMBER_MAX);
        let size = within("page[size]", size, SIZE, SIZE_MAX);
        for (name, value) in form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()) {
            if name.starts_with("filter") && !filters.contains(&&*name) {
                let reason = format!("is no filter of this list; there are: {}", filters.join(", "));
                wrong.push(Invalid::new(name, "unknown_property", reason, Source::Query));
            } else if name == "sort" && !matches!(&*value, "created_at" | "created_at asc" | "") {
                wrong.push(Invalid::choice("sort", &["created_at"], Source::Query));
            }
        }
        if wrong.is_empty() { Ok(Self { number, size }) } else { Err(Problem::invalid(wrong)) }
    }

    /// The part of the list, as the rules want it.
    pub fn wanted(self) -> Wanted {
        Wanted { after: None, skip: (self.number - 1) * self.size, limit: self.size }
    }

    /// The page.
    pub fn page<T, U>(self, listed: Listed<T>, into: impl FnMut(T) -> U) -> Page<U>
    where
        U: poem_openapi::types::ParseFromJSON + poem_openapi::types::ToJSON + Send + Sync,
    {
        let page = PageMeta { number: self.number, size: self.size, total: listed.total };
        Page { data: listed.items.into_iter().map(into).collect(), meta: Meta { page } }
    }

    /// The page of things that are all at hand.
    pub fn of_all<T>(self, all: Vec<T>) -> Listed<T> {
        let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let wanted = self.wanted();
        let items = all.into_iter().skip(count(wanted.skip)).take(count(wanted.limit)).collect();
        Listed { items, total, next: None }
    }
}

/// One of two spellings of a filter: `filter[name]` and `filter[name][eq]`.
pub fn either(short: Option<String>, long: Option<String>) -> Option<String> {
    short.or(long).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn asked(query: &str, number: Option<u64>, size: Option<u64>) -> Result<Asked, u16> {
        let request = Request::builder().uri_str(format!("http://a.example/x?{query}")).finish();
        let read = Asked::read(&request, number, size, &["filter[status]"]);
        read.map_err(|problem| poem::error::ResponseError::status(&problem).as_u16())
    }

    #[test]
    fn a_page_is_a_part_of_the_list() {
        // N26
        assert_eq!(asked("", None, None), Ok(Asked { number: 1, size: 10 }));
        let third = asked("filter%5Bstatus%5D=pending&sort=created_at", Some(3), Some(2)).unwrap();
        assert_eq!(third.wanted(), Wanted { after: None, skip: 4, limit: 2 });
        assert_eq!(third.of_all(vec![1, 2, 3, 4, 5]), Listed { items: vec![5], total: 5, next: None });
        for (query, number, size) in
            [("", Some(0), None), ("", None, Some(101)), ("filter[team_id]=x", None, None), ("sort=name", None, None)]
        {
            assert_eq!(asked(query, number, size), Err(400), "{query}");
        }
    }
}
