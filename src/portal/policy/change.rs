//! What can be said about a policy, what is it where nothing is said, and what is wrong with it? (portal.md K9–K22)

use entity::id::{PolicyId, ServiceId, TenantId};
use entity::policy::Model;
use serde_json::{Value, json};

use super::{LIFETIME_MAX, scopes};
use crate::clock::Seconds;
use crate::oidc::tenant::PolicySettings;
use crate::portal::service::check;
use crate::portal::service::find::{key, tags};
use crate::portal::{Rule, Wrong};
use crate::secret::Secret;

/// What to change; `None` stays as it is, or has its default at creation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    /// Name of the service in the portal, unique in the tenant whatever its letters' case (K12). There is no default.
    pub display_name: Option<String>,
    /// Shown with it; `Some(None)`: none (K11). Default: none.
    pub description: Option<Option<String>>,
    /// New contracts skip the queue; those that wait go on waiting (K10). Default: no. Only an admin switches it on.
    pub auto_approve: Option<bool>,
    /// RFC 6749 §4.1 (K13). Default: no.
    pub enable_authorization_code: Option<bool>,
    /// RFC 6749 §4.4 (K13). Default: no.
    pub enable_client_credentials: Option<bool>,
    /// RFC 6749 §4.2 (K13). Default: no. Only an admin switches it on.
    pub enable_implicit_grant: Option<bool>,
    /// RFC 6749 §4.3 (K13). Default: no. Only an admin switches it on.
    pub enable_password_grant: Option<bool>,
    /// A token has at least one scope of the service (K15, K20). Default: no.
    pub mandatory_scope: Option<bool>,
    /// Elements of one or several scopes each, separated by spaces; `Some(None)`: none (K20, K21). Default: none.
    pub scopes: Option<Option<Vec<String>>>,
    /// The header that carries the access token (K9). Default: `authorization`.
    pub auth_header_name: Option<String>,
    /// Seconds an access token lives; 0: for ever, which only an admin says (K18). Default: 7200.
    pub token_expiration: Option<Seconds>,
    /// Seconds a refresh token lives; 0: for ever, which only an admin says (K17). Default: 1209600.
    pub refresh_token_ttl: Option<Seconds>,
    /// 6 to 255 visible characters that nobody guesses, unique in the tenant (K16). Default: 32
    /// random letters and digits. Only an admin gives one.
    pub provision_key: Option<Secret>,
    /// A request must say what it is for. Default: no.
    pub comment_required: Option<bool>,
    /// Kept for those who send it (D-2); `Some(None)`: nobody did. Default: nobody did.
    pub show_issuer: Option<Option<bool>>,
    /// New contracts may be requested (N22). Default: yes.
    pub enabled: Option<bool>,
    /// Words to find it by; `Some(None)`: none were given. Default: none.
    pub tags: Option<Option<Vec<String>>>,
    /// What other products' scripts store and read back: an object of at most 16 KiB. Default: none.
    pub kept: Option<Option<Value>>,
}

/// A policy of which nothing is said yet.
pub(super) fn blank(id: PolicyId, tenant_id: TenantId, service_id: ServiceId, now: Seconds) -> Model {
    Model {
        id,
        tenant_id,
        service_id,
        display_name: String::new(),
        display_name_key: String::new(),
        description: None,
        auto_approve: false,
        enable_authorization_code: false,
        enable_client_credentials: false,
        enable_implicit_grant: false,
        enable_password_grant: false,
        mandatory_scope: false,
        scope_elements: None,
        auth_header_name: "authorization".to_owned(),
        token_expiration: 7200,
        refresh_token_ttl: 1_209_600,
        provision_key_hash: String::new(),
        provision_key_sealed: String::new(),
        comment_required: false,
        show_issuer: None,
        enabled: true,
        tags: None,
        kept: None,
        version: 0,
        created_at: now,
        updated_at: now,
    }
}

/// The policy as a replacement finds it: the provision key stays until another is given, and so does what others keep.
pub(super) fn cleared(row: Model) -> Model {
    Model {
        provision_key_hash: row.provision_key_hash,
        provision_key_sealed: row.provision_key_sealed,
        kept: row.kept,
        version: row.version,
        updated_at: row.updated_at,
        ..blank(row.id, row.tenant_id, row.service_id, row.created_at)
    }
}

/// The policy after a change, but for its provision key; nothing is judged.
pub(super) fn apply(row: Model, change: &Change) -> Model {
    let change = change.clone();
    let display_name = change.display_name.unwrap_or(row.display_name);
    Model {
        display_name_key: key(&display_name),
        display_name,
        description: change.description.unwrap_or(row.description),
        auto_approve: change.auto_approve.unwrap_or(row.auto_approve),
        enable_authorization_code: change.enable_authorization_code.unwrap_or(row.enable_authorization_code),
        enable_client_credentials: change.enable_client_credentials.unwrap_or(row.enable_client_credentials),
        enable_implicit_grant: change.enable_implicit_grant.unwrap_or(row.enable_implicit_grant),
        enable_password_grant: change.enable_password_grant.unwrap_or(row.enable_password_grant),
        mandatory_scope: change.mandatory_scope.unwrap_or(row.mandatory_scope),
        scope_elements: change
            .scopes
            .map_or(row.scope_elements, |scopes| scopes.filter(|scopes| !scopes.is_empty()).map(Value::from)),
        auth_header_name: change.auth_header_name.map_or(row.auth_header_name, |name| name.to_ascii_lowercase()),
        token_expiration: change.token_expiration.unwrap_or(row.token_expiration),
        refresh_token_ttl: change.refresh_token_ttl.unwrap_or(row.refresh_token_ttl),
        comment_required: change.comment_required.unwrap_or(row.comment_required),
        show_issuer: change.show_issuer.unwrap_or(row.show_issuer),
        enabled: change.enabled.unwrap_or(row.enabled),
        tags: change.tags.map_or(row.tags, |tags| tags.map(Value::from)),
        kept: change.kept.unwrap_or(row.kept),
        ..row
    }
}

/// What is wrong with a policy that was `before` and is to be `after`; `scopes` are those of the service afterwards.
pub(super) fn complaints(
    settings: &PolicySettings,
    before: &Model,
    after: &Model,
    service_scopes: &Value,
) -> Vec<Wrong> {
    let mut wrong: Vec<Wrong> =
        display_name_complaint(&after.display_name, &after.display_name_key).into_iter().collect();
    wrong.extend(after.description.as_deref().and_then(|text| check::paragraph("description", text)));
    if !enables_a_flow(after) {
        // Said in the words of portal.md K47.
        let flows =
            "enable_authorization_code, enable_implicit_grant, enable_client_credentials, enable_password_grant";
        wrong.push(Wrong::new("", Rule::NoFlow, format!("at least one of these fields must be true: {flows}")));
    }
    let elements = scopes::elements(after.scope_elements.as_ref());
    wrong.extend(elements.as_deref().map(scopes::complaints).unwrap_or_default());
    if after.mandatory_scope && elements.is_none() && scopes::values(service_scopes).is_empty() {
        wrong.push(Wrong::new("scopes", Rule::Required, "is required, because mandatory_scope is on"));
    }
    wrong.extend(header_complaint(&after.auth_header_name));
    let lifetimes = [
        ("token_expiration", before.token_expiration, after.token_expiration),
        ("refresh_token_ttl", before.refresh_token_ttl, after.refresh_token_ttl),
    ];
    for (field, was, is) in lifetimes {
        wrong.extend(check::range(field, is, 0, LIFETIME_MAX));
        if is == 0 && was != 0 && !settings.endless_tokens {
            let complaint = "must not be 0: the tenant's settings let no token live for ever";
            wrong.push(Wrong::new(field, Rule::Range { least: 1, most: LIFETIME_MAX }, complaint));
        }
    }
    wrong.extend(check::tags("tags", &tags(after.tags.as_ref())));
    wrong.extend(after.kept.as_ref().and_then(|kept| check::kept("kept", kept)));
    wrong
}

/// K14.
fn enables_a_flow(policy: &Model) -> bool {
    policy.enable_authorization_code
        || policy.enable_client_credentials
        || policy.enable_implicit_grant
        || policy.enable_password_grant
}

fn display_name_complaint(name: &str, key: &str) -> Option<Wrong> {
    if name.is_empty() {
        return Some(Wrong::new("display_name", Rule::Required, "is required"));
    }
    let long = key.is_empty() || key.chars().count() > 200;
    let long = long.then(|| Wrong::new("display_name", Rule::Length, "must have 1 to 200 characters that can be seen"));
    check::line("display_name", name, 200).or(long)
}

/// A token of RFC 9110 §5.6.2.
fn header_complaint(name: &str) -> Option<Wrong> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let fits = (1..=64).contains(&name.len()) && name.bytes().all(token);
    let complaint = "must be the name of a header (RFC 9110 §5.1) of at most 64 characters";
    (!fits).then(|| Wrong::new("auth_header_name", Rule::Form, complaint))
}

/// Whether only an admin may change `before` into `after` (security.md s.K4).
pub(super) fn needs_admin(before: &Model, after: &Model) -> bool {
    let on = |was: bool, is: bool| is && !was;
    let endless = |was: Seconds, is: Seconds| is == 0 && was != 0;
    on(before.auto_approve, after.auto_approve)
        || on(before.enable_implicit_grant, after.enable_implicit_grant)
        || on(before.enable_password_grant, after.enable_password_grant)
        || endless(before.token_expiration, after.token_expiration)
        || endless(before.refresh_token_ttl, after.refresh_token_ttl)
}

/// The policy in the audit log: whether its provision key is another one, but nothing of the key.
pub(super) fn told(row: &Model) -> Value {
    json!({
        "service_id": row.service_id,
        "display_name": row.display_name,
        "description": row.description,
        "auto_approve": row.auto_approve,
        "enable_authorization_code": row.enable_authorization_code,
        "enable_client_credentials": row.enable_client_credentials,
        "enable_implicit_grant": row.enable_implicit_grant,
        "enable_password_grant": row.enable_password_grant,
        "mandatory_scope": row.mandatory_scope,
        "scopes": row.scope_elements,
        "auth_header_name": row.auth_header_name,
        "token_expiration": row.token_expiration,
        "refresh_token_ttl": row.refresh_token_ttl,
        "comment_required": row.comment_required,
        "show_issuer": row.show_issuer,
        "enabled": row.enabled,
        "tags": row.tags,
        "version": row.version,
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn policy(change: Change) -> Model {
        let id = Uuid::from_u128(1);
        apply(blank(PolicyId(id), TenantId(id), ServiceId(id), 7), &change)
    }

    fn fine() -> Change {
        Change { display_name: Some("Orders".into()), enable_client_credentials: Some(true), ..Change::default() }
    }

    fn wrong(change: &Change) -> Vec<(String, Rule)> {
        let blank = policy(Change::default());
        let after = apply(blank.clone(), change);
        let wrong = complaints(&PolicySettings::default(), &blank, &after, &json!([]));
        wrong.into_iter().map(|wrong| (wrong.field, wrong.rule)).collect()
    }

    #[test]
    fn a_policy_says_what_the_specification_says_where_nothing_is_said() {
        // K9–K20
        let row = policy(fine());
        assert_eq!(complaints(&PolicySettings::default(), &policy(Change::default()), &row, &json!([])), []);
        let told = told(&row);
        let expected = json!({
            "service_id": row.service_id, "display_name": "Orders", "description": null, "auto_approve": false,
            "enable_authorization_code": false, "enable_client_credentials": true, "enable_implicit_grant": false,
            "enable_password_grant": false, "mandatory_scope": false, "scopes": null,
            "auth_header_name": "authorization", "token_expiration": 7200, "refresh_token_ttl": 1_209_600,
            "comment_required": false, "show_issuer": null, "enabled": true, "tags": null, "version": 0,
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        // K12, K14, K20, K49
        let range = Rule::Range { least: 0, most: LIFETIME_MAX };
        let change = Change {
            mandatory_scope: Some(true),
            auth_header_name: Some("no header".into()),
            token_expiration: Some(-1),
            refresh_token_ttl: Some(LIFETIME_MAX + 1),
            tags: Some(Some(vec![String::new()])),
            ..Change::default()
        };
        let expected = [
            ("display_name", Rule::Required),
            ("", Rule::NoFlow),
            ("scopes", Rule::Required),
            ("auth_header_name", Rule::Form),
            ("token_expiration", range.clone()),
            ("refresh_token_ttl", range),
            ("tags", Rule::Form),
        ];
        assert_eq!(wrong(&change), expected.map(|(field, rule)| (field.to_owned(), rule)));
    }

    #[test]
    fn the_last_flow_cannot_be_switched_off() {
        // K14
        let before = policy(fine());
        let off = Change { enable_client_credentials: Some(false), ..Change::default() };
        let wrong = complaints(&PolicySettings::default(), &before, &apply(before.clone(), &off), &json!([]));
        let complaint = "at least one of these fields must be true: enable_authorization_code, enable_implicit_grant, \
                         enable_client_credentials, enable_password_grant";
        assert_eq!(wrong, [Wrong::new("", Rule::NoFlow, complaint)]);
        let other = Change { enable_authorization_code: Some(true), ..off };
        assert_eq!(complaints(&PolicySettings::default(), &before, &apply(before.clone(), &other), &json!([])), []);
    }

    #[test]
    fn a_scope_can_be_demanded_where_there_is_one() {
        // K15, K20
        let demanded = Change { mandatory_scope: Some(true), ..fine() };
        assert_eq!(wrong(&demanded), [("scopes".to_owned(), Rule::Required)]);
        assert_eq!(wrong(&Change { scopes: Some(Some(vec![])), ..demanded.clone() }).len(), 1);
        assert_eq!(wrong(&Change { scopes: Some(Some(vec!["<read> <write>".into()])), ..demanded.clone() }), []);
        let after = policy(demanded);
        let scopes = json!([{"value": "read", "description": ""}]);
        assert_eq!(complaints(&PolicySettings::default(), &policy(Change::default()), &after, &scopes), []);
    }

    #[test]
    fn a_header_is_kept_in_lower_case() {
        // K9
        let with = |name: &str| Change { auth_header_name: Some(name.into()), ..fine() };
        assert_eq!(policy(with("X-Token")).auth_header_name, "x-token");
        for refused in ["", "two words", "a:b", "ä", &"x".repeat(65)] {
            assert_eq!(wrong(&with(refused)), [("auth_header_name".to_owned(), Rule::Form)], "{refused:?}");
        }
    }

    #[test]
    fn a_tenant_may_forbid_tokens_that_live_for_ever() {
        // s.K4
        let settings = PolicySettings { endless_tokens: false };
        let (before, endless) = (policy(fine()), Change { token_expiration: Some(0), ..Change::default() });
        let after = apply(before.clone(), &endless);
        let range = Rule::Range { least: 1, most: LIFETIME_MAX };
        let wrong: Vec<_> = complaints(&settings, &before, &after, &json!([])).into_iter().map(|it| it.rule).collect();
        assert_eq!(wrong, [range]);
        assert_eq!(complaints(&settings, &after, &after, &json!([])), []);
    }

    #[test]
    fn only_an_admin_opens_a_policy_wide() {
        // s.K4
        let before = policy(fine());
        let changes = [
            Change { auto_approve: Some(true), ..Change::default() },
            Change { enable_implicit_grant: Some(true), ..Change::default() },
            Change { enable_password_grant: Some(true), ..Change::default() },
            Change { token_expiration: Some(0), ..Change::default() },
            Change { refresh_token_ttl: Some(0), ..Change::default() },
        ];
        for change in changes {
            let open = apply(before.clone(), &change);
            assert!(needs_admin(&before, &open), "{change:?}");
            // What an admin opened, others may leave open, and close.
            assert!(!needs_admin(&open, &open) && !needs_admin(&open, &before), "{change:?}");
        }
        assert!(!needs_admin(&before, &apply(before.clone(), &Change { description: Some(None), ..fine() })));
    }
}
