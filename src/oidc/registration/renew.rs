//! How does a client get a new secret? (registration.md §1, portal.md G16)

use super::admission::Caller;
use super::change::{Change, Secrets};
use super::credentials::new_secret;
use super::information::{ClientInformation, client_uri};
use super::manage::{Managed, authorise};
use crate::app::App;
use crate::oidc::client::SecretNeed;
use crate::oidc::event::Kind;
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};

/// Replaces the secret of a client: the old one is refused from now on. The answer is the whole registration.
///
/// # Errors
/// As an update; `invalid_request` for a client that has no secret.
pub async fn renew_secret(
    app: &App,
    tenant: &Tenant,
    caller: Caller<'_>,
    client_id: &str,
) -> Result<ClientInformation, Error> {
    let managed = authorise(app, tenant, caller, client_id).await?;
    renewed(app, tenant, caller, &managed).await
}

/// Replaces the secret of a client that the caller manages.
///
/// # Errors
/// As [`renew_secret`].
pub(super) async fn renewed(
    app: &App,
    tenant: &Tenant,
    caller: Caller<'_>,
    managed: &Managed,
) -> Result<ClientInformation, Error> {
    let client = &managed.client;
    if client.metadata.secret_need() == SecretNeed::Withhold {
        let why = format!("a client with the authentication method {} has no secret", client.metadata.auth_method());
        return Err(Error::new(Code::InvalidRequest, why));
    }
    let (secret, row) = new_secret(app, tenant.id, client.row.id);
    let expires_at = row.expires_at;
    let secrets = Secrets::Replace(row);
    let (change, token) = Change::prepare(app, tenant, caller, managed, Kind::ClientSecretRenewed, None, secrets)?;
    change.store(app, tenant, managed).await?;
    Ok(ClientInformation {
        client_id: Some(client.row.client_id.clone()),
        client_id_issued_at: Some(client.row.issued_at),
        client_secret: Some(secret),
        client_secret_expires_at: Some(expires_at),
        registration_access_token: token,
        registration_client_uri: Some(client_uri(tenant, client.client_id())),
        metadata: client.metadata.clone(),
    })
}
