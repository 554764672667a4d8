//! How does an application come to be? With a client and, where that needs one, a secret, all in one transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use entity::application::{self, ApplicationStatus, Source};
use entity::id::{ApplicationId, UserId};
use entity::provider::Place;
use entity::user::{self, Role, UserState};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde_json::{Value, json};

use super::picture::Picture;
use super::{
    Application, CUSTOM_ID_MAX, DESCRIPTION_MAX, DOMAIN_MAX, client_id, complaints, forget_application, target,
};
use crate::app::App;
use crate::db::{TransactionError, is_duplicate};
use crate::oidc::client::record::Client;
use crate::oidc::event::{Kind, event};
use crate::oidc::registration::rows;
use crate::oidc::tenant::Tenant;
use crate::portal::application_type::Type;
use crate::portal::client::add::{Made, Wish, make};
use crate::portal::client::{Given, Grants, elsewhere};
use crate::portal::membership::Reach;
use crate::portal::person::Person;
use crate::portal::service::check;
use crate::portal::{Action, Actor, Conflict, Error, Rule, Wrong, provider};
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
    pub kind: Type,
    /// Where authorization answers of its client may go.
    pub redirect_uris: Vec<String>,
    /// How its client may ask for tokens.
    pub grants: Grants,
    /// What it says beyond that to the provider where its client is registered, which decides what is heard.
    pub additional: BTreeMap<String, String>,
    /// What another system calls it: at most 200 characters, unique in the tenant.
    pub custom_id: Option<String>,
    /// The domain it belongs to: at most 255 characters.
    pub domain: Option<String>,
    /// Its picture, as a `data:` URL.
    pub picture: Option<String>,
    /// What other products' scripts store with it: an object of at most 16 KiB.
    pub kept: Option<Value>,
    /// Who answers for it; `None`: the actor. Only admins make applications for others.
    pub owner: Option<UserId>,
    /// Credentials the client is to have; empty: fresh ones. Of a simple application: the identifier by which it is known
    /// elsewhere, if it is.
    pub given: Given,
}

impl New {
    /// An application with nothing but a name and a type.
    pub fn named(name: impl Into<String>, kind: impl Into<Type>) -> Self {
        Self {
            name: name.into(),
            description: None,
            kind: kind.into(),
            redirect_uris: Vec::new(),
            grants: Grants::Usual,
            additional: BTreeMap::new(),
            custom_id: None,
            domain: None,
            picture: None,
            kept: None,
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
    /// Its client; `None` for a simple application that is not known elsewhere.
    pub client: Option<Arc<Client>>,
    /// The secret of its client, shown this once; `None` for a public client.
    pub secret: Option<Secret>,
}

/// Makes an application with its client: registered here, or where the tenant registers clients. A simple one has none, or
/// one that is known elsewhere (portal.md G3, G4).
///
/// # Errors
/// `Invalid` with every wrong field, `redirect_uris` among them as the registration rules judge them, and for `type` that
/// is switched off; `Conflict(ClientRegistrationOff)`; `Taken` for `custom_id` and `client_id`; `NotAllowed` for an owner
/// other than the actor, `NotApproved`.
pub async fn create(app: &App, tenant: &Tenant, actor: &Actor, new: New) -> Result<Created, Error> {
    let (owner, source) = owner(app, tenant, actor, new.owner).await?;
    new.kind.check_enabled(&tenant.settings.types)?;
    let id = ApplicationId(secret::new_id());
    let mut wrong = wrong_words(&new);
    let made = match client(app, tenant, actor, id, &new).await {
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
        picture: new.picture,
        kept: new.kept,
        ..rows::application(tenant.id, id, new.name.trim(), new.kind.id(), source, now)
    };
    let made = match made {
        // What a simple application is known as elsewhere is nobody's to register.
        Some(made) if new.kind.of_client().is_some() => {
            Some(elsewhere::placed(app, tenant, actor, &new.grants, &new.additional, made).await?)
        }
        made => made,
    };
    if let Err(error) = store(app, tenant, actor, &row, made.as_ref()).await {
        if let Some(made) = &made {
            elsewhere::give_up(app, made).await;
        }
        return Err(error);
    }
    forget_application(app, id);
    let reach = if actor.can(Action::WriteApplications) { Reach::Administer } else { Reach::Own };
    let (client, secret) = match made.map(Made::added).transpose()? {
        Some(added) => (Some(added.client), added.secret),
        None => (None, None),
    };
    let application = Application { row, owner: owner.as_ref().map(Person::from), reach };
    Ok(Created { application, client, secret })
}

/// As [`create`], for those who register applications with a client nowhere but at a provider that an admin chose; this
/// server is one, if it was chosen (portal.md G4, G57, D-3).
///
/// # Errors
/// As [`create`]; `Conflict(ClientRegistrationOff)` for an application with a client while that is switched off;
/// `Provider(Missing)` if no provider is the default.
pub async fn create_at_provider(app: &App, tenant: &Tenant, actor: &Actor, new: New) -> Result<Created, Error> {
    if new.kind != Type::Simple {
        actor.may(Action::WriteOwn)?;
        if !tenant.settings.registration.portal {
            return Err(Error::Conflict(Conflict::ClientRegistrationOff));
        }
        new.kind.check_enabled(&tenant.settings.types)?;
        if provider::default_of(app, tenant).await?.is_none() {
            return Err(provider::Refusal::Missing.into());
        }
    }
    create(app, tenant, actor, new).await
}

fn wrong_words(new: &New) -> Vec<Wrong> {
    let mut wrong = complaints(
        Some(&new.name),
        &[
            ("description", new.description.as_deref(), DESCRIPTION_MAX),
            ("custom_id", new.custom_id.as_deref(), CUSTOM_ID_MAX),
            ("domain", new.domain.as_deref(), DOMAIN_MAX),
        ],
    );
    wrong.extend(new.picture.as_deref().and_then(|picture| Picture::read(picture).err()));
    wrong.extend(new.kept.as_ref().and_then(|kept| check::kept("kept", kept)));
    wrong
}

/// The client of a new application, not stored yet; `None`: it has none.
async fn client(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: ApplicationId,
    new: &New,
) -> Result<Option<Made>, Error> {
    let Some(kind) = new.kind.of_client() else {
        check_simple(new)?;
        let known = new.given.client_id.as_deref();
        return known.map(|known| client_id::make(app, tenant, actor, id, &new.name, known)).transpose();
    };
    let default = provider::default_of(app, tenant).await?;
    let is_elsewhere = default.is_some_and(|provider| provider.place == Place::Elsewhere);
    if is_elsewhere && !tenant.settings.registration.portal {
        return Err(Error::Conflict(Conflict::ClientRegistrationOff));
    }
    let wish = Wish { name: &new.name, kind, redirect_uris: &new.redirect_uris, grants: &new.grants };
    make(app, tenant, actor, id, &wish, new.given.clone()).await.map(Some)
}

/// A simple application registers nothing.
fn check_simple(new: &New) -> Result<(), Error> {
    let grants = match &new.grants {
        Grants::Usual => true,
        Grants::These(grants) => grants.is_empty(),
        Grants::OfType(words) => words.is_empty(),
    };
    let given = [
        ("redirect_uris", new.redirect_uris.is_empty()),
        ("grant_types", grants),
        ("client_secret", new.given.secret.is_none()),
    ];
    let wrong: Vec<Wrong> = given
        .into_iter()
        .filter(|(_, is_none)| !is_none)
        .map(|(field, _)| Wrong::new(field, Rule::Contradiction, "must be left out: a simple application has none"))
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(wrong)) }
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

async fn store(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    row: &application::Model,
    made: Option<&Made>,
) -> Result<(), Error> {
    let data = json!({"name": row.name, "owner": row.primary_owner_id, "custom_id": row.custom_id});
    let told = event(app, tenant.id, Kind::ApplicationCreated, actor.label(), &target(row.id), data);
    let mut rows = made.map(|made| made.rows.clone()).unwrap_or_default();
    rows.applications.push(row.clone());
    rows.events.insert(0, told);
    let (owner, remote) = (row.primary_owner_id, made.and_then(|made| made.remote.clone()));
    let stored = app
        .db
        .transaction(move |transaction| {
            let (rows, remote) = (rows.clone(), remote.clone());
            Box::pin(async move {
                if let Some(owner) = owner {
                    check_room(transaction, "owner", owner).await?;
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
    Err(taken(app, tenant, row, made.map(|made| made.row.client_id.as_str())).await?)
}

/// Which of the values that must be unique is there already.
pub(super) async fn taken(
    app: &App,
    tenant: &Tenant,
    row: &application::Model,
    client_id: Option<&str>,
) -> Result<Error, Error> {
    if let Some(custom_id) = &row.custom_id {
        let same = application::Entity::find()
            .filter(application::Column::TenantId.eq(tenant.id))
            .filter(application::Column::CustomId.eq(custom_id.as_str()))
            .filter(application::Column::Id.ne(row.id));
        if same.one(app.db.pool()).await?.is_some() {
            return Ok(Error::Taken { field: "custom_id", value: custom_id.clone() });
        }
    }
    Ok(match client_id {
        Some(client_id) => Error::Taken { field: "client_id", value: client_id.to_owned() },
        None => Error::Conflict(Conflict::Changed),
    })
}

/// Refuses one application too many. The row of the one who is to own it, whom `field` names, is locked, so that of several
/// at once none slips through.
pub(in crate::portal) async fn check_room(
    transaction: &DatabaseTransaction,
    field: &'static str,
    owner: UserId,
) -> Result<(), Error> {
    if user::Entity::find_by_id(owner).lock_exclusive().one(transaction).await?.is_none() {
        return Err(Error::invalid(field, Rule::Missing, "is no developer of this tenant"));
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
