//! How does a client give a token back? (RFC 7009)

use entity::token;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, sea_query::Expr};

use super::authorization::consent::given;
use super::client::authenticate::Authenticated;
use super::tenant::Tenant;
use super::token::access;
use super::token::family::{self, Reason};
use super::token::issue::ACCESS_TOKEN_PREFIX;
use super::token::refresh_token::RefreshToken;
use super::{Code, Error};
use crate::app::App;
use crate::db::{Rows, is_duplicate};
use crate::secret::Secret;

/// Revokes `token`: a refresh token with everything issued from its grant, an access token alone (RFC 7009 §2.1). Where
/// the tenant says so, what the person agreed to ends with the refresh token (portal.md A27).
/// A token that is unknown or has ended is as good as revoked.
///
/// # Errors
/// `unauthorized_client` for a token of another client; when the database cannot be asked nothing was revoked, and the
/// answer says so (s.I9).
pub async fn revoke(app: &App, tenant: &Tenant, client: &Authenticated, token: &Secret) -> Result<(), Error> {
    if let Some(refresh) = RefreshToken::open(app, tenant, token) {
        let Some(family) = family::load(app, tenant, refresh.family_id).await? else { return Ok(()) };
        if family.client_key != client.client.row.id {
            return Err(foreign());
        }
        family::revoke(app, tenant, family.id, Reason::Revoked).await?;
        if tenant.settings.consent.ends_with_token {
            let filter = given::Filter {
                user: Some(family.user_id),
                client_id: Some(client.client.client_id().to_owned()),
                ..given::Filter::default()
            };
            given::revoke(app, tenant, &format!("client:{}", client.client.client_id()), &filter).await?;
        }
        return Ok(());
    }
    if token.expose().starts_with(ACCESS_TOKEN_PREFIX) {
        return revoke_opaque(app, tenant, client, token).await;
    }
    let Some(claims) = access::verify(app, tenant, token.expose()) else { return Ok(()) };
    if claims.client_id != client.client.client_id() {
        return Err(foreign());
    }
    if claims.exp <= app.clock.now() {
        return Ok(());
    }
    let row = entity::revocation::Model { jti: claims.jti.0.clone(), tenant_id: tenant.id, expires_at: claims.exp };
    match app.db.insert(Rows { revocations: vec![row], ..Rows::default() }).await {
        Ok(()) => {}
        Err(error) if is_duplicate(&error) => {}
        Err(error) => return Err(error.into()),
    }
    app.revocations.forget(&claims.jti.0);
    Ok(())
}

async fn revoke_opaque(app: &App, tenant: &Tenant, client: &Authenticated, token: &Secret) -> Result<(), Error> {
    let Some(row) = access::opaque_row(app, tenant, token.expose()).await? else { return Ok(()) };
    if row.client_key != client.client.row.id {
        return Err(foreign());
    }
    let update = token::Entity::update_many()
        .col_expr(token::Column::RevokedAt, Expr::value(app.clock.now()))
        .filter(token::Column::Id.eq(row.id))
        .filter(token::Column::RevokedAt.is_null());
    app.db.execute(update.build(app.db.backend())).await?;
    Ok(())
}

fn foreign() -> Error {
    Error::new(Code::UnauthorizedClient, "the token was issued to another client")
}
