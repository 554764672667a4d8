//! What is wrong with what an admin says of a provider, before anybody is asked? (portal.md G37, G38)

use entity::provider::TicketFrom;
use url::Url;

use super::discovery::{Metadata, origin};
use super::draft::Draft;
use super::refusal::{Refusal, Why};
use super::request;
use crate::app::App;
use crate::portal::{Error, Rule, Wrong};

const NAME: (usize, usize) = (3, 100);
const DESCRIPTION_MAX: usize = 4000;
const ENTRIES_MAX: usize = 50;
const WORD_MAX: usize = 255;

/// The members that every registration has: they are not for additional metadata.
const STANDARD: [&str; 26] = [
    "redirect_uris",
    "response_types",
    "grant_types",
    "application_type",
    "contacts",
    "client_name",
    "logo_uri",
    "client_uri",
    "policy_uri",
    "tos_uri",
    "jwks_uri",
    "jwks",
    "sector_identifier_uri",
    "subject_type",
    "token_endpoint_auth_method",
    "token_endpoint_auth_signing_alg",
    "scope",
    "software_id",
    "software_version",
    "software_statement",
    "client_id",
    "client_secret",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
];

/// Judges the fields, then takes the first three steps of portal.md G38.
///
/// # Errors
/// `Invalid` with every wrong field; else the first step that fails.
pub(super) fn check(draft: &Draft) -> Result<(), Error> {
    let wrong = complaints(draft);
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let entered = draft.initial_access_token.as_ref().map_or("", |token| token.expose());
    if draft.ticket_from == TicketFrom::InitialAccessToken && entered.trim().is_empty() {
        return Err(Refusal::TokenMissing.into());
    }
    let taken = draft.claim_mappings.values().filter(|member| is_standard(member));
    let taken: Vec<String> = taken.cloned().collect();
    if !taken.is_empty() {
        return Err(Refusal::ClaimMappings(taken).into());
    }
    if draft.renew_secret {
        let method = draft.renew_secret_method.as_deref().unwrap_or_default();
        let endpoint = draft.renew_secret_endpoint.as_deref().unwrap_or_default();
        let begins = ["http://", "https://", request::TOKEN_ENDPOINT, request::REGISTRATION_ENDPOINT];
        if !["POST", "PUT", "PATCH"].contains(&method) || !begins.iter().any(|begin| endpoint.starts_with(begin)) {
            return Err(Refusal::RenewSecret.into());
        }
    }
    Ok(())
}

/// Whether the address of the renewal leads to the provider and nowhere else, whatever the client is called (s.N10).
///
/// # Errors
/// [`Refusal::RenewSecret`], or where it leads instead.
pub(super) fn renewal(app: &App, draft: &Draft, metadata: &Metadata) -> Result<(), Refusal> {
    let Some(template) = draft.renew_secret_endpoint.as_deref().filter(|_| draft.renew_secret) else { return Ok(()) };
    let filled = |client_id: &str| request::filled(template, client_id, metadata).ok_or(Refusal::RenewSecret);
    let (one, other) = (filled("a")?, filled("b.example")?);
    let unfit = Refusal::Discovery(Why::Endpoint { member: "renew_secret_endpoint", origin: None });
    let leads = origin(&one).filter(|_| app.outbound.admits(&one)).ok_or(unfit)?;
    if origin(&other).as_deref() != Some(leads.as_str()) {
        return Err(Refusal::RenewSecret);
    }
    let own = origin(&draft.discovery_endpoint);
    if own.as_deref() == Some(leads.as_str()) || draft.endpoints_elsewhere.contains(&leads) {
        return Ok(());
    }
    Err(Refusal::Discovery(Why::Endpoint { member: "renew_secret_endpoint", origin: Some(leads) }))
}

fn is_standard(member: &str) -> bool {
    let member = member.split('#').next().unwrap_or_default();
    STANDARD.contains(&member)
}

fn complaints(draft: &Draft) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut say = |field: &str, rule: Rule, complaint: String| wrong.push(Wrong::new(field, rule, complaint));
    let (least, most) = NAME;
    if !(least..=most).contains(&draft.name.trim().chars().count()) || draft.name.chars().any(char::is_control) {
        say("name", Rule::Length, format!("must have {least} to {most} characters, none of them a control character"));
    }
    if draft.description.as_ref().is_some_and(|text| text.chars().count() > DESCRIPTION_MAX) {
        say("description", Rule::Length, format!("must have at most {DESCRIPTION_MAX} characters"));
    }
    if draft.discovery_endpoint.is_empty() {
        say("discovery_endpoint", Rule::Required, "must be there".to_owned());
    }
    if draft.ticket_from == TicketFrom::ClientCredentials {
        let client_id = draft.client_id.as_deref().unwrap_or_default();
        if client_id.is_empty() || client_id.contains(':') || !is_visible(client_id, WORD_MAX) {
            let complaint = format!("must have 1 to {WORD_MAX} characters of ASCII, none of them ':' or a space");
            say("client_id", Rule::Required, complaint);
        }
        if draft.client_secret.as_ref().is_none_or(|secret| secret.expose().is_empty() || secret.expose().len() > 1024)
        {
            say("client_secret", Rule::Required, "must have 1 to 1024 characters".to_owned());
        }
    }
    if draft.initial_access_token.as_ref().is_some_and(|token| {
        let text = token.expose();
        !text.trim().is_empty() && !super::ticket::is_token(text)
    }) {
        say("initial_access_token", Rule::Form, "must have visible characters of ASCII only".to_owned());
    }
    if draft.scopes.len() > ENTRIES_MAX
        || draft.scopes.iter().any(|scope| scope.is_empty() || !is_visible(scope, WORD_MAX))
    {
        say("scopes", Rule::Form, format!("must be at most {ENTRIES_MAX} words of visible ASCII characters"));
    }
    if draft.software_id.as_ref().is_some_and(|id| id.chars().count() > WORD_MAX || id.chars().any(char::is_control)) {
        say("software_id", Rule::Length, format!("must have at most {WORD_MAX} characters"));
    }
    let mapped = |(claim, member): (&String, &String)| is_visible(claim, WORD_MAX) && is_visible(member, WORD_MAX);
    if draft.claim_mappings.len() > ENTRIES_MAX || !draft.claim_mappings.iter().all(mapped) {
        say("claim_mappings", Rule::Form, format!("must map at most {ENTRIES_MAX} names to names of members"));
    }
    let is_origin = |text: &String| {
        origin(text).as_deref() == Some(text.as_str()) && Url::parse(text).is_ok_and(|url| url.host().is_some())
    };
    if draft.endpoints_elsewhere.len() > ENTRIES_MAX || !draft.endpoints_elsewhere.iter().all(is_origin) {
        let complaint = "must be origins such as https://login.example, without a slash at the end".to_owned();
        say("endpoints_elsewhere", Rule::Form, complaint);
    }
    wrong
}

fn is_visible(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_every_registration_has_are_not_for_additional_metadata() {
        // G38
        assert!(is_standard("client_name") && is_standard("client_name#de") && is_standard("software_id"));
        assert!(!is_standard("x_department") && !is_standard("department"));
    }
}
