//! What goes when a client goes? Everything it could do; a tombstone with its name, reason and date stays (registration.md §6)

use entity::application::{self, ApplicationStatus, Source};
use entity::client::{self, ClientState};
use entity::contract::{self, ContractState};
use entity::id::{ApplicationId, ClientKey, UserId};
use entity::{client_secret, consent, membership, token, token_family};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use serde_json::json;

use crate::clock::Seconds;
use crate::db::{Rows, Told};

/// Why a client ends, as it stands in the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// It, or somebody who manages it, asked.
    Deleted,
    /// Nobody used it.
    Unused,
    /// Its application was put away, and may come back: what it registered is kept.
    Archived,
}

impl Reason {
    /// As it stands in the row.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Unused => "unused",
            Self::Archived => "archived",
        }
    }
}

/// The end of one client.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) client: ClientKey,
    pub(crate) application: Option<ApplicationId>,
    pub(crate) reason: Reason,
    /// What must still be true of the row.
    pub(crate) condition: Condition,
    pub(crate) told: Told,
    /// Seconds since 1970.
    pub(crate) at: Seconds,
}

impl End {
    /// Ends the client with its consents, token families and tokens, and with its secrets unless it may come back, inside
    /// a transaction (s.M13). `false`: it
    /// had ended, or the condition does not hold, and nothing was changed. Of two ends at once, one finds the row.
    pub(crate) async fn store_in<C: ConnectionTrait>(self, connection: &C) -> Result<bool, DbErr> {
        let none = || Expr::value(Option::<String>::None);
        let may_come_back = self.reason == Reason::Archived;
        let mut ended = client::Entity::update_many()
            .col_expr(client::Column::LiveKey, none())
            .col_expr(client::Column::EndedAt, Expr::value(self.at))
            .col_expr(client::Column::EndedReason, Expr::value(self.reason.as_str()))
            .col_expr(client::Column::UpdatedAt, Expr::value(self.at))
            .filter(client::Column::Id.eq(self.client))
            .filter(client::Column::LiveKey.is_not_null())
            .filter(self.condition);
        if may_come_back {
            // What an admin took out of service comes back out of service.
            let state = CaseStatement::new()
                .case(client::Column::State.eq(ClientState::Disabled), Expr::value(ClientState::Disabled))
                .finally(Expr::value(ClientState::Ended));
            ended = ended.col_expr(client::Column::State, state.into());
        } else {
            // What is kept says who it was and why it ended, not what it registered.
            ended = ended
                .col_expr(client::Column::State, Expr::value(ClientState::Ended))
                .col_expr(client::Column::RegistrationTokenHash, none())
                .col_expr(client::Column::RegistrationTokenPreviousHash, none())
                .col_expr(client::Column::Metadata, Expr::value(json!({})))
                .col_expr(client::Column::Policy, Expr::value(json!({})));
        }
        if ended.exec(connection).await?.rows_affected == 0 {
            return Ok(false);
        }
        if !may_come_back {
            let secrets = client_secret::Entity::delete_many().filter(client_secret::Column::ClientKey.eq(self.client));
            secrets.exec(connection).await?;
        }
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

/// Puts an application away whose last client has ended, with its contracts. One that somebody made in the portal stays:
/// it can get another client.
async fn archive<C: ConnectionTrait>(connection: &C, id: ApplicationId, at: Seconds) -> Result<(), DbErr> {
    let mut living = Query::select();
    living
        .column(client::Column::ApplicationId)
        .from(client::Entity)
        .and_where(client::Column::ApplicationId.eq(id))
        .and_where(client::Column::LiveKey.is_not_null());
    let archived = application::Entity::update_many()
        .col_expr(application::Column::Status, Expr::value(ApplicationStatus::Archived))
        // An admin may have made somebody answer for it.
        .col_expr(application::Column::PrimaryOwnerId, Expr::value(Option::<UserId>::None))
        .col_expr(application::Column::ArchivedAt, Expr::value(at))
        .col_expr(application::Column::UpdatedAt, Expr::value(at))
        .filter(application::Column::Id.eq(id))
        .filter(application::Column::Status.eq(ApplicationStatus::Active))
        .filter(application::Column::Source.is_not_in([Source::Portal, Source::Admin]))
        .filter(application::Column::Id.not_in_subquery(living))
        .exec(connection)
        .await?;
    if archived.rows_affected == 0 {
        return Ok(());
    }
    membership::Entity::delete_many().filter(membership::Column::ApplicationId.eq(id)).exec(connection).await?;
    end_contracts(connection, id, at).await
}

/// Ends the contracts of an application that is put away: approved ones are closed, those that wait rejected (portal.md
/// §8.4 rows 13 and 14).
pub(crate) async fn end_contracts<C: ConnectionTrait>(
    connection: &C,
    application: ApplicationId,
    at: Seconds,
) -> Result<(), DbErr> {
    // Those that wait come first: what is rejected then is not approved.
    for (from, to, reason) in [
        (ContractState::Pending, ContractState::Rejected, Some("Subscription has been closed.")),
        (ContractState::Approved, ContractState::Closed, None),
    ] {
        let mut update = contract::Entity::update_many()
            .col_expr(contract::Column::State, Expr::value(to))
            .col_expr(contract::Column::Suspended, Expr::value(false))
            .col_expr(contract::Column::ProcessedAt, Expr::value(at))
            .col_expr(contract::Column::ProcessedBy, Expr::value("system"))
            .col_expr(contract::Column::Version, Expr::col(contract::Column::Version).add(1))
            .col_expr(contract::Column::UpdatedAt, Expr::value(at))
            .filter(contract::Column::ApplicationId.eq(application))
            .filter(contract::Column::State.eq(from));
        if let Some(reason) = reason {
            update = update.col_expr(contract::Column::Reason, Expr::value(reason));
        }
        update.exec(connection).await?;
    }
    Ok(())
}
