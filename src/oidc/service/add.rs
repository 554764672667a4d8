//! How does a service come to be? Added by an admin.

use entity::id::ServiceId;
use entity::service::{self, Access, TokenFormat};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::json;

use super::{Scope, Service, canonical, load};
use crate::app::App;
use crate::db::{Rows, is_duplicate};
use crate::oidc::event::{Kind, event};
use crate::oidc::scope::{OidcScope, REGISTRATION_SCOPES};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error, endpoint};
use crate::secret;

/// A service to add.
#[derive(Clone, Debug)]
pub struct New {
    /// Name in lists; unique in the tenant.
    pub name: String,
    /// What stands in `aud`: an absolute URI without a fragment (RFC 8707 §2), or a plain name.
    pub audience: String,
    /// The scopes it knows.
    pub scopes: Vec<Scope>,
    /// Who gets tokens for it.
    pub access: Access,
    /// What its access tokens look like.
    pub token_format: TokenFormat,
}

/// Bytes of an audience, at most: what all databases can index.
const AUDIENCE_MAX: usize = 512;
const SCOPE_MAX: usize = 128;

/// The services of a tenant as the database has them now.
///
/// # Errors
/// When the database cannot be asked.
pub async fn list(app: &App, tenant: &Tenant) -> Result<Vec<Service>, Error> {
    load(app, tenant.id).await
}

/// Adds a service.
///
/// # Errors
/// `invalid_request` with everything that is wrong with it; `conflict` for a name or an audience that is taken.
pub async fn add(app: &App, tenant: &Tenant, actor: &str, new: New) -> Result<service::Model, Error> {
    let wrong = complaints(tenant, &new);
    if !wrong.is_empty() {
        return Err(Error::new(Code::InvalidRequest, wrong.join("; ")));
    }
    let same = |known: &Service| {
        known.row.audience == new.audience
            || canonical(&new.audience).is_some_and(|audience| canonical(&known.row.audience) == Some(audience))
    };
    let known = list(app, tenant).await?;
    if let Some(known) = known.iter().find(|known| known.row.name == new.name) {
        return Err(Error::new(Code::Conflict, format!("there is a service {:?} already", known.row.name)));
    }
    if let Some(known) = known.iter().find(|known| same(known)) {
        let complaint = format!("the service {:?} has the audience {:?} already", known.row.name, known.row.audience);
        return Err(Error::new(Code::Conflict, complaint));
    }
    let now = app.clock.now();
    let row = service::Model {
        id: ServiceId(secret::new_id()),
        tenant_id: tenant.id,
        name: new.name,
        description: None,
        audience: new.audience,
        enabled: true,
        access: new.access,
        published: true,
        owner_id: None,
        upstream: None,
        tags: None,
        scopes: serde_json::to_value(new.scopes).map_err(Error::internal)?,
        token_format: new.token_format,
        access_token_seconds: None,
        version: 0,
        created_at: now,
        updated_at: now,
    };
    store(app, tenant, actor, row.clone()).await?;
    app.services.forget(&tenant.id);
    Ok(row)
}

async fn store(app: &App, tenant: &Tenant, actor: &str, row: service::Model) -> Result<(), Error> {
    let data = json!({"change": "service_added", "audience": row.audience});
    let told = event(app, tenant.id, Kind::Administered, actor, &format!("service:{}", row.id), data);
    let stored = app
        .db
        .transaction(move |transaction| {
            let (row, told) = (row.clone().into_active_model(), told.clone());
            Box::pin(async move {
                service::Entity::insert(row).exec_without_returning(transaction).await?;
                Rows { events: vec![told], ..Rows::default() }.insert(transaction).await
            })
        })
        .await;
    stored.map_err(|error: sea_orm::DbErr| {
        if is_duplicate(&error) {
            return Error::new(Code::Conflict, "a service with this name or audience was added just now");
        }
        error.into()
    })
}

fn complaints(tenant: &Tenant, new: &New) -> Vec<String> {
    let mut wrong = Vec::new();
    if new.name.trim().is_empty() || new.name.chars().count() > 200 || new.name.chars().any(char::is_control) {
        wrong.push("the name must have 1 to 200 characters, none of them a control character".to_owned());
    }
    wrong.extend(audience_complaint(&new.audience));
    let own = [tenant.issuer.clone(), tenant.url(endpoint::USERINFO), tenant.url(endpoint::REGISTRATION)];
    if canonical(&new.audience).is_some_and(|audience| own.iter().any(|own| canonical(own).as_ref() == Some(&audience)))
    {
        wrong.push(format!("audience {:?} is this server itself", new.audience));
    }
    for (at, scope) in new.scopes.iter().enumerate() {
        let value = scope.value.as_str();
        if !is_scope_token(value) {
            let allowed = format!("printable ASCII without space, \" and \\, at most {SCOPE_MAX} (RFC 6749 §3.3)");
            wrong.push(format!("scope {value:?} is not one; allowed: {allowed}"));
        } else if OidcScope::parse(value).is_some() || REGISTRATION_SCOPES.contains(&value) {
            wrong.push(format!("scope {value} means something else already"));
        } else if new.scopes.iter().take(at).any(|before| before.value == value) {
            wrong.push(format!("scope {value} occurs twice"));
        }
    }
    wrong
}

/// An absolute URI without a fragment (RFC 8707 §2), or a name of letters, digits, `.`, `_`, `-`.
fn audience_complaint(audience: &str) -> Option<String> {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_name = !audience.is_empty() && audience.bytes().all(letter);
    let is_uri = canonical(audience).is_some() && audience.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    let fits = audience.len() <= AUDIENCE_MAX;
    (!fits || !(is_name || is_uri)).then(|| {
        format!(
            "audience {audience:?} is neither an absolute URI without a fragment (RFC 8707 §2) nor a name of letters, \
             digits, dots, underscores and hyphens; at most {AUDIENCE_MAX} bytes"
        )
    })
}

/// Whether `text` is a scope token (RFC 6749 §3.3).
fn is_scope_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    (1..=SCOPE_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_is_a_uri_or_a_name() {
        for fine in ["https://api.example/orders", "urn:example:orders", "orders", "orders-v2.eu"] {
            assert_eq!(audience_complaint(fine), None, "{fine}");
        }
        for refused in ["", "two words", "/orders", "https://api.example/#x", "https://a b/", "a\u{e4}", "a\"b"] {
            assert!(audience_complaint(refused).is_some(), "{refused}");
        }
        assert!(audience_complaint(&format!("https://api.example/{}", "x".repeat(512))).is_some());
    }

    #[test]
    fn a_scope_is_a_token_of_rfc_6749() {
        assert!(is_scope_token("orders:read") && is_scope_token("https://api.example/read"));
        assert!(!is_scope_token("") && !is_scope_token("two words") && !is_scope_token("a\"b") && !is_scope_token("ä"));
    }
}
