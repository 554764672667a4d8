//! What can be said about a service, and what is it where nothing is said?

use entity::id::{ServiceId, TenantId, UserId};
use entity::service::{Access, Model, TokenFormat};
use serde_json::{Value, json};

use super::{Scope, check};
use crate::clock::Seconds;
use crate::oidc::service::form;
use crate::portal::{Error, Rule, Wrong};

/// What to change; `None` stays as it is, or has its default at creation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    /// Unique in the tenant; stands in paths. There is no default.
    pub name: Option<String>,
    /// For people; `Some(None)`: none. Default: none.
    pub description: Option<Option<String>>,
    /// What stands in `aud`: an absolute URI without a fragment (RFC 8707 §2), or a plain name; unique in the tenant.
    /// Default: the name if it can be one and is free, or else `urn:uuid:` and the identity.
    pub audience: Option<String>,
    /// Tokens are issued for it. Default: yes.
    pub enabled: Option<bool>,
    /// Who gets tokens for it. Default: applications with a contract.
    pub access: Option<Access>,
    /// Shown in the catalog. Default: yes.
    pub published: Option<bool>,
    /// The publisher who looks after it; `Some(None)`: the admins alone. Default: the publisher who makes it. Only an
    /// admin gives a service to somebody else.
    pub owner_id: Option<Option<UserId>>,
    /// Where it runs, for those who manage gateways: an object of at most 16 KiB. Default: none.
    pub upstream: Option<Option<Value>>,
    /// Words to find it by; `Some(None)`: none were given. Default: none.
    pub tags: Option<Option<Vec<String>>>,
    /// The scopes it knows. A policy that lists scopes follows. Default: none.
    pub scopes: Option<Vec<Scope>>,
    /// What its access tokens look like. Default: signed.
    pub token_format: Option<TokenFormat>,
    /// Seconds its access tokens live, 0 for ever; `Some(None)`: as configured. Only an admin lets them live for ever.
    pub access_token_seconds: Option<Option<Seconds>>,
}

/// Seconds a token may be said to live, at most (portal.md K49).
pub const SECONDS_MAX: Seconds = 100_000_000;

/// A service of which nothing is said yet.
pub(super) fn blank(id: ServiceId, tenant_id: TenantId, owner_id: Option<UserId>, now: Seconds) -> Model {
    Model {
        id,
        tenant_id,
        name: String::new(),
        description: None,
        audience: String::new(),
        enabled: true,
        access: Access::Contract,
        published: true,
        owner_id,
        upstream: None,
        tags: None,
        scopes: json!([]),
        token_format: TokenFormat::Jwt,
        access_token_seconds: None,
        version: 0,
        created_at: now,
        updated_at: now,
    }
}

/// The service as a replacement finds it: what was said of it is forgotten, what it is known by stays.
pub(super) fn cleared(row: Model) -> Model {
    let blank = blank(row.id, row.tenant_id, row.owner_id, row.created_at);
    Model {
        audience: row.audience,
        scopes: row.scopes,
        token_format: row.token_format,
        version: row.version,
        updated_at: row.updated_at,
        ..blank
    }
}

/// The service after a change; nothing is judged.
pub(super) fn apply(row: Model, change: Change) -> Result<Model, Error> {
    let scopes = change.scopes.map(serde_json::to_value).transpose().map_err(Error::internal)?;
    Ok(Model {
        name: change.name.unwrap_or(row.name),
        description: change.description.unwrap_or(row.description),
        audience: change.audience.unwrap_or(row.audience),
        enabled: change.enabled.unwrap_or(row.enabled),
        access: change.access.unwrap_or(row.access),
        published: change.published.unwrap_or(row.published),
        owner_id: change.owner_id.unwrap_or(row.owner_id),
        upstream: change.upstream.unwrap_or(row.upstream).filter(|upstream| !upstream.is_null()),
        tags: change.tags.map_or(row.tags, |tags| tags.map(Value::from)),
        scopes: scopes.unwrap_or(row.scopes),
        token_format: change.token_format.unwrap_or(row.token_format),
        access_token_seconds: change.access_token_seconds.unwrap_or(row.access_token_seconds),
        ..row
    })
}

/// What is wrong with a service that was `before` and is to be `after`: what did not change is not judged again.
pub(super) fn complaints(own_audiences: &[String], before: &Model, after: &Model) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if after.name.is_empty() {
        wrong.push(Wrong::new("name", Rule::Required, "is required"));
    } else if after.name != before.name {
        let complaint = form::name_complaint(&after.name);
        wrong.extend(complaint.map(|complaint| Wrong::new("name", Rule::Form, complaint)));
    }
    if after.description != before.description {
        wrong.extend(after.description.as_deref().and_then(|text| check::paragraph("description", text)));
    }
    if after.audience != before.audience {
        wrong.extend(audience_complaint(own_audiences, &after.audience));
    }
    if after.upstream != before.upstream {
        wrong.extend(after.upstream.as_ref().and_then(|upstream| check::kept("upstream", upstream)));
    }
    if after.tags != before.tags {
        wrong.extend(check::tags("tags", &super::find::tags(after.tags.as_ref())));
    }
    if after.scopes != before.scopes {
        let scopes: Vec<Scope> = serde_json::from_value(after.scopes.clone()).unwrap_or_default();
        let complaints = form::scope_complaints(&scopes).into_iter();
        wrong.extend(complaints.map(|complaint| Wrong::new("scopes", Rule::Form, complaint)));
    }
    if after.access_token_seconds != before.access_token_seconds {
        let seconds = after.access_token_seconds;
        wrong.extend(seconds.and_then(|seconds| check::range("access_token_seconds", seconds, 0, SECONDS_MAX)));
    }
    wrong
}

fn audience_complaint(own: &[String], audience: &str) -> Option<Wrong> {
    if let Some(complaint) = form::audience_complaint(audience) {
        return Some(Wrong::new("audience", Rule::Form, complaint));
    }
    let is_ours = own.iter().any(|own| form::same_audience(own, audience));
    is_ours.then(|| Wrong::new("audience", Rule::Contradiction, "must not be this server itself"))
}

/// The service in the audit log.
pub(super) fn told(row: &Model) -> Value {
    json!({
        "name": row.name,
        "description": row.description,
        "audience": row.audience,
        "enabled": row.enabled,
        "access": row.access,
        "published": row.published,
        "owner_id": row.owner_id,
        // A gateway's own credentials may stand in it.
        "upstream": row.upstream.as_ref().map(|upstream| crate::secret::hash(upstream.to_string().as_bytes()).as_str().to_owned()),
        "tags": row.tags,
        "scopes": row.scopes,
        "token_format": row.token_format,
        "access_token_seconds": row.access_token_seconds,
        "version": row.version,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use uuid::Uuid;

    fn service(change: Change) -> Model {
        apply(blank(ServiceId(Uuid::from_u128(1)), TenantId(Uuid::from_u128(2)), None, 7), change).unwrap()
    }

    fn wrong(change: Change) -> Vec<(String, Rule)> {
        let own = ["https://id.example".to_owned(), "https://id.example/api/v2/".to_owned()];
        let before =
            service(Change { name: Some("before".into()), audience: Some("before".into()), ..Change::default() });
        let after = apply(before.clone(), change).unwrap();
        complaints(&own, &before, &after).into_iter().map(|wrong| (wrong.field, wrong.rule)).collect()
    }

    #[test]
    fn nothing_but_a_name_need_be_said() {
        let row = service(Change { name: Some("orders".into()), audience: Some("orders".into()), ..Change::default() });
        assert_eq!((row.access, row.enabled, row.published), (Access::Contract, true, true));
        let blank = service(Change::default());
        let required = Wrong::new("name", Rule::Required, "is required");
        assert_eq!(complaints(&[], &blank, &blank), [required]);
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let change = Change {
            name: Some("a/b".into()),
            description: Some(Some("\u{1}".into())),
            audience: Some("https://id.example/api/v2".into()),
            upstream: Some(Some(json!(["not an object"]))),
            tags: Some(Some(vec!["a,b".into()])),
            scopes: Some(vec![Scope { value: "two words".into(), description: String::new() }]),
            access_token_seconds: Some(Some(-1)),
            ..Change::default()
        };
        let expected = [
            ("name", Rule::Form),
            ("description", Rule::Form),
            ("audience", Rule::Contradiction),
            ("upstream", Rule::Form),
            ("tags", Rule::Form),
            ("scopes", Rule::Form),
            ("access_token_seconds", Rule::Range { least: 0, most: SECONDS_MAX }),
        ];
        assert_eq!(wrong(change), expected.map(|(field, rule)| (field.to_owned(), rule)));
    }

    #[test]
    fn what_did_not_change_is_not_judged_again() {
        let old = Model { name: "made/before".into(), ..service(Change::default()) };
        let after = apply(old.clone(), Change { published: Some(false), ..Change::default() }).unwrap();
        assert_eq!(complaints(&[], &old, &after), []);
    }

    #[test]
    fn a_replacement_forgets_what_was_said_but_not_what_it_is_known_by() {
        let scopes = vec![Scope { value: "read".into(), description: "Read".into() }];
        let old = service(Change {
            name: Some("orders".into()),
            audience: Some("https://api.example".into()),
            scopes: Some(scopes),
            description: Some(Some("Old".into())),
            published: Some(false),
            token_format: Some(TokenFormat::Opaque),
            ..Change::default()
        });
        let new = apply(cleared(old.clone()), Change { name: Some("orders".into()), ..Change::default() }).unwrap();
        assert_eq!(new, Model { description: None, published: true, ..old });
    }
}
