//! How does an application come to be? With a client and, where that needs one, a secret, all in one transaction.

use std::sync::Arc;

use entity::application::{self, ApplicationStatus, Source};
use entity::id::{ApplicationId, UserId};
use entity::user::{self, Role, UserState};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::{Application, CUSTOM_ID_MAX, DESCRIPTION_MAX, DOMAIN_MAX, complaints, forget_application, target};
use crate::app::App;
use crate::db::{TransactionError, is_duplicate};
use crate::oidc::client::ApplicationType;
use crate::oidc::client::record::Client;
use crate::oidc::event::{Kind, event};
use crate::oidc::registration::rows;
use crate::oidc::tenant::Tenant;
use crate::portal::client::add::{Made, Wish, make};
use crate::portal::client::{Given, Grants, elsewhere};
use crate::portal::membership::Reach;
use crate::portal::person::Person;
use crate::portal::{Action, Actor, Error, Rule, Wrong};
use crate::secret::{self, Secret};

/// So many applications a developer has, at most (portal.md N30).
pub const APPLICATIONS_MAX: u64 = 500;

/// An application to be made.
#[derive(Clone, Debug)]
pub struct New {
    /// Name shown to people: 1 to 255 characters.
    pub name: String,
    /// What it does: at most 4000 characters.
    pub description: Option<String>,
    /// Its type, which never changes.
    pub kind: ApplicationType,
    /// Where authorization answers of its client may go.
    pub redirect_uris: Vec<String>,
    /// How its client may ask for tokens.
    pub grants: Grants,
    /// What another system calls it: at most 200 characters, unique in the tenant.
    pub custom_id: Option<String>,
    /// The domain it belongs to: at most 255 characters.
    pub domain: Option<String>,
    /// Who answers for it; `None`: the actor. Only admins make applications for others.
    pub owner: Option<UserId>,
    /// Credentials the client is to have; empty: fresh ones.
    pub given: Given,
}

impl New {
    /// An application with nothing but a name and a type.
    pub fn named(name: impl Into<String>, kind: ApplicationType) -> Self {
        Self {
            name: name.into(),
            description: None,
            kind,
            redirect_uris: Vec::new(),
            grants: Grants::Usual,
            custom_id: None,
            domain: None,
            owner: None,
            given: Given::default(),
        }
    }
}

/// An application that was made.
#[derive(Clone, Debug)]
pub struct Created {
    /// It.
    pub application: Application,
    /// Its client.
    pub client: Arc<Client>,
    /// The secret of its client, shown this once; `None` for a public client.
    pub secret: Option<Secret>,
}

/// Makes an application with its client.
///
/// # Errors
/// `Invalid` with every wrong field, `redirect_uris` among them as the registration rules judge them; `Taken` for
/// `custom_id` and `client_id`; `NotAllowed` for an owner other than the actor, `NotApproved`.
pub async fn create(app: &App, tenant: &Tenant, actor: &Actor, new: New) -> Result<Created, Error> {
    let (owner, source) = owner(app, tenant, actor, new.owner).await?;
    let id = ApplicationId(secret::new_id());
    let wish = Wish { name: &new.name, kind: new.kind, redirect_uris: &new.redirect_uris, grants: &new.grants };
    let mut wrong = complaints(
        Some(&new.name),
        &[
            ("description", new.description.as_deref(), DESCRIPTION_MAX),
            ("custom_id", new.custom_id.as_deref(), CUSTOM_ID_MAX),
            ("domain", new.domain.as_deref(), DOMAIN_MAX),
        ],
    );
    let made = match make(app, tenant, actor, id, &wish, new.given.clone()).await {
        Ok(made) if wrong.is_empty() => made,
        Ok(_) => return Err(Error::Invalid(wrong)),
        Err(Error::Invalid(more)) => {
            // The name is complained about once.
            wrong.extend(more.into_iter().filter(|more| more.field != "name"));
            return Err(Error::Invalid(wrong));
        }
        Err(error) => return Err(error),
    };
    let now = app.clock.now();
    let row = application::Model {
        description: new.description,
        primary_owner_id: owner.as_ref().map(|owner| owner.id),
        custom_id: new.custom_id,
        domain: new.domain,
        ..rows::application(tenant.id, id, new.name.trim(), new.kind.as_str(), source, now)
    };
    let made = elsewhere::placed(app, tenant, actor, &wish, made).await?;
    if let Err(error) = store(app, tenant, actor, &row, &made).await {
        elsewhere::give_up(app, &made).await;
        return Err(error);
    }
    forget_application(app, id);
    let reach = if actor.can(Action::WriteApplications) { Reach::Administer } else { Reach::Own };
    let added = made.added()?;
    let application = Application { row, owner: owner.as_ref().map(Person::from), reach };
    Ok(Created { application, client: added.client, secret: added.secret })
}

/// Who is to answer for a new application, and how it comes to be.
async fn owner(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    wanted: Option<UserId>,
) -> Result<(Option<user::Model>, Source), Error> {
    let own = wanted.is_none() || wanted == actor.user_id();
    let source = match (&actor.user, own) {
        (Some(_), true) => {
            actor.may(Action::WriteOwn)?;
            Source::Portal
        }
        _ => {
            actor.may(Action::WriteApplications)?;
            Source::Admin
        }
    };
    // A client or the operator who names nobody makes one that nobody answers for.
    let Some(id) = wanted.or(actor.user_id()) else { return Ok((None, source)) };
    let found = user::Entity::find_by_id(id)
        .filter(user::Column::TenantId.eq(tenant.id))
        .filter(user::Column::State.eq(UserState::Active))
        .one(app.db.pool())
        .await?;
    match found.filter(|user| user.role >= Role::Developer) {
        Some(owner) => Ok((Some(owner), source)),
        None => Err(Error::invalid("owner", Rule::Missing, "is no developer of this tenant")),
    }
}

async fn store(app: &App, tenant: &Tenant, actor: &Actor, row: &application::Model, made: &Made) -> Result<(), Error> {
    let data = json!({"name": row.name, "owner": row.primary_owner_id, "custom_id": row.custom_id});
    let told = event(app, tenant.id, Kind::ApplicationCreated, actor.label(), &target(row.id), data);
    let mut rows = made.rows.clone();
    rows.applications.push(row.clone());
    rows.events.insert(0, told);
    let (owner, remote) = (row.primary_owner_id, made.remote.clone());
    let stored = app
        .db
        .transaction(move |transaction| {
            let (rows, remote) = (rows.clone(), remote.clone());
            Box::pin(async move {
                if let Some(owner) = owner {
                    check_room(transaction, owner).await?;
                }
                elsewhere::settle_in(transaction, remote.as_ref()).await?;
                Ok::<_, Error>(rows.insert(transaction).await?)
            })
        })
        .await;
    let Err(error) = stored else { return Ok(()) };
    if !error.database().is_some_and(is_duplicate) {
        return Err(error);
    }
    Err(taken(app, tenant, row, &made.row.client_id).await?)
}

/// Which of the values that must be unique is there already.
async fn taken(app: &App, tenant: &Tenant, row: &application::Model, client_id: &str) -> Result<Error, Error> {
    if let Some(custom_id) = &row.custom_id {
        let same = application::Entity::find()
            .filter(application::Column::TenantId.eq(tenant.id))
            .filter(application::Column::CustomId.eq(custom_id.as_str()));
        if same.one(app.db.pool()).await?.is_some() {
            return Ok(Error::Taken { field: "custom_id", value: custom_id.clone() });
        }
    }
    Ok(Error::Taken { field: "client_id", value: client_id.to_owned() })
}

/// Refuses one application too many. The owner's row is locked, so that of several at once none slips through.
async fn check_room(transaction: &DatabaseTransaction, owner: UserId) -> Result<(), Error> {
    if user::Entity::find_by_id(owner).lock_exclusive().one(transaction).await?.is_none() {
        return Err(Error::invalid("owner", Rule::Missing, "is no developer of this tenant"));
    }
    let living = application::Entity::find()
        .filter(application::Column::PrimaryOwnerId.eq(owner))
        .filter(application::Column::Status.eq(ApplicationStatus::Active));
    if living.count(transaction).await? < APPLICATIONS_MAX {
        return Ok(());
    }
    let complaint = format!("a developer has {APPLICATIONS_MAX} applications at most");
    let rule = Rule::Range { least: 0, most: APPLICATIONS_MAX as i64 };
    Err(Error::Invalid(vec![Wrong::new("", rule, complaint)]))
}
