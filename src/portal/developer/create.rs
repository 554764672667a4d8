//! How do admins bring developers in? They add them, or invite them by mail.

use entity::event;
use entity::id::UserId;
use entity::user::{self, Approval, Role};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Value as Bound};
use serde_json::{Map, Value, json};

use super::password::not_set;
use super::{Said, link, link_mail, store_new, target, told_with};
use crate::app::App;
use crate::oidc::event::{Kind, event as tell_of};
use crate::oidc::session::Arrival;
use crate::oidc::session::new_password::set_for;
use crate::oidc::session::sign_in::SignedIn;
use crate::oidc::tenant::Tenant;
use crate::oidc::user::add::{self, Password};
use crate::oidc::user::find_by_email;
use crate::portal::notice::Notice;
use crate::portal::{Action, Actor, Error, Rule, Wrong};
use crate::secret::Secret;

/// A developer to add.
#[derive(Clone, Debug)]
pub struct New {
    /// E-mail address to sign in with; not proven by this.
    pub email: String,
    /// Full name: 1 to 200 characters.
    pub name: Option<String>,
    /// Password; `None`: they ask for a link.
    pub password: Option<Secret>,
    /// What is known of them: at most 8 KiB as JSON.
    pub meta: Option<Map<String, Value>>,
    /// What another system calls them: at most 200 characters, unique in the tenant.
    pub custom_id: Option<String>,
    /// Whether the portal is open to them.
    pub approval: Approval,
    /// What they may do: developer or publisher.
    pub role: Role,
}

/// Somebody to invite.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// E-mail address.
    pub email: String,
    /// Full name.
    pub name: Option<String>,
    /// What they may do: developer or publisher.
    pub role: Role,
}

impl New {
    /// All that is wrong with it; what others have is looked at when it is stored.
    pub fn complaints(&self) -> Vec<Wrong> {
        let said = Said {
            email: Some(&self.email),
            name: self.name.as_deref(),
            meta: self.meta.as_ref(),
            custom_id: self.custom_id.as_deref(),
            password: self.password.as_ref().map(|password| (password, self.email.as_str())),
        };
        said.complaints().into_iter().chain(check_role(self.role)).collect()
    }
}

/// Adds a developer.
///
/// # Errors
/// `Invalid`, `Taken` for `email` and `custom_id`, `NotAllowed`.
pub async fn create(app: &App, tenant: &Tenant, actor: &Actor, new: New) -> Result<user::Model, Error> {
    create_with(app, tenant, actor, None, new).await
}

/// As [`create`]; with an `id` for those who choose it themselves, which nobody may ever have had (s.L24).
///
/// # Errors
/// As [`create`]; `Taken` for the `id`.
pub async fn create_with(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: Option<UserId>,
    new: New,
) -> Result<user::Model, Error> {
    actor.may(Action::WriteDevelopers)?;
    let wrong = new.complaints();
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let person = add::New {
        email: new.email,
        name: new.name,
        role: new.role,
        email_verified: false,
        password: new.password.map_or(Password::None, Password::Chosen),
        claims: Map::new(),
    };
    let row = user::Model {
        approval: new.approval,
        meta: new.meta.map(Value::Object),
        custom_id: new.custom_id,
        ..add::row(app, tenant, person).await?
    };
    let row = match id {
        Some(id) if was_given(app, tenant, id).await? => {
            return Err(Error::Taken { field: "id", value: id.to_string() });
        }
        Some(id) => user::Model { id, ..row },
        None => row,
    };
    let data = json!({"role": row.role, "approval": row.approval, "custom_id": row.custom_id});
    let told = tell_of(app, tenant.id, Kind::DeveloperCreated, actor.label(), &target(row.id), data);
    store_new(app, &row, told, Vec::new()).await?;
    Ok(row)
}

/// Whether somebody has this identity, or had it: who they were stays in the audit log.
async fn was_given(app: &App, tenant: &Tenant, id: UserId) -> Result<bool, Error> {
    let pool = app.db.pool();
    if user::Entity::find_by_id(id).one(pool).await?.is_some() {
        return Ok(true);
    }
    let of_tenant = event::Entity::find().filter(event::Column::TenantId.eq(tenant.id));
    let told = of_tenant.filter(event::Column::Target.eq(target(id)));
    Ok(told.one(pool).await?.is_some())
}

/// Nobody becomes an admin this way, nor somebody who is no developer.
fn check_role(role: Role) -> Option<Wrong> {
    let fine = matches!(role, Role::Developer | Role::Publisher);
    (!fine).then(|| Wrong::new("role", Rule::Unknown, "must be developer or publisher"))
}

/// Invites somebody, who is approved from the start. Inviting somebody who did not accept yet sends another mail.
///
/// # Errors
/// `Invalid`; `Taken` for the address of somebody who has a password; `NotAllowed`.
pub async fn invite(app: &App, tenant: &Tenant, actor: &Actor, invitation: Invitation) -> Result<user::Model, Error> {
    actor.may(Action::WriteDevelopers)?;
    let said = Said { email: Some(&invitation.email), name: invitation.name.as_deref(), ..Said::default() };
    let mut wrong = said.complaints();
    wrong.extend(check_role(invitation.role));
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let tell = |row: &user::Model| {
        let data = json!({"role": row.role});
        tell_of(app, tenant.id, Kind::DeveloperInvited, actor.label(), &target(row.id), data)
    };
    if let Some(known) = find_by_email(app, tenant, &invitation.email).await? {
        let waits = known.password_hash.is_none() && known.role >= Role::Developer;
        if !waits {
            return Err(Error::Taken { field: "email", value: invitation.email });
        }
        let told = tell(&known);
        let mails = link_mail(app, tenant, &told, Notice::Invitation, &known, link::For::Invitation);
        app.db.insert(told_with(told, mails)).await?;
        return Ok(known);
    }
    let person = add::New {
        email: invitation.email,
        name: invitation.name,
        role: invitation.role,
        email_verified: false,
        password: Password::None,
        claims: Map::new(),
    };
    let row = add::row(app, tenant, person).await?;
    let told = tell(&row);
    let mails = link_mail(app, tenant, &told, Notice::Invitation, &row, link::For::Invitation);
    store_new(app, &row, told, mails).await?;
    Ok(row)
}

/// Accepts an invitation: sets the password, proves the address, and begins a session.
///
/// # Errors
/// `Invalid` with the field `link` for a link that is spent, too old or not ours (s.B9), with `password` or `name` for
/// what was chosen: the link is still good then.
pub async fn accept_invitation(
    app: &App,
    tenant: &Tenant,
    link: &Secret,
    name: Option<String>,
    password: &Secret,
    arrival: &Arrival<'_>,
) -> Result<SignedIn, Error> {
    let person = link::open(app, tenant, link, link::For::Invitation).await?;
    let said = Said { name: name.as_deref(), password: Some((password, &person.email)), ..Said::default() };
    said.check()?;
    let mut more = vec![(user::Column::EmailVerified, Bound::from(true))];
    more.extend(name.map(|name| (user::Column::Name, Bound::from(name))));
    set_for(app, tenant, &person, password, arrival, more).await.map_err(not_set)
}
