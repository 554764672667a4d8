//! Who is somebody here, and where are they signed in? (U9)

use super::account::password;
use super::field::{Complaints, with_complaints};
use super::{Field, Forms, Frame, Input, Layout, page};
use crate::clock::Seconds;
use crate::web::device::Device;
use crate::web::shown::Shown;
use crate::web::text::Sentence;

/// Somebody's own account. Its forms post `csrf`; that for the name also `name`, that for the password
/// `present_password`, `password` and `password_repeat`.
#[derive(Clone, Debug)]
pub struct ProfilePage {
    /// The way around.
    pub frame: Frame,
    /// What the person is called, if it is known.
    pub name: Option<Shown>,
    /// The address they sign in with.
    pub email: Shown,
    /// Where another name is sent to, and what stands in the field; none for those whose name others look after.
    pub rename: Option<(String, String)>,
    /// Where another password is sent to.
    pub password: String,
    /// The fewest characters of a password.
    pub length_min: u32,
    /// The sessions, the one used last first.
    pub sessions: Vec<SessionRow>,
    /// Where all but this one are ended; none where there is no other.
    pub end_others: Option<String>,
    /// The address of the page that asks whether to sign out.
    pub sign_out: String,
    /// What is wrong.
    pub complaints: Complaints,
}

/// A session.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// The browser and the system.
    pub device: Device,
    /// Where the request came from that began it.
    pub address: Option<Shown>,
    /// Seconds since 1970.
    pub began_at: Seconds,
    /// Seconds since 1970.
    pub used_at: Seconds,
    /// Where it is ended; none for the one that is looked with.
    pub end: Option<String>,
}

page!(ProfilePage, "portal/profile.html", Forms::Stay);

impl ProfilePage {
    fn heading(&self, l: &Layout) -> Sentence {
        l.say("nav-account")
    }

    fn name_fields(&self, l: &Layout) -> Vec<Field> {
        let name = self.rename.as_ref().map(|(_, name)| name.as_str()).unwrap_or_default();
        with_complaints(vec![Field::known("name", l.say("field-name"), name, "text", "name")], &self.complaints)
    }

    fn password_fields(&self, l: &Layout) -> Vec<Field> {
        let secret = |name, key, autocomplete| Field::known(name, l.say(key), "", "password", autocomplete).required();
        let fields = vec![
            secret("present_password", "password-present", "current-password"),
            Field { label: l.say("password-new"), ..password(l, self.length_min) },
            secret("password_repeat", "password-repeat", "new-password"),
        ];
        with_complaints(fields, &self.complaints)
    }
}

impl SessionRow {
    fn device(&self, l: &Layout) -> Sentence {
        self.device.words(l.language)
    }

    fn began(&self, l: &Layout) -> Sentence {
        l.say("session-began").with("date", &l.language.moment(self.began_at))
    }

    fn used(&self, l: &Layout) -> Sentence {
        l.say("session-used").with("date", &l.language.moment(self.used_at))
    }
}
