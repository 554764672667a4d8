//! `/application-types`: what types of applications can be made, and what may their clients do? (portal.md §3.3)

use poem_openapi::{Object, OpenApi};

use super::Part;
use super::answer::Told;
use super::caller::Caller;
use super::problem::Problem;
use super::word::{ApplicationType, GrantType};
use crate::portal::application_type::{Allowed, Type, offered};

/// The types of applications.
#[derive(Debug)]
pub struct ApplicationTypeApi;

/// A type of applications.
#[derive(Debug, Object)]
#[oai(rename = "ApplicationTypeDefinition")]
struct Definition {
    /// The type.
    id: ApplicationType,
    /// Name shown to people.
    name: String,
    /// What it is for.
    description: String,
    /// Whether its client needs a place authorization answers go to.
    requires_redirect_uris: bool,
    /// How its client may ask for tokens.
    allowed_grant_types: Vec<AllowedGrant>,
    /// What is proposed.
    default_grant_types: Vec<GrantType>,
    /// What its client has in any case.
    mandatory_grant_types: Vec<GrantType>,
}

/// A grant that clients of a type may use.
#[derive(Debug, Object)]
struct AllowedGrant {
    /// The grant.
    #[oai(rename = "type")]
    kind: GrantType,
    /// Name shown to people.
    name: String,
    /// The response types that come with it.
    response_types: Vec<String>,
}

impl From<&Allowed> for AllowedGrant {
    fn from(allowed: &Allowed) -> Self {
        let response_types = allowed.response_types.iter().map(|word| (*word).to_owned()).collect();
        Self { kind: allowed.grant.into(), name: allowed.name.to_owned(), response_types }
    }
}

impl From<Type> for Definition {
    fn from(kind: Type) -> Self {
        let definition = kind.definition();
        Self {
            id: kind.into(),
            name: definition.name.to_owned(),
            description: definition.description.to_owned(),
            requires_redirect_uris: definition.requires_redirect_uris,
            allowed_grant_types: definition.allowed.iter().map(AllowedGrant::from).collect(),
            default_grant_types: definition.default.iter().map(|grant| (*grant).into()).collect(),
            mandatory_grant_types: definition.mandatory.iter().map(|grant| (*grant).into()).collect(),
        }
    }
}

/// The types there are.
#[derive(Debug, Object)]
struct Definitions {
    /// The types that are switched on.
    items: Vec<Definition>,
}

#[OpenApi(tag = "Part::Applications")]
impl ApplicationTypeApi {
    /// List the types of applications that can be made.
    #[oai(path = "/application-types", method = "get", operation_id = "list_application_types")]
    async fn list(&self, caller: Caller) -> Result<Told<Definitions>, Problem> {
        let offered = offered(&caller.tenant, &caller.actor)?;
        Ok(Told::new(&Definitions { items: offered.into_iter().map(Definition::from).collect() }))
    }
}
