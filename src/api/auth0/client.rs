//! `/clients`: applications, whoever made them (portal.md A36).

pub mod words;

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde_json::Value;

use super::Part;
use super::answer::{Gone, Told};
use super::body::Body;
use super::caller::{Caller, Need};
use super::error::{Refused, Thing};
use super::page::{Asked, Fields};
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::Action;
use crate::portal::client::registered::{self, Filter};
use crate::portal::client::{Which, secret};

const READ: Need = Need { action: Action::ReadClients, scopes: &["read:clients", "read:client_keys"] };
const CREATE: Need = Need { action: Action::WriteClients, scopes: &["create:clients"] };
const UPDATE: Need = Need { action: Action::WriteClients, scopes: &["update:clients"] };
const ROTATE: Need = Need { action: Action::WriteClients, scopes: &["update:client_keys"] };
const DELETE: Need = Need { action: Action::WriteClients, scopes: &["delete:clients"] };

/// How the rules' words for clients are spelled here.
pub const CLIENT: Thing = Thing {
    name: "client",
    code: "client",
    fields: &[
        ("redirect_uris", "callbacks"),
        ("post_logout_redirect_uris", "allowed_logout_urls"),
        ("application_type", "app_type"),
        ("id_token_signed_response_alg", "jwt_configuration.alg"),
        ("kept", ""),
    ],
};

/// An application. Members that Auth0 has and that are not listed here are stored and read back as they were sent.
#[derive(Debug, Object)]
#[oai(rename = "Client")]
pub struct ClientDocument {
    /// Its identifier; chosen by the server.
    #[oai(read_only)]
    client_id: Option<String>,
    /// Its secret: only in the answers to its creation and to a rotation.
    #[oai(read_only)]
    client_secret: Option<String>,
    /// Name shown to people; must be there when it is made.
    name: Option<String>,
    /// What it does.
    description: Option<String>,
    /// `native`, `spa`, `regular_web` or `non_interactive`.
    app_type: Option<String>,
    /// Where authorization answers may go.
    callbacks: Option<Vec<String>>,
    /// Where people may be sent after signing out.
    allowed_logout_urls: Option<Vec<String>>,
    /// Stored.
    web_origins: Option<Vec<String>>,
    /// Stored.
    allowed_origins: Option<Vec<String>>,
    /// How it may ask for tokens; what this server does not know of them is left out.
    grant_types: Option<Vec<String>>,
    /// How it proves itself at the token endpoint.
    token_endpoint_auth_method: Option<String>,
    /// Ours: people are not asked for consent. Left out: it is.
    is_first_party: Option<bool>,
    /// Stored.
    oidc_conformant: Option<bool>,
    /// `alg`: what its ID tokens are signed with; the rest is stored.
    jwt_configuration: Option<Any<Value>>,
    /// Stored.
    client_metadata: Option<Any<Value>>,
    /// An image.
    logo_uri: Option<String>,
    /// Where a sign-in started elsewhere is sent.
    initiate_login_uri: Option<String>,
    /// The short name of the tenant.
    #[oai(read_only)]
    tenant: Option<String>,
    /// Always `false`.
    #[oai(read_only)]
    global: Option<bool>,
}

/// Applications.
#[derive(Debug)]
pub struct ClientApi;

#[OpenApi(prefix_path = "/clients", tag = "Part::Clients")]
impl ClientApi {
    /// List clients.
    ///
    /// Needs `read:clients`. The oldest first; with `include_totals` or `take` an object around the list. Secrets are
    /// never listed.
    #[oai(path = "/", method = "get", operation_id = "get_clients")]
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
        /// Only these members, separated by commas.
        fields: Query<Option<String>>,
        /// `false`: all but those.
        include_fields: Query<Option<bool>>,
        /// Ours, or not.
        is_first_party: Query<Option<bool>>,
        /// Of these types, separated by commas.
        app_type: Query<Option<String>>,
    ) -> Result<Told<Vec<ClientDocument>>, Refused> {
        let actor = caller.with(&READ)?;
        let asked =
            Asked { page: page.0, per_page: per_page.0, include_totals: include_totals.0, from: from.0, take: take.0 };
        let page = asked.read()?;
        let filter = Filter { first_party: is_first_party.0, kinds: words::kinds(app_type.as_deref())? };
        let listed = registered::list(&app, &tenant, actor, &filter, &page.wanted).await;
        let listed = listed.map_err(Refused::about(&CLIENT))?;
        let fields = Fields::read(fields.as_deref(), include_fields.0);
        Ok(page.answer("clients", listed.map(|client| fields.of(words::told(&tenant, &client, None)))).into())
    }

    /// Create a client.
    ///
    /// Needs `create:clients`. The secret is told this once.
    #[oai(path = "/", method = "post", operation_id = "post_clients")]
    async fn create(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        body: Body<ClientDocument>,
    ) -> Result<Told<ClientDocument, 201>, Refused> {
        let actor = caller.with(&CREATE)?;
        let (new, wrong) = words::new(body.members);
        if !wrong.is_empty() {
            let rules = registered::complaints(&app, &tenant, &new).await.map_err(Refused::about(&CLIENT))?;
            return Err(Refused::together(&CLIENT, wrong, &rules));
        }
        let description = new.description.clone();
        let added = registered::register(&app, &tenant, actor, new).await.map_err(Refused::about(&CLIENT))?;
        let client = registered::Registered { client: added.client, description };
        Ok(words::told(&tenant, &client, added.secret.as_ref()).into())
    }

    /// Read a client.
    ///
    /// Needs `read:clients`.
    #[oai(path = "/:client_id", method = "get", operation_id = "get_clients_by_id")]
    async fn read(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        /// Its identifier.
        client_id: Path<String>,
        /// Only these members, separated by commas.
        fields: Query<Option<String>>,
        /// `false`: all but those.
        include_fields: Query<Option<bool>>,
    ) -> Result<Told<ClientDocument>, Refused> {
        let actor = caller.with(&READ)?;
        let client = registered::find(&app, &tenant, actor, &client_id).await.map_err(Refused::about(&CLIENT))?;
        let fields = Fields::read(fields.as_deref(), include_fields.0);
        Ok(fields.of(words::told(&tenant, &client, None)).into())
    }

    /// Change a client.
    ///
    /// Needs `update:clients`. Members that are not sent stay; `null` takes one away.
    #[oai(path = "/:client_id", method = "patch", operation_id = "patch_clients_by_id")]
    async fn change(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        /// Its identifier.
        client_id: Path<String>,
        body: Body<ClientDocument>,
    ) -> Result<Told<ClientDocument>, Refused> {
        let actor = caller.with(&UPDATE)?;
        // Who changes clients may know which one they mean.
        let reader = crate::portal::Actor::operator(actor.label());
        let before =
            registered::find(&app, &tenant, &reader, &client_id).await.map_err(Refused::about(&CLIENT))?.client;
        let (change, wrong) = words::change(body.members, &before.metadata.to_members(), before.row.kept.as_ref());
        if !wrong.is_empty() {
            let rules = registered::change_complaints(&app, &tenant, &before, &change).await;
            return Err(Refused::together(&CLIENT, wrong, &rules.map_err(Refused::about(&CLIENT))?));
        }
        let changed = registered::change(&app, &tenant, actor, &client_id, change).await;
        Ok(words::told(&tenant, &changed.map_err(Refused::about(&CLIENT))?, None).into())
    }

    /// Delete a client.
    ///
    /// Needs `delete:clients`. Its tokens, grants and consents end with it.
    #[oai(path = "/:client_id", method = "delete", operation_id = "delete_clients_by_id")]
    async fn delete(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        /// Its identifier.
        client_id: Path<String>,
    ) -> Result<Gone, Refused> {
        let actor = caller.with(&DELETE)?;
        registered::remove(&app, &tenant, actor, &client_id).await.map_err(Refused::about(&CLIENT))?;
        Ok(Gone::Gone)
    }

    /// Rotate the secret of a client.
    ///
    /// Needs `update:client_keys`. The old secret is refused from now on; the new one is told this once.
    #[oai(path = "/:client_id/rotate-secret", method = "post", operation_id = "post_rotate_secret")]
    async fn rotate_secret(
        &self,
        app: Data<&Arc<App>>,
        tenant: Data<&Arc<Tenant>>,
        caller: Caller,
        /// Its identifier.
        client_id: Path<String>,
    ) -> Result<Told<ClientDocument>, Refused> {
        let actor = caller.with(&ROTATE)?;
        let which = Which::anywhere(&client_id);
        let fresh = secret::regenerate(&app, &tenant, actor, which).await.map_err(Refused::about(&CLIENT))?;
        // Whoever rotates the secret may see whose it is.
        let reader = crate::portal::Actor::operator(actor.label());
        let client = registered::find(&app, &tenant, &reader, &client_id).await.map_err(Refused::about(&CLIENT))?;
        Ok(words::told(&tenant, &client, Some(&fresh.value)).into())
    }
}
