//! What does the body of a request hold? JSON, read member by member so that all that is wrong is told at once; members
//! that nobody asked for are not looked at, as in Gravitee.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::{Map, Value};

use super::refusal::{Detail, Refusal};
use crate::oidc::registration::body::Media;
use crate::oidc::registration::json::{self, Limits};

/// The most bytes of a body: an application comes with its picture, and a provider with its certificates.
pub const BYTES_MAX: usize = 512 * 1024;

const LIMITS: Limits = Limits { bytes_max: BYTES_MAX, ..Limits::REGISTRATION };

/// A body that is documented as `D`. Whoever may not call hears nothing of what is wrong with it: it is looked at last.
#[derive(Debug)]
pub struct Sent<D> {
    read: Result<Map<String, Value>, Refusal>,
    document: PhantomData<fn() -> D>,
}

impl<D> Sent<D> {
    /// Its members. A body that is empty, and of no type, counts as an object without members.
    ///
    /// # Errors
    /// 415 for another type, 400 for what is no JSON object or names a member twice, 413 for what is too large.
    pub fn fields(self) -> Result<Fields, Refusal> {
        Ok(Fields { members: self.read?, at: String::new(), wrong: Vec::new() })
    }
}

impl<'a, D: Type> ApiExtractor<'a> for Sent<D> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        D::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: "application/json", schema: D::schema_ref() }];
        Some(MetaRequest { description: Some("One JSON object."), content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let bytes = <Bytes as FromRequest>::from_request(request, body).await?;
        Ok(Self { read: members(request, &bytes), document: PhantomData })
    }
}

fn members(request: &Request, bytes: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let mut types = request.headers().get_all(CONTENT_TYPE).iter();
    match (types.next(), types.next()) {
        (None, _) if bytes.is_empty() => return Ok(Map::new()),
        (Some(said), None) if said.to_str().is_ok_and(|said| Media::of(said) == Media::Json) => {}
        _ => return Err(Refusal::unsupported_media_type()),
    }
    json::object(bytes, LIMITS).map_err(|error| Refusal::from(&error))
}

/// The members of an object while they are read. `null` is as good as nothing, as in Gravitee.
#[derive(Debug)]
pub struct Fields {
    members: Map<String, Value>,
    /// Where the object stands, with a dot behind it; empty: it is the body.
    at: String,
    wrong: Vec<Detail>,
}

impl Fields {
    /// Whether a member was sent, `null` included.
    pub fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Notes that a member is wrong; `complaint` is a clause that follows its name.
    pub fn refuse(&mut self, name: &str, complaint: &str) {
        self.wrong.push(Detail::new(format!("{}{name}", self.at), complaint));
    }

    /// Notes that a member that must be there is not.
    pub fn need(&mut self, name: &str) {
        if self.members.get(name).is_none_or(Value::is_null) {
            self.refuse(name, "must not be null");
        }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.members.shift_remove(name).filter(|value| !value.is_null())
    }

    /// A text.
    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Value::String(text) => Some(text),
            _ => {
                self.refuse(name, "must be a string");
                None
            }
        }
    }

    /// A text; one without a character is none.
    pub fn filled(&mut self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        let sent = self.take(name)?;
        if sent.as_bool().is_none() {
            self.refuse(name, "must be true or false");
        }
        sent.as_bool()
    }

    /// A moment: milliseconds since 1970.
    pub fn moment(&mut self, name: &str) -> Option<i64> {
        let sent = self.take(name)?;
        if sent.as_i64().is_none() {
            self.refuse(name, "must be a whole number of milliseconds since 1970");
        }
        sent.as_i64().map(super::answer::seconds)
    }

    /// A list of texts.
    pub fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        let sent = self.take(name)?;
        let texts: Option<Vec<String>> =
            sent.as_array().and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
        if texts.is_none() {
            self.refuse(name, "must be a list of strings");
        }
        texts
    }

    /// Texts with names.
    pub fn map(&mut self, name: &str) -> Option<BTreeMap<String, String>> {
        let sent = self.take(name)?;
        let named = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        let map: Option<BTreeMap<String, String>> =
            sent.as_object().and_then(|members| members.iter().map(named).collect());
        if map.is_none() {
            self.refuse(name, "must be an object whose members are strings");
        }
        map
    }

    /// An object inside; give it back with [`Self::join`].
    pub fn inner(&mut self, name: &str) -> Option<Self> {
        match self.take(name)? {
            Value::Object(members) => Some(Self { members, at: format!("{}{name}.", self.at), wrong: Vec::new() }),
            _ => {
                self.refuse(name, "must be an object");
                None
            }
        }
    }

    /// Takes what was wrong inside.
    pub fn join(&mut self, inner: Self) {
        self.wrong.extend(inner.wrong);
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// 400 with all that is wrong.
    pub fn done(self) -> Result<(), Refusal> {
        if self.wrong.is_empty() { Ok(()) } else { Err(Refusal::wrong(self.wrong)) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        Fields { members: value.as_object().cloned().unwrap(), at: String::new(), wrong: Vec::new() }
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once_and_where_it_stands() {
        let sent = json!({"name": 5, "settings": {"oauth": {"grant_types": "code"}}, "groups": [1], "unknown": {}});
        let mut read = fields(sent);
        read.need("description");
        assert_eq!((read.text("name"), read.texts("groups")), (None, None));
        let mut settings = read.inner("settings").unwrap();
        let mut oauth = settings.inner("oauth").unwrap();
        assert_eq!(oauth.texts("grant_types"), None);
        settings.join(oauth);
        read.join(settings);
        let refused = read.done().unwrap_err();
        let told: Vec<&str> = refused.details.iter().map(|detail| detail.message.as_str()).collect();
        assert_eq!(
            told,
            [
                "description must not be null",
                "name must be a string",
                "groups must be a list of strings",
                "settings.oauth.grant_types must be a list of strings",
            ]
        );
    }

    #[test]
    fn null_is_as_good_as_nothing_and_what_nobody_asked_for_does_not_matter() {
        let mut read = fields(json!({"name": null, "flag": true, "at": 1500, "map": {"a": "b"}, "odd": [null]}));
        assert_eq!((read.has("name"), read.text("name"), read.flag("flag")), (true, None, Some(true)));
        assert_eq!(read.moment("at"), Some(1));
        assert_eq!(read.map("map"), Some(BTreeMap::from([("a".to_owned(), "b".to_owned())])));
        assert!(read.done().is_ok());
    }
}
