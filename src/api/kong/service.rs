//! What does the body of a service say, and how is a service shown? (portal.md K53)

pub mod address;
pub mod fields;
pub mod rule;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

pub use fields::{FIELDS, ServiceBody, ServicePatch};

use super::body::Tree;
use super::error::Refusal;
use super::schema::{Checked, Complaints, Extent, Sent, read};

/// What a body wants of a service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceChange {
    /// The id it shall have; only a new one can get one.
    pub id: Option<Uuid>,
    /// Its name.
    pub name: Sent<String>,
    /// Whether it is in use.
    pub enabled: Option<bool>,
    /// Words to find it by.
    pub tags: Sent<Vec<String>>,
    upstream: UpstreamFields,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct UpstreamFields {
    protocol: Sent<String>,
    host: Sent<String>,
    port: Sent<i64>,
    path: Sent<String>,
    retries: Sent<i64>,
    connect_timeout: Sent<i64>,
    write_timeout: Sent<i64>,
    read_timeout: Sent<i64>,
    tls_verify: Sent<bool>,
    tls_verify_depth: Sent<i64>,
    ca_certificates: Sent<Vec<String>>,
}

/// Where a gateway finds the service: kept for those who ask, of no meaning here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Upstream {
    /// How it is spoken to.
    pub protocol: String,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: i64,
    /// What stands in front of every path.
    pub path: Option<String>,
    /// How often a gateway tries again.
    pub retries: Option<i64>,
    /// Milliseconds.
    pub connect_timeout: Option<i64>,
    /// Milliseconds.
    pub write_timeout: Option<i64>,
    /// Milliseconds.
    pub read_timeout: Option<i64>,
    /// Whether its certificate is checked; `None`: as the gateway is set.
    pub tls_verify: Option<bool>,
    /// How long the chain of certificates may be.
    pub tls_verify_depth: Option<i64>,
    /// Who may have signed its certificate.
    pub ca_certificates: Option<Vec<String>>,
}

impl Default for Upstream {
    fn default() -> Self {
        Self {
            protocol: fields::PROTOCOL.to_owned(),
            host: String::new(),
            port: fields::PORT,
            path: None,
            retries: Some(fields::RETRIES),
            connect_timeout: Some(fields::TIMEOUT),
            write_timeout: Some(fields::TIMEOUT),
            read_timeout: Some(fields::TIMEOUT),
            tls_verify: None,
            tls_verify_depth: None,
            ca_certificates: None,
        }
    }
}

impl ServiceChange {
    /// What the body of `POST` and `PUT` says of a whole service, and all that is wrong with that.
    pub fn judged(tree: Tree) -> (Self, Complaints) {
        let (change, mut complaints) = Self::read(tree, Extent::Whole);
        change.upstream.clone().over(Upstream::default()).check(&mut complaints);
        (change, complaints)
    }

    /// What the body of `PATCH` makes of a service that is found at `before`: where it is found then, and all that is
    /// wrong with that.
    pub fn judged_over(tree: Tree, before: Upstream) -> (Self, Upstream, Complaints) {
        let (change, mut complaints) = Self::read(tree, Extent::Part);
        let after = change.upstream.clone().over(before);
        after.check(&mut complaints);
        (change, after, complaints)
    }

    /// Reads the body of `POST` and `PUT`: a whole service. Presets are filled in by [`ServiceChange::upstream`].
    ///
    /// # Errors
    /// Code 2 with all that is wrong.
    pub fn whole(tree: Tree) -> Result<Self, Refusal> {
        let (change, complaints) = Self::judged(tree);
        refuse(&complaints)?;
        Ok(change)
    }

    /// Reads the body of `PATCH`: what shall change.
    ///
    /// # Errors
    /// Code 2 with all that is wrong with the fields.
    pub fn part(tree: Tree) -> Result<Self, Refusal> {
        let (change, complaints) = Self::read(tree, Extent::Part);
        refuse(&complaints)?;
        Ok(change)
    }

    fn read(mut tree: Tree, extent: Extent) -> (Self, Complaints) {
        let wrong = address::expand(&mut tree);
        let (mut checked, mut complaints) = read(FIELDS, tree, extent);
        if let Some(text) = wrong {
            complaints.add("url", text);
        }
        let change = Self {
            id: checked.text("id").given().and_then(|id| Uuid::try_parse(&id).ok()),
            name: checked.text("name"),
            enabled: checked.boolean("enabled").given(),
            tags: checked.words("tags"),
            upstream: UpstreamFields::take(&mut checked),
        };
        (change, complaints)
    }

    /// Where the service is found with this change over `before`; for a whole service, over the default.
    ///
    /// # Errors
    /// Code 2 if a field does not go with the protocol.
    pub fn upstream(&self, before: Upstream) -> Result<Upstream, Refusal> {
        let after = self.upstream.clone().over(before);
        let mut complaints = Complaints::default();
        after.check(&mut complaints);
        refuse(&complaints)?;
        Ok(after)
    }
}

fn refuse(complaints: &Complaints) -> Result<(), Refusal> {
    if complaints.is_empty() { Ok(()) } else { Err(Refusal::schema_violation(complaints)) }
}

impl UpstreamFields {
    fn take(checked: &mut Checked) -> Self {
        Self {
            protocol: checked.text("protocol"),
            host: checked.text("host"),
            port: checked.integer("port"),
            path: checked.text("path"),
            retries: checked.integer("retries"),
            connect_timeout: checked.integer("connect_timeout"),
            write_timeout: checked.integer("write_timeout"),
            read_timeout: checked.integer("read_timeout"),
            tls_verify: checked.boolean("tls_verify"),
            tls_verify_depth: checked.integer("tls_verify_depth"),
            ca_certificates: checked.words("ca_certificates"),
        }
    }

    fn over(self, before: Upstream) -> Upstream {
        Upstream {
            protocol: self.protocol.over_value(before.protocol),
            host: self.host.over_value(before.host),
            port: self.port.over_value(before.port),
            path: self.path.over(before.path),
            retries: self.retries.over(before.retries),
            connect_timeout: self.connect_timeout.over(before.connect_timeout),
            write_timeout: self.write_timeout.over(before.write_timeout),
            read_timeout: self.read_timeout.over(before.read_timeout),
            tls_verify: self.tls_verify.over(before.tls_verify),
            tls_verify_depth: self.tls_verify_depth.over(before.tls_verify_depth),
            ca_certificates: self.ca_certificates.over(before.ca_certificates),
        }
    }
}

impl Upstream {
    /// Complains about fields that do not go with the protocol.
    fn check(&self, complaints: &mut Complaints) {
        let has_path = !matches!(self.protocol.as_str(), "tcp" | "tls" | "udp" | "grpc" | "grpcs");
        let has_tls = matches!(self.protocol.as_str(), "https" | "tls");
        for (name, is_set, fits) in [
            ("path", self.path.is_some(), has_path),
            ("tls_verify", self.tls_verify.is_some(), has_tls),
            ("tls_verify_depth", self.tls_verify_depth.is_some(), has_tls),
            ("ca_certificates", self.ca_certificates.is_some(), has_tls),
        ] {
            if is_set && !fits && !complaints.has("protocol") {
                complaints.add("", "failed conditional validation given value of field 'protocol'");
                complaints.add(name, "value must be null");
            }
        }
    }
}

/// 409: another service has this name.
pub fn name_is_taken(name: &str) -> Refusal {
    Refusal::unique_violation(serde_json::json!({"name": name}))
}

/// A service to be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: Option<String>,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970.
    pub updated_at: i64,
    /// Where a gateway finds it.
    pub upstream: Upstream,
    /// Words to find it by.
    pub tags: Option<Vec<String>>,
    /// Whether it is in use.
    pub enabled: bool,
}

impl Service {
    /// The answer.
    pub fn answer(&self) -> ServiceAnswer<'_> {
        let upstream = &self.upstream;
        ServiceAnswer {
            id: self.id,
            name: self.name.as_deref(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            protocol: &upstream.protocol,
            host: &upstream.host,
            port: upstream.port,
            path: upstream.path.as_deref(),
            retries: upstream.retries,
            connect_timeout: upstream.connect_timeout,
            write_timeout: upstream.write_timeout,
            read_timeout: upstream.read_timeout,
            tags: self.tags.as_deref(),
            client_certificate: (),
            tls_verify: upstream.tls_verify,
            tls_verify_depth: upstream.tls_verify_depth,
            ca_certificates: upstream.ca_certificates.as_deref(),
            enabled: self.enabled,
        }
    }

    /// The answer as a value.
    pub fn value(&self) -> Value {
        serde_json::to_value(self.answer()).unwrap_or_default()
    }
}

/// A service as it is shown.
#[derive(Debug, Serialize)]
pub struct ServiceAnswer<'a> {
    id: Uuid,
    name: Option<&'a str>,
    created_at: i64,
    updated_at: i64,
    protocol: &'a str,
    host: &'a str,
    port: i64,
    path: Option<&'a str>,
    retries: Option<i64>,
    connect_timeout: Option<i64>,
    write_timeout: Option<i64>,
    read_timeout: Option<i64>,
    tags: Option<&'a [String]>,
    client_certificate: (),
    tls_verify: Option<bool>,
    tls_verify_depth: Option<i64>,
    ca_certificates: Option<&'a [String]>,
    enabled: bool,
}

#[cfg(test)]
mod tests;
