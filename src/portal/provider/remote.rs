//! What is remembered of a client that lives at a provider: where and with which token it is managed, and what was answered.

use entity::client::{ClientKind, Model};
use entity::client_secret;
use entity::id::ClientKey;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::app::App;
use crate::oidc::registration::credentials::secret_row;
use crate::portal::Error;
use crate::secret::{Purpose, Secret};

/// Whether a client lives at a provider elsewhere.
pub fn is_elsewhere(row: &Model) -> bool {
    row.kind == ClientKind::External && row.provider_id.is_some()
}

/// Where a client is managed (RFC 7592 §3).
#[derive(Clone)]
pub(super) struct Managed {
    pub uri: Option<String>,
    pub token: Option<Secret>,
    /// The last answer as a whole, without `null`s: the next update begins with it (portal.md G43).
    pub answer: Map<String, Value>,
}

/// As it is sealed.
#[derive(Serialize, Deserialize)]
struct Sealed {
    registration_client_uri: Option<String>,
    registration_access_token: Option<String>,
    #[serde(default)]
    answer: Map<String, Value>,
}

fn context(key: ClientKey) -> Vec<u8> {
    [key.0.as_bytes(), b"remote".as_slice()].concat()
}

impl Managed {
    pub fn seal(&self, app: &App, key: ClientKey) -> Result<String, Error> {
        let sealed = Sealed {
            registration_client_uri: self.uri.clone(),
            registration_access_token: self.token.as_ref().map(|token| token.expose().to_owned()),
            answer: self.answer.clone(),
        };
        let plain = Zeroizing::new(serde_json::to_vec(&sealed).map_err(Error::internal)?);
        Ok(app.sealer.seal_text(Purpose::Provider, &context(key), &plain))
    }

    /// `None`: nothing is kept, or it was sealed with another key.
    pub fn of(app: &App, row: &Model) -> Option<Self> {
        let plain = app.sealer.open_text(Purpose::Provider, &context(row.id), row.remote_sealed.as_deref()?).ok()?;
        let sealed: Sealed = serde_json::from_slice(&plain).ok()?;
        let token = sealed.registration_access_token.map(Secret::new);
        Some(Self { uri: sealed.registration_client_uri, token, answer: sealed.answer })
    }

    /// Address and token, if both were told.
    pub fn access(&self) -> Option<(&str, &Secret)> {
        self.uri.as_deref().zip(self.token.as_ref())
    }

    /// What came after it: credentials that the new answer leaves out are still those of before.
    pub fn succeeded_by(&self, mut new: Self) -> Self {
        for member in ["client_secret", "client_secret_expires_at"] {
            if let (false, Some(value)) = (new.answer.contains_key(member), self.answer.get(member)) {
                new.answer.insert(member.to_owned(), value.clone());
            }
        }
        Self { uri: new.uri.or_else(|| self.uri.clone()), token: new.token.or_else(|| self.token.clone()), ..new }
    }

    pub fn secret(&self) -> Option<Secret> {
        self.answer.get("client_secret").and_then(Value::as_str).filter(|text| !text.is_empty()).map(Secret::new)
    }
}

/// The row of a secret that a provider gave out.
pub(super) fn given(
    app: &App,
    tenant_id: entity::id::TenantId,
    key: ClientKey,
    secret: &Secret,
    expires_at: i64,
) -> client_secret::Model {
    client_secret::Model { expires_at, ..secret_row(app, tenant_id, key, secret) }
}

/// The rows of the secrets of a client elsewhere, made anew from what its provider last answered: for a client that comes
/// back with its application. None for any other client.
pub fn secret_rows(app: &App, row: &Model) -> Vec<client_secret::Model> {
    let managed = Managed::of(app, row).filter(|_| is_elsewhere(row));
    let ends = |managed: &Managed| {
        managed.answer.get("client_secret_expires_at").and_then(Value::as_i64).unwrap_or_default().max(0)
    };
    let secret = managed.and_then(|managed| Some((managed.secret()?, ends(&managed))));
    secret.map(|(secret, ends)| given(app, row.tenant_id, row.id, &secret, ends)).into_iter().collect()
}
