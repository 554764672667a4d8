//! Where can the API be read about? `/docs`: Swagger UI from this binary, without a request to anywhere else.
//!
//! The library hands out one page with everything inline; it is taken apart so that the content policy needs no
//! `unsafe-inline` and browsers keep the large parts.

use std::io::Write as _;
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use http::{HeaderValue, StatusCode};
use poem::{Endpoint, Request, Response};

use crate::secret;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// The documentation of a set of OpenAPI documents.
pub struct Docs {
    documents: fn() -> Vec<(&'static str, String)>,
    /// The library's own page, which holds the viewer.
    page: Box<dyn Fn() -> String + Send + Sync>,
    prepared: OnceLock<Vec<Part>>,
}

impl std::fmt::Debug for Docs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Docs").finish_non_exhaustive()
    }
}

/// A file of the viewer.
struct Part {
    name: String,
    kind: &'static str,
    plain: Bytes,
    compressed: Bytes,
    cache: &'static str,
}

impl Docs {
    /// Shows `documents` (file name and text) with the viewer inside `page`; both are asked for at the first visit.
    pub fn new(
        documents: fn() -> Vec<(&'static str, String)>,
        page: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        Self { documents, page: Box::new(page), prepared: OnceLock::new() }
    }

    fn parts(&self) -> &[Part] {
        self.prepared.get_or_init(|| {
            let page = (self.page)();
            let style = between(&page, "<style charset=\"UTF-8\">", "</style>");
            let viewer = between(&page, "<script charset=\"UTF-8\">", "</script>");
            let style = Part::new("swagger-ui", "css", "text/css; charset=utf-8", style);
            let viewer = Part::new("swagger-ui", "js", "text/javascript; charset=utf-8", viewer);
            let documents = (self.documents)();
            let start = Part::new("start", "js", "text/javascript; charset=utf-8", &start(&documents));
            let index = index(&style.name, &viewer.name, &start.name, &documents);
            let index = Part {
                name: String::new(),
                cache: "no-cache",
                ..Part::new("", "", "text/html; charset=utf-8", &index)
            };
            let documents = documents.into_iter().map(|(name, text)| {
                let part = Part::new("", "", "application/json", &text);
                Part { name: name.to_owned(), cache: "no-cache", ..part }
            });
            [index, style, viewer, start].into_iter().chain(documents).collect()
        })
    }
}

/// Shows the document the address names, else the first.
fn start(documents: &[(&'static str, String)]) -> String {
    let names: Vec<&str> = documents.iter().map(|(name, _)| *name).collect();
    let names = serde_json::json!(names);
    // The viewer would ask a service elsewhere to judge the document.
    format!(
        "const names = {names};\n\
         const wanted = new URLSearchParams(location.search).get('document');\n\
         const name = names.includes(wanted) ? wanted : names[0];\n\
         SwaggerUIBundle({{ dom_id: '#ui', url: './docs/' + name, deepLinking: true, validatorUrl: null }});\n"
    )
}

impl Part {
    fn new(stem: &str, ending: &str, kind: &'static str, text: &str) -> Self {
        let plain = Bytes::from(text.to_owned());
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        // Writing into memory does not fail.
        let compressed = encoder.write_all(&plain).and_then(|()| encoder.finish()).unwrap_or_default();
        let name = format!("{stem}-{}.{ending}", &secret::hash(&plain).as_str()[..16]);
        Self { name, kind, plain, compressed: compressed.into(), cache: IMMUTABLE }
    }

    fn answer(&self, request: &Request) -> Response {
        let takes = request.headers().get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let gzip = takes.split(',').any(|coding| coding.trim() == "gzip") && !self.compressed.is_empty();
        let body = if gzip { self.compressed.clone() } else { self.plain.clone() };
        let mut response = Response::from(body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(self.cache));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        if gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }
}

impl Endpoint for Docs {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let path = request.uri().path();
        let name = path.rsplit_once("/docs").map_or("", |(_, name)| name.trim_start_matches('/'));
        match self.parts().iter().find(|part| part.name == name) {
            Some(part) => Ok(part.answer(&request)),
            None => Err(poem::Error::from_status(StatusCode::NOT_FOUND)),
        }
    }
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let rest = text.split_once(start).map_or("", |(_, rest)| rest);
    rest.split_once(end).map_or(rest, |(inside, _)| inside)
}

fn index(style: &str, viewer: &str, start: &str, documents: &[(&'static str, String)]) -> String {
    let link = |(name, _): &(&'static str, String)| {
        let title = name.trim_end_matches(".json");
        format!("<a href=\"?document={name}\">{title}</a> (<a href=\"./docs/{name}\">JSON</a>)")
    };
    let links = documents.iter().map(link).collect::<Vec<_>>().join(" \u{b7} ");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Registrar API</title>\
         <link rel=\"icon\" href=\"data:,\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"stylesheet\" href=\"./docs/{style}\"></head>\n<body><nav>{links}</nav><main id=\"ui\"></main>\
         <noscript><p>The viewer needs JavaScript; the documents are linked above.</p></noscript>\
         <script src=\"./docs/{viewer}\"></script><script src=\"./docs/{start}\"></script></body>\n</html>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_viewer_is_taken_out_of_the_page_and_asks_nobody_else() {
        let page = "<style charset=\"UTF-8\">body{}</style><script charset=\"UTF-8\">viewer()</script>";
        let docs = Docs::new(|| vec![("oidc.json", "{}".to_owned())], move || page.to_owned());
        let texts: Vec<&str> = docs.parts().iter().filter_map(|part| std::str::from_utf8(&part.plain).ok()).collect();
        assert_eq!(texts[1..3], ["body{}", "viewer()"]);
        assert!(texts[3].contains("validatorUrl: null"));
        assert!(!texts[0].contains("http"));
    }
}
