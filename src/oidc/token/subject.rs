//! How does this client see this person? (OpenID Connect Core §8)

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::id::UserId;

use crate::app::App;
use crate::oidc::client::SubjectType;
use crate::oidc::client::record::Client;
use crate::oidc::tenant::Tenant;
use crate::secret::Purpose;

/// The `sub` of a person for a client: the same for all, or one per sector that nobody else can compute.
pub fn of(app: &App, tenant: &Tenant, client: &Client, user_id: UserId) -> String {
    match client.metadata.subject_type() {
        SubjectType::Public => user_id.to_string(),
        SubjectType::Pairwise => {
            // A client without redirect URIs is a sector of its own.
            let sector = client.metadata.sector().unwrap_or_else(|| client.client_id().to_owned());
            let parts = [tenant.id.0.as_bytes().as_slice(), sector.as_bytes(), user_id.0.as_bytes()];
            URL_SAFE_NO_PAD.encode(app.sealer.sign(Purpose::PairwiseSubject, &parts))
        }
    }
}
