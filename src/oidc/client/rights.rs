//! What does an admin let a client do beyond its own tokens?

use entity::client::{self, ClientKind, ClientState};
use entity::word::Words;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use serde_json::{Value, json};

use crate::app::App;
use crate::db::Rows;
use crate::oidc::event::{Kind, event};
use crate::oidc::introspection::{RIGHT_ANY, RIGHT_OF_AUDIENCE};
use crate::oidc::scope::{MANAGEMENT_SCOPES, REGISTRATION_SCOPES};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};

/// One right: `dcr` and `dcr_admin` (registration.md §4), `introspect:any`, `introspect:{audience}` (RFC 7662 §2.1), and
/// the scopes of the management API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right(String);

impl std::str::FromStr for Right {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let of_audience = text.strip_prefix(RIGHT_OF_AUDIENCE).is_some_and(|audience| {
            !audience.is_empty() && audience.len() <= 512 && audience.bytes().all(|byte| byte.is_ascii_graphic())
        });
        if REGISTRATION_SCOPES.contains(&text) || MANAGEMENT_SCOPES.contains(&text) || text == RIGHT_ANY || of_audience
        {
            return Ok(Self(text.to_owned()));
        }
        let management = MANAGEMENT_SCOPES.join(", ");
        Err(format!(
            "{text:?} is not a right; allowed: dcr, dcr_admin, introspect:any, introspect:AUDIENCE, {management}"
        ))
    }
}

impl std::fmt::Display for Right {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an admin may do to a client's standing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It may.
    Grant(Right),
    /// It may not any more.
    Withdraw(Right),
    /// What it may at the management API is exactly this.
    Manage(Vec<Right>),
    /// It is ours: people are not asked for consent.
    Trust,
    /// It is not: people are asked.
    Distrust,
    /// It is out of service: it gets no tokens, and those it has are not good.
    Disable,
    /// It is in service.
    Enable,
}

impl Change {
    fn described(&self) -> Value {
        match self {
            Self::Grant(right) => json!({"change": "right_granted", "right": right.to_string()}),
            Self::Withdraw(right) => json!({"change": "right_withdrawn", "right": right.to_string()}),
            Self::Manage(rights) => {
                let rights: Vec<String> = rights.iter().map(ToString::to_string).collect();
                json!({"change": "management_rights_set", "rights": rights})
            }
            Self::Trust => json!({"change": "trusted"}),
            Self::Distrust => json!({"change": "distrusted"}),
            Self::Disable => json!({"change": "disabled"}),
            Self::Enable => json!({"change": "enabled"}),
        }
    }

    fn apply(&self, client: &mut client::Model) {
        match self {
            Self::Grant(right) => client.rights = client.rights.and(&Words::new([right.0.clone()])),
            Self::Withdraw(right) => client.rights = client.rights.only(|known| known != right.0),
            Self::Manage(rights) => {
                let others = client.rights.only(|known| !MANAGEMENT_SCOPES.contains(&known));
                let wanted = Words::new(rights.iter().map(|right| right.0.clone()));
                client.rights = others.and(&wanted.only(|right| MANAGEMENT_SCOPES.contains(&right)));
            }
            Self::Trust => client.first_party = true,
            Self::Distrust => client.first_party = false,
            Self::Disable => client.state = ClientState::Disabled,
            Self::Enable => client.state = ClientState::Active,
        }
    }
}

/// Changes the standing of a client that is not gone. Doing it twice is doing it once. The other replicas follow a
/// second later.
///
/// # Errors
/// `not_found` for a client that is unknown or gone.
pub async fn change(
    app: &App,
    tenant: &Tenant,
    actor: &str,
    client_id: &str,
    change: Change,
) -> Result<client::Model, Error> {
    let (tenant_id, now, wanted) = (tenant.id, app.clock.now(), client_id.to_owned());
    let told = event(app, tenant_id, Kind::Administered, actor, &format!("client:{client_id}"), change.described());
    let row = app
        .db
        .transaction(move |transaction| {
            let (wanted, change, told) = (wanted.clone(), change.clone(), told.clone());
            Box::pin(async move {
                // Locked, so that of two admins none undoes what the other changed.
                let found = client::Entity::find()
                    .filter(client::Column::TenantId.eq(tenant_id))
                    .filter(client::Column::LiveKey.eq(&wanted))
                    .filter(client::Column::Kind.ne(ClientKind::Template))
                    .filter(client::Column::State.ne(ClientState::Ended))
                    .lock_exclusive()
                    .one(transaction)
                    .await?;
                let unknown = || Error::new(Code::NotFound, format!("there is no client {wanted}"));
                let before = found.ok_or_else(unknown)?;
                let mut after = before.clone();
                change.apply(&mut after);
                if after == before {
                    return Ok::<_, Error>(after);
                }
                client::Entity::update_many()
                    .col_expr(client::Column::Rights, Expr::value(after.rights.clone()))
                    .col_expr(client::Column::FirstParty, Expr::value(after.first_party))
                    .col_expr(client::Column::State, Expr::value(after.state))
                    .col_expr(client::Column::UpdatedAt, Expr::value(now))
                    .filter(client::Column::Id.eq(after.id))
                    .exec(transaction)
                    .await?;
                Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?;
                Ok(client::Model { updated_at: now, ..after })
            })
        })
        .await?;
    app.clients.forget(&(tenant.id, client_id.to_owned()));
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_is_one_of_those_there_are() {
        for fine in ["dcr", "dcr_admin", "introspect:any", "introspect:https://api.example/orders"] {
            assert_eq!(fine.parse::<Right>().map(|right| right.to_string()), Ok(fine.to_owned()));
        }
        for refused in ["", "DCR", "introspect", "introspect:", "introspect:a b", "admin"] {
            assert!(refused.parse::<Right>().is_err(), "{refused}");
        }
    }
}
