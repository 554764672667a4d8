//! Which part of a list is asked for, and how is it answered? `?size=&offset=&tags=` (portal.md K43).

use serde::Serialize;
use url::form_urlencoded;
use uuid::Uuid;

use super::error::Refusal;
use crate::portal::list::{self, BadCursor};
use crate::secret::Sealer;

/// How many entities a page has if nothing was said.
pub const SIZE: usize = 100;
/// How many it may have.
pub const SIZE_MAX: usize = 1000;
/// How many tags may be asked for at once.
const TAGS_MAX: usize = 5;
const BAD_OFFSET: &str = "bad offset string";

/// Which entities carry the right tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    /// Those with all of these: `a,b`.
    All(Vec<String>),
    /// Those with one of these: `a/b`.
    Any(Vec<String>),
}

impl Tags {
    /// Whether an entity with these tags is meant.
    pub fn fit(&self, tags: &[String]) -> bool {
        match self {
            Self::All(wanted) => wanted.iter().all(|tag| tags.contains(tag)),
            Self::Any(wanted) => wanted.iter().any(|tag| tags.contains(tag)),
        }
    }

    fn read(text: &str) -> Result<Self, Refusal> {
        let refuse = |why| Err(Refusal::invalid_option("tags", why));
        let tags = match (text.contains(','), text.contains('/')) {
            _ if text.is_empty() => return refuse("cannot be null"),
            (true, true) => return refuse("invalid filter syntax"),
            (false, true) => Self::Any(text.split('/').map(str::to_owned).collect()),
            _ => Self::All(text.split(',').map(str::to_owned).collect()),
        };
        let (Self::All(words) | Self::Any(words)) = &tags;
        if words.len() > TAGS_MAX {
            return refuse("cannot query more than 5 tags");
        }
        if words.iter().any(|word| word.is_empty() || word.chars().any(char::is_control)) {
            return refuse("invalid filter syntax");
        }
        Ok(tags)
    }
}

/// Which page of which list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// How many entities at most.
    pub size: usize,
    /// The last entity of the page before.
    pub after: Option<Uuid>,
    /// With which tags.
    pub tags: Option<Tags>,
    /// `size` and `tags` as they were sent, for the link to the next page.
    repeated: Vec<(&'static str, String)>,
}

impl Wanted {
    /// Reads the query of a request for a list. `list` is its name: an offset of one list is none of another's. Other
    /// parameters are ignored; a repeated one counts once, the first.
    ///
    /// # Errors
    /// Code 9 for a size that is no number from 1 to [`SIZE_MAX`]; 7 for an offset that was not handed out for this
    /// list; 11 for tags that cannot be understood.
    pub fn read(query: &str, sealer: &Sealer, list: &[&[u8]]) -> Result<Self, Refusal> {
        let sent = |name: &str| form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name);
        let value = |name| sent(name).map(|(_, value)| value.into_owned());
        let (size, offset, tags) = (value("size"), value("offset"), value("tags"));
        let wanted = Self {
            size: size.as_deref().map_or(Ok(SIZE), read_size)?,
            after: offset.as_deref().map(|offset| open(sealer, list, offset)).transpose()?,
            tags: tags.as_deref().map(Tags::read).transpose()?,
            repeated: [("tags", tags), ("size", size)].into_iter().filter_map(|(k, v)| Some((k, v?))).collect(),
        };
        Ok(wanted)
    }

    /// The page of `data`, which are at most [`Wanted::size`] entities. `path` is the path of the list. `last` is the id
    /// of the last entity if there are more behind it.
    pub fn page<T>(&self, path: &str, data: Vec<T>, last: Option<Uuid>, sealer: &Sealer, list: &[&[u8]]) -> Page<T> {
        let offset = last.map(|last| list::cursor(sealer, list, last));
        let next = offset.as_ref().map(|offset| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("offset", offset).extend_pairs(&self.repeated);
            format!("{path}?{}", query.finish())
        });
        Page { data, next, offset, total: None }
    }
}

fn read_size(text: &str) -> Result<usize, Refusal> {
    let number: f64 = text.trim().parse().map_err(|_| Refusal::invalid_size("size must be a number"))?;
    let whole = text.trim().parse().ok().filter(|size| (1..=SIZE_MAX).contains(size));
    // NaN and infinity are numbers to the parser only.
    let why = if number.is_finite() { "size must be an integer between 1 and 1000" } else { "size must be a number" };
    whole.ok_or_else(|| Refusal::invalid_size(why))
}

fn open(sealer: &Sealer, list: &[&[u8]], offset: &str) -> Result<Uuid, Refusal> {
    list::read_cursor(sealer, list, offset).map_err(|bad| {
        let why = match bad {
            BadCursor::Encoding => "bad base64 encoding",
            BadCursor::Foreign => BAD_OFFSET,
        };
        Refusal::invalid_offset(offset, why)
    })
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// The entities.
    pub data: Vec<T>,
    /// Path and query of the page behind it.
    pub next: Option<String>,
    /// The offset in [`Page::next`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<String>,
    /// How many there are on all pages; told for developers and applications only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// The same, telling how many there are on all pages.
    pub fn of(self, total: u64) -> Self {
        Self { total: Some(total), ..self }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use serde_json::json;

    use super::*;

    const PLUGINS: [&[u8]; 1] = [b"plugins"];

    fn sealer() -> Sealer {
        Sealer::new(&[7; 32])
    }

    fn wanted(query: &str) -> Result<Wanted, (u16, serde_json::Value)> {
        let read = Wanted::read(query, &sealer(), &PLUGINS);
        read.map_err(|refusal| (refusal.status(), refusal.body()))
    }

    #[test]
    fn a_list_has_pages_of_a_hundred() {
        // K43
        let first = wanted("").unwrap();
        assert_eq!((first.size, first.after, &first.tags), (100, None, &None));
        let empty = first.page::<u8>("/plugins", Vec::new(), None, &sealer(), &PLUGINS);
        assert_eq!(serde_json::to_string(&empty).unwrap(), r#"{"data":[],"next":null}"#);
        assert_eq!(serde_json::to_value(empty.of(0)).unwrap(), json!({"data": [], "next": null, "total": 0}));
    }

    #[test]
    fn the_next_page_begins_behind_the_last_entity() {
        // K43
        let last = Uuid::from_u128(42);
        let first = wanted("size=1&tags=a%2Cb&size=2&odd=1").unwrap();
        let page = first.page("/plugins", vec!["p"], Some(last), &sealer(), &PLUGINS);
        let offset = page.offset.clone().unwrap();
        assert_eq!(page.next, Some(format!("/plugins?offset={offset}&tags=a%2Cb&size=1")));
        let next = wanted(page.next.unwrap().split_once('?').unwrap().1).unwrap();
        assert_eq!(next, Wanted { after: Some(last), ..first });
    }

    #[test]
    fn an_offset_belongs_to_one_list() {
        // K45 code 7
        let offset = list::cursor(&sealer(), &PLUGINS, Uuid::from_u128(42));
        assert!(Wanted::read(&format!("offset={offset}"), &sealer(), &[b"services"]).is_err());
        assert!(Wanted::read(&format!("offset={offset}"), &Sealer::new(&[8; 32]), &PLUGINS).is_err());
        for (offset, why) in [("x!", "bad base64 encoding"), ("", BAD_OFFSET), (&offset[..40], BAD_OFFSET)] {
            let message = format!("'{offset}' is not a valid offset: {why}");
            let refused = json!({"message": message, "name": "invalid offset", "code": 7});
            assert_eq!(wanted(&format!("offset={offset}")), Err((400, refused)));
        }
    }

    #[test]
    fn a_size_is_a_number_within_bounds() {
        // K45 code 9
        assert_eq!(wanted("size=1000").map(|wanted| wanted.size), Ok(1000));
        for (size, message) in [
            ("", "size must be a number"),
            ("ten", "size must be a number"),
            ("nan", "size must be a number"),
            ("0", "size must be an integer between 1 and 1000"),
            ("-1", "size must be an integer between 1 and 1000"),
            ("1.5", "size must be an integer between 1 and 1000"),
            ("1001", "size must be an integer between 1 and 1000"),
        ] {
            let refused = json!({"message": message, "name": "invalid size", "code": 9});
            assert_eq!(wanted(&format!("size={size}")), Err((400, refused)), "{size}");
        }
    }

    #[test]
    fn tags_are_all_or_any() {
        // K43
        let tags = |text: &str| wanted(&format!("tags={text}")).map(|wanted| wanted.tags);
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(tags("a"), Ok(Some(Tags::All(words(&["a"])))));
        assert_eq!(tags("a,b"), Ok(Some(Tags::All(words(&["a", "b"])))));
        assert_eq!(tags("a/b"), Ok(Some(Tags::Any(words(&["a", "b"])))));
        assert!(Tags::All(words(&["a", "b"])).fit(&words(&["b", "c", "a"])));
        assert!(!Tags::All(words(&["a", "b"])).fit(&words(&["b"])));
        assert!(Tags::Any(words(&["a", "b"])).fit(&words(&["b"])));
        for (text, why) in [
            ("", "cannot be null"),
            ("a,b/c", "invalid filter syntax"),
            ("a,,b", "invalid filter syntax"),
            ("a,b,c,d,e,f", "cannot query more than 5 tags"),
        ] {
            let message = format!("invalid option (tags: {why})");
            let refused = json!({"message": message, "name": "invalid options", "options": {"tags": why}, "code": 11});
            assert_eq!(tags(text), Err((400, refused)), "{text}");
        }
    }
}
