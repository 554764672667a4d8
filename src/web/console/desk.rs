//! Who works at the console, and with what? A signed-in person who looks after services, or after everything.

use bytes::Bytes;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use poem::web::Multipart;
use poem::{FromRequest, Request, RequestBody, Response};
use url::form_urlencoded;
use uuid::Uuid;

use super::address::{self, Place};
use super::words;
use crate::oidc::session::Session;
use crate::oidc::session::form_token::{Form as Purpose, Shown as ShownForm};
use crate::portal::list::Wanted;
use crate::portal::{Action, Actor, Error, contract, developer};
use crate::web::answer;
use crate::web::cookie::Browser;
use crate::web::form::{Pairs, field};
use crate::web::page::Problem;
use crate::web::page::console::{ConsolePage, Here, Link, Part, Search, Shell, Way, Words};
use crate::web::routes;
use crate::web::shown::Shown;
use crate::web::text::{Language, Sentence};
use crate::web::visitor::{Visitor, person};

/// Rows of a page, at most.
pub const ROWS_MAX: u64 = 50;

/// A place at the console.
#[derive(Debug)]
pub struct Desk {
    /// The request.
    pub visitor: Visitor,
    /// Who works here.
    pub actor: Actor,
    session: Session,
    browser: Browser,
    query: Pairs,
}

/// A form that was filled in at this very desk.
#[derive(Debug)]
pub struct Posted {
    /// The desk.
    pub desk: Desk,
    /// What was filled in.
    pub pairs: Pairs,
    /// The file that came along.
    pub file: Option<File>,
}

/// A file as it was sent.
#[derive(Debug)]
pub struct File {
    /// What it is called where it came from.
    pub name: String,
    /// What is in it.
    pub content: Vec<u8>,
}

impl<'a> FromRequest<'a> for Desk {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let visitor = Visitor::from_request(request, body).await?;
        let uri = request.uri();
        let way_back = match request.method() {
            &http::Method::GET => uri.path_and_query().map_or(uri.path(), http::uri::PathAndQuery::as_str),
            // What was filled in is lost: the page before cannot be known.
            _ => address::OVERVIEW,
        };
        Self::open(visitor, way_back).await.map_err(poem::Error::from_response)
    }
}

impl Desk {
    /// Lets those in who look after something; `Err` is what the others are told.
    async fn open(visitor: Visitor, way_back: &str) -> Result<Self, Response> {
        let session = match visitor.session().await {
            Ok(Some(session)) => session,
            Ok(None) => return Err(to_login(&visitor, way_back)),
            Err(error) => return Err(answer::problem(&visitor, &error)),
        };
        let query = visitor.query().map_err(|error| answer::problem(&visitor, &error))?;
        let actor = Actor::person(session.user.clone());
        if !actor.can(Action::ReadServices) {
            return Err(answer::problem_page(&visitor, StatusCode::FORBIDDEN, Problem::NotAllowed));
        }
        let browser = visitor.browser();
        Ok(Self { visitor, actor, session, browser, query })
    }

    /// Whether the person may do it at all; see [`Actor::may`].
    ///
    /// # Errors
    /// `NotAllowed`.
    pub fn may(&self, action: Action) -> Result<(), Error> {
        self.actor.may(action)
    }

    /// The language of the page.
    pub fn language(&self) -> Language {
        self.visitor.language(None)
    }

    /// One of our sentences.
    pub fn say(&self, key: &'static str) -> Sentence {
        self.language().say(key)
    }

    /// A moment in words, to the minute, in UTC.
    pub fn moment(&self, at: i64) -> Shown {
        self.language().moment(at)
    }

    /// The path of a page as links and forms have it.
    pub fn path(&self, path: &str) -> String {
        self.visitor.path(path)
    }

    /// What the query says under this name.
    pub fn asked(&self, name: &str) -> Option<&str> {
        field(&self.query, name).filter(|value| !value.is_empty())
    }

    /// The part of a list the query asks for.
    pub fn wanted(&self) -> Wanted {
        let after = self.asked("after").and_then(|after| Uuid::parse_str(after).ok());
        Wanted { after, ..Wanted::first(ROWS_MAX) }
    }

    /// What is looked for in a list; `None`: all of it is wanted.
    pub fn sought(&self) -> Option<String> {
        self.asked("search").map(str::trim).filter(|sought| !sought.is_empty()).map(str::to_owned)
    }

    /// The field to look for something in the list at `path`, whose address says `hidden`, too.
    pub fn search(&self, path: &str, label: &'static str, hidden: &[(&'static str, &str)]) -> Part {
        let (action, value) = (self.path(path), self.sought().unwrap_or_default());
        let said = hidden.iter().filter(|(_, value)| !value.is_empty());
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(said.clone()).finish();
        let all = if query.is_empty() { action.clone() } else { format!("{action}?{query}") };
        Part::Search(Search {
            action,
            label: self.say(label).into(),
            all: (!value.is_empty()).then_some(all),
            value,
            hidden: said.map(|(name, value)| (*name, (*value).to_owned())).collect(),
        })
    }

    /// What is said of a list in which there is nothing: that nothing fits, or `empty`.
    pub fn nothing(&self, empty: &'static str) -> Words {
        match self.sought() {
            Some(sought) => self.say("console-search-nothing").with("sought", &Shown::text(&sought)).into(),
            None => self.say(empty).into(),
        }
    }

    /// The address of the next part of a list: this page's with these parameters.
    pub fn next(&self, path: &str, more: &[(&str, &str)], next: Option<Uuid>) -> Option<String> {
        let after = next?.to_string();
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(more.iter().filter(|(_, value)| !value.is_empty()))
            .append_pair("after", &after)
            .finish();
        Some(format!("{}?{query}", self.path(path)))
    }

    /// A page with its frame and nothing in it.
    ///
    /// # Errors
    /// When the database cannot be asked what waits.
    pub async fn page(&self, place: Place, title: impl Into<Words>) -> Result<ConsolePage, Error> {
        let done = self.asked("done").and_then(|done| words::done(self, done)).map(Words::from);
        Ok(ConsolePage {
            shell: self.shell(place).await?,
            title: title.into(),
            lead: None,
            above: None,
            done,
            problem: None,
            links: Vec::new(),
            sections: Vec::new(),
        })
    }

    async fn shell(&self, here: Place) -> Result<Shell, Error> {
        let (app, tenant, one) = (&self.visitor.app, &self.visitor.tenant, Wanted::first(1));
        let requests = contract::list(app, tenant, &self.actor, &super::contracts::waiting(), &one).await?.total;
        let pending = developer::Filter { approval: Some(entity::user::Approval::Pending), ..Default::default() };
        let developers = match self.actor.can(Action::ReadDevelopers) {
            true => developer::list(app, tenant, &self.actor, &pending, &one).await?.total,
            false => 0,
        };
        let ways = Place::ALL.into_iter().filter(|place| self.actor.can(place.needs())).map(|place| Way {
            link: Link { href: self.path(place.path()), words: self.say(place.key()).into() },
            waiting: match place {
                Place::Requests => requests,
                Place::Developers => developers,
                _ => 0,
            },
            here: if place == here { Here::Yes } else { Here::No },
        });
        Ok(Shell {
            ways: ways.collect(),
            home: self.path(address::OVERVIEW),
            person: person(&self.session),
            sign_out: self.path(crate::oidc::endpoint::END_SESSION),
        })
    }

    /// The page as an answer.
    pub fn show(&self, page: &ConsolePage) -> Response {
        self.show_with(StatusCode::OK, page)
    }

    /// The page as an answer with another status.
    pub fn show_with(&self, status: StatusCode, page: &ConsolePage) -> Response {
        let token = self.form().token(&self.visitor.app, &self.visitor.tenant);
        let mut response = answer::page_with(status, page.render(&self.visitor.layout(None, token)));
        self.browser.remember(&self.visitor.tenant, response.headers_mut());
        response
    }

    /// On to a page after something was done, which that page says.
    pub fn go(&self, path: &str, done: &'static str) -> Response {
        let (path, fragment) = path.split_once('#').map_or((path, None), |(path, at)| (path, Some(at)));
        let joint = if path.contains('?') { '&' } else { '?' };
        let fragment = fragment.map(|at| format!("#{at}")).unwrap_or_default();
        let address = self.visitor.tenant.url(&format!("{path}{joint}done={done}{fragment}"));
        answer::see_other(&self.visitor, &address)
    }

    /// What came of it, as an answer.
    pub async fn answer(&self, outcome: Result<Response, Error>) -> Response {
        match outcome {
            Ok(response) => response,
            Err(error) => self.refuse(error).await,
        }
    }

    async fn refuse(&self, error: Error) -> Response {
        let problem = match &error {
            Error::NotFound => return self.nothing_here(),
            Error::NotAllowed(_) | Error::NotApproved => {
                return answer::problem_page(&self.visitor, StatusCode::FORBIDDEN, Problem::NotAllowed);
            }
            Error::Internal(cause) => {
                tracing::error!(request_id = self.visitor.request_id(), %cause, "a page failed");
                return answer::problem_page(&self.visitor, StatusCode::INTERNAL_SERVER_ERROR, Problem::Failed);
            }
            Error::NotNow { .. } => {
                return answer::problem_page(&self.visitor, StatusCode::SERVICE_UNAVAILABLE, Problem::Unavailable);
            }
            Error::Conflict(conflict) => words::conflict(self, conflict),
            Error::Invalid(_) | Error::Taken { .. } => Words::English(Shown::text(&error.describe())),
        };
        let status = if matches!(error, Error::Invalid(_)) { StatusCode::BAD_REQUEST } else { StatusCode::CONFLICT };
        match self.page(Place::Overview, self.say("console-not-done")).await {
            Ok(mut page) => {
                page.problem = Some(problem);
                self.show_with(status, &page)
            }
            Err(_) => answer::problem_page(&self.visitor, StatusCode::SERVICE_UNAVAILABLE, Problem::Unavailable),
        }
    }

    fn nothing_here(&self) -> Response {
        let page = crate::web::page::NotFoundPage { home: self.path(address::OVERVIEW) };
        answer::page_with(StatusCode::NOT_FOUND, page.render(&self.visitor.layout(None, String::new())))
    }

    fn form(&self) -> ShownForm<'_> {
        ShownForm { form: Purpose::Console, browser: self.browser.id(), session: Some(&self.session), about: &[] }
    }
}

fn to_login(visitor: &Visitor, way_back: &str) -> Response {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("return", way_back).finish();
    answer::see_other(visitor, &format!("{}?{query}", visitor.tenant.url(routes::LOGIN)))
}

impl<'a> FromRequest<'a> for Posted {
    /// A form of another site is refused, and one without the token of this session (s.B10).
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        let desk = Desk::from_request(request, body).await?;
        if desk.visitor.is_from_another_site() {
            let refusal = answer::problem_page(&desk.visitor, StatusCode::FORBIDDEN, Problem::Stale);
            return Err(poem::Error::from_response(refusal));
        }
        let read = read(request, &desk.visitor).await;
        let (pairs, file) = read.map_err(|error| {
            let refusal = answer::problem(&desk.visitor, &error);
            poem::Error::from_response(refusal)
        })?;
        let token = field(&pairs, "csrf").unwrap_or_default();
        if !desk.form().fits(&desk.visitor.app, &desk.visitor.tenant, token) {
            return Err(poem::Error::from_response(answer::stale(&desk.visitor)));
        }
        Ok(Self { desk, pairs, file })
    }
}

impl Posted {
    /// What was filled in under a name, without the spaces around it; empty where nothing was.
    pub fn text(&self, name: &str) -> &str {
        field(&self.pairs, name).unwrap_or_default().trim()
    }

    /// The same, if there is anything.
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Whether a mark was set.
    pub fn marked(&self, name: &str) -> bool {
        field(&self.pairs, name).is_some()
    }

    /// The lines that were filled in, without empty ones.
    pub fn lines(&self, name: &str) -> Vec<String> {
        self.text(name).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// The version of a thing that the person saw.
    pub fn version(&self) -> Option<i64> {
        self.text("version").parse().ok()
    }

    /// Where the button stood that was pressed, if it was a page of the console; else `otherwise`.
    pub fn back<'p>(&'p self, otherwise: &'p str) -> &'p str {
        let sent = self.text("back");
        let plain = sent.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-#".contains(&byte));
        if plain && sent.starts_with(address::BELOW) { sent } else { otherwise }
    }

    /// A value as the page that is shown again needs it.
    pub fn value(&self, name: &str) -> Option<&str> {
        field(&self.pairs, name)
    }
}

async fn read(request: &Request, visitor: &Visitor) -> Result<(Pairs, Option<File>), crate::oidc::Error> {
    let sent = visitor.header(CONTENT_TYPE.as_str()).unwrap_or_default();
    if !sent.to_ascii_lowercase().starts_with("multipart/form-data") {
        return Ok((visitor.form()?, None));
    }
    let unreadable = || crate::oidc::Error::new(crate::oidc::Code::InvalidRequest, "the parts cannot be read");
    let mut body = RequestBody::new(Bytes::copy_from_slice(visitor.body()).into());
    let mut parts = Multipart::from_request(request, &mut body).await.map_err(|_| unreadable())?;
    let (mut pairs, mut file) = (Pairs::new(), None);
    while let Some(part) = parts.next_field().await.map_err(|_| unreadable())? {
        let name = part.name().unwrap_or_default().to_owned();
        if let Some(called) = part.file_name().map(str::to_owned) {
            let content = part.bytes().await.map_err(|_| unreadable())?;
            file =
                Some(File { name: called, content }).filter(|file| !file.name.is_empty() || !file.content.is_empty());
        } else {
            pairs.push((name, part.text().await.map_err(|_| unreadable())?));
        }
    }
    Ok((pairs, file))
}

/// The identity a path names.
///
/// # Errors
/// `NotFound` for what is none.
pub fn identity(text: &str) -> Result<Uuid, Error> {
    Uuid::parse_str(text).map_err(|_| Error::NotFound)
}
