//! Which account do you want to use? The answer to `prompt=select_account` (OpenID Connect Core §3.1.2.1).

use super::{Application, Forms, Person, page};
use crate::web::shown::Destination;

/// Asks whether to go on as the signed-in person. Its form posts `request`, `csrf` and `decision`, which is `continue`
/// or `other_account`.
#[derive(Clone, Debug)]
pub struct SelectAccountPage {
    /// Where the form posts to.
    pub action: String,
    /// The authorization request, opaque.
    pub request: String,
    /// The application behind the request.
    pub application: Application,
    /// Who is signed in.
    pub user: Person,
}

page!(SelectAccountPage, "select_account.html", Forms::Leave);
