//! What does a body say about an application instance, which is a contract, and how is one shown? (portal.md K68, K71)

use serde_json::{Value, json};
use uuid::Uuid;

use super::developer::{checked, documented};
use super::plugin::ServiceKey;
use super::schema::describe::Documented;
use super::schema::{Complaints, Extent, Field, Kind};
use super::status::{self, Status};
use super::{Refusal, Tree};
use crate::portal::contract::Contract;

const SERVICE: Field =
    Field::required("service", Kind::Reference("services"), "The service that the application wants to use.");
const REQUEST: [Field; 1] = [SERVICE];
const PART: [Field; 3] = [
    Field::optional("service", Kind::Reference("services"), "The service; it cannot be exchanged."),
    Field::optional("status", Kind::Integer, "0: approved; 2: rejected; 3: revoked.").with(&[status::RANGE]),
    Field::optional("suspended", Kind::Boolean, "Whether an approved one is paused."),
];

documented! {
    /// The body that asks for a contract.
    InstanceBody = "KongApplicationInstanceBody", "Which service the application wants to use.", &REQUEST, Whole;
    /// The body that decides about one.
    InstancePatch = "KongApplicationInstancePatch", "What is decided.", &PART, Part;
    /// A contract as it is shown.
    InstanceEntity = "KongApplicationInstance", "An application instance: the contract of one application for one \
        service.", &PART, Part;
}

/// Reads the body of `POST`: the service.
///
/// # Errors
/// Code 2 with all that is wrong.
pub fn requested(tree: Tree) -> Result<ServiceKey, Refusal> {
    let mut checked = checked(&REQUEST, tree, Extent::Whole)?;
    named(&mut checked.record("service"))
        .ok_or_else(|| Refusal::schema_violation(&Complaints::one("service", "required field missing")))
}

fn named(service: &mut super::schema::Checked) -> Option<ServiceKey> {
    let id = service.text("id").given().and_then(|id| Uuid::try_parse(&id).ok());
    id.map(ServiceKey::Id).or_else(|| service.text("name").given().map(ServiceKey::Name))
}

/// What is decided about a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The service that the body names.
    pub service: Option<ServiceKey>,
    /// How far it shall come.
    pub status: Option<Status>,
    /// Whether it shall be paused.
    pub suspended: Option<bool>,
}

impl Decided {
    /// Reads the body of `PATCH`.
    ///
    /// # Errors
    /// Code 2 with all that is wrong.
    pub fn read(tree: Tree) -> Result<Self, Refusal> {
        let mut checked = checked(&PART, tree, Extent::Part)?;
        Ok(Self {
            service: named(&mut checked.record("service")),
            status: checked.integer("status").given().and_then(Status::of_number),
            suspended: checked.boolean("suspended").given(),
        })
    }
}

/// A contract as it is shown.
pub fn shown(contract: &Contract) -> Value {
    with(contract, json!({"id": contract.application.id}))
}

/// A contract as lists show it: with its application.
pub fn listed(contract: &Contract) -> Value {
    let developer = |owner: &crate::portal::person::Person| json!({"id": owner.id, "email": owner.email, "status": Status::from(owner.approval).number()});
    let application = json!({
        "id": contract.application.id,
        "name": contract.application.name,
        "developer": contract.application.owner.as_ref().map(developer),
    });
    with(contract, application)
}

fn with(contract: &Contract, application: Value) -> Value {
    let row = &contract.row;
    json!({
        "application": application,
        "composite_id": format!("{}_{}", row.application_id, row.service_id),
        "created_at": row.created_at,
        "id": row.id,
        "service": {"id": row.service_id},
        "status": Status::from(row.state).number(),
        "suspended": row.suspended,
        "updated_at": row.updated_at,
    })
}
