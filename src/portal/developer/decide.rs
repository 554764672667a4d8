//! Is the portal open to a developer? (portal.md §8.4)

use entity::id::UserId;
use entity::user::{self, Approval, Role};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::remove::check_not_last;
use super::{REASON_MAX, applications_of, developer, forget, said, target, told_with};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::Rows;
use crate::oidc::event::{Kind, event};
use crate::oidc::session::session;
use crate::oidc::tenant::Tenant;
use crate::portal::application::welcome;
use crate::portal::notice::{self, Notice, page};
use crate::portal::service::write::lock_tenant;
use crate::portal::{Action, Actor, Conflict, Error, Rule};

/// What is decided about a developer; a reason has at most 2000 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The portal is open: from pending, rejected or revoked.
    Approve,
    /// It is not: from pending.
    Reject {
        /// Why.
        reason: Option<String>,
    },
    /// It is not any more: from approved. Sessions end, and applications get no tokens.
    Revoke {
        /// Why.
        reason: Option<String>,
    },
}

impl Decision {
    /// Why, where that was said.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Reject { reason } | Self::Revoke { reason } => reason.as_deref(),
            Self::Approve => None,
        }
    }

    fn telling(&self) -> (Kind, Notice) {
        match self {
            Self::Approve => (Kind::DeveloperApproved, Notice::DeveloperApproved),
            Self::Reject { .. } => (Kind::DeveloperRejected, Notice::DeveloperRejected),
            Self::Revoke { .. } => (Kind::DeveloperRevoked, Notice::DeveloperRevoked),
        }
    }
}

/// Where a decision leads.
///
/// # Errors
/// `DeveloperState` for a decision the state does not allow.
pub fn next(from: Approval, decision: &Decision) -> Result<Approval, Conflict> {
    match (from, decision) {
        (Approval::Pending | Approval::Rejected | Approval::Revoked, Decision::Approve) => Ok(Approval::Approved),
        (Approval::Pending, Decision::Reject { .. }) => Ok(Approval::Rejected),
        (Approval::Approved, Decision::Revoke { .. }) => Ok(Approval::Revoked),
        _ => Err(Conflict::DeveloperState(from)),
    }
}

/// Decides about a developer.
///
/// # Errors
/// `Conflict(DeveloperState)` with the state, also for the second of two decisions at once; `Conflict(LastOne)` for
/// oneself, and for the last admin; `NotFound`, `NotAllowed`.
pub async fn decide(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: UserId,
    decision: Decision,
) -> Result<user::Model, Error> {
    actor.may(Action::WriteDevelopers)?;
    if actor.user_id() == Some(id) {
        return Err(Error::Conflict(Conflict::LastOne("nobody decides about themselves")));
    }
    let before = developer(app, tenant, id).await?;
    if decision.reason().is_some_and(|reason| reason.chars().count() > REASON_MAX) {
        let complaint = format!("must have at most {REASON_MAX} characters");
        return Err(Error::invalid("reason", Rule::Length, complaint));
    }
    let to = next(before.approval, &decision).map_err(Error::Conflict)?;
    let now = app.clock.now();
    let after = user::Model { approval: to, updated_at: now, ..before.clone() };
    let (kind, notice) = decision.telling();
    let data = json!({"from": before.approval, "to": to, "reason": decision.reason()});
    let told = event(app, tenant.id, kind, actor.label(), &target(id), data);
    let mut about = said(tenant, &after, page::CATALOG);
    if let Value::Object(members) = &mut about {
        members.insert("reason".to_owned(), json!(decision.reason()));
    }
    let mails = notice::mails(app, tenant, &told, notice, std::slice::from_ref(&after.email), about);
    let applications = applications_of(app, id).await?;
    store(app, &before, to, now, told_with(told, mails)).await?;
    forget(app, id, applications.into_iter().map(|row| row.id));
    welcome(app, tenant, &after).await;
    Ok(after)
}

async fn store(app: &App, before: &user::Model, to: Approval, now: Seconds, rows: Rows) -> Result<(), Error> {
    let (id, from, before) = (before.id, before.approval, before.clone());
    let stored = app
        .db
        .transaction(move |transaction| {
            let (rows, before) = (rows.clone(), before.clone());
            Box::pin(async move {
                if to == Approval::Revoked {
                    // Of two admins who shut each other out at once one stays.
                    lock_tenant(transaction, before.tenant_id).await?;
                    if before.role == Role::Admin {
                        check_not_last(transaction, &before, "the last admin cannot be shut out").await?;
                    }
                }
                let moved = user::Entity::update_many()
                    .col_expr(user::Column::Approval, Expr::value(to))
                    .col_expr(user::Column::UpdatedAt, Expr::value(now))
                    .filter(user::Column::Id.eq(id))
                    .filter(user::Column::Approval.eq(from))
                    .exec(transaction)
                    .await?;
                if moved.rows_affected == 0 {
                    return Ok(false);
                }
                if to == Approval::Revoked {
                    session::end_all(transaction, id, now).await?;
                }
                rows.insert(transaction).await?;
                Ok::<_, Error>(true)
            })
        })
        .await;
    app.users.forget(&id);
    if stored? {
        return Ok(());
    }
    let row = user::Entity::find_by_id(id).one(app.db.pool()).await?.ok_or(Error::NotFound)?;
    Err(Error::Conflict(Conflict::DeveloperState(row.approval)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_developer_is_approved_rejected_and_revoked_as_the_table_says() {
        use Approval::{Approved, Pending, Rejected, Revoked};
        let all = |decision: Decision| [Pending, Approved, Rejected, Revoked].map(|from| next(from, &decision));
        let no = |state| Err(Conflict::DeveloperState(state));
        assert_eq!(all(Decision::Approve), [Ok(Approved), no(Approved), Ok(Approved), Ok(Approved)]);
        assert_eq!(all(Decision::Reject { reason: None }), [Ok(Rejected), no(Approved), no(Rejected), no(Revoked)]);
        assert_eq!(all(Decision::Revoke { reason: None }), [no(Pending), Ok(Revoked), no(Rejected), no(Revoked)]);
    }
}
