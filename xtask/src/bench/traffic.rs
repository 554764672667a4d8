//! What do the loads ask? Requests written beforehand, or made from the answer before.

use std::collections::VecDeque;

use serde_json::Value;

use super::http::{Answer, Site};
use super::load::Traffic;
use crate::process::Failure;

/// What an answer must be.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    statuses: &'static [u16],
    /// Somewhere in the body or the `Location`.
    word: &'static str,
}

impl Expected {
    /// One of these statuses.
    pub(super) fn status(statuses: &'static [u16]) -> Self {
        Self { statuses, word: "" }
    }

    /// And this word in the body, or in the `Location` of a redirect.
    pub(super) fn with(self, word: &'static str) -> Self {
        Self { word, ..self }
    }

    fn check(&self, answer: &Answer<'_>) -> Result<(), Failure> {
        let holds = || {
            let place =
                if (300..400).contains(&answer.status) { answer.header("location").as_bytes() } else { answer.body };
            self.word.is_empty() || place.windows(self.word.len()).any(|bytes| bytes == self.word.as_bytes())
        };
        if self.statuses.contains(&answer.status) && holds() {
            return Ok(());
        }
        let start: String = answer.text().chars().take(400).collect();
        let location = answer.header("location");
        Err(Failure::new(format!("the answer was {} {location} {start}", answer.status)))
    }
}

/// Which part of an answer is kept for a later load.
#[derive(Clone, Copy, Debug)]
pub(super) enum Keep {
    Nothing,
    /// The bodies of the last so many answers.
    Bodies(usize),
    /// The `Location` of the last so many answers.
    Locations(usize),
}

/// Whether requests may be sent more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    Once,
    Again,
}

/// Requests that are known beforehand.
pub(super) struct Prepared {
    requests: Vec<Vec<u8>>,
    repeat: Repeat,
    at: usize,
    expected: Expected,
    keep: Keep,
    /// The number of the request, and what was kept of its answer.
    pub(super) kept: VecDeque<(usize, String)>,
}

impl Prepared {
    /// The same request for ever.
    pub(super) fn same(request: Vec<u8>, expected: Expected) -> Self {
        Self::cycle(vec![request], expected)
    }

    /// These requests, again and again.
    pub(super) fn cycle(requests: Vec<Vec<u8>>, expected: Expected) -> Self {
        Self { requests, repeat: Repeat::Again, at: 0, expected, keep: Keep::Nothing, kept: VecDeque::new() }
    }

    /// These requests, each once.
    pub(super) fn once(requests: Vec<Vec<u8>>, expected: Expected) -> Self {
        Self { repeat: Repeat::Once, ..Self::cycle(requests, expected) }
    }

    pub(super) fn keep(self, keep: Keep) -> Self {
        Self { keep, ..self }
    }
}

impl Traffic for Prepared {
    fn next(&mut self, request: &mut Vec<u8>) -> Option<usize> {
        if self.at == self.requests.len() && self.repeat == Repeat::Again {
            self.at = 0;
        }
        let number = self.at;
        request.extend_from_slice(self.requests.get(number)?);
        self.at += 1;
        Some(number)
    }

    fn answered(&mut self, number: usize, answer: &Answer<'_>) -> Result<(), Failure> {
        self.expected.check(answer)?;
        let (most, text) = match self.keep {
            Keep::Nothing => return Ok(()),
            Keep::Bodies(most) => (most, answer.text()),
            Keep::Locations(most) => (most, answer.header("location").to_owned()),
        };
        if self.kept.len() == most {
            self.kept.pop_front();
        }
        self.kept.push_back((number, text));
        Ok(())
    }
}

/// Refreshing with rotation: the next request of a family needs the answer to the one before.
pub(super) struct Rotation {
    pub(super) site: Site,
    pub(super) client: Registered,
    pub(super) tokens: VecDeque<String>,
}

impl Traffic for Rotation {
    fn next(&mut self, request: &mut Vec<u8>) -> Option<usize> {
        let token = self.tokens.pop_front()?;
        let fields = [("grant_type", "refresh_token"), ("refresh_token", &token)];
        *request = self.client.form(&self.site, "/token", &fields);
        Some(0)
    }

    fn answered(&mut self, _: usize, answer: &Answer<'_>) -> Result<(), Failure> {
        Expected::status(&[200]).check(answer)?;
        self.tokens.push_back(member(&answer.text(), "refresh_token")?);
        Ok(())
    }
}

/// A client as its registration answer describes it.
#[derive(Clone, Debug)]
pub(super) struct Registered {
    pub(super) id: String,
    pub(super) secret: String,
    /// Reads and changes the registration (RFC 7592).
    pub(super) access_token: String,
    /// Where, on this server.
    pub(super) path: String,
}

impl Registered {
    /// # Errors
    /// When something is missing.
    pub(super) fn from_answer(site: &Site, body: &str) -> Result<Self, Failure> {
        let [id, secret, access_token, uri] =
            members(body, ["client_id", "client_secret", "registration_access_token", "registration_client_uri"])?;
        let path = uri.strip_prefix(&site.url()).unwrap_or(&uri).to_owned();
        Ok(Self { id, secret, access_token, path })
    }

    /// A form sent by this client (`client_secret_post`, RFC 6749 §2.3.1).
    pub(super) fn form(&self, site: &Site, path: &str, fields: &[(&str, &str)]) -> Vec<u8> {
        let credentials = [("client_id", self.id.as_str()), ("client_secret", self.secret.as_str())];
        site.form(path, &[fields, &credentials].concat())
    }
}

/// A text in a JSON object.
///
/// # Errors
/// When there is none of that name.
pub(super) fn member(body: &str, name: &str) -> Result<String, Failure> {
    members(body, [name]).map(|[text]| text)
}

fn members<const N: usize>(body: &str, names: [&str; N]) -> Result<[String; N], Failure> {
    let object: Value = serde_json::from_str(body).unwrap_or_default();
    let missing = names.iter().find(|name| object.get(**name).and_then(Value::as_str).is_none());
    if let Some(missing) = missing {
        return Err(Failure::new(format!("an answer has no {missing}: {body}")));
    }
    Ok(names.map(|name| object[name].as_str().unwrap_or_default().to_owned()))
}
