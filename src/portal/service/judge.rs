//! May this actor let a service be like this, and does nothing else stand in its way?

use entity::id::TenantId;
use entity::policy;
use entity::service::{self, Access, Model};
use entity::user::{self, Role, UserState};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};

use super::change::{SECONDS_MAX, complaints};
use super::write::Failure;
use crate::oidc::service::form;
use crate::oidc::tenant::Tenant;
use crate::portal::{Action, Actor, Conflict, Error, Rule, Wrong};

/// Whether this actor looks after the service: publishers after their own, admins after all.
///
/// # Errors
/// `NotAllowed`.
pub fn looks_after(actor: &Actor, action: Action, service: &Model) -> Result<(), Error> {
    let own = actor.user_id().is_some_and(|user| service.owner_id == Some(user));
    if own || actor.role() == Role::Admin { Ok(()) } else { Err(Error::NotAllowed(action)) }
}

/// What a decision about a service of this tenant depends on.
#[derive(Clone, Debug)]
pub(super) struct Judge {
    pub(super) tenant_id: TenantId,
    pub(super) actor: Actor,
    own_audiences: Vec<String>,
    default_audience: Option<String>,
    endless_tokens: bool,
}

impl Judge {
    pub(super) fn new(tenant: &Tenant, actor: &Actor) -> Self {
        Self {
            tenant_id: tenant.id,
            actor: actor.clone(),
            own_audiences: form::own_audiences(tenant),
            default_audience: tenant.settings.default_audience.clone(),
            endless_tokens: tenant.settings.policies.endless_tokens,
        }
    }

    /// The other services of the tenant.
    pub(super) async fn others(&self, transaction: &DatabaseTransaction, row: &Model) -> Result<Vec<Model>, DbErr> {
        let others = service::Entity::find()
            .filter(service::Column::TenantId.eq(self.tenant_id))
            .filter(service::Column::Id.ne(row.id));
        others.all(transaction).await
    }

    /// The audience of a service that was given none.
    pub(super) fn default_audience(&self, row: &Model, others: &[Model]) -> String {
        let taken = |audience: &str| {
            let of_others = others.iter().map(|other| &other.audience);
            of_others.chain(&self.own_audiences).any(|known| form::same_audience(known, audience))
        };
        let fits = form::audience_complaint(&row.name).is_none() && !taken(&row.name);
        if fits { row.name.clone() } else { format!("urn:uuid:{}", row.id) }
    }

    /// Everything that is wrong with it, and whether this actor may want it so.
    pub(super) async fn check(
        &self,
        transaction: &DatabaseTransaction,
        before: &Model,
        after: &Model,
        policy: Option<&policy::Model>,
    ) -> Result<(), Failure> {
        let mut wrong = complaints(&self.own_audiences, before, after);
        wrong.extend(self.endless(before, after));
        let without_scopes = after.scopes.as_array().is_none_or(Vec::is_empty);
        if after.scopes != before.scopes && without_scopes && policy.is_some_and(|policy| policy.mandatory_scope) {
            let complaint = "must not be empty: the policy of the service demands a scope of every request";
            wrong.push(Wrong::new("scopes", Rule::Contradiction, complaint));
        }
        if after.owner_id != before.owner_id {
            if self.actor.role() != Role::Admin {
                return Err(Error::NotAllowed(Action::WriteServices).into());
            }
            wrong.extend(self.owner_complaint(transaction, after).await?);
        }
        if !wrong.is_empty() {
            return Err(Error::Invalid(wrong).into());
        }
        let opens = after.access != before.access && after.access != Access::Contract;
        if opens && self.actor.role() != Role::Admin {
            // Like auto-approval: who gets in without being looked at is an admin's to say.
            return Err(Error::NotAllowed(Action::WriteServices).into());
        }
        let becomes_endless = after.access_token_seconds == Some(0) && before.access_token_seconds != Some(0);
        if becomes_endless && self.actor.role() != Role::Admin {
            return Err(Error::NotAllowed(Action::WriteServices).into());
        }
        Ok(())
    }

    /// security.md s.K4.
    fn endless(&self, before: &Model, after: &Model) -> Option<Wrong> {
        let becomes = after.access_token_seconds == Some(0) && before.access_token_seconds != Some(0);
        let range = Rule::Range { least: 1, most: SECONDS_MAX };
        let complaint = "must not be 0: the tenant's settings let no token live for ever";
        (becomes && !self.endless_tokens).then(|| Wrong::new("access_token_seconds", range, complaint))
    }

    async fn owner_complaint(&self, transaction: &DatabaseTransaction, after: &Model) -> Result<Option<Wrong>, DbErr> {
        let Some(owner) = after.owner_id else { return Ok(None) };
        let found = user::Entity::find_by_id(owner).one(transaction).await?;
        let fits = |user: &user::Model| {
            user.tenant_id == self.tenant_id && user.state == UserState::Active && user.role >= Role::Publisher
        };
        let complaint = || Wrong::new("owner_id", Rule::Missing, "must be a publisher or an admin of this tenant");
        Ok((!found.as_ref().is_some_and(fits)).then(complaint))
    }

    /// A tenant whose default audience nobody has would refuse every request that names none.
    pub(super) fn gives_up_audience(&self, before: &Model) -> Result<(), Error> {
        let default = self.default_audience.as_deref();
        let needed = default.is_some_and(|default| form::same_audience(default, &before.audience));
        if needed { Err(Error::Conflict(Conflict::StillUsed("the tenant's default_audience"))) } else { Ok(()) }
    }
}

/// Whether no other service has its name or its audience.
pub(super) fn free(row: &Model, others: &[Model]) -> Result<(), Error> {
    let taken = |field: &'static str, value: &str| Error::Taken { field, value: value.to_owned() };
    if others.iter().any(|other| other.name == row.name) {
        return Err(taken("name", &row.name));
    }
    if others.iter().any(|other| form::same_audience(&other.audience, &row.audience)) {
        return Err(taken("audience", &row.audience));
    }
    Ok(())
}
