//! What goes when a client goes? Everything it could do; a tombstone with its name, reason and date stays (registration.md §6)

use entity::application::{self, ApplicationStatus};
use entity::client::{self, ClientState};
use entity::id::{ApplicationId, ClientKey};
use entity::{client_secret, consent, token, token_family};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr, sea_query::Query,
};
use serde_json::json;

use crate::clock::Seconds;
use crate::db::{Rows, Told};

/// Why a client ends, as it stands in the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// It, or somebody who manages it, asked.
    Deleted,
    /// Nobody used it.
    Unused,
}

impl Reason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Unused => "unused",
        }
    }
}

/// The end of one client.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) client: ClientKey,
    pub(super) application: Option<ApplicationId>,
    pub(super) reason: Reason,
    /// What must still be true of the row.
    pub(super) condition: Condition,
    pub(super) told: Told,
    /// Seconds since 1970.
    pub(super) at: Seconds,
}

impl End {
    /// Ends the client with its secrets, consents, token families and tokens, inside a transaction (s.M13). `false`: it
    /// had ended, or the condition does not hold, and nothing was changed. Of two ends at once, one finds the row.
    pub(super) async fn store_in<C: ConnectionTrait>(self, connection: &C) -> Result<bool, DbErr> {
        let none = || Expr::value(Option::<String>::None);
        let ended = client::Entity::update_many()
            .col_expr(client::Column::State, Expr::value(ClientState::Ended))
            .col_expr(client::Column::LiveKey, none())
            .col_expr(client::Column::RegistrationTokenHash, none())
            .col_expr(client::Column::RegistrationTokenPreviousHash, none())
            .col_expr(client::Column::EndedAt, Expr::value(self.at))
            .col_expr(client::Column::EndedReason, Expr::value(self.reason.as_str()))
            // What is kept says who it was and why it ended, not what it registered.
            .col_expr(client::Column::Metadata, Expr::value(json!({})))
            .col_expr(client::Column::Policy, Expr::value(json!({})))
            .col_expr(client::Column::UpdatedAt, Expr::value(self.at))
            .filter(client::Column::Id.eq(self.client))
            .filter(client::Column::LiveKey.is_not_null())
            .filter(self.condition)
            .exec(connection)
            .await?;
        if ended.rows_affected == 0 {
            return Ok(false);
        }
        let secrets = client_secret::Entity::delete_many().filter(client_secret::Column::ClientKey.eq(self.client));
        secrets.exec(connection).await?;
        consent::Entity::delete_many().filter(consent::Column::ClientKey.eq(self.client)).exec(connection).await?;
        token_family::Entity::update_many()
            .col_expr(token_family::Column::RevokedAt, Expr::value(self.at))
            .col_expr(token_family::Column::RevokedReason, Expr::value("client_ended"))
            .filter(token_family::Column::ClientKey.eq(self.client))
            .filter(token_family::Column::RevokedAt.is_null())
            .exec(connection)
            .await?;
        token::Entity::update_many()
            .col_expr(token::Column::RevokedAt, Expr::value(self.at))
            .filter(token::Column::ClientKey.eq(self.client))
            .filter(token::Column::RevokedAt.is_null())
            .exec(connection)
            .await?;
        if let Some(application) = self.application {
            archive(connection, application, self.at).await?;
        }
        Rows { events: vec![self.told], ..Rows::default() }.insert(connection).await?;
        Ok(true)
    }
}

/// Puts an application away whose last client has ended.
async fn archive<C: ConnectionTrait>(connection: &C, id: ApplicationId, at: Seconds) -> Result<(), DbErr> {
    let mut living = Query::select();
    living
        .column(client::Column::ApplicationId)
        .from(client::Entity)
        .and_where(client::Column::ApplicationId.eq(id))
        .and_where(client::Column::LiveKey.is_not_null());
    application::Entity::update_many()
        .col_expr(application::Column::Status, Expr::value(ApplicationStatus::Archived))
        .col_expr(application::Column::ArchivedAt, Expr::value(at))
        .col_expr(application::Column::UpdatedAt, Expr::value(at))
        .filter(application::Column::Id.eq(id))
        .filter(application::Column::Status.eq(ApplicationStatus::Active))
        .filter(application::Column::Id.not_in_subquery(living))
        .exec(connection)
        .await?;
    Ok(())
}
