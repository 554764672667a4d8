//! May this caller know about this token, and what is there to know? (RFC 7662)

use entity::word::Words;
use serde::Serialize;

use super::client::authenticate::Authenticated;
use super::client::standing;
use super::tenant::Tenant;
use super::token::access::{self, AccessToken};
use super::token::claims::Audience;
use super::token::family;
use super::token::provision::person::username;
use super::token::refresh_token::RefreshToken;
use super::{Code, Error};
use crate::app::App;
use crate::clock::Seconds;
use crate::secret::Secret;

/// What is said about a token (RFC 7662 §2.2). About one that is not good, or none of the caller's business, nothing
/// but that it is not active.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Introspection {
    /// Whether the token is good.
    pub active: bool,
    /// The client it was issued to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// `Bearer`; absent for a refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// What was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Words>,
    /// The person as the client sees them, or the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    /// How the person signs in, or what the holder of a provision key calls them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Whom it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<Audience>,
    /// Who issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// Begins, seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<Seconds>,
    /// Ends, seconds since 1970; absent for one that never does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<Seconds>,
    /// Its identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// When the person signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<Seconds>,
    /// How well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
}

/// The right to introspect every token of the tenant.
pub const RIGHT_ANY: &str = "introspect:any";
/// The right to introspect the tokens of one audience starts with this.
pub const RIGHT_OF_AUDIENCE: &str = "introspect:";

/// Says what there is to know about `token`. A hint where to look first is not needed: kinds tell themselves apart.
///
/// # Errors
/// `invalid_client` for a caller that proved nothing (s.I4), and when the database cannot be asked.
pub async fn introspect(
    app: &App,
    tenant: &Tenant,
    caller: &Authenticated,
    token: &Secret,
) -> Result<Introspection, Error> {
    if !caller.is_confidential() {
        return Err(Error::new(Code::InvalidClient, "only a client that authenticates may introspect"));
    }
    if let Some(refresh) = RefreshToken::open(app, tenant, token) {
        return introspect_refresh_token(app, tenant, caller, refresh).await;
    }
    let found = access::find(app, tenant, token.expose()).await?;
    Ok(found.filter(|found| may_know(caller, found)).map(|found| describe(tenant, found)).unwrap_or_default())
}

/// A client may know about its own tokens, a resource server about those for it (I12).
fn may_know(caller: &Authenticated, token: &AccessToken) -> bool {
    let rights = &caller.client.row.rights;
    let for_caller =
        |audience: &str| rights.iter().any(|right| right.strip_prefix(RIGHT_OF_AUDIENCE) == Some(audience));
    caller.client.row.id == token.client.row.id || rights.contains(RIGHT_ANY) || token.audience.iter().any(for_caller)
}

fn describe(tenant: &Tenant, token: AccessToken) -> Introspection {
    let authentication = token.authentication.unwrap_or_default();
    Introspection {
        active: true,
        client_id: Some(token.client.client_id().to_owned()),
        token_type: Some("Bearer"),
        scope: Some(token.scopes).filter(|scopes| !scopes.is_empty()),
        sub: Some(token.sub),
        auth_time: token.user.as_ref().map(|_| authentication.auth_time),
        acr: authentication.acr,
        username: token.user.and_then(|user| username(&user)),
        aud: Some(Audience::new(&token.audience)),
        iss: Some(tenant.issuer.clone()),
        iat: Some(token.issued_at),
        exp: token.expires_at,
        jti: Some(token.jti),
    }
}

/// A refresh token is nobody's business but its client's (I11).
async fn introspect_refresh_token(
    app: &App,
    tenant: &Tenant,
    caller: &Authenticated,
    token: RefreshToken,
) -> Result<Introspection, Error> {
    let Some(family) = family::load(app, tenant, token.family_id).await? else { return Ok(Introspection::default()) };
    let now = app.clock.now();
    let ends = family.idle_at.min(family.expires_at);
    let standing = standing::of(app, &caller.client).await?;
    let live = standing.barred.is_none()
        && family.client_key == caller.client.row.id
        && family.refreshable
        && family.revoked_at.is_none()
        && family.generation == i64::from(token.generation)
        && ends > now;
    let user = super::user::find(app, tenant, family.user_id).await?;
    let Some(user) = user.filter(|_| live) else { return Ok(Introspection::default()) };
    Ok(Introspection {
        active: true,
        client_id: Some(caller.client.client_id().to_owned()),
        scope: Some(family.scopes).filter(|scopes| !scopes.is_empty()),
        sub: Some(super::token::subject::of(app, tenant, &caller.client, family.user_id)),
        username: username(&user),
        iss: Some(tenant.issuer.clone()),
        iat: Some(family.rotated_at),
        exp: Some(ends).filter(|ends| *ends < family::NEVER),
        ..Introspection::default()
    })
}
