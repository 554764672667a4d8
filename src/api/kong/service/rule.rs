//! How is a service of ours shown to who knows Kong's? (portal.md K53)

use entity::service::Model;
use url::Url;

use super::{Service, Upstream};

impl Service {
    /// As its row says.
    pub fn of(row: &Model) -> Self {
        let known = row.upstream.as_ref().and_then(|upstream| serde_json::from_value(upstream.clone()).ok());
        Self {
            id: row.id.0,
            name: Some(row.name.clone()),
            created_at: row.created_at,
            updated_at: row.updated_at,
            upstream: known.unwrap_or_else(|| guessed(row)),
            tags: row.tags.as_ref().and_then(|tags| serde_json::from_value(tags.clone()).ok()),
            enabled: row.enabled,
        }
    }
}

/// Where a service is found of which nobody said it: every service has a host here, and its audience often is a URL.
fn guessed(row: &Model) -> Upstream {
    let url = Url::parse(&row.audience).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some(url) = url else { return Upstream { host: row.name.clone(), ..Upstream::default() } };
    Upstream {
        protocol: url.scheme().to_owned(),
        host: url.host_str().unwrap_or(&row.name).to_owned(),
        port: url.port_or_known_default().map_or(80, i64::from),
        path: Some(url.path().to_owned()).filter(|path| path != "/"),
        ..Upstream::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_without_an_upstream_is_found_by_its_audience() {
        // K53
        let now = 1;
        let row = |audience: &str| Model {
            kept: None,
            id: uuid::Uuid::nil().into(),
            tenant_id: uuid::Uuid::nil().into(),
            name: "orders".to_owned(),
            description: None,
            audience: audience.to_owned(),
            enabled: true,
            access: entity::service::Access::Contract,
            published: true,
            owner_id: None,
            upstream: None,
            tags: None,
            scopes: serde_json::json!([]),
            token_format: entity::service::TokenFormat::Jwt,
            access_token_seconds: None,
            version: 0,
            created_at: now,
            updated_at: now,
        };
        let upstream = Service::of(&row("https://api.example/v1")).upstream;
        let found = (upstream.protocol.as_str(), upstream.host.as_str(), upstream.port, upstream.path.as_deref());
        assert_eq!(found, ("https", "api.example", 443, Some("/v1")));
        assert_eq!(Service::of(&row("urn:x")).upstream.host, "orders");
    }
}
