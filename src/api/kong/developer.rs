//! What does a body say about a developer, and how is one shown? (portal.md K68, K69)

use entity::id::UserId;
use entity::user::{Model, Role};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::plugin::fields::{CREATED_AT, ID, UPDATED_AT};
use super::schema::describe::Documented;
use super::schema::{Checked, Complaints, Extent, Field, Kind, Rule, read};
use super::status::{self, Status};
use super::{Refusal, Tree};
use crate::secret::Secret;

const ROLES: [&str; 2] = ["developer", "publisher"];
const ROLE: Field = Field::element(Kind::Text, &[Rule::OneOf(&ROLES)]);
const EMAIL: Field = Field::element(Kind::Text, &[Rule::LengthMax(320)]);

const ADDRESS: Field =
    Field::required("email", Kind::Text, "The e-mail address to sign in with; unique.").with(&[Rule::LengthMax(320)]);
const META: Field = Field::optional(
    "meta",
    Kind::Text,
    "What is known of the developer: a JSON object, also as text, e.g. `{\"full_name\":\"Wally\"}`.",
)
.with(&[Rule::LengthMax(8192), Rule::Passes(object)]);
const CUSTOM_ID: Field = Field::optional("custom_id", Kind::Text, "What another system calls the developer; unique.");
const STATUS: Field = Field::optional(
    "status",
    Kind::Integer,
    "0: approved; 1: requested access, which is what a new developer has; 2: rejected; 3: revoked.",
)
.with(&[status::RANGE]);

const WHOLE: [Field; 9] = [
    ID,
    CREATED_AT,
    UPDATED_AT,
    ADDRESS,
    Field::optional("password", Kind::Text, "The password; without one the developer asks for a link."),
    META,
    CUSTOM_ID,
    STATUS,
    Field::optional("roles", Kind::Set(&ROLE), "`publisher` may look after services, `developer` may not."),
];
const PART: [Field; 4] = [ADDRESS, META, CUSTOM_ID, STATUS];
const REGISTRATION: [Field; 3] = [ADDRESS, Field::required("password", Kind::Text, "The password."), META];
const INVITATION: [Field; 1] = [Field::required("emails", Kind::List(&EMAIL), "The addresses to invite.")];

macro_rules! documented {
    ($($(#[$doc:meta])* $name:ident = $title:literal, $about:literal, $fields:expr, $extent:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl Documented for $name {
            const NAME: &'static str = $title;
            const ABOUT: &'static str = $about;
            const FIELDS: &'static [Field] = $fields;
            const EXTENT: Extent = Extent::$extent;
        }
    )+};
}
pub(super) use documented;

documented! {
    /// The body that adds a developer.
    DeveloperBody = "KongDeveloperBody", "A developer to add.", &WHOLE, Whole;
    /// The body that changes one.
    DeveloperPatch = "KongDeveloperPatch", "What shall change of a developer.", &PART, Part;
    /// A developer as it is shown.
    DeveloperEntity = "KongDeveloper", "A developer; `meta` is JSON as text.", &WHOLE, Part;
    /// The body of who signs up.
    RegistrationBody = "KongRegistration", "Somebody who wants to be a developer.", &REGISTRATION, Whole;
    /// The body that invites.
    InvitationBody = "KongInvitation", "Addresses to invite.", &INVITATION, Whole;
}

/// What a body says about a developer.
#[derive(Clone, Debug)]
pub struct DeveloperFields {
    /// The id it shall have; only a new one can get one.
    pub id: Option<UserId>,
    /// The address.
    pub email: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// Full name, from the meta data.
    pub name: Option<Option<String>>,
    /// What else is known.
    pub meta: Option<Option<Map<String, Value>>>,
    /// What another system calls them.
    pub custom_id: Option<Option<String>>,
    /// How far they have come.
    pub status: Option<Status>,
    /// What they may do.
    pub role: Role,
}

impl DeveloperFields {
    /// What the body of `POST` says, and what its schema complains about.
    pub fn whole(tree: Tree) -> (Self, Complaints) {
        Self::read(tree, &WHOLE, Extent::Whole)
    }

    /// What the body of `PATCH` says, and what its schema complains about.
    pub fn part(tree: Tree) -> (Self, Complaints) {
        Self::read(tree, &PART, Extent::Part)
    }

    /// What the body of who signs up says, and what its schema complains about.
    pub fn registration(tree: Tree) -> (Self, Complaints) {
        Self::read(tree, &REGISTRATION, Extent::Whole)
    }

    fn read(mut tree: Tree, fields: &[Field], extent: Extent) -> (Self, Complaints) {
        // Kong wants the object as text; who sends the object itself means the same.
        if let Some(meta) = tree.members.get_mut("meta").filter(|meta| meta.is_object()) {
            *meta = Value::String(meta.to_string());
        }
        let (mut checked, complaints) = read(fields, tree, extent);
        let meta = checked.text("meta").patch().map(|text| text.and_then(|text| serde_json::from_str(&text).ok()));
        let full_name = |meta: &Map<String, Value>| meta.get("full_name")?.as_str().map(str::to_owned);
        let roles = checked.words("roles").given().unwrap_or_default();
        let is_publisher = roles.iter().any(|role| role == "publisher");
        let said = Self {
            id: checked.text("id").given().and_then(|id| Uuid::try_parse(&id).ok()).map(UserId),
            email: checked.text("email").given(),
            password: checked.text("password").given().map(Secret::from),
            name: meta.as_ref().map(|meta: &Option<Map<String, Value>>| meta.as_ref().and_then(full_name)),
            meta,
            custom_id: checked.text("custom_id").patch(),
            status: checked.integer("status").given().and_then(Status::of_number),
            role: if is_publisher { Role::Publisher } else { Role::Developer },
        };
        (said, complaints)
    }
}

/// Reads the addresses to invite: a list, or a text with commas.
///
/// # Errors
/// Code 2 with all that is wrong.
pub fn invited(mut tree: Tree) -> Result<Vec<String>, Refusal> {
    if let Some(Value::String(text)) = tree.members.get("emails") {
        let emails: Vec<&str> = text.split(',').map(str::trim).filter(|email| !email.is_empty()).collect();
        tree.members.insert("emails".to_owned(), json!(emails));
    }
    let emails = checked(&INVITATION, tree, Extent::Whole)?.words("emails").given().unwrap_or_default();
    match emails.len() {
        1..=100 => Ok(emails),
        _ => Err(Refusal::schema_violation(&Complaints::one("emails", "must be 1 to 100 addresses"))),
    }
}

/// A body that follows its schema.
///
/// # Errors
/// Code 2 with all that is wrong.
pub fn checked(fields: &[Field], tree: Tree, extent: Extent) -> Result<Checked, Refusal> {
    let (checked, complaints) = read(fields, tree, extent);
    if complaints.is_empty() { Ok(checked) } else { Err(Refusal::schema_violation(&complaints)) }
}

fn object(text: &str) -> Result<(), String> {
    serde_json::from_str::<Map<String, Value>>(text).map(drop).map_err(|_| "must be a JSON object".to_owned())
}

/// A developer as they are shown.
pub fn shown(row: &Model) -> Value {
    let mut meta: Map<String, Value> = match &row.meta {
        Some(Value::Object(meta)) => meta.clone(),
        _ => Map::new(),
    };
    if let Some(name) = &row.name {
        meta.entry("full_name").or_insert_with(|| json!(name));
    }
    let roles: &[&str] = match row.role {
        Role::Publisher => &["publisher"],
        Role::Admin => &["admin"],
        Role::User | Role::Developer => &[],
    };
    let mut out = json!({
        "consumer": {"id": row.id},
        "created_at": row.created_at,
        "email": row.email,
        "id": row.id,
        "meta": Value::Object(meta).to_string(),
        "roles": roles,
        "status": Status::from(row.approval).number(),
        "updated_at": row.updated_at,
    });
    if let Some(custom_id) = &row.custom_id {
        out["custom_id"] = json!(custom_id);
    }
    out
}

/// A line of the export. A spreadsheet takes a cell with certain beginnings for a formula.
pub fn exported(row: &Model) -> String {
    let guard = if row.email.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    let email = format!("{guard}{}", row.email);
    let email = if email.contains([',', '"', '\n']) { format!("\"{}\"", email.replace('"', "\"\"")) } else { email };
    format!("{email},{}\n", Status::from(row.approval).word())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::api::kong::body::{Origin, form};

    fn sent(text: &str) -> Tree {
        form::tree(form::pairs(text.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn meta_data_are_an_object_or_its_text() {
        // K69
        let name = |tree: Tree| DeveloperFields::whole(tree).0.name;
        let wanted = Some(Some("Wally".to_owned()));
        assert_eq!(name(sent("email=a@b.example&meta=%7B%22full_name%22%3A%22Wally%22%7D")), wanted);
        assert_eq!(name(sent("email=a@b.example&meta.full_name=Wally")), wanted);
        assert_eq!(name(sent("email=a@b.example")), None);
        let (_, wrong) = DeveloperFields::whole(sent("email=a@b.example&meta=x&status=4"));
        let refused = Refusal::schema_violation(&wrong).body();
        let fields = json!({"meta": "must be a JSON object", "status": "value should be between 0 and 3"});
        assert_eq!(refused["fields"], fields);
    }

    #[test]
    fn addresses_to_invite_are_a_list_or_a_text() {
        // K69
        let wanted = vec!["a@b.example".to_owned(), "c@d.example".to_owned()];
        assert_eq!(invited(sent("emails[]=a@b.example&emails[]=c@d.example")).unwrap(), wanted);
        let members = json!({"emails": "a@b.example, c@d.example"}).as_object().unwrap().clone();
        assert_eq!(invited(Tree { members, origin: Origin::Json }).unwrap(), wanted);
        assert!(invited(sent("emails=")).is_err());
    }
}
