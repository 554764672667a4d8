//! Which members of a body are another portal's own words, and which texts may be missing?

use serde_json::{Map, Value};

use crate::oidc::{Code, Error};

/// What the other portal calls whom and what.
pub(super) const NAMES: [&str; 6] =
    ["application_id", "portal_id", "organization_id", "developer_id", "auth_strategy_id", "dcr_provider_id"];

/// Takes those names out of a body.
///
/// # Errors
/// `invalid_request` for one that is no short string.
pub(super) fn names(members: &mut Map<String, Value>) -> Result<Map<String, Value>, Error> {
    let mut names = Map::new();
    for name in NAMES {
        match members.shift_remove(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text.len() <= 100 && !text.contains(char::is_control) => {
                drop(names.insert(name.to_owned(), text.into()))
            }
            Some(_) => {
                let why = format!("{name} must be a string of at most 100 characters without control characters");
                return Err(Error::new(Code::InvalidRequest, why));
            }
        }
    }
    Ok(names)
}

/// A text that may be missing, empty or `null`.
///
/// # Errors
/// `invalid_request` for anything else.
pub(super) fn text(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Error> {
    match members.shift_remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= 4000 && !text.contains('\0') => {
            Ok(Some(text).filter(|text| !text.is_empty()))
        }
        Some(_) => Err(Error::new(Code::InvalidRequest, format!("{name} must be a string of at most 4000 characters"))),
    }
}
