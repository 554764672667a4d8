//! How is a token made, once it may be?

use entity::id::{FamilyId, SessionId, TokenId, UserId};
use entity::service::TokenFormat;
use entity::token;
use serde_json::{Map, Value};

use super::claims::{AccessClaims, Audience, Authentication, IdClaims, TokenIdentifier};
use super::{Issued, subject};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::Rows;
use crate::oidc::Error;
use crate::oidc::client::record::Client;
use crate::oidc::keys::{IdTokenAlgorithm, Kind, jwt};
use crate::oidc::registration::credentials;
use crate::oidc::scope::OidcScope;
use crate::oidc::service::Target;
use crate::oidc::tenant::Tenant;
use crate::secret::{self, Secret};

/// How opaque access tokens begin.
pub const ACCESS_TOKEN_PREFIX: &str = "at_";

/// The person behind a token, and how they signed in.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// Who.
    pub user_id: UserId,
    /// The family the token belongs to.
    pub family_id: FamilyId,
    /// Which generation of the family the token goes with, from 0.
    pub generation: u32,
    /// The session the code came from.
    pub session_id: Option<SessionId>,
    /// How and when.
    pub authentication: &'a Authentication,
    /// What the ID token says about the person besides.
    pub claims: &'a Map<String, Value>,
}

/// An access token, and the row it needs if it is opaque: it is good once that is stored.
#[derive(Debug)]
pub struct AccessToken {
    /// The token.
    pub value: Secret,
    /// Seconds it lives; `None`: for ever.
    pub expires_in: Option<Seconds>,
    /// To be inserted.
    pub row: Option<token::Model>,
}

/// What an ID token arrives with, so that the client can tell whether it belongs together (OpenID Connect Core
/// §3.3.2.11).
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// The access token.
    pub access_token: Option<&'a Secret>,
    /// The authorization code.
    pub code: Option<&'a Secret>,
    /// The `state` of the request.
    pub state: Option<&'a str>,
}

/// Makes the tokens of an answer; a refresh token is added by the grant that has one.
///
/// # Errors
/// When a key is missing, or an opaque token cannot be stored.
pub async fn issue(
    app: &App,
    tenant: &Tenant,
    client: &Client,
    target: &Target,
    person: Option<Person<'_>>,
) -> Result<Issued, Error> {
    let access = access_token(app, tenant, client, target, person)?;
    if let Some(row) = access.row {
        app.db.insert(Rows { tokens: vec![row], ..Rows::default() }).await?;
    }
    let id_token = match person {
        Some(person) if target.scopes.contains(OidcScope::OpenId.as_str()) => {
            let beside = Beside { access_token: Some(&access.value), ..Beside::default() };
            Some(id_token(app, tenant, client, person, beside)?)
        }
        _ => None,
    };
    Ok(Issued {
        access_token: access.value,
        expires_in: access.expires_in,
        refresh_token: None,
        id_token,
        scope: target.scopes.clone(),
    })
}

/// Makes an access token.
///
/// # Errors
/// When a key is missing.
pub fn access_token(
    app: &App,
    tenant: &Tenant,
    client: &Client,
    target: &Target,
    person: Option<Person<'_>>,
) -> Result<AccessToken, Error> {
    let now = app.clock.now();
    let seconds = target.life.access_seconds(app.config.tokens.access_token_seconds);
    let expires_in = (seconds != 0).then_some(seconds);
    let wants_opaque = client.token_format() == Some(TokenFormat::Opaque) || target.format == TokenFormat::Opaque;
    // A JWT access token must end (RFC 9068 §2.2): one that does not is opaque (D-19).
    let Some(seconds) = expires_in.filter(|_| !wants_opaque) else {
        let value = Secret::token(ACCESS_TOKEN_PREFIX);
        let row = token::Model {
            id: TokenId(secret::new_id()),
            tenant_id: tenant.id,
            hash: value.hash().into(),
            family_id: person.map(|person| person.family_id),
            client_key: client.row.id,
            user_id: person.map(|person| person.user_id),
            scopes: target.scopes.clone(),
            audience: target.audience.clone(),
            expires_at: expires_in.map(|seconds| now + seconds),
            revoked_at: None,
            created_at: now,
        };
        return Ok(AccessToken { value, expires_in, row: Some(row) });
    };
    let claims = AccessClaims {
        iss: tenant.issuer.clone(),
        sub: match person {
            Some(person) => subject::of(app, tenant, client, person.user_id),
            None => client.client_id().to_owned(),
        },
        aud: Audience::new(&target.audience),
        exp: now + seconds,
        iat: now,
        jti: TokenIdentifier::new(person.map(|person| (person.family_id, person.generation))),
        client_id: client.client_id().to_owned(),
        scope: target.scopes.clone(),
        auth_time: person.map(|person| person.authentication.auth_time),
        acr: person.and_then(|person| person.authentication.acr.clone()),
        amr: person.map(|person| person.authentication.amr.clone()).unwrap_or_default(),
    };
    let key = tenant.keys.signing(app.config.keys.access_token_alg)?;
    let value = Secret::new(jwt::sign(key, Kind::AccessToken, &claims)?);
    Ok(AccessToken { value, expires_in, row: None })
}

/// Makes an ID token (OpenID Connect Core §2).
///
/// # Errors
/// When a key is missing, or the client has no secret any more that it chose to have its ID tokens signed with.
pub fn id_token(
    app: &App,
    tenant: &Tenant,
    client: &Client,
    person: Person<'_>,
    beside: Beside<'_>,
) -> Result<Secret, Error> {
    let now = app.clock.now();
    let authentication = person.authentication;
    let alg = client.metadata.id_token_alg();
    let half = |value: &str| jwt::left_half_hash(alg, value);
    let claims = IdClaims {
        iss: &tenant.issuer,
        sub: &subject::of(app, tenant, client, person.user_id),
        aud: client.client_id(),
        exp: now + app.config.tokens.id_token_seconds,
        iat: now,
        auth_time: authentication.auth_time,
        nonce: authentication.nonce.as_deref(),
        acr: authentication.acr.as_deref(),
        amr: &authentication.amr,
        sid: person.session_id,
        at_hash: beside.access_token.map(|token| half(token.expose())),
        c_hash: beside.code.map(|code| half(code.expose())),
        s_hash: beside.state.map(half),
        about: person.claims,
    };
    let signed = match alg {
        IdTokenAlgorithm::Key(alg) => jwt::sign(tenant.keys.signing(alg)?, Kind::IdToken, &claims),
        IdTokenAlgorithm::Secret => {
            let secret = credentials::newest_secret(app, client).and_then(|row| credentials::reveal(app, row));
            let secret = secret.ok_or_else(|| {
                let lacking = format!("client {} has no secret to sign its ID tokens with", client.client_id());
                Error::internal(std::io::Error::other(lacking))
            })?;
            jwt::sign_with_secret(&secret, &claims)
        }
    };
    signed.map(Secret::from)
}
