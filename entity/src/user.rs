//! `user`: a person.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::id::{TenantId, UserId};

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Signs in to applications.
    User,
    /// Registers applications.
    Developer,
    /// Publishes services.
    Publisher,
    /// Everything in the tenant.
    Admin,
}

/// Whether a person may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// May.
    Active,
    /// May not; tokens are refused too.
    Disabled,
}

/// Whether a developer may use the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// May.
    Approved,
    /// Asked to; nobody decided.
    Pending,
    /// Refused.
    Rejected,
    /// Not any more; the applications get no tokens either.
    Revoked,
}

/// One row of `user`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model {
    /// Identity; the `sub` of public clients. Never given to anybody else.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    /// Whose.
    pub tenant_id: TenantId,
    /// As the person writes it.
    pub email: String,
    /// The e-mail in its normal form: what sign-in compares.
    pub email_key: String,
    /// Whether somebody proved that the address is theirs.
    pub email_verified: bool,
    /// Full name.
    pub name: Option<String>,
    /// What the person may do.
    pub role: Role,
    /// Whether the person may sign in.
    pub state: UserState,
    /// Whether the person may use the portal.
    pub approval: Approval,
    /// What the person wrote at sign-up, e.g. `{"full_name": "…"}`; `None`: nothing.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub meta: Option<Json>,
    /// What another system calls the person; unique in its tenant.
    pub custom_id: Option<String>,
    /// Seconds since 1970; `None`: never signed in.
    pub first_login_at: Option<i64>,
    /// When the application that new developers find was made for the person, or would have been; seconds since 1970.
    pub default_application_at: Option<i64>,
    /// Argon2id in PHC form; `None`: no password yet.
    pub password_hash: Option<String>,
    /// Seconds since 1970; earlier sign-in links are void.
    pub password_changed_at: i64,
    /// Further claims of OpenID Connect Core §5.1, and namespaced ones.
    #[sea_orm(column_type = "JsonBinary")]
    pub claims: Json,
    /// Seconds since 1970.
    pub created_at: i64,
    /// Seconds since 1970.
    pub updated_at: i64,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
