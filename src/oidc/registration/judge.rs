//! Is this wish acceptable to this tenant now? The pure rules, fed with its scopes, its limits and the sector document.

use serde_json::{Map, Value};

use super::policy::Policy;
use super::profile::Profile;
use super::sector::{check_sector_document, unreachable_sector};
use super::validate::{Rules, validate};
use crate::app::App;
use crate::config;
use crate::oidc::Error;
use crate::oidc::client::Metadata;
use crate::oidc::tenant::Tenant;
use crate::outbound::Freshness;

/// Judges the members of a registration, or of an update as a whole (S1), and fetches the sector document if one is
/// named (R15, s.S4).
///
/// # Errors
/// As [`validate`] and [`check_sector_document`]; when the database cannot be asked.
pub(crate) async fn judge(
    app: &App,
    tenant: &Tenant,
    wanted: &Map<String, Value>,
    profile: &Profile,
    policy: Policy,
) -> Result<Metadata, Error> {
    let scopes = app.registration.scopes(app, tenant).await?;
    let policy = within(policy, &app.config.registration);
    let signing_algs = app.config.keys.algorithms.as_slice();
    let rules = Rules { profile, policy: &policy, scopes: &scopes, signing_algs, acr_values: &[] };
    let metadata = validate(wanted, &rules)?;
    if let Some(address) = metadata.sector_identifier_uri() {
        let fetched = app.outbound.get_json(address, Freshness::AsStated).await;
        let document = fetched.map_err(|_| unreachable_sector("points at a document that could not be fetched"))?;
        let body = serde_json::to_vec(&document.json).map_err(Error::internal)?;
        check_sector_document(&metadata, &body)?;
    }
    Ok(metadata)
}

/// As [`judge`], for somebody who registers or updates a client by the protocol: where the policy lists no grant types,
/// those count that the profile leaves to registrants (portal.md A31).
///
/// # Errors
/// As [`judge`].
pub(super) async fn judge_registrant(
    app: &App,
    tenant: &Tenant,
    wanted: &Map<String, Value>,
    profile: &Profile,
    mut policy: Policy,
) -> Result<Metadata, Error> {
    policy.grant_types.get_or_insert_with(|| profile.registrable_grants.to_vec());
    judge(app, tenant, wanted, profile, policy).await
}

/// The limits of the configuration hold for every policy (R1).
fn within(mut policy: Policy, limits: &config::Registration) -> Policy {
    policy.redirect_uris_max = policy.redirect_uris_max.min(limits.uris_per_array_max);
    policy.values_max = policy.values_max.min(limits.uris_per_array_max);
    policy
}
