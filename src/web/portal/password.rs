//! Somebody chooses a password behind a link in a mail: for an invitation, or because the old one was forgotten (U6).

use http::StatusCode;
use poem::{Response, handler};

use super::refusal::{Shortfall, page as refusal};
use super::sign_up::{Anonymous, is_about_link, length_min, message, shortfall, spent, to_sign_in};
use super::visit::Early;
use crate::oidc::session::form_token::Form;
use crate::portal::developer;
use crate::portal::developer::link::{self, For};
use crate::secret::Secret;
use crate::web::answer::{problem, see_other};
use crate::web::form::field;
use crate::web::login::remember;
use crate::web::page::portal::Frame;
use crate::web::page::portal::account::{ChoosePasswordPage, ForgotPasswordPage, Message, Next, Occasion};
use crate::web::routes;
use crate::web::shown::Shown;
use crate::web::visitor::Visitor;

/// Asks for the address of an account.
#[handler]
pub async fn forgot(visitor: Visitor) -> Response {
    show_forgot(&Anonymous::new(&visitor, Form::ForgotPassword, ""), "", None)
}

fn show_forgot(form: &Anonymous<'_>, email: &str, shortfall: Option<Shortfall>) -> Response {
    let (status, trouble, complaints) = match shortfall {
        Some(shortfall) => (shortfall.status, Some(shortfall.trouble), shortfall.complaints),
        None => (StatusCode::OK, None, Vec::new()),
    };
    let page = ForgotPasswordPage {
        frame: Frame { trouble, ..Frame::default() },
        action: form.visitor.path(routes::FORGOT_PASSWORD),
        email: email.to_owned(),
        sign_in: form.visitor.path(routes::LOGIN),
        complaints,
    };
    form.show(status, page.render(&form.layout()))
}

/// Sends a link, if there is such an account; the answer is the same (s.L12).
#[handler]
pub async fn send_link(visitor: Visitor) -> Response {
    link_sent(&visitor).await.unwrap_or_else(|early| *early)
}

async fn link_sent(visitor: &Visitor) -> Result<Response, Early> {
    let pairs = visitor.form().map_err(|error| Box::new(problem(visitor, &error)))?;
    let email = field(&pairs, "email").unwrap_or_default().trim();
    let form = Anonymous::new(visitor, Form::ForgotPassword, "");
    if !form.is_ours(&pairs) {
        return Ok(show_forgot(&form, email, Some(Shortfall::stale())));
    }
    let from = visitor.arrival().address;
    match developer::request_password_reset(&visitor.app, &visitor.tenant, email, from).await {
        Ok(()) => Ok(see_other(visitor, &visitor.tenant.url(routes::RESET_SENT))),
        Err(error) => Ok(show_forgot(&form, email, Some(shortfall(visitor, error, &["email"])?))),
    }
}

/// Says that a mail is on its way.
#[handler]
pub async fn link_is_sent(visitor: Visitor) -> Response {
    message(&visitor, StatusCode::OK, Message::ResetSent, to_sign_in(&visitor))
}

/// Asks for a new password.
#[handler]
pub async fn look_at_reset(visitor: Visitor) -> Response {
    look(&visitor, For::PasswordReset).await.unwrap_or_else(|early| *early)
}

/// Sets it.
#[handler]
pub async fn reset(visitor: Visitor) -> Response {
    choose(&visitor, For::PasswordReset).await.unwrap_or_else(|early| *early)
}

/// Asks who was invited for a password.
#[handler]
pub async fn look_at_invitation(visitor: Visitor) -> Response {
    look(&visitor, For::Invitation).await.unwrap_or_else(|early| *early)
}

/// Sets it.
#[handler]
pub async fn accept(visitor: Visitor) -> Response {
    choose(&visitor, For::Invitation).await.unwrap_or_else(|early| *early)
}

async fn look(visitor: &Visitor, what: For) -> Result<Response, Early> {
    let pairs = visitor.query().unwrap_or_default();
    show(visitor, what, field(&pairs, "link").unwrap_or_default(), None, None).await
}

/// What the form of an occasion is, and where it posts to.
fn form_of(what: For) -> (Form, &'static str) {
    match what {
        For::Invitation => (Form::Invitation, routes::INVITATION),
        For::PasswordReset | For::VerifyEmail => (Form::PasswordReset, routes::PASSWORD_RESET),
    }
}

/// Who has no good link asks for another, where that can be done.
fn no_good(visitor: &Visitor, what: For) -> Response {
    match what {
        For::PasswordReset => spent(visitor, Next::AskAgain(visitor.path(routes::FORGOT_PASSWORD))),
        For::Invitation | For::VerifyEmail => spent(visitor, to_sign_in(visitor)),
    }
}

async fn show(
    visitor: &Visitor,
    what: For,
    sent: &str,
    name: Option<&str>,
    shortfall: Option<Shortfall>,
) -> Result<Response, Early> {
    let person = match link::open(&visitor.app, &visitor.tenant, &Secret::new(sent), what).await {
        Ok(person) => person,
        Err(error) if is_about_link(&error) => return Ok(no_good(visitor, what)),
        Err(error) => return Err(Box::new(refusal(visitor, &error))),
    };
    let (status, trouble, complaints) = match shortfall {
        Some(shortfall) => (shortfall.status, Some(shortfall.trouble), shortfall.complaints),
        None => (StatusCode::OK, None, Vec::new()),
    };
    let (kind, path) = form_of(what);
    let form = Anonymous::new(visitor, kind, sent);
    let known = person.name.unwrap_or_default();
    let page = ChoosePasswordPage {
        frame: Frame { trouble, ..Frame::default() },
        action: visitor.path(path),
        link: sent.to_owned(),
        email: Shown::text(&person.email),
        occasion: match what {
            For::Invitation => Occasion::Invitation { name: name.map_or(known, str::to_owned) },
            For::PasswordReset | For::VerifyEmail => Occasion::Reset,
        },
        length_min: length_min(),
        complaints,
    };
    Ok(form.show(status, page.render(&form.layout())))
}

async fn choose(visitor: &Visitor, what: For) -> Result<Response, Early> {
    let pairs = visitor.form().map_err(|error| Box::new(problem(visitor, &error)))?;
    let sent = field(&pairs, "link").unwrap_or_default();
    let name = field(&pairs, "name").map(str::trim);
    let again = |shortfall| show(visitor, what, sent, name, Some(shortfall));
    if !Anonymous::new(visitor, form_of(what).0, sent).is_ours(&pairs) {
        return again(Shortfall::stale()).await;
    }
    let password = Secret::new(field(&pairs, "password").unwrap_or_default());
    if field(&pairs, "password_repeat") != Some(password.expose()) {
        let language = visitor.language(None);
        return again(Shortfall::field(language, "password_repeat", "password-different")).await;
    }
    let (app, tenant, link, arrival) = (&visitor.app, &visitor.tenant, Secret::new(sent), visitor.arrival());
    let done = match what {
        For::Invitation => {
            let name = name.filter(|name| !name.is_empty()).map(str::to_owned);
            developer::accept_invitation(app, tenant, &link, name, &password, &arrival).await
        }
        For::PasswordReset | For::VerifyEmail => developer::reset(app, tenant, &link, &password, &arrival).await,
    };
    match done {
        Ok(signed_in) => {
            let mut response = see_other(visitor, &tenant.url(routes::HOME));
            remember(visitor, &mut response, &signed_in).await;
            Ok(response)
        }
        Err(error) if is_about_link(&error) => Ok(no_good(visitor, what)),
        Err(error) => again(shortfall(visitor, error, &["name", "password"])?).await,
    }
}
