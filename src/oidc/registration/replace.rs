//! How does a client change its registration? PUT and PATCH (RFC 7592 §2.2, RFC 7396, R18, R19)

use serde_json::{Map, Value};

use super::admission::Caller;
use super::body::Body;
use super::change::{Change, Secrets};
use super::credentials::{new_secret, newest_secret, reveal};
use super::information::{ClientInformation, client_uri};
use super::judge::{judge_as, judge_patch};
use super::manage::{Managed, authorise};
use super::register::with_template;
use super::template::without_echo;
use super::update::{Current, check_patch, check_replacement};
use super::validate::Kin;
use crate::app::App;
use crate::oidc::Error;
use crate::oidc::client::SecretNeed;
use crate::oidc::event::Kind;
use crate::oidc::tenant::Tenant;

/// How much of a registration an update names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it: what is left out is removed (PUT, RFC 7592 §2.2).
    Whole,
    /// What changes (PATCH, RFC 7396).
    Part,
}

/// Changes a registration. The result is judged like any registration, under the profile and policy the client was made
/// under (S1, s.M8, s.M9). Identifier, date and secret stay; a secret comes or goes if the authentication method now
/// needs one, or no longer does.
///
/// # Errors
/// `invalid_token`, `insufficient_scope` and 429 for a caller that may not; what a registration is refused for;
/// `invalid_client_metadata` for members that only the server may choose (R18); `conflict` if another change came first.
pub async fn update(
    app: &App,
    tenant: &Tenant,
    caller: Caller<'_>,
    client_id: &str,
    body: Body<'_>,
    extent: Extent,
) -> Result<ClientInformation, Error> {
    let managed = authorise(app, tenant, caller, client_id).await?;
    let client = &managed.client;
    let sent = body.members(client.profile, app.config.registration.json_depth_max)?;
    let sent = checked(app, tenant, &managed, sent, extent)?;
    let settings = &tenant.settings.registration;
    let policy = client.policy.clone().with_scopes_of(settings).with_places_of(settings).with_grants_of(client.profile);
    let template = client.following.as_ref().map(|following| &*following.template);
    let metadata = match extent {
        Extent::Whole => {
            let kin = Kin::following(template.map(|template| &template.metadata));
            judge_as(app, tenant, &sent, client.profile, policy, kin).await?
        }
        Extent::Part => judge_patch(app, tenant, client, &sent, policy).await?,
    };
    let kept = newest_secret(app, client);
    let (secrets, secret, expires_at) = match (metadata.secret_need(), kept) {
        (SecretNeed::Issue, Some(row)) => (Secrets::Keep, reveal(app, row), Some(row.expires_at)),
        (SecretNeed::Issue, None) => {
            let (value, row) = new_secret(app, tenant.id, client.row.id);
            let expires_at = row.expires_at;
            (Secrets::Replace(row), Some(value), Some(expires_at))
        }
        (SecretNeed::Withhold, _) if client.secrets.is_empty() => (Secrets::Keep, None, None),
        (SecretNeed::Withhold, _) => (Secrets::Withdraw, None, None),
    };
    let (change, token) =
        Change::prepare(app, tenant, caller, &managed, Kind::ClientUpdated, Some(&metadata), secrets)?;
    change.store(app, tenant, &managed).await?;
    Ok(ClientInformation {
        client_id: Some(client.row.client_id.clone()),
        client_id_issued_at: Some(client.row.issued_at),
        client_secret: secret,
        client_secret_expires_at: expires_at,
        registration_access_token: token,
        registration_client_uri: Some(client_uri(tenant, client_id)),
        metadata: with_template(metadata, client.profile, template),
    })
}

/// The members that were sent, if none is the server's to choose; without what a template says and the client only
/// repeats.
fn checked(
    app: &App,
    tenant: &Tenant,
    managed: &Managed,
    sent: Map<String, Value>,
    extent: Extent,
) -> Result<Map<String, Value>, Error> {
    let client = &managed.client;
    let now = app.clock.now();
    let secret_hashes: Vec<&str> = client.live_secrets(now).map(|secret| secret.hash.as_str()).collect();
    let shown = managed.token().map(crate::secret::Secret::hash);
    let uri = client_uri(tenant, client.client_id());
    let current = Current {
        client_id: client.client_id(),
        secret_hashes: &secret_hashes,
        access_token_hash: shown.as_ref().map_or("", crate::secret::Hash::as_str),
        registration_client_uri: &uri,
        issued_at: client.row.issued_at,
        secret_expires_at: newest_secret(app, client).map(|secret| secret.expires_at),
    };
    match extent {
        Extent::Whole => check_replacement(&sent, &current, client.profile)?,
        Extent::Part => check_patch(&sent, &current, client.profile)?,
    }
    Ok(without_echo(client, sent))
}
