//! Who asks to sign the person out, and where do they go then? (OpenID Connect RP-Initiated Logout §2, s.O1 to s.O7)

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Session;
use super::id_token_hint::{self, Hint};
use crate::app::App;
use crate::oidc::authorization::answer::with_query;
use crate::oidc::authorization::parameters::Parameters;
use crate::oidc::client::RegisteredRedirectUri;
use crate::oidc::client::record::{self, Client};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};
use crate::secret::Purpose;

/// A logout request that was checked, as it travels through the confirmation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOutRequest {
    /// Who asks, if anybody.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// Where the person goes then: registered by that client.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    redirect_uri: Option<String>,
    /// What the client wants to hear again.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    state: Option<String>,
}

/// What was asked.
#[derive(Clone, Debug)]
pub struct SignOut {
    /// The request.
    pub request: SignOutRequest,
    /// Who asks.
    pub client: Option<Arc<Client>>,
    /// The languages the person reads.
    pub ui_locales: Option<String>,
    hint: Option<Hint>,
}

/// Whether the person must be asked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// Anybody can make a browser follow a link: only a hint of this very session speaks for the person (s.O3).
    Needed,
    /// The client proved that it knows the session.
    NotNeeded,
}

impl SignOut {
    /// Whether the person who is signed in must be asked.
    pub fn confirmation(&self, session: &Session) -> Confirmation {
        let hinted = self.hint.as_ref().and_then(|hint| hint.session_id);
        if hinted == Some(session.row.id) { Confirmation::NotNeeded } else { Confirmation::Needed }
    }
}

/// Reads and checks a logout request.
///
/// # Errors
/// `invalid_request`, to be shown: for a repeated parameter, a hint that is not ours, a `client_id` that is unknown or
/// not the hint's, and a `post_logout_redirect_uri` that is not registered or comes without either (s.O1, s.O2).
pub async fn read(app: &App, tenant: &Tenant, pairs: &[(String, String)]) -> Result<SignOut, Error> {
    let parameters = Parameters::new(pairs);
    let invalid = |description: &'static str| Error::new(Code::InvalidRequest, description);
    if parameters.repeated().is_some() {
        return Err(invalid("a parameter is sent more than once"));
    }
    let state = parameters.get("state").map(str::to_owned);
    if state.as_ref().is_some_and(|state| state.chars().any(char::is_control) || state.len() > 4096) {
        return Err(invalid("state is too long or has a control character"));
    }
    let hint = match parameters.get("id_token_hint") {
        Some(token) => {
            let hint = id_token_hint::read(app, tenant, token).await?;
            Some(hint.ok_or_else(|| invalid("id_token_hint is not an ID token of this server"))?)
        }
        None => None,
    };
    let named = parameters.get("client_id");
    if let (Some(hint), Some(named)) = (&hint, named)
        && hint.client_id != named
    {
        return Err(invalid("client_id is not the client of id_token_hint"));
    }
    let client_id = hint.as_ref().map(|hint| hint.client_id.as_str()).or(named);
    let client = match client_id {
        Some(client_id) => record::find(app, tenant, client_id).await?,
        None => None,
    };
    if named.is_some() && client.is_none() {
        return Err(invalid("client_id names no client that is registered here"));
    }
    let redirect_uri = match (parameters.get("post_logout_redirect_uri"), &client) {
        (Some(asked), Some(client)) => Some(registered(client, asked)?.as_str().to_owned()),
        (Some(_), None) => {
            return Err(invalid("post_logout_redirect_uri needs id_token_hint or client_id of a registered client"));
        }
        (None, _) => None,
    };
    let request =
        SignOutRequest { client_id: client.as_ref().map(|client| client.client_id().to_owned()), redirect_uri, state };
    Ok(SignOut { request, client, ui_locales: parameters.get("ui_locales").map(str::to_owned), hint })
}

fn registered(client: &Client, asked: &str) -> Result<RegisteredRedirectUri, Error> {
    RegisteredRedirectUri::find_post_logout(&client.metadata, asked, client.profile.loopback_ports)
        .map_err(|_| Error::new(Code::InvalidRedirectUri, "post_logout_redirect_uri is not registered for this client"))
}

impl SignOutRequest {
    /// Seals it for the confirmation to carry.
    pub fn seal(&self, app: &App, tenant: &Tenant) -> String {
        let plain = serde_json::to_vec(self).unwrap_or_default();
        app.sealer.seal_text(Purpose::AuthorizationRequest, &context(tenant), &plain)
    }

    /// Opens what a confirmation brings back; `None` for what this tenant did not seal.
    pub fn open(app: &App, tenant: &Tenant, sealed: &str) -> Option<Self> {
        let plain = app.sealer.open_text(Purpose::AuthorizationRequest, &context(tenant), sealed).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    /// Where the person goes now; `None`: they stay here. The registration is looked at again.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn way_back(&self, app: &App, tenant: &Tenant) -> Result<Option<String>, Error> {
        let (Some(client_id), Some(asked)) = (&self.client_id, &self.redirect_uri) else { return Ok(None) };
        let Some(client) = record::find(app, tenant, client_id).await? else { return Ok(None) };
        let Ok(to) = registered(&client, asked) else { return Ok(None) };
        let state = self.state.iter().map(|state| ("state", state.clone())).collect::<Vec<_>>();
        Ok(Some(with_query(to.as_str(), &state)))
    }
}

fn context(tenant: &Tenant) -> Vec<u8> {
    [tenant.id.0.as_bytes().as_slice(), b"sign out"].concat()
}
