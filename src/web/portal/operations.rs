//! Which operations does an OpenAPI or Swagger document describe? Read for people, without following anything outside it.

use serde_json::{Map, Value};

use crate::web::page::portal::catalog::{Description, Operation, Parameter};
use crate::web::page::portal::lines;
use crate::web::shown::Shown;

/// So many operations are shown, and of each so many parts.
const OPERATIONS_MAX: usize = 500;
const PARTS_MAX: usize = 100;
/// A reference leads to another at most so often.
const REFERENCES_MAX: usize = 8;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// What a document describes; `None`: it is not such a document.
pub(super) fn describe(document: &Value) -> Option<Description> {
    let version = document.get("openapi").or_else(|| document.get("swagger"))?;
    if !(version.is_string() || version.is_number()) {
        return None;
    }
    let info = &document["info"];
    let mut operations = Vec::new();
    let mut is_cut = false;
    for (path, item) in object(&document["paths"]) {
        let item = resolved(document, item);
        for method in METHODS {
            let Some(operation) = item.get(method).filter(|operation| operation.is_object()) else { continue };
            if operations.len() >= OPERATIONS_MAX {
                is_cut = true;
                break;
            }
            operations.push(read(document, path, method, item, operation));
        }
    }
    Some(Description {
        title: info["title"].as_str().map(Shown::name),
        version: text(&info["version"]).map(|version| Shown::text(&version)),
        about: lines(info["description"].as_str().unwrap_or_default()),
        servers: servers(document),
        operations,
        is_cut,
    })
}

fn servers(document: &Value) -> Vec<Shown> {
    let urls = list(&document["servers"]).filter_map(|server| server["url"].as_str()).map(str::to_owned);
    let host = document["host"].as_str();
    let base = document["basePath"].as_str().unwrap_or_default();
    urls.chain(host.map(|host| format!("{host}{base}"))).take(PARTS_MAX).map(|url| Shown::text(&url)).collect()
}

fn read(document: &Value, path: &str, method: &str, item: &Value, operation: &Value) -> Operation {
    let given = list(&item["parameters"]).chain(list(&operation["parameters"]));
    let all: Vec<&Value> = given.take(PARTS_MAX).map(|parameter| resolved(document, parameter)).collect();
    let (in_body, beside): (Vec<&Value>, Vec<&Value>) =
        all.into_iter().partition(|parameter| parameter["in"] == "body");
    let mut bodies = content(&resolved(document, &operation["requestBody"])["content"]);
    let consumes = list(&operation["consumes"]).chain(list(&document["consumes"])).find_map(Value::as_str);
    bodies.extend(
        in_body.iter().map(|body| {
            (Shown::text(consumes.unwrap_or("application/json")), Shown::text(&schema(&body["schema"], 0)))
        }),
    );
    let responses = object(&operation["responses"]).take(PARTS_MAX).map(|(status, response)| {
        let response = resolved(document, response);
        (Shown::text(status), Shown::text(response["description"].as_str().unwrap_or_default()))
    });
    Operation {
        method: Shown::text(&method.to_ascii_uppercase()),
        path: Shown::text(path),
        summary: Shown::text(operation["summary"].as_str().unwrap_or_default()),
        about: lines(operation["description"].as_str().unwrap_or_default()),
        is_deprecated: operation["deprecated"] == true,
        parameters: beside.into_iter().map(parameter).collect(),
        bodies,
        responses: responses.collect(),
    }
}

fn parameter(parameter: &Value) -> Parameter {
    // Swagger writes the schema into the parameter itself.
    let described = parameter.get("schema").unwrap_or(parameter);
    Parameter {
        name: Shown::text(parameter["name"].as_str().unwrap_or_default()),
        place: Shown::text(parameter["in"].as_str().unwrap_or_default()),
        kind: Shown::text(&schema(described, 0)),
        is_required: parameter["required"] == true,
        about: Shown::text(parameter["description"].as_str().unwrap_or_default()),
    }
}

fn content(content: &Value) -> Vec<(Shown, Shown)> {
    let bodies = object(content).take(PARTS_MAX);
    bodies.map(|(media, body)| (Shown::text(media), Shown::text(&schema(&body["schema"], 0)))).collect()
}

/// A schema in few words: its type, its elements', or the name it has in the document.
fn schema(schema: &Value, depth: usize) -> String {
    if depth > REFERENCES_MAX {
        return "…".to_owned();
    }
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let types = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | "),
        single => single.as_str().unwrap_or_default().to_owned(),
    };
    if types == "array" {
        return format!("{}[]", self::schema(&schema["items"], depth + 1));
    }
    for (member, between) in [("oneOf", " | "), ("anyOf", " | "), ("allOf", " & ")] {
        let parts: Vec<String> = list(&schema[member]).take(8).map(|part| self::schema(part, depth + 1)).collect();
        if !parts.is_empty() {
            return parts.join(between);
        }
    }
    match schema["format"].as_str() {
        Some(format) if !types.is_empty() => format!("{types} ({format})"),
        _ => types,
    }
}

/// What a reference within the document leads to; anything else stays as it is.
fn resolved<'d>(document: &'d Value, mut value: &'d Value) -> &'d Value {
    for _ in 0..REFERENCES_MAX {
        let Some(pointer) = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) else { break };
        match document.pointer(pointer) {
            Some(found) => value = found,
            None => break,
        }
    }
    value
}

fn object(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A version is a string, but YAML reads `1.0` as a number.
fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).or_else(|| value.is_number().then(|| value.to_string()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use serde_json::json;

    use super::*;

    fn plain(pairs: &[(Shown, Shown)]) -> Vec<(&str, &str)> {
        pairs.iter().map(|(left, right)| (left.plain(), right.plain())).collect()
    }

    #[test]
    fn operations_are_read_with_their_parameters_bodies_and_responses() {
        let document = json!({
            "openapi": "3.1.0",
            "info": {"title": "Orders", "version": "2", "description": "All\n\norders"},
            "servers": [{"url": "https://api.example"}],
            "paths": {"/orders/{id}": {
                "parameters": [{"$ref": "#/components/parameters/Id"}],
                "put": {
                    "summary": "Change an order", "deprecated": true,
                    "parameters": [{"name": "tags", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}}],
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
                    "responses": {"200": {"description": "Changed"}, "404": {"$ref": "#/components/responses/None"}}
                }
            }},
            "components": {
                "parameters": {"Id": {"name": "id", "in": "path", "required": true, "schema": {"type": "string", "format": "uuid"}}},
                "responses": {"None": {"description": "Not there"}}
            }
        });
        let described = describe(&document).unwrap();
        assert_eq!((described.title.unwrap().plain(), described.version.unwrap().plain()), ("Orders", "2"));
        assert_eq!(described.about.iter().map(Shown::plain).collect::<Vec<_>>(), ["All", "orders"]);
        let [operation] = described.operations.as_slice() else { panic!("one") };
        assert_eq!((operation.method.plain(), operation.path.plain()), ("PUT", "/orders/{id}"));
        assert!(operation.is_deprecated);
        let parameters: Vec<_> = operation
            .parameters
            .iter()
            .map(|p| (p.name.plain(), p.place.plain(), p.kind.plain(), p.is_required))
            .collect();
        assert_eq!(parameters, [("id", "path", "string (uuid)", true), ("tags", "query", "string[]", false)]);
        assert_eq!(plain(&operation.bodies), [("application/json", "Order")]);
        assert_eq!(plain(&operation.responses), [("200", "Changed"), ("404", "Not there")]);
    }

    #[test]
    fn swagger_is_read_too() {
        let document = json!({
            "swagger": "2.0", "info": {"title": "Old", "version": 1.0}, "host": "api.example", "basePath": "/v1",
            "paths": {"/x": {"post": {"consumes": ["text/csv"], "parameters": [
                {"name": "b", "in": "body", "schema": {"type": "object"}}, {"name": "q", "in": "query", "type": "integer"}]}}}
        });
        let described = describe(&document).unwrap();
        assert_eq!(described.servers[0].plain(), "api.example/v1");
        assert_eq!(plain(&described.operations[0].bodies), [("text/csv", "object")]);
        assert_eq!(described.operations[0].parameters[0].kind.plain(), "integer");
    }

    #[test]
    fn what_leads_round_or_out_or_is_no_such_document_ends() {
        let circle = json!({"openapi": "3.0.0", "paths": {"/a": {"$ref": "#/paths/~1b"}, "/b": {"$ref": "#/paths/~1a"},
            "/c": {"$ref": "https://evil.example/x"}, "/d": 7, "/e": {"get": 7, "post": {"parameters": 7, "responses": []}}}});
        assert_eq!(describe(&circle).unwrap().operations.len(), 1);
        for other in [json!(null), json!([]), json!({"openapi": {}}), json!({"paths": {}})] {
            assert_eq!(describe(&other), None);
        }
        let many: Map<String, Value> = (0..600).map(|n| (format!("/{n}"), json!({"get": {}}))).collect();
        let many = describe(&json!({"openapi": "3", "paths": many})).unwrap();
        assert_eq!((many.operations.len(), many.is_cut), (OPERATIONS_MAX, true));
    }
}
