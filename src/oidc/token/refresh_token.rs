//! What does a refresh token buy? (RFC 6749 §6, RFC 9700 §4.14)
//!
//! A refresh token is the identity of its family, its generation, and a MAC over both under a key outside the database:
//! nothing of it is stored but the number of the generation that is valid. Rotation is one conditional update. The
//! successor of a token is always the same, so a client that lost the answer and asks again, or asks twice at once,
//! gets the successor again, for a short while (E11, s.F4). A generation older than that was used by somebody who
//! should not have it: the family ends.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::id::FamilyId;
use entity::{token, token_family};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryTrait, sea_query::Expr};

use super::authorization_code::Granted;
use super::claims::Authentication;
use super::family::{self, Detail, Ends, Reason};
use super::issue::{Person, issue};
use super::may_issue::{Asked, Flow, may_issue};
use super::{Endpoint, Issued, TokenRequest};
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::client::authenticate::Authenticated;
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error, service, user};
use crate::secret::{Purpose, Secret};

/// How refresh tokens begin.
pub const PREFIX: &str = "rt_";

/// A refresh token of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// The family it belongs to.
    pub family_id: FamilyId,
    /// Which one of the family, from 0.
    pub generation: u32,
}

impl RefreshToken {
    /// The one issued with the code.
    pub fn first(family_id: FamilyId) -> Self {
        Self { family_id, generation: 0 }
    }

    /// The token itself.
    pub fn seal(self, app: &App, tenant: &Tenant) -> Secret {
        let mut bytes = Vec::with_capacity(52);
        bytes.extend_from_slice(self.family_id.0.as_bytes());
        bytes.extend_from_slice(&self.generation.to_be_bytes());
        bytes.extend_from_slice(&self.tag(app, tenant));
        Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Reads one; `None` for anything this tenant did not make.
    pub fn open(app: &App, tenant: &Tenant, presented: &Secret) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(presented.expose().strip_prefix(PREFIX)?).ok()?;
        let (family, rest) = bytes.split_first_chunk::<16>()?;
        let (generation, tag) = rest.split_first_chunk::<4>()?;
        let token =
            Self { family_id: FamilyId(uuid::Uuid::from_bytes(*family)), generation: u32::from_be_bytes(*generation) };
        crate::secret::same(&token.tag(app, tenant), tag).then_some(token)
    }

    fn tag(self, app: &App, tenant: &Tenant) -> [u8; 32] {
        let parts = [tenant.id.0.as_bytes().as_slice(), self.family_id.0.as_bytes(), &self.generation.to_be_bytes()];
        app.sealer.sign(Purpose::RefreshToken, &parts)
    }
}

/// Exchanges a refresh token for new tokens.
///
/// # Errors
/// `invalid_grant` for a token that is unknown, ended, replayed or another client's; `invalid_scope`, `invalid_target`
/// for more than was granted. What is refused leaves the token as it was.
pub async fn answer(
    app: &App,
    tenant: &Tenant,
    client: &Authenticated,
    request: &TokenRequest,
) -> Result<Issued, Error> {
    let presented = request.refresh_token.as_ref();
    let presented = presented.ok_or_else(|| Error::new(Code::InvalidRequest, "refresh_token is missing"))?;
    let token = RefreshToken::open(app, tenant, presented).ok_or_else(unknown)?;
    let family = family::load(app, tenant, token.family_id).await?.ok_or_else(unknown)?;
    let now = app.clock.now();
    let user = check(app, tenant, client, &family, now).await?;
    let detail: Detail = serde_json::from_value(family.detail.clone()).map_err(Error::internal)?;
    let authentication = detail.authentication.clone();
    let services = service::all(app, tenant).await?;
    let granted =
        Granted { resources: family.audience.as_slice(), audience: detail.audience.as_ref(), scopes: &family.scopes };
    let asked = request.scopes();
    let target = granted.narrow(tenant, &services, &request.resources, asked.as_ref().unwrap_or(&family.scopes))?;
    let flow = detail.flow.unwrap_or(Flow::Refresh);
    let asked = Asked { services: &services, scopes: &asked.unwrap_or_default(), flows: &[Flow::Refresh, flow] };
    let target = may_issue(app, tenant, &client.client, asked, target).await?;
    let ends = Ends::again(app, target.life, family.expires_at, now);
    let before = match request.endpoint {
        Endpoint::OfTenant => Before::LivesOn,
        Endpoint::OfService => Before::Ends(detail.clone()),
    };
    let successor = rotate(app, tenant, client, &family, token, (ends, before)).await?;
    let person = Person {
        user_id: family.user_id,
        family_id: family.id,
        generation: successor.generation,
        session_id: family.session_id,
        // The nonce belongs to the first ID token alone (OpenID Connect Core §12.2).
        authentication: &Authentication { nonce: None, ..authentication },
        claims: &user::claims::values(&user, detail.claims.id_token.iter()),
    };
    let issued = issue(app, tenant, &client.client, &target, Some(person)).await?;
    Ok(Issued { refresh_token: Some(successor.seal(app, tenant)), ..issued })
}

/// Whether this is a refresh token of another client of the tenant: for those who must say so (portal.md K63).
///
/// # Errors
/// When the database cannot be asked.
pub async fn is_of_another(
    app: &App,
    tenant: &Tenant,
    client: &Authenticated,
    presented: &Secret,
) -> Result<bool, Error> {
    let Some(token) = RefreshToken::open(app, tenant, presented) else { return Ok(false) };
    let family = family::load(app, tenant, token.family_id).await?;
    Ok(family.is_some_and(|family| family.client_key != client.client.row.id))
}

/// What becomes of the tokens before a refresh.
#[derive(Clone, Debug)]
enum Before {
    /// Access tokens end in their own time, and the refresh token works a moment longer (E11).
    LivesOn,
    /// They end at once (portal.md K63). This is what the family knows.
    Ends(Detail),
}

fn unknown() -> Error {
    Error::new(Code::InvalidGrant, "the refresh token is unknown, ended, replayed or another client's")
}

/// Whose it is, if it is still good.
async fn check(
    app: &App,
    tenant: &Tenant,
    client: &Authenticated,
    family: &token_family::Model,
    now: Seconds,
) -> Result<Arc<entity::user::Model>, Error> {
    let live = family.client_key == client.client.row.id
        && family.refreshable
        && family.revoked_at.is_none()
        && family.idle_at > now
        && family.expires_at > now;
    // Everything the first answer depended on is asked again (s.F9).
    if !live {
        return Err(unknown());
    }
    user::find(app, tenant, family.user_id).await?.ok_or_else(unknown)
}

/// Makes the next generation the valid one, or finds that it has just been made.
async fn rotate(
    app: &App,
    tenant: &Tenant,
    client: &Authenticated,
    family: &token_family::Model,
    token: RefreshToken,
    (ends, before): (Ends, Before),
) -> Result<RefreshToken, Error> {
    let now = app.clock.now();
    let successor = RefreshToken { generation: token.generation.saturating_add(1), ..token };
    let lives_on = matches!(before, Before::LivesOn);
    if family.generation == i64::from(token.generation) && advance(app, family, successor, ends, before).await? {
        return Ok(successor);
    }
    // Somebody else was faster, or the token is not the newest.
    let family = family::load(app, tenant, family.id).await?.ok_or_else(unknown)?;
    let grace = app.config.tokens.refresh_grace_seconds.min(i64::from(client.client.profile.refresh_grace_seconds));
    let just_rotated = family.generation == i64::from(successor.generation) && now < family.rotated_at + grace;
    if family.revoked_at.is_none() && just_rotated {
        // Whoever asks twice at once is no thief, whichever answer they get.
        return if lives_on { Ok(successor) } else { Err(unknown()) };
    }
    if family.generation > i64::from(token.generation) {
        app.metrics.refresh_reuse();
        family::revoke(app, tenant, family.id, Reason::RefreshReplayed).await?;
    }
    Err(unknown())
}

async fn advance(
    app: &App,
    family: &token_family::Model,
    successor: RefreshToken,
    ends: Ends,
    before: Before,
) -> Result<bool, Error> {
    let update = token_family::Entity::update_many()
        .col_expr(token_family::Column::Generation, Expr::value(i64::from(successor.generation)))
        .col_expr(token_family::Column::RotatedAt, Expr::value(app.clock.now()))
        .col_expr(token_family::Column::IdleAt, Expr::value(ends.idle_at))
        .col_expr(token_family::Column::ExpiresAt, Expr::value(ends.expires_at))
        .filter(token_family::Column::Id.eq(family.id))
        .filter(token_family::Column::Generation.eq(family.generation))
        .filter(token_family::Column::RevokedAt.is_null());
    let Before::Ends(detail) = before else {
        return Ok(app.db.execute(update.build(app.db.backend())).await? == 1);
    };
    let detail = Detail { live_from: successor.generation, ..detail };
    let detail = serde_json::to_value(detail).map_err(Error::internal)?;
    let update = update.col_expr(token_family::Column::Detail, Expr::value(detail));
    let opaque = token::Entity::update_many()
        .col_expr(token::Column::RevokedAt, Expr::value(app.clock.now()))
        .filter(token::Column::FamilyId.eq(family.id))
        .filter(token::Column::RevokedAt.is_null());
    let advanced = app
        .db
        .transaction(move |transaction| {
            let (update, opaque) = (update.clone(), opaque.clone());
            Box::pin(async move {
                let advanced = update.exec(transaction).await?.rows_affected == 1;
                if advanced {
                    opaque.exec(transaction).await?;
                }
                Ok::<_, DbErr>(advanced)
            })
        })
        .await?;
    app.families.forget(&family.id);
    Ok(advanced)
}
