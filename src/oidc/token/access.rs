//! Is this access token good, and what is it good for? Asked by introspection, userinfo and registration.

use std::sync::Arc;

use entity::id::{ClientKey, FamilyId};
use entity::word::Words;
use entity::{revocation, token, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::claims::{AccessClaims, Authentication};
use super::family::{self, Detail};
use super::issue::ACCESS_TOKEN_PREFIX;
use super::may_issue::{self, Flow, Out};
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::authorization::claims::ClaimsRequest;
use crate::oidc::client::record::{self, Client};
use crate::oidc::client::standing;
use crate::oidc::keys::{Kind, jwt};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Error, service, user as users};
use crate::secret;

/// An access token that is good at this moment.
#[derive(Clone, Debug)]
pub struct AccessToken {
    /// Its identifier.
    pub jti: String,
    /// The client it was issued to.
    pub client: Arc<Client>,
    /// The person behind it.
    pub user: Option<Arc<user::Model>>,
    /// The person as this client sees them, or the client itself.
    pub sub: String,
    /// What was granted.
    pub scopes: Words,
    /// Whom it is for.
    pub audience: Words,
    /// Begins, seconds since 1970.
    pub issued_at: Seconds,
    /// Ends, seconds since 1970; `None`: never.
    pub expires_at: Option<Seconds>,
    /// How and when the person signed in.
    pub authentication: Option<Authentication>,
    /// The claims that were asked for one by one.
    pub claims: ClaimsRequest,
    /// The family it belongs to.
    pub family_id: Option<FamilyId>,
}

/// How far the clocks of replicas may be apart: a token that begins later than that is not good yet.
const CLOCK_SKEW_SECONDS: Seconds = 60;

/// The JWTs whose signature was found right, by SHA-256: a signature does not change, everything else is asked anew.
#[derive(Debug)]
pub struct VerifiedTokens(moka::sync::Cache<[u8; 32], Arc<AccessClaims>>);

impl Default for VerifiedTokens {
    fn default() -> Self {
        let five_minutes = std::time::Duration::from_secs(300);
        Self(moka::sync::Cache::builder().max_capacity(10_000).time_to_live(five_minutes).build())
    }
}

impl VerifiedTokens {
    /// Drops everything: call it when a key that may have signed some of them is not trusted any more.
    pub fn forget_all(&self) {
        self.0.invalidate_all();
    }
}

/// What the claims of a JWT say, if this tenant signed it as an access token. Its times are not looked at.
pub fn verify(app: &App, tenant: &Tenant, token: &str) -> Option<Arc<AccessClaims>> {
    let digest = secret::sha256(token.as_bytes());
    if let Some(claims) = app.verified.0.get(&digest) {
        // The signature is right for ever, the key is ours only as long as it is published.
        let signed_by_us = jwt::is_known(&tenant.keys, Kind::AccessToken, token);
        return (signed_by_us && claims.iss == tenant.issuer).then_some(claims);
    }
    let claims: AccessClaims = jwt::verify(&tenant.keys, Kind::AccessToken, token)?;
    if claims.iss != tenant.issuer {
        return None;
    }
    let claims = Arc::new(claims);
    app.verified.0.insert(digest, claims.clone());
    Some(claims)
}

/// The access token `presented` is, if it is good: signed or stored by this tenant, not ended, not revoked, its client
/// and its person still there, its family alive.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(app: &App, tenant: &Tenant, presented: &str) -> Result<Option<AccessToken>, Error> {
    if presented.starts_with(ACCESS_TOKEN_PREFIX) {
        return find_opaque(app, tenant, presented).await;
    }
    let Some(claims) = verify(app, tenant, presented) else { return Ok(None) };
    let now = app.clock.now();
    if claims.exp <= now || claims.iat > now + CLOCK_SKEW_SECONDS || is_revoked(app, &claims.jti.0).await? {
        return Ok(None);
    }
    let Some(client) = record::find(app, tenant, &claims.client_id).await? else { return Ok(None) };
    let family = claims.jti.family();
    let audience = claims.aud.words();
    let Some(person) = person(app, tenant, family, client.row.id).await? else { return Ok(None) };
    let out = Out {
        audience: &audience,
        scopes: &claims.scope,
        issued_at: claims.iat,
        behind: person.kind(),
        flow: person.flow,
    };
    if claims.jti.generation() < person.live_from || !still_holds(app, tenant, &client, out).await? {
        return Ok(None);
    }
    Ok(Some(AccessToken {
        jti: claims.jti.0.clone(),
        client,
        user: person.user,
        sub: claims.sub.clone(),
        scopes: claims.scope.clone(),
        audience,
        issued_at: claims.iat,
        expires_at: Some(claims.exp),
        authentication: person.authentication,
        claims: person.claims,
        family_id: family,
    }))
}

/// The row of an opaque token of this tenant, whatever its state.
///
/// # Errors
/// When the database cannot be asked.
pub async fn opaque_row(app: &App, tenant: &Tenant, presented: &str) -> Result<Option<token::Model>, Error> {
    let hash = secret::hash(presented.as_bytes());
    let row = token::Entity::find().filter(token::Column::Hash.eq(hash.as_str())).one(app.db.pool()).await?;
    Ok(row.filter(|row| row.tenant_id == tenant.id))
}

async fn find_opaque(app: &App, tenant: &Tenant, presented: &str) -> Result<Option<AccessToken>, Error> {
    let Some(row) = opaque_row(app, tenant, presented).await? else { return Ok(None) };
    let now = app.clock.now();
    if row.revoked_at.is_some() || row.expires_at.is_some_and(|ends| ends <= now) {
        return Ok(None);
    }
    let Some(client) = record::find_by_key(app, tenant, row.client_key).await? else { return Ok(None) };
    let Some(person) = person(app, tenant, row.family_id, row.client_key).await? else { return Ok(None) };
    let out = Out {
        audience: &row.audience,
        scopes: &row.scopes,
        issued_at: row.created_at,
        behind: person.kind(),
        flow: person.flow,
    };
    if !still_holds(app, tenant, &client, out).await? {
        return Ok(None);
    }
    let sub = match row.user_id {
        Some(user_id) => super::subject::of(app, tenant, &client, user_id),
        None => client.client_id().to_owned(),
    };
    Ok(Some(AccessToken {
        jti: row.id.to_string(),
        client,
        user: person.user,
        sub,
        scopes: row.scopes,
        audience: row.audience,
        issued_at: row.created_at,
        expires_at: row.expires_at,
        authentication: person.authentication,
        claims: person.claims,
        family_id: row.family_id,
    }))
}

/// Whether what was issued would still be issued to this client: its application, its contracts and the services are
/// looked at again (portal.md I8).
async fn still_holds(app: &App, tenant: &Tenant, client: &Client, token: Out<'_>) -> Result<bool, Error> {
    let standing = standing::of(app, client).await?;
    let services = service::all(app, tenant).await?;
    Ok(may_issue::still_holds(tenant, &standing, client, &services, token, app.clock.now()))
}

/// Who is behind a token; nobody behind one without a family.
struct Behind {
    user: Option<Arc<user::Model>>,
    authentication: Option<Authentication>,
    claims: ClaimsRequest,
    flow: Option<Flow>,
    live_from: u32,
}

impl Behind {
    fn nobody() -> Self {
        let flow = Some(Flow::ClientCredentials);
        Self { user: None, authentication: None, claims: ClaimsRequest::default(), flow, live_from: 0 }
    }

    fn kind(&self) -> may_issue::Behind {
        if self.user.is_some() { may_issue::Behind::Person } else { may_issue::Behind::Client }
    }
}

/// `None`: the family has ended, or its person is gone.
async fn person(
    app: &App,
    tenant: &Tenant,
    family: Option<FamilyId>,
    client: ClientKey,
) -> Result<Option<Behind>, Error> {
    let Some(family) = family else { return Ok(Some(Behind::nobody())) };
    let Some(family) = family::find(app, tenant, family).await? else { return Ok(None) };
    if family.revoked_at.is_some() || family.client_key != client {
        return Ok(None);
    }
    let Some(user) = users::find(app, tenant, family.user_id).await? else { return Ok(None) };
    let detail: Detail = serde_json::from_value(family.detail.clone()).map_err(Error::internal)?;
    Ok(Some(Behind {
        user: Some(user),
        authentication: Some(detail.authentication),
        claims: detail.claims,
        flow: detail.flow,
        live_from: detail.live_from,
    }))
}

async fn is_revoked(app: &App, jti: &str) -> Result<bool, Error> {
    let revoked = app
        .revocations
        .get(jti.to_owned(), async |jti| {
            let row = revocation::Entity::find_by_id(jti.clone()).one(app.db.pool()).await?;
            Ok::<_, Error>(Some(row.is_some()))
        })
        .await?;
    Ok(revoked.unwrap_or_default())
}
