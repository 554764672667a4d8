//! May this body be read as JSON, and which members has it? (R1, interop.md §4.2)

use serde_json::{Map, Value};

use super::json::{self, Limits};
use super::profile::{MissingContentType, Profile};
use crate::oidc::{Code, Error};

/// What a request says its body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/json`, or a type with the suffix `+json`; its parameters do not matter.
    Json,
    /// It does not say.
    Unsaid,
    /// Anything else, or more than one type.
    Other,
}

impl Media {
    /// Reads a `Content-Type` (RFC 9110 §8.3); names are compared without case.
    pub fn of(content_type: &str) -> Self {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        let subtype = match essence.split_once('/') {
            Some((top, subtype)) if top.eq_ignore_ascii_case("application") => subtype.to_ascii_lowercase(),
            _ => return Self::Other,
        };
        let named = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
        let suffixed = subtype.strip_suffix("+json").is_some_and(|name| !name.is_empty() && name.bytes().all(named));
        if subtype == "json" || suffixed { Self::Json } else { Self::Other }
    }
}

/// The body of a registration or of an update, as it was sent.
#[derive(Clone, Copy, Debug)]
pub struct Body<'a> {
    /// What the request says it is.
    pub media: Media,
    /// What it holds.
    pub bytes: &'a [u8],
}

impl Body<'_> {
    /// The members of the one JSON object it must be; `depth_max` levels are read.
    ///
    /// # Errors
    /// 415 for another media type, so that no page of another origin can send one without asking (s.R42); 413 and
    /// `invalid_request` as [`json::object`] says.
    pub fn members(self, profile: &Profile, depth_max: usize) -> Result<Map<String, Value>, Error> {
        let json = match self.media {
            Media::Json => true,
            Media::Unsaid => profile.missing_content_type == MissingContentType::IsJson,
            Media::Other => false,
        };
        if !json {
            return Err(Error::new(
                Code::UnsupportedMediaType,
                "the body must be JSON: send Content-Type: application/json",
            ));
        }
        json::object(self.bytes, Limits { depth_max, ..Limits::REGISTRATION })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn json_is_known_by_its_type_whatever_its_parameters() {
        // R1, s.R42, interop.md §4.2
        for json in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;x=\"a;b\"",
            "application/scim+json",
            " application/json ",
        ] {
            assert_eq!(Media::of(json), Media::Json, "{json}");
        }
        for other in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=application/json",
            "text/json",
            "application/jsonp",
            "application/+json",
            "application/a/b+json",
            "application/json, text/plain",
            "json",
            "",
        ] {
            assert_eq!(Media::of(other), Media::Other, "{other}");
        }
    }

    #[test]
    fn a_body_without_a_type_is_json_where_the_profile_says_so() {
        let members =
            |media, profile| Body { media, bytes: b"{}" }.members(profile, 16).map_err(|error| error.code.status());
        assert_eq!(members(Media::Unsaid, &Profile::INTEROP), Ok(Map::new()));
        assert_eq!(members(Media::Unsaid, &Profile::STRICT), Err(415));
        assert_eq!(members(Media::Other, &Profile::INTEROP), Err(415));
        assert_eq!(members(Media::Json, &Profile::STRICT), Ok(Map::new()));
    }
}
