//! What did somebody give to scripts that act for them? Their personal access tokens.

use super::field::{Complaints, with_complaints};
use super::{Choice, Field, Forms, Frame, Input, Layout, Words, page};
use crate::clock::Seconds;
use crate::web::shown::Shown;
use crate::web::text::Sentence;

/// Lists somebody's tokens and makes one. Its first form posts `csrf`, `name`, `expires_in_days` and any of `scopes`;
/// the others `csrf`.
#[derive(Clone, Debug)]
pub struct TokensPage {
    /// The way around.
    pub frame: Frame,
    /// Where the first form posts to.
    pub action: String,
    /// The tokens, the newest first.
    pub tokens: Vec<TokenRow>,
    /// What a token of this person may do.
    pub scopes: Vec<&'static str>,
    /// What was chosen of it.
    pub chosen: Vec<String>,
    /// What stands in the field.
    pub name: String,
    /// What stands in the field.
    pub days: String,
    /// What is wrong.
    pub complaints: Complaints,
}

/// A token in the list.
#[derive(Clone, Debug)]
pub struct TokenRow {
    /// What it is for.
    pub name: Shown,
    /// Its last characters.
    pub hint: Shown,
    /// What it may do; empty: all that its person may.
    pub scopes: Vec<Shown>,
    /// Seconds since 1970.
    pub created_at: Seconds,
    /// Seconds since 1970.
    pub expires_at: Option<Seconds>,
    /// Whether it is good.
    pub state: TokenState,
}

/// Whether a token is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// It is.
    Live {
        /// Where it is revoked.
        revoke: String,
    },
    /// Its time is over.
    Expired,
    /// Somebody revoked it.
    Revoked,
}

page!(TokensPage, "portal/tokens.html", Forms::Stay);

impl TokensPage {
    fn heading(&self, l: &Layout) -> Sentence {
        l.say("heading-tokens")
    }

    fn fields(&self, l: &Layout) -> Vec<Field> {
        let scopes = self.scopes.iter().map(|scope| Choice {
            value: (*scope).to_owned(),
            label: Words::Theirs(Shown::text(scope)),
            hint: None,
            is_chosen: self.chosen.iter().any(|chosen| chosen == scope),
        });
        let fields = vec![
            Field::line("name", l.say("field-token-name"), &self.name, 100).required(),
            Field::line("expires_in_days", l.say("field-days"), &self.days, 5).required(),
            Field::checks("scopes", l.say("field-scopes"), scopes.collect()).hint(l.say("scopes-hint")),
        ];
        with_complaints(fields, &self.complaints)
    }
}

impl TokenRow {
    fn ages(&self, l: &Layout) -> Sentence {
        let created = l.language.day(self.created_at);
        match self.expires_at {
            None => l.say("secret-created").with("date", &created),
            Some(at) => l.say("secret-created-expires").with("date", &created).with("end", &l.language.day(at)),
        }
    }
}
