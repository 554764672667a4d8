//! `lease`: which replica does a job.

use sea_orm::entity::prelude::*;

/// One row of `lease`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "lease")]
pub struct Model {
    /// The job.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// The replica.
    pub holder: String,
    /// The lease ends, seconds since 1970.
    pub until: i64,
    /// When the job last ended well, seconds since 1970.
    pub succeeded_at: Option<i64>,
}

/// Rows are joined by hand, in the rules.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
