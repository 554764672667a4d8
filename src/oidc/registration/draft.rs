//! What did the registrant send, and which rules did it break? Typed reading of members; every fault is kept (R21).

use serde_json::{Map, Value};

use super::profile::Remedy;
use super::validate::Rules;
use crate::oidc::client::uri::quoted;
use crate::oidc::{Code, Error, Violation};

/// A rule of the reference, and the specification behind it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule(pub &'static str, pub &'static str);

pub(super) const TYPES: Rule = Rule("R2", "RFC 7591 §2");
pub(super) const WEB_URIS: Rule = Rule("R3", "RFC 7591 §2");
pub(super) const TEXT: Rule = Rule("R4", "RFC 7591 §5");
pub(super) const WORDS: Rule = Rule("R5", "RFC 7591 §2");
pub(super) const AUTH_ALG: Rule = Rule("R6", "OpenID Connect Registration §2");
pub(super) const REDIRECTS_NEEDED: Rule = Rule("R7", "RFC 7591 §2");
pub(super) const COHERENCE: Rule = Rule("R8", "RFC 7591 §2.1");
pub(super) const REDIRECTS: Rule = Rule("R9", "RFC 9700 §2.1");
pub(super) const KEYS: Rule = Rule("R11", "RFC 7517 §4");
pub(super) const SECTOR: Rule = Rule("R15", "OpenID Connect Core §8.1");
pub(super) const CHOICES: Rule = Rule("R17", "OpenID Connect RP Metadata Choices §2");
pub(super) const UPDATES: Rule = Rule("R18", "RFC 7592 §2.2");
pub(super) const UNBUILT: Rule = Rule("unsupported", "RFC 7591 §3.2.2");
pub(super) const TEMPLATE: Rule = Rule("template", "RFC 7591 §2");
pub(super) const POLICY: Rule = Rule("policy", "RFC 7591 §3.2.2");

/// Violations that are told in the one sentence; the rest is in the list.
const TOLD_MAX: usize = 5;

/// The wish of a registrant while it is read.
pub(super) struct Draft<'a> {
    wanted: &'a Map<String, Value>,
    pub(super) rules: &'a Rules<'a>,
    found: Vec<Violation>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(wanted: &'a Map<String, Value>, rules: &'a Rules<'a>) -> Self {
        Self { wanted, rules, found: Vec::new() }
    }

    /// Notes a broken rule. The complaint is a clause that follows the member's name.
    pub(super) fn fault(&mut self, member: &str, rule: Rule, complaint: impl Into<String>) -> &mut Violation {
        self.found.push(violation(member, rule, complaint.into()));
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    /// Notes a broken rule about one value of `member`.
    pub(super) fn bad(&mut self, member: &str, rule: Rule, value: &str, complaint: &str) -> &mut Violation {
        let fault = self.fault(member, rule, format!("{} {complaint}", quoted(value)));
        fault.got = Some(Value::String(value.chars().take(200).collect()));
        fault
    }

    /// Whether `member` already broke a rule, so that what follows from its absence need not be told.
    pub(super) fn is_spoilt(&self, member: &str) -> bool {
        self.found.iter().any(|violation| violation.member == member)
    }

    pub(super) fn repairs(&self) -> bool {
        self.rules.profile.contradictions == Remedy::Repair
    }

    /// Every member, as it was sent.
    pub(super) fn members(&self) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
        self.wanted.iter().map(|(member, value)| (member.as_str(), value))
    }

    /// The value of `member`; `null`, `""` and `[]` are as good as nothing (R2, E5).
    pub(super) fn sent(&self, member: &str) -> Option<&'a Value> {
        self.wanted.get(member).filter(|value| !is_nothing(value))
    }

    pub(super) fn text(&mut self, member: &str) -> Option<&'a str> {
        let sent = self.sent(member)?;
        if sent.as_str().is_none() {
            self.wrong_type(member, sent, "must be a string");
        }
        sent.as_str()
    }

    pub(super) fn flag(&mut self, member: &str) -> Option<bool> {
        let sent = self.sent(member)?;
        if sent.as_bool().is_none() {
            self.wrong_type(member, sent, "must be true or false");
        }
        sent.as_bool()
    }

    /// A whole number of seconds from 0 on (RFC 7591 knows no fractions).
    pub(super) fn seconds(&mut self, member: &str) -> Option<u32> {
        let sent = self.sent(member)?;
        let seconds = sent.as_u64().and_then(|seconds| u32::try_from(seconds).ok());
        if seconds.is_none() {
            self.wrong_type(member, sent, "must be a whole number of seconds from 0 to 4294967295");
        }
        seconds
    }

    /// An array of non-empty strings, each kept once, in order (R2); at most `max` of them.
    pub(super) fn list(&mut self, member: &str, max: usize) -> Option<Vec<&'a str>> {
        let sent = self.sent(member)?;
        let Some(items) = sent.as_array() else {
            self.wrong_type(member, sent, "must be an array of strings");
            return None;
        };
        if items.len() > max {
            self.fault(member, TYPES, format!("has {} values: at most {max} are taken", items.len()));
            return None;
        }
        let mut out: Vec<&str> = Vec::with_capacity(items.len());
        for item in items {
            match item.as_str() {
                Some("") => {
                    self.fault(member, TYPES, "has an empty string in its array");
                }
                Some(text) if out.contains(&text) => {}
                Some(text) => out.push(text),
                None => self.wrong_type(member, item, "must be an array of strings only"),
            }
        }
        Some(out)
    }

    fn wrong_type(&mut self, member: &str, got: &Value, complaint: &str) {
        let got = shortened(got);
        self.fault(member, TYPES, complaint).got = Some(got);
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// Every broken rule at once.
    pub(super) fn finish<T>(self, valid: T) -> Result<T, Error> {
        refusal(self.found).map_or(Ok(valid), Err)
    }
}

/// `null`, `""` and `[]` (E5).
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

pub(super) fn violation(member: &str, rule: Rule, complaint: String) -> Violation {
    Violation { member: member.to_owned(), rule: rule.0, complaint, got: None, allowed: Vec::new(), see: rule.1 }
}

/// The refusal that these violations make, if there are any.
pub(super) fn refusal(found: Vec<Violation>) -> Option<Error> {
    if found.is_empty() {
        return None;
    }
    let many = found.len();
    let statement = found.iter().any(|violation| violation.member == "software_statement");
    let told = found.iter().take(TOLD_MAX);
    let mut sentence: Vec<String> =
        told.map(|violation| format!("{} {}{}", violation.member, violation.complaint, choice(violation))).collect();
    if many > TOLD_MAX {
        sentence.push(format!("and {} more, listed in violations", many - TOLD_MAX));
    }
    let mut error = Error::violations(found);
    error.description = sentence.join("; ").into();
    if statement && error.code == Code::InvalidClientMetadata {
        error.code = Code::UnapprovedSoftwareStatement;
    }
    Some(error)
}

fn choice(violation: &Violation) -> String {
    if violation.allowed.is_empty() { String::new() } else { format!(" (allowed: {})", violation.allowed.join(", ")) }
}

/// A value for an error answer: nothing long, nothing deep.
fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.chars().take(200).collect()),
        Value::Array(_) => Value::String("an array".to_owned()),
        Value::Object(_) => Value::String("an object".to_owned()),
        plain => plain.clone(),
    }
}
