//! Who acts, and what may they? A person with a session or a personal token, or a client with an access token.

use std::sync::Arc;

use entity::id::UserId;
use entity::personal_token;
use entity::user::{self, Approval, Role};
use entity::word::Words;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{Action, Error};
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::oidc::token::access;
use crate::oidc::{endpoint, user as users};
use crate::secret;

/// How personal access tokens begin.
pub const PERSONAL_TOKEN_PREFIX: &str = "pt_";

/// Whoever acts on a tenant.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The person; `None`: a client that speaks for itself, or the operator.
    pub user: Option<Arc<user::Model>>,
    role: Role,
    scopes: Option<Words>,
    label: String,
}

impl Actor {
    /// A person who signed in.
    pub fn person(user: Arc<user::Model>) -> Self {
        Self { role: user.role, scopes: None, label: format!("user:{}", user.id), user: Some(user) }
    }

    /// The house itself: first start, jobs, the command line, and a listener only the operator reaches.
    pub fn operator(label: &str) -> Self {
        Self { user: None, role: Role::Admin, scopes: None, label: label.to_owned() }
    }

    /// Who a bearer token stands for: a personal token, or an access token for the management API. `None`: nobody.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn of_token(app: &App, tenant: &Tenant, token: &str) -> Result<Option<Self>, Error> {
        if token.starts_with(PERSONAL_TOKEN_PREFIX) {
            return Self::of_personal_token(app, tenant, token).await;
        }
        let Some(token) = access::find(app, tenant, token).await? else { return Ok(None) };
        if !token.audience.contains(&tenant.url(endpoint::MANAGEMENT)) {
            return Ok(None);
        }
        // What was taken away from the client since is not good any more.
        let rights = &token.client.row.rights;
        let scopes = Some(token.scopes.only(|scope| rights.contains(scope)));
        Ok(Some(match token.user {
            Some(user) => Self { scopes, ..Self::person(user) },
            None => {
                let label = format!("client:{}", token.client.client_id());
                Self { user: None, role: Role::Admin, scopes, label }
            }
        }))
    }

    async fn of_personal_token(app: &App, tenant: &Tenant, token: &str) -> Result<Option<Self>, Error> {
        let hash = secret::hash(token.as_bytes());
        let found = personal_token::Entity::find()
            .filter(personal_token::Column::Hash.eq(hash.as_str()))
            .filter(personal_token::Column::TenantId.eq(tenant.id))
            .one(app.db.pool())
            .await?;
        let now = app.clock.now();
        let live =
            |row: &personal_token::Model| row.revoked_at.is_none() && row.expires_at.is_none_or(|ends| ends > now);
        let Some(row) = found.filter(live) else { return Ok(None) };
        let Some(user) = users::find(app, tenant, row.user_id).await? else { return Ok(None) };
        let scopes = Some(row.scopes).filter(|scopes| !scopes.is_empty());
        Ok(Some(Self { scopes, ..Self::person(user) }))
    }

    /// How the audit log names them.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What they may at most.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Whose own things are theirs.
    pub fn user_id(&self) -> Option<UserId> {
        self.user.as_ref().map(|user| user.id)
    }

    /// Whether they may do it somewhere: what exactly is up to the rule.
    ///
    /// # Errors
    /// `NotApproved` for a person the portal is closed to; `NotAllowed` for a role or a token that does not reach.
    pub fn may(&self, action: Action) -> Result<(), Error> {
        if self.user.as_ref().is_some_and(|user| user.approval != Approval::Approved) {
            return Err(Error::NotApproved);
        }
        let by_token =
            self.scopes.as_ref().is_none_or(|scopes| action.scopes().iter().any(|scope| scopes.contains(scope)));
        if self.role < action.role() || !by_token {
            return Err(Error::NotAllowed(action));
        }
        Ok(())
    }

    /// Whether they may do it.
    pub fn can(&self, action: Action) -> bool {
        self.may(action).is_ok()
    }

    /// How far they reach, in one text: of two tokens of the same person the one that may less has another.
    pub fn standing(&self) -> String {
        let scopes = self.scopes.as_ref().map_or_else(|| "*".to_owned(), ToString::to_string);
        let approved = self.user.as_ref().is_none_or(|user| user.approval == Approval::Approved);
        format!("{:?}/{approved}/{scopes}", self.role)
    }

    /// What limits their token; `None`: nothing does.
    pub fn scopes(&self) -> Option<&Words> {
        self.scopes.as_ref()
    }

    /// Whether a token with scopes speaks, which does not reach all that its owner may.
    pub fn is_limited(&self) -> bool {
        self.scopes.is_some()
    }

    /// Whether a token limits them and this scope is not among those it has.
    pub fn lacks_scope(&self, scope: &str) -> bool {
        self.scopes.as_ref().is_some_and(|scopes| !scopes.contains(scope))
    }
}
