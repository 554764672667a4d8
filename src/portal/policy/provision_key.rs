//! What does whoever vouches for people present? The provision key of a policy (portal.md K16, K61).
//!
//! It lets its owner get tokens for anybody (security.md s.K5): only admins see it, and it is kept as a hash, and sealed.

use entity::id::PolicyId;
use entity::policy::{self, Model};
use entity::user::Role;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::{Change, Policy, store};
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::service::write::Failure;
use crate::portal::{Action, Actor, Error, Rule, Wrong};
use crate::secret::{Purpose, Secret};

/// Letters and digits of a key that is made here.
const LENGTH: usize = 32;

/// The provision key, for admins who may also change it (security.md s.B15).
///
/// # Errors
/// `NotAllowed`; our own fault, when it was sealed with another key.
pub fn provision_key(app: &App, actor: &Actor, policy: &Model) -> Result<Secret, Error> {
    actor.may(Action::WritePolicies)?;
    if actor.role() != Role::Admin {
        return Err(Error::NotAllowed(Action::WritePolicies));
    }
    let sealed = &policy.provision_key_sealed;
    let opened =
        app.sealer.open_text(Purpose::ProvisionKey, policy.id.0.as_bytes(), sealed).map_err(Error::internal)?;
    let key = std::str::from_utf8(&opened).map_err(Error::internal)?;
    Ok(Secret::new(key))
}

/// Gives the policy a new provision key; the old one is void at once. Only an admin may.
///
/// # Errors
/// As [`super::change()`].
pub async fn rotate_provision_key(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    id: PolicyId,
    expected: Option<i64>,
) -> Result<(Policy, Secret), Error> {
    if actor.role() != Role::Admin {
        return Err(Error::NotAllowed(Action::WritePolicies));
    }
    let key = Secret::alphanumeric(LENGTH);
    let change = Change { provision_key: Some(key.clone()), ..Change::default() };
    let policy = store::rotate(app, tenant, actor, id, expected, change).await?;
    Ok((policy, key))
}

/// A key as it stands in the row.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    hash: String,
    sealed: String,
}

impl Kept {
    /// The given key, or a fresh one.
    pub(super) fn new(app: &App, id: PolicyId, given: Option<&Secret>) -> Self {
        let key = given.cloned().unwrap_or_else(|| Secret::alphanumeric(LENGTH));
        let sealed = app.sealer.seal_text(Purpose::ProvisionKey, id.0.as_bytes(), key.expose().as_bytes());
        Self { hash: key.hash().into(), sealed }
    }

    /// The policy with this key.
    pub(super) fn put_into(self, row: Model) -> Model {
        Model { provision_key_hash: self.hash, provision_key_sealed: self.sealed, ..row }
    }

    /// Whether no other policy of the tenant has it; asked while the tenant is locked.
    pub(super) async fn is_free(&self, transaction: &DatabaseTransaction, row: &Model) -> Result<(), Failure> {
        let others = policy::Entity::find()
            .filter(policy::Column::TenantId.eq(row.tenant_id))
            .filter(policy::Column::ProvisionKeyHash.eq(self.hash.as_str()))
            .filter(policy::Column::Id.ne(row.id));
        match others.one(transaction).await? {
            // The value is a secret: it is not repeated.
            Some(_) => Err(Error::Taken { field: "provision_key", value: "…".to_owned() }.into()),
            None => Ok(()),
        }
    }
}

/// What is wrong with a key that was given.
pub(super) fn complaint(given: Option<&Secret>) -> Option<Wrong> {
    let key = given?.expose();
    // A value that is given is kept (portal.md K16): scripts have short ones. Guessing is limited where it is presented.
    let fits = (6..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    (!fits).then(|| Wrong::new("provision_key", Rule::Form, "must have 6 to 255 visible characters of ASCII"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_given_is_visible_and_not_too_short() {
        // K16
        assert_eq!(complaint(None), None);
        assert_eq!(complaint(Some(&Secret::new("D7gc8R1vGD5lkod2wUrSRdpBPpte73kF"))), None);
        for refused in ["", "short", "with space 1234567", "äääääääääääääääää", &"x".repeat(256)] {
            let rule = complaint(Some(&Secret::new(refused))).map(|wrong| wrong.rule);
            assert_eq!(rule, Some(Rule::Form), "{refused:?}");
        }
    }
}
