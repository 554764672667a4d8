//! What have people agreed to, and how is it taken back? (portal.md A33)

use std::collections::HashMap;

use entity::id::{ClientKey, ConsentId, UserId};
use entity::{client, consent, token_family};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use crate::app::App;
use crate::clock::Seconds;
use crate::db::Rows;
use crate::oidc::event::{Kind, Teller};
use crate::oidc::tenant::Tenant;
use crate::oidc::token::family::Reason;
use crate::oidc::{Error, endpoint, service};

/// What somebody agreed to, with the names of both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// Its row.
    pub row: consent::Model,
    /// The identifier of the client.
    pub client_id: String,
    /// The audience of the service; for the person's own account that of the userinfo endpoint.
    pub audience: String,
}

/// Which consents are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// This one.
    pub id: Option<ConsentId>,
    /// Of this person.
    pub user: Option<UserId>,
    /// For this client.
    pub client_id: Option<String>,
    /// For this audience.
    pub audience: Option<String>,
}

/// Which part of a list: after an identity, past so many, so many at most.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// After the row with this identity.
    pub after: Option<Uuid>,
    /// So many are left out.
    pub skip: u64,
    /// So many at most.
    pub limit: u64,
}

/// What people of a tenant agreed to and did not take back, the oldest first, and how many there are in all.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(app: &App, tenant: &Tenant, filter: &Filter, part: Part) -> Result<(Vec<Given>, u64), Error> {
    let services = service::all(app, tenant).await?;
    let own = tenant.url(endpoint::USERINFO);
    let audiences: HashMap<String, &str> = services
        .iter()
        .map(|service| (service.row.id.to_string(), service.row.audience.as_str()))
        .chain([(String::new(), own.as_str())])
        .collect();
    let mut condition = condition(tenant, filter);
    if let Some(wanted) = &filter.audience {
        let keys = audiences.iter().filter(|(_, audience)| **audience == wanted).map(|(key, _)| key.clone());
        condition = condition.add(consent::Column::ServiceKey.is_in(keys));
    }
    let query = consent::Entity::find().filter(condition);
    let total = query.clone().count(app.db.pool()).await?;
    let mut query = query.order_by_asc(consent::Column::Id).offset(part.skip).limit(part.limit);
    if let Some(after) = part.after {
        query = query.filter(consent::Column::Id.gt(ConsentId(after)));
    }
    let rows = query.all(app.db.pool()).await?;
    let names = client_ids(app.db.pool(), rows.iter().map(|row| row.client_key)).await?;
    let given = rows.into_iter().filter_map(|row| {
        let (client_id, audience) = (names.get(&row.client_key)?.clone(), *audiences.get(&row.service_key)?);
        Some(Given { client_id, audience: audience.to_owned(), row })
    });
    Ok((given.collect(), total))
}

fn condition(tenant: &Tenant, filter: &Filter) -> Condition {
    let mut condition = Condition::all()
        .add(consent::Column::TenantId.eq(tenant.id))
        .add(consent::Column::RevokedAt.is_null())
        .add_option(filter.id.map(|id| consent::Column::Id.eq(id)))
        .add_option(filter.user.map(|user| consent::Column::UserId.eq(user)));
    if let Some(client_id) = &filter.client_id {
        let mut keys = sea_orm::sea_query::Query::select();
        keys.column(client::Column::Id)
            .from(client::Entity)
            .and_where(client::Column::TenantId.eq(tenant.id))
            .and_where(client::Column::LiveKey.eq(client_id.as_str()));
        condition = condition.add(consent::Column::ClientKey.in_subquery(keys));
    }
    condition
}

async fn client_ids<C: ConnectionTrait>(
    connection: &C,
    keys: impl Iterator<Item = ClientKey>,
) -> Result<HashMap<ClientKey, String>, DbErr> {
    let rows = client::Entity::find().filter(client::Column::Id.is_in(keys)).all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.client_id)).collect())
}

/// Takes back all that `filter` means, for the person whose it is or an admin, and ends every token the client got for
/// that person: the next sign-in asks again. How many there were; `actor` is who does it, as the audit log writes it.
///
/// # Errors
/// When the database cannot be asked: nothing has changed then.
pub async fn revoke(app: &App, tenant: &Tenant, actor: &str, filter: &Filter) -> Result<u64, Error> {
    let (condition, now, tenant_id) = (condition(tenant, filter), app.clock.now(), tenant.id);
    let teller = Teller::new(app, tenant_id, actor);
    let revoked = app
        .db
        .transaction(move |transaction| {
            let (condition, teller) = (condition.clone(), teller.clone());
            Box::pin(async move {
                let rows = consent::Entity::find().filter(condition).all(transaction).await?;
                let mut told = Vec::new();
                for row in &rows {
                    revoke_one(transaction, row, now).await?;
                    let data = json!({"user": row.user_id, "client": row.client_key, "scope": row.scopes});
                    told.push(teller.tell(Kind::ConsentRevoked, &format!("consent:{}", row.id), data));
                }
                Rows { events: told, ..Rows::default() }.insert(transaction).await?;
                Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
            })
        })
        .await;
    app.families.forget_all();
    revoked.map_err(|error: DbErr| Error::from(error))
}

async fn revoke_one(transaction: &DatabaseTransaction, row: &consent::Model, now: Seconds) -> Result<(), DbErr> {
    consent::Entity::update_many()
        .col_expr(consent::Column::RevokedAt, Expr::value(now))
        .col_expr(consent::Column::UpdatedAt, Expr::value(now))
        .filter(consent::Column::Id.eq(row.id))
        .filter(consent::Column::RevokedAt.is_null())
        .exec(transaction)
        .await?;
    token_family::Entity::update_many()
        .col_expr(token_family::Column::RevokedAt, Expr::value(now))
        .col_expr(token_family::Column::RevokedReason, Expr::value(Reason::ConsentRevoked.as_str()))
        .filter(token_family::Column::UserId.eq(row.user_id))
        .filter(token_family::Column::ClientKey.eq(row.client_key))
        .filter(token_family::Column::RevokedAt.is_null())
        .exec(transaction)
        .await
        .map(drop)
}
