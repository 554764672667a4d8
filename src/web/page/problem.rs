//! What is said to a person when a page cannot be shown?

use super::{Forms, Layout, page, wait};
use crate::web::shown::Shown;
use crate::web::text::Sentence;

/// Nothing lives at this address.
#[derive(Clone, Debug)]
pub struct NotFoundPage {
    /// The address of the landing page.
    pub home: String,
}

/// Anything else that keeps a page from being shown.
#[derive(Clone, Debug)]
pub struct ErrorPage {
    /// What it is.
    pub problem: Problem,
    /// Finds the entry in the server's log.
    pub request_id: Option<Shown>,
    /// An address of this server from where the person can try again.
    pub retry: Option<String>,
}

/// Why a page cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A form or a sign-in was open too long, or a form did not come from here.
    Stale,
    /// A one-time link was used before, or its time is over.
    LinkSpent,
    /// The request cannot be understood.
    Unreadable,
    /// The signed-in person may not do this.
    NotAllowed,
    /// Too many requests: the next one is taken after so many seconds.
    TooManyRequests {
        /// Seconds to wait.
        wait_seconds: u32,
    },
    /// The server cannot answer now.
    Unavailable,
    /// The server failed.
    Failed,
}

page!(NotFoundPage, "not_found.html", Forms::None);
page!(ErrorPage, "error.html", Forms::None);

impl ErrorPage {
    fn heading(&self, l: &Layout) -> Sentence {
        l.say(match self.problem {
            Problem::Stale => "heading-stale",
            Problem::LinkSpent => "heading-link-spent",
            Problem::Unreadable => "heading-unreadable",
            Problem::NotAllowed => "heading-not-allowed",
            Problem::TooManyRequests { .. } => "heading-too-many-requests",
            Problem::Unavailable => "heading-unavailable",
            Problem::Failed => "heading-failed",
        })
    }

    fn explanation(&self, l: &Layout) -> Sentence {
        match self.problem {
            Problem::Stale => l.say("problem-stale"),
            Problem::LinkSpent => l.say("problem-link-spent"),
            Problem::Unreadable => l.say("problem-unreadable"),
            Problem::NotAllowed => l.say("problem-not-allowed"),
            Problem::TooManyRequests { wait_seconds } => {
                l.say("problem-too-many-requests").with("wait", &wait(l.language, wait_seconds))
            }
            Problem::Unavailable => l.say("problem-unavailable"),
            Problem::Failed => l.say("problem-failed"),
        }
    }
}
