//! How does an application come to a service? The dialog that asks for it (U13), and what follows (U14).

use super::field::{Complaints, with_complaints};
use super::{Choice, Field, Forms, Frame, Input, Layout, Words, page};
use crate::web::shown::Shown;
use crate::web::text::Sentence;

/// Asks which application is to use a service. Its form posts `csrf`, `application` and `comment`.
#[derive(Clone, Debug)]
pub struct RegisterPage {
    /// The way around.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// The service: its page and its name.
    pub service: (String, Shown),
    /// Whether registration is on for the service (N14).
    pub is_enabled: bool,
    /// Whether nobody has to approve it.
    pub is_approved_at_once: bool,
    /// Whether a comment must be there.
    pub needs_comment: bool,
    /// The applications there are to choose from: identity and name.
    pub applications: Vec<(String, Shown)>,
    /// The identity of the chosen one; may be empty.
    pub chosen: String,
    /// What stands in the comment.
    pub comment: String,
    /// What is wrong.
    pub complaints: Complaints,
    /// Where an application is made.
    pub new_application: String,
}

page!(RegisterPage, "portal/register.html", Forms::Stay);

impl RegisterPage {
    fn heading(&self, l: &Layout) -> Sentence {
        l.say("heading-register").with("service", &self.service.1)
    }

    fn explanation(&self, l: &Layout) -> Sentence {
        if self.is_approved_at_once { l.say("register-at-once") } else { l.say("register-reviewed") }
    }

    fn fields(&self, l: &Layout) -> Vec<Field> {
        let choices = self.applications.iter().map(|(id, name)| Choice {
            value: id.clone(),
            label: Words::Theirs(name.clone()),
            hint: None,
            is_chosen: *id == self.chosen,
        });
        let mut comment = Field::area("comment", l.say("field-comment"), &self.comment, 2000);
        comment = comment.hint(l.say(if self.needs_comment { "comment-required" } else { "comment-optional" }));
        comment.is_required = self.needs_comment;
        let application = Field::select("application", l.say("select-application"), choices.collect()).required();
        with_complaints(vec![application, comment], &self.complaints)
    }
}

/// Says that a request is under review (N8, N24).
#[derive(Clone, Debug)]
pub struct UnderReviewPage {
    /// The way around.
    pub frame: Frame,
    /// The name of the application.
    pub application: Shown,
    /// The name of the service.
    pub service: Shown,
    /// Where it closes to: the application's page.
    pub close: String,
}

page!(UnderReviewPage, "portal/under_review.html", Forms::None);

impl UnderReviewPage {
    fn heading(&self, l: &Layout) -> Sentence {
        l.say("heading-under-review")
    }

    fn explanation(&self, l: &Layout) -> Sentence {
        l.say("under-review").with("application", &self.application).with("service", &self.service)
    }
}
