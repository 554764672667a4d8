//! `/developers` (portal.md K68, K69).

use entity::user::{Approval, Model};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use poem::{IntoResponse, Response};
use poem_openapi::param::{Path, Query};
use poem_openapi::registry::{MetaMediaType, MetaResponses, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::{ApiResponse, OpenApi};
use serde_json::{Map, json};

use super::Part;
use crate::api::kong::answer::{Answer, Any, Gone, Many, One, described};
use crate::api::kong::call::{Admin, Call};
use crate::api::kong::developer::{
    self as words, DeveloperBody, DeveloperEntity, DeveloperFields, DeveloperPatch, InvitationBody,
};
use crate::api::kong::error::portal::{Entity, together};
use crate::api::kong::status::Status;
use crate::api::kong::{KongBody, Refusal};
use crate::portal::developer::{self, Decision, Filter, Invitation, New};
use crate::portal::list::Wanted;
use crate::portal::{Action, Error};

/// Developers.
#[derive(Debug)]
pub struct DevelopersApi;

/// So many developers are read at a time for an export.
const EXPORTED_AT_ONCE: u64 = 1000;

#[OpenApi(prefix_path = "/kong/admin", tag = "Part::Developers")]
impl DevelopersApi {
    /// List developers.
    #[oai(path = "/developers", method = "get", operation_id = "list_developers")]
    async fn list(
        &self,
        call: Admin,
        /// 0: approved; 1: requested access; 2: rejected; 3: revoked.
        status: Query<Option<String>>,
        /// What another system calls the developer.
        custom_id: Query<Option<String>>,
    ) -> Result<Answer<Many<DeveloperEntity>>, Refusal> {
        let asked = call.page()?;
        let approval = Status::filter(status.0.as_deref())?.map(Approval::from);
        let filter = Filter { approval, custom_id: custom_id.0, ..Filter::default() };
        let found = developer::list(&call.app, &call.tenant, &call.actor, &filter, &asked.part()).await;
        let found = found.map_err(call.refuse(Entity::Developer))?;
        Ok(Answer::new(&asked.counted(found.map(|row| words::shown(&row)))))
    }

    /// Add a developer.
    #[oai(path = "/developers", method = "post", operation_id = "create_developer")]
    async fn create(
        &self,
        call: Admin,
        body: KongBody<DeveloperBody>,
    ) -> Result<Answer<One<DeveloperEntity>>, Refusal> {
        let (fields, wrong) = DeveloperFields::whole(body.tree);
        let new = New {
            email: fields.email.unwrap_or_default(),
            name: fields.name.flatten(),
            password: fields.password,
            meta: fields.meta.flatten(),
            custom_id: fields.custom_id.flatten(),
            approval: fields.status.unwrap_or(Status::Requested).into(),
            role: fields.role,
        };
        together(Entity::Developer, wrong, || new.complaints())?;
        let created = developer::create_with(&call.app, &call.tenant, &call.actor, fields.id, new).await;
        Ok(Answer::new(&words::shown(&created.map_err(call.refuse(Entity::Developer))?)))
    }

    /// Invite developers by mail: they are approved from the start.
    #[oai(path = "/developers/invite", method = "post", operation_id = "invite_developers")]
    async fn invite(&self, call: Admin, body: KongBody<InvitationBody>) -> Result<Answer<Any>, Refusal> {
        call.actor.may(Action::WriteDevelopers).map_err(call.refuse(Entity::Developer))?;
        let (mut sent, mut failed) = (Map::new(), Map::new());
        for email in words::invited(body.tree)? {
            let role = entity::user::Role::Developer;
            let invitation = Invitation { email: email.clone(), name: None, role };
            match developer::invite(&call.app, &call.tenant, &call.actor, invitation).await {
                Ok(_) => drop(sent.insert(email, json!(true))),
                Err(error @ (Error::Invalid(_) | Error::Taken { .. } | Error::Conflict(_))) => {
                    failed.insert(email, json!(error.describe()));
                }
                Err(error) => return Err(call.refuse(Entity::Developer)(error)),
            }
        }
        Ok(Answer::new(&json!({
            "error": {"count": failed.len(), "emails": failed},
            "sent": {"count": sent.len(), "emails": sent},
            "smtp_mock": false,
        })))
    }

    /// Export developers as CSV.
    #[oai(path = "/developers/export", method = "get", operation_id = "export_developers")]
    async fn export(&self, call: Admin) -> Result<Csv, Refusal> {
        let mut out = "Email, Status\n".to_owned();
        let mut wanted = Wanted::first(EXPORTED_AT_ONCE);
        loop {
            let found = developer::list(&call.app, &call.tenant, &call.actor, &Filter::default(), &wanted).await;
            let found = found.map_err(call.refuse(Entity::Developer))?;
            out.extend(found.items.iter().map(words::exported));
            if found.next.is_none() {
                return Ok(Csv(out));
            }
            wanted.after = found.next;
        }
    }

    /// Read a developer, by their id or e-mail address.
    #[oai(path = "/developers/:developer", method = "get", operation_id = "read_developer")]
    async fn read(&self, call: Admin, developer: Path<String>) -> Result<Answer<One<DeveloperEntity>>, Refusal> {
        Ok(Answer::new(&words::shown(&find(&call, &developer).await?)))
    }

    /// Change a developer, and decide about them with `status`.
    #[oai(path = "/developers/:developer", method = "patch", operation_id = "update_developer")]
    async fn update(
        &self,
        call: Admin,
        developer: Path<String>,
        body: KongBody<DeveloperPatch>,
    ) -> Result<Answer<Any>, Refusal> {
        let before = find(&call, &developer).await?;
        let (fields, wrong) = DeveloperFields::part(body.tree);
        let change = developer::Change {
            name: fields.name,
            email: fields.email,
            meta: fields.meta,
            custom_id: fields.custom_id,
        };
        together(Entity::Developer, wrong, || change.complaints(&call.tenant, &call.actor))?;
        let decision = fields.status.map(|wanted| decision(before.approval.into(), wanted)).transpose()?.flatten();
        let refuse = call.refuse(Entity::Developer);
        let changes = change.name.is_some() || change.email.is_some() || change.meta.is_some();
        let mut after = before;
        if changes || change.custom_id.is_some() {
            let changed = developer::change(&call.app, &call.tenant, &call.actor, after.id, change).await;
            after = changed.map_err(&refuse)?;
        }
        if let Some(decision) = decision {
            let decided = developer::decide(&call.app, &call.tenant, &call.actor, after.id, decision).await;
            after = decided.map_err(&refuse)?;
        }
        Ok(Answer::new(&json!({"developer": words::shown(&after)})))
    }

    /// Remove a developer, and put away their applications.
    #[oai(path = "/developers/:developer", method = "delete", operation_id = "delete_developer")]
    async fn delete(&self, call: Admin, developer: Path<String>) -> Result<Gone, Refusal> {
        let found = find(&call, &developer).await?;
        let removed = developer::remove(&call.app, &call.tenant, &call.actor, found.id).await;
        removed.map(|()| Gone).map_err(call.refuse(Entity::Developer))
    }
}

/// The developer that a path names.
pub(super) async fn find(call: &Call, which: &str) -> Result<Model, Refusal> {
    let found = developer::find(&call.app, &call.tenant, &call.actor, which).await;
    found.map_err(call.refuse(Entity::Developer))
}

/// What leads from one status to another; `None`: nothing has to.
fn decision(from: Status, wanted: Status) -> Result<Option<Decision>, Refusal> {
    let decision = match wanted {
        _ if from == wanted => return Ok(None),
        Status::Approved => Decision::Approve,
        Status::Rejected => Decision::Reject { reason: None },
        Status::Revoked => Decision::Revoke { reason: None },
        Status::Requested => return Err(from.unreachable(wanted)),
    };
    developer::decide::next(from.into(), &decision).map_err(|_| from.unreachable(wanted))?;
    Ok(Some(decision))
}

/// A table as text.
#[derive(Debug)]
pub struct Csv(String);

impl IntoResponse for Csv {
    fn into_response(self) -> Response {
        let mut response = Response::from(self.0);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
        response
    }
}

impl ApiResponse for Csv {
    fn meta() -> MetaResponses {
        let schema = MetaSchemaRef::Inline(Box::new(MetaSchema::new("string")));
        let content = vec![MetaMediaType { content_type: "text/csv", schema }];
        MetaResponses { responses: vec![described(200, "The columns Email and Status.", content)] }
    }

    fn register(_: &mut Registry) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_reached_by_a_decision_or_not_at_all() {
        // K68, portal.md §8.4
        let to = |from, wanted| decision(from, wanted).map_err(|refusal| refusal.status());
        assert_eq!(to(Status::Requested, Status::Approved), Ok(Some(Decision::Approve)));
        assert_eq!(to(Status::Revoked, Status::Approved), Ok(Some(Decision::Approve)));
        assert_eq!(to(Status::Approved, Status::Approved), Ok(None));
        assert_eq!(to(Status::Approved, Status::Requested), Err(400));
        assert_eq!(to(Status::Approved, Status::Rejected), Err(400));
    }
}
