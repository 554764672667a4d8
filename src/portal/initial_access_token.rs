//! Who makes tickets to register, and who sees them? Admins, each action written down (security.md s.B15).

use entity::id::InitialAccessTokenId;
use entity::initial_access_token::Model;

use super::list::{Listed, Wanted, part};
use super::{Action, Actor, Error, Rule, Wrong, template};
use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::registration::initial_access_token as tickets;
use crate::oidc::registration::{Policy, Profile};
use crate::oidc::tenant::Tenant;
use crate::secret::Secret;

/// A ticket to be made.
#[derive(Clone, Debug, Default)]
pub struct New {
    /// What it is for: 1 to 200 characters.
    pub name: String,
    /// The name of the profile of its clients; `None`: the tenant's.
    pub profile: Option<String>,
    /// How many clients it registers at most; `None`: without limit.
    pub max_uses: Option<i64>,
    /// Seconds since 1970; `None`: it does not end.
    pub expires_at: Option<Seconds>,
    /// The template its clients follow: its identity, or its `software_id`.
    pub template: Option<String>,
}

/// Makes a ticket, and returns its value this once.
///
/// # Errors
/// `NotAllowed`; `Invalid` with every wrong field; when the database cannot be asked.
pub async fn create(app: &App, tenant: &Tenant, actor: &Actor, new: New) -> Result<(Secret, Model), Error> {
    actor.may(Action::WriteInitialAccessTokens)?;
    let mut wrong = complaints(&new, app.clock.now());
    let template = match &new.template {
        Some(which) => template::row(app.db.pool(), tenant, which).await?,
        None => None,
    };
    if new.template.is_some() && template.is_none() {
        wrong.push(Wrong::new("template", Rule::Missing, "must be a template"));
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let ticket = tickets::New {
        name: new.name,
        profile: new.profile.as_deref().and_then(Profile::named),
        policy: Policy::default(),
        template: template.map(|row| row.id),
        max_uses: new.max_uses,
        expires_at: new.expires_at,
        created_by: actor.label().to_owned(),
    };
    Ok(tickets::create(app, tenant, ticket).await?)
}

fn complaints(new: &New, now: Seconds) -> Vec<Wrong> {
    let mut wrong: Vec<Wrong> = super::service::check::line("name", &new.name, 200).into_iter().collect();
    if new.profile.as_deref().is_some_and(|profile| Profile::named(profile).is_none()) {
        let names = Profile::ALL.map(|profile| profile.name).join(", ");
        wrong.push(Wrong::new("profile", Rule::Unknown, format!("must be one of {names}")));
    }
    if new.max_uses.is_some_and(|uses| uses < 1) {
        wrong.push(Wrong::new("max_uses", Rule::Range { least: 1, most: i64::MAX }, "must be at least 1"));
    }
    if new.expires_at.is_some_and(|ends| ends <= now) {
        wrong.push(Wrong::new("expires_at", Rule::Form, "must lie in the future"));
    }
    wrong
}

/// The tickets of a tenant, the oldest first, used up and revoked ones among them; none with its value.
///
/// # Errors
/// `NotAllowed`; when the database cannot be asked.
pub async fn list(app: &App, tenant: &Tenant, actor: &Actor, wanted: &Wanted) -> Result<Listed<Model>, Error> {
    actor.may(Action::WriteInitialAccessTokens)?;
    let mut all = tickets::list(app, tenant).await?;
    all.sort_by_key(|row| row.id);
    Ok(part(all, wanted, |row| row.id.0))
}

/// Revokes a ticket; clients it registered stay.
///
/// # Errors
/// `NotAllowed`; `NotFound` also for one that was revoked before; when the database cannot be asked.
pub async fn revoke(app: &App, tenant: &Tenant, actor: &Actor, id: InitialAccessTokenId) -> Result<(), Error> {
    actor.may(Action::WriteInitialAccessTokens)?;
    Ok(tickets::revoke(app, tenant, id, actor.label()).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_with_a_ticket_is_said_at_once() {
        let new = New {
            name: " ".into(),
            profile: Some("x".into()),
            max_uses: Some(0),
            expires_at: Some(5),
            ..New::default()
        };
        let fields: Vec<String> = complaints(&new, 5).into_iter().map(|wrong| wrong.field).collect();
        assert_eq!(fields, ["name", "profile", "max_uses", "expires_at"]);
        assert_eq!(complaints(&New { name: "ci".into(), ..New::default() }, 5), []);
    }
}
