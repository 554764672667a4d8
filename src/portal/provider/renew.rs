//! How does a client at a provider get another secret? As the provider says, outside of RFC 7592 (portal.md G16, G44).

use bytes::Bytes;
use entity::remote_call::CallKind;
use http::{HeaderMap, Method};
use serde_json::Map;

use super::answer::leads_there;
use super::discovery::Metadata;
use super::line::{As, Line, noted};
use super::refusal::{Refusal, Why};
use super::register::{Asked, intend};
use super::request;
use super::update::{Known, Updated, conclude, managed};
use crate::app::App;
use crate::oidc::client::record::Client;
use crate::oidc::tenant::Tenant;
use crate::portal::Error;
use crate::secret::Secret;

/// A secret that was renewed at a provider, and is not stored here yet.
#[derive(Clone, Debug)]
pub struct Renewed {
    /// What is to be stored.
    pub updated: Updated,
    /// The new secret.
    pub secret: Secret,
}

/// Renews the secret of a client at its provider. `None`: it lives here.
///
/// # Errors
/// `Provider`: `NoRenewal` where secrets are not renewed; else as [`super::update()`].
pub async fn renew_secret(app: &App, tenant: &Tenant, client: &Client) -> Result<Option<Renewed>, Error> {
    let Some((provider, managed)) = managed(app, tenant, &client.row).await? else { return Ok(None) };
    let there = Metadata::kept(&provider).map_err(Refusal::Discovery)?;
    let template = provider.renew_secret_endpoint.as_deref().filter(|_| provider.renew_secret);
    let method = provider.renew_secret_method.as_deref().and_then(|method| method.parse::<Method>().ok());
    let (Some(template), Some(method)) = (template, method) else { return Err(Refusal::NoRenewal.into()) };
    let address = request::filled(template, client.client_id(), &there).ok_or(Refusal::RenewSecret)?;
    if !leads_there(&address, &there, &provider.endpoints_elsewhere) {
        let member = "renew_secret_endpoint";
        return Err(Refusal::Refused(Why::Endpoint { member, origin: None }).into());
    }
    let token = managed.token.as_ref().ok_or(Refusal::NotManaged)?;
    let line = Line::open(app, &provider)?;
    let asked = Asked { body: Map::new(), name: client.row.name.clone().unwrap_or_default(), end: None };
    let call = intend(app, &provider, CallKind::Renew, Some(client.row.id), &asked).await?;
    let reply = line.ask(method, &address, Some(As::Bearer(token)), HeaderMap::new(), Bytes::new()).await;
    let answer = reply.and_then(|reply| reply.object(&[200, 201])).and_then(|answer| {
        if answer.contains_key("client_secret") { Ok(answer) } else { Err(Why::Missing("client_secret")) }
    });
    let answer = noted(app, &provider, answer).await?;
    let secret = answer.as_ref().ok().and_then(|answer| answer.get("client_secret")?.as_str()).map(Secret::new);
    let redirects = client.metadata.redirect_uris();
    let known = Known { provider: &provider, there: &there, managed: &managed, redirects };
    let updated = conclude(app, client, call, known, answer).await?;
    let secret = secret.ok_or(Refusal::Uncertain(Why::Missing("client_secret")))?;
    Ok(Some(Renewed { updated, secret }))
}
