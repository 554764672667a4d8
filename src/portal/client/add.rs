//! How does an application get a client? Judged and made as registration judges and makes every client.

use std::collections::BTreeMap;
use std::sync::Arc;

use entity::client;
use entity::client_secret;
use entity::id::{ApplicationId, ClientKey};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Map, Value, json};

use super::{elsewhere, forget, key, of_application, refused, target};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::{Rows, TransactionError, is_duplicate};
use crate::oidc::client::record::{self, Client};
use crate::oidc::client::{ApplicationType, GrantType, Metadata, SecretNeed};
use crate::oidc::event::{Kind, event};
use crate::oidc::registration::credentials::{new_client_id, new_secret, secret_row};
use crate::oidc::registration::judge::judge;
use crate::oidc::registration::rows::NewClient;
use crate::oidc::registration::{Policy, Profile};
use crate::oidc::tenant::Tenant;
use crate::portal::application::{self, lock};
use crate::portal::application_type::{self, Type};
use crate::portal::membership::Reach;
use crate::portal::provider::Remote;
use crate::portal::{Actor, Error, Rule, Wrong};
use crate::secret::{self, Secret};

/// So many clients an application has, at most.
pub const CLIENTS_MAX: usize = 50;

/// Credentials that another system gave out before.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// 1 to 64 characters of `[A-Za-z0-9._-]`, no UUID, unique in the tenant; `None`: a fresh one.
    pub client_id: Option<String>,
    /// 32 to 256 printable ASCII characters; `None`: a fresh one.
    pub secret: Option<Secret>,
}

/// How a client may ask for tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Grants {
    /// As clients of its type usually do: every grant of this server that its type can use. The policy of each service
    /// decides which of them work there (portal.md §8.2).
    #[default]
    Usual,
    /// These.
    These(Vec<GrantType>),
    /// These words, as far as applications of its type may use them (portal.md §3.3).
    OfType(Vec<String>),
}

impl Grants {
    /// As metadata names them, for a client of this type with these places to be sent back to.
    ///
    /// # Errors
    /// `Invalid` with all that the rules of the type refuse.
    pub(in crate::portal) fn of(&self, kind: ApplicationType, redirects: &[String]) -> Result<Vec<GrantType>, Error> {
        match self {
            Self::These(grants) => Ok(grants.clone()),
            Self::Usual => Ok(usual(kind, redirects.len())),
            Self::OfType(words) => match application_type::judge(kind.into(), words, redirects) {
                Ok(judged) => Ok(judged.grants),
                Err(refused) => Err(Error::Invalid(refused.into_iter().map(Wrong::from).collect())),
            },
        }
    }
}

/// Every grant of this server that a client of this type can use.
fn usual(kind: ApplicationType, redirects: usize) -> Vec<GrantType> {
    let fits = |grant: &GrantType| match kind {
        ApplicationType::Web => true,
        // A client that cannot prove itself must not act in its own name (s.R26).
        ApplicationType::Native | ApplicationType::Browser => *grant != GrantType::ClientCredentials,
        // A server without people.
        ApplicationType::BackendToBackend => *grant == GrantType::ClientCredentials,
    };
    let can_return = |grant: &GrantType| redirects > 0 || !grant.redirects();
    let mut grants: Vec<GrantType> = GrantType::ALL.iter().copied().filter(fits).filter(can_return).collect();
    if grants.iter().all(|grant| matches!(grant, GrantType::RefreshToken | GrantType::ClientCredentials)) {
        // There is nothing that a refresh token could come from.
        grants.retain(|grant| *grant != GrantType::RefreshToken);
    }
    grants
}

/// A client to be made.
#[derive(Clone, Debug, Default)]
pub struct New {
    /// Name shown to people; `None`: that of the application.
    pub name: Option<String>,
    /// Where authorization answers may go; `None`: where those of the application's first client may.
    pub redirect_uris: Option<Vec<String>>,
    /// How it may ask for tokens.
    pub grants: Grants,
    /// Credentials it is to have.
    pub given: Given,
}

/// A client that was made.
#[derive(Clone, Debug)]
pub struct Added {
    /// It.
    pub client: Arc<Client>,
    /// Its secret, shown this once; `None` for a public client.
    pub secret: Option<Secret>,
}

/// Whether the value of a secret can be read again (D-4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Copies {
    /// A sealed copy is kept.
    #[default]
    Kept,
    /// Only its hash is.
    HashOnly,
}

/// Adds a client to an application.
///
/// # Errors
/// `Invalid` as registration judges; `Taken` for `client_id`; `Invalid` with no field beyond [`CLIENTS_MAX`];
/// `NotFound`, `NotAllowed`, `NotApproved`.
pub async fn add(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    application: ApplicationId,
    new: New,
) -> Result<Added, Error> {
    add_keeping(app, tenant, actor, application, new, Copies::Kept).await
}

/// As [`add`], and says whether the secret can be read again.
///
/// # Errors
/// As [`add`].
pub async fn add_keeping(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    application: ApplicationId,
    new: New,
    copies: Copies,
) -> Result<Added, Error> {
    let grants = new.grants.clone();
    let made = prepared(app, tenant, actor, application, new).await?.keeping(copies);
    let made = elsewhere::placed(app, tenant, actor, &grants, &BTreeMap::new(), made).await?;
    let remote = made.remote.clone();
    let (rows, client_id) = (made.rows.clone(), made.row.client_id.clone());
    let stored = app
        .db
        .transaction(move |transaction| {
            let (rows, remote) = (rows.clone(), remote.clone());
            Box::pin(async move {
                lock(transaction, application).await?;
                if living(transaction, application).await? >= CLIENTS_MAX as u64 {
                    let complaint = format!("has {CLIENTS_MAX} clients, which is the most");
                    return Err(Error::invalid("", Rule::Range { least: 0, most: CLIENTS_MAX as i64 }, complaint));
                }
                elsewhere::settle_in(transaction, remote.as_ref()).await?;
                Ok(rows.insert(transaction).await?)
            })
        })
        .await;
    if stored.is_err() {
        elsewhere::give_up(app, &made).await;
    }
    stored.map_err(|error| taken(error, &client_id))?;
    forget(app, &made.row);
    made.added()
}

/// The client as it may be stored.
pub(super) async fn prepared(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    application: ApplicationId,
    new: New,
) -> Result<Made, Error> {
    let pool = app.db.pool();
    let (owner, _) = application::living(pool, tenant, actor, application, Reach::Change).await?;
    let siblings = of_application(pool, application).await?;
    let first = || siblings.first().map(|first| first.metadata.redirect_uris().to_vec()).unwrap_or_default();
    let redirect_uris = new.redirect_uris.unwrap_or_else(first);
    if Type::parse(&owner.kind) == Ok(Type::Simple) {
        let complaint = "is a simple application: its clients are registered elsewhere";
        return Err(Error::invalid("", Rule::Contradiction, complaint));
    }
    let kind = ApplicationType::parse(&owner.kind).unwrap_or(ApplicationType::Web);
    let wish = Wish {
        name: new.name.as_deref().unwrap_or(&owner.name),
        kind,
        redirect_uris: &redirect_uris,
        grants: &new.grants,
    };
    make(app, tenant, actor, application, &wish, new.given).await
}

async fn living<C: ConnectionTrait>(connection: &C, application: ApplicationId) -> Result<u64, Error> {
    let living = client::Entity::find()
        .filter(client::Column::ApplicationId.eq(application))
        .filter(client::Column::LiveKey.is_not_null());
    Ok(living.count(connection).await?)
}

/// What somebody wants a client to be.
#[derive(Clone, Copy, Debug)]
pub(in crate::portal) struct Wish<'a> {
    pub name: &'a str,
    pub kind: ApplicationType,
    pub redirect_uris: &'a [String],
    pub grants: &'a Grants,
}

impl Wish<'_> {
    /// As a registrant would send it.
    ///
    /// # Errors
    /// `Invalid` for grants.
    pub fn members(&self) -> Result<Map<String, Value>, Error> {
        let grants = self.grants.of(self.kind, self.redirect_uris)?;
        Ok(Map::from_iter([
            ("client_name".to_owned(), client_name(self.name).into()),
            ("application_type".to_owned(), self.kind.as_str().into()),
            ("redirect_uris".to_owned(), self.redirect_uris.into()),
            ("grant_types".to_owned(), grants.iter().map(|grant| grant.as_str()).collect()),
        ]))
    }
}

/// As much of a name as metadata takes.
pub(in crate::portal) fn client_name(name: &str) -> String {
    name.trim().chars().take(200).collect::<String>().trim().to_owned()
}

/// A client that is not stored yet.
#[derive(Clone, Debug)]
pub(in crate::portal) struct Made {
    pub row: client::Model,
    pub secret_row: Option<client_secret::Model>,
    pub secret: Option<Secret>,
    /// What has to be stored of it.
    pub rows: Rows,
    /// Where it is registered, if that is a provider elsewhere.
    pub remote: Option<Remote>,
    /// Which of its credentials somebody chose.
    pub chosen: Option<&'static str>,
}

impl Made {
    /// Where only hashes are wanted, no copy is stored.
    fn keeping(mut self, copies: Copies) -> Self {
        if copies == Copies::HashOnly {
            let rows = self.rows.client_secrets.iter_mut().chain(&mut self.secret_row);
            rows.for_each(|row| row.value_sealed = None);
        }
        self
    }

    /// What the one who asked is told.
    pub fn added(self) -> Result<Added, Error> {
        let client = Client::new(self.row, self.secret_row.into_iter().collect())?;
        Ok(Added { client: Arc::new(client), secret: self.secret })
    }
}

/// Judges a wish and makes its rows, by the rules and makers of registration.
///
/// # Errors
/// `Invalid` with every wrong field.
pub(in crate::portal) async fn make(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    application: ApplicationId,
    wish: &Wish<'_>,
    given: Given,
) -> Result<Made, Error> {
    let profile = &Profile::PERMISSIVE;
    let judged = judge(app, tenant, &wish.members()?, profile, Policy::default()).await.map_err(refused);
    let metadata = check_given(&given, judged)?;
    let chosen = match (&given.client_id, &given.secret) {
        (Some(_), _) => Some("client_id"),
        (None, secret) => secret.as_ref().map(|_| "client_secret"),
    };
    let (key, now) = (ClientKey(secret::new_id()), app.clock.now());
    let client_id = given.client_id.unwrap_or_else(new_client_id);
    let (secret, secret_row) = match (metadata.secret_need(), given.secret) {
        (SecretNeed::Issue, Some(value)) => {
            let row = secret_row(app, tenant.id, key, &value);
            (Some(value), Some(row))
        }
        (SecretNeed::Issue, None) => {
            let (value, row) = new_secret(app, tenant.id, key);
            (Some(value), Some(row))
        }
        (SecretNeed::Withhold, _) => (None, None),
    };
    let row = row(tenant, application, key, &client_id, &metadata, now)?;
    let data = json!({"way": "portal", "profile": profile.name, "client_name": row.name, "application": application});
    let told = event(app, tenant.id, Kind::ClientRegistered, actor.label(), &target(&row), data);
    let rows = Rows {
        clients: vec![row.clone()],
        client_secrets: secret_row.iter().cloned().collect(),
        events: vec![told],
        ..Rows::default()
    };
    Ok(Made { row, secret_row, secret, rows, remote: None, chosen })
}

fn row(
    tenant: &Tenant,
    application_id: ApplicationId,
    id: ClientKey,
    client_id: &str,
    metadata: &Metadata,
    at: Seconds,
) -> Result<client::Model, Error> {
    let policy = Policy::default();
    let new = NewClient {
        tenant_id: tenant.id,
        id,
        application_id: Some(application_id),
        client_id,
        profile: &Profile::PERMISSIVE,
        policy: &policy,
        metadata,
        registration_token: None,
        ticket: None,
        template: None,
        at,
    };
    Ok(new.row()?)
}

/// What is wrong with an identifier that somebody wants a client to have.
pub(in crate::portal) fn bad_client_id(id: &str) -> Option<Wrong> {
    if !record::is_client_id(id) {
        let complaint = "must have 1 to 64 characters of A-Z, a-z, 0-9, '-', '_' and '.'";
        return Some(Wrong::new("client_id", Rule::Form, complaint));
    }
    key(id).map(|_| Wrong::new("client_id", Rule::Form, "must not look like a UUID: those name rows"))
}

/// What is wrong with given credentials, together with what is wrong with the metadata.
fn check_given(given: &Given, judged: Result<Metadata, Error>) -> Result<Metadata, Error> {
    let mut wrong = Vec::new();
    let metadata = match judged {
        Ok(metadata) => Some(metadata),
        Err(Error::Invalid(complaints)) => {
            wrong.extend(complaints);
            None
        }
        Err(error) => return Err(error),
    };
    wrong.extend(given.client_id.as_deref().and_then(bad_client_id));
    if let Some(value) = &given.secret {
        let printable = value.expose().bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if !printable || !(32..=256).contains(&value.expose().len()) {
            let complaint = "must have 32 to 256 printable ASCII characters";
            wrong.push(Wrong::new("client_secret", Rule::Form, complaint));
        } else if metadata.as_ref().is_some_and(|metadata| metadata.secret_need() == SecretNeed::Withhold) {
            let complaint = "cannot be given: a client of this type is public and has no secret";
            wrong.push(Wrong::new("client_secret", Rule::Contradiction, complaint));
        }
    }
    match metadata {
        Some(metadata) if wrong.is_empty() => Ok(metadata),
        _ => Err(Error::Invalid(wrong)),
    }
}

/// The refusal of a client whose identifier is there already; any other error as it is.
pub(in crate::portal) fn taken(error: Error, client_id: &str) -> Error {
    if error.database().is_some_and(is_duplicate) {
        return Error::Taken { field: "client_id", value: client_id.to_owned() };
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_may_use_what_its_type_can_use() {
        // portal.md §8.2
        use GrantType::{AuthorizationCode, ClientCredentials, RefreshToken};
        assert_eq!(usual(ApplicationType::Web, 1), GrantType::ALL);
        assert!(!usual(ApplicationType::Web, 0).contains(&AuthorizationCode));
        assert!(usual(ApplicationType::Web, 0).contains(&ClientCredentials));
        for kind in [ApplicationType::Native, ApplicationType::Browser] {
            let grants = usual(kind, 1);
            assert!(grants.contains(&AuthorizationCode) && grants.contains(&RefreshToken), "{kind}");
            assert!(!grants.contains(&ClientCredentials), "{kind}");
        }
        assert_eq!(usual(ApplicationType::BackendToBackend, 1), [ClientCredentials]);
        let these = Grants::These(vec![ClientCredentials]).of(ApplicationType::Web, &[]);
        assert!(these.is_ok_and(|grants| grants == [ClientCredentials]));
        let of_type = Grants::OfType(vec!["client_credentials".to_owned()]);
        assert!(of_type.of(ApplicationType::Web, &[]).is_err());
    }

    #[test]
    fn a_long_name_is_cut_for_the_metadata() {
        assert_eq!(client_name(&"n".repeat(255)).len(), 200);
        assert_eq!(client_name(" n "), "n");
    }
}
