//! What is at the server's own address? A small page that says who is signed in.

use super::portal::Place;
use super::{Forms, Person, page};

/// The landing page. Its form, for who is signed in, posts `csrf`.
#[derive(Clone, Debug)]
pub struct HomePage {
    /// Who looks at it.
    pub visitor: Visitor,
}

/// Who looks at the landing page.
#[derive(Clone, Debug)]
pub enum Visitor {
    /// Nobody is signed in.
    Stranger {
        /// The address of the login page.
        sign_in: String,
    },
    /// Somebody is.
    SignedIn {
        /// Who.
        user: Person,
        /// Where the sign-out form posts to.
        sign_out: String,
        /// Where else they may go.
        places: Vec<Place>,
    },
}

page!(HomePage, "home.html", Forms::Stay);
