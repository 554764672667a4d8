//! Which keys sign for a tenant, and when do others take over? For those who look after it (U35).

use entity::signing_key::Model;

use super::{Action, Actor, Error};
use crate::app::{App, settings};
use crate::clock::Seconds;
use crate::oidc::keys::rotation::{self, Rotated, When};
use crate::oidc::tenant::Tenant;

/// The keys that are published, the oldest first.
///
/// # Errors
/// `NotAllowed`, `NotApproved`; when the database cannot be asked.
pub async fn list(app: &App, tenant: &Tenant, actor: &Actor) -> Result<Vec<Model>, Error> {
    actor.may(Action::ReadSettings)?;
    Ok(rotation::published(app.db.pool(), tenant.id).await?)
}

/// When a key that is published as the next one may sign at the earliest, seconds since 1970: every verifier knows it by
/// then.
pub fn may_sign_from(app: &App, key: &Model) -> Seconds {
    key.published_at + settings::key_lifetimes(&app.config).published_before
}

/// Takes every configured algorithm one step on: publishes the next keys, or lets those sign that have been published for
/// long enough. Nothing that is signed becomes void.
///
/// # Errors
/// `Conflict(Changed)` when somebody else rotates at the same moment; `NotAllowed`, `NotApproved`; when the database cannot
/// be asked or a key cannot be made.
pub async fn rotate(app: &App, tenant: &Tenant, actor: &Actor) -> Result<Rotated, Error> {
    actor.may(Action::WriteSettings)?;
    let (algorithms, lifetimes) = (&app.config.keys.algorithms, settings::key_lifetimes(&app.config));
    let done = rotation::rotate(app, tenant.id, algorithms, lifetimes, When::Now, actor.label()).await?;
    app.tenants.refresh(app).await?;
    Ok(done)
}
