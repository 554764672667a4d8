//! A page has recorded its fact: what now?

use std::sync::Arc;

use super::AuthorizationRequest;
use super::answer::{self, Answer, AuthorizeError, WayBack};
use super::claims::ClaimsRequest;
use super::consent;
use super::in_flight::InFlight;
use super::next_step::{Consent, Person, Proof, SignedIn, Step, next_step};
use super::request::{redirect_uri, unknown_client};
use super::response::is_registered;
use crate::app::App;
use crate::oidc::client::record::{self, Client};
use crate::oidc::discovery::Prompt;
use crate::oidc::service::{self, Service, Target};
use crate::oidc::session::Session;
use crate::oidc::tenant::Tenant;
use crate::oidc::token::may_issue::{Asked, Flow, may_issue};
use crate::oidc::token::subject;
use crate::oidc::{Code, Error};

/// What a request means at this moment: every step checks the registration again (s.A12).
#[derive(Clone, Debug)]
pub struct Current {
    /// Who asks.
    pub client: Arc<Client>,
    /// Where the answer goes.
    pub back: WayBack,
    /// What the tokens will be for.
    pub target: Target,
    /// The claims that are asked for beside those of its scopes.
    pub claims: ClaimsRequest,
    /// The services of the tenant.
    pub services: Arc<Vec<Service>>,
}

/// A page that the person must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// Sign in.
    Login,
    /// Choose an account.
    SelectAccount,
    /// Agree, or not.
    Consent,
}

/// What comes next.
#[derive(Clone, Debug)]
pub enum Next {
    /// The person is asked.
    Page(Page),
    /// The client is answered.
    Answer(Answer),
}

/// Looks at the registration as it is now.
///
/// # Errors
/// [`AuthorizeError::Show`] when the client or its redirect URI is gone, [`AuthorizeError::Redirect`] when what it
/// asked for is.
pub async fn current(app: &App, tenant: &Tenant, request: &AuthorizationRequest) -> Result<Current, AuthorizeError> {
    let client = record::find(app, tenant, &request.client_id).await?;
    let client = client.filter(|client| client.row.id == request.client_key).ok_or_else(unknown_client)?;
    let to = redirect_uri(&client, Some(&request.redirect_uri))?;
    let back = WayBack { to, mode: request.response_mode, state: request.state.clone() };
    let services = service::all(app, tenant).await?;
    let asked = Asked { services: &services, scopes: &request.scopes, flows: Flow::of(request.response_type) };
    let target = match service::resolve(tenant, &services, &request.resources, &request.scopes) {
        Ok(target) => may_issue(app, tenant, &client, asked, target).await,
        Err(error) => Err(error),
    };
    let registered = is_registered(&client, request.response_type) && client.metadata.may_answer_by(back.mode);
    match target {
        Ok(target) if registered => Ok(Current { client, back, target, claims: request.claims.clone(), services }),
        Ok(_) => {
            let error = Error::new(Code::UnauthorizedClient, "the client no longer has this response type registered");
            Err(AuthorizeError::Redirect { back: Box::new(back), error })
        }
        Err(error) => Err(AuthorizeError::Redirect { back: Box::new(back), error }),
    }
}

/// Says what comes next for a request, from what happened so far.
///
/// # Errors
/// As [`current`]; and [`AuthorizeError::Redirect`] with what `next_step` refuses.
pub async fn advance(
    app: &App,
    tenant: &Tenant,
    in_flight: &InFlight,
    session: Option<&Session>,
) -> Result<Next, AuthorizeError> {
    let request = &in_flight.request;
    let current = current(app, tenant, request).await?;
    let consent = match session {
        Some(session) => consent::state(app, session.row.user_id, &current).await?,
        None => Consent::Missing,
    };
    let signed_in = session.map(|session| SignedIn {
        session: session.row.id,
        auth_time: session.row.auth_time,
        person: person(app, tenant, request, &current.client, session),
        proof: if request.claims.is_met_by(session.acr()) { Proof::Enough } else { Proof::TooWeak },
    });
    let step = next_step(request, &in_flight.facts, signed_in.as_ref(), consent, app.clock.now());
    match (step, session) {
        (Step::Login, _) => Ok(Next::Page(Page::Login)),
        (Step::SelectAccount, _) => Ok(Next::Page(Page::SelectAccount)),
        (Step::Consent, _) => Ok(Next::Page(Page::Consent)),
        (Step::Answer, Some(session)) => {
            let answer = answer::success(app, tenant, request, &current, session).await;
            answer.map(Next::Answer).map_err(AuthorizeError::Show)
        }
        (Step::Answer, None) => Ok(Next::Page(Page::Login)),
        (Step::Refuse(code), _) => {
            let error = Error::new(code, refusal(code, request));
            Err(AuthorizeError::Redirect { back: Box::new(current.back), error })
        }
    }
}

fn person(app: &App, tenant: &Tenant, request: &AuthorizationRequest, client: &Client, session: &Session) -> Person {
    match &request.expected_sub {
        Some(expected) if *expected != subject::of(app, tenant, client, session.row.user_id) => Person::Another,
        _ => Person::Expected,
    }
}

fn refusal(code: Code, request: &AuthorizationRequest) -> &'static str {
    match code {
        Code::AccessDenied => "the person declined",
        Code::ConsentRequired => "the person has not agreed to this, and prompt=none forbids to ask",
        Code::UnmetAuthenticationRequirements => "nobody can sign in here as well as the essential acr demands",
        _ if request.wants(Prompt::None) => "nobody suitable is signed in, and prompt=none forbids to ask",
        _ => "somebody else signed in than id_token_hint or claims names",
    }
}
