//! What does a registered client get to prove who it is? Its secret, and its registration access token.

use entity::client_secret;
use entity::id::{ClientKey, ClientSecretId, TenantId};

use crate::app::App;
use crate::oidc::client::record::Client;
use crate::secret::{self, Purpose, Secret};

/// How registration access tokens begin (RFC 7592 §3).
pub const REGISTRATION_TOKEN_PREFIX: &str = "rat_";
/// How initial access tokens begin (RFC 7591 §3).
pub const INITIAL_TOKEN_PREFIX: &str = "iat_";

/// Characters of a `client_id`.
const CLIENT_ID_LENGTH: usize = 32;
/// Characters of a `client_secret`: 380 random bits (s.R63).
const CLIENT_SECRET_LENGTH: usize = 64;

/// A fresh `client_id`: nothing in it needs encoding anywhere.
pub fn new_client_id() -> String {
    secret::alphanumeric(CLIENT_ID_LENGTH)
}

/// A fresh registration access token.
pub fn new_registration_token() -> Secret {
    Secret::token(REGISTRATION_TOKEN_PREFIX)
}

/// The last characters of a secret: what people tell secrets apart by.
pub(super) fn hint(secret: &Secret) -> String {
    let value = secret.expose();
    value.get(value.len().saturating_sub(4)..).unwrap_or_default().to_owned()
}

/// A fresh secret of a client, and its row.
pub fn new_secret(app: &App, tenant_id: TenantId, client_key: ClientKey) -> (Secret, client_secret::Model) {
    let value = Secret::alphanumeric(CLIENT_SECRET_LENGTH);
    let row = secret_row(app, tenant_id, client_key, &value);
    (value, row)
}

/// The row of a secret: the hash it is checked by, and a sealed copy, because update and renewal answers repeat it (R19,
/// D-4). It does not end.
pub fn secret_row(app: &App, tenant_id: TenantId, client_key: ClientKey, value: &Secret) -> client_secret::Model {
    let id = ClientSecretId(secret::new_id());
    client_secret::Model {
        id,
        tenant_id,
        client_key,
        name: None,
        hash: value.hash().into(),
        value_sealed: Some(app.sealer.seal_text(Purpose::ClientSecret, id.0.as_bytes(), value.expose().as_bytes())),
        hint: hint(value),
        expires_at: 0,
        created_at: app.clock.now(),
    }
}

/// The secret of a row, if a copy was kept and this server's key opens it.
pub fn reveal(app: &App, row: &client_secret::Model) -> Option<Secret> {
    let sealed = row.value_sealed.as_deref()?;
    let plain = app.sealer.open_text(Purpose::ClientSecret, row.id.0.as_bytes(), sealed).ok()?;
    std::str::from_utf8(&plain).ok().map(Secret::new)
}

/// The secret a client should use: the newest of those that are valid.
pub(crate) fn newest_secret<'c>(app: &App, client: &'c Client) -> Option<&'c client_secret::Model> {
    client.live_secrets(app.clock.now()).max_by_key(|secret| (secret.created_at, secret.id))
}
