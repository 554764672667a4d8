//! What does a body say? Three content types become one tree (portal.md K51, C7).

pub mod form;
pub mod json;

use std::marker::PhantomData;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use poem::web::Multipart;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde_json::{Map, Value};

use super::error::Refusal;
use super::schema::describe::Documented;

/// How deep a body may nest.
const DEPTH_MAX: usize = 16;
/// How many members and elements a body may have.
const MEMBERS_MAX: usize = 1000;

/// Where a tree was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From a form, which knows only text: a schema may take `"true"` for `true`.
    Form,
    /// From JSON, which says what it means.
    Json,
}

/// The members of a body.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// By name.
    pub members: Map<String, Value>,
    /// Where they were read from.
    pub origin: Origin,
}

impl Tree {
    /// The text of a member at the top.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)?.as_str()
    }
}

/// Why a body is no tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// It is not one JSON object, or names a member twice.
    Json,
    /// It has more members than any entity needs.
    TooMany,
    /// It nests deeper than any entity does.
    TooDeep,
    /// It is not text.
    NotText,
    /// It is not `multipart/form-data`, whatever it says.
    Multipart,
    /// It gives this field as a value and as a table, or as two kinds of table.
    Ambiguous(String),
}

impl Malformed {
    /// What the caller is told.
    pub fn message(&self) -> String {
        match self {
            Self::Json => "Cannot parse JSON body".to_owned(),
            Self::TooMany => "Too many arguments".to_owned(),
            Self::TooDeep => "Arguments are nested too deeply".to_owned(),
            Self::NotText => "Cannot parse form body: it is not percent-encoded UTF-8".to_owned(),
            Self::Multipart => "Cannot parse multipart body".to_owned(),
            Self::Ambiguous(name) => format!("Cannot parse form body: '{name}' is given in two ways"),
        }
    }
}

/// The body of a request, as a form, as `multipart/form-data` or as JSON; documented by `D`.
#[derive(Debug)]
pub struct KongBody<D> {
    /// What it says.
    pub tree: Tree,
    document: PhantomData<fn() -> D>,
}

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";
const JSON: &str = "application/json";

impl<'a, D: Documented> ApiExtractor<'a> for KongBody<D> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        D::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content =
            [FORM, MULTIPART, JSON].map(|content_type| MetaMediaType { content_type, schema: D::reference() });
        let description = "A form names nested fields with dots: `config.display_name=Billing`; lists as \
                           `config.scopes[]=read`. An empty value means `null`.";
        Some(MetaRequest { description: Some(description), content: content.into(), required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> poem::Result<Self> {
        let tree = read(request, body).await?;
        Ok(Self { tree, document: PhantomData })
    }
}

/// Reads a body of any of the three types.
///
/// # Errors
/// 415, or 400 for what cannot be read.
pub(super) async fn read(request: &Request, body: &mut RequestBody) -> Result<Tree, Refusal> {
    let mut types = request.headers().get_all(CONTENT_TYPE).iter();
    let said = match (types.next(), types.next()) {
        (None, _) => None,
        (Some(one), None) => Some(one.to_str().unwrap_or_default()),
        (Some(_), Some(_)) => return Err(Refusal::bad_request("Multiple Content-Type headers not allowed")),
    };
    let kind = said.map(|said| said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    if kind.as_deref() == Some(MULTIPART) {
        return Ok(form::tree(parts(request, body).await?)?);
    }
    let unreadable = |_| Refusal::bad_request("Cannot read body");
    let bytes = <Bytes as FromRequest>::from_request(request, body).await.map_err(unreadable)?;
    match kind.as_deref() {
        Some(FORM) => Ok(form::tree(form::pairs(&bytes)?)?),
        Some(JSON) => Ok(json::tree(&bytes)?),
        None if bytes.is_empty() => Ok(Tree { members: Map::new(), origin: Origin::Json }),
        _ => Err(Refusal::unsupported_media_type()),
    }
}

async fn parts(request: &Request, body: &mut RequestBody) -> Result<Vec<(String, String)>, Malformed> {
    let unreadable = |_| Malformed::Multipart;
    let mut multipart =
        <Multipart as FromRequest>::from_request(request, body).await.map_err(|_| Malformed::Multipart)?;
    let mut pairs = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(unreadable)? {
        let name = field.name().map(str::to_owned).ok_or(Malformed::Multipart)?;
        if pairs.len() == MEMBERS_MAX {
            return Err(Malformed::TooMany);
        }
        pairs.push((name, field.text().await.map_err(unreadable)?));
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use serde_json::json;

    use super::*;

    async fn sent(content_type: Option<&str>, body: &str) -> Result<(Value, Origin), (u16, Value)> {
        let mut request = Request::builder();
        if let Some(content_type) = content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let (request, mut body) = request.body(body.to_owned()).split();
        let read = read(&request, &mut body).await;
        read.map(|tree| (Value::Object(tree.members), tree.origin))
            .map_err(|refusal| (refusal.status(), refusal.body()))
    }

    #[tokio::test]
    async fn three_content_types_say_the_same() {
        // K51, C7: the seed's first example, three ways.
        let wanted = json!({"name": "application-registration",
            "config": {"display_name": "my_service_display_name", "enable_client_credentials": "true"}});
        let form = "name=application-registration&config.display_name=my_service_display_name\
                    &config.enable_client_credentials=true";
        assert_eq!(sent(Some(FORM), form).await, Ok((wanted.clone(), Origin::Form)));
        let typed = Some("Application/X-WWW-Form-Urlencoded; charset=utf-8");
        assert_eq!(sent(typed, form).await, Ok((wanted.clone(), Origin::Form)));
        let multipart = form.split('&').map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        });
        let multipart = multipart.collect::<String>() + "--x--\r\n";
        let typed = Some("multipart/form-data; boundary=x");
        assert_eq!(sent(typed, &multipart).await, Ok((wanted.clone(), Origin::Form)));
        assert_eq!(sent(Some(JSON), &wanted.to_string()).await, Ok((wanted, Origin::Json)));
    }

    #[tokio::test]
    async fn other_content_types_are_refused() {
        // K44
        for (content_type, body) in [(Some("text/plain"), "a=b"), (Some("text/plain"), ""), (None, "a=b")] {
            let refused = sent(content_type, body).await;
            assert_eq!(refused, Err((415, json!({"message": "Unsupported media type"}))), "{content_type:?}");
        }
        assert_eq!(sent(None, "").await, Ok((json!({}), Origin::Json)));
    }

    #[tokio::test]
    async fn bodies_that_cannot_be_read_are_refused() {
        // K44
        for (content_type, body, message) in [
            (JSON, "{", "Cannot parse JSON body"),
            (JSON, "", "Cannot parse JSON body"),
            (JSON, "[1]", "Cannot parse JSON body"),
            (FORM, "a=%ff", "Cannot parse form body: it is not percent-encoded UTF-8"),
            (FORM, "a=1&a.b=2", "Cannot parse form body: 'a' is given in two ways"),
            ("multipart/form-data", "a=b", "Cannot parse multipart body"),
            ("multipart/form-data; boundary=x", "--x\r\nContent-", "Cannot parse multipart body"),
        ] {
            let refused = sent(Some(content_type), body).await;
            assert_eq!(refused, Err((400, json!({"message": message}))), "{content_type} {body}");
        }
    }
}
