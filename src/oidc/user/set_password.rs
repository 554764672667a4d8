//! What else happens when a password is set? Everything that got in with the old one is out (s.L22).

use entity::{session, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use crate::app::App;
use crate::db::Rows;
use crate::oidc::event::{Kind, event};
use crate::oidc::session::password;
use crate::oidc::tenant::Tenant;
use crate::oidc::token::family;
use crate::oidc::{Code, Error};
use crate::secret::Secret;

/// Sets the password of `person`, ends their sessions and refresh tokens, and thereby makes every sign-in link void.
///
/// # Errors
/// `invalid_request` for a password of the wrong length, `conflict` when another one was set at the same moment.
pub async fn set(
    app: &App,
    tenant: &Tenant,
    actor: &str,
    person: &user::Model,
    password: &Secret,
) -> Result<(), Error> {
    if let Some(complaint) = password::complaint(password) {
        return Err(Error::new(Code::InvalidRequest, complaint));
    }
    let hash = app.passwords.hash(password).await?;
    let (id, before, now) = (person.id, person.password_changed_at, app.clock.now());
    // Links name the second of the last change: two changes in one second must differ.
    let changed_at = now.max(before + 1);
    let told = event(app, tenant.id, Kind::PasswordSet, actor, &format!("user:{id}"), json!({}));
    app.db
        .transaction(move |transaction| {
            let (hash, told) = (hash.clone(), told.clone());
            Box::pin(async move {
                let set = user::Entity::update_many()
                    .col_expr(user::Column::PasswordHash, Expr::value(hash))
                    .col_expr(user::Column::PasswordChangedAt, Expr::value(changed_at))
                    .col_expr(user::Column::UpdatedAt, Expr::value(now))
                    .filter(user::Column::Id.eq(id))
                    .filter(user::Column::PasswordChangedAt.eq(before))
                    .exec(transaction)
                    .await?;
                if set.rows_affected == 0 {
                    return Err(Error::new(Code::Conflict, "another password was set at the same moment"));
                }
                session::Entity::update_many()
                    .col_expr(session::Column::EndedAt, Expr::value(now))
                    .filter(session::Column::UserId.eq(id))
                    .filter(session::Column::EndedAt.is_null())
                    .exec(transaction)
                    .await?;
                family::revoke_all_of(transaction, id, family::Reason::PasswordSet, now).await?;
                Ok(Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?)
            })
        })
        .await?;
    app.users.forget(&id);
    app.families.forget_all();
    Ok(())
}
