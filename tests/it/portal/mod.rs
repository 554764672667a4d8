//! The portal's rules on a real database, past HTTP: whoever speaks to them finds the same.

mod applications;
mod clients;
mod contracts;
mod default_application;
mod developers;
mod documents;
mod members;
mod parties;
mod policies;
mod restore;
mod services;
mod settings;
mod types;

use std::sync::Arc;

use entity::id::TenantId;
use entity::user::{Approval, Role};
use registrar::oidc::tenant::Tenant;
use registrar::oidc::tenant::manage::{self, Home};
use registrar::portal::{Actor, Error, Rule, policy, service};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::Value;

use crate::harness::TestApp;

/// Whoever may do everything.
fn admin() -> Actor {
    Actor::operator("admin")
}

impl TestApp {
    /// A person with this role, and approved.
    async fn actor(&self, email: &str, role: Role) -> Actor {
        let mut person = self.person(email).await.into_active_model();
        (person.role, person.approval) = (Set(role), Set(Approval::Approved));
        Actor::person(Arc::new(person.update(self.app.db.pool()).await.unwrap()))
    }

    /// A service as an admin adds it.
    async fn named(&self, name: &str) -> service::Service {
        self.made(&admin(), service::Change { name: Some(name.to_owned()), ..service::Change::default() }).await
    }

    async fn made(&self, actor: &Actor, change: service::Change) -> service::Service {
        service::create(&self.app, &self.tenant(), actor, None, change).await.unwrap()
    }

    /// A policy as an admin adds it.
    async fn with_policy(&self, service: &str, change: policy::Change) -> policy::Policy {
        policy::create(&self.app, &self.tenant(), &admin(), service, None, change).await.unwrap()
    }

    /// A second tenant.
    async fn neighbour(&self) -> Arc<Tenant> {
        manage::create(&self.app, "admin", "neighbour", &Home::Path, &manage::Change::default()).await.unwrap();
        self.app.tenants.by_slug("neighbour").unwrap()
    }

    /// What the audit log says of a target, in order.
    async fn log(&self, tenant: TenantId, target: &str) -> Vec<Value> {
        let rows = entity::event::Entity::find()
            .filter(entity::event::Column::TenantId.eq(tenant))
            .filter(entity::event::Column::Target.eq(target))
            .order_by_asc(entity::event::Column::Id);
        rows.all(self.app.db.pool()).await.unwrap().into_iter().map(|row| row.data).collect()
    }
}

/// A policy with one flow.
fn by_credentials(display_name: &str) -> policy::Change {
    policy::Change {
        display_name: Some(display_name.to_owned()),
        enable_client_credentials: Some(true),
        ..policy::Change::default()
    }
}

/// The refusal in short, comparable.
fn told<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    outcome.map_or_else(|error| format!("{error:?}"), |done| format!("done: {done:?}"))
}

/// The fields that are wrong, and how.
#[track_caller]
fn wrong<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Vec<(String, Rule)> {
    match outcome {
        Err(Error::Invalid(wrong)) => wrong.into_iter().map(|wrong| (wrong.field, wrong.rule)).collect(),
        other => panic!("not about fields: {other:?}"),
    }
}

fn list<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}
