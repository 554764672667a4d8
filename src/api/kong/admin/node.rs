//! `/`, `/plugins/enabled` and `/schemas` (portal.md K42).

use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use url::Url;

use super::{Part, plugins};
use crate::api::kong::answer::{Answer, Any};
use crate::api::kong::call::Admin;
use crate::api::kong::plugin::PluginName;
use crate::api::kong::{Refusal, information};
use crate::config::DatabaseUrl;

/// The node.
#[derive(Debug)]
pub struct NodeApi;

#[OpenApi(prefix_path = "/kong/admin", tag = "Part::Node")]
impl NodeApi {
    /// Say what this node is.
    #[oai(path = "/", method = "get", operation_id = "read_node")]
    async fn node(&self, call: Admin) -> Result<Answer<Any>, Refusal> {
        let in_use = plugins::in_use(&call).await?;
        let issuer = Url::parse(&call.tenant.issuer).ok();
        let hostname = issuer.as_ref().and_then(Url::host_str).unwrap_or_default();
        let database = match call.app.config.database.url {
            DatabaseUrl::Sqlite { .. } => "sqlite",
            DatabaseUrl::Postgres { .. } => "postgres",
            DatabaseUrl::MySql { .. } => "mysql",
        };
        Ok(Answer::new(&information::node(hostname, &call.tenant.id.to_string(), database, &in_use)))
    }

    /// List the plugins there are.
    #[oai(path = "/plugins/enabled", method = "get", operation_id = "list_enabled_plugins")]
    async fn enabled(&self, _call: Admin) -> Answer<Any> {
        Answer::new(&information::enabled())
    }

    /// Read the schema of a plugin.
    #[oai(path = "/schemas/plugins/:name", method = "get", operation_id = "read_plugin_schema")]
    async fn plugin_schema(&self, _call: Admin, name: Path<String>) -> Result<Answer<Any>, Refusal> {
        let name = PluginName::parse(&name).ok_or_else(Refusal::not_found)?;
        Ok(Answer::new(&information::plugin_schema(name)))
    }

    /// Read the schema of a collection.
    #[oai(path = "/schemas/:collection", method = "get", operation_id = "read_schema")]
    async fn schema(&self, _call: Admin, collection: Path<String>) -> Result<Answer<Any>, Refusal> {
        let schema = information::schema(&collection).ok_or_else(Refusal::not_found)?;
        Ok(Answer::new(&schema))
    }
}
