//! `signing_key`: a key that signs tokens.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::id::{SigningKeyId, TenantId};

/// Where a signing key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Published, so that every verifier knows it before it signs.
    Next,
    /// Signs.
    Current,
    /// Published until the last token it signed has ended.
    Retiring,
}

/// One row of `signing_key`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    /// Identity.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SigningKeyId,
    /// Whose.
    pub tenant_id: TenantId,
    /// Its identifier in the JWKS.
    pub kid: String,
    /// The one JWS algorithm it is for.
    pub algorithm: String,
    /// The private JWK, sealed.
    pub private_sealed: String,
    /// The public JWK.
    #[sea_orm(column_type = "JsonBinary")]
    pub public: Json,
    /// Where it stands in its life.
    pub state: KeyState,
    /// In the JWKS since, seconds since 1970.
    pub published_at: i64,
    /// Signs since, seconds since 1970.
    pub signs_from: Option<i64>,
    /// Leaves the JWKS then, seconds since 1970.
    pub retires_at: Option<i64>,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
