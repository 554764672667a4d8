//! What does a body say about an application, and how is one shown? (portal.md K70)

use serde_json::{Value, json};

use super::Tree;
use super::developer::documented;
use super::plugin::fields::{CREATED_AT, UPDATED_AT};
use super::schema::describe::Documented;
use super::schema::{Complaints, Extent, Field, Kind, Rule, read};
use crate::portal::application::Application;
use crate::portal::service::check;

const NAME: Field = Field::required("name", Kind::Text, "Its name.").with(&[Rule::Passes(name)]);
const REDIRECT_URI: Field =
    Field::required("redirect_uri", Kind::Text, "Where its users come back to.").with(&[Rule::LengthMax(2048)]);
const CUSTOM_ID: Field =
    Field::optional("custom_id", Kind::Text, "What another system calls it; unique.").with(&[Rule::Passes(custom_id)]);
const DESCRIPTION: Field = Field::optional("description", Kind::Text, "What it does.").with(&[Rule::Passes(paragraph)]);
const FIELDS: [Field; 6] = [CREATED_AT, UPDATED_AT, NAME, REDIRECT_URI, CUSTOM_ID, DESCRIPTION];

documented! {
    /// The body that makes an application.
    ApplicationBody = "KongApplicationBody", "An application to make.", &FIELDS, Whole;
    /// The body that changes one.
    ApplicationPatch = "KongApplicationPatch", "What shall change of an application.", &FIELDS, Part;
    /// An application as it is shown.
    ApplicationEntity = "KongApplication", "An application.", &FIELDS, Part;
}

/// What a body says about an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationFields {
    /// Its name.
    pub name: Option<String>,
    /// Where its users come back to.
    pub redirect_uri: Option<String>,
    /// What another system calls it.
    pub custom_id: Option<Option<String>>,
    /// What it does.
    pub description: Option<Option<String>>,
}

impl ApplicationFields {
    /// What the body of `POST` says, and what its schema complains about.
    pub fn whole(tree: Tree) -> (Self, Complaints) {
        Self::read(tree, Extent::Whole)
    }

    /// What the body of `PATCH` says, and what its schema complains about.
    pub fn part(tree: Tree) -> (Self, Complaints) {
        Self::read(tree, Extent::Part)
    }

    fn read(tree: Tree, extent: Extent) -> (Self, Complaints) {
        let (mut checked, complaints) = read(&FIELDS, tree, extent);
        let said = Self {
            name: checked.text("name").given(),
            redirect_uri: checked.text("redirect_uri").given(),
            custom_id: checked.text("custom_id").patch(),
            description: checked.text("description").patch(),
        };
        (said, complaints)
    }
}

fn name(text: &str) -> Result<(), String> {
    check::line("name", text, 255).map_or(Ok(()), |wrong| Err(wrong.complaint))
}

fn custom_id(text: &str) -> Result<(), String> {
    check::line("custom_id", text, 200).map_or(Ok(()), |wrong| Err(wrong.complaint))
}

fn paragraph(text: &str) -> Result<(), String> {
    check::paragraph("description", text).map_or(Ok(()), |wrong| Err(wrong.complaint))
}

/// An application as it is shown, with the first redirect URI of its first client.
pub fn shown(application: &Application, redirect_uri: Option<&str>) -> Value {
    let row = &application.row;
    let mut out = json!({
        "consumer": {"id": row.id},
        "created_at": row.created_at,
        "developer": row.primary_owner_id.map(|id| json!({"id": id})),
        "id": row.id,
        "name": row.name,
        "redirect_uri": redirect_uri,
        "updated_at": row.updated_at,
    });
    for (name, value) in [("custom_id", &row.custom_id), ("description", &row.description)] {
        if let Some(value) = value {
            out[name] = json!(value);
        }
    }
    out
}
