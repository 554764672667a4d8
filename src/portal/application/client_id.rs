//! By which identifier is a simple application known elsewhere? Its developer may say so (portal.md G3): then a client of
//! that name stands here, which gets no tokens and whose name nobody else can take.

use entity::application;
use entity::client;
use entity::contract::{self, ContractState};
use entity::id::{ApplicationId, ClientKey};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::app::App;
use crate::clock::Seconds;
use crate::db::{Rows, Told};
use crate::oidc::client::record::Client;
use crate::oidc::event::{Kind, event};
use crate::oidc::registration::end::{End, Reason};
use crate::oidc::registration::rows;
use crate::oidc::tenant::Tenant;
use crate::portal::application_type::Type;
use crate::portal::client::add::{Made, bad_client_id, client_name};
use crate::portal::client::target;
use crate::portal::{Actor, Conflict, Error, Rule};
use crate::secret;

/// The client of a simple application that is known elsewhere by `client_id`.
///
/// # Errors
/// `Invalid` for one that could not be an identifier here.
pub(super) fn make(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    application: ApplicationId,
    name: &str,
    client_id: &str,
) -> Result<Made, Error> {
    if let Some(wrong) = bad_client_id(client_id) {
        return Err(Error::Invalid(vec![wrong]));
    }
    let (id, now) = (ClientKey(secret::new_id()), app.clock.now());
    let row = rows::known_elsewhere(tenant.id, id, application, client_id, &client_name(name), now);
    let data = json!({"way": "portal", "kind": row.kind, "client_name": row.name, "application": application});
    let told = event(app, tenant.id, Kind::ClientRegistered, actor.label(), &target(&row), data);
    let rows = Rows { clients: vec![row.clone()], events: vec![told], ..Rows::default() };
    Ok(Made { row, secret_row: None, secret: None, rows })
}

/// What becomes of the identifier; prepared, to be stored with the rest of a change.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// There is one from now on.
    Make(Box<Made>),
    /// It is another one.
    Rename { id: ClientKey, from: String, to: String, at: Seconds, told: Box<Told> },
    /// There is none any more.
    Remove(Box<End>),
}

/// What a change of the identifier means for the application, whose first client is `first`; `None`: nothing.
///
/// # Errors
/// `Invalid` for an application of another type, whose identifier is given by the server that registers it, and for a bad
/// one.
pub(super) fn prepare(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    before: &application::Model,
    first: Option<&Client>,
    wanted: Option<&Option<String>>,
) -> Result<Option<Step>, Error> {
    let Some(wanted) = wanted else { return Ok(None) };
    if Type::parse(&before.kind) != Ok(Type::Simple) {
        let same = wanted.as_deref() == first.map(Client::client_id);
        let complaint = "is given by the server that registers the client: only a simple application can say it";
        return if same { Ok(None) } else { Err(Error::invalid("client_id", Rule::Fixed, complaint)) };
    }
    let now = app.clock.now();
    let tell = |kind, first: &Client, data| event(app, tenant.id, kind, actor.label(), &target(&first.row), data);
    match (first, wanted) {
        (None, None) => Ok(None),
        (None, Some(wanted)) => {
            let made = make(app, tenant, actor, before.id, &before.name, wanted)?;
            Ok(Some(Step::Make(Box::new(made))))
        }
        (Some(first), Some(wanted)) if first.client_id() == wanted => Ok(None),
        (Some(first), Some(wanted)) => {
            if let Some(wrong) = bad_client_id(wanted) {
                return Err(Error::Invalid(vec![wrong]));
            }
            let (from, to) = (first.client_id().to_owned(), wanted.clone());
            let told = tell(Kind::ClientUpdated, first, json!({"client_id": {"before": from, "after": to}}));
            Ok(Some(Step::Rename { id: first.row.id, from, to, at: now, told: Box::new(told) }))
        }
        (Some(first), None) => Ok(Some(Step::Remove(Box::new(End {
            client: first.row.id,
            application: None,
            reason: Reason::Deleted,
            condition: Condition::all(),
            told: tell(Kind::ClientDeleted, first, json!({"client_name": first.row.name})),
            at: now,
        })))),
    }
}

impl Step {
    /// The identifier somebody else may have.
    pub fn taken(&self) -> Option<&str> {
        match self {
            Self::Make(made) => Some(&made.row.client_id),
            Self::Rename { to, .. } => Some(to),
            Self::Remove(_) => None,
        }
    }

    /// Stores it, while the application is locked. Contracts refer to the application: they follow it by themselves.
    ///
    /// # Errors
    /// `Conflict(ClientNeeded)` for removing it while the application has contracts (portal.md G59); `Conflict(Changed)`
    /// when another change came first.
    pub async fn store_in(self, transaction: &DatabaseTransaction, application: ApplicationId) -> Result<(), Error> {
        match self {
            Self::Make(made) => {
                let living = client::Entity::find()
                    .filter(client::Column::ApplicationId.eq(application))
                    .filter(client::Column::LiveKey.is_not_null());
                if living.count(transaction).await? > 0 {
                    return Err(Error::Conflict(Conflict::Changed));
                }
                Ok(made.rows.insert(transaction).await?)
            }
            Self::Rename { id, from, to, at, told } => {
                let renamed = client::Entity::update_many()
                    .col_expr(client::Column::ClientId, Expr::value(to.clone()))
                    .col_expr(client::Column::LiveKey, Expr::value(to))
                    .col_expr(client::Column::MetadataVersion, Expr::col(client::Column::MetadataVersion).add(1))
                    .col_expr(client::Column::UpdatedAt, Expr::value(at))
                    .filter(client::Column::Id.eq(id))
                    .filter(client::Column::LiveKey.eq(from))
                    .exec(transaction)
                    .await?;
                if renamed.rows_affected == 0 {
                    return Err(Error::Conflict(Conflict::Changed));
                }
                Ok(Rows { events: vec![*told], ..Rows::default() }.insert(transaction).await?)
            }
            Self::Remove(end) => {
                let needing = contract::Entity::find()
                    .filter(contract::Column::ApplicationId.eq(application))
                    .filter(contract::Column::State.is_in([ContractState::Pending, ContractState::Approved]));
                if needing.count(transaction).await? > 0 {
                    return Err(Error::Conflict(Conflict::ClientNeeded));
                }
                if end.store_in(transaction).await? { Ok(()) } else { Err(Error::Conflict(Conflict::Changed)) }
            }
        }
    }
}
