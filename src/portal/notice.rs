//! Whom do mails tell what? Rows of the outbox, written in the transaction of the change they tell of (portal.md K74, N15).
//!
//! What a mail says is JSON with names and absolute addresses of pages. A link that proves something is a secret: it is
//! sealed in the row, and [`said`] opens it for whoever sends the mail.

use entity::delivery::{self, Channel};
use entity::event;
use entity::id::DeliveryId;
use serde_json::{Value, json};

use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::secret::{self, Purpose, Secret};

/// Where people find things, below the issuer. What follows is an identity.
pub mod page {
    /// What developers may register for.
    pub const CATALOG: &str = "/portal";
    /// One of somebody's own applications.
    pub const APPLICATION: &str = "/portal/applications/";
    /// Any application, for those who decide; its requests.
    pub const ADMIN_APPLICATION: &str = "/admin/applications/";
    /// Developers, for those who decide.
    pub const ADMIN_DEVELOPERS: &str = "/admin/developers";
    /// Where an address is proven.
    pub const VERIFY_EMAIL: &str = "/portal/verify-email";
    /// Where an invitation is accepted.
    pub const INVITATION: &str = "/portal/invitation";
    /// Where a new password is chosen.
    pub const PASSWORD_RESET: &str = "/portal/new-password";
}

/// The member of a row's data that holds a sealed link.
const SEALED: &str = "link_sealed";
/// The member it becomes.
const LINK: &str = "link";

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// To those who decide: an application asks for a service.
    ContractRequested,
    /// To the developer: it is under review.
    ContractPending,
    /// To the developer.
    ContractApproved,
    /// To the developer.
    ContractRejected,
    /// To the developer.
    ContractRevoked,
    /// To the developer.
    ContractPaused,
    /// To the developer.
    ContractResumed,
    /// To those who decide: somebody wants to be a developer.
    DeveloperRequested,
    /// To the developer.
    DeveloperApproved,
    /// To the developer.
    DeveloperRejected,
    /// To the developer.
    DeveloperRevoked,
    /// To prove an address; holds a link.
    VerifyEmail,
    /// To somebody who is to become a developer; holds a link.
    Invitation,
    /// To somebody who forgot their password; holds a link.
    PasswordReset,
    /// To somebody who has an account and signed up again.
    AccountExists,
}

impl Notice {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::ContractRequested,
        Self::ContractPending,
        Self::ContractApproved,
        Self::ContractRejected,
        Self::ContractRevoked,
        Self::ContractPaused,
        Self::ContractResumed,
        Self::DeveloperRequested,
        Self::DeveloperApproved,
        Self::DeveloperRejected,
        Self::DeveloperRevoked,
        Self::VerifyEmail,
        Self::Invitation,
        Self::PasswordReset,
        Self::AccountExists,
    ];

    /// As it stands in the row.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ContractRequested => "contract_requested",
            Self::ContractPending => "contract_pending",
            Self::ContractApproved => "contract_approved",
            Self::ContractRejected => "contract_rejected",
            Self::ContractRevoked => "contract_revoked",
            Self::ContractPaused => "contract_paused",
            Self::ContractResumed => "contract_resumed",
            Self::DeveloperRequested => "developer_requested",
            Self::DeveloperApproved => "developer_approved",
            Self::DeveloperRejected => "developer_rejected",
            Self::DeveloperRevoked => "developer_revoked",
            Self::VerifyEmail => "verify_email",
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
            Self::AccountExists => "account_exists",
        }
    }

    /// The notice that is written so.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.as_str() == word)
    }

    /// Whether the tenant wants it sent. What somebody asked for themselves is always sent.
    pub fn is_wanted(self, tenant: &Tenant) -> bool {
        let mail = &tenant.settings.mail;
        match self {
            Self::ContractRequested | Self::DeveloperRequested => mail.on_request,
            Self::VerifyEmail | Self::Invitation | Self::PasswordReset | Self::AccountExists => true,
            _ => mail.on_status,
        }
    }
}

/// Rows for one mail to each of `recipients`, due now; none where the tenant does not want this notice. An address that
/// occurs twice gets one mail. `data` holds names and addresses of pages, never a secret: see [`with_link`].
pub fn mails(
    app: &App,
    tenant: &Tenant,
    event: &event::Model,
    notice: Notice,
    recipients: &[String],
    data: Value,
) -> Vec<delivery::Model> {
    if !notice.is_wanted(tenant) {
        return Vec::new();
    }
    let now = app.clock.now();
    let mut told: Vec<&str> = Vec::new();
    for recipient in recipients {
        if !told.contains(&recipient.as_str()) {
            told.push(recipient);
        }
    }
    let mut data = data;
    if let Some(members) = data.as_object_mut() {
        members.insert("tenant".to_owned(), json!({"name": tenant.name, "url": tenant.url(page::CATALOG)}));
    }
    let row = |recipient: &str| delivery::Model {
        id: DeliveryId(secret::new_id()),
        tenant_id: tenant.id,
        event_id: event.id,
        channel: Channel::Mail,
        webhook_id: None,
        recipient: Some(recipient.to_owned()),
        kind: notice.as_str().to_owned(),
        data: data.clone(),
        attempts: 0,
        next_try_at: Some(now),
        done_at: None,
        failed_at: None,
        last_error: None,
        created_at: now,
    };
    told.into_iter().map(row).collect()
}

/// The same data and a link that proves something, sealed.
pub fn with_link(app: &App, tenant: &Tenant, mut data: Value, link: &Secret) -> Value {
    let sealed = app.sealer.seal_text(Purpose::MailLink, &context(tenant), link.expose().as_bytes());
    if let Some(members) = data.as_object_mut() {
        members.insert(SEALED.to_owned(), sealed.into());
    }
    data
}

/// What a mail says, for the one who sends it: as the row has it, its sealed link opened as `link`. The answer holds a
/// secret then and is not to be logged.
pub fn said(app: &App, tenant: &Tenant, row: &delivery::Model) -> Value {
    let mut data = row.data.clone();
    let Some(members) = data.as_object_mut() else { return data };
    let Some(sealed) = members.remove(SEALED) else { return data };
    let opened = app.sealer.open_text(Purpose::MailLink, &context(tenant), sealed.as_str().unwrap_or_default());
    if let Some(link) = opened.ok().and_then(|plain| String::from_utf8(plain.to_vec()).ok()) {
        members.insert(LINK.to_owned(), link.into());
    }
    data
}

/// What a link in the outbox is bound to: nobody can put it where a link itself is expected.
fn context(tenant: &Tenant) -> Vec<u8> {
    [b"outbox/", tenant.id.0.as_bytes().as_slice()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_read_back_as_it_is_written() {
        for notice in Notice::ALL {
            assert_eq!(Notice::parse(notice.as_str()), Some(notice));
        }
        assert_eq!(Notice::parse("contract_forgotten"), None);
    }
}
