//! How is a document shown? By what it is written in; as text where it cannot be read.

use serde_json::Value;

use super::{markdown, operations};
use crate::portal::document::{Document, Media};
use crate::web::page::portal::catalog::Content;

/// What a document says, for its page.
pub(super) fn content(document: &Document) -> Content {
    let body = document.body.as_str();
    let plain = || Content::Plain(body.to_owned());
    let described = |read: Option<Value>| {
        let described = read.as_ref().and_then(operations::describe);
        described.map_or_else(plain, |description| Content::Operations(Box::new(description)))
    };
    match Media::parse(&document.media_type) {
        Some(Media::Markdown) => Content::Article(markdown::article(body)),
        Some(Media::Json) => described(serde_json::from_str(body).ok()),
        // The reader bounds aliases, depth and size of what it makes of a text.
        Some(Media::Yaml) => described(serde_saphyr::from_str(body).ok()),
        Some(Media::Plain) | None => plain(),
    }
}
