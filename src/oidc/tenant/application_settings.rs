//! Which applications do a tenant's developers make, and which one do they find?

use serde::{Deserialize, Serialize};

/// Which types of applications developers make (portal.md G53).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TypeSettings {
    /// Those without a client here.
    pub simple: bool,
    /// In browsers alone.
    pub browser: bool,
    /// On a server, with people in browsers.
    pub web: bool,
    /// On people's devices.
    pub native: bool,
    /// On a server, without people.
    pub backend_to_backend: bool,
}

impl Default for TypeSettings {
    fn default() -> Self {
        Self { simple: true, browser: true, web: true, native: true, backend_to_backend: true }
    }
}

/// What people find when they come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserSettings {
    /// A developer finds an application at their first sign-in (portal.md G28).
    pub default_application: bool,
}

impl Default for UserSettings {
    fn default() -> Self {
        Self { default_application: true }
    }
}
