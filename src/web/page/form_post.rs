//! How does an answer travel in a form? The page of `response_mode=form_post` (U8, OAuth 2.0 Form Post Response Mode
//! §2).

use super::{Forms, Layout, Reach, SUBMIT_SCRIPT, page};
use crate::web::shown::Destination;
use crate::web::text::Sentence;

/// Posts the answer to the application: at once with JavaScript, by its button without.
#[derive(Clone, Debug)]
pub struct FormPostPage {
    /// The registered redirect URI. Only one that was proven to be the application's may stand here.
    pub action: String,
    /// Where that leads.
    pub destination: Destination,
    /// The parameters of the answer: names and values.
    pub fields: Vec<(String, String)>,
}

page!(FormPostPage, "form_post.html", by FormPostPage::forms);

impl FormPostPage {
    fn forms(&self) -> Forms {
        Forms::SubmitItself(match self.action.split_once(':') {
            Some(("https", _)) => Reach::Https,
            Some(("http", _)) => Reach::Http,
            _ => Reach::Claimed,
        })
    }

    fn script(&self) -> &'static str {
        SUBMIT_SCRIPT
    }

    fn explanation(&self, l: &Layout) -> Sentence {
        match &self.destination {
            Destination::Host(host) => l.say("form-post-host").with("host", host),
            Destination::Loopback(_) | Destination::Scheme(_) => l.say("form-post-computer"),
        }
    }
}
