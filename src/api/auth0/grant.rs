//! `/grants`: what people agreed to (portal.md A33, A36).

use std::sync::Arc;

use entity::id::{ConsentId, UserId};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Part;
use super::answer::{Gone, Told};
use super::caller::{Caller, Need};
use super::error::{Refused, Thing};
use super::page::Asked;
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::consent::{self, Filter, Given};
use crate::portal::{Action, Error};

const READ: Need = Need { action: Action::ReadConsents, scopes: &["read:grants"] };
const DELETE: Need = Need { action: Action::WriteConsents, scopes: &["delete:grants"] };

const GRANT: Thing = Thing { name: "grant", code: "grant", fields: &[] };

/// What somebody let a client do at an API.
#[derive(Debug, Object)]
#[oai(rename = "Grant")]
pub struct GrantDocument {
    /// Its identity.
    id: String,
    /// The client.
    #[oai(rename = "clientID")]
    client_id: String,
    /// The person.
    user_id: String,
    /// The API; that of userinfo for what concerns the person's own account.
    audience: String,
    /// What was agreed to.
    scope: Vec<String>,
}

fn told(given: Given) -> Value {
    json!({
        "id": given.row.id,
        "clientID": given.client_id,
        "user_id": given.row.user_id,
        "audience": given.audience,
        "scope": given.row.scopes.as_slice(),
    })
}

/// An identity; whatever is none belongs to nobody.
fn identity<T: From<Uuid>>(text: &str) -> T {
    T::from(Uuid::parse_str(text).unwrap_or_default())
}

/// What people agreed to.
#[derive(Debug)]
pub struct GrantApi;

#[OpenApi(prefix_path = "/grants", tag = "Part::Grants")]
impl GrantApi {
    /// List grants.
    ///
    /// Needs `read:grants`.
    #[oai(path = "/", method = "get", operation_id = "get_grants")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        /// The number of the page, from 0 on.
        page: Query<Option<u64>>,
        /// Rows of a page: 50 where nothing is said, at most 100.
        per_page: Query<Option<u64>>,
        /// Count all of them, too.
        include_totals: Query<Option<bool>>,
        /// The `next` of an answer before.
        from: Query<Option<String>>,
        /// So many, from there on.
        take: Query<Option<u64>>,
        /// Of this person.
        user_id: Query<Option<String>>,
        /// For this client.
        client_id: Query<Option<String>>,
        /// For this API.
        audience: Query<Option<String>>,
    ) -> Result<Told<Vec<GrantDocument>>, Refused> {
        let actor = caller.with(&READ)?;
        let asked =
            Asked { page: page.0, per_page: per_page.0, include_totals: include_totals.0, from: from.0, take: take.0 };
        let page = asked.read()?;
        let filter = Filter {
            id: None,
            user: user_id.0.as_deref().map(identity::<UserId>),
            client_id: client_id.0,
            audience: audience.0,
        };
        let listed = consent::list(&app, &tenant, actor, &filter, &page.wanted).await;
        Ok(page.answer("grants", listed.map_err(Refused::about(&GRANT))?.map(told)).into())
    }

    /// Delete a grant.
    ///
    /// Needs `delete:grants`. What the client got for that person ends, and it has to ask again.
    #[oai(path = "/:id", method = "delete", operation_id = "delete_grants_by_id")]
    async fn delete(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        /// Its identity.
        id: Path<String>,
    ) -> Result<Gone, Refused> {
        let actor = caller.with(&DELETE)?;
        let id: ConsentId = identity(&id);
        consent::revoke(&app, &tenant, actor, id).await.map_err(Refused::about(&GRANT))?;
        Ok(Gone::Gone)
    }

    /// Delete all grants of a person.
    ///
    /// Needs `delete:grants`.
    #[oai(path = "/", method = "delete", operation_id = "delete_grants_by_user_id")]
    async fn delete_all(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        /// The person.
        user_id: Query<Option<String>>,
    ) -> Result<Gone, Refused> {
        let actor = caller.with(&DELETE)?;
        let user_id = user_id.0.ok_or_else(|| Refused::query("Query validation error: 'user_id' is required"))?;
        let filter = Filter { user: Some(identity(&user_id)), ..Filter::default() };
        let done: Result<u64, Error> = consent::revoke_all(&app, &tenant, actor, &filter).await;
        done.map_err(Refused::about(&GRANT))?;
        Ok(Gone::Gone)
    }
}
