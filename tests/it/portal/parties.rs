//! Who and what the tests of the portal need: developers, publishers, services with a policy, applications.

use std::sync::Arc;

use entity::membership::{self, MemberRole};
use entity::user::Role;
use entity::{application, delivery, policy, service};
use registrar::oidc::client::ApplicationType;
use registrar::portal::application::{Created, New, create};
use registrar::portal::{Actor, notice};
use registrar::secret::{self, Secret};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::harness::TestApp;

/// The scopes of every service here.
pub const SCOPES: [&str; 2] = ["orders:read", "orders:write"];

impl TestApp {
    /// Somebody with this role, who is approved.
    pub async fn with_role(&self, email: &str, role: Role) -> Actor {
        let mut person = self.person(email).await.into_active_model();
        person.role = Set(role);
        Actor::person(Arc::new(person.update(self.app.db.pool()).await.unwrap()))
    }

    /// An approved developer.
    pub async fn developer(&self, email: &str) -> Actor {
        self.with_role(email, Role::Developer).await
    }

    /// An admin.
    pub async fn admin(&self) -> Actor {
        self.with_role("admin@example.org", Role::Admin).await
    }

    /// A service that applications may register for, with its policy changed by `change`.
    pub async fn offered(
        &self,
        name: &str,
        change: impl FnOnce(&mut service::Model, &mut policy::Model),
    ) -> service::Model {
        let mut service = self.service(&format!("https://{name}.example/"), &SCOPES).await;
        service.access = service::Access::Contract;
        let now = self.app.clock.now();
        let key = Secret::alphanumeric(32);
        let mut policy = policy::Model {
            id: secret::new_id().into(),
            tenant_id: service.tenant_id,
            service_id: service.id,
            display_name: name.to_owned(),
            display_name_key: name.to_owned(),
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
            provision_key_hash: key.hash().into(),
            provision_key_sealed: String::new(),
            comment_required: false,
            show_issuer: None,
            enabled: true,
            tags: None,
            kept: None,
            version: 0,
            created_at: now,
            updated_at: now,
        };
        change(&mut service, &mut policy);
        let service = service.into_active_model().reset_all().update(self.app.db.pool()).await.unwrap();
        policy.into_active_model().reset_all().insert(self.app.db.pool()).await.unwrap();
        self.app.services.forget_all();
        service
    }

    /// A web application of somebody.
    pub async fn application(&self, actor: &Actor, name: &str) -> Created {
        let new = New {
            redirect_uris: vec!["https://client.example/cb".to_owned()],
            ..New::named(name, ApplicationType::Web)
        };
        create(&self.app, &self.tenant(), actor, new).await.unwrap()
    }

    /// Makes somebody a member.
    pub async fn joins(&self, application: &application::Model, actor: &Actor, role: MemberRole) {
        let member = membership::Model {
            application_id: application.id,
            user_id: actor.user_id().unwrap(),
            tenant_id: application.tenant_id,
            role,
            notify: true,
            created_at: self.app.clock.now(),
        };
        member.into_active_model().reset_all().insert(self.app.db.pool()).await.unwrap();
    }

    /// The mails that wait, as kind and recipient, in order of both.
    pub async fn mails(&self) -> Vec<(String, String)> {
        let rows = delivery::Entity::find()
            .order_by_asc(delivery::Column::Kind)
            .order_by_asc(delivery::Column::Recipient)
            .all(self.app.db.pool())
            .await
            .unwrap();
        let mails = rows.into_iter().map(|row| (row.kind, row.recipient.unwrap()));
        // The first admin of every deployment hears of everything, too.
        mails.filter(|(_, recipient)| !recipient.starts_with("admin@localhost")).collect()
    }

    /// What follows `?link=` in the newest mail of this kind.
    pub async fn link_in(&self, kind: &str) -> Secret {
        let row = delivery::Entity::find()
            .filter(delivery::Column::Kind.eq(kind))
            .order_by_desc(delivery::Column::Id)
            .one(self.app.db.pool())
            .await
            .unwrap()
            .unwrap();
        assert!(!row.data.to_string().contains("?link="), "a link lies open in the outbox");
        let said = notice::said(&self.app, &self.tenant(), &row);
        let link = said["link"].as_str().unwrap();
        // s.L16
        assert!(link.starts_with(&self.issuer), "{link}");
        Secret::new(link.split_once("?link=").unwrap().1)
    }

    /// Ends the mails of a test's beginning.
    pub async fn forget_mails(&self) {
        delivery::Entity::delete_many().exec(self.app.db.pool()).await.unwrap();
    }
}

/// A client of an application, as the other parts of the harness know clients.
pub fn as_registered(created: &Created) -> Value {
    json!({
        "client_id": created.client.as_ref().unwrap().client_id(),
        "client_secret": created.secret.as_ref().map(Secret::expose),
        "redirect_uris": created.client.as_ref().unwrap().metadata.redirect_uris(),
    })
}
