//! How is a client changed when several callers change it at the same moment? One wins, the others are told (s.M12).

use entity::id::{ApplicationId, ClientKey};
use entity::word::Words;
use entity::{application, client, client_secret};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::Value;

use super::admission::Caller;
use super::credentials::new_registration_token;
use super::manage::{Authority, Managed, not_yours};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::{Rows, Told};
use crate::oidc::client::{Metadata, record};
use crate::oidc::event::Kind;
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};
use crate::secret::Secret;

/// What happens to the secrets of a client.
#[derive(Clone, Debug)]
pub(crate) enum Secrets {
    /// They stay.
    Keep,
    /// They go.
    Withdraw,
    /// They go at once, and this one takes their place.
    Replace(client_secret::Model),
}

/// A change that is ready to be stored, if the client is still what it was when the change was judged.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    client: ClientKey,
    application: Option<ApplicationId>,
    version: i64,
    /// The hash of the registration access token that was shown; `None` for an admin.
    shown: Option<String>,
    /// The hash of the one that takes its place.
    renewed: Option<String>,
    metadata: Option<Stored>,
    secrets: Secrets,
    told: Told,
    at: Seconds,
}

/// Metadata as it stands in rows.
#[derive(Clone, Debug)]
struct Stored {
    metadata: Value,
    chosen: Words,
    name: Option<String>,
    application_name: String,
    kind: String,
}

impl Change {
    /// A change of `managed`; `metadata` is `None` where it stays.
    ///
    /// A client that manages itself gets a new registration access token, which is returned; the one it showed stays
    /// valid until the new one is first used, so that a lost answer locks nobody out (R19, s.M18). The tokens in between
    /// that nobody ever used are gone: there is one line of succession.
    pub(super) fn prepare(
        app: &App,
        tenant: &Tenant,
        caller: Caller<'_>,
        managed: &Managed,
        kind: Kind,
        metadata: Option<&Metadata>,
        secrets: Secrets,
    ) -> Result<(Self, Option<Secret>), Error> {
        let row = &managed.client.row;
        let renewed = match managed.by {
            Authority::Itself(_) => Some(new_registration_token()),
            Authority::Admin(_) | Authority::Ticket(_) => None,
        };
        let stored = |metadata: &Metadata| {
            let name = metadata.name(&[]).map(str::to_owned);
            Ok::<_, Error>(Stored {
                metadata: serde_json::to_value(metadata).map_err(Error::internal)?,
                chosen: metadata.chosen().words(),
                application_name: name.clone().unwrap_or_else(|| row.client_id.clone()),
                name,
                kind: metadata.application_type().as_str().to_owned(),
            })
        };
        let change = Self {
            client: row.id,
            application: row.application_id,
            version: row.metadata_version,
            shown: managed.token().map(|token| token.hash().into()),
            renewed: renewed.as_ref().map(|token| token.hash().into()),
            metadata: metadata.map(stored).transpose()?,
            secrets,
            told: managed.event(app, tenant, caller, kind),
            at: app.clock.now(),
        };
        Ok((change, renewed))
    }

    /// A change that somebody makes for the client; its application keeps its own name. The one who decided what the
    /// metadata is has seen `row`.
    ///
    /// # Errors
    /// `server_error` when the metadata cannot be written as JSON.
    pub(crate) fn by_others(
        row: &client::Model,
        metadata: &Metadata,
        secrets: Secrets,
        told: Told,
        at: Seconds,
    ) -> Result<Self, Error> {
        let name = metadata.name(&[]).map(str::to_owned);
        let stored = Stored {
            metadata: serde_json::to_value(metadata).map_err(Error::internal)?,
            chosen: metadata.chosen().words(),
            application_name: name.clone().unwrap_or_else(|| row.client_id.clone()),
            name,
            kind: metadata.application_type().as_str().to_owned(),
        };
        let (client, version, metadata) = (row.id, row.metadata_version, Some(stored));
        Ok(Self { client, application: None, version, shown: None, renewed: None, metadata, secrets, told, at })
    }

    /// Stores the change, or nothing.
    ///
    /// # Errors
    /// `conflict` if another change came first: the caller's token still works, so it may read and try again.
    /// `invalid_token` if the client, or the caller's right to manage it, ended meanwhile.
    pub(super) async fn store(self, app: &App, tenant: &Tenant, managed: &Managed) -> Result<(), Error> {
        let change = self.clone();
        let won = app
            .db
            .transaction(move |transaction| {
                let change = change.clone();
                Box::pin(async move { change.store_in(transaction).await })
            })
            .await;
        app.clients.forget(&(tenant.id, managed.client.row.client_id.clone()));
        match won {
            Err(error) if error.code == Code::Conflict => Err(self.explain(app, tenant, managed).await?),
            stored => stored,
        }
    }

    async fn explain(&self, app: &App, tenant: &Tenant, managed: &Managed) -> Result<Error, Error> {
        let now = record::load(app, tenant, managed.client.client_id()).await?;
        let may = now.is_some_and(|client| {
            let hashes = [&client.row.registration_token_hash, &client.row.registration_token_previous_hash];
            self.shown.is_none() || hashes.contains(&&self.shown)
        });
        Ok(if may { conflict() } else { not_yours() })
    }

    /// Stores the change inside a transaction, or nothing.
    ///
    /// # Errors
    /// `conflict` if another change came first.
    pub(crate) async fn store_in<C: ConnectionTrait>(self, connection: &C) -> Result<(), Error> {
        let mut update = client::Entity::update_many()
            .col_expr(client::Column::MetadataVersion, Expr::value(self.version + 1))
            .col_expr(client::Column::UpdatedAt, Expr::value(self.at))
            .filter(client::Column::Id.eq(self.client))
            .filter(client::Column::LiveKey.is_not_null())
            .filter(client::Column::MetadataVersion.eq(self.version));
        if let Some(shown) = &self.shown {
            let newest = client::Column::RegistrationTokenHash.eq(shown.as_str());
            let previous = client::Column::RegistrationTokenPreviousHash.eq(shown.as_str());
            update = update
                .filter(Condition::any().add(newest).add(previous))
                .filter(client::Column::State.eq(client::ClientState::Active))
                .col_expr(client::Column::RegistrationTokenPreviousHash, Expr::value(shown.as_str()))
                .col_expr(client::Column::RegistrationTokenHash, Expr::value(self.renewed));
        }
        if let Some(stored) = &self.metadata {
            update = update
                .col_expr(client::Column::Metadata, Expr::value(stored.metadata.clone()))
                .col_expr(client::Column::Chosen, Expr::value(Some(stored.chosen.clone())))
                .col_expr(client::Column::Name, Expr::value(stored.name.clone()));
        }
        if update.exec(connection).await?.rows_affected == 0 {
            return Err(conflict());
        }
        if let (Some(stored), Some(application_id)) = (self.metadata, self.application) {
            application::Entity::update_many()
                .col_expr(application::Column::Name, Expr::value(stored.application_name))
                .col_expr(application::Column::Kind, Expr::value(stored.kind))
                .col_expr(application::Column::UpdatedAt, Expr::value(self.at))
                .filter(application::Column::Id.eq(application_id))
                .exec(connection)
                .await?;
        }
        if !matches!(self.secrets, Secrets::Keep) {
            let of_client = client_secret::Column::ClientKey.eq(self.client);
            client_secret::Entity::delete_many().filter(of_client).exec(connection).await?;
        }
        let client_secrets = match self.secrets {
            Secrets::Replace(row) => vec![row],
            Secrets::Keep | Secrets::Withdraw => Vec::new(),
        };
        Rows { client_secrets, events: vec![self.told], ..Rows::default() }.insert(connection).await?;
        Ok(())
    }
}

fn conflict() -> Error {
    Error::new(Code::Conflict, "the client was changed by another request at the same moment: read it and try again")
}
