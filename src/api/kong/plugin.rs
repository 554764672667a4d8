//! What does a plugin body change? The policy of a service, under the names `application-registration` and `oauth2`
//! (portal.md §1.1, K14 to K28, K41, K52; D-1, D-2).

pub mod answer;
pub mod fields;
pub mod kept;
pub mod rule;
pub mod values;

use serde_json::{Value, json};
use uuid::Uuid;

pub use answer::Plugin;
pub use kept::{BesideFields, Kept};
pub use values::{PolicyFields, PolicyValues};

use super::body::Tree;
use super::error::Refusal;
use super::schema::{Complaints, Extent, Sent, read};

/// The plugins we know. Both speak of the policy of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PluginName {
    /// All of the policy.
    ApplicationRegistration,
    /// Its flows, scopes and lifetimes (D-2).
    OAuth2,
}

impl PluginName {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::ApplicationRegistration, Self::OAuth2];

    /// As it stands in `name`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApplicationRegistration => "application-registration",
            Self::OAuth2 => "oauth2",
        }
    }

    /// Reads it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }
}

/// Which service a plugin shall be on: `service.id` or `service.name` (K41).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceKey {
    /// The one with this id.
    Id(Uuid),
    /// The one of this name.
    Name(String),
}

impl ServiceKey {
    /// Reads the last part of a path: a UUID is an id, anything else a name (K23).
    pub fn parse(text: &str) -> Self {
        let id = (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten();
        id.map_or_else(|| Self::Name(text.to_owned()), Self::Id)
    }

    /// As the rules name it.
    pub fn reference(&self) -> String {
        match self {
            Self::Id(id) => id.to_string(),
            Self::Name(name) => name.clone(),
        }
    }

    /// As it stands in an answer.
    pub fn value(&self) -> Value {
        match self {
            Self::Id(id) => json!({"id": id}),
            Self::Name(name) => json!({"name": name}),
        }
    }
}

/// What a body wants of a plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct PluginChange {
    /// Which.
    pub name: PluginName,
    /// The id it shall have; only a new one can get one.
    pub id: Option<Uuid>,
    /// Its service.
    pub service: Option<ServiceKey>,
    /// Whether new registrations are taken (D-26).
    pub enabled: Option<bool>,
    /// Words to find it by.
    pub tags: Sent<Vec<String>>,
    /// The protocols it is for, sorted.
    pub protocols: Option<Vec<String>>,
    /// What only a gateway understands.
    pub beside: BesideFields,
    /// Its `config`.
    pub policy: PolicyFields,
}

/// Whether a body that was posted to a service itself is meant to put a plugin on it: `POST /services/{service}` is the
/// path of the plugin's own documentation (K23, D-1).
pub fn is_meant(tree: &Tree) -> bool {
    tree.text("name").is_some_and(|name| PluginName::parse(name).is_some())
}

impl PluginChange {
    /// Reads the body of `POST` and `PUT`: a whole plugin, whose `config` is complete once the presets are filled in.
    /// `on` is the service that the path names, which is taken whatever the body says.
    ///
    /// # Errors
    /// Code 2 with all that is wrong (K14, K20, K22, K46 to K49).
    pub fn whole(tree: Tree, on: Option<ServiceKey>) -> Result<Self, Refusal> {
        let name = named(&tree)?.ok_or_else(|| Complaints::one("name", "required field missing"));
        let name = name.map_err(|missing| Refusal::schema_violation(&missing))?;
        let (mut change, mut complaints) = Self::read(name, tree, Extent::Whole);
        if on.is_none() && change.service.is_none() && !complaints.has("service") {
            complaints.add("service", "required field missing");
        }
        change.policy.clone().over(PolicyValues::default()).check(&mut complaints);
        refuse(&complaints)?;
        change.service = on.or(change.service);
        Ok(change)
    }

    /// Reads the body of `PATCH` on a plugin that is `known` by this name: only what shall change (K28, K52). What the
    /// change makes of the policy is checked with [`PolicyValues::check`] once it is known.
    ///
    /// # Errors
    /// Code 2 with all that is wrong with the fields, and for another name.
    pub fn part(tree: Tree, known: PluginName) -> Result<Self, Refusal> {
        let said = named(&tree)?;
        let (change, mut complaints) = Self::read(known, tree, Extent::Part);
        if said.is_some_and(|said| said != known) {
            complaints.add("name", "immutable field cannot be updated");
        }
        refuse(&complaints)?;
        Ok(change)
    }

    fn read(name: PluginName, tree: Tree, extent: Extent) -> (Self, Complaints) {
        let (mut checked, complaints) = read(name.fields(), tree, extent);
        let uuid = |text: String| Uuid::try_parse(&text).ok();
        let mut service = checked.record("service");
        let (id, by_name) = (service.text("id").given().and_then(uuid), service.text("name").given());
        let protocols = checked.words("protocols").given().map(|mut protocols| {
            protocols.sort();
            protocols
        });
        let change = Self {
            name,
            id: checked.text("id").given().and_then(uuid),
            service: id.map(ServiceKey::Id).or(by_name.map(ServiceKey::Name)),
            enabled: checked.boolean("enabled").given(),
            tags: checked.words("tags"),
            protocols,
            beside: BesideFields { instance_name: checked.text("instance_name"), run_on: checked.text("run_on") },
            policy: PolicyFields::take(&mut checked.record("config")),
        };
        (change, complaints)
    }

    /// The policy as this change, as a whole plugin, makes it. `before` is the policy the service has, if any: `oauth2`
    /// replaces only its own part of it, `application-registration` all of it (D-2, K52). The caller gives a policy
    /// without a provision key a fresh one (K16).
    pub fn replace(&self, before: Option<PolicyValues>) -> PolicyValues {
        let base = match (self.name, before) {
            (PluginName::OAuth2, Some(before)) => before.without_flows(),
            (PluginName::OAuth2, None) | (PluginName::ApplicationRegistration, _) => PolicyValues::default(),
        };
        self.policy.clone().over(base)
    }

    /// The policy as this change, as a part, makes it (K28, K52).
    ///
    /// # Errors
    /// Code 2 if no flow is left (K14), or scopes are needed and there are none (K20).
    pub fn merge(&self, before: PolicyValues) -> Result<PolicyValues, Refusal> {
        let after = self.policy.clone().over(before);
        let mut complaints = Complaints::default();
        after.check(&mut complaints);
        refuse(&complaints)?;
        Ok(after)
    }
}

/// The name a body gives. A plugin we do not have is not checked any further.
fn named(tree: &Tree) -> Result<Option<PluginName>, Refusal> {
    let name = match tree.members.get("name") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(name)) if name.is_empty() => return Ok(None),
        Some(Value::String(name)) => name,
        Some(_) => return Err(Refusal::schema_violation(&Complaints::one("name", "expected a string"))),
    };
    let unknown = || {
        let text = format!("plugin '{name}' not enabled; add it to the 'plugins' configuration property");
        Refusal::schema_violation(&Complaints::one("name", text))
    };
    PluginName::parse(name).map(Some).ok_or_else(unknown)
}

fn refuse(complaints: &Complaints) -> Result<(), Refusal> {
    if complaints.is_empty() { Ok(()) } else { Err(Refusal::schema_violation(complaints)) }
}

/// 409: the service has this plugin (K50).
pub fn exists(name: PluginName, service: Uuid) -> Refusal {
    Refusal::unique_violation(
        json!({"consumer": null, "name": name.as_str(), "route": null, "service": {"id": service}}),
    )
}

/// 409: another service is shown under this name (K12, K50).
pub fn display_name_is_taken(display_name: &str) -> Refusal {
    Refusal::unique_violation(json!({"config": {"display_name": display_name}}))
}

#[cfg(test)]
mod tests;
