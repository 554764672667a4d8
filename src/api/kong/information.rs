//! What does a node tell about itself? `GET /`, `GET /plugins/enabled`, `GET /schemas/…` (portal.md K42).

use serde_json::{Value, json};

use super::plugin::PluginName;
use super::schema::describe::listed;
use super::service;

/// The version of Kong whose Admin API this is: the one `application-registration` 1.0.x is made for.
pub const VERSION: &str = "1.5.0";
/// What `GET /` tells. `database` is its kind, `in_use` the plugins that some service has.
pub fn node(hostname: &str, node_id: &str, database: &str, in_use: &[PluginName]) -> Value {
    let available: serde_json::Map<String, Value> =
        PluginName::ALL.into_iter().map(|name| (name.as_str().to_owned(), json!(true))).collect();
    let in_use: Vec<&str> = in_use.iter().map(|name| name.as_str()).collect();
    json!({
        "tagline": "Welcome to Registrar",
        "version": VERSION,
        "edition": "enterprise",
        "hostname": hostname,
        "node_id": node_id,
        "plugins": {"available_on_server": available, "enabled_in_cluster": in_use},
        "configuration": {"database": database, "portal": true},
    })
}

/// What `GET /plugins/enabled` tells.
pub fn enabled() -> Value {
    json!({"enabled_plugins": PluginName::ALL.map(PluginName::as_str)})
}

/// What `GET /schemas/plugins/{name}` tells.
pub fn plugin_schema(name: PluginName) -> Value {
    let shown = ["service", "route", "consumer", "protocols", "config"];
    let fields: Vec<_> = name.fields().iter().filter(|field| shown.contains(&field.name)).copied().collect();
    json!({"entity_checks": [], "fields": listed(&fields)})
}

/// What `GET /schemas/services` and `GET /schemas/plugins` tell; `None` for entities we do not have.
pub fn schema(collection: &str) -> Option<Value> {
    let fields = match collection {
        "services" => service::FIELDS,
        "plugins" => PluginName::ApplicationRegistration.fields(),
        _ => return None,
    };
    Some(json!({"entity_checks": [], "fields": listed(fields)}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field<'a>(schema: &'a Value, name: &str) -> &'a Value {
        let found = schema["fields"].as_array().into_iter().flatten().find_map(|field| field.get(name));
        found.unwrap_or(&Value::Null)
    }

    #[test]
    fn the_schema_shows_every_parameter_of_the_documentation() {
        // K9 to K20, K42: names, defaults and requirements of seed-K2.
        let schema = plugin_schema(PluginName::ApplicationRegistration);
        let config = field(&schema, "config");
        for (name, kind, default) in [
            ("auth_header_name", "string", json!("authorization")),
            ("auto_approve", "boolean", json!(false)),
            ("description", "string", Value::Null),
            ("display_name", "string", Value::Null),
            ("enable_authorization_code", "boolean", json!(false)),
            ("enable_client_credentials", "boolean", json!(false)),
            ("enable_implicit_grant", "boolean", json!(false)),
            ("enable_password_grant", "boolean", json!(false)),
            ("mandatory_scope", "boolean", json!(false)),
            ("provision_key", "string", Value::Null),
            ("refresh_token_ttl", "integer", json!(1_209_600)),
            ("scopes", "array", Value::Null),
            ("token_expiration", "integer", json!(7200)),
        ] {
            let shown = field(config, name);
            assert_eq!((&shown["type"], &shown["default"]), (&json!(kind), &default), "{name}");
        }
        assert_eq!(field(config, "display_name")["required"], json!(true));
        assert_eq!(field(config, "provision_key")["auto"], json!(true));
        assert_eq!(field(config, "refresh_token_ttl")["between"], json!([0, 100_000_000]));
        assert_eq!(field(&schema, "protocols")["elements"]["one_of"], json!(["grpc", "grpcs", "http", "https"]));
        // K22
        assert_eq!(field(&schema, "route").get("eq"), Some(&Value::Null));
    }

    #[test]
    fn the_node_tells_its_plugins() {
        // K42
        assert_eq!(enabled(), json!({"enabled_plugins": ["application-registration", "oauth2"]}));
        let node = node("host", "id", "sqlite", &[PluginName::ApplicationRegistration]);
        assert_eq!(node["plugins"]["enabled_in_cluster"], json!(["application-registration"]));
        assert_eq!(node["version"], "1.5.0");
        assert_eq!(node["plugins"]["available_on_server"], json!({"application-registration": true, "oauth2": true}));
        assert_eq!(schema("routes"), None);
        assert_eq!(field(&schema("services").unwrap_or_default(), "retries")["between"], json!([0, 32767]));
    }
}
