//! The page behind a one-time sign-in link, in words.

use http::StatusCode;
use poem::{Response, handler};

use super::answer::{page_with, problem, problem_page, see_other};
use super::cookie::Browser;
use super::form::field;
use super::login::remember;
use super::page::{PasswordProblem, Problem, SignInLinkPage};
use super::routes;
use super::shown::Shown;
use super::visitor::Visitor;
use crate::oidc::session::form_token::{Form, Shown as ShownForm};
use crate::oidc::session::new_password::{NotSet, Weak, set};
use crate::oidc::session::password::{BYTES_MAX, LENGTH_MIN};
use crate::oidc::session::sign_in_link::open;
use crate::secret::Secret;

/// Shows the page. Looking does not spend the link.
#[handler]
pub async fn look(visitor: Visitor) -> Response {
    let pairs = match visitor.query() {
        Ok(pairs) => pairs,
        Err(error) => return problem(&visitor, &error),
    };
    let link = Secret::new(field(&pairs, "link").unwrap_or_default());
    show(&visitor, &visitor.browser(), &link, None).await
}

/// Sets the password, and signs the person in.
#[handler]
pub async fn set_password(visitor: Visitor) -> Response {
    let pairs = match visitor.form() {
        Ok(pairs) => pairs,
        Err(error) => return problem(&visitor, &error),
    };
    let browser = visitor.browser();
    let link = Secret::new(field(&pairs, "link").unwrap_or_default());
    let token = field(&pairs, "csrf").unwrap_or_default();
    let ours = form(&browser, &[link.expose()]).fits(&visitor.app, &visitor.tenant, token);
    if !ours || visitor.is_from_another_site() {
        return show(&visitor, &browser, &link, Some(PasswordProblem::Stale)).await;
    }
    let password = Secret::new(field(&pairs, "password").unwrap_or_default());
    if field(&pairs, "password_repeat") != Some(password.expose()) {
        return show(&visitor, &browser, &link, Some(PasswordProblem::Different)).await;
    }
    let why = match set(&visitor.app, &visitor.tenant, &link, &password, &visitor.arrival()).await {
        Ok(signed_in) => {
            let mut response = see_other(&visitor, &visitor.tenant.url(routes::HOME));
            remember(&visitor, &mut response, &signed_in).await;
            return response;
        }
        Err(NotSet::Failed(error)) => return problem(&visitor, &error),
        Err(NotSet::LinkSpent) => return spent(&visitor),
        Err(NotSet::Weak(Weak::TooShort)) => PasswordProblem::TooShort,
        Err(NotSet::Weak(Weak::TooLong)) => {
            PasswordProblem::TooLong { length_max: u32::try_from(BYTES_MAX).unwrap_or(u32::MAX) }
        }
        Err(NotSet::Weak(Weak::TooEasy)) => PasswordProblem::TooEasy,
    };
    show(&visitor, &browser, &link, Some(why)).await
}

fn form<'a>(browser: &'a Browser, about: &'a [&'a str]) -> ShownForm<'a> {
    ShownForm { form: Form::NewPassword, browser: browser.id(), session: None, about }
}

async fn show(visitor: &Visitor, browser: &Browser, link: &Secret, why: Option<PasswordProblem>) -> Response {
    let user = match open(&visitor.app, &visitor.tenant, link).await {
        Ok(Some(user)) => user,
        Ok(None) => return spent(visitor),
        Err(error) => return problem(visitor, &error),
    };
    let shown = SignInLinkPage {
        action: visitor.path(routes::SIGN_IN_LINK),
        link: link.expose().to_owned(),
        email: Shown::text(&user.email),
        length_min: u32::try_from(LENGTH_MIN).unwrap_or(u32::MAX),
        problem: why,
    };
    let token = form(browser, &[link.expose()]).token(&visitor.app, &visitor.tenant);
    let status = if why.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let mut response = page_with(status, shown.render(&visitor.layout(None, token)));
    browser.remember(&visitor.tenant, response.headers_mut());
    response
}

fn spent(visitor: &Visitor) -> Response {
    problem_page(visitor, StatusCode::BAD_REQUEST, Problem::LinkSpent)
}
