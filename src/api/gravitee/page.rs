//! Which part of a list is asked for? Both APIs count pages from 1 on, and tell differently which one it is.

use poem::Request;
use poem_openapi::Object;
use poem_openapi::types::{Any, ParseFromJSON, ToJSON};
use serde_json::Value;
use url::form_urlencoded;

use super::refusal::{Detail, Refusal};
use crate::oidc::tenant::Tenant;
use crate::portal::list::{Listed, Wanted};

/// The last page anybody may ask for: far more than there are.
const PAGE_MAX: i64 = 1_000_000;
/// What one page holds at most. Lists without pages are that long at most, too.
pub const SIZE_MAX: i64 = 500;

/// Things, with what else there is to say about them, and which page it is.
#[derive(Debug, Object)]
#[oai(rename = "PagedResult", skip_serializing_if_is_none)]
pub struct Paged<T: ParseFromJSON + ToJSON + Send + Sync> {
    /// What is on it.
    pub data: Vec<T>,
    /// The names of what it refers to, by identity.
    pub metadata: Option<Any<Value>>,
    /// Which one it is.
    pub page: PageInfo,
}

/// Which page of how many things.
#[derive(Debug, Object)]
#[oai(rename = "Page")]
pub struct PageInfo {
    /// Its number, from 1 on.
    pub current: u64,
    /// How many things a page has at most.
    pub per_page: u64,
    /// How many things this one has.
    pub size: u64,
    /// How many pages there are.
    pub total_pages: u64,
    /// How many things there are in all.
    pub total_elements: u64,
}

/// Things of the portal, with which page it is.
#[derive(Debug, Object)]
#[oai(rename = "DataResponse", skip_serializing_if_is_none)]
pub struct Data<T: ParseFromJSON + ToJSON + Send + Sync> {
    /// What is on it.
    pub data: Vec<T>,
    /// How much there is.
    pub metadata: Metadata,
    /// Where other pages are.
    pub links: Option<Links>,
}

/// How much there is.
#[derive(Debug, Object)]
#[oai(rename = "DataMetadata", skip_serializing_if_is_none)]
pub struct Metadata {
    /// On this page.
    pub data: MetadataData,
    /// On all of them; absent where nothing is.
    pub pagination: Option<Pagination>,
}

/// How much is on a page.
#[derive(Debug, Object)]
pub struct MetadataData {
    /// So many things.
    pub total: u64,
}

/// Which page of how many.
#[derive(Debug, Object)]
pub struct Pagination {
    /// Its number, from 1 on.
    pub current_page: u64,
    /// The number of its first thing, from 1 on.
    pub first: u64,
    /// The number of its last thing.
    pub last: u64,
    /// How many things a page has at most.
    pub size: u64,
    /// How many things there are in all.
    pub total: u64,
    /// How many pages there are.
    pub total_pages: u64,
}

/// Where other pages are.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct Links {
    /// This one.
    #[oai(rename = "self")]
    pub this: String,
    /// The first.
    pub first: Option<String>,
    /// The last.
    pub last: Option<String>,
    /// The one before.
    pub prev: Option<String>,
    /// The one behind.
    pub next: Option<String>,
}

/// A page that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    page: u64,
    /// 0: nothing but how much there is.
    size: u64,
}

impl Asked {
    /// Reads `page` and `size` of the management API: 20 things, at least one.
    ///
    /// # Errors
    /// 400 with all that is wrong.
    pub fn of_management(page: Option<i64>, size: Option<i64>) -> Result<Self, Refusal> {
        let mut wrong = Vec::new();
        let page = within(&mut wrong, "page", page, (1, 1, PAGE_MAX));
        let size = within(&mut wrong, "size", size, (20, 1, SIZE_MAX));
        if wrong.is_empty() { Ok(Self { page, size }) } else { Err(Refusal::wrong(wrong)) }
    }

    /// Reads `page` and `size` of the portal API: 10 things; -1 means all, and 0 only how many.
    ///
    /// # Errors
    /// 400 with all that is wrong.
    pub fn of_portal(page: Option<i64>, size: Option<i64>) -> Result<Self, Refusal> {
        let mut wrong = Vec::new();
        let page = within(&mut wrong, "page", page, (1, 1, PAGE_MAX));
        if size == Some(-1) && wrong.is_empty() {
            return Ok(Self { page: 1, size: SIZE_MAX.unsigned_abs() });
        }
        let size = within(&mut wrong, "size", size, (10, 0, SIZE_MAX));
        if wrong.is_empty() { Ok(Self { page, size }) } else { Err(Refusal::wrong(wrong)) }
    }

    /// The part of the list, as the rules want it.
    pub fn wanted(self) -> Wanted {
        Wanted { after: None, skip: (self.page - 1) * self.size, limit: self.size }
    }

    /// The page, as the management API tells it.
    pub fn paged<T>(self, data: Vec<T>, total: u64, metadata: Option<Any<Value>>) -> Paged<T>
    where
        T: ParseFromJSON + ToJSON + Send + Sync,
    {
        let page = PageInfo {
            current: self.page,
            per_page: self.size,
            size: count(&data),
            total_pages: total.div_ceil(self.size.max(1)),
            total_elements: total,
        };
        Paged { data, metadata, page }
    }

    /// The page, as the portal API tells it.
    pub fn data<T>(self, tenant: &Tenant, request: &Request, data: Vec<T>, total: u64) -> Data<T>
    where
        T: ParseFromJSON + ToJSON + Send + Sync,
    {
        let here = count(&data);
        let first = (self.page - 1) * self.size;
        let pages = total.div_ceil(self.size.max(1));
        let pagination = (here > 0).then(|| Pagination {
            current_page: self.page,
            first: first + 1,
            last: first + here,
            size: here,
            total,
            total_pages: pages,
        });
        let on_a_page = self.size > 0 && (1..=pages).contains(&self.page);
        let links = on_a_page.then(|| self.links(tenant, request, pages));
        let metadata = Metadata { data: MetadataData { total: here }, pagination };
        Data { data, metadata, links }
    }

    fn links(self, tenant: &Tenant, request: &Request, pages: u64) -> Links {
        let address = |page: u64| {
            let query = request.uri().query().unwrap_or_default();
            let others = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "page");
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(others).append_pair("page", &page.to_string());
            format!("{}?{}", tenant.url(request.uri().path()), query.finish())
        };
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        let this = format!("{}{query}", tenant.url(request.uri().path()));
        if pages == 1 {
            return Links { this, first: None, last: None, prev: None, next: None };
        }
        Links {
            this,
            first: Some(address(1)),
            last: Some(address(pages)),
            prev: (self.page > 1).then(|| address(self.page - 1)),
            next: (self.page < pages).then(|| address(self.page + 1)),
        }
    }

    /// The part of things that are all at hand.
    pub fn of_all<T>(self, all: Vec<T>) -> Listed<T> {
        let total = count(&all);
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let wanted = self.wanted();
        let items = all.into_iter().skip(number(wanted.skip)).take(number(wanted.limit)).collect();
        Listed { items, total, next: None }
    }
}

fn within(wrong: &mut Vec<Detail>, name: &str, value: Option<i64>, (usual, least, most): (i64, i64, i64)) -> u64 {
    let value = value.unwrap_or(usual);
    if !(least..=most).contains(&value) {
        wrong.push(Detail::new(name, &format!("must be from {least} to {most}")));
    }
    value.unsigned_abs()
}

fn count<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_page_is_a_part_of_the_list() {
        let second = Asked::of_management(Some(2), Some(2)).unwrap();
        assert_eq!(second.wanted(), Wanted { after: None, skip: 2, limit: 2 });
        assert_eq!(second.of_all(vec![1, 2, 3]), Listed { items: vec![3], total: 3, next: None });
        let usual = |asked: Result<Asked, Refusal>| asked.unwrap().wanted().limit;
        assert_eq!(usual(Asked::of_management(None, None)), 20);
        assert_eq!(usual(Asked::of_portal(None, None)), 10);
        assert_eq!(usual(Asked::of_portal(None, Some(-1))), 500);
        assert_eq!(usual(Asked::of_portal(None, Some(0))), 0);
        for (page, size) in [(Some(0), None), (None, Some(-2)), (Some(-1), Some(501))] {
            assert!(Asked::of_management(page, size).is_err() && Asked::of_portal(page, size).is_err());
        }
    }
}
