//! How is the authorization endpoint described to developers? One table of parameters, for the query and the form.

use std::collections::HashMap;

use http::Method;
use poem::EndpointExt;
use poem::endpoint::BoxEndpoint;
use poem_openapi::OpenApi;
use poem_openapi::registry::{
    MetaApi, MetaHeader, MetaMediaType, MetaOperation, MetaOperationParam, MetaParamIn, MetaPath, MetaRequest,
    MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::Type;

use super::authorization;
use crate::oidc::endpoint::AUTHORIZATION;

/// `GET` and `POST` of the authorization endpoint, for the document of all operations. The pages' own routes bring the
/// endpoint too, so that it also answers where only they are mounted.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuthorizationApi;

/// Names and meanings of the parameters that are honoured.
const PARAMETERS: [(&str, &str); 16] = [
    ("client_id", "The client (RFC 6749 §4.1.1)."),
    ("response_type", "What to answer with: `code`."),
    ("redirect_uri", "Where to answer: one of the registered ones, byte for byte; the port of a loopback URI is free."),
    (
        "scope",
        "What the tokens are to allow, separated by spaces. Unknown scopes are dropped; without it none is granted.",
    ),
    ("state", "Comes back as it is."),
    ("response_mode", "How the answer travels: `query` or `form_post`."),
    ("code_challenge", "The S256 challenge of a code verifier (RFC 7636 §4.3). Public clients must send one."),
    ("code_challenge_method", "`S256`."),
    ("nonce", "Comes back in the ID token (OpenID Connect Core §3.1.2.1)."),
    ("prompt", "`none`, or any of `login`, `consent` and `select_account`, separated by spaces."),
    ("max_age", "How many seconds ago the person may have signed in."),
    ("login_hint", "Is written into the login form."),
    ("ui_locales", "The languages of the pages, best first."),
    ("id_token_hint", "An ID token of the person who is expected."),
    ("resource", "The resource the tokens are for (RFC 8707 §2); may be repeated."),
    ("audience", "The same as `resource`."),
];

const SUMMARY: &str = "Ask a person to sign in and to agree";
const DESCRIPTION: &str = "The person's browser is sent here. What is wrong with the request is told to the client at \
                           its redirect URI, unless the client or that URI is not known: then it is shown.";

impl OpenApi for AuthorizationApi {
    fn meta() -> Vec<MetaApi> {
        let operations = vec![
            MetaOperation {
                params: PARAMETERS.iter().map(|(name, about)| parameter(name, about)).collect(),
                ..operation(Method::GET, "authorize")
            },
            MetaOperation { request: Some(form()), ..operation(Method::POST, "authorize_by_form") },
        ];
        vec![MetaApi { paths: vec![MetaPath { path: AUTHORIZATION.to_owned(), operations }] }]
    }

    fn register(_: &mut Registry) {}

    fn add_routes(self, routes: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {
        let here = routes.entry(AUTHORIZATION.to_owned()).or_default();
        here.insert(Method::GET, authorization::ask.map_to_response().boxed());
        here.insert(Method::POST, authorization::ask_by_form.map_to_response().boxed());
    }
}

fn operation(method: Method, operation_id: &'static str) -> MetaOperation {
    MetaOperation {
        method,
        tags: vec!["Authorization"],
        summary: Some(SUMMARY),
        description: Some(DESCRIPTION),
        external_docs: None,
        params: Vec::new(),
        request: None,
        responses: MetaResponses { responses: responses() },
        deprecated: false,
        security: Vec::new(),
        operation_id: Some(operation_id),
        code_samples: Vec::new(),
    }
}

fn parameter(name: &str, about: &str) -> MetaOperationParam {
    MetaOperationParam {
        name: name.to_owned(),
        schema: schema_of(name),
        in_type: MetaParamIn::Query,
        description: Some(about.to_owned()),
        required: is_required(name),
        deprecated: false,
        explode: true,
        style: None,
    }
}

fn is_required(name: &str) -> bool {
    matches!(name, "client_id" | "response_type")
}

fn schema_of(name: &str) -> MetaSchemaRef {
    if name == "resource" { Vec::<String>::schema_ref() } else { String::schema_ref() }
}

fn form() -> MetaRequest {
    let schema = MetaSchema {
        required: PARAMETERS.iter().map(|(name, _)| *name).filter(|name| is_required(name)).collect(),
        properties: PARAMETERS.iter().map(|(name, _)| (*name, schema_of(name))).collect(),
        ..MetaSchema::new("object")
    };
    let content_type = "application/x-www-form-urlencoded";
    let content = vec![MetaMediaType { content_type, schema: MetaSchemaRef::Inline(Box::new(schema)) }];
    MetaRequest { description: Some("The parameters of the query, as a form."), content, required: true }
}

fn responses() -> Vec<MetaResponse> {
    let html = || MetaMediaType { content_type: "text/html; charset=utf-8", schema: String::schema_ref() };
    let location = MetaHeader {
        name: "LOCATION".to_owned(),
        description: Some("A page of ours, or the redirect URI with the answer.".to_owned()),
        required: true,
        deprecated: false,
        schema: String::schema_ref(),
    };
    let answer = |status, description, content, headers| MetaResponse {
        description,
        status: Some(status),
        status_range: None,
        content,
        headers,
    };
    let error = || {
        let properties = ["error", "error_description", "request_id"].map(|name| (name, String::schema_ref())).to_vec();
        let schema = MetaSchema { required: vec!["error"], properties, ..MetaSchema::new("object") };
        MetaMediaType { content_type: "application/json", schema: MetaSchemaRef::Inline(Box::new(schema)) }
    };
    vec![
        answer(200, "The answer, in a form that submits itself (`response_mode=form_post`).", vec![html()], vec![]),
        answer(
            303,
            "On to a page, or to the client with `code` or `error`, `state` and `iss`.",
            vec![],
            vec![location],
        ),
        answer(
            400,
            "The client or its redirect URI is not known; a page, or JSON if preferred.",
            vec![html(), error()],
            vec![],
        ),
        answer(
            503,
            "The server cannot answer right now; `Retry-After` says when to ask again.",
            vec![html(), error()],
            vec![],
        ),
    ]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use poem_openapi::OpenApiService;
    use serde_json::Value;

    use super::*;

    #[test]
    fn both_methods_are_described_with_the_same_parameters() {
        let document: Value = serde_json::from_str(&OpenApiService::new(AuthorizationApi, "t", "1").spec()).unwrap();
        let path = &document["paths"]["/authorize"];
        let named: Vec<&str> =
            path["get"]["parameters"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
        let form = &path["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"];
        assert_eq!(named, PARAMETERS.map(|(name, _)| name));
        assert_eq!(form["properties"].as_object().unwrap().len(), PARAMETERS.len());
        assert_eq!(form["required"], serde_json::json!(["client_id", "response_type"]));
        for method in ["get", "post"] {
            let answers: Vec<&String> = path[method]["responses"].as_object().unwrap().keys().collect();
            assert_eq!(answers, ["200", "303", "400", "503"]);
        }
    }
}
