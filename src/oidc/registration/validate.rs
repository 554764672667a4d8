//! Is this metadata acceptable, and what does it become? The one judge of POST, PUT and PATCH (S1).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::draft::{Draft, POLICY, violation};
use super::policy::Policy;
use super::profile::Profile;
use crate::oidc::Error;
use crate::oidc::client::{Metadata, SubjectType};
use crate::oidc::keys::Algorithm;

/// What a wish is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The choices of the tenant; for an existing client those it was created under.
    pub profile: &'a Profile,
    /// The rules of an administrator for this way of registering.
    pub policy: &'a Policy,
    /// Every scope of the tenant.
    pub scopes: &'a BTreeSet<String>,
    /// The algorithms the tenant has keys for.
    pub signing_algs: &'a [Algorithm],
    /// The authentication contexts that the tenant knows.
    pub acr_values: &'a [String],
    /// What the wish has to do with templates.
    pub kin: Kin<'a>,
}

/// What a wish has to do with templates (portal.md D-6).
#[derive(Clone, Copy, Debug)]
pub enum Kin<'a> {
    /// Nothing.
    Alone,
    /// It is of a client that follows this one: what that says need not be said again.
    Follower(&'a Metadata),
    /// It is to be a template itself: what it leaves open, those who follow it say.
    Template,
}

impl<'a> Kin<'a> {
    /// Of a client that follows this template, if any.
    pub fn following(template: Option<&'a Metadata>) -> Self {
        template.map_or(Self::Alone, Self::Follower)
    }
}

/// Judges what a registrant wants and makes it valid metadata: defaults first, then the rules of the specifications,
/// then the policy on the result (s.R58).
///
/// Unknown members are dropped; members of features that are not built are refused; with a `sector_identifier_uri` the
/// caller still has to fetch it and ask [`super::sector::check_sector_document`].
///
/// # Errors
/// Every broken rule at once: `invalid_redirect_uri` iff one of `redirect_uris` is among them, else
/// `invalid_client_metadata`, or `unapproved_software_statement` for a statement (R21).
pub fn validate(wanted: &Map<String, Value>, rules: &Rules<'_>) -> Result<Metadata, Error> {
    let mut draft = Draft::new(wanted, rules);
    draft.refuse_unbuilt();
    let targets = draft.targets("redirect_uris");
    let application_type = draft.application_type(&targets);
    let redirect_uris = draft.redirect_uris("redirect_uris", targets, application_type);
    let after_logout = draft.targets("post_logout_redirect_uris");
    let post_logout_redirect_uris = draft.redirect_uris("post_logout_redirect_uris", after_logout, application_type);
    let grant_types = draft.grant_types(application_type);
    let response_types = draft.response_types(&grant_types);
    let grant_types = draft.used_grants(grant_types, &response_types);
    let token_endpoint_auth_method = draft.auth_method(application_type);
    let grant_types = draft.provable_grants(token_endpoint_auth_method, grant_types);
    draft.auth_signing_alg();
    let reached_at = draft.reached_at(&redirect_uris);
    let usable = draft.usable(&grant_types, token_endpoint_auth_method);
    draft.check_redirects_needed(&usable, reached_at.len());
    draft.check_one_key_source();
    let subject_type: SubjectType = draft.subject_type();
    let sector_identifier_uri = draft.https_uri("sector_identifier_uri");
    draft.check_sector(subject_type, reached_at, sector_identifier_uri.as_deref());
    let metadata = Metadata {
        display: draft.display(),
        redirect_uris,
        response_types,
        response_modes: draft.response_modes(),
        application_type,
        contacts: draft.contacts(),
        scope: draft.scope(&grant_types),
        grant_types,
        token_endpoint_auth_method,
        jwks: draft.jwks(),
        jwks_uri: draft.fetched_uri("jwks_uri"),
        subject_type,
        sector_identifier_uri,
        id_token_signed_response_alg: draft.id_token_alg(token_endpoint_auth_method),
        userinfo_signed_response_alg: draft.userinfo_alg(),
        default_max_age: draft.seconds("default_max_age"),
        require_auth_time: draft.flag("require_auth_time"),
        default_acr_values: draft.acr_values(),
        initiate_login_uri: draft.https_uri("initiate_login_uri"),
        post_logout_redirect_uris,
        software_id: draft.shown_text("software_id"),
        software_version: draft.shown_text("software_version"),
        declined: draft.declined(),
        chosen: draft.chosen(),
    };
    draft.check_required(&metadata);
    draft.finish(metadata.settled())
}

impl Draft<'_> {
    /// The members that the policy wants to see, on the result.
    fn check_required(&mut self, metadata: &Metadata) {
        if self.rules.policy.required.is_empty() {
            return;
        }
        let members = metadata.to_members();
        for member in &self.rules.policy.required {
            let there = members.get(member).is_some_and(|value| !super::draft::is_nothing(value));
            if !there && !self.is_spoilt(member) {
                self.fault(member, POLICY, "is required by the policy");
            }
        }
    }
}

/// The refusal of a metadata member for a reason that only the caller can see, in the shape of all others.
pub fn refused_member(member: &str, complaint: impl Into<String>) -> Error {
    Error::violations(vec![violation(member, POLICY, complaint.into())])
}
