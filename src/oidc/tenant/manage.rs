//! How do tenants come to be, and how do their settings change?

use entity::id::TenantId;
use entity::signing_key::{self, KeyState};
use entity::tenant;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde_json::{Value, json};

use super::{DEFAULT_SLUG, Settings, Tenant};
use crate::app::App;
use crate::config::issuer::Http;
use crate::config::{Issuer, Profile};
use crate::db::{Rows, Told, is_duplicate};
use crate::oidc::event::{Kind, Teller, event};
use crate::oidc::keys::rotation;
use crate::oidc::{Code, Error};
use crate::secret;

/// What to change; `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// What people see.
    pub name: Option<String>,
    /// Whether applications may register without any token.
    pub open_registration: Option<bool>,
    /// Whether they may with an initial access token, or an access token with the scope `dcr` or `dcr_admin`.
    pub registration_with_token: Option<bool>,
    /// Whether clients that registered without a token manage themselves (RFC 7592).
    pub open_management: Option<bool>,
    /// The profile of new clients.
    pub profile: Option<Profile>,
    /// Whether the tenant's own applications may exchange a person's password for tokens (D-20).
    pub password_grant: Option<bool>,
}

/// Where a tenant's issuer comes from.
#[derive(Clone, Debug)]
pub enum Home {
    /// `/t/{slug}` below the default tenant's issuer.
    Path,
    /// A host of its own.
    Own(String),
}

/// Adds a tenant with its signing keys. The other replicas serve it a second later.
///
/// # Errors
/// `invalid_request` for an issuer that is none; `conflict` for a short name or an issuer that is taken.
pub async fn create(app: &App, actor: &str, slug: &str, home: &Home, change: &Change) -> Result<tenant::Model, Error> {
    check_name(change)?;
    let all = app.tenants.all();
    let default = app.tenants.by_slug(DEFAULT_SLUG);
    let default = default.ok_or_else(|| Error::internal(std::io::Error::other("there is no default tenant")))?;
    let issuer = issuer(app, &default, slug, home)?;
    if all.iter().any(|tenant| tenant.slug == slug) {
        return Err(Error::new(Code::Conflict, format!("there is a tenant {slug} already")));
    }
    if let Some(tenant) = all.iter().find(|tenant| tenant.issuer == issuer) {
        return Err(Error::new(Code::Conflict, format!("{issuer} is the issuer of the tenant {}", tenant.slug)));
    }
    let now = app.clock.now();
    let row = tenant::Model {
        id: TenantId(secret::new_id()),
        slug: slug.to_owned(),
        name: change.name.clone().unwrap_or_else(|| slug.to_owned()),
        issuer,
        settings: changed(&json!({}), change)?,
        created_at: now,
        updated_at: now,
    };
    let keys = rotation::fresh(app, row.id, &app.config.keys.algorithms, KeyState::Current).await?;
    let data = json!({"change": "tenant_added", "issuer": row.issuer, "settings": row.settings});
    let told = event(app, row.id, Kind::Administered, actor, &format!("tenant:{slug}"), data);
    store(app, row.clone(), keys, told).await?;
    app.tenants.refresh(app).await?;
    Ok(row)
}

async fn store(app: &App, row: tenant::Model, keys: Vec<signing_key::Model>, told: Told) -> Result<(), Error> {
    let stored = app
        .db
        .transaction(move |transaction| {
            let row = row.clone().into_active_model();
            let keys: Vec<_> = keys.iter().map(|key| key.clone().into_active_model()).collect();
            let events = vec![told.clone()];
            Box::pin(async move {
                tenant::Entity::insert(row).exec_without_returning(transaction).await?;
                signing_key::Entity::insert_many(keys).exec_without_returning(transaction).await?;
                Rows { events, ..Rows::default() }.insert(transaction).await
            })
        })
        .await;
    stored.map_err(|error: sea_orm::DbErr| {
        if is_duplicate(&error) {
            return Error::new(Code::Conflict, "a tenant with this short name or issuer was added just now");
        }
        error.into()
    })
}

/// Changes what its admins may change. The other replicas follow a second later.
///
/// # Errors
/// `invalid_request` for a name that cannot be shown; when the database cannot be asked.
pub async fn set(app: &App, tenant: &Tenant, actor: &str, change: &Change) -> Result<tenant::Model, Error> {
    check_name(change)?;
    let told = described(change);
    let change = change.clone();
    store_change(app, tenant, actor, told, move |before| {
        let settings = changed(&before.settings, &change)?;
        Ok((change.name.clone().unwrap_or_else(|| before.name.clone()), settings))
    })
    .await
}

/// Merges `patch` into the settings (RFC 7396: members that are `null` go back to their defaults). The other replicas
/// follow a second later.
///
/// # Errors
/// `invalid_request` when the result cannot be read as settings; when the database cannot be asked.
pub async fn merge(app: &App, tenant: &Tenant, actor: &str, patch: &Value) -> Result<tenant::Model, Error> {
    rename_and_merge(app, tenant, actor, None, patch).await
}

/// [`merge`], and gives the tenant another name at the same moment; `None`: the name stays.
///
/// # Errors
/// As [`merge`]; `invalid_request` for a name that cannot be shown.
pub async fn rename_and_merge(
    app: &App,
    tenant: &Tenant,
    actor: &str,
    name: Option<&str>,
    patch: &Value,
) -> Result<tenant::Model, Error> {
    rename_and_merge_if(app, tenant, actor, name, patch, |_| true).await
}

/// [`rename_and_merge`], if the row is still one that `fits`: asked while nobody else changes it.
///
/// # Errors
/// As [`rename_and_merge`]; `conflict` for a row that does not fit.
pub async fn rename_and_merge_if(
    app: &App,
    tenant: &Tenant,
    actor: &str,
    name: Option<&str>,
    patch: &Value,
    fits: impl Fn(&tenant::Model) -> bool + Clone + Send + Sync + 'static,
) -> Result<tenant::Model, Error> {
    check_name(&Change { name: name.map(str::to_owned), ..Change::default() })?;
    let told = json!({"change": "settings_merged", "name": name, "settings": patch});
    let (name, patch) = (name.map(str::to_owned), patch.clone());
    store_change(app, tenant, actor, told, move |before| {
        if !fits(before) {
            return Err(Error::new(Code::Conflict, "the settings were changed in the meantime: read them again"));
        }
        let settings = merged(&before.settings, &patch);
        serde_json::from_value::<Settings>(settings.clone())
            .map_err(|error| Error::new(Code::InvalidRequest, format!("the settings cannot be read: {error}")))?;
        Ok((name.clone().unwrap_or_else(|| before.name.clone()), settings))
    })
    .await
}

/// The settings after a patch (RFC 7396 §2).
pub fn merged(settings: &Value, patch: &Value) -> Value {
    let mut settings = settings.clone();
    merge_into(&mut settings, patch);
    settings
}

/// RFC 7396 §2.
fn merge_into(target: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (name, value) in members {
        if value.is_null() {
            target.as_object_mut().map(|target| target.remove(name));
        } else {
            merge_into(&mut target[name.as_str()], value);
        }
    }
}

async fn store_change<F>(
    app: &App,
    tenant: &Tenant,
    actor: &str,
    told: Value,
    change: F,
) -> Result<tenant::Model, Error>
where
    F: Fn(&tenant::Model) -> Result<(String, Value), Error> + Clone + Send + Sync + 'static,
{
    let (id, now) = (tenant.id, app.clock.now());
    let (teller, slug) = (Teller::new(app, id, actor), tenant.slug.clone());
    let row = app
        .db
        .transaction(move |transaction| {
            let (change, mut data, teller, slug) = (change.clone(), told.clone(), teller.clone(), slug.clone());
            Box::pin(async move {
                // Locked, so that of two admins none undoes what the other changed.
                let found = tenant::Entity::find().filter(tenant::Column::Id.eq(id)).lock_exclusive();
                let gone = || Error::new(Code::NotFound, "the tenant is gone");
                let before = found.one(transaction).await?.ok_or_else(gone)?;
                let (name, settings) = change(&before)?;
                data["before"] = json!({"name": before.name, "settings": before.settings});
                let told = teller.tell(Kind::Administered, &format!("tenant:{slug}"), data);
                let update = tenant::ActiveModel {
                    id: sea_orm::ActiveValue::Unchanged(id),
                    name: Set(name.clone()),
                    settings: Set(settings.clone()),
                    updated_at: Set(now),
                    ..Default::default()
                };
                tenant::Entity::update(update).exec(transaction).await?;
                Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?;
                Ok::<_, Error>(tenant::Model { name, settings, updated_at: now, ..before })
            })
        })
        .await?;
    app.tenants.refresh(app).await?;
    Ok(row)
}

fn issuer(app: &App, default: &Tenant, slug: &str, home: &Home) -> Result<String, Error> {
    let invalid = |complaint: String| Error::new(Code::InvalidRequest, format!("the issuer {complaint}"));
    // What is stored is what runs; the configuration at hand may be another process's.
    let base = Issuer::parse(&default.issuer, Http::Everywhere).map_err(invalid)?;
    let issuer = match home {
        Home::Path if slug == DEFAULT_SLUG => base,
        Home::Path => base.of_tenant(slug),
        Home::Own(text) => {
            let issuer = Issuer::parse(text, app.config.server.allow_insecure_issuer).map_err(invalid)?;
            if issuer.authority() == base.authority() {
                let complaint = format!("{text:?} is on the server's own host: leave it out, and it is {}", {
                    base.of_tenant(slug)
                });
                return Err(invalid(complaint));
            }
            issuer
        }
    };
    if issuer.as_str().len() > 512 {
        return Err(invalid("is longer than 512 bytes".to_owned()));
    }
    Ok(issuer.as_str().to_owned())
}

fn check_name(change: &Change) -> Result<(), Error> {
    let Some(name) = &change.name else { return Ok(()) };
    if name.trim().is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        let complaint = "the name must have 1 to 200 characters, none of them a control character";
        return Err(Error::new(Code::InvalidRequest, complaint));
    }
    Ok(())
}

/// The settings after a change. What another release stored beside them stays.
fn changed(settings: &Value, change: &Change) -> Result<Value, Error> {
    let mut settings = settings.clone();
    let members = [
        ("open", change.open_registration.map(Value::from)),
        ("with_token", change.registration_with_token.map(Value::from)),
        ("open_management", change.open_management.map(Value::from)),
        ("profile", change.profile.map(|profile| Value::from(profile.name()))),
    ];
    for (member, value) in members {
        if let Some(value) = value {
            settings["registration"][member] = value;
        }
    }
    if let Some(on) = change.password_grant {
        settings["grants"]["password"] = on.into();
    }
    serde_json::from_value::<Settings>(settings.clone()).map_err(Error::internal)?;
    Ok(settings)
}

fn described(change: &Change) -> Value {
    json!({
        "change": "tenant_set",
        "name": change.name,
        "open_registration": change.open_registration,
        "registration_with_token": change.registration_with_token,
        "open_management": change.open_management,
        "profile": change.profile.map(Profile::name),
        "password_grant": change.password_grant,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_change_touches_what_it_names() {
        let before = json!({"registration": {"with_token": false, "later": 1}, "later": {"x": 2}});
        let change = Change {
            open_registration: Some(true),
            profile: Some(Profile::Strict),
            password_grant: Some(true),
            ..Change::default()
        };
        let after = changed(&before, &change).unwrap();
        let registration = json!({"with_token": false, "later": 1, "open": true, "profile": "strict"});
        assert_eq!(after, json!({"registration": registration, "grants": {"password": true}, "later": {"x": 2}}));
        assert_eq!(changed(&json!({}), &Change::default()).unwrap(), json!({}));
    }

    #[test]
    fn a_patch_merges_and_null_takes_away() {
        let mut settings = json!({"registration": {"open": true, "with_token": false}, "later": {"x": 2}});
        merge_into(
            &mut settings,
            &json!({"registration": {"open": null, "profile": "strict"}, "portal": {"sign_up": false}}),
        );
        let registration = json!({"with_token": false, "profile": "strict"});
        assert_eq!(settings, json!({"registration": registration, "later": {"x": 2}, "portal": {"sign_up": false}}));
    }
}
