//! Did the caller see what is there? `If-Match` (RFC 9110 §13.1.1).

use super::problem::Problem;
use crate::portal::{Conflict, Error, Rule};

/// What a caller saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen(Option<String>);

impl Seen {
    /// Reads `If-Match`: nothing and `*` say nothing about a version.
    ///
    /// # Errors
    /// 400 for what is no entity tag, and for more than one; 412 for a weak one, which never matches.
    pub fn read(header: Option<&str>) -> Result<Self, Problem> {
        let Some(text) = header.map(str::trim).filter(|text| *text != "*") else { return Ok(Self(None)) };
        if text.starts_with("W/\"") {
            return Err(Problem::changed());
        }
        let tag = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        match tag.filter(|tag| !tag.contains('"')) {
            Some(tag) => Ok(Self(Some(tag.to_owned()))),
            None => Err(Problem::wrong("If-Match", Rule::Form, "must be the ETag of an answer, or *")),
        }
    }

    /// The version, of a thing that counts its changes.
    ///
    /// # Errors
    /// 412 for a tag that is none of its.
    pub fn version(&self) -> Result<Option<i64>, Problem> {
        let Some(tag) = &self.0 else { return Ok(None) };
        let version = tag.strip_prefix('v').and_then(|digits| digits.parse().ok());
        version.map(Some).ok_or_else(Problem::changed)
    }

    /// The tag, of a thing that does not.
    pub fn tag(&self) -> Option<String> {
        self.0.clone()
    }

    /// Spells a refusal: whoever said what they saw is told that it was not there.
    pub fn refuse(&self, error: Error) -> Problem {
        match error {
            Error::Conflict(Conflict::Changed) if self.0.is_some() => Problem::changed(),
            error => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use poem::error::ResponseError as _;

    use super::*;

    #[test]
    fn a_tag_names_a_version() {
        let version =
            |header| Seen::read(Some(header)).and_then(|seen| seen.version()).map_err(|p| p.status().as_u16());
        assert_eq!(version("\"v3\""), Ok(Some(3)));
        assert_eq!(version(" * "), Ok(None));
        for (header, status) in
            [("W/\"v3\"", 412), ("\"3\"", 412), ("\"vx\"", 412), ("v3", 400), ("\"v1\", \"v2\"", 400)]
        {
            assert_eq!(version(header), Err(status), "{header}");
        }
        assert_eq!(Seen::read(None).map_err(|p| p.status().as_u16()), Ok(Seen(None)));
    }

    #[test]
    fn a_change_in_between_is_412_for_those_who_said_what_they_saw() {
        let changed = || Error::Conflict(Conflict::Changed);
        assert_eq!(Seen(Some("v1".into())).refuse(changed()).status().as_u16(), 412);
        assert_eq!(Seen(None).refuse(changed()).status().as_u16(), 409);
    }
}
