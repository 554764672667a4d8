//! Which services are there, and what are they? The catalog (U11), a service (U12) and its documents.

use super::{Forms, Frame, Layout, page};
use crate::web::shown::Shown;
use crate::web::text::Sentence;

/// The services as tiles. Its form asks for `search` by GET.
#[derive(Clone, Debug)]
pub struct CatalogPage {
    /// The way around.
    pub frame: Frame,
    /// Where the search goes.
    pub action: String,
    /// What was searched for; may be empty.
    pub search: String,
    /// The services.
    pub tiles: Vec<Tile>,
    /// How many there are in all.
    pub total: u64,
    /// The address of the page before this.
    pub previous: Option<String>,
    /// The address of the next.
    pub next: Option<String>,
}

/// A service in the catalog.
#[derive(Clone, Debug)]
pub struct Tile {
    /// Its page.
    pub address: String,
    /// Its name.
    pub title: Shown,
    /// What it is; may be empty.
    pub description: Shown,
    /// Applications can be registered for it.
    pub is_registrable: bool,
}

page!(CatalogPage, "portal/catalog.html", Forms::Stay);

impl CatalogPage {
    fn heading(&self, l: &Layout) -> Sentence {
        l.say("heading-catalog")
    }

    fn count(&self, l: &Layout) -> Sentence {
        l.say("catalog-count").number("count", i64::try_from(self.total).unwrap_or(i64::MAX))
    }

    fn nothing(&self, l: &Layout) -> Sentence {
        if self.search.is_empty() { l.say("catalog-empty") } else { l.say("catalog-nothing-found") }
    }
}

/// One service.
#[derive(Clone, Debug)]
pub struct ServicePage {
    /// The way around.
    pub frame: Frame,
    /// Its name.
    pub title: Shown,
    /// What it is, line by line.
    pub description: Vec<Shown>,
    /// What tokens for it are for.
    pub audience: Shown,
    /// Every client gets tokens, without a contract.
    pub is_open: bool,
    /// How tokens for it are asked for: the grant types that are on.
    pub flows: Vec<Flow>,
    /// What one may ask for: scope and description.
    pub scopes: Vec<(Shown, Shown)>,
    /// At least one scope must be asked for.
    pub needs_scope: bool,
    /// Seconds an access token lives; 0: for ever; `None`: as the server says.
    pub token_seconds: Option<i64>,
    /// Its documents: address and title.
    pub documents: Vec<(String, Shown)>,
    /// Where an application is registered for it; `None`: it cannot be (N6).
    pub register: Option<String>,
}

/// A way to tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// RFC 6749 §4.1.
    AuthorizationCode,
    /// RFC 6749 §4.4.
    ClientCredentials,
    /// RFC 6749 §4.2.
    Implicit,
    /// RFC 6749 §4.3.
    Password,
}

impl Flow {
    fn words(self, l: &Layout) -> Sentence {
        l.say(match self {
            Self::AuthorizationCode => "flow-authorization-code",
            Self::ClientCredentials => "flow-client-credentials",
            Self::Implicit => "flow-implicit",
            Self::Password => "flow-password",
        })
    }
}

page!(ServicePage, "portal/service.html", Forms::None);

impl ServicePage {
    fn heading(&self, l: &Layout) -> Sentence {
        l.say("heading-service").with("service", &self.title)
    }

    fn lifetime(&self, l: &Layout) -> Option<Sentence> {
        Some(match self.token_seconds? {
            0 => l.say("token-never-expires"),
            seconds => l.say("token-lifetime").number("seconds", seconds),
        })
    }
}

/// One document of a service.
#[derive(Clone, Debug)]
pub struct DocumentPage {
    /// The way around.
    pub frame: Frame,
    /// Its title.
    pub title: Shown,
    /// The service it tells of: address and name.
    pub service: (String, Shown),
    /// Where an application is registered for that service (K30).
    pub register: Option<String>,
    /// What it says.
    pub content: Content,
}

/// What a document says.
#[derive(Clone, Debug)]
pub enum Content {
    /// Operations, read from OpenAPI.
    Operations(Box<Description>),
    /// Markdown as HTML that was made here.
    Article(Article),
    /// Text as it is.
    Plain(String),
}

/// HTML that was made here from Markdown: it holds nothing but the elements of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article(String);

impl Article {
    /// Only `portal::markdown` makes one.
    pub(in crate::web) fn made(html: String) -> Self {
        Self(html)
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Article {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Article {}

/// What an OpenAPI document describes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Description {
    /// Its own title.
    pub title: Option<Shown>,
    /// The version it describes.
    pub version: Option<Shown>,
    /// What it says about the whole, line by line.
    pub about: Vec<Shown>,
    /// Where the service lives.
    pub servers: Vec<Shown>,
    /// What can be done.
    pub operations: Vec<Operation>,
    /// There are more operations than are shown.
    pub is_cut: bool,
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The method, in capitals.
    pub method: Shown,
    /// The path, with its parameters in braces.
    pub path: Shown,
    /// One line; may be empty.
    pub summary: Shown,
    /// More, line by line.
    pub about: Vec<Shown>,
    /// Not to be used any more.
    pub is_deprecated: bool,
    /// What is sent beside the body.
    pub parameters: Vec<Parameter>,
    /// What the body may be: media type and schema.
    pub bodies: Vec<(Shown, Shown)>,
    /// What may be answered: status and description.
    pub responses: Vec<(Shown, Shown)>,
}

/// One parameter of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: Shown,
    /// Where it stands: `path`, `query`, `header` or `cookie`.
    pub place: Shown,
    /// What it is, e.g. `string`.
    pub kind: Shown,
    /// Whether it must be there.
    pub is_required: bool,
    /// What it means; may be empty.
    pub about: Shown,
}

page!(DocumentPage, "portal/document.html", Forms::None);

impl DocumentPage {
    fn heading(&self, l: &Layout) -> Sentence {
        l.say("heading-document").with("document", &self.title)
    }
}
