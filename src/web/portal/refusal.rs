//! What is said to a person whom the portal's rules refused? Beside the fields, above the page, or on a page of its own.

use http::{HeaderValue, StatusCode, header::RETRY_AFTER};
use poem::Response;

use super::visit::closed;
use crate::portal::{Conflict, Error, Rule, Wrong};
use crate::web::answer::{page_with, problem_page};
use crate::web::page::portal::field::{Complaint, Complaints};
use crate::web::page::portal::{Standing, Trouble};
use crate::web::page::{NotFoundPage, Problem};
use crate::web::routes;
use crate::web::shown::Shown;
use crate::web::text::Language;
use crate::web::visitor::Visitor;

/// A refusal that a page can show with what was typed.
pub(super) struct Shortfall {
    pub status: StatusCode,
    pub trouble: Trouble,
    pub complaints: Complaints,
}

impl Shortfall {
    /// # Errors
    /// The refusal itself, where the page cannot be shown at all.
    pub fn of(language: Language, error: Error, fields: &[&str]) -> Result<Self, Error> {
        let status = StatusCode::from_u16(status(&error)).unwrap_or(StatusCode::BAD_REQUEST);
        let (trouble, complaints) = match error {
            Error::Invalid(wrong) => invalid(language, wrong, fields),
            Error::Taken { field, .. } => {
                let words = language.say("wrong-taken");
                (Trouble::Fields, vec![(field.to_owned(), Complaint { words, detail: None })])
            }
            Error::Conflict(ref conflict) => match trouble(conflict) {
                Some(trouble) => (trouble, Vec::new()),
                None => return Err(error),
            },
            Error::NotAllowed(_) => (Trouble::NotAllowed, Vec::new()),
            error => return Err(error),
        };
        Ok(Self { status, trouble, complaints })
    }

    /// A form that is not the one that was shown.
    pub fn stale() -> Self {
        Self { status: StatusCode::FORBIDDEN, trouble: Trouble::Stale, complaints: Vec::new() }
    }

    /// One field is wrong in a way only the page knows.
    pub fn field(language: Language, field: &str, key: &'static str) -> Self {
        let complaint = Complaint { words: language.say(key), detail: None };
        Self {
            status: StatusCode::BAD_REQUEST,
            trouble: Trouble::Fields,
            complaints: vec![(field.to_owned(), complaint)],
        }
    }
}

/// What is wrong with a form: beside the fields it has, and above it what belongs to none.
fn invalid(language: Language, wrong: Vec<Wrong>, fields: &[&str]) -> (Trouble, Complaints) {
    let mut complaints = Vec::new();
    let mut whole = Vec::new();
    for wrong in wrong {
        // Of a list the rules may name one element: `redirect_uris[1]`.
        let named = wrong.field.split(['[', '.']).next().unwrap_or_default();
        match fields.iter().find(|field| **field == named) {
            Some(field) => complaints.push(((*field).to_owned(), complaint(language, &wrong))),
            None => whole.push(format!("{} {}", wrong.field, wrong.complaint).trim().to_owned()),
        }
    }
    let trouble = match whole.is_empty() {
        true => Trouble::Fields,
        false => Trouble::Whole(Shown::text(&whole.join("; "))),
    };
    (trouble, complaints)
}

fn complaint(language: Language, wrong: &Wrong) -> Complaint {
    let key = match (wrong.field.as_str(), &wrong.rule) {
        ("password", Rule::Form) => "password-too-easy",
        ("password", _) => "wrong-password-length",
        ("email", _) => "wrong-email",
        (_, Rule::Required) => "wrong-required",
        (_, Rule::Length) => "wrong-length",
        (_, Rule::Range { .. }) => "wrong-range",
        _ => "wrong-value",
    };
    // The rules say it more precisely, where it is not said whole already, here or by the hint of the field.
    let says_all = matches!(key, "password-too-easy" | "wrong-password-length" | "wrong-email" | "wrong-required");
    Complaint { words: language.say(key), detail: (!says_all).then(|| Shown::text(&wrong.complaint)) }
}

fn trouble(conflict: &Conflict) -> Option<Trouble> {
    Some(match conflict {
        Conflict::Changed => Trouble::Changed,
        Conflict::ContractState(state) => Trouble::ContractState(*state),
        Conflict::AlreadyRequested(state) => Trouble::AlreadyRequested(*state),
        Conflict::RegistrationDisabled => Trouble::RegistrationDisabled,
        Conflict::SeveralSecrets => Trouble::SeveralSecrets,
        Conflict::LastOne(_) => Trouble::OnlySecret,
        Conflict::StillUsed(_)
        | Conflict::PolicyExists
        | Conflict::Active
        | Conflict::ClientRegistrationOff
        | Conflict::NoClient
        | Conflict::ClientNeeded
        | Conflict::OnePrimaryOwner => Trouble::Whole(Shown::text(&conflict.describe())),
        Conflict::Archived | Conflict::DeveloperState(_) => return None,
    })
}

fn status(error: &Error) -> u16 {
    match error {
        Error::NotFound => 404,
        Error::Invalid(_) => 400,
        Error::Taken { .. } | Error::Conflict(_) => 409,
        Error::NotAllowed(_) | Error::NotApproved => 403,
        Error::NotNow { cause: None, .. } => 429,
        Error::NotNow { .. } => 503,
        Error::Internal(_) => 500,
    }
}

/// The page for a refusal that no form can show.
pub(super) fn page(visitor: &Visitor, error: &Error) -> Response {
    let status = StatusCode::from_u16(status(error)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Error::Internal(cause) | Error::NotNow { cause: Some(cause), .. } = error {
        tracing::error!(request_id = visitor.request_id(), %cause, "a page of the portal failed");
    }
    let problem = match error {
        Error::NotFound | Error::Conflict(Conflict::Archived) => return not_found(visitor),
        Error::NotApproved => return closed(visitor, Standing::Pending),
        Error::NotAllowed(_) => Problem::NotAllowed,
        Error::Invalid(_) | Error::Taken { .. } | Error::Conflict(_) => Problem::Unreadable,
        Error::NotNow { retry_after, cause: None } => {
            Problem::TooManyRequests { wait_seconds: u32::try_from(*retry_after).unwrap_or(u32::MAX) }
        }
        Error::NotNow { .. } => Problem::Unavailable,
        Error::Internal(_) => Problem::Failed,
    };
    let mut response = problem_page(visitor, status, problem);
    if let Error::NotNow { retry_after, .. } = error {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(*retry_after));
    }
    response
}

/// It is not there, or is nobody's business of whoever asks (s.B1).
pub(super) fn not_found(visitor: &Visitor) -> Response {
    let shown = NotFoundPage { home: visitor.path(routes::CATALOG) };
    page_with(StatusCode::NOT_FOUND, shown.render(&visitor.layout(None, String::new())))
}
