//! Did this browser sign in to this account before? Then guesses made elsewhere do not slow it (s.L8).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::id::UserId;

use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::secret::{self, Purpose, Secret};

const LENGTH: usize = 22;
const LABEL: &[u8] = b"known browser";

/// A fresh value for the cookie of a browser that has just signed in to this account.
pub fn make(app: &App, tenant: &Tenant, user_id: UserId) -> Secret {
    let id = secret::alphanumeric(LENGTH);
    let parts = [LABEL, tenant.id.0.as_bytes(), user_id.0.as_bytes(), id.as_bytes()];
    let tag = URL_SAFE_NO_PAD.encode(app.sealer.sign(Purpose::Form, &parts));
    Secret::new(format!("{id}.{tag}"))
}

/// The browser's identifier, if `cookie` was made for this account.
pub fn identify<'c>(app: &App, tenant: &Tenant, user_id: UserId, cookie: &'c Secret) -> Option<&'c str> {
    let (id, tag) = cookie.expose().split_once('.')?;
    let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
    let parts = [LABEL, tenant.id.0.as_bytes(), user_id.0.as_bytes(), id.as_bytes()];
    app.sealer.verify(Purpose::Form, &parts, &tag).then_some(id)
}
