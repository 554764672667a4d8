//! What was issued for a service that goes, or that gets another audience? It ends with it (security.md s.K6).
//!
//! Signed tokens have no row: they are not good any more because no service has their audience.

use entity::id::FamilyId;
use entity::word::Words;
use entity::{service, token, token_family};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::service::form;
use crate::oidc::tenant::Tenant;
use crate::portal::service::Service;

/// Rows of one question, and of one statement.
const ROWS: u64 = 500;
/// As it stands in the rows of families.
const REASON: &str = "service_removed";

/// The token families that reach the service and have not ended. Asked before anything is locked, for there may be
/// many; one that begins afterwards finds no service.
pub(super) async fn families(app: &App, tenant: &Tenant, service: &Service) -> Result<Vec<FamilyId>, DbErr> {
    let mut found = Vec::new();
    let mut after: Option<FamilyId> = None;
    loop {
        let mut page = token_family::Entity::find()
            .select_only()
            .columns([
                token_family::Column::Id,
                token_family::Column::Scopes,
                token_family::Column::Audience,
                token_family::Column::Detail,
            ])
            .filter(token_family::Column::TenantId.eq(tenant.id))
            .filter(token_family::Column::RevokedAt.is_null())
            .order_by_asc(token_family::Column::Id)
            .limit(ROWS);
        if let Some(after) = after {
            page = page.filter(token_family::Column::Id.gt(after));
        }
        let rows: Vec<(FamilyId, Words, Words, Value)> = page.into_tuple().all(app.db.pool()).await?;
        after = rows.last().map(|(id, ..)| *id);
        let whole = u64::try_from(rows.len()).unwrap_or(u64::MAX) == ROWS;
        let reaching =
            |(_, scopes, asked, detail): &(FamilyId, Words, Words, Value)| reaches(scopes, asked, detail, service);
        found.extend(rows.into_iter().filter(reaching).map(|(id, ..)| id));
        if !whole {
            return Ok(found);
        }
    }
}

/// By what was asked for, or what the person saw; or else by the scopes (RFC 9068 §3).
fn reaches(scopes: &Words, asked: &Words, detail: &Value, service: &Service) -> bool {
    let seen = detail["audience"].as_str().map(Words::from).unwrap_or_default();
    if asked.is_empty() && seen.is_empty() {
        return service.scopes.iter().any(|scope| scopes.contains(&scope.value));
    }
    asked.iter().chain(seen.iter()).any(|known| form::same_audience(known, &service.row.audience))
}

/// Ends the families and the stored tokens.
pub(super) async fn end(
    transaction: &DatabaseTransaction,
    service: &service::Model,
    families: &[FamilyId],
    now: Seconds,
) -> Result<(), DbErr> {
    for ids in families.chunks(usize::try_from(ROWS).unwrap_or(usize::MAX)) {
        token_family::Entity::update_many()
            .col_expr(token_family::Column::RevokedAt, Expr::value(now))
            .col_expr(token_family::Column::RevokedReason, Expr::value(REASON))
            .filter(token_family::Column::Id.is_in(ids.iter().copied()))
            .filter(token_family::Column::RevokedAt.is_null())
            .exec(transaction)
            .await?;
    }
    token::Entity::update_many()
        .col_expr(token::Column::RevokedAt, Expr::value(now))
        .filter(token::Column::TenantId.eq(service.tenant_id))
        .filter(token::Column::RevokedAt.is_null())
        .filter(is_for(&service.audience))
        .exec(transaction)
        .await?;
    Ok(())
}

/// The audience is one of the words of the column.
fn is_for(audience: &str) -> Condition {
    let word: String = audience.chars().flat_map(|c| if "%_!".contains(c) { vec!['!', c] } else { vec![c] }).collect();
    let like = |pattern: String| Expr::col(token::Column::Audience).like(LikeExpr::new(pattern).escape('!'));
    Condition::any()
        .add(token::Column::Audience.eq(audience))
        .add(like(format!("{word} %")))
        .add(like(format!("% {word}")))
        .add(like(format!("% {word} %")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_family_reaches_what_was_asked_for_what_was_seen_and_otherwise_what_knows_its_scopes() {
        let with_audience = |audience: &str| {
            let (id, tenant) = (uuid::Uuid::from_u128(1).into(), uuid::Uuid::from_u128(2).into());
            let row = super::super::change::blank(id, tenant, None, 7);
            let scopes = json!([{"value": "read", "description": ""}]);
            Service::new(None, service::Model { audience: audience.to_owned(), scopes, ..row })
        };
        let reaches = |scopes: &str, asked: &str, detail: Value, audience: &str| {
            with_audience(audience).is_ok_and(|service| reaches(&scopes.into(), &asked.into(), &detail, &service))
        };
        let asked = "https://a.example/ urn:b";
        assert!(reaches("", asked, json!({}), "https://a.example") && reaches("", asked, json!({}), "urn:b"));
        assert!(reaches("", "", json!({"audience": "x orders"}), "orders"));
        assert!(reaches("openid read", "", json!({}), "orders"));
        assert!(!reaches("read", asked, json!({"audience": "orders"}), "order"));
        assert!(!reaches("openid", "", json!({}), "orders"));
    }
}
