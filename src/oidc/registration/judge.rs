//! Is this wish acceptable to this tenant now? The pure rules, fed with its scopes, its limits and the sector document.

use serde_json::{Map, Value};

use super::policy::Policy;
use super::profile::Profile;
use super::sector::{check_sector_document, unreachable_sector};
use super::update::patched;
use super::validate::{Kin, Rules, validate};
use crate::app::App;
use crate::config;
use crate::oidc::Error;
use crate::oidc::client::record::Client;
use crate::oidc::client::{Chosen, Metadata};
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
    judge_as(app, tenant, wanted, profile, policy, Kin::Alone).await
}

/// As [`judge`], of one that follows a template or is one.
///
/// # Errors
/// As [`judge`].
pub(crate) async fn judge_as(
    app: &App,
    tenant: &Tenant,
    wanted: &Map<String, Value>,
    profile: &Profile,
    policy: Policy,
    kin: Kin<'_>,
) -> Result<Metadata, Error> {
    let scopes = app.registration.scopes(app, tenant).await?;
    let policy = within(policy, &app.config.registration);
    let signing_algs = app.config.keys.algorithms.as_slice();
    let rules = Rules { profile, policy: &policy, scopes: &scopes, signing_algs, acr_values: &[], kin };
    let metadata = validate(wanted, &rules)?;
    if let Some(address) = metadata.sector_identifier_uri() {
        let fetched = app.outbound.get_json(address, Freshness::AsStated).await;
        let document = fetched.map_err(|_| unreachable_sector("points at a document that could not be fetched"))?;
        let body = serde_json::to_vec(&document.json).map_err(Error::internal)?;
        check_sector_document(&metadata, &body)?;
    }
    Ok(metadata)
}

/// Judges a patch of a client: of what it registered itself, under what it follows (RFC 7396).
///
/// # Errors
/// As [`judge`].
pub(crate) async fn judge_patch(
    app: &App,
    tenant: &Tenant,
    client: &Client,
    patch: &Map<String, Value>,
    policy: Policy,
) -> Result<Metadata, Error> {
    let own = client.own_metadata();
    let mut whole = patched(own, patch);
    let chosen = own.chosen.patched(patch);
    let template = client.following.as_ref().map(|following| &following.template.metadata);
    if template.is_some() {
        // A default is no wish: the template's word counts before it.
        whole.retain(|member, _| !Chosen::MEMBERS.contains(&member.as_str()) || chosen.has(member));
    }
    let metadata = judge_as(app, tenant, &whole, client.profile, policy, Kin::following(template)).await?;
    Ok(Metadata { chosen, ..metadata }.settled())
}

/// The limits of the configuration hold for every policy (R1).
fn within(mut policy: Policy, limits: &config::Registration) -> Policy {
    policy.redirect_uris_max = policy.redirect_uris_max.min(limits.uris_per_array_max);
    policy.values_max = policy.values_max.min(limits.uris_per_array_max);
    policy
}
