//! Which part of the house answers? Each part brings its addresses for the door, and an endpoint behind them.

use std::collections::BTreeMap;

use http::Method;
use poem::endpoint::BoxEndpoint;
use poem::error::NotFoundError;
use poem::{Endpoint, EndpointExt as _, Request, Response};
use poem_openapi::OpenApi;

use crate::edge::routes::{At, Route as Address, Routes, Speller};

/// Addresses, and what lives there.
pub struct Part {
    addresses: Vec<Address>,
    endpoint: BoxEndpoint<'static, Response>,
}

impl Part {
    /// `endpoint` lives at `addresses`.
    pub fn new(addresses: Vec<Address>, endpoint: impl Endpoint<Output = Response> + 'static) -> Self {
        Self { addresses, endpoint: endpoint.boxed() }
    }
}

/// All parts behind one door: the door says at which address a request was found.
pub struct House {
    endpoints: Vec<BoxEndpoint<'static, Response>>,
    /// The number of the part of each address.
    parts: Vec<usize>,
}

impl House {
    /// Puts the parts together: the house, and its addresses for the door. Of two parts with the same address the first
    /// has it.
    pub fn new(parts: Vec<Part>) -> (Self, Routes) {
        let mut house = Self { endpoints: Vec::new(), parts: Vec::new() };
        let mut addresses = Vec::new();
        for (number, part) in parts.into_iter().enumerate() {
            house.parts.extend(std::iter::repeat_n(number, part.addresses.len()));
            addresses.extend(part.addresses);
            house.endpoints.push(part.endpoint);
        }
        (house, Routes::new(addresses))
    }
}

impl Endpoint for House {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let at = request.extensions().get::<At>().map(|at| at.0);
        let part = at.and_then(|at| self.parts.get(at)).and_then(|part| self.endpoints.get(*part));
        match part {
            Some(endpoint) => endpoint.call(request).await,
            None => Err(NotFoundError.into()),
        }
    }
}

/// The addresses of a described API, below `prefix`, and that nothing else lives there. Refusals are spelled by
/// `speller`. Each call keeps its addresses for as long as the process lives: call it once for an API.
pub fn described<A: OpenApi>(prefix: &str, _api: &A, speller: Speller) -> Vec<Address> {
    // Not from the document: to write it takes longer than all the rest of a start.
    let mut paths: BTreeMap<String, Vec<Method>> = BTreeMap::new();
    for path in A::meta().into_iter().flat_map(|api| api.paths) {
        let methods = path.operations.into_iter().map(|operation| operation.method);
        paths.entry(path.path).or_default().extend(methods);
    }
    let mut addresses: Vec<Address> = Vec::new();
    for (path, methods) in paths {
        let methods: Vec<&str> = methods.iter().map(Method::as_str).collect();
        let path = if path == "/" && !prefix.is_empty() { String::new() } else { template(&path) };
        let path = format!("{prefix}{path}");
        addresses.push(Address::private(path.leak(), &methods.join(", ")).spelled(speller));
    }
    // What is spelled out wins over what is left open.
    addresses.sort_by_key(|address| address.template().matches('{').count());
    if !prefix.is_empty() {
        addresses.push(Address::private(format!("{prefix}/{{rest...}}").leak(), "GET").spelled(speller).nothing());
    }
    addresses
}

/// A path as documents and the door spell it: what all paths of an API begin with is spelled as the router does,
/// `/things/:id` for `/things/{id}`.
pub fn template(path: &str) -> String {
    let segment = |segment: &str| match segment.strip_prefix(':') {
        Some(name) => format!("{{{name}}}"),
        None => segment.to_owned(),
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use poem_openapi::param::Path;
    use poem_openapi::payload::PlainText;

    use super::*;
    use crate::edge::answer::refusal;

    struct Things;

    #[OpenApi]
    impl Things {
        #[oai(path = "/", method = "get")]
        async fn all(&self) -> PlainText<&'static str> {
            PlainText("all")
        }

        #[oai(path = "/things/:id", method = "get")]
        async fn one(&self, id: Path<String>) -> PlainText<String> {
            PlainText(id.0)
        }

        #[oai(path = "/things/:id", method = "delete")]
        async fn remove(&self, id: Path<String>) -> PlainText<String> {
            PlainText(id.0)
        }

        #[oai(path = "/things/new", method = "post")]
        async fn add(&self) -> PlainText<&'static str> {
            PlainText("new")
        }
    }

    #[test]
    fn addresses_are_those_of_the_api_and_nothing_lives_elsewhere_below_it() {
        let routes = Routes::new(described("/api/x", &Things, refusal));
        let find = |path: &str| routes.find(path).map(|(_, route)| (route.template(), route.exists()));
        assert_eq!(find("/api/x"), Some(("/api/x", true)));
        assert_eq!(find("/api/x/things/new"), Some(("/api/x/things/new", true)));
        assert_eq!(find("/api/x/things/7"), Some(("/api/x/things/{id}", true)));
        assert_eq!(find("/api/x/elsewhere"), Some(("/api/x/{rest...}", false)));
        assert_eq!(find("/elsewhere"), None);
        assert!(routes.find("/api/x/things/7").unwrap().1.takes(&Method::DELETE));
    }
}
