//! How does a change reach the rows? In one transaction with its line in the audit log (security.md s.B18).

use entity::id::TenantId;
use entity::{policy, service, tenant};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Map, Value, json};

use super::find::Reference;
use crate::app::App;
use crate::db::{InTransaction, Rows, Told, TransactionError, is_duplicate};
use crate::oidc::event::{Kind, Teller};
use crate::portal::{Actor, Conflict, Error};

/// Why a transaction was undone. The database's own error is kept as it is: some of them are worth a second attempt.
#[derive(Debug)]
pub(in crate::portal) enum Failure {
    /// A rule said no.
    Refused(Error),
    /// The database did.
    Database(DbErr),
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<crate::oidc::Error> for Failure {
    fn from(error: crate::oidc::Error) -> Self {
        Self::Refused(error.into())
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(error) => error,
            Failure::Database(error) => error.into(),
        }
    }
}

impl TransactionError for Failure {
    fn database(&self) -> Option<&DbErr> {
        match self {
            Self::Refused(_) => None,
            Self::Database(error) => Some(error),
        }
    }
}

/// Runs `work` in one transaction. `Ok(Err(Duplicate))`: a unique index refused a row, and the
/// caller finds out which.
pub(in crate::portal) async fn write<T, F>(app: &App, work: F) -> Result<Result<T, Duplicate>, Error>
where
    F: for<'t> Fn(&'t DatabaseTransaction) -> InTransaction<'t, Result<T, Failure>> + Send + 'static,
    T: Send + 'static,
{
    match app.db.transaction(work).await {
        Ok(written) => Ok(Ok(written)),
        Err(Failure::Database(error)) if is_duplicate(&error) => Ok(Err(Duplicate)),
        Err(failure) => Err(failure.into()),
    }
}

/// A unique index refused a row: another writer was first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::portal) struct Duplicate;

/// A service with its policy, both locked until the transaction ends, where the database can.
pub(in crate::portal) async fn lock(
    transaction: &DatabaseTransaction,
    tenant_id: TenantId,
    reference: &Reference,
) -> Result<(service::Model, Option<policy::Model>), Failure> {
    let named = match reference {
        Reference::Id(id) => service::Column::Id.eq(*id),
        Reference::Name(name) => service::Column::Name.eq(name.as_str()),
    };
    let found = service::Entity::find().filter(named).filter(service::Column::TenantId.eq(tenant_id)).lock_exclusive();
    let row = found.one(transaction).await?.ok_or(Error::NotFound)?;
    let policy = policy::Entity::find().filter(policy::Column::ServiceId.eq(row.id)).lock_exclusive();
    Ok((row, policy.one(transaction).await?))
}

/// Lets one writer in after the other, for what no unique index can decide.
pub(in crate::portal) async fn lock_tenant(transaction: &DatabaseTransaction, id: TenantId) -> Result<(), Failure> {
    let tenant = tenant::Entity::find().filter(tenant::Column::Id.eq(id)).lock_exclusive().one(transaction).await?;
    tenant.map(drop).ok_or(Failure::Refused(Error::NotFound))
}

/// Whether the caller saw the version that is there.
pub(in crate::portal) fn unchanged(expected: Option<i64>, version: i64) -> Result<(), Error> {
    let seen = expected.is_none_or(|expected| expected == version);
    if seen { Ok(()) } else { Err(Error::Conflict(Conflict::Changed)) }
}

/// Whether the conditional statement found its row.
pub(in crate::portal) fn touched(rows: u64) -> Result<(), Error> {
    if rows == 1 { Ok(()) } else { Err(Error::Conflict(Conflict::Changed)) }
}

/// A line of the audit log, written with the change.
pub(in crate::portal) async fn tell(transaction: &DatabaseTransaction, told: Told) -> Result<(), Failure> {
    Ok(Rows { events: vec![told], ..Rows::default() }.insert(transaction).await?)
}

/// A line of the audit log that is about to be written.
#[derive(Clone, Debug)]
pub(in crate::portal) struct Line {
    teller: Teller,
    change: &'static str,
}

impl Line {
    /// `change` says in a word what `actor` did.
    pub(in crate::portal) fn new(app: &App, tenant_id: TenantId, actor: &Actor, change: &'static str) -> Self {
        Self { teller: Teller::new(app, tenant_id, actor.label()), change }
    }

    /// Says to what, as it was and as it is, each only where they differ. Neither may hold a secret.
    pub(in crate::portal) fn of(self, target: String, before: &Value, after: &Value) -> Told {
        let (was, is) = (only_differing(before, after), only_differing(after, before));
        let data = json!({"change": self.change, "before": was, "after": is});
        self.teller.tell(Kind::Administered, &target, data)
    }
}

fn only_differing(this: &Value, that: &Value) -> Value {
    let Value::Object(members) = this else { return this.clone() };
    let differs = |(name, value): &(&String, &Value)| that.get(name.as_str()) != Some(*value);
    let kept = members.iter().filter(differs).map(|(name, value)| (name.clone(), value.clone()));
    Value::Object(kept.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audit_log_says_what_differs() {
        // s.B18
        let (before, after) = (json!({"a": 1, "b": [1], "c": null}), json!({"a": 1, "b": [2], "c": null}));
        assert_eq!(only_differing(&before, &after), json!({"b": [1]}));
        assert_eq!(only_differing(&after, &before), json!({"b": [2]}));
        assert_eq!(only_differing(&Value::Null, &after), Value::Null);
        assert_eq!(only_differing(&after, &Value::Null), after);
    }

    #[test]
    fn an_expected_version_must_be_the_one_that_is_there() {
        assert!(unchanged(None, 3).is_ok() && unchanged(Some(3), 3).is_ok());
        assert!(matches!(unchanged(Some(2), 3), Err(Error::Conflict(Conflict::Changed))));
    }
}
