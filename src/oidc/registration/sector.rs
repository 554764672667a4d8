//! Does the sector document join all redirect URIs of the client? (R15, OpenID Connect Core §8.1)

use super::draft::{SECTOR, refusal, violation};
use super::json::{self, Limits};
use crate::oidc::Error;
use crate::oidc::client::Metadata;
use crate::oidc::client::uri::quoted;

const MEMBER: &str = "sector_identifier_uri";

/// Checks what was fetched from the client's `sector_identifier_uri`, 64 KiB at most.
///
/// # Errors
/// `invalid_client_metadata` if it is no JSON array of strings, or lacks a redirect URI.
pub fn check_sector_document(metadata: &Metadata, body: &[u8]) -> Result<(), Error> {
    let listed = match json::array_of_strings(body, Limits::REGISTRATION) {
        Ok(listed) => listed,
        Err(wrong) => return refuse(vec![format!("points at a document that {wrong}")]),
    };
    let missing = metadata.redirect_uris.iter().filter(|uri| !listed.contains(uri));
    refuse(missing.map(|uri| format!("points at a document without the redirect URI {}", quoted(uri))).collect())
}

/// The refusal for a sector document that could not be fetched; `why` is a clause such as `could not be fetched`.
pub fn unreachable_sector(why: &str) -> Error {
    refuse(vec![why.to_owned()]).err().unwrap_or_else(|| Error::violations(Vec::new()))
}

fn refuse(complaints: Vec<String>) -> Result<(), Error> {
    let found = complaints.into_iter().map(|complaint| violation(MEMBER, SECTOR, complaint)).collect();
    refusal(found).map_or(Ok(()), Err)
}
