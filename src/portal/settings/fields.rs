//! Which settings are there, and what may each be? One table; the rest follows from it.

use serde_json::{Map, Value};

use crate::config::Profile;
use crate::oidc::service::form;
use crate::oidc::user::email_key;
use crate::portal::service::check;
use crate::portal::{Rule, Wrong};

/// Bytes of what is kept for others, at most.
pub const KEPT_MAX: usize = 64 * 1024;
const DOMAINS_MAX: usize = 100;
const SCOPES_MAX: usize = 1000;

/// What a setting may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `true` or `false`.
    Switch,
    /// A whole number in a range.
    Number(i64, i64),
    /// The profile of new clients.
    Profile,
    /// Names of hosts.
    Domains,
    /// Names of scopes.
    Scopes,
    /// An e-mail address.
    Email,
    /// A web address.
    Url,
    /// The audience of a service.
    Audience,
    /// Whatever others keep.
    Kept,
}

/// Hours in a year, and days in ten.
const HOURS_MAX: i64 = 8760;
const DAYS_MAX: i64 = 3650;
/// Registrations in a second.
const RATE_MAX: i64 = 100_000;

/// Section (empty: none), member, and what it may be.
const FIELDS: &[(&str, &str, Kind)] = &[
    ("registration", "open", Kind::Switch),
    ("registration", "with_token", Kind::Switch),
    ("registration", "profile", Kind::Profile),
    ("registration", "open_management", Kind::Switch),
    ("registration", "templates", Kind::Switch),
    ("registration", "templates_required", Kind::Switch),
    ("registration", "allowed_scopes", Kind::Scopes),
    ("registration", "default_scopes", Kind::Scopes),
    ("registration", "allow_localhost", Kind::Switch),
    ("registration", "allow_http", Kind::Switch),
    ("registration", "allow_custom_scheme", Kind::Switch),
    ("registration", "portal", Kind::Switch),
    ("registration", "rate_per_second", Kind::Number(0, RATE_MAX)),
    ("introspection", "allow_get", Kind::Switch),
    ("grants", "password", Kind::Switch),
    ("portal", "sign_up", Kind::Switch),
    ("portal", "sign_up_domains", Kind::Domains),
    ("auto_approve", "developers", Kind::Switch),
    ("auto_approve", "contracts", Kind::Switch),
    ("mail", "on_request", Kind::Switch),
    ("mail", "on_status", Kind::Switch),
    ("policies", "endless_tokens", Kind::Switch),
    ("types", "simple", Kind::Switch),
    ("types", "browser", Kind::Switch),
    ("types", "web", Kind::Switch),
    ("types", "native", Kind::Switch),
    ("types", "backend_to_backend", Kind::Switch),
    ("users", "default_application", Kind::Switch),
    ("session", "idle_hours", Kind::Number(1, HOURS_MAX)),
    ("session", "max_hours", Kind::Number(1, HOURS_MAX)),
    ("consent", "scope_descriptions", Kind::Switch),
    ("consent", "ends_with_token", Kind::Switch),
    ("about", "support_email", Kind::Email),
    ("about", "support_url", Kind::Url),
    ("", "default_audience", Kind::Audience),
    ("", "retention_days", Kind::Number(1, DAYS_MAX)),
    ("", "kept", Kind::Kept),
];

/// What the tenant has that settings may name.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The audiences of its services.
    pub audiences: Vec<String>,
    /// The audience of the management API.
    pub management: String,
}

/// The new name, if there is one, and the patch as it may be stored.
///
/// # Errors
/// All that is wrong, in the order of the patch.
pub fn checked(patch: &Value, known: &Known) -> Result<(Option<String>, Value), Vec<Wrong>> {
    let Value::Object(members) = patch else {
        return Err(vec![Wrong::new("", Rule::Form, "must be an object")]);
    };
    let (mut wrong, mut name, mut stored) = (Vec::new(), None, Map::new());
    for (member, value) in members {
        if member == "name" {
            name = value.as_str().map(str::to_owned);
            let complaint = || Wrong::new("name", Rule::Form, "must be a string");
            wrong.extend(name.as_deref().map_or_else(|| Some(complaint()), |name| check::line("name", name, 200)));
        } else if let Some(kind) = kind("", member) {
            keep(&mut stored, &mut wrong, member, kind.read(member, value, known));
        } else if FIELDS.iter().any(|(section, ..)| section == member) {
            let inner = section(member, value, known, &mut wrong);
            stored.insert(member.clone(), inner);
        } else {
            wrong.push(Wrong::new(member, Rule::Unknown, "is not a setting"));
        }
    }
    if wrong.is_empty() { Ok((name, Value::Object(stored))) } else { Err(wrong) }
}

fn section(section: &str, value: &Value, known: &Known, wrong: &mut Vec<Wrong>) -> Value {
    let members = match value {
        Value::Null => return Value::Null,
        Value::Object(members) => members,
        _ => {
            wrong.push(Wrong::new(section, Rule::Form, "must be an object"));
            return Value::Null;
        }
    };
    let mut stored = Map::new();
    for (member, value) in members {
        let path = format!("{section}.{member}");
        match kind(section, member) {
            Some(kind) => keep(&mut stored, wrong, member, kind.read(&path, value, known)),
            None => wrong.push(Wrong::new(path, Rule::Unknown, "is not a setting")),
        }
    }
    Value::Object(stored)
}

fn kind(section: &str, member: &str) -> Option<Kind> {
    let found = FIELDS.iter().find(|(known, name, _)| *known == section && *name == member);
    found.map(|(.., kind)| *kind)
}

fn keep(stored: &mut Map<String, Value>, wrong: &mut Vec<Wrong>, member: &str, read: Result<Value, Wrong>) {
    match read {
        Ok(value) => drop(stored.insert(member.to_owned(), value)),
        Err(complaint) => wrong.push(complaint),
    }
}

impl Kind {
    /// The value as it is stored; `null` goes back to the default.
    fn read(self, path: &str, value: &Value, known: &Known) -> Result<Value, Wrong> {
        let form = |complaint: &str| Err(Wrong::new(path, Rule::Form, complaint));
        match (self, value) {
            (_, Value::Null) => Ok(Value::Null),
            (Self::Switch, Value::Bool(_)) => Ok(value.clone()),
            (Self::Switch, _) => form("must be true or false"),
            (Self::Number(least, most), _) => match value.as_i64() {
                Some(number) => check::range(path, number, least, most).map_or(Ok(value.clone()), Err),
                None => form("must be a whole number"),
            },
            (Self::Profile, Value::String(text)) if Profile::ALL.iter().any(|profile| profile.name() == text) => {
                Ok(value.clone())
            }
            (Self::Profile, _) => {
                let names = Profile::ALL.map(Profile::name).join(", ");
                Err(Wrong::new(path, Rule::Unknown, format!("must be one of {names}")))
            }
            (Self::Domains, Value::Array(items)) => domains(path, items),
            (Self::Domains, _) => form("must be a list of domains"),
            (Self::Scopes, Value::Array(items)) => scopes(path, items),
            (Self::Scopes, _) => form("must be a list of scopes"),
            (Self::Email, Value::String(text)) if email_key(text).is_some() => Ok(text.trim().into()),
            (Self::Email, _) => form("must be an e-mail address"),
            (Self::Url, Value::String(text)) if is_web_address(text) => Ok(value.clone()),
            (Self::Url, _) => form("must be an address that begins with https:// or http://, without a user"),
            (Self::Audience, Value::String(text)) => known.audience(path, text),
            (Self::Audience, _) => form("must be a string"),
            (Self::Kept, _) => check::kept(path, value).map_or(Ok(value.clone()), Err),
        }
    }
}

impl Known {
    fn audience(&self, path: &str, text: &str) -> Result<Value, Wrong> {
        // It would hand every client a token for the management API that only lacks scopes.
        if form::same_audience(&self.management, text) {
            return Err(Wrong::new(path, Rule::Contradiction, "must not be the management API"));
        }
        match self.audiences.iter().find(|known| form::same_audience(known, text)) {
            // As the service spells it: that is what tokens say.
            Some(audience) => Ok(audience.as_str().into()),
            None => Err(Wrong::new(path, Rule::Missing, "must be the audience of a service")),
        }
    }
}

/// Each scope once, in order. Whether a service knows it is not asked: services come and go.
fn scopes(path: &str, items: &[Value]) -> Result<Value, Wrong> {
    if items.len() > SCOPES_MAX {
        return Err(Wrong::new(path, Rule::Length, format!("must be at most {SCOPES_MAX}")));
    }
    let mut scopes: Vec<&str> = Vec::new();
    for item in items {
        // RFC 6749 §3.3.
        let is_scope = |text: &&str| {
            (1..=200).contains(&text.len()) && text.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
        };
        let Some(scope) = item.as_str().filter(is_scope) else {
            return Err(Wrong::new(path, Rule::Form, format!("must hold scopes, e.g. orders:read; {item} is none")));
        };
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Ok(scopes.into())
}

fn domains(path: &str, items: &[Value]) -> Result<Value, Wrong> {
    if items.len() > DOMAINS_MAX {
        return Err(Wrong::new(path, Rule::Length, format!("must be at most {DOMAINS_MAX}")));
    }
    let mut domains: Vec<String> = Vec::new();
    for item in items {
        let parsed = item.as_str().map(|text| url::Host::parse(text.trim()));
        let Some(Ok(url::Host::Domain(domain))) = parsed else {
            return Err(Wrong::new(path, Rule::Form, format!("must hold domains, e.g. example.org; {item} is none")));
        };
        let fits = domain.len() <= 253 && domain.split('.').all(is_label);
        if !fits {
            return Err(Wrong::new(path, Rule::Form, format!("must hold domains, e.g. example.org; {item} is none")));
        }
        if !domains.contains(&domain) {
            domains.push(domain);
        }
    }
    Ok(domains.into())
}

fn is_label(label: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len()) && label.bytes().all(letter) && !label.starts_with('-') && !label.ends_with('-')
}

fn is_web_address(text: &str) -> bool {
    let parsed = url::Url::parse(text).ok();
    let visible = text.len() <= 2000 && text.bytes().all(|byte| byte.is_ascii_graphic());
    let fits = |url: &url::Url| {
        ["https", "http"].contains(&url.scheme())
            && url.host().is_some()
            && url.username().is_empty()
            && url.password().is_none()
    };
    visible && parsed.as_ref().is_some_and(fits)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::oidc::tenant::Settings;

    fn known() -> Known {
        Known { audiences: vec!["https://api.example".into()], management: "https://id.example/api/v2/".into() }
    }

    #[test]
    fn every_setting_is_in_the_table_and_the_other_way_round() {
        let settings = serde_json::to_value(Settings::default()).unwrap_or_default();
        let mut there: Vec<(String, String)> = Vec::new();
        for (member, value) in settings.as_object().into_iter().flatten() {
            match value {
                Value::Object(members) if member != "kept" => {
                    there.extend(members.keys().map(|inner| (member.clone(), inner.clone())));
                }
                _ => there.push((String::new(), member.clone())),
            }
        }
        let mut listed: Vec<(String, String)> =
            FIELDS.iter().map(|(section, member, _)| ((*section).to_owned(), (*member).to_owned())).collect();
        there.sort();
        listed.sort();
        assert_eq!(listed, there);
    }

    #[test]
    fn what_is_right_is_stored_in_one_spelling() {
        let patch = json!({
            "name": "Acme",
            "portal": {"sign_up_domains": ["Example.ORG", "bücher.example", "example.org"]},
            "about": {"support_email": " help@example.org ", "support_url": "https://example.org/help"},
            "session": {"idle_hours": 72, "max_hours": null},
            "mail": null,
            "default_audience": "https://api.example/",
            "kept": {"picture_url": "x", "flags": {"a": true}},
        });
        let stored = json!({
            "portal": {"sign_up_domains": ["example.org", "xn--bcher-kva.example"]},
            "about": {"support_email": "help@example.org", "support_url": "https://example.org/help"},
            "session": {"idle_hours": 72, "max_hours": null},
            "mail": null,
            "default_audience": "https://api.example",
            "kept": {"picture_url": "x", "flags": {"a": true}},
        });
        assert_eq!(checked(&patch, &known()), Ok((Some("Acme".to_owned()), stored)));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let patch = json!({
            "about": {"support_email": "nobody", "support_url": "javascript:alert(1)"},
            "auto_approve": true,
            "default_audience": "https://elsewhere.example",
            "kept": [],
            "name": " ",
            "nonsense": 1,
            "portal": {"sign_up": "yes", "sign_up_domains": ["10.0.0.1"]},
            "registration": {"profile": "lenient", "unheard_of": true},
            "retention_days": 1.5,
            "session": {"idle_hours": 0},
        });
        let wrong = checked(&patch, &known()).err().unwrap_or_default();
        let found: Vec<(&str, &Rule)> = wrong.iter().map(|wrong| (wrong.field.as_str(), &wrong.rule)).collect();
        let hours = Rule::Range { least: 1, most: HOURS_MAX };
        let expected = [
            ("about.support_email", &Rule::Form),
            ("about.support_url", &Rule::Form),
            ("auto_approve", &Rule::Form),
            ("default_audience", &Rule::Missing),
            ("kept", &Rule::Form),
            ("name", &Rule::Length),
            ("nonsense", &Rule::Unknown),
            ("portal.sign_up", &Rule::Form),
            ("portal.sign_up_domains", &Rule::Form),
            ("registration.profile", &Rule::Unknown),
            ("registration.unheard_of", &Rule::Unknown),
            ("retention_days", &Rule::Form),
            ("session.idle_hours", &hours),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_management_api_is_nobodys_default() {
        let wrong =
            checked(&json!({"default_audience": "https://id.example/api/v2"}), &known()).err().unwrap_or_default();
        assert_eq!(wrong, [Wrong::new("default_audience", Rule::Contradiction, "must not be the management API")]);
    }
}
