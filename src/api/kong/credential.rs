//! What does a body say about a credential, which is a client, and how is one shown? (portal.md K72)

use serde_json::{Value, json};

use super::Tree;
use super::developer::documented;
use super::schema::describe::Documented;
use super::schema::{Complaints, Extent, Field, Kind, Preset, Rule, read};
use crate::oidc::client::record::Client;
use crate::portal::client::secret::is_hash_only;
use crate::portal::client::{Copies, Given, New};
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
    Field::optional("hash_secret", Kind::Boolean, "Keep nothing but the hash of the secret: it is told this once.")
        .or(Preset::Boolean(false)),
];

documented! {
    /// The body that adds a credential.
    CredentialBody = "KongOAuth2CredentialBody", "A credential to add.", &FIELDS, Whole;
    /// A credential as it is shown.
    CredentialEntity = "KongOAuth2Credential", "A credential.", &FIELDS, Part;
}

/// What the body of `POST` says, whether the secret can be read again, and what its schema complains about.
pub fn new(tree: Tree) -> (New, Copies, Complaints) {
    let (mut checked, complaints) = read(&FIELDS, tree, Extent::Whole);
    let is_hashed = checked.boolean("hash_secret").given().unwrap_or_default();
    let copies = if is_hashed { Copies::HashOnly } else { Copies::Kept };
    let new = New {
        name: checked.text("name").given(),
        redirect_uris: checked.words("redirect_uris").given(),
        given: Given {
            client_id: checked.text("client_id").given(),
            secret: checked.text("client_secret").given().map(Secret::from),
        },
        ..New::default()
    };
    (new, copies, complaints)
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
        "hash_secret": is_hash_only(client),
        "id": client.row.id,
        "name": client.row.name,
        "redirect_uris": metadata.redirect_uris(),
    })
}
