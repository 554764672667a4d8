//! What is a registered client told about itself? (RFC 7591 §3.2.1, RFC 7592 §3, R19, R22, E4)

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::credentials;
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::Error;
use crate::oidc::client::Metadata;
use crate::oidc::client::record::Client;
use crate::oidc::endpoint;
use crate::oidc::tenant::Tenant;
use crate::secret::Secret;

/// A client information response: what was registered, and what the server issued. Absent members are left out, never
/// `null` and never `""`.
#[derive(Clone, Debug, Serialize)]
pub struct ClientInformation {
    /// Its identifier; `None` if nothing was registered because it was asked for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id_issued_at: Option<Seconds>,
    /// Its secret, if it has one and a copy was kept.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    pub client_secret: Option<Secret>,
    /// Seconds since 1970, 0: never; there if and only if there is a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_expires_at: Option<Seconds>,
    /// What it manages its registration with (RFC 7592).
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    pub registration_access_token: Option<Secret>,
    /// Where (RFC 7592): absolute, and never from a header of the request (s.R70).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_client_uri: Option<String>,
    /// What was registered.
    #[serde(flatten)]
    pub metadata: Metadata,
}

fn exposed<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => serializer.serialize_str(secret.expose()),
        None => serializer.serialize_none(),
    }
}

/// Where a client is managed.
pub fn client_uri(tenant: &Tenant, client_id: &str) -> String {
    format!("{}{}/{client_id}", tenant.issuer, endpoint::REGISTRATION)
}

impl ClientInformation {
    /// An answer as it was given before.
    ///
    /// # Errors
    /// `server_error` when it cannot be read.
    pub(super) fn again(mut members: Map<String, Value>) -> Result<Self, Error> {
        let mut text = |member: &str| members.remove(member).and_then(|value| value.as_str().map(str::to_owned));
        let (client_id, client_secret) = (text("client_id"), text("client_secret"));
        let (token, uri) = (text("registration_access_token"), text("registration_client_uri"));
        let mut number = |member: &str| members.remove(member).and_then(|value| value.as_i64());
        Ok(Self {
            client_id,
            client_id_issued_at: number("client_id_issued_at"),
            client_secret: client_secret.map(Secret::new),
            client_secret_expires_at: number("client_secret_expires_at"),
            registration_access_token: token.map(Secret::new),
            registration_client_uri: uri,
            metadata: serde_json::from_value(Value::Object(members)).map_err(Error::internal)?,
        })
    }

    /// What would be registered: no identifier, no credential.
    pub(super) fn dry(metadata: Metadata) -> Self {
        Self {
            client_id: None,
            client_id_issued_at: None,
            client_secret: None,
            client_secret_expires_at: None,
            registration_access_token: None,
            registration_client_uri: None,
            metadata,
        }
    }

    /// What is stored of `client`, for a caller that manages it with `registration_token`, if it has one.
    pub(super) fn of(app: &App, tenant: &Tenant, client: &Client, registration_token: Option<Secret>) -> Self {
        let row = credentials::newest_secret(app, client);
        Self {
            client_id: Some(client.row.client_id.clone()),
            client_id_issued_at: Some(client.row.issued_at),
            client_secret: row.and_then(|row| credentials::reveal(app, row)),
            client_secret_expires_at: row.map(|row| row.expires_at),
            registration_access_token: registration_token,
            registration_client_uri: Some(client_uri(tenant, client.client_id())),
            metadata: client.metadata.clone(),
        }
    }
}
