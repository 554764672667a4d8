//! Why was a request refused? A sentence, and the code that Gravitee's scripts compare.

mod rule;

use std::sync::Arc;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use poem::Response;

use super::voice::{self, Voice};
use crate::edge::answer::Cause;
use crate::edge::methods::query_fault;
use crate::oidc;
use crate::portal::Error;

/// What a request was about: refusals name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About<'a> {
    /// Nothing in particular.
    Nothing,
    /// The application with this name or identity.
    Application(&'a str),
    /// An archived one among them is refused as archived, and not hidden (D-23).
    Changed(&'a str),
    /// The secret of the application with this name or identity.
    SecretOf(&'a str),
    /// Somebody who works on an application, or is to.
    Member(&'a str),
    /// The API with this identity.
    Api(&'a str),
    /// The plan with this identity, and what can be done with it.
    Plan(&'a str, Plan),
    /// The subscription with this identity.
    Subscription(&'a str),
    /// The one that was to be accepted or refused.
    Processed(&'a str),
    /// The one that was to be paused.
    Paused(&'a str),
    /// The one that was to go on.
    Resumed(&'a str),
    /// The provider with this identity.
    Provider(&'a str),
}

/// How far a plan has come, in Gravitee's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// One can subscribe to it.
    Published,
    /// Nobody but those who look after the API sees it.
    Staging,
    /// Its subscriptions go on, and there are no new ones.
    Deprecated,
    /// It is over.
    Closed,
}

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Where it stands, in the words of the request; empty: the body as a whole.
    pub field: String,
    /// What is wrong with it: a sentence.
    pub message: String,
}

impl Detail {
    /// `complaint` is a clause that follows the field's name.
    pub fn new(field: impl Into<String>, complaint: &str) -> Self {
        let field = field.into();
        let message = format!("{field} {complaint}").trim().to_owned();
        Self { field, message }
    }
}

/// A refusal.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub(super) status: StatusCode,
    message: Box<str>,
    pub(super) code: Option<&'static str>,
    pub(super) parameters: Vec<(&'static str, String)>,
    pub(super) details: Vec<Detail>,
    shape: Shape,
    retry_after: Option<u64>,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// In which form it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Json,
    /// Gravitee's management forgot to make a JSON object of some sentences, which scripts compare.
    Text,
}

impl Refusal {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into().into_boxed_str(),
            code: None,
            parameters: Vec::new(),
            details: Vec::new(),
            shape: Shape::Json,
            retry_after: None,
            cause: None,
        }
    }

    fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message).coded(code)
    }

    fn missing(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message).coded(code)
    }

    fn coded(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.parameters.push((name, value.into()));
        self
    }

    /// What is wrong, in one sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// 401: nobody, or a token or a password that is good for nothing here.
    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "You must be authenticated to access this resource").coded("unauthorized")
    }

    /// 403, in the words of portal.md G58.
    pub fn forbidden() -> Self {
        let message = "You do not have sufficient rights to access this resource";
        Self::new(StatusCode::FORBIDDEN, message).coded("forbidden")
    }

    /// 403: the request comes from a page of somebody else's.
    pub fn foreign_origin() -> Self {
        let message = "A request with a session must name this origin in its Origin header";
        Self::new(StatusCode::FORBIDDEN, message).coded("forbidden")
    }

    /// 404 for an organization or an environment that is none of this address.
    pub fn no_environment(name: &str) -> Self {
        let message = format!("There is no organization or environment [{name}] at this address");
        Self::missing("environment.notFound", message).with("environment", name)
    }

    /// 404 for what a path or a query names.
    pub fn not_found(about: About<'_>) -> Self {
        let message = |kind: &str, name: &str| format!("{kind} [{name}] cannot be found.");
        match about {
            About::Nothing => Self::missing("notFound", "There is no such thing here"),
            About::Application(name) | About::Changed(name) | About::SecretOf(name) => {
                Self::missing("application.notFound", message("Application", name)).with("application", name)
            }
            About::Member(name) => Self::missing("user.notFound", message("User", name)).with("user", name),
            About::Api(name) => Self::missing("api.notFound", message("Api", name)).with("api", name),
            About::Plan(name, plan) => Self::of_plan(name, plan),
            About::Subscription(name) | About::Processed(name) | About::Paused(name) | About::Resumed(name) => {
                Self::missing("subscription.notFound", message("Subscription", name)).with("subscription", name)
            }
            About::Provider(name) => {
                let message = message("Client registration provider", name);
                let code = "clientRegistrationProvider.notFound";
                Self::missing(code, message).with("clientRegistrationProvider", name)
            }
        }
    }

    /// Nobody can subscribe to a plan (portal.md G67).
    fn of_plan(name: &str, plan: Plan) -> Self {
        match plan {
            Plan::Published => Self::missing("plan.notFound", format!("Plan [{name}] cannot be found.")),
            Plan::Staging => Self::bad("plan.notPublished", format!("Plan {name} is not yet published !")),
            Plan::Deprecated => return Self::bad("plan.notSubscribable", name),
            Plan::Closed => Self::bad("plan.closed", format!("Plan {name} is already closed !")),
        }
        .with("plan", name)
    }

    /// 404 for a type of applications that there is none of (portal.md G57).
    pub fn unknown_type(named: &str) -> Self {
        let message = format!("ApplicationType [{named}] cannot be found");
        Self::missing("applicationType.notFound", message).with("type", named)
    }

    /// 400 for an application that is neither simple nor advanced, or both (portal.md G55).
    pub fn application_invalid() -> Self {
        let message = "Application is defined with a missing type or multiple types (app / oauth)";
        Self::bad("application.invalid", message)
    }

    /// 404 for a role that nobody can have.
    pub fn unknown_role(named: &str) -> Self {
        Self::missing("role.notFound", format!("Role [{named}] cannot be found.")).with("role", named)
    }

    /// 400 for a role that the old primary owner cannot get.
    pub fn role_not_transferable(named: &str) -> Self {
        let message = format!("Whoever gives an application away cannot become its [{named}]");
        Self::bad("role.transferNotAllowed", message).with("role", named)
    }

    /// 400 with every field that is wrong.
    pub fn wrong(details: Vec<Detail>) -> Self {
        let message = details.first().map_or_else(String::new, |first| sentence(&first.message));
        Self { details, ..Self::new(StatusCode::BAD_REQUEST, message) }
    }

    /// 400 for a parameter of the query that must be there.
    pub fn needed(parameter: &str) -> Self {
        Self::wrong(vec![Detail::new(parameter, "must not be null")])
    }

    /// 415: the body is no JSON by its type.
    pub fn unsupported_media_type() -> Self {
        let message = "The body must be JSON: send Content-Type: application/json";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
    }

    /// 429 after too many passwords.
    pub fn too_many_attempts(wait_seconds: u32) -> Self {
        let message = format!("Too many attempts; try again in {wait_seconds} seconds");
        Self { retry_after: Some(wait_seconds.into()), ..Self::new(StatusCode::TOO_MANY_REQUESTS, message) }
    }

    /// The answer, in the words of an API.
    pub fn response<V: Voice>(&self) -> Response {
        let text = self.shape == Shape::Text && V::SESSIONS == voice::Sessions::Unheard;
        let (kind, body) = if text {
            ("text/plain; charset=utf-8", self.message.to_string().into())
        } else {
            ("application/json", voice::bytes::<V>(self))
        };
        let mut response = Response::from(body);
        response.set_status(self.status);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // Not `Basic`: a browser would ask for a password over the pages of the portal.
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"registrar\""));
        }
        if let Some(cause) = &self.cause {
            response.extensions_mut().insert(Cause(cause.clone()));
        }
        response
    }
}

/// With a capital letter in front, as on a page.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl From<&oidc::Error> for Refusal {
    fn from(error: &oidc::Error) -> Self {
        let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = error.retry_after.map(u64::from);
        let fault = query_fault(error).filter(|(parameter, _)| !parameter.is_empty());
        let details = fault.map(|(parameter, complaint)| Detail::new(parameter, complaint)).into_iter().collect();
        Self { details, retry_after, cause: error.cause.clone(), ..Self::new(status, sentence(&error.description)) }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::of(error, About::Nothing)
    }
}

/// Says what a rule was asked about.
pub trait Concerning<T> {
    /// The refusal, if it is one, about this.
    ///
    /// # Errors
    /// As the rule.
    fn about(self, about: About<'_>) -> Result<T, Refusal>;
}

impl<T> Concerning<T> for Result<T, Error> {
    fn about(self, about: About<'_>) -> Result<T, Refusal> {
        self.map_err(|error| Refusal::of(error, about))
    }
}
