//! How is what the portal refuses said in Kong's envelope? (portal.md K44 to K50, §8.4)

use serde_json::{Value, json};

use super::{Action, Refusal};
use crate::api::kong::schema::Complaints;
use crate::portal::{Conflict, Error, Rule, Wrong};

/// What a request was about, when it was refused.
#[derive(Clone, Debug)]
pub struct Matter {
    /// Which kind of entity.
    pub entity: Entity,
    /// Who asked.
    pub caller: String,
    /// What for.
    pub action: Action,
    /// The values that may exist once, where the refusal may be that they do.
    pub key: Value,
}

/// The kinds of entities: each names fields in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    /// `services`.
    Service,
    /// `plugins`.
    Plugin,
    /// `developers`.
    Developer,
    /// `applications`.
    Application,
    /// `application_instances`.
    Instance,
    /// `credentials`.
    Credential,
    /// `document_objects`.
    Document,
}

impl Entity {
    /// The name of the collection.
    pub fn collection(self) -> &'static str {
        match self {
            Self::Service => "services",
            Self::Plugin => "plugins",
            Self::Developer => "developers",
            Self::Application => "applications",
            Self::Instance => "application_instances",
            Self::Credential => "oauth2",
            Self::Document => "document_objects",
        }
    }

    /// The path of a field that the rules call `field`, names joined by dots.
    fn path(self, field: &str) -> String {
        let own = match (self, field) {
            (Self::Plugin, "" | "enabled" | "tags" | "id") => field,
            (Self::Plugin, _) => return format!("config.{field}"),
            (Self::Developer, "name") => "meta",
            (Self::Application, "redirect_uris") => "redirect_uri",
            (Self::Application, "owner") => "developer",
            (Self::Instance, "service_id" | "service") => "service",
            (Self::Credential, "secret") => "client_secret",
            (Self::Service, "upstream") => "host",
            _ => field,
        };
        own.to_owned()
    }
}

/// What is wrong by the schema and by the rules, at once (K46). Where the schema is content the rules are not asked: what
/// they refuse they say when they are.
///
/// # Errors
/// Code 2 with all that is wrong.
pub fn together(entity: Entity, schema: Complaints, rules: impl FnOnce() -> Vec<Wrong>) -> Result<(), Refusal> {
    if schema.is_empty() { Ok(()) } else { Err(Refusal::of_both(entity, schema, &rules())) }
}

impl Refusal {
    /// Code 2: what is wrong by the schema, and what by the rules with the fields the schema is content with.
    pub fn of_both(entity: Entity, mut schema: Complaints, rules: &[Wrong]) -> Self {
        schema.also(complaints(entity, rules));
        Self::schema_violation(&schema)
    }

    /// What the portal refused.
    pub fn of(error: Error, matter: &Matter) -> Self {
        match error {
            Error::NotFound => Self::not_found(),
            Error::Invalid(wrong) => Self::schema_violation(&complaints(matter.entity, &wrong)),
            Error::Taken { field: "id", value } => Self::primary_key_violation(json!({"id": value})),
            Error::Taken { field, value } => Self::unique_violation(nested(&matter.entity.path(field), value)),
            Error::Conflict(conflict) => conflicting(conflict, matter),
            Error::NotAllowed(_) => Self::forbidden(&matter.caller, matter.action),
            error @ Error::NotApproved => Self::plain(403, error.describe()),
            Error::NotNow { retry_after, cause } => {
                let refusal = match cause {
                    None => Self::plain(429, "Too many requests"),
                    Some(_) => Self::plain(503, "The server cannot answer right now"),
                };
                Self { retry_after: Some(u32::try_from(retry_after).unwrap_or(u32::MAX)), cause, ..refusal }
            }
            Error::Internal(cause) => Self { cause: Some(cause), ..Self::plain(500, "An unexpected error occurred") },
        }
    }
}

fn conflicting(conflict: Conflict, matter: &Matter) -> Refusal {
    match conflict {
        // portal.md §8.4 row 4, K50.
        Conflict::AlreadyRequested(_) | Conflict::PolicyExists => Refusal::unique_violation(matter.key.clone()),
        // What is archived is gone here (D-16, D-23).
        Conflict::Archived => Refusal::not_found(),
        Conflict::StillUsed(by) => Refusal::foreign_key_restricted(matter.entity.collection(), by),
        // portal.md N14: the service is not one that can be asked for.
        conflict @ (Conflict::RegistrationDisabled | Conflict::ClientRegistrationOff) => {
            Refusal::plain(400, conflict.describe())
        }
        conflict @ (Conflict::Changed
        | Conflict::ContractState(_)
        | Conflict::DeveloperState(_)
        | Conflict::LastOne(_)
        | Conflict::SeveralSecrets
        | Conflict::Active
        | Conflict::NoClient
        | Conflict::ClientNeeded
        | Conflict::OnePrimaryOwner) => Refusal::plain(409, conflict.describe()),
    }
}

fn complaints(entity: Entity, wrong: &[Wrong]) -> Complaints {
    let mut complaints = Complaints::default();
    for wrong in wrong {
        let path = match wrong.rule {
            Rule::NoFlow => "config".to_owned(),
            _ => entity.path(&wrong.field),
        };
        complaints.add(&path, text(wrong));
    }
    complaints
}

/// Kong's text where it has one (K49), else ours.
fn text(wrong: &Wrong) -> String {
    match &wrong.rule {
        Rule::Required => "required field missing".to_owned(),
        Rule::Range { least, most } => format!("value should be between {least} and {most}"),
        Rule::Fixed => "immutable field cannot be updated".to_owned(),
        Rule::NoFlow
        | Rule::Unknown
        | Rule::Form
        | Rule::Length
        | Rule::Missing
        | Rule::Contradiction
        | Rule::OfType(_) => wrong.complaint.clone(),
    }
}

/// `{"config": {"display_name": …}}` for `config.display_name`.
fn nested(path: &str, value: String) -> Value {
    path.rsplit('.').fold(Value::String(value), |inner, name| json!({name: inner}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matter(entity: Entity) -> Matter {
        Matter { entity, caller: "ada".to_owned(), action: Action::Update, key: json!({"name": "x"}) }
    }

    #[test]
    fn wrong_fields_stand_where_the_caller_wrote_them() {
        // K46, K47, K49
        let wrong = vec![
            Wrong::new("", Rule::NoFlow, "at least one of these fields must be true: a, b"),
            Wrong::new("tags", Rule::Length, "must be few"),
        ];
        let refusal = Refusal::of(Error::Invalid(wrong), &matter(Entity::Plugin));
        let fields = json!({"config": "at least one of these fields must be true: a, b", "tags": "must be few"});
        assert_eq!((refusal.status(), &refusal.body()["fields"]), (400, &fields));
        let wrong = vec![Wrong::new("token_expiration", Rule::Range { least: 0, most: 9 }, "must be …")];
        let refusal = Refusal::of(Error::Invalid(wrong), &matter(Entity::Plugin));
        let message = "schema violation (config.token_expiration: value should be between 0 and 9)";
        assert_eq!(refusal.body()["message"], message);
    }

    #[test]
    fn what_is_taken_is_a_unique_violation() {
        // K12, K50
        let taken = Error::Taken { field: "display_name", value: "Billing".to_owned() };
        let refusal = Refusal::of(taken, &matter(Entity::Plugin));
        let fields = json!({"config": {"display_name": "Billing"}});
        assert_eq!((refusal.status(), &refusal.body()["fields"]), (409, &fields));
        let refusal = Refusal::of(Error::Conflict(Conflict::PolicyExists), &matter(Entity::Plugin));
        assert_eq!((refusal.status(), &refusal.body()["fields"]), (409, &json!({"name": "x"})));
    }

    #[test]
    fn who_may_not_is_told_what_they_may_not() {
        // K6, s.K4
        let refused = Error::NotAllowed(crate::portal::Action::WritePolicies);
        let refusal = Refusal::of(refused, &matter(Entity::Plugin));
        let told = json!({"message": "ada, you do not have permissions to update this resource"});
        assert_eq!((refusal.status(), refusal.body()), (403, told));
        assert_eq!(Refusal::of(Error::Conflict(Conflict::Archived), &matter(Entity::Application)).status(), 404);
    }
}
