//! What is kept of a plugin beside its policy? What is of no meaning here, and that `oauth2` was made (portal.md D-2).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::fields::PROTOCOLS;
use super::{PluginChange, PluginName};
use crate::api::kong::schema::{Extent, Sent};
use crate::portal::policy::Policy;

/// What a body says that only a gateway understands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BesideFields {
    /// What the plugin is called.
    pub instance_name: Sent<String>,
    /// On which nodes of a mesh it runs.
    pub run_on: Sent<String>,
}

/// What only a gateway understands: stored and told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// What the plugin is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_name: Option<String>,
    /// On which nodes of a mesh it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_on: Option<String>,
    /// The protocols it is for; `None`: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    protocols: Option<Vec<String>>,
}

impl Beside {
    /// The protocols it is for, sorted.
    pub fn protocols(&self) -> Vec<String> {
        self.protocols.clone().unwrap_or_else(|| PROTOCOLS.map(str::to_owned).to_vec())
    }

    /// The same after a change.
    #[must_use]
    pub fn after(self, change: &PluginChange) -> Self {
        let said = change.protocols.clone();
        Self {
            instance_name: change.beside.instance_name.clone().over(self.instance_name),
            run_on: change.beside.run_on.clone().over(self.run_on),
            protocols: said.map_or(self.protocols, |said| (said != PROTOCOLS).then_some(said)),
        }
    }
}

/// The plugin `oauth2` of a service that has `application-registration`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// Its id, which is not the policy's.
    pub id: Uuid,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Words to find it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// What only a gateway understands.
    #[serde(flatten)]
    pub beside: Beside,
}

/// All that is kept with a policy for this dialect.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Of `application-registration`.
    #[serde(default, rename = "application-registration")]
    pub registration: Beside,
    /// The plugin `oauth2`; `None`: nobody made it, or it was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oauth2: Option<Alias>,
}

impl Kept {
    /// As the row has it.
    pub fn of(policy: &Policy) -> Self {
        let kept = policy.row.kept.clone();
        kept.and_then(|kept| serde_json::from_value(kept).ok()).unwrap_or_default()
    }

    /// Whether a plugin of this id is the `oauth2` of the policy.
    pub fn is_alias(&self, id: Uuid) -> bool {
        self.oauth2.as_ref().is_some_and(|alias| alias.id == id)
    }

    /// What is kept of the plugin of this name.
    pub fn beside(&self, name: PluginName) -> Beside {
        match name {
            PluginName::ApplicationRegistration => self.registration.clone(),
            PluginName::OAuth2 => self.oauth2.as_ref().map(|alias| alias.beside.clone()).unwrap_or_default(),
        }
    }

    /// The same after a change of the plugin that it names. What a whole one does not say is gone.
    #[must_use]
    pub fn after(mut self, change: &PluginChange, extent: Extent) -> Self {
        let before = |beside: Beside| if extent == Extent::Whole { Beside::default() } else { beside };
        match change.name {
            PluginName::ApplicationRegistration => self.registration = before(self.registration).after(change),
            PluginName::OAuth2 => {
                if let Some(alias) = &mut self.oauth2 {
                    alias.beside = before(std::mem::take(&mut alias.beside)).after(change);
                    let tags = if extent == Extent::Whole { None } else { alias.tags.take() };
                    alias.tags = change.tags.clone().over(tags);
                }
            }
        }
        self
    }

    /// As a change stores it; `None`: it is what is there.
    pub fn change(&self, policy: &Policy) -> Option<Option<Value>> {
        if *self == Self::of(policy) {
            return None;
        }
        let whole = serde_json::to_value(self).ok().filter(|_| *self != Self::default());
        Some(whole)
    }
}
