//! Of what are the console's pages made? A frame with the way around, and sections of few kinds of parts.
//!
//! Handlers put parts together and say every word themselves; the one template only knows how each kind looks. So all
//! pages keep the same manners: values escaped, names for everything, a question before what cannot be undone.

mod form;
mod part;

#[cfg(test)]
mod tests;

use super::{Forms, Person, page};
use crate::web::shown::Shown;

pub use form::{Choice, Field, Form, Group, Input};
pub use part::{Act, Ask, Cell, Fact, Part, Row, Search, Tab, Table, Tone, Words};

/// A page of the console.
#[derive(Clone, Debug)]
pub struct ConsolePage {
    /// The frame.
    pub shell: Shell,
    /// Its heading, and its title in the browser.
    pub title: Words,
    /// What it is about, in a sentence.
    pub lead: Option<Words>,
    /// The page above it: address and name.
    pub above: Option<Link>,
    /// What has just been done.
    pub done: Option<Words>,
    /// Why what was asked for has not been done.
    pub problem: Option<Words>,
    /// What one may begin here.
    pub links: Vec<Link>,
    /// Its sections, from top to bottom.
    pub sections: Vec<Section>,
}

/// What surrounds every page of the console.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The pages this person may open.
    pub ways: Vec<Way>,
    /// The address of the first page.
    pub home: String,
    /// Who is signed in.
    pub person: Person,
    /// The address of the page that asks whether to sign out.
    pub sign_out: String,
}

/// A way in the navigation.
#[derive(Clone, Debug)]
pub struct Way {
    /// Where it leads.
    pub link: Link,
    /// How many things wait there.
    pub waiting: u64,
    /// Whether this page is there.
    pub here: Here,
}

/// Whether a way leads to where one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Here {
    /// It does.
    Yes,
    /// It leads elsewhere.
    No,
}

/// An address of this server with words.
#[derive(Clone, Debug)]
pub struct Link {
    /// The address.
    pub href: String,
    /// The words.
    pub words: Words,
}

/// A part of a page with a heading of its own.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its name in addresses, after `#`.
    pub id: &'static str,
    /// Its heading.
    pub heading: Option<Words>,
    /// What it is about.
    pub lead: Option<Words>,
    /// What one may begin in it.
    pub links: Vec<Link>,
    /// What stands in it.
    pub parts: Vec<Part>,
}

impl Section {
    /// A section without a heading.
    pub fn plain(id: &'static str, parts: Vec<Part>) -> Self {
        Self { id, heading: None, lead: None, links: Vec::new(), parts }
    }

    /// A section with a heading.
    pub fn titled(id: &'static str, heading: impl Into<Words>, parts: Vec<Part>) -> Self {
        Self { heading: Some(heading.into()), ..Self::plain(id, parts) }
    }

    /// The same with a sentence below the heading.
    #[must_use]
    pub fn about(self, lead: impl Into<Words>) -> Self {
        Self { lead: Some(lead.into()), ..self }
    }

    /// The same with a link beside the heading.
    #[must_use]
    pub fn link(mut self, href: String, words: impl Into<Words>) -> Self {
        self.links.push(Link { href, words: words.into() });
        self
    }
}

impl Way {
    fn is_here(&self) -> bool {
        self.here == Here::Yes
    }
}

impl ConsolePage {
    fn has_problem(&self) -> bool {
        let in_form = |part: &Part| matches!(part, Part::Form(form) if form.is_wrong());
        self.problem.is_some() || self.sections.iter().flat_map(|section| &section.parts).any(in_form)
    }

    fn who(&self) -> &Shown {
        self.shell.person.name.as_ref().filter(|name| !name.is_empty()).unwrap_or(&self.shell.person.email)
    }
}

page!(ConsolePage, "console/page.html", Forms::Stay);
