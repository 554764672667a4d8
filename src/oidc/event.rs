//! What happened, and who is told of it? Rows of the audit log and of the outbox, written with the change they tell of.

use std::sync::Arc;

use entity::delivery::{self, Channel};
use entity::id::{DeliveryId, EventId, TenantId};
use entity::{event, webhook};
use sea_orm::{EnumIter, Iterable as _};
use serde_json::{Value, json};

use super::tenant::Tenant;
use crate::app::App;
use crate::clock::Seconds;
use crate::db::Told;
use crate::secret;

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter)]
pub enum Kind {
    /// A client was registered.
    ClientRegistered,
    /// Its metadata was replaced or changed.
    ClientUpdated,
    /// Its secret was renewed.
    ClientSecretRenewed,
    /// It is gone.
    ClientDeleted,
    /// Nobody used it, so it is gone.
    ClientExpired,
    /// A registration access token was used on another client (R20).
    RegistrationTokenMisused,
    /// A code was presented twice.
    CodeReplayed,
    /// A refresh token was presented after its successor had been used.
    RefreshTokenReplayed,
    /// Tokens were revoked.
    TokensRevoked,
    /// Somebody signed in.
    SignedIn,
    /// Somebody failed to sign in.
    SignInFailed,
    /// Somebody signed out.
    SignedOut,
    /// Somebody let a client act for them.
    ConsentGiven,
    /// Somebody did not.
    ConsentRefused,
    /// Somebody, or an admin for them, took it back.
    ConsentRevoked,
    /// A password was set.
    PasswordSet,
    /// An initial access token was made.
    InitialAccessTokenCreated,
    /// It was revoked.
    InitialAccessTokenRevoked,
    /// Another portal told of a client it registered here.
    BridgeTold,
    /// A personal token was made.
    PersonalTokenCreated,
    /// It was revoked.
    PersonalTokenRevoked,
    /// An admin changed what the tenant, a user, a service or a client may do.
    Administered,
    /// A template was made.
    TemplateCreated,
    /// It was changed, and with it all clients that follow it.
    TemplateUpdated,
    /// It was removed.
    TemplateDeleted,
    /// A client follows a template from now on.
    ClientLinked,
    /// A client follows no template any more.
    ClientUnlinked,
    /// Signing keys moved on.
    KeysRotated,
    /// An application was made in the portal.
    ApplicationCreated,
    /// It was changed.
    ApplicationUpdated,
    /// It was put away.
    ApplicationArchived,
    /// It is back.
    ApplicationRestored,
    /// It was put away long enough, and is gone.
    ApplicationPurged,
    /// Somebody else answers for it.
    ApplicationTransferred,
    /// Somebody works on an application.
    MemberAdded,
    /// They may do more or less with it, or are told or not.
    MemberChanged,
    /// They do not work on it any more.
    MemberRemoved,
    /// A client got another secret, or one was renamed or removed.
    ClientSecretsChanged,
    /// Somebody read the value of a client's secret.
    ClientSecretRevealed,
    /// A contract was asked for, and waits.
    ContractRequested,
    /// A contract was approved.
    ContractApproved,
    /// It was rejected.
    ContractRejected,
    /// It was revoked.
    ContractRevoked,
    /// It was paused.
    ContractSuspended,
    /// It goes on.
    ContractResumed,
    /// It was ended by the developer, deleted, or closed with its application.
    ContractClosed,
    /// What it allows, or for how long, was changed.
    ContractUpdated,
    /// Somebody signed up as a developer.
    DeveloperSignedUp,
    /// Somebody signed up with an address that has an account.
    SignUpRepeated,
    /// A developer was added by an admin.
    DeveloperCreated,
    /// A developer was invited.
    DeveloperInvited,
    /// A developer was changed.
    DeveloperUpdated,
    /// Somebody proved that an e-mail address is theirs.
    EmailVerified,
    /// A developer was approved.
    DeveloperApproved,
    /// A developer was rejected.
    DeveloperRejected,
    /// An approval was taken back.
    DeveloperRevoked,
    /// A developer was removed.
    DeveloperRemoved,
    /// Somebody asked for a link to choose a new password.
    PasswordResetRequested,
}

impl Kind {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// As it stands in the row.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClientRegistered => "client_registered",
            Self::ClientUpdated => "client_updated",
            Self::ClientSecretRenewed => "client_secret_renewed",
            Self::ClientDeleted => "client_deleted",
            Self::ClientExpired => "client_expired",
            Self::RegistrationTokenMisused => "registration_token_misused",
            Self::CodeReplayed => "code_replayed",
            Self::RefreshTokenReplayed => "refresh_token_replayed",
            Self::TokensRevoked => "tokens_revoked",
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::SignedOut => "signed_out",
            Self::ConsentGiven => "consent_given",
            Self::ConsentRefused => "consent_refused",
            Self::ConsentRevoked => "consent_revoked",
            Self::PasswordSet => "password_set",
            Self::InitialAccessTokenCreated => "initial_access_token_created",
            Self::InitialAccessTokenRevoked => "initial_access_token_revoked",
            Self::BridgeTold => "bridge_told",
            Self::PersonalTokenCreated => "personal_token_created",
            Self::PersonalTokenRevoked => "personal_token_revoked",
            Self::Administered => "administered",
            Self::TemplateCreated => "template_created",
            Self::TemplateUpdated => "template_updated",
            Self::TemplateDeleted => "template_deleted",
            Self::ClientLinked => "client_linked",
            Self::ClientUnlinked => "client_unlinked",
            Self::KeysRotated => "keys_rotated",
            Self::ApplicationCreated => "application_created",
            Self::ApplicationUpdated => "application_updated",
            Self::ApplicationArchived => "application_archived",
            Self::ApplicationRestored => "application_restored",
            Self::ApplicationPurged => "application_purged",
            Self::ApplicationTransferred => "application_transferred",
            Self::MemberAdded => "member_added",
            Self::MemberChanged => "member_changed",
            Self::MemberRemoved => "member_removed",
            Self::ClientSecretsChanged => "client_secrets_changed",
            Self::ClientSecretRevealed => "client_secret_revealed",
            Self::ContractRequested => "contract_requested",
            Self::ContractApproved => "contract_approved",
            Self::ContractRejected => "contract_rejected",
            Self::ContractRevoked => "contract_revoked",
            Self::ContractSuspended => "contract_suspended",
            Self::ContractResumed => "contract_resumed",
            Self::ContractClosed => "contract_closed",
            Self::ContractUpdated => "contract_updated",
            Self::DeveloperSignedUp => "developer_signed_up",
            Self::SignUpRepeated => "sign_up_repeated",
            Self::DeveloperCreated => "developer_created",
            Self::DeveloperInvited => "developer_invited",
            Self::DeveloperUpdated => "developer_updated",
            Self::EmailVerified => "email_verified",
            Self::DeveloperApproved => "developer_approved",
            Self::DeveloperRejected => "developer_rejected",
            Self::DeveloperRevoked => "developer_revoked",
            Self::DeveloperRemoved => "developer_removed",
            Self::PasswordResetRequested => "password_reset_requested",
        }
    }
}

/// A row that says that `actor` did `kind` to `target`, and one for each webhook that waits for it; `data` never holds a
/// secret.
///
/// Webhooks are as they were at most a second ago. A tenant that has none costs one look.
pub fn event(app: &App, tenant_id: TenantId, kind: Kind, actor: &str, target: &str, data: Value) -> Told {
    Teller::new(app, tenant_id, actor).tell(kind, target, data)
}

/// Somebody who does something now: what exactly is found out inside a transaction.
#[derive(Clone, Debug)]
pub struct Teller {
    tenant_id: TenantId,
    /// The tenant, if it has webhooks.
    tenant: Option<Arc<Tenant>>,
    actor: String,
    at: Seconds,
}

impl Teller {
    /// `actor` does something at this moment.
    pub fn new(app: &App, tenant_id: TenantId, actor: &str) -> Self {
        let tenant = app.tenants.by_id(tenant_id).filter(|tenant| !tenant.webhooks.is_empty());
        Self { tenant_id, tenant, actor: actor.chars().take(128).collect(), at: app.clock.now() }
    }

    /// They did `kind` to `target`; `data` never holds a secret.
    pub fn tell(&self, kind: Kind, target: &str, data: Value) -> Told {
        let event = event::Model {
            id: EventId(secret::new_id()),
            tenant_id: self.tenant_id,
            kind: kind.as_str().to_owned(),
            actor: self.actor.clone(),
            target: target.chars().take(128).collect(),
            data,
            address: None,
            at: self.at,
        };
        let deliveries = self.tenant.as_ref().map_or_else(Vec::new, |tenant| deliveries(tenant, &event));
        Told { event, deliveries }
    }
}

fn deliveries(tenant: &Tenant, event: &event::Model) -> Vec<delivery::Model> {
    let waits = |webhook: &&webhook::Model| webhook.kinds.is_empty() || webhook.kinds.contains(&event.kind);
    let message = message(tenant, event);
    let waiting = tenant.webhooks.iter().filter(waits);
    waiting.map(|webhook| request(webhook, event.id, &event.kind, message.clone(), event.at)).collect()
}

/// What a webhook is told of an event: its row, but not where the request came from.
pub fn message(tenant: &Tenant, event: &event::Model) -> Value {
    json!({
        "id": event.id,
        "kind": event.kind,
        "at": event.at,
        "tenant": tenant.slug,
        "actor": event.actor,
        "target": event.target,
        "data": event.data,
    })
}

/// A request to a webhook, due at once.
pub fn request(webhook: &webhook::Model, about: EventId, kind: &str, message: Value, now: Seconds) -> delivery::Model {
    delivery::Model {
        id: DeliveryId(secret::new_id()),
        tenant_id: webhook.tenant_id,
        event_id: about,
        channel: Channel::Webhook,
        webhook_id: Some(webhook.id),
        recipient: None,
        kind: kind.to_owned(),
        data: message,
        attempts: 0,
        next_try_at: Some(now),
        done_at: None,
        failed_at: None,
        last_error: None,
        created_at: now,
    }
}
