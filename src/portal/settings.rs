//! What may a tenant's admins change while the server runs, and how is it checked? (portal.md §8.3)

pub mod fields;

use entity::tenant;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::app::App;
use crate::clock::Seconds;
use crate::oidc::service::load;
use crate::oidc::tenant::manage;
use crate::oidc::tenant::{Settings, Tenant};
use crate::portal::{Action, Actor, Error, Rule, Wrong};
use fields::Known;

/// A tenant's settings, and what else there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Short name; fixed.
    pub slug: String,
    /// Its issuer; fixed.
    pub issuer: String,
    /// Name shown to people.
    pub name: String,
    /// What its admins chose, with defaults where they chose nothing.
    pub settings: Settings,
    /// Seconds since 1970.
    pub created_at: Seconds,
    /// Seconds since 1970.
    pub updated_at: Seconds,
    /// Another one after each change.
    pub tag: String,
}

/// The settings as the database has them now.
///
/// # Errors
/// `NotAllowed`; when the database cannot be asked.
pub async fn read(app: &App, tenant: &Tenant, actor: &Actor) -> Result<Shown, Error> {
    actor.may(Action::ReadSettings)?;
    shown(load_row(app, tenant).await?)
}

/// Merges `patch` into the settings (RFC 7396): an object with the members of [`Settings`], and `name`. A member that is
/// `null` goes back to its default. What other products' scripts keep goes below `kept`, whatever it is.
///
/// # Errors
/// `NotAllowed`; `Invalid` with all that is wrong, each field by its path, e.g. `session.idle_hours`; when the database
/// cannot be asked.
pub async fn patch(app: &App, tenant: &Tenant, actor: &Actor, patch: &Value) -> Result<Shown, Error> {
    patch_tagged(app, tenant, actor, None, patch).await
}

/// As [`patch`], if the settings have the tag the caller saw; `None`: whichever they have.
///
/// # Errors
/// As [`patch`]; `Conflict(Changed)` for another tag.
pub async fn patch_tagged(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    expected: Option<String>,
    patch: &Value,
) -> Result<Shown, Error> {
    actor.may(Action::WriteSettings)?;
    let (name, patch) = checked(app, tenant, patch).await?;
    let fits = move |row: &tenant::Model| expected.as_ref().is_none_or(|expected| *expected == tag(row));
    shown(manage::rename_and_merge_if(app, tenant, actor.label(), name.as_deref(), &patch, fits).await?)
}

/// All that is wrong with a patch, for those who tell it together with what else is wrong.
///
/// # Errors
/// When the database cannot be asked.
pub async fn complaints(app: &App, tenant: &Tenant, patch: &Value) -> Result<Vec<Wrong>, Error> {
    match checked(app, tenant, patch).await {
        Ok(_) => Ok(Vec::new()),
        Err(Error::Invalid(wrong)) => Ok(wrong),
        Err(error) => Err(error),
    }
}

/// The new name, and the patch as it may be merged.
async fn checked(app: &App, tenant: &Tenant, patch: &Value) -> Result<(Option<String>, Value), Error> {
    let audiences = load(app, tenant.id).await?.into_iter().map(|service| service.row.audience);
    let known = Known { audiences: audiences.collect(), management: tenant.url(crate::oidc::endpoint::MANAGEMENT) };
    let (name, patch) = fields::checked(patch, &known).map_err(Error::Invalid)?;
    let before = load_row(app, tenant).await?;
    let wrong = contradictions(&before.settings, &manage::merged(&before.settings, &patch));
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    Ok((name, patch))
}

/// What becomes another one with each change.
fn tag(row: &tenant::Model) -> String {
    super::tag::tag(json!([row.name, row.settings, row.updated_at]))
}

async fn load_row(app: &App, tenant: &Tenant) -> Result<tenant::Model, Error> {
    tenant::Entity::find_by_id(tenant.id).one(app.db.pool()).await?.ok_or(Error::NotFound)
}

fn shown(row: tenant::Model) -> Result<Shown, Error> {
    let tag = tag(&row);
    let settings = serde_json::from_value(row.settings).map_err(Error::internal)?;
    Ok(Shown {
        slug: row.slug,
        issuer: row.issuer,
        name: row.name,
        settings,
        created_at: row.created_at,
        updated_at: row.updated_at,
        tag,
    })
}

/// What no field shows alone.
fn contradictions(before: &Value, after: &Value) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let hours = |settings: &Value, member: &str| settings["session"][member].as_u64();
    let idle_and_max = (hours(after, "idle_hours"), hours(after, "max_hours"));
    if before["session"] != after["session"]
        && let (Some(idle), Some(max)) = idle_and_max
        && idle > max
    {
        let complaint = format!("must be at most session.max_hours, which is {max}");
        wrong.push(Wrong::new("session.idle_hours", Rule::Contradiction, complaint));
    }
    if after["kept"].to_string().len() > fields::KEPT_MAX {
        let complaint = format!("must have at most {} bytes in all", fields::KEPT_MAX);
        wrong.push(Wrong::new("kept", Rule::Length, complaint));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_stays_signed_in_unused_for_longer_than_at_all() {
        let before = json!({"session": {"max_hours": 24}});
        let after = manage::merged(&before, &json!({"session": {"idle_hours": 72}}));
        let complaint = "must be at most session.max_hours, which is 24";
        assert_eq!(contradictions(&before, &after), [Wrong::new("session.idle_hours", Rule::Contradiction, complaint)]);
        assert_eq!(contradictions(&after, &after), []);
        assert_eq!(contradictions(&before, &manage::merged(&before, &json!({"session": {"max_hours": null}}))), []);
    }

    #[test]
    fn what_is_kept_for_others_is_bounded_in_all() {
        let after = json!({"kept": {"a": "x".repeat(fields::KEPT_MAX)}});
        assert_eq!(contradictions(&json!({}), &after).len(), 1);
    }
}
