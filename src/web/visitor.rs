//! Who is asking for a page? Everything a page needs of a request, read once.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderMap, ORIGIN, USER_AGENT};
use poem::{FromRequest, Request, RequestBody};

use super::cookie::{Browser, Cookie};
use super::form::{self, Pairs};
use super::page::{Layout, Person};
use super::shown::Shown;
use super::text::Language;
use crate::app::App;
use crate::edge::Visit;
use crate::edge::requests::ClientAddress;
use crate::oidc::session::{Arrival, Session, session};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};
use crate::secret::Secret;

/// A request for a page.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The server.
    pub app: Arc<App>,
    /// Whose page it is.
    pub tenant: Arc<Tenant>,
    visit: Option<Visit>,
    address: IpAddr,
    headers: HeaderMap,
    /// The path of a page that was asked for; none of a form that was sent.
    page: Option<String>,
    query: String,
    body: Vec<u8>,
}

impl<'a> FromRequest<'a> for Visitor {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let missing =
            |what: &'static str| poem::Error::new(std::io::Error::other(what), http::StatusCode::INTERNAL_SERVER_ERROR);
        let app = request.data::<Arc<App>>().cloned().ok_or_else(|| missing("the request carries no App"))?;
        let tenant = request.data::<Arc<Tenant>>().cloned().ok_or_else(|| missing("the request carries no Tenant"))?;
        let address = request.data::<ClientAddress>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.0);
        let body = if request.method() == http::Method::POST {
            <Vec<u8> as FromRequest>::from_request(request, body).await?
        } else {
            Vec::new()
        };
        Ok(Self {
            app,
            tenant,
            visit: request.data::<Visit>().cloned(),
            address,
            headers: request.headers().clone(),
            page: (request.method() == http::Method::GET).then(|| request.uri().path().to_owned()),
            query: request.uri().query().unwrap_or_default().to_owned(),
            body,
        })
    }
}

impl Visitor {
    /// The parameters of the query.
    ///
    /// # Errors
    /// `invalid_request` for what cannot be decoded.
    pub fn query(&self) -> Result<Pairs, Error> {
        form::pairs(self.query.as_bytes())
    }

    /// The parameters of the form.
    ///
    /// # Errors
    /// 415 for another type of body, `invalid_request` for what cannot be decoded.
    pub fn form(&self) -> Result<Pairs, Error> {
        let sent = self.header(CONTENT_TYPE.as_str()).unwrap_or_default();
        let essence = sent.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Error::new(Code::UnsupportedMediaType, "the body must be application/x-www-form-urlencoded"));
        }
        form::pairs(&self.body)
    }

    /// The page that was asked for, with its query, below the issuer; `None` for a form that was sent.
    pub fn wanted(&self) -> Option<String> {
        let page = self.page.as_ref()?;
        Some(if self.query.is_empty() { page.clone() } else { format!("{page}?{}", self.query) })
    }

    /// The body as it came; empty for another method than POST.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// A header, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The name of the request in the log.
    pub fn request_id(&self) -> &str {
        self.visit.as_ref().map_or("-", Visit::request_id)
    }

    /// Notes for the log which client the request is about.
    pub fn note_client(&self, client_id: &str) {
        if let Some(visit) = &self.visit {
            visit.note_client_id(client_id);
        }
    }

    /// Where the request came from.
    pub fn arrival(&self) -> Arrival<'_> {
        Arrival { address: self.address, agent: self.header(USER_AGENT.as_str()) }
    }

    /// One of our cookies.
    pub fn cookie(&self, cookie: Cookie) -> Option<Secret> {
        cookie.read(&self.tenant, &self.headers)
    }

    /// The identifier of the browser: the one it brought, or a new one.
    pub fn browser(&self) -> Browser {
        Browser::of(self.cookie(Cookie::Browser).as_ref())
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn session(&self) -> Result<Option<Session>, Error> {
        match self.cookie(Cookie::Session) {
            Some(cookie) => session::find(&self.app, &self.tenant, &cookie).await,
            None => Ok(None),
        }
    }

    /// The language of the pages.
    pub fn language(&self, ui_locales: Option<&str>) -> Language {
        Language::negotiate(ui_locales, self.header(ACCEPT_LANGUAGE.as_str()))
    }

    /// What all pages show.
    pub fn layout(&self, ui_locales: Option<&str>, csrf: String) -> Layout {
        Layout {
            tenant: Shown::name(&self.tenant.name),
            language: self.language(ui_locales),
            csrf,
            root: self.tenant.path().to_owned(),
        }
    }

    /// The path of one of our pages, for forms and links.
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.tenant.path())
    }

    /// Whether another site sent this form. Our pages have the policy `no-referrer`, under which browsers say
    /// `Origin: null` also to ourselves; the form's token decides then.
    pub fn is_from_another_site(&self) -> bool {
        let other_origin =
            self.header(ORIGIN.as_str()).is_some_and(|origin| origin != "null" && origin != self.tenant.origin());
        let other_site = self.header("sec-fetch-site").is_some_and(|site| site == "cross-site");
        other_origin || other_site
    }

    /// Whether the caller reads JSON rather than HTML (E10).
    pub fn prefers_json(&self) -> bool {
        prefers_json(self.header(ACCEPT.as_str()).unwrap_or_default())
    }
}

/// A signed-in person, as pages show them.
pub fn person(session: &Session) -> Person {
    Person { name: session.user.name.as_deref().map(Shown::name), email: Shown::text(&session.user.email) }
}

/// JSON is preferred where it is named and HTML is not, or has less weight (RFC 9110 §12.5.1).
fn prefers_json(accept: &str) -> bool {
    let best = |wanted: &str| {
        let weights = accept.split(',').filter_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok());
            weight.filter(|weight| named && *weight > 0.0)
        });
        weights.fold(0.0, f32::max)
    };
    best("application/json") > best("text/html").max(best("application/xhtml+xml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_for_those_who_name_it_and_not_html() {
        // E10
        for json in ["application/json", "application/json, text/event-stream", "application/json, text/plain, */*"] {
            assert!(prefers_json(json), "{json}");
        }
        for html in [
            "",
            "*/*",
            "text/html",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html, application/json",
            "application/json;q=0.5, text/html",
            "application/json;q=0",
            "application/*",
        ] {
            assert!(!prefers_json(html), "{html}");
        }
    }
}
