//! How is the dialect described? As its operations are, with the two parameters that all their paths share.

use poem_openapi::{ContactObject, LicenseObject, OpenApi, OpenApiService};
use serde_json::{Map, Value, json};

use crate::app::part::template;

const DESCRIPTION: &str = "What scripts written for Gravitee APIM use: providers, settings, applications, members and \
                           subscriptions of the management API, and what consumers call of the portal API. All addresses \
                           are below the issuer. An organization and an environment are called `DEFAULT`, or as the \
                           tenant. Moments are milliseconds since 1970 in the management API and RFC 3339 in the portal \
                           API.";

/// The parameters of paths that operations do not list: whoever calls is looked at together with them.
const SHARED: [(&str, &str); 2] = [
    ("organizationId", "`DEFAULT`, or the short name of the tenant."),
    ("envId", "`DEFAULT`, or the short name of the tenant."),
];

/// The service.
pub fn service() -> OpenApiService<impl OpenApi, ()> {
    OpenApiService::new(super::apis(), "Registrar, as a Gravitee APIM", env!("CARGO_PKG_VERSION"))
        .description(DESCRIPTION)
        .license(LicenseObject::new("Apache-2.0").url("https://www.apache.org/licenses/LICENSE-2.0"))
        .contact(ContactObject::new().name("The maintainers of Registrar"))
}

/// The document.
pub fn document() -> String {
    let mut document: Value = serde_json::from_str(&service().spec()).unwrap_or_default();
    let mut none = Map::new();
    let mut paths = Map::new();
    for (path, mut item) in std::mem::take(document["paths"].as_object_mut().unwrap_or(&mut none)) {
        let path = template(&path);
        let shared = SHARED.iter().filter(|(name, _)| path.contains(&format!("{{{name}}}")));
        let parameters: Vec<Value> = shared.map(|(name, description)| parameter(name, description)).collect();
        item["parameters"] = parameters.into();
        paths.insert(path, item);
    }
    document["paths"] = paths.into();
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn parameter(name: &str, description: &str) -> Value {
    json!({
        "name": name, "in": "path", "required": true, "deprecated": false,
        "description": description, "schema": {"type": "string"},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_of_a_path_is_described() {
        let document: Value = serde_json::from_str(&document()).unwrap_or_default();
        let mut known = 0;
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten().filter(|(name, _)| *name != "parameters")
            {
                let named = |from: &Value| -> Vec<String> {
                    let listed = from["parameters"].as_array().cloned().unwrap_or_default();
                    let of_path = listed.iter().filter(|parameter| parameter["in"] == "path");
                    of_path.filter_map(|parameter| parameter["name"].as_str().map(str::to_owned)).collect()
                };
                let mut described = [named(item), named(operation)].concat();
                described.sort();
                let mut wanted: Vec<String> = path
                    .split('/')
                    .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
                    .map(str::to_owned)
                    .collect();
                wanted.sort();
                assert_eq!(described, wanted, "{method} {path}");
                known += 1;
            }
        }
        assert!(known > 50, "{known}");
    }
}
