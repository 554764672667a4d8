//! Is this client who it says it is? (RFC 6749 §2.3, §3.2.1)

use std::net::IpAddr;
use std::sync::Arc;

use super::capability::AuthMethod;
use super::record::{self, Client};
use crate::app::App;
use crate::oidc::registration::profile::SecretPlace;
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};
use crate::secret::{self, Secret};
use crate::telemetry::InvalidClient;

/// What a request presented to authenticate its client.
#[derive(Clone, Debug, Default)]
pub struct Presented {
    /// HTTP Basic: identifier and secret, form-decoded as RFC 6749 §2.3.1 wants, and as they were sent.
    pub basic: Option<Basic>,
    /// The parameter `client_id`.
    pub client_id: Option<String>,
    /// The parameter `client_secret`.
    pub client_secret: Option<Secret>,
    /// Where the request came from.
    pub from: Option<IpAddr>,
}

/// The credentials of an `Authorization: Basic` header.
#[derive(Clone, Debug)]
pub struct Basic {
    /// Form-decoded.
    pub decoded: (String, Secret),
    /// As sent: many clients do not encode (E6).
    pub raw: (String, Secret),
}

/// A client that proved who it is, or a public one that named itself.
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// The client.
    pub client: Arc<Client>,
    /// How it proved itself.
    pub method: AuthMethod,
}

impl Authenticated {
    /// Whether it proved itself with something only it knows.
    pub fn is_confidential(&self) -> bool {
        self.method != AuthMethod::None
    }
}

/// Finds the client of a request and checks what it presented.
///
/// An unknown client and a wrong secret are one answer, and take the same time (s.T22).
///
/// # Errors
/// `invalid_client`, `invalid_request` for two methods at once (s.T12), 429 after too many wrong secrets for a client from
/// one place (RFC 6749 §2.3.1).
pub async fn authenticate(app: &App, tenant: &Tenant, presented: &Presented) -> Result<Authenticated, Error> {
    if presented.basic.is_some() && presented.client_secret.is_some() {
        return Err(Error::new(Code::InvalidRequest, "the client authenticates twice: in the header and in the form"));
    }
    let client_id = match (&presented.basic, &presented.client_id) {
        (Some(basic), named) => {
            let same = |id: &String| *id == basic.decoded.0 || *id == basic.raw.0;
            if !named.as_ref().is_none_or(same) {
                return Err(Error::new(Code::InvalidRequest, "client_id differs from the Authorization header's"));
            }
            basic.decoded.0.as_str()
        }
        (None, Some(named)) => named.as_str(),
        (None, None) => return Err(refused(app, "no client authentication: send client_id", InvalidClient::Unknown)),
    };
    let Some(client) = record::find(app, tenant, client_id).await? else {
        // The work of a comparison, so that time does not tell who exists.
        let guess = presented.client_secret.as_ref().map_or_else(|| Secret::new("").hash(), Secret::hash);
        let _ = guess.matches("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        return Err(refused(app, "the client is unknown, or it failed to authenticate", InvalidClient::Unknown));
    };
    if let Some(from) = presented.from {
        app.limiter.may_show_secret(from, client_id)?;
    }
    match check(app, &client, presented) {
        Some(method) => Ok(Authenticated { client, method }),
        None if client.metadata.auth_method().uses_secret() => {
            if let Some(from) = presented.from {
                app.limiter.wrong_secret(from, client_id);
            }
            Err(refused(app, "the client is unknown, or it failed to authenticate", InvalidClient::Secret))
        }
        None => Err(refused(app, "the client is unknown, or it failed to authenticate", InvalidClient::Secret)),
    }
}

fn check(app: &App, client: &Client, presented: &Presented) -> Option<AuthMethod> {
    let registered = client.metadata.auth_method();
    let presented_by = match (&presented.basic, &presented.client_secret) {
        (Some(_), _) => AuthMethod::ClientSecretBasic,
        (None, Some(_)) => AuthMethod::ClientSecretPost,
        (None, None) => AuthMethod::None,
    };
    if !registered.uses_secret() {
        return public(presented, presented_by);
    }
    let allowed =
        presented_by == registered || presented_by.uses_secret() && client.profile.secret_place == SecretPlace::Either;
    let guesses = match (&presented.basic, &presented.client_secret) {
        (Some(basic), _) => vec![&basic.decoded.1, &basic.raw.1],
        (None, Some(secret)) => vec![secret],
        (None, None) => return None,
    };
    let now = app.clock.now();
    let hashes: Vec<secret::Hash> = guesses.into_iter().map(Secret::hash).collect();
    // Every pair is compared: how many there are is no secret, which one is right would be.
    let right = client
        .live_secrets(now)
        .fold(false, |right, known| hashes.iter().fold(right, |right, hash| hash.matches(&known.hash) || right));
    (right && allowed).then_some(presented_by)
}

/// A public client sends its identifier and nothing else; some send an empty secret, which is none.
fn public(presented: &Presented, by: AuthMethod) -> Option<AuthMethod> {
    let empty = match (&presented.basic, &presented.client_secret) {
        (Some(basic), _) => basic.decoded.1.expose().is_empty(),
        (None, Some(secret)) => secret.expose().is_empty(),
        (None, None) => true,
    };
    (by == AuthMethod::None || empty).then_some(AuthMethod::None)
}

fn refused(app: &App, why: &'static str, reason: InvalidClient) -> Error {
    app.metrics.invalid_client(reason);
    Error::new(Code::InvalidClient, why)
}
