//! `/v3/portals/{id}/developers`: who uses the portal, and who may? (portal.md N21, N27)

use entity::user::{self, Approval};
use poem::Request;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};

use super::Part;
use super::answer::{Gone, Page, Told};
use super::body::Sent;
use super::caller::Administrator;
use super::error::{Invalid, Problem, Source};
use super::page::{Asked, either};
use super::shape::{STATUSES, id};
use crate::clock::rfc3339;
use crate::portal::developer::{self, Decision, Filter};
use crate::portal::{Action, Conflict, Error};

/// Developers, for those who decide.
#[derive(Debug)]
pub struct DevelopersApi;

/// A developer, for those who decide.
#[derive(Debug, Object)]
pub struct PortalDeveloper {
    /// Identity.
    id: String,
    /// E-mail address.
    email: String,
    /// Full name.
    full_name: String,
    /// `approved`, `pending`, `rejected` or `revoked`.
    status: String,
    /// RFC 3339.
    created_at: String,
    /// RFC 3339.
    updated_at: String,
}

/// What is decided about a developer.
#[derive(Debug, Object)]
#[oai(rename = "UpdateDeveloper")]
struct ChangeDocument {
    /// `approved`, `rejected` or `revoked`.
    status: Option<String>,
}

#[OpenApi(tag = "Part::Portals")]
impl DevelopersApi {
    /// List the developers of a portal.
    #[oai(path = "/v3/portals/:portal_id/developers", method = "get", operation_id = "list_portal_developers")]
    #[allow(clippy::too_many_arguments)] // one per part of the request
    async fn list(
        &self,
        caller: Administrator,
        request: &Request,
        portal_id: Path<String>,
        #[oai(name = "page[number]")] number: Query<Option<u64>>,
        #[oai(name = "page[size]")] size: Query<Option<u64>>,
        /// `approved`, `pending`, `rejected` or `revoked`.
        #[oai(name = "filter[status]")]
        status: Query<Option<String>>,
        /// Part of the address or the name.
        #[oai(name = "filter[email][contains]")]
        contains: Query<Option<String>>,
    ) -> Result<Told<Page<PortalDeveloper>>, Problem> {
        caller.portal(&portal_id)?;
        let asked = Asked::read(request, *number, *size, &["filter[status]", "filter[email][contains]"])?;
        let approval =
            match either(status.0, None) {
                None => None,
                Some(status) => Some(approval(&status).ok_or_else(|| {
                    Problem::invalid(vec![Invalid::choice("filter[status]", &STATUSES, Source::Query)])
                })?),
            };
        let filter = Filter { approval, search: either(contains.0, None), ..Filter::default() };
        let Administrator { app, tenant, actor } = &caller;
        let listed = developer::list(app, tenant, actor, &filter, &asked.wanted()).await?;
        Ok(Told(asked.page(listed, PortalDeveloper::from)))
    }

    /// Read a developer.
    #[oai(
        path = "/v3/portals/:portal_id/developers/:developer_id",
        method = "get",
        operation_id = "get_portal_developer"
    )]
    async fn read(
        &self,
        caller: Administrator,
        portal_id: Path<String>,
        developer_id: Path<String>,
    ) -> Result<Told<PortalDeveloper>, Problem> {
        Ok(Told(found(&caller, &portal_id, &developer_id).await?.into()))
    }

    /// Decide about a developer.
    ///
    /// Approve one, reject one that is pending, revoke one that is approved. The status they have already changes nothing.
    #[oai(
        path = "/v3/portals/:portal_id/developers/:developer_id",
        method = "patch",
        operation_id = "update_portal_developer"
    )]
    async fn decide(
        &self,
        caller: Administrator,
        portal_id: Path<String>,
        developer_id: Path<String>,
        body: Sent<ChangeDocument>,
    ) -> Result<Told<PortalDeveloper>, Problem> {
        let before = found(&caller, &portal_id, &developer_id).await?;
        caller.actor.may(Action::WriteDevelopers)?;
        let mut fields = body.fields();
        let wanted = fields.choice("status", &STATUSES).and_then(approval);
        fields.done()?;
        let decision = match wanted {
            None => return Ok(Told(before.into())),
            Some(wanted) if wanted == before.approval => return Ok(Told(before.into())),
            Some(Approval::Approved) => Decision::Approve,
            Some(Approval::Rejected) => Decision::Reject { reason: None },
            Some(Approval::Revoked) => Decision::Revoke { reason: None },
            // Nobody about whom was decided waits again.
            Some(Approval::Pending) => return Err(Error::Conflict(Conflict::DeveloperState(before.approval)).into()),
        };
        let decided = developer::decide(&caller.app, &caller.tenant, &caller.actor, before.id, decision).await?;
        Ok(Told(decided.into()))
    }

    /// Remove a developer, with what belongs to them.
    #[oai(
        path = "/v3/portals/:portal_id/developers/:developer_id",
        method = "delete",
        operation_id = "delete_portal_developer"
    )]
    async fn remove(
        &self,
        caller: Administrator,
        portal_id: Path<String>,
        developer_id: Path<String>,
    ) -> Result<Gone, Problem> {
        let before = found(&caller, &portal_id, &developer_id).await?;
        developer::remove(&caller.app, &caller.tenant, &caller.actor, before.id).await?;
        Ok(Gone::Done)
    }
}

async fn found(caller: &Administrator, portal_id: &str, developer_id: &str) -> Result<user::Model, Problem> {
    caller.portal(portal_id)?;
    caller.actor.may(Action::ReadDevelopers)?;
    // Rules know addresses, too; this path names identities.
    let _: entity::id::UserId = id(developer_id).ok_or_else(Problem::not_found)?;
    Ok(developer::find(&caller.app, &caller.tenant, &caller.actor, developer_id).await?)
}

fn approval(status: &str) -> Option<Approval> {
    Some(match status {
        "approved" => Approval::Approved,
        "pending" => Approval::Pending,
        "rejected" => Approval::Rejected,
        "revoked" => Approval::Revoked,
        _ => return None,
    })
}

impl From<user::Model> for PortalDeveloper {
    fn from(row: user::Model) -> Self {
        let status = match row.approval {
            Approval::Approved => "approved",
            Approval::Pending => "pending",
            Approval::Rejected => "rejected",
            Approval::Revoked => "revoked",
        };
        Self {
            id: row.id.to_string(),
            email: row.email,
            full_name: row.name.unwrap_or_default(),
            status: status.to_owned(),
            created_at: rfc3339(row.created_at),
            updated_at: rfc3339(row.updated_at),
        }
    }
}
