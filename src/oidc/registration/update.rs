//! May this update be applied to this client, and to what does it lead? PUT and PATCH (R18, RFC 7592 §2.2, RFC 7396)

use serde_json::{Map, Value};

use super::draft::{UPDATES, refusal, violation};
use super::profile::{EchoedMembers, Profile};
use crate::oidc::client::Metadata;
use crate::oidc::{Error, Violation};
use crate::secret::hash;

/// The members that a registration answer adds to the metadata. In a POST they are ignored (registration.md §2).
pub const SERVER_MEMBERS: [&str; 6] = [
    "client_id",
    "client_secret",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
];

/// What the server knows of the client that an update is meant for.
#[derive(Clone, Copy, Debug)]
pub struct Current<'a> {
    /// Its id.
    pub client_id: &'a str,
    /// SHA-256 of each secret that is valid, in base64url; none for a public client.
    pub secret_hashes: &'a [&'a str],
    /// SHA-256 of the registration access token the update was authorized with, in base64url.
    pub access_token_hash: &'a str,
    /// Where the client is managed.
    pub registration_client_uri: &'a str,
    /// Seconds since 1970.
    pub issued_at: i64,
    /// Seconds since 1970, 0 for never; `None` for a public client.
    pub secret_expires_at: Option<i64>,
}

/// Checks the members of a full replacement that are not metadata (RFC 7592 §2.2): `client_id` must be there and equal,
/// a `client_secret` equal to a valid one.
///
/// # Errors
/// `invalid_client_metadata` with every member that differs.
pub fn check_replacement(body: &Map<String, Value>, current: &Current<'_>, profile: &Profile) -> Result<(), Error> {
    let mut found = differences(body, current, profile);
    if body.get("client_id").is_none_or(Value::is_null) {
        found.push(violation("client_id", UPDATES, "must be there: it names the client that is replaced".to_owned()));
    }
    refusal(found).map_or(Ok(()), Err)
}

/// Checks the members of a patch that are not metadata: each may be there only if it changes nothing.
///
/// # Errors
/// `invalid_client_metadata` with every member that differs.
pub fn check_patch(patch: &Map<String, Value>, current: &Current<'_>, profile: &Profile) -> Result<(), Error> {
    refusal(differences(patch, current, profile)).map_or(Ok(()), Err)
}

/// What a client would have to send in full for the same effect as `patch` (JSON Merge Patch, RFC 7396): `null` removes.
/// Validate the result like any registration (S1).
pub fn patched(metadata: &Metadata, patch: &Map<String, Value>) -> Map<String, Value> {
    let mut whole = metadata.to_members();
    for (member, value) in patch {
        if !SERVER_MEMBERS.contains(&member.as_str()) {
            merge_member(&mut whole, member, value);
        }
    }
    whole
}

fn merge_member(into: &mut Map<String, Value>, member: &str, value: &Value) {
    match value {
        Value::Null => {
            into.shift_remove(member);
        }
        Value::Object(inner) => {
            let slot = into.entry(member).or_insert(Value::Null);
            if !slot.is_object() {
                *slot = Value::Object(Map::new());
            }
            if let Value::Object(slot) = slot {
                for (member, value) in inner {
                    merge_member(slot, member, value);
                }
            }
        }
        other => {
            into.insert(member.to_owned(), other.clone());
        }
    }
}

fn differences(body: &Map<String, Value>, current: &Current<'_>, profile: &Profile) -> Vec<Violation> {
    let mut found = Vec::new();
    for member in SERVER_MEMBERS {
        let Some(sent) = body.get(member).filter(|sent| !sent.is_null()) else { continue };
        let forbidden = !matches!(member, "client_id" | "client_secret");
        if forbidden && profile.echoed_members == EchoedMembers::Refused {
            let complaint = "must not be sent (RFC 7592, section 2.2)";
            found.push(violation(member, UPDATES, complaint.to_owned()));
        } else if !is_equal(member, sent, current) {
            found.push(violation(member, UPDATES, "is not what this server issued, and cannot be chosen".to_owned()));
        }
    }
    found
}

fn is_equal(member: &str, sent: &Value, current: &Current<'_>) -> bool {
    match member {
        "client_id" => sent.as_str() == Some(current.client_id),
        "registration_client_uri" => sent.as_str() == Some(current.registration_client_uri),
        "client_id_issued_at" => sent.as_i64() == Some(current.issued_at),
        "client_secret_expires_at" => sent.as_i64() == current.secret_expires_at,
        "registration_access_token" => {
            sent.as_str().is_some_and(|token| is_one_of(token, &[current.access_token_hash]))
        }
        // An empty one is no secret (E5), as a public client may send it back.
        "client_secret" => sent.as_str().is_some_and(|secret| {
            (secret.is_empty() && current.secret_hashes.is_empty()) || is_one_of(secret, current.secret_hashes)
        }),
        _ => true,
    }
}

/// Compares with every hash, so that the time tells nothing about which one it was.
fn is_one_of(sent: &str, hashes: &[&str]) -> bool {
    let sent = hash(sent.as_bytes());
    hashes.iter().fold(false, |found, known| sent.matches(known) | found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::oidc::registration::{Policy, Rules, validate};

    fn verdict(profile: &Profile, body: Value, judge: Judge) -> Vec<String> {
        let (secret, older, token) = (hash(b"secret"), hash(b"older"), hash(b"token"));
        let current = Current {
            client_id: "c1",
            secret_hashes: &[secret.as_str(), older.as_str()],
            access_token_hash: token.as_str(),
            registration_client_uri: "https://id.example/oidc/register/c1",
            issued_at: 1_700_000_000,
            secret_expires_at: Some(0),
        };
        match judge(body.as_object().unwrap(), &current, profile) {
            Ok(()) => Vec::new(),
            Err(error) => error.violations.into_iter().map(|violation| violation.member).collect(),
        }
    }

    type Judge = fn(&Map<String, Value>, &Current<'_>, &Profile) -> Result<(), Error>;

    fn echo() -> Value {
        json!({
            "client_id": "c1", "client_secret": "secret", "client_id_issued_at": 1_700_000_000,
            "client_secret_expires_at": 0, "registration_access_token": "token",
            "registration_client_uri": "https://id.example/oidc/register/c1", "client_name": "t",
        })
    }

    #[test]
    fn a_client_may_send_back_what_it_got_unless_strict() {
        // R18, RFC 7592 §2.2
        assert_eq!(verdict(&Profile::INTEROP, echo(), check_replacement), [""; 0]);
        assert_eq!(
            verdict(&Profile::STRICT, echo(), check_replacement),
            ["client_id_issued_at", "client_secret_expires_at", "registration_access_token", "registration_client_uri"]
        );
        let plain = json!({"client_id": "c1", "client_secret": "older"});
        assert_eq!(verdict(&Profile::STRICT, plain, check_replacement), [""; 0]);
    }

    #[test]
    fn a_client_cannot_choose_what_the_server_issues() {
        // R18, A12, s.R28
        for profile in Profile::ALL {
            for member in SERVER_MEMBERS {
                for wrong in [json!("other"), json!(1), json!({}), json!(true)] {
                    let mut body = json!({"client_id": "c1"});
                    body[member] = wrong;
                    assert_eq!(verdict(profile, body.clone(), check_replacement), [member]);
                    assert_eq!(verdict(profile, body, check_patch), [member]);
                }
            }
        }
    }

    #[test]
    fn a_replacement_names_its_client_and_a_patch_need_not() {
        for body in [json!({}), json!({"client_id": null})] {
            assert_eq!(verdict(&Profile::INTEROP, body.clone(), check_replacement), ["client_id"]);
            assert_eq!(verdict(&Profile::INTEROP, body, check_patch), [""; 0]);
        }
    }

    #[test]
    fn a_patch_changes_what_it_names_and_null_removes() {
        // RFC 7396, R2
        let scopes = BTreeSet::new();
        let rules = Rules {
            profile: &Profile::INTEROP,
            policy: &Policy::default(),
            scopes: &scopes,
            signing_algs: &crate::oidc::keys::Algorithm::ALL,
            acr_values: &[],
            kin: crate::oidc::registration::Kin::Alone,
        };
        let key = json!({"kty": "AKP", "pub": "x"});
        let before = json!({
            "redirect_uris": ["https://a.example/cb"], "client_name": "t", "client_name#de": "T",
            "contacts": ["a@b.example"], "jwks": {"keys": [key], "note": 1},
        });
        let before = validate(before.as_object().unwrap(), &rules).unwrap();
        let patch = json!({
            "client_id": "evil", "registration_access_token": "x", "client_name": "new", "client_name#de": null,
            "contacts": null, "unknown": null, "jwks": {"note": null}, "logo_uri": "https://a.example/l",
        });
        let whole = patched(&before, patch.as_object().unwrap());
        assert_eq!(
            Value::Object(validate(&whole, &rules).unwrap().to_members()),
            json!({
                "client_name": "new", "redirect_uris": ["https://a.example/cb"], "grant_types": ["authorization_code"],
                "response_types": ["code"], "application_type": "web",
                "token_endpoint_auth_method": "client_secret_basic", "jwks": {"keys": [key]}, "subject_type": "public",
                "id_token_signed_response_alg": "RS256", "logo_uri": "https://a.example/l",
            })
        );
        // s.M8: an update is judged like a registration.
        let script = json!({"redirect_uris": ["javascript:alert(1)"]});
        assert!(validate(&patched(&before, script.as_object().unwrap()), &rules).is_err());
    }
}
