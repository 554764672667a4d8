//! Which rows does a request add? Collected, so that one statement a table can store those of many requests.

use entity::{application, client, client_secret, delivery, event, revocation, token, token_family};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel};

/// Sizes of multi-row inserts, largest first. Few sizes, so that each one's prepared statement is kept.
const SIZES: [usize; 5] = [64, 16, 8, 4, 1];

/// An event with what is to be sent about it to webhooks: no writer of an event can forget those who wait for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What happened.
    pub event: event::Model,
    /// To whom it is sent; mostly nobody.
    pub deliveries: Vec<delivery::Model>,
}

impl Told {
    /// The same, and where the request came from.
    #[must_use]
    pub fn from(mut self, address: impl std::fmt::Display) -> Self {
        self.event.address = Some(address.to_string());
        self
    }
}

impl std::ops::Deref for Told {
    type Target = event::Model;

    fn deref(&self) -> &event::Model {
        &self.event
    }
}

/// Rows to insert, all or none.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// `application`
    pub applications: Vec<application::Model>,
    /// `client`
    pub clients: Vec<client::Model>,
    /// `client_secret`
    pub client_secrets: Vec<client_secret::Model>,
    /// `token_family`
    pub token_families: Vec<token_family::Model>,
    /// `token`
    pub tokens: Vec<token::Model>,
    /// `revocation`
    pub revocations: Vec<revocation::Model>,
    /// `event`, and the rows of `delivery` that come with each
    pub events: Vec<Told>,
    /// Further rows of `delivery`
    pub deliveries: Vec<delivery::Model>,
}

impl Rows {
    /// Takes over the rows of `other`.
    pub fn append(&mut self, other: Self) {
        self.applications.extend(other.applications);
        self.clients.extend(other.clients);
        self.client_secrets.extend(other.client_secrets);
        self.token_families.extend(other.token_families);
        self.tokens.extend(other.tokens);
        self.revocations.extend(other.revocations);
        self.events.extend(other.events);
        self.deliveries.extend(other.deliveries);
    }

    /// Inserts them: parents before children.
    ///
    /// # Errors
    /// Whatever the database says; some rows may be in then, so this runs inside a transaction.
    pub async fn insert<C: ConnectionTrait>(self, connection: &C) -> Result<(), DbErr> {
        insert::<application::Entity, _, _, _>(connection, self.applications).await?;
        insert::<client::Entity, _, _, _>(connection, self.clients).await?;
        insert::<client_secret::Entity, _, _, _>(connection, self.client_secrets).await?;
        insert::<token_family::Entity, _, _, _>(connection, self.token_families).await?;
        insert::<token::Entity, _, _, _>(connection, self.tokens).await?;
        insert::<revocation::Entity, _, _, _>(connection, self.revocations).await?;
        let mut deliveries = self.deliveries;
        let mut events = Vec::with_capacity(self.events.len());
        for told in self.events {
            events.push(told.event);
            deliveries.extend(told.deliveries);
        }
        insert::<event::Entity, _, _, _>(connection, events).await?;
        insert::<delivery::Entity, _, _, _>(connection, deliveries).await
    }
}

async fn insert<E, A, M, C>(connection: &C, rows: Vec<M>) -> Result<(), DbErr>
where
    C: ConnectionTrait,
    E: EntityTrait<Model = M, ActiveModel = A>,
    A: ActiveModelTrait<Entity = E> + Send,
    M: IntoActiveModel<A>,
{
    let mut rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    while rows.len() > 0 {
        let size = SIZES.into_iter().find(|size| *size <= rows.len()).unwrap_or(1);
        E::insert_many(rows.by_ref().take(size)).exec_without_returning(connection).await?;
    }
    Ok(())
}
