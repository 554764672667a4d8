//! `/consents`: what did people agree to, and how is it taken back for them?

use entity::id::{ConsentId, UserId};
use poem::Request;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::Part;
use super::answer::{Gone, Told};
use super::caller::Caller;
use super::page::{Asked, Page, said};
use super::problem::Problem;
use crate::portal::consent::{self as rule, Filter, Given};

/// What people agreed to.
#[derive(Debug)]
pub struct ConsentApi;

/// What somebody let a client do at a service.
#[derive(Debug, Object)]
struct Consent {
    /// Identity.
    id: Uuid,
    /// The person.
    user_id: Uuid,
    /// The client.
    client_id: String,
    /// The audience of the service; for the person's own account the userinfo endpoint.
    audience: String,
    /// What was agreed to.
    scopes: Vec<String>,
    /// Seconds since 1970.
    created_at: i64,
    /// When they last agreed to more, seconds since 1970.
    updated_at: i64,
}

impl From<Given> for Consent {
    fn from(given: Given) -> Self {
        Self {
            id: given.row.id.0,
            user_id: given.row.user_id.0,
            client_id: given.client_id,
            audience: given.audience,
            scopes: given.row.scopes.as_slice().to_vec(),
            created_at: given.row.created_at,
            updated_at: given.row.updated_at,
        }
    }
}

#[OpenApi(tag = "Part::Consents")]
impl ConsentApi {
    /// List consents.
    ///
    /// The oldest first; those that were taken back are not among them.
    #[oai(path = "/consents", method = "get", operation_id = "list_consents")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// Things in a part: 1 to 200, else 50.
        limit: Query<Option<u64>>,
        /// `next` of the part before.
        cursor: Query<Option<String>>,
        /// Of this person.
        user: Query<Option<Uuid>>,
        /// For the client with this `client_id`.
        client: Query<Option<String>>,
    ) -> Result<Told<Page<Consent>>, Problem> {
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &["user", "client"])?;
        let filter = Filter { user: user.0.map(UserId), client_id: said(client.0), ..Filter::default() };
        let listed = rule::list(&caller.app, &caller.tenant, &caller.actor, &filter, asked.wanted()).await?;
        Ok(asked.page(&caller, listed, Consent::from))
    }

    /// Take a consent back.
    ///
    /// Every token the client got for that person ends, and the person is asked again.
    #[oai(path = "/consents/:consent", method = "delete", operation_id = "remove_consent")]
    async fn remove(&self, caller: Caller, consent: Path<Uuid>) -> Result<Gone, Problem> {
        rule::revoke(&caller.app, &caller.tenant, &caller.actor, ConsentId(consent.0)).await?;
        Ok(Gone::Done)
    }
}
