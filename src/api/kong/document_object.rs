//! What does a body say about a document object, and how is one shown? (portal.md K75)

use entity::id::{DocumentId, ServiceId};
use serde_json::{Value, json};

use super::developer::{checked, documented};
use super::plugin::ServiceKey;
use super::schema::describe::Documented;
use super::schema::{Extent, Field, Kind, Rule};
use super::{Refusal, Tree};

const PATH: Field =
    Field::required("path", Kind::Text, "Where the document stands in the portal, e.g. `specs/x.yaml`.")
        .with(&[Rule::LengthMax(255)]);
const CONTENTS: Field =
    Field::optional("contents", Kind::Text, "The text of a document that is not in the portal yet.");
const ANYWHERE: [Field; 3] =
    [PATH, CONTENTS, Field::required("service", Kind::Reference("services"), "The service it tells of.")];
const ON_SERVICE: [Field; 3] =
    [PATH, CONTENTS, Field::optional("service", Kind::Reference("services"), "The service it tells of.")];

documented! {
    /// The body that links a document to the service it names.
    DocumentBody = "KongDocumentObjectBody", "A document for a service.", &ANYWHERE, Whole;
    /// The body that links a document to the service of the path.
    DocumentOfServiceBody = "KongDocumentOfServiceBody", "A document for this service.", &ON_SERVICE, Whole;
    /// A document object as it is shown.
    DocumentEntity = "KongDocumentObject", "The link between a document and a service.", &ON_SERVICE, Part;
}

/// What a body wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentFields {
    /// Where the document stands.
    pub path: String,
    /// Its text, if it is to be added.
    pub contents: Option<String>,
    /// The service.
    pub service: Option<ServiceKey>,
}

impl DocumentFields {
    /// Reads a body; `on` is the service that the path names.
    ///
    /// # Errors
    /// Code 2 with all that is wrong.
    pub fn read(tree: Tree, on: Option<ServiceKey>) -> Result<Self, Refusal> {
        let fields = if on.is_some() { &ON_SERVICE } else { &ANYWHERE };
        let mut checked = checked(fields, tree, Extent::Whole)?;
        let mut service = checked.record("service");
        let id = service.text("id").given().and_then(|id| uuid::Uuid::try_parse(&id).ok());
        let named = id.map(ServiceKey::Id).or_else(|| service.text("name").given().map(ServiceKey::Name));
        Ok(Self {
            path: checked.text("path").given().unwrap_or_default(),
            contents: checked.text("contents").given(),
            service: on.or(named),
        })
    }
}

/// A document object as it is shown.
pub fn shown(id: DocumentId, service: Option<ServiceId>, path: &str, created_at: i64) -> Value {
    json!({"created_at": created_at, "id": id, "path": path, "service": service.map(|id| json!({"id": id}))})
}
