//! Policies and contracts put straight into their tables: for tests of what follows from them.

use entity::consent;
use entity::contract::{self, ContractState};
use entity::policy;
use entity::service::{self, Access};
use entity::user::{self, Role};
use registrar::oidc::client::record;
use registrar::portal::personal_token::{self, Lifetime, New};
use registrar::secret;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::Value;

use super::TestApp;
use super::party::text;

impl TestApp {
    /// A service that only contracts give access to, with a policy that has the code flow and client credentials on.
    pub async fn guarded(
        &self,
        audience: &str,
        scopes: &[&str],
        change: impl FnOnce(&mut policy::Model),
    ) -> service::Model {
        let row = self.service(audience, scopes).await;
        self.access(&row, Access::Contract).await;
        let now = self.app.clock.now();
        let key = secret::Secret::alphanumeric(32);
        let id = secret::new_id();
        let mut rules = policy::Model {
            id: id.into(),
            tenant_id: row.tenant_id,
            service_id: row.id,
            display_name: audience.to_owned(),
            display_name_key: audience.to_lowercase(),
            description: None,
            auto_approve: false,
            enable_authorization_code: true,
            enable_client_credentials: true,
            enable_implicit_grant: false,
            enable_password_grant: false,
            mandatory_scope: false,
            scope_elements: None,
            auth_header_name: "authorization".to_owned(),
            token_expiration: 7200,
            refresh_token_ttl: 1_209_600,
            provision_key_hash: key.hash().as_str().to_owned(),
            provision_key_sealed: self.app.sealer.seal_text(
                secret::Purpose::ProvisionKey,
                id.as_bytes(),
                key.expose().as_bytes(),
            ),
            comment_required: false,
            show_issuer: None,
            enabled: true,
            tags: None,
            kept: None,
            version: 0,
            created_at: now,
            updated_at: now,
        };
        change(&mut rules);
        rules.into_active_model().reset_all().insert(self.app.db.pool()).await.unwrap();
        self.app.services.forget_all();
        service::Model { access: Access::Contract, ..row }
    }

    /// Changes who gets tokens for a service behind the rules' back.
    pub async fn access(&self, row: &service::Model, access: Access) {
        service::Entity::update_many()
            .col_expr(service::Column::Access, Expr::value(access))
            .filter(service::Column::Id.eq(row.id))
            .exec(self.app.db.pool())
            .await
            .unwrap();
        self.app.services.forget_all();
    }

    /// A contract between the application of a registered client (the answer of its registration) and a service.
    pub async fn contract(&self, client: &Value, service: &service::Model, state: ContractState) -> contract::Model {
        let client = record::find(&self.app, &self.tenant(), text(client, "client_id")).await.unwrap().unwrap();
        let now = self.app.clock.now();
        let row = contract::Model {
            id: secret::new_id().into(),
            tenant_id: service.tenant_id,
            application_id: client.row.application_id.unwrap(),
            service_id: service.id,
            state,
            suspended: false,
            request: None,
            reason: None,
            requested_at: now,
            processed_at: None,
            processed_by: None,
            scopes: None,
            starts_at: None,
            ends_at: None,
            version: 0,
            created_at: now,
            updated_at: now,
        };
        let row = row.into_active_model().reset_all().insert(self.app.db.pool()).await.unwrap();
        self.app.standings.forget(&row.application_id);
        row
    }

    /// What a person agreed to let a registered client do, at a service or with their own account.
    pub async fn agreed(
        &self,
        client: &Value,
        person: &user::Model,
        service: Option<&service::Model>,
        scopes: &str,
    ) -> consent::Model {
        let client = record::find(&self.app, &self.tenant(), text(client, "client_id")).await.unwrap().unwrap();
        let now = self.app.clock.now();
        let row = consent::Model {
            id: secret::new_id().into(),
            tenant_id: person.tenant_id,
            user_id: person.id,
            client_key: client.row.id,
            service_key: service.map(|service| service.id.to_string()).unwrap_or_default(),
            scopes: scopes.into(),
            metadata_hash: "x".repeat(43),
            revoked_at: None,
            created_at: now,
            updated_at: now,
        };
        row.into_active_model().reset_all().insert(self.app.db.pool()).await.unwrap()
    }

    /// Changes a contract behind the rules' back.
    pub async fn set_contract(&self, row: &contract::Model, change: impl FnOnce(&mut contract::Model)) {
        let mut row = row.clone();
        change(&mut row);
        let application_id = row.application_id;
        row.into_active_model().reset_all().update(self.app.db.pool()).await.unwrap();
        self.app.standings.forget(&application_id);
    }

    /// Makes a person with this role.
    pub async fn person_as(&self, email: &str, role: Role) -> user::Model {
        let person = self.person(email).await;
        user::Entity::update_many()
            .col_expr(user::Column::Role, Expr::value(role))
            .filter(user::Column::Id.eq(person.id))
            .exec(self.app.db.pool())
            .await
            .unwrap();
        self.app.users.forget(&person.id);
        user::Model { role, ..person }
    }

    /// What a script of an admin presents: a personal token with these scopes.
    pub async fn management_token(&self, scopes: &str) -> String {
        let admin = self.person_as("admin@example.org", Role::Admin).await;
        let new = New {
            name: "a script".to_owned(),
            scopes: scopes.split(" ").map(str::to_owned).collect(),
            lifetime: Lifetime::Usual,
        };
        let made = personal_token::create_for(&self.app, &self.tenant(), "test", &admin, new).await;
        made.unwrap().1.expose().to_owned()
    }
}
