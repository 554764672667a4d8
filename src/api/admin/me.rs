//! `/me`: who calls, and what may they do?

use poem_openapi::{Object, OpenApi};

use super::Part;
use super::answer::Told;
use super::application::Owner;
use super::caller::Caller;
use super::nullable::Nullable;
use super::problem::Problem;
use super::word::Role;
use crate::portal::Action;

/// The caller.
#[derive(Debug)]
pub struct MeApi;

/// Whoever calls.
#[derive(Debug, Object)]
struct Me {
    /// How the audit log names them, e.g. `user:…`, `client:…`.
    actor: String,
    /// The person; `null`: a client that speaks for itself.
    person: Nullable<Owner>,
    /// What they may do at most.
    role: Role,
    /// What limits their token; `null`: nothing does.
    scopes: Nullable<Vec<String>>,
    /// What they may do with this token, each action by the scope that is its own.
    actions: Vec<String>,
}

#[OpenApi(tag = "Part::Tokens")]
impl MeApi {
    /// Say who calls.
    ///
    /// For every token that is good here.
    #[oai(path = "/me", method = "get", operation_id = "read_me")]
    async fn read(&self, caller: Caller) -> Result<Told<Me>, Problem> {
        let actor = &caller.actor;
        let person = actor.user.as_ref().map(|user| Owner {
            id: user.id.0,
            email: user.email.clone(),
            name: user.name.clone().into(),
        });
        let mut actions: Vec<String> = Vec::new();
        for action in Action::ALL.into_iter().filter(|action| actor.can(*action)) {
            let own = action.scopes().first().map(|scope| (*scope).to_owned());
            actions.extend(own.filter(|own| !actions.contains(own)));
        }
        Ok(Told::new(&Me {
            actor: actor.label().to_owned(),
            person: person.into(),
            role: actor.role().into(),
            scopes: actor.scopes().map(|scopes| scopes.as_slice().to_vec()).into(),
            actions,
        }))
    }
}
