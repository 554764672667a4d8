//! What did this person let this client do? (portal.md A24, A33)
//!
//! Remembered per person, client and service: one row for the scopes of OpenID Connect, one for each service the tokens
//! are for. The key is the client's row, so that a twin with the same name is asked for anew (s.A22).

pub mod given;

use entity::application::{self, Source};
use entity::consent;
use entity::id::{ConsentId, UserId};
use entity::word::Words;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::advance::Current;
use super::next_step::Consent;
use crate::app::App;
use crate::clock::Seconds;
use crate::db::{Rows, Told, is_duplicate};
use crate::oidc::Error;
use crate::oidc::client::record::Client;
use crate::oidc::event::{Kind, event};
use crate::oidc::scope::OidcScope;
use crate::oidc::service::Service;
use crate::oidc::session::{Arrival, Session};
use crate::secret::{self, Hash};

/// The part of a request that concerns one service.
#[derive(Clone, Debug)]
pub struct Part {
    /// The service; `None`: the person's own account.
    pub service: Option<Service>,
    /// What is asked for there; may be nothing but access at all.
    pub scopes: Words,
}

impl Part {
    fn service_key(&self) -> String {
        self.service.as_ref().map(|service| service.row.id.to_string()).unwrap_or_default()
    }
}

/// What a request needs the person to agree to.
pub fn parts(current: &Current) -> Vec<Part> {
    let target = &current.target;
    let own = target.scopes.only(|scope| OidcScope::parse(scope).is_some());
    let own = Part { service: None, scopes: own.and(&current.claims.to_agree_to()) };
    let meant = current.services.iter().filter(|service| target.audience.contains(&service.row.audience));
    let theirs = meant.map(|service| Part {
        scopes: target.scopes.only(|scope| service.scopes.iter().any(|known| known.value == scope)),
        service: Some(service.clone()),
    });
    std::iter::once(own).chain(theirs).collect()
}

/// Digest of what a person is told about a client: another name, redirect URI, key or scope asks again (s.A23).
pub fn metadata_hash(client: &Client) -> Hash {
    let metadata = &client.metadata;
    let mut shown = json!({
        "display": metadata.display().iter().collect::<Vec<_>>(),
        "redirect_uris": metadata.redirect_uris(),
        "jwks": metadata.jwks(),
        "jwks_uri": metadata.jwks_uri(),
        "scope": metadata.scopes().collect::<Vec<_>>(),
    });
    shown.sort_all_objects();
    secret::hash(shown.to_string().as_bytes())
}

/// Whether the person agreed to all of it before; a first-party client needs nobody's consent.
///
/// # Errors
/// When the database cannot be asked.
pub async fn state(app: &App, user_id: UserId, current: &Current) -> Result<Consent, Error> {
    if current.client.is_first_party() {
        return Ok(Consent::Given);
    }
    let missing = missing(app, user_id, current).await?;
    Ok(if missing.is_empty() { Consent::Given } else { Consent::Missing })
}

/// What of the request the person has not agreed to yet (s.A24).
///
/// # Errors
/// When the database cannot be asked.
pub async fn missing(app: &App, user_id: UserId, current: &Current) -> Result<Vec<Part>, Error> {
    let rows = consent::Entity::find()
        .filter(consent::Column::UserId.eq(user_id))
        .filter(consent::Column::ClientKey.eq(current.client.row.id))
        .filter(consent::Column::RevokedAt.is_null())
        .all(app.db.pool())
        .await?;
    let hash = metadata_hash(&current.client);
    Ok(parts(current).into_iter().filter_map(|part| still_missing(part, &rows, &hash)).collect())
}

/// The part without what `rows` already allow; `None` if nothing is left to ask.
fn still_missing(part: Part, rows: &[consent::Model], hash: &Hash) -> Option<Part> {
    let key = part.service_key();
    let Some(row) = rows.iter().find(|row| row.service_key == key && hash.matches(&row.metadata_hash)) else {
        return Some(part);
    };
    let scopes = part.scopes.only(|scope| !row.scopes.contains(scope));
    (!scopes.is_empty()).then_some(Part { scopes, ..part })
}

/// Who vouches for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// An admin of the tenant.
    Verified,
    /// Nobody; a person entered it.
    NotVerified,
    /// Nobody; it registered itself at this moment.
    RegisteredItself {
        /// Seconds since 1970.
        at: Seconds,
    },
}

/// What is known about a client, for the person who is asked.
///
/// # Errors
/// When the database cannot be asked.
pub async fn standing(app: &App, client: &Client) -> Result<Standing, Error> {
    if client.is_first_party() {
        return Ok(Standing::Verified);
    }
    let application = match client.row.application_id {
        Some(id) => application::Entity::find_by_id(id).one(app.db.pool()).await?,
        None => None,
    };
    Ok(match application.map(|application| application.source) {
        Some(Source::Open | Source::Iat | Source::Delegate | Source::Bridge) => {
            Standing::RegisteredItself { at: client.row.issued_at }
        }
        Some(Source::Portal | Source::Admin) | None => Standing::NotVerified,
    })
}

/// Two first consents at the same moment may both want to insert the same row: the second finds it on its next try.
const TRIES: usize = 3;

/// Remembers that the person agreed to the whole request.
///
/// # Errors
/// When the database cannot be asked: nothing is remembered then.
pub async fn agree(app: &App, session: &Session, current: &Current, arrival: &Arrival<'_>) -> Result<(), Error> {
    let hash: String = metadata_hash(&current.client).into();
    let now = app.clock.now();
    let wanted: Vec<consent::Model> = parts(current)
        .into_iter()
        .map(|part| consent::Model {
            id: ConsentId(secret::new_id()),
            tenant_id: session.row.tenant_id,
            user_id: session.row.user_id,
            client_key: current.client.row.id,
            service_key: part.service_key(),
            scopes: part.scopes,
            metadata_hash: hash.clone(),
            revoked_at: None,
            created_at: now,
            updated_at: now,
        })
        .collect();
    let event = told(app, Kind::ConsentGiven, session, current, arrival);
    for tried in 1.. {
        let (wanted, event) = (wanted.clone(), event.clone());
        let stored: Result<(), DbErr> = app
            .db
            .transaction(move |transaction| {
                let (wanted, event) = (wanted.clone(), event.clone());
                Box::pin(async move {
                    for row in wanted {
                        store(transaction, row).await?;
                    }
                    Rows { events: vec![event], ..Rows::default() }.insert(transaction).await
                })
            })
            .await;
        match stored {
            Err(error) if is_duplicate(&error) && tried < TRIES => {}
            stored => return stored.map_err(Error::from),
        }
    }
    Ok(())
}

/// Adds to the row that is there, or makes it. Statements that all three databases know.
async fn store(transaction: &DatabaseTransaction, wanted: consent::Model) -> Result<(), DbErr> {
    let found = consent::Entity::find()
        .filter(consent::Column::UserId.eq(wanted.user_id))
        .filter(consent::Column::ClientKey.eq(wanted.client_key))
        .filter(consent::Column::ServiceKey.eq(wanted.service_key.as_str()))
        .one(transaction)
        .await?;
    let Some(found) = found else {
        consent::Entity::insert(wanted.into_active_model()).exec_without_returning(transaction).await?;
        return Ok(());
    };
    // What was agreed to under another name, or taken back since, does not come back by itself.
    let still_holds = found.revoked_at.is_none() && found.metadata_hash == wanted.metadata_hash;
    let scopes = if still_holds { found.scopes.and(&wanted.scopes) } else { wanted.scopes };
    consent::Entity::update_many()
        .col_expr(consent::Column::Scopes, Expr::value(scopes))
        .col_expr(consent::Column::MetadataHash, Expr::value(wanted.metadata_hash))
        .col_expr(consent::Column::RevokedAt, Expr::value(Option::<i64>::None))
        .col_expr(consent::Column::UpdatedAt, Expr::value(wanted.updated_at))
        .filter(consent::Column::Id.eq(found.id))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Notes that the person did not agree. What was agreed to before stays.
///
/// # Errors
/// When the database cannot be asked.
pub async fn decline(app: &App, session: &Session, current: &Current, arrival: &Arrival<'_>) -> Result<(), Error> {
    let event = told(app, Kind::ConsentRefused, session, current, arrival);
    app.db.insert(Rows { events: vec![event], ..Rows::default() }).await?;
    Ok(())
}

fn told(app: &App, kind: Kind, session: &Session, current: &Current, arrival: &Arrival<'_>) -> Told {
    let (target, claims) = (&current.target, &current.claims);
    let mut data = json!({"scope": target.scopes, "audience": target.audience});
    if !claims.is_empty() {
        data["claims"] = json!(claims.to_agree_to());
    }
    let actor = format!("user:{}", session.row.user_id);
    let target = format!("client:{}", current.client.client_id());
    let row = event(app, session.row.tenant_id, kind, &actor, &target, data);
    row.from(arrival.address)
}
