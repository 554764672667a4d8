//! How does somebody become a developer by themselves? The answer never says who has an account (s.L12).

use std::net::IpAddr;

use entity::user::{self, Approval, Role};
use sea_orm::Value as Bound;
use serde_json::{Map, Value, json};

use super::{Said, foreign_domain, link, link_mail, said, set, store_new, target, throttle, told_with};
use crate::app::App;
use crate::oidc::event::{Kind, event as tell};
use crate::oidc::tenant::Tenant;
use crate::oidc::user::add::{self, Password};
use crate::oidc::user::find_by_email;
use crate::portal::notice::{self, Notice, page};
use crate::portal::{Action, Error, person};
use crate::secret::Secret;

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

/// Signs somebody up, and says whether developers are approved at once here: the same answer for an address that has an
/// account, whose owner gets a mail instead (s.L12).
///
/// # Errors
/// `NotAllowed` where signing up is switched off (s.B17); `Invalid` for the address, also of a domain that is not among
/// those allowed, for the password, the name and the meta data; `NotNow` after too many attempts.
pub async fn sign_up(app: &App, tenant: &Tenant, wish: SignUp) -> Result<Approval, Error> {
    if !tenant.settings.portal.sign_up {
        return Err(Error::NotAllowed(Action::WriteDevelopers));
    }
    let said = Said {
        email: Some(&wish.email),
        name: wish.name.as_deref(),
        meta: wish.meta.as_ref(),
        custom_id: None,
        password: Some((&wish.password, &wish.email)),
    };
    let mut wrong = said.complaints();
    wrong.extend(foreign_domain(tenant, &wish.email));
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    throttle(app, tenant, "sign-up", &wish.email, wish.from)?;
    let approval = match tenant.settings.auto_approve.developers {
        true => Approval::Approved,
        false => Approval::Pending,
    };
    let from = wish.from.to_string();
    let email = wish.email.clone();
    // Made in any case: an address that has an account takes as long (s.L11).
    let row = row(app, tenant, wish, approval).await?;
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

async fn row(app: &App, tenant: &Tenant, wish: SignUp, approval: Approval) -> Result<user::Model, Error> {
    let person = add::New {
        email: wish.email,
        name: wish.name,
        role: Role::Developer,
        email_verified: false,
        password: Password::Chosen(wish.password),
        claims: Map::new(),
    };
    let row = add::row(app, tenant, person).await?;
    Ok(user::Model { approval, meta: wish.meta.map(Value::Object), ..row })
}

async fn store(app: &App, tenant: &Tenant, row: &user::Model, from: &str) -> Result<(), Error> {
    let data = json!({"approval": row.approval});
    let told = tell(app, tenant.id, Kind::DeveloperSignedUp, "anonymous", &target(row.id), data);
    let told = told.from(from);
    let mut mails = link_mail(app, tenant, &told, Notice::VerifyEmail, row, link::For::VerifyEmail);
    if row.approval == Approval::Pending {
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

/// Spends a link that proves an address: the only way to a proven address here (s.L17).
///
/// # Errors
/// `Invalid` with the field `link` for one that is spent, too old, or not ours (s.L15).
pub async fn verify_email(app: &App, tenant: &Tenant, link: &Secret) -> Result<user::Model, Error> {
    let person = link::open(app, tenant, link, link::For::VerifyEmail).await?;
    let (id, key, now) = (person.id, person.email_key.clone(), app.clock.now());
    let told = tell(app, tenant.id, Kind::EmailVerified, &target(id), &target(id), json!({}));
    let proven = app
        .db
        .transaction(move |transaction| {
            let told = told.clone();
            let columns = vec![(user::Column::EmailVerified, Bound::from(true)), (user::Column::UpdatedAt, now.into())];
            let seen =
                vec![(user::Column::EmailVerified, Bound::from(false)), (user::Column::EmailKey, key.clone().into())];
            Box::pin(async move {
                if !set(transaction, id, columns, seen).await? {
                    return Err(link::spent());
                }
                Ok::<_, Error>(told_with(told, Vec::new()).insert(transaction).await?)
            })
        })
        .await;
    app.users.forget(&id);
    proven?;
    Ok(user::Model { email_verified: true, updated_at: now, ..person })
}
