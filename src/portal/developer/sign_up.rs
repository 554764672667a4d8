//! How does somebody become a developer by themselves? The answer never says who has an account (s.L12).

use std::net::IpAddr;

use entity::event;
use entity::user::{self, Approval, Role};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, Value as Bound};
use serde_json::{Map, Value, json};

use super::{Said, foreign_domain, link, link_mail, said, set, store_new, target, throttle, told_with};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::Told;
use crate::oidc::event::{Kind, event as tell};
use crate::oidc::tenant::Tenant;
use crate::oidc::user::add::{self, Password};
use crate::oidc::user::find_by_email;
use crate::portal::notice::{self, Notice, page};
use crate::portal::{Action, Error, Wrong, person};
use crate::secret::Secret;

/// So much later than the row the entry of the audit log is made, at most: a password is hashed between.
const SIGNING_UP_SECONDS_MAX: Seconds = 600;

/// Somebody who wants to be a developer.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// E-mail address to sign in with.
    pub email: String,
    /// Full name: 1 to 200 characters.
    pub name: Option<String>,
    /// Password.
    pub password: Secret,
    /// What else the form asked for: at most 8 KiB as JSON.
    pub meta: Option<Map<String, Value>>,
    /// Where the request came from.
    pub from: IpAddr,
}

impl SignUp {
    /// All that is wrong with it; nothing of it says who has an account.
    pub fn complaints(&self, tenant: &Tenant) -> Vec<Wrong> {
        let said = Said {
            email: Some(&self.email),
            name: self.name.as_deref(),
            meta: self.meta.as_ref(),
            custom_id: None,
            password: Some((&self.password, &self.email)),
        };
        said.complaints().into_iter().chain(foreign_domain(tenant, &self.email)).collect()
    }
}

/// Signs somebody up, and says what comes first: the portal is open to nobody before their address is proven, which
/// lets them in where developers are approved at once (s.B17), and an admin can at any time. The same answer for an address that has an
/// account, whose owner gets a mail instead (s.L12).
///
/// # Errors
/// `NotAllowed` where signing up is switched off (s.B17); `Invalid` for the address, also of a domain that is not among
/// those allowed, for the password, the name and the meta data; `NotNow` after too many attempts.
pub async fn sign_up(app: &App, tenant: &Tenant, wish: SignUp) -> Result<Approval, Error> {
    if !tenant.settings.portal.sign_up {
        return Err(Error::NotAllowed(Action::WriteDevelopers));
    }
    let wrong = wish.complaints(tenant);
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    throttle(app, tenant, "sign-up", &wish.email, wish.from)?;
    let from = wish.from.to_string();
    let email = wish.email.clone();
    // Made in any case: an address that has an account takes as long (s.L11).
    let row = row(app, tenant, wish).await?;
    let approval = row.approval;
    if let Some(known) = find_by_email(app, tenant, &email).await? {
        repeated(app, tenant, &known, &from).await?;
        return Ok(approval);
    }
    match store(app, tenant, &row, &from).await {
        // Somebody signed up with it at the same moment.
        Err(Error::Taken { .. }) => {
            if let Some(known) = find_by_email(app, tenant, &email).await? {
                repeated(app, tenant, &known, &from).await?;
            }
            Ok(approval)
        }
        stored => stored.map(|()| approval),
    }
}

async fn row(app: &App, tenant: &Tenant, wish: SignUp) -> Result<user::Model, Error> {
    let person = add::New {
        email: wish.email,
        name: wish.name,
        role: Role::Developer,
        email_verified: false,
        password: Password::Chosen(wish.password),
        claims: Map::new(),
    };
    let row = add::row(app, tenant, person).await?;
    Ok(user::Model { approval: Approval::Pending, meta: wish.meta.map(Value::Object), ..row })
}

async fn store(app: &App, tenant: &Tenant, row: &user::Model, from: &str) -> Result<(), Error> {
    let data = json!({"approval": row.approval});
    let told = tell(app, tenant.id, Kind::DeveloperSignedUp, "anonymous", &target(row.id), data);
    let told = told.from(from);
    let mut mails = link_mail(app, tenant, &told, Notice::VerifyEmail, row, link::For::VerifyEmail);
    if !tenant.settings.auto_approve.developers {
        let admins = person::deciders(app.db.pool(), tenant, None).await?;
        let about = said(tenant, row, page::ADMIN_DEVELOPERS);
        mails.extend(notice::mails(app, tenant, &told, Notice::DeveloperRequested, &admins, about));
    }
    store_new(app, row, told, mails).await
}

/// Tells the owner of an account that somebody signed up with its address.
async fn repeated(app: &App, tenant: &Tenant, known: &user::Model, from: &str) -> Result<(), Error> {
    let told = tell(app, tenant.id, Kind::SignUpRepeated, "anonymous", &target(known.id), json!({}));
    let told = told.from(from);
    let about = said(tenant, known, page::CATALOG);
    let to = std::slice::from_ref(&known.email);
    let mails = notice::mails(app, tenant, &told, Notice::AccountExists, to, about);
    app.db.insert(told_with(told, mails)).await?;
    Ok(())
}

/// Spends a link that proves an address: the only way to a proven address here (s.L17). Whoever signed up by themselves
/// is let in with it where developers are approved at once.
///
/// # Errors
/// `Invalid` with the field `link` for one that is spent, too old, or not ours (s.L15).
pub async fn verify_email(app: &App, tenant: &Tenant, link: &Secret) -> Result<user::Model, Error> {
    let person = link::open(app, tenant, link, link::For::VerifyEmail).await?;
    let (id, key, now) = (person.id, person.email_key.clone(), app.clock.now());
    let told = tell(app, tenant.id, Kind::EmailVerified, &target(id), &target(id), json!({}));
    let entry = Entry::of(app, tenant, &person);
    let proven = app
        .db
        .transaction(move |transaction| {
            let (told, entry) = (told.clone(), entry.clone());
            let columns = vec![(user::Column::EmailVerified, Bound::from(true)), (user::Column::UpdatedAt, now.into())];
            let seen =
                vec![(user::Column::EmailVerified, Bound::from(false)), (user::Column::EmailKey, key.clone().into())];
            Box::pin(async move {
                if !set(transaction, id, columns, seen).await? {
                    return Err(link::spent());
                }
                told_with(told, Vec::new()).insert(transaction).await?;
                if let Some(entry) = entry {
                    entry.store_in(transaction).await?;
                }
                user::Entity::find_by_id(id).one(transaction).await?.ok_or_else(link::spent)
            })
        })
        .await;
    app.users.forget(&id);
    proven
}

/// Lets somebody in whose address was proven in another way than by [`verify_email`], as that would.
///
/// # Errors
/// When the database cannot be asked.
pub(super) async fn let_in(app: &App, tenant: &Tenant, person: &user::Model) -> Result<(), Error> {
    let Some(entry) = Entry::of(app, tenant, person) else { return Ok(()) };
    let stored = app
        .db
        .transaction(move |transaction| {
            let entry = entry.clone();
            Box::pin(async move { entry.store_in(transaction).await })
        })
        .await;
    app.users.forget(&person.id);
    stored
}

/// The way in that nobody has to decide about.
#[derive(Clone, Debug)]
struct Entry {
    person: user::Model,
    now: Seconds,
    told: Told,
}

impl Entry {
    /// `None` where admins decide, and for somebody about whom was decided.
    fn of(app: &App, tenant: &Tenant, person: &user::Model) -> Option<Self> {
        let waits = person.approval == Approval::Pending && person.role == Role::Developer;
        let data = json!({"from": Approval::Pending, "to": Approval::Approved, "reason": null});
        let told = || tell(app, tenant.id, Kind::DeveloperApproved, "system", &target(person.id), data);
        (waits && tenant.settings.auto_approve.developers).then(|| Self {
            person: person.clone(),
            now: app.clock.now(),
            told: told(),
        })
    }

    /// Opens the portal, unless an admin made the person, or decided meanwhile.
    async fn store_in(self, transaction: &DatabaseTransaction) -> Result<(), Error> {
        let person = self.person;
        let signed_up = event::Entity::find()
            .filter(event::Column::TenantId.eq(person.tenant_id))
            .filter(event::Column::At.between(person.created_at, person.created_at + SIGNING_UP_SECONDS_MAX))
            .filter(event::Column::Kind.eq(Kind::DeveloperSignedUp.as_str()))
            .filter(event::Column::Target.eq(target(person.id)));
        if signed_up.one(transaction).await?.is_none() {
            return Ok(());
        }
        let columns =
            vec![(user::Column::Approval, Approval::Approved.into()), (user::Column::UpdatedAt, self.now.into())];
        let seen = vec![(user::Column::Approval, Approval::Pending.into())];
        if set(transaction, person.id, columns, seen).await? {
            told_with(self.told, Vec::new()).insert(transaction).await?;
        }
        Ok(())
    }
}
