//! What does a plugin mean to the rules, and how do they mean it back? (portal.md K16, K24, K52)

use super::{Kept, Plugin, PluginChange, PluginName, PolicyValues};
use crate::api::kong::schema::Extent;
use crate::portal::policy::{Change, Policy};
use crate::secret::Secret;

/// What is to be stored for a plugin that is new.
pub fn everything(change: &PluginChange) -> Change {
    let after = change.replace(None);
    let provision_key = after.provision_key.clone();
    Change {
        display_name: Some(after.display_name.clone()),
        enabled: change.enabled,
        tags: change.tags.clone().patch(),
        provision_key,
        kept: Some(kept_of_new(change)),
        ..difference(&PolicyValues::default(), after)
    }
}

fn kept_of_new(change: &PluginChange) -> Option<serde_json::Value> {
    let kept = Kept::default().after(change, Extent::Whole);
    serde_json::to_value(&kept).ok().filter(|_| kept != Kept::default())
}

/// What is to be changed so that `before` becomes `after`.
pub fn difference(before: &PolicyValues, after: PolicyValues) -> Change {
    fn changed<T: PartialEq>(before: &T, after: T) -> Option<T> {
        (*before != after).then_some(after)
    }
    Change {
        display_name: changed(&before.display_name, after.display_name),
        description: changed(&before.description, after.description),
        auto_approve: changed(&before.auto_approve, after.auto_approve),
        enable_authorization_code: changed(&before.enable_authorization_code, after.enable_authorization_code),
        enable_client_credentials: changed(&before.enable_client_credentials, after.enable_client_credentials),
        enable_implicit_grant: changed(&before.enable_implicit_grant, after.enable_implicit_grant),
        enable_password_grant: changed(&before.enable_password_grant, after.enable_password_grant),
        mandatory_scope: changed(&before.mandatory_scope, after.mandatory_scope),
        auth_header_name: changed(&before.auth_header_name, after.auth_header_name),
        provision_key: changed(&before.provision_key, after.provision_key).flatten(),
        refresh_token_ttl: changed(&before.refresh_token_ttl, after.refresh_token_ttl),
        token_expiration: changed(&before.token_expiration, after.token_expiration),
        scopes: changed(&before.scopes, after.scopes),
        show_issuer: changed(&before.show_issuer, after.show_issuer),
        ..Change::default()
    }
}

/// The policy as a `config` shows it; `provision_key` for those who may see it.
pub fn values(policy: &Policy, provision_key: Option<Secret>) -> PolicyValues {
    let row = &policy.row;
    PolicyValues {
        display_name: row.display_name.clone(),
        description: row.description.clone(),
        auto_approve: row.auto_approve,
        enable_authorization_code: row.enable_authorization_code,
        enable_client_credentials: row.enable_client_credentials,
        enable_implicit_grant: row.enable_implicit_grant,
        enable_password_grant: row.enable_password_grant,
        mandatory_scope: row.mandatory_scope,
        auth_header_name: row.auth_header_name.clone(),
        provision_key,
        refresh_token_ttl: row.refresh_token_ttl,
        token_expiration: row.token_expiration,
        scopes: policy.scopes(),
        show_issuer: row.show_issuer,
    }
}

/// The policy as a plugin of this name shows it.
pub fn plugin(policy: &Policy, name: PluginName, provision_key: Option<Secret>) -> Plugin {
    let kept = Kept::of(policy);
    let beside = kept.beside(name);
    let alias = kept.oauth2.filter(|_| name == PluginName::OAuth2);
    let (id, created_at, tags) = match alias {
        Some(alias) => (alias.id, alias.created_at, alias.tags),
        None => (policy.row.id.0, policy.row.created_at, policy.tags()),
    };
    Plugin {
        id,
        name,
        created_at,
        service: policy.service.id.0,
        enabled: policy.row.enabled,
        beside,
        tags,
        policy: values(policy, provision_key),
    }
}
