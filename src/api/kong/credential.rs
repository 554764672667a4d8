//! What does a body say about a credential, which is a client, and how is one shown? (portal.md K72)

use serde_json::{Value, json};

use super::developer::{checked, documented};
use super::schema::describe::Documented;
use super::schema::{Extent, Field, Kind, Preset, Rule};
use super::{Refusal, Tree};
use crate::oidc::client::record::Client;
use crate::portal::client::{Given, New};
use crate::secret::Secret;

const URI: Field = Field::element(Kind::Text, &[Rule::LengthMax(2048)]);
const FIELDS: [Field; 6] = [
    Field::optional("name", Kind::Text, "Its name; that of the application if none is given."),
    Field::optional("client_id", Kind::Text, "The identifier; generated if none is given."),
    Field::optional("client_secret", Kind::Text, "The secret; generated if none is given."),
    Field::optional(
        "redirect_uris",
        Kind::Set(&URI),
        "Where users come back to; as the application's if none is given.",
    ),
    Field::optional("client_type", Kind::Text, "How it proves itself.").with(&[Rule::OneOf(&["confidential"])]),
    Field::optional(
        "hash_secret",
        Kind::Boolean,
        "Not available: whether secrets can be read again is the tenant's setting.",
    )
    .or(Preset::Boolean(false))
    .with(&[Rule::False]),
];

documented! {
    /// The body that adds a credential.
    CredentialBody = "KongOAuth2CredentialBody", "A credential to add.", &FIELDS, Whole;
    /// A credential as it is shown.
    CredentialEntity = "KongOAuth2Credential", "A credential.", &FIELDS, Part;
}

/// Reads the body of `POST`.
///
/// # Errors
/// Code 2 with all that is wrong.
pub fn new(tree: Tree) -> Result<New, Refusal> {
    let mut checked = checked(&FIELDS, tree, Extent::Whole)?;
    Ok(New {
        name: checked.text("name").given(),
        redirect_uris: checked.words("redirect_uris").given(),
        given: Given {
            client_id: checked.text("client_id").given(),
            secret: checked.text("client_secret").given().map(Secret::from),
        },
        ..New::default()
    })
}

/// A credential as it is shown; `secret` for those who may see it, where it can be read again.
pub fn shown(client: &Client, secret: Option<&Secret>) -> Value {
    let metadata = &client.metadata;
    let kind = if metadata.auth_method().uses_secret() { "confidential" } else { "public" };
    json!({
        "client_id": client.client_id(),
        "client_secret": secret.map(Secret::expose),
        "client_type": kind,
        "consumer": client.row.application_id.map(|id| json!({"id": id})),
        "created_at": client.row.issued_at,
        "hash_secret": false,
        "id": client.row.id,
        "name": client.row.name,
        "redirect_uris": metadata.redirect_uris(),
    })
}
