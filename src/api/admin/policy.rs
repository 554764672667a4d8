//! `/services/{service}/policy`: under which rules do applications get tokens for a service? (portal.md K9 to K22)

use poem_openapi::param::{Header, Path};
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::Part;
use super::answer::{Gone, Put, Told, ToldSecret};
use super::body::Body;
use super::caller::Caller;
use super::nullable::Nullable;
use super::precondition::Seen;
use super::problem::Problem;
use crate::portal::policy::{self as rule, Change};
use crate::portal::{Conflict, Error};
use crate::secret::Secret;

/// The policies of services.
#[derive(Debug)]
pub struct PolicyApi;

/// The registration and token rules of a service.
#[derive(Debug, Object)]
pub struct Policy {
    /// Identity.
    id: Uuid,
    /// The service.
    service_id: Uuid,
    /// Name of the service in the portal.
    display_name: String,
    /// Shown with it.
    description: Nullable<String>,
    /// New contracts skip the queue.
    auto_approve: bool,
    /// RFC 6749 §4.1.
    enable_authorization_code: bool,
    /// RFC 6749 §4.4.
    enable_client_credentials: bool,
    /// RFC 6749 §4.2.
    enable_implicit_grant: bool,
    /// RFC 6749 §4.3.
    enable_password_grant: bool,
    /// A token has at least one scope of the service.
    mandatory_scope: bool,
    /// Elements of one or several scopes each, separated by spaces; `null`: there are none.
    scopes: Nullable<Vec<String>>,
    /// The header that carries the access token.
    auth_header_name: String,
    /// Seconds an access token lives; 0: for ever.
    token_expiration: i64,
    /// Seconds a refresh token lives; 0: for ever.
    refresh_token_ttl: i64,
    /// A request must say what it is for.
    comment_required: bool,
    /// New contracts may be requested.
    enabled: bool,
    /// Words to find it by.
    tags: Nullable<Vec<String>>,
    /// Counts the changes; the `ETag` is `"v"` and this number.
    version: i64,
    /// Seconds since 1970.
    created_at: i64,
    /// Seconds since 1970.
    updated_at: i64,
}

impl From<rule::Policy> for Policy {
    fn from(policy: rule::Policy) -> Self {
        let (scopes, tags, row) = (policy.scopes(), policy.tags(), policy.row);
        Self {
            id: row.id.0,
            service_id: row.service_id.0,
            display_name: row.display_name,
            description: row.description.into(),
            auto_approve: row.auto_approve,
            enable_authorization_code: row.enable_authorization_code,
            enable_client_credentials: row.enable_client_credentials,
            enable_implicit_grant: row.enable_implicit_grant,
            enable_password_grant: row.enable_password_grant,
            mandatory_scope: row.mandatory_scope,
            scopes: scopes.into(),
            auth_header_name: row.auth_header_name,
            token_expiration: row.token_expiration,
            refresh_token_ttl: row.refresh_token_ttl,
            comment_required: row.comment_required,
            enabled: row.enabled,
            tags: tags.into(),
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A whole policy: what is left out has its default.
#[derive(Debug, Object)]
struct NewPolicy {
    /// Name of the service in the portal; unique in the tenant.
    display_name: String,
    /// What is said of it.
    #[oai(flatten)]
    more: PolicyMembers,
}

/// What is to change of a policy; what is left out stays (RFC 7396).
#[derive(Debug, Object)]
struct PolicyChange {
    /// Name of the service in the portal; unique in the tenant.
    display_name: Option<String>,
    /// What is said of it.
    #[oai(flatten)]
    more: PolicyMembers,
}

/// What can be said of a policy. At least one flow must be on.
#[derive(Debug, Object)]
struct PolicyMembers {
    /// Shown with the service; none.
    description: Nullable<String>,
    /// New contracts skip the queue; no. Only an admin switches it on.
    auto_approve: Option<bool>,
    /// RFC 6749 §4.1; no.
    enable_authorization_code: Option<bool>,
    /// RFC 6749 §4.4; no.
    enable_client_credentials: Option<bool>,
    /// RFC 6749 §4.2; no. Only an admin switches it on.
    enable_implicit_grant: Option<bool>,
    /// RFC 6749 §4.3; no. Only an admin switches it on.
    enable_password_grant: Option<bool>,
    /// A token has at least one scope of the service; no.
    mandatory_scope: Option<bool>,
    /// Elements of one or several scopes each, separated by spaces; none.
    scopes: Nullable<Vec<String>>,
    /// The header that carries the access token; `authorization`.
    auth_header_name: Option<String>,
    /// Seconds an access token lives, 0: for ever, which only an admin says; 7200.
    token_expiration: Option<i64>,
    /// Seconds a refresh token lives, 0: for ever, which only an admin says; 1209600.
    refresh_token_ttl: Option<i64>,
    /// 6 to 255 visible characters that nobody guesses; a fresh one. Only an admin gives one, and
    /// no answer but that of the provision key's own address holds it.
    provision_key: Option<String>,
    /// A request must say what it is for; no.
    comment_required: Option<bool>,
    /// New contracts may be requested; yes.
    enabled: Option<bool>,
    /// Words to find it by; none.
    tags: Nullable<Vec<String>>,
}

impl PolicyMembers {
    fn change(self, display_name: Option<String>) -> Change {
        Change {
            display_name,
            description: self.description.change(),
            auto_approve: self.auto_approve,
            enable_authorization_code: self.enable_authorization_code,
            enable_client_credentials: self.enable_client_credentials,
            enable_implicit_grant: self.enable_implicit_grant,
            enable_password_grant: self.enable_password_grant,
            mandatory_scope: self.mandatory_scope,
            scopes: self.scopes.change(),
            auth_header_name: self.auth_header_name,
            token_expiration: self.token_expiration,
            refresh_token_ttl: self.refresh_token_ttl,
            provision_key: self.provision_key.map(Secret::new),
            comment_required: self.comment_required,
            show_issuer: None,
            enabled: self.enabled,
            tags: self.tags.change(),
            kept: None,
        }
    }
}

fn told(policy: rule::Policy) -> Told<Policy> {
    let version = policy.row.version;
    Told::new(&policy.into()).version(version)
}

impl Caller {
    /// The policy of a service, for those who write policies.
    async fn policy(&self, service: &str) -> Result<entity::policy::Model, Error> {
        let service = rule::for_writing(&self.app, &self.tenant, &self.actor, service).await?;
        service.policy.ok_or(Error::NotFound)
    }
}

#[OpenApi(tag = "Part::Services")]
impl PolicyApi {
    /// Read the policy of a service.
    #[oai(path = "/services/:service/policy", method = "get", operation_id = "read_policy")]
    async fn read(
        &self,
        caller: Caller,
        /// Identity or name of the service.
        service: Path<String>,
    ) -> Result<Told<Policy>, Problem> {
        Ok(told(rule::of_service(&caller.app, &caller.tenant, &caller.actor, &service).await?))
    }

    /// Give a service a policy, or replace it.
    ///
    /// What is left out goes back to its default, but the provision key stays. Contracts stay as they are.
    #[oai(path = "/services/:service/policy", method = "put", operation_id = "put_policy")]
    async fn put(
        &self,
        caller: Caller,
        /// Identity or name of the service.
        service: Path<String>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<NewPolicy>,
    ) -> Result<Put<Policy>, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let (expected, change) = (seen.version()?, body.0.more.change(Some(body.0.display_name)));
        let Caller { app, tenant, actor } = &caller;
        let known = rule::for_writing(app, tenant, actor, &service).await?.policy;
        match known {
            Some(known) => {
                let replaced = rule::replace(app, tenant, actor, known.id, expected, change).await;
                replaced.map(|policy| Put::Replaced(told(policy))).map_err(|error| seen.refuse(error))
            }
            None if expected.is_some() => Err(Problem::changed()),
            None => {
                let made = rule::create(app, tenant, actor, &service, None, change).await?;
                let (at, version) = (caller.url(&format!("/services/{}/policy", made.service.id)), made.row.version);
                Ok(Put::Made(Told::new(&made.into()).version(version).at(&at)))
            }
        }
    }

    /// Change the policy of a service.
    #[oai(path = "/services/:service/policy", method = "patch", operation_id = "change_policy")]
    async fn change(
        &self,
        caller: Caller,
        /// Identity or name of the service.
        service: Path<String>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<PolicyChange>,
    ) -> Result<Told<Policy>, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let (expected, change) = (seen.version()?, body.0.more.change(body.0.display_name));
        let id = caller.policy(&service).await?.id;
        let changed = rule::change(&caller.app, &caller.tenant, &caller.actor, id, expected, change).await;
        changed.map(told).map_err(|error| seen.refuse(error))
    }

    /// Remove the policy of a service.
    ///
    /// Nobody can register for the service then, and where a contract is needed no token is good. The contracts count
    /// again when there is a policy again.
    #[oai(path = "/services/:service/policy", method = "delete", operation_id = "remove_policy")]
    async fn remove(
        &self,
        caller: Caller,
        /// Identity or name of the service.
        service: Path<String>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Result<Gone, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let (expected, id) = (seen.version()?, caller.policy(&service).await?.id);
        let removed = rule::remove(&caller.app, &caller.tenant, &caller.actor, id, expected).await;
        removed.map(|()| Gone::Done).map_err(|error| seen.refuse(error))
    }

    /// Read the provision key.
    ///
    /// It lets its owner get tokens for anybody: only admins see it.
    #[oai(path = "/services/:service/policy/provision-key", method = "get", operation_id = "read_provision_key")]
    async fn provision_key(
        &self,
        caller: Caller,
        /// Identity or name of the service.
        service: Path<String>,
    ) -> Result<Told<ToldSecret>, Problem> {
        let policy = caller.policy(&service).await?;
        let key = rule::provision_key(&caller.app, &caller.actor, &policy)?;
        Ok(Told::new(&ToldSecret { secret: key.expose().to_owned() }))
    }

    /// Give the policy a new provision key.
    ///
    /// The old one is void at once. Only admins may.
    #[oai(path = "/services/:service/policy/provision-key", method = "post", operation_id = "rotate_provision_key")]
    async fn rotate_provision_key(
        &self,
        caller: Caller,
        /// Identity or name of the service.
        service: Path<String>,
    ) -> Result<Told<ToldSecret>, Problem> {
        let policy = caller.policy(&service).await?;
        let rotated = rule::rotate_provision_key(&caller.app, &caller.tenant, &caller.actor, policy.id, None).await;
        match rotated {
            Ok((_, key)) => Ok(Told::new(&ToldSecret { secret: key.expose().to_owned() })),
            // It was removed at the same moment.
            Err(Error::Conflict(Conflict::Changed)) => Err(Problem::not_found()),
            Err(error) => Err(error.into()),
        }
    }
}
