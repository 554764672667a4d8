//! `/developers`: who registers applications, and is the portal open to them?

use std::collections::BTreeMap;

use entity::id::UserId;
use poem::Request;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Object, OpenApi};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Part;
use super::answer::{Gone, Told};
use super::body::Body;
use super::caller::Caller;
use super::contract::Reason;
use super::nullable::Nullable;
use super::page::{Asked, Page, said};
use super::precondition::Seen;
use super::problem::Problem;
use super::word::{Approval, Role, UserState};
use crate::portal::developer::{self as rule, Change, Decision, Filter, Invitation, New};
use crate::secret::Secret;

/// The developers of the tenant.
#[derive(Debug)]
pub struct DeveloperApi;

/// Somebody who registers applications, publishes services, or administers the tenant.
#[derive(Debug, Object)]
struct Developer {
    /// Identity.
    id: Uuid,
    /// E-mail address.
    email: String,
    /// Whether somebody proved that the address is theirs.
    email_verified: bool,
    /// Full name.
    name: Nullable<String>,
    /// What they may do.
    role: Role,
    /// Whether they may sign in.
    state: UserState,
    /// Whether the portal is open to them.
    approval: Approval,
    /// What is known of them.
    meta: Nullable<Value>,
    /// What another system calls them.
    custom_id: Nullable<String>,
    /// Seconds since 1970; `null`: never signed in.
    first_login_at: Nullable<i64>,
    /// Seconds since 1970.
    created_at: i64,
    /// Seconds since 1970.
    updated_at: i64,
}

impl From<entity::user::Model> for Developer {
    fn from(row: entity::user::Model) -> Self {
        Self {
            id: row.id.0,
            email: row.email,
            email_verified: row.email_verified,
            name: row.name.into(),
            role: row.role.into(),
            state: row.state.into(),
            approval: row.approval.into(),
            meta: row.meta.into(),
            custom_id: row.custom_id.into(),
            first_login_at: row.first_login_at.into(),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// A developer to be added.
#[derive(Debug, Object)]
struct NewDeveloper {
    /// E-mail address to sign in with.
    email: String,
    /// Full name: 1 to 200 characters.
    name: Nullable<String>,
    /// Password; else they ask for a link.
    password: Option<String>,
    /// What is known of them: at most 8 KiB.
    meta: Nullable<BTreeMap<String, Value>>,
    /// What another system calls them: at most 200 characters, unique in the tenant.
    custom_id: Nullable<String>,
    /// Whether the portal is open to them; `approved`.
    approval: Option<Approval>,
    /// `developer` or `publisher`; `developer`.
    role: Option<Role>,
}

/// Somebody to be invited by mail.
#[derive(Debug, Object)]
struct NewInvitation {
    /// E-mail address.
    email: String,
    /// Full name: 1 to 200 characters.
    name: Nullable<String>,
    /// `developer` or `publisher`; `developer`.
    role: Option<Role>,
}

/// What is to change of a developer; what is left out stays.
#[derive(Debug, Object)]
struct DeveloperChange {
    /// E-mail address: another one is to be proven.
    email: Option<String>,
    /// Full name.
    name: Nullable<String>,
    /// What is known of them.
    meta: Nullable<BTreeMap<String, Value>>,
    /// What another system calls them; for admins only.
    custom_id: Nullable<String>,
}

fn map(meta: BTreeMap<String, Value>) -> Map<String, Value> {
    meta.into_iter().collect()
}

fn told(row: entity::user::Model) -> Told<Developer> {
    let tag = rule::tag(&row);
    Told::new(&row.into()).tag(&tag)
}

fn made(caller: &Caller, row: entity::user::Model) -> Told<Developer, 201> {
    let (at, tag) = (caller.url(&format!("/developers/{}", row.id)), rule::tag(&row));
    Told::new(&row.into()).tag(&tag).at(&at)
}

async fn decide(caller: &Caller, developer: &Path<Uuid>, decision: Decision) -> Result<Told<Developer>, Problem> {
    let id = UserId(developer.0);
    Ok(told(rule::decide(&caller.app, &caller.tenant, &caller.actor, id, decision).await?))
}

#[OpenApi(tag = "Part::Developers")]
impl DeveloperApi {
    /// List developers.
    ///
    /// The oldest first, publishers and admins among them.
    #[oai(path = "/developers", method = "get", operation_id = "list_developers")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list(
        &self,
        caller: Caller,
        request: &Request,
        /// Things in a part: 1 to 200, else 50.
        limit: Query<Option<u64>>,
        /// `next` of the part before.
        cursor: Query<Option<String>>,
        /// In this state.
        approval: Query<Option<Approval>>,
        /// Occurs in the address or the name.
        search: Query<Option<String>>,
        /// What another system calls them.
        custom_id: Query<Option<String>>,
    ) -> Result<Told<Page<Developer>>, Problem> {
        let filters = ["approval", "search", "custom_id"];
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &filters)?;
        let filter =
            Filter { approval: approval.0.map(Into::into), search: said(search.0), custom_id: said(custom_id.0) };
        let listed = rule::list(&caller.app, &caller.tenant, &caller.actor, &filter, asked.wanted()).await?;
        Ok(asked.page(&caller, listed, Developer::from))
    }

    /// Add a developer.
    #[oai(path = "/developers", method = "post", operation_id = "create_developer")]
    async fn create(&self, caller: Caller, body: Body<NewDeveloper>) -> Result<Told<Developer, 201>, Problem> {
        let body = body.0;
        let new = New {
            email: body.email,
            name: body.name.value(),
            password: body.password.map(Secret::new),
            meta: body.meta.value().map(map),
            custom_id: body.custom_id.value(),
            approval: body.approval.unwrap_or(Approval::Approved).into(),
            role: body.role.unwrap_or(Role::Developer).into(),
        };
        let row = rule::create(&caller.app, &caller.tenant, &caller.actor, new).await?;
        Ok(made(&caller, row))
    }

    /// Invite somebody by mail.
    ///
    /// They are approved from the start. Inviting somebody who did not accept yet sends another mail.
    #[oai(path = "/invitations", method = "post", operation_id = "invite_developer")]
    async fn invite(&self, caller: Caller, body: Body<NewInvitation>) -> Result<Told<Developer, 201>, Problem> {
        let NewInvitation { email, name, role } = body.0;
        let invitation = Invitation { email, name: name.value(), role: role.unwrap_or(Role::Developer).into() };
        let row = rule::invite(&caller.app, &caller.tenant, &caller.actor, invitation).await?;
        Ok(made(&caller, row))
    }

    /// Read a developer.
    ///
    /// Everybody may read themselves.
    #[oai(path = "/developers/:developer", method = "get", operation_id = "read_developer")]
    async fn read(
        &self,
        caller: Caller,
        /// Identity, or e-mail address.
        developer: Path<String>,
    ) -> Result<Told<Developer>, Problem> {
        Ok(told(rule::find(&caller.app, &caller.tenant, &caller.actor, &developer).await?))
    }

    /// Change a developer.
    ///
    /// An admin, or the developer.
    #[oai(path = "/developers/:developer", method = "patch", operation_id = "change_developer")]
    async fn change(
        &self,
        caller: Caller,
        developer: Path<Uuid>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        body: Body<DeveloperChange>,
    ) -> Result<Told<Developer>, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let change = Change {
            name: body.0.name.change(),
            email: body.0.email,
            meta: body.0.meta.change().map(|meta| meta.map(map)),
            custom_id: body.0.custom_id.change(),
        };
        let (id, expected) = (UserId(developer.0), seen.tag());
        let changed = rule::change_tagged(&caller.app, &caller.tenant, &caller.actor, id, expected, change).await;
        changed.map(told).map_err(|error| seen.refuse(error))
    }

    /// Remove a developer.
    ///
    /// Their applications are archived, their sessions and tokens end.
    #[oai(path = "/developers/:developer", method = "delete", operation_id = "remove_developer")]
    async fn remove(
        &self,
        caller: Caller,
        developer: Path<Uuid>,
        /// The `ETag` that was seen.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
    ) -> Result<Gone, Problem> {
        let seen = Seen::read(if_match.as_deref())?;
        let id = UserId(developer.0);
        let removed = rule::remove_tagged(&caller.app, &caller.tenant, &caller.actor, id, seen.tag()).await;
        removed.map(|()| Gone::Done).map_err(|error| seen.refuse(error))
    }

    /// Approve a developer.
    ///
    /// From pending, rejected or revoked.
    #[oai(path = "/developers/:developer/approve", method = "post", operation_id = "approve_developer")]
    async fn approve(&self, caller: Caller, developer: Path<Uuid>) -> Result<Told<Developer>, Problem> {
        decide(&caller, &developer, Decision::Approve).await
    }

    /// Reject a developer.
    ///
    /// From pending.
    #[oai(path = "/developers/:developer/reject", method = "post", operation_id = "reject_developer")]
    async fn reject(
        &self,
        caller: Caller,
        developer: Path<Uuid>,
        body: Body<Reason>,
    ) -> Result<Told<Developer>, Problem> {
        decide(&caller, &developer, Decision::Reject { reason: body.0.reason.value() }).await
    }

    /// Revoke the approval of a developer.
    ///
    /// From approved. Their sessions end, and their applications get no tokens.
    #[oai(path = "/developers/:developer/revoke", method = "post", operation_id = "revoke_developer")]
    async fn revoke(
        &self,
        caller: Caller,
        developer: Path<Uuid>,
        body: Body<Reason>,
    ) -> Result<Told<Developer>, Problem> {
        decide(&caller, &developer, Decision::Revoke { reason: body.0.reason.value() }).await
    }
}
