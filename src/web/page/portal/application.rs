//! What are somebody's applications? The list (U15), making one (U16), and everything about one (U17, U18).

use super::field::{Complaints, with_complaints};
use super::{Badge, Choice, Field, Forms, Frame, Input, Layout, Words, page};
use crate::clock::Seconds;
use crate::oidc::client::ApplicationType;
use crate::portal::membership::Reach;
use crate::web::shown::Shown;
use crate::web::text::Sentence;

/// Somebody's own applications, and those shared with them.
#[derive(Clone, Debug)]
pub struct ApplicationsPage {
    /// The way around.
    pub frame: Frame,
    /// The applications.
    pub applications: Vec<Listed>,
    /// How many there are.
    pub total: u64,
    /// Where one is made.
    pub new: String,
    /// The address of the page before this.
    pub previous: Option<String>,
    /// The address of the next.
    pub next: Option<String>,
}

/// An application in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its page.
    pub address: String,
    /// Its name.
    pub name: Shown,
    /// Its type.
    pub kind: Option<ApplicationType>,
    /// How far the one who looks reaches.
    pub reach: Reach,
    /// How many services it has asked for.
    pub services: u64,
}

page!(ApplicationsPage, "portal/applications.html", Forms::None);

impl ApplicationsPage {
    fn heading(&self, l: &Layout) -> Sentence {
        l.say("heading-applications")
    }
}

impl Listed {
    fn kind_in_words(&self, l: &Layout) -> Sentence {
        kind(l, self.kind)
    }

    fn role(&self, l: &Layout) -> Sentence {
        role(l, self.reach)
    }
}

fn kind(l: &Layout, kind: Option<ApplicationType>) -> Sentence {
    l.say(match kind {
        Some(ApplicationType::Web) => "kind-web",
        Some(ApplicationType::Native) => "kind-native",
        Some(ApplicationType::Browser) => "kind-browser",
        Some(ApplicationType::BackendToBackend) => "kind-backend",
        None => "kind-other",
    })
}

fn role(l: &Layout, reach: Reach) -> Sentence {
    l.say(match reach {
        Reach::See => "role-user",
        Reach::Change => "role-owner",
        Reach::Own => "role-primary-owner",
        Reach::Administer => "role-admin",
    })
}

/// Makes an application. Its form posts `csrf`, `name`, `kind`, `redirect_uris` and `description`.
#[derive(Clone, Debug)]
pub struct NewApplicationPage {
    /// The way around.
    pub frame: Frame,
    /// Where the form posts to.
    pub action: String,
    /// Where it is left.
    pub cancel: String,
    /// What stands in the form.
    pub values: Values,
    /// The chosen type.
    pub kind: ApplicationType,
    /// What is wrong.
    pub complaints: Complaints,
}

/// What stands in the form of an application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// Its name.
    pub name: String,
    /// Where answers go, one a line.
    pub redirect_uris: String,
    /// What it does.
    pub description: String,
}

page!(NewApplicationPage, "portal/new_application.html", Forms::Stay);

impl NewApplicationPage {
    fn heading(&self, l: &Layout) -> Sentence {
        l.say("heading-new-application")
    }

    fn fields(&self, l: &Layout) -> Vec<Field> {
        let kinds = ApplicationType::ALL.iter().map(|known| Choice {
            value: known.as_str().to_owned(),
            label: Words::Ours(kind(l, Some(*known))),
            hint: Some(l.say(match known {
                ApplicationType::Web => "kind-web-about",
                ApplicationType::Native => "kind-native-about",
                ApplicationType::Browser => "kind-browser-about",
                ApplicationType::BackendToBackend => "kind-backend-about",
            })),
            is_chosen: *known == self.kind,
        });
        let fields = vec![
            name(l, &self.values),
            Field::radio("kind", l.say("field-kind"), kinds.collect()).required(),
            redirects(l, &self.values).hint(l.say("redirect-uris-hint-new")),
            description(l, &self.values),
        ];
        with_complaints(fields, &self.complaints)
    }
}

fn name(l: &Layout, values: &Values) -> Field {
    Field::line("name", l.say("field-application-name"), &values.name, 255).required()
}

fn redirects(l: &Layout, values: &Values) -> Field {
    Field::area("redirect_uris", l.say("field-redirect-uris"), &values.redirect_uris, 20_000)
}

fn description(l: &Layout, values: &Values) -> Field {
    Field::area("description", l.say("field-description"), &values.description, 4000)
}

/// Changes an application, or deletes it. Its first form posts `csrf`, `version`, `name`, `redirect_uris` and
/// `description`, its second `csrf` and `confirm`.
#[derive(Clone, Debug)]
pub struct EditApplicationPage {
    /// The way around.
    pub frame: Frame,
    /// Where the first form posts to.
    pub action: String,
    /// Where it is left.
    pub cancel: String,
    /// The name it has.
    pub name: Shown,
    /// The version that is changed.
    pub version: i64,
    /// What stands in the form.
    pub values: Values,
    /// Whether answers are sent to it at all.
    pub redirects: bool,
    /// What is wrong.
    pub complaints: Complaints,
    /// Where the second form posts to; `None`: whoever looks may not delete it.
    pub delete: Option<String>,
}

page!(EditApplicationPage, "portal/edit_application.html", Forms::Stay);

impl EditApplicationPage {
    fn heading(&self, l: &Layout) -> Sentence {
        l.say("heading-edit-application").with("application", &self.name)
    }

    fn fields(&self, l: &Layout) -> Vec<Field> {
        let mut fields = vec![name(l, &self.values)];
        if self.redirects {
            fields.push(redirects(l, &self.values).hint(l.say("redirect-uris-hint")));
        }
        fields.push(description(l, &self.values));
        with_complaints(fields, &self.complaints)
    }

    fn confirm_fields(&self, l: &Layout) -> Vec<Field> {
        let label = l.say("field-confirm").with("application", &self.name);
        with_complaints(vec![Field::line("confirm", label, "", 255).required()], &self.complaints)
    }
}

/// Everything about one application. Its forms post `csrf`, and `name` or `application` where that is needed.
#[derive(Clone, Debug)]
pub struct ApplicationPage {
    /// The way around.
    pub frame: Frame,
    /// Its name.
    pub name: Shown,
    /// What it does, line by line.
    pub description: Vec<Shown>,
    /// Its identity, also what the forms of the services post as `application`.
    pub id: String,
    /// Its type.
    pub kind: Option<ApplicationType>,
    /// How far the one who looks reaches.
    pub reach: Reach,
    /// Who answers for it.
    pub owner: Option<Shown>,
    /// When it was made, seconds since 1970.
    pub created_at: Seconds,
    /// Where it is changed and deleted; `None`: whoever looks may not.
    pub edit: Option<String>,
    /// Its clients.
    pub clients: Vec<ClientCard>,
    /// Where another client is added; `None`: whoever looks may not.
    pub add_client: Option<String>,
    /// The services it asked for.
    pub contracts: Vec<ContractRow>,
    /// The services it may ask for.
    pub available: Vec<Available>,
    /// Where all services are.
    pub catalog: String,
}

/// A client of an application.
#[derive(Clone, Debug)]
pub struct ClientCard {
    /// What tells its parts apart on the page: a number.
    pub number: usize,
    /// Its name.
    pub name: Shown,
    /// Its identifier in the protocol.
    pub client_id: Shown,
    /// Where its answers go.
    pub redirect_uris: Vec<Shown>,
    /// How it may ask for tokens.
    pub grants: Vec<Shown>,
    /// How it proves itself.
    pub method: Shown,
    /// Its secrets.
    pub secrets: Vec<SecretRow>,
    /// Where a secret is added; `None`: whoever looks may not, or it is a public client.
    pub add_secret: Option<String>,
    /// Where its only secret is exchanged.
    pub renew: Option<String>,
    /// Where it is removed.
    pub remove: Option<String>,
}

/// A secret of a client, without its value.
#[derive(Clone, Debug)]
pub struct SecretRow {
    /// What it is for; may be empty.
    pub name: Shown,
    /// Its last characters.
    pub hint: Shown,
    /// Seconds since 1970.
    pub created_at: Seconds,
    /// Seconds since 1970; 0: never.
    pub expires_at: Seconds,
    /// Where it is removed.
    pub remove: Option<String>,
}

/// A service an application asked for.
#[derive(Clone, Debug)]
pub struct ContractRow {
    /// The service's page.
    pub address: String,
    /// Its name.
    pub service: Shown,
    /// Its audience.
    pub audience: Shown,
    /// How far it has come.
    pub badge: Badge,
    /// What whoever decided wrote, line by line.
    pub reason: Vec<Shown>,
    /// Where it is unregistered; `None`: it cannot be.
    pub unregister: Option<String>,
}

/// A service an application may ask for.
#[derive(Clone, Debug)]
pub struct Available {
    /// The service's page.
    pub address: String,
    /// Its name.
    pub service: Shown,
    /// Where it is asked for.
    pub activate: Activate,
}

/// How a service is asked for.
#[derive(Clone, Debug)]
pub enum Activate {
    /// By a form that posts to this address.
    AtOnce(String),
    /// On this page, because a comment is needed.
    WithComment(String),
}

page!(ApplicationPage, "portal/application.html", Forms::Stay);

impl ApplicationPage {
    fn heading(&self, l: &Layout) -> Sentence {
        l.say("heading-application").with("application", &self.name)
    }

    fn kind_in_words(&self, l: &Layout) -> Sentence {
        kind(l, self.kind)
    }

    fn role(&self, l: &Layout) -> Sentence {
        role(l, self.reach)
    }

    fn created_on(&self, l: &Layout) -> Shown {
        l.language.day(self.created_at)
    }
}

impl ContractRow {
    fn is_rejected(&self) -> bool {
        self.badge.state == entity::contract::ContractState::Rejected
    }
}

impl SecretRow {
    fn ages(&self, l: &Layout) -> Sentence {
        let created = l.language.day(self.created_at);
        match self.expires_at {
            0 => l.say("secret-created").with("date", &created),
            at => l.say("secret-created-expires").with("date", &created).with("end", &l.language.day(at)),
        }
    }
}

/// Shows a secret, this once (N24).
#[derive(Clone, Debug)]
pub struct NewSecretPage {
    /// The way around.
    pub frame: Frame,
    /// What it belongs to.
    pub of: SecretOf,
    /// The identifier that goes with it, where there is one.
    pub client_id: Option<Shown>,
    /// The value.
    pub secret: String,
    /// Where one goes on.
    pub close: String,
}

/// What a secret belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretOf {
    /// The client of a new application.
    NewApplication,
    /// A new client.
    NewClient,
    /// A client that was there.
    Client,
    /// A person.
    Token,
}

page!(NewSecretPage, "portal/new_secret.html", Forms::None);

impl NewSecretPage {
    fn heading(&self, l: &Layout) -> Sentence {
        l.say(match self.of {
            SecretOf::NewApplication => "heading-application-created",
            SecretOf::NewClient => "heading-client-created",
            SecretOf::Client => "heading-new-secret",
            SecretOf::Token => "heading-new-token",
        })
    }

    fn label(&self, l: &Layout) -> Sentence {
        l.say(if self.of == SecretOf::Token { "token-value" } else { "client-secret" })
    }

    fn warning(&self, l: &Layout) -> Sentence {
        l.say(if self.of == SecretOf::Token { "token-shown-once" } else { "secret-shown-once" })
    }
}
