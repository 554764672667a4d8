//! Which addresses are known at the door, and what does it know about each?
//!
//! The router finds handlers; this table holds what must be known before one runs and also when none does: the methods
//! (`Allow`), who may read the answers (CORS), the size of the body, and the name for logs and metrics, whose number is
//! thereby bounded.

use std::collections::HashMap;

use http::{HeaderValue, Method};
use poem::Response;

use crate::edge::answer::refusal;
use crate::edge::cors::Audience;
use crate::oidc::Error;

/// One address.
#[derive(Clone, Debug)]
pub struct Route {
    template: &'static str,
    methods: Vec<Method>,
    allow: HeaderValue,
    audience: Audience,
    body_bytes_max: Option<usize>,
    speller: Speller,
    exists: bool,
}

/// How the door's own refusals are spelled at an address: the error, and the name of the request.
pub type Speller = fn(&Error, &str) -> Response;

impl Route {
    /// An address whose answers every page may read. `template` is a path whose segments may be `{name}`, the last one
    /// also `{name...}` for all that follows; `methods` is a list such as `"GET, POST"`. `GET` brings `HEAD`, and
    /// `OPTIONS` is always answered.
    pub fn public(template: &'static str, methods: &str) -> Self {
        Self::new(template, methods, Audience::Public)
    }

    /// An address whose answers are for pages of our own origin.
    pub fn private(template: &'static str, methods: &str) -> Self {
        Self::new(template, methods, Audience::Private)
    }

    /// Another body limit than the usual one.
    #[must_use]
    pub fn body_bytes_max(mut self, bytes: usize) -> Self {
        self.body_bytes_max = Some(bytes);
        self
    }

    /// Refusals in the words of a dialect.
    #[must_use]
    pub fn spelled(mut self, speller: Speller) -> Self {
        self.speller = speller;
        self
    }

    /// Addresses where nothing lives, so that it is said in the words of a dialect.
    #[must_use]
    pub fn nothing(mut self) -> Self {
        self.exists = false;
        self
    }

    fn new(template: &'static str, listed: &str, audience: Audience) -> Self {
        let mut methods = Vec::new();
        for name in listed.split(',').map(str::trim) {
            let Ok(method) = Method::from_bytes(name.as_bytes()) else { continue };
            let brings_head = method == Method::GET;
            methods.push(method);
            if brings_head {
                methods.push(Method::HEAD);
            }
        }
        methods.push(Method::OPTIONS);
        let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
        let allow = HeaderValue::from_str(&names.join(", ")).unwrap_or(HeaderValue::from_static("OPTIONS"));
        Self { template, methods, allow, audience, body_bytes_max: None, speller: refusal, exists: true }
    }

    /// The path as it is written in logs and metrics.
    pub fn template(&self) -> &'static str {
        self.template
    }

    /// Whether the address takes this method.
    pub fn takes(&self, method: &Method) -> bool {
        self.methods.contains(method)
    }

    /// The value of `Allow`.
    pub fn allow(&self) -> &HeaderValue {
        &self.allow
    }

    /// Who may read the answers.
    pub fn audience(&self) -> Audience {
        self.audience
    }

    /// How refusals are spelled.
    pub fn speller(&self) -> Speller {
        self.speller
    }

    /// Whether something lives here.
    pub fn exists(&self) -> bool {
        self.exists
    }

    /// The most bytes of a body, where it is not the usual number.
    pub fn body_bytes(&self) -> Option<usize> {
        self.body_bytes_max
    }
}

#[derive(Clone, Copy, Debug)]
enum Segment {
    Exactly(&'static str),
    Any,
    Rest,
}

/// The number of the address a request was found at, in its extensions: the order is that of [`Routes::new`].
#[derive(Clone, Copy, Debug)]
pub struct At(pub usize);

/// All known addresses.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    routes: Vec<Route>,
    fixed: HashMap<&'static str, usize>,
    patterns: Vec<(Vec<Segment>, usize)>,
}

impl Routes {
    /// Fixed paths win over patterns; among patterns the first listed wins.
    pub fn new(routes: impl IntoIterator<Item = Route>) -> Self {
        let mut all = Self::default();
        for route in routes {
            let (at, template) = (all.routes.len(), route.template);
            if template.contains('{') {
                all.patterns.push((template.split('/').skip(1).map(segment).collect(), at));
            } else {
                all.fixed.insert(template, at);
            }
            all.routes.push(route);
        }
        all
    }

    /// The address `path` is, with its number in [`Routes::iter`]. One slash at the end makes no difference.
    pub fn find(&self, path: &str) -> Option<(usize, &Route)> {
        let trimmed = path.strip_suffix('/').filter(|rest| !rest.is_empty());
        let fixed = self.fixed.get(path).or_else(|| self.fixed.get(trimmed?)).copied();
        let at = fixed.or_else(|| {
            let path = trimmed.unwrap_or(path);
            self.patterns.iter().find(|(pattern, _)| fits(pattern, path)).map(|(_, at)| *at)
        })?;
        Some((at, self.routes.get(at)?))
    }

    /// All addresses, in the order they were listed.
    pub fn iter(&self) -> impl Iterator<Item = &Route> {
        self.routes.iter()
    }
}

fn segment(text: &'static str) -> Segment {
    if text.ends_with("...}") {
        Segment::Rest
    } else if text.starts_with('{') {
        Segment::Any
    } else {
        Segment::Exactly(text)
    }
}

fn fits(pattern: &[Segment], path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    for segment in pattern {
        let fits = match (segment, parts.next()) {
            (Segment::Rest, Some(_)) => return true,
            (Segment::Any, Some(part)) => !part.is_empty(),
            (Segment::Exactly(wanted), Some(part)) => *wanted == part,
            (_, None) => false,
        };
        if !fits {
            return false;
        }
    }
    parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'a>(routes: &'a Routes, path: &str) -> Option<&'a str> {
        routes.find(path).map(|(_, route)| route.template())
    }

    #[test]
    fn an_address_is_found_by_its_path() {
        let routes = Routes::new([
            Route::public("/token", "POST"),
            Route::public("/register/{client_id}", "GET, PUT, PATCH, DELETE"),
            Route::private("/", "GET"),
            Route::private("/assets/{file...}", "GET"),
            Route::public("/t/{tenant}/token", "POST"),
        ]);
        assert_eq!(found(&routes, "/token"), Some("/token"));
        assert_eq!(found(&routes, "/token/"), Some("/token"));
        assert_eq!(found(&routes, "/token//"), None);
        assert_eq!(found(&routes, "/"), Some("/"));
        assert_eq!(found(&routes, "/register/abc"), Some("/register/{client_id}"));
        assert_eq!(found(&routes, "/register/"), None);
        assert_eq!(found(&routes, "/register/a/b"), None);
        assert_eq!(found(&routes, "/assets/a/b.css"), Some("/assets/{file...}"));
        assert_eq!(found(&routes, "/t/acme/token"), Some("/t/{tenant}/token"));
        assert_eq!(found(&routes, "/nothing"), None);
        assert_eq!(found(&routes, ""), None);
        assert_eq!(found(&routes, "*"), None);
    }

    #[test]
    fn an_address_names_its_methods() {
        let route = Route::public("/userinfo", "GET, POST");
        assert_eq!(route.allow(), "GET, HEAD, POST, OPTIONS");
        assert!(route.takes(&Method::HEAD) && !route.takes(&Method::PUT));
    }
}
