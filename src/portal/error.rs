//! Why did the portal refuse? The code that decides names the refusal; each dialect spells it.

use std::sync::Arc;

use sea_orm::DbErr;

use super::application_type;
use super::permission::Action;
use crate::db::TransactionError;

/// Why the portal refused.
#[derive(Clone, Debug)]
pub enum Error {
    /// It is not there, or this actor may not know that it is.
    NotFound,
    /// Some fields are wrong: all of them are listed.
    Invalid(Vec<Wrong>),
    /// Another row has this value already.
    Taken {
        /// The field, e.g. `display_name`.
        field: &'static str,
        /// The value.
        value: String,
    },
    /// What is there does not allow it.
    Conflict(Conflict),
    /// This actor may not.
    NotAllowed(Action),
    /// The portal is closed to this actor: the developer is not approved.
    NotApproved,
    /// Too much at once, or a part of the house is not reachable.
    NotNow {
        /// Seconds to wait.
        retry_after: u64,
        /// What was in the way, if it was more than too many requests; logged once.
        cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
    },
    /// Our own fault; logged once, with the request's id.
    Internal(Arc<dyn std::error::Error + Send + Sync>),
}

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The field, as the rules name it, e.g. `display_name`; empty: the thing as a whole.
    pub field: String,
    /// Which rule it broke.
    pub rule: Rule,
    /// A clause that follows the field's name, e.g. `must have 1 to 200 characters`.
    pub complaint: String,
}

/// Which rule a field broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It must be there.
    Required,
    /// It is not one there is.
    Unknown,
    /// It is of another type or has another form.
    Form,
    /// It is too long, or too short.
    Length,
    /// A number outside its range.
    Range {
        /// The least.
        least: i64,
        /// The most.
        most: i64,
    },
    /// It cannot be changed.
    Fixed,
    /// At least one flow must be on (portal.md K14).
    NoFlow,
    /// What it names is not there.
    Missing,
    /// It contradicts another field.
    Contradiction,
    /// The type of the application does not take it (portal.md §3.3).
    OfType(application_type::Refused),
}

impl Wrong {
    /// `field` broke `rule`.
    pub fn new(field: impl Into<String>, rule: Rule, complaint: impl Into<String>) -> Self {
        Self { field: field.into(), rule, complaint: complaint.into() }
    }
}

/// What is there and does not allow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Somebody changed it in between: the caller saw an older version.
    Changed,
    /// The contract is not in a state that allows it; this is the state it is in.
    ContractState(entity::contract::ContractState),
    /// There is a contract already, in this state.
    AlreadyRequested(entity::contract::ContractState),
    /// Application registration is not enabled for this service (portal.md N14).
    RegistrationDisabled,
    /// The service has a policy already.
    PolicyExists,
    /// The application is archived.
    Archived,
    /// The developer is not in a state that allows it; this is the state.
    DeveloperState(entity::user::Approval),
    /// Something else still needs it; this says what.
    StillUsed(&'static str),
    /// It cannot be done to oneself, or to the last one of its kind.
    LastOne(&'static str),
    /// The client has more than one secret: which one to exchange is not said.
    SeveralSecrets,
    /// The application is not archived: there is nothing to restore.
    Active,
    /// Applications are registered at a provider, and that is switched off (portal.md G4).
    ClientRegistrationOff,
    /// The application has no client, which the contract is for (portal.md G67).
    NoClient,
    /// The client cannot go while the application has contracts (portal.md G59).
    ClientNeeded,
    /// An application has one primary owner, who changes by a transfer alone.
    OnePrimaryOwner,
}

impl Conflict {
    /// In words for people.
    pub fn describe(&self) -> String {
        match self {
            Self::Changed => "somebody changed it in the meantime: read it again".to_owned(),
            Self::ContractState(state) => format!("the contract is {}", word(state)),
            Self::AlreadyRequested(state) => {
                format!("the application has a contract for this service; it is {}", word(state))
            }
            // portal.md N14, to the letter.
            Self::RegistrationDisabled => "Application registration is not enabled for this Service.".to_owned(),
            Self::PolicyExists => "the service has a policy already".to_owned(),
            Self::Archived => "the application is archived".to_owned(),
            Self::DeveloperState(state) => format!("the developer is {}", word(state)),
            Self::StillUsed(by) => format!("it is still used by {by}"),
            Self::LastOne(what) => (*what).to_owned(),
            Self::SeveralSecrets => "the client has more than one secret".to_owned(),
            Self::Active => "the application is active and cannot be restored".to_owned(),
            // portal.md G57, to the letter.
            Self::ClientRegistrationOff => "The client registration is disabled".to_owned(),
            Self::NoClient => "the application has no client_id, which a contract is for".to_owned(),
            Self::ClientNeeded => "the application has contracts, which are for its client_id".to_owned(),
            Self::OnePrimaryOwner => {
                "an application has one primary owner: ownership is transferred, not given".to_owned()
            }
        }
    }
}

fn word<E: sea_orm::ActiveEnum<Value = String>>(state: &E) -> String {
    state.to_value()
}

impl Error {
    /// One wrong field.
    pub fn invalid(field: impl Into<String>, rule: Rule, complaint: impl Into<String>) -> Self {
        Self::Invalid(vec![Wrong::new(field, rule, complaint)])
    }

    /// Our own fault.
    pub fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Internal(Arc::new(cause))
    }

    /// In words for people; nothing of an internal cause.
    pub fn describe(&self) -> String {
        match self {
            Self::NotFound => "there is no such thing here".to_owned(),
            Self::Invalid(wrong) => {
                let clause = |wrong: &Wrong| format!("{} {}", wrong.field, wrong.complaint).trim().to_owned();
                wrong.iter().map(clause).collect::<Vec<_>>().join("; ")
            }
            Self::Taken { field, value } => format!("{field} {value:?} is taken"),
            Self::Conflict(conflict) => conflict.describe(),
            Self::NotAllowed(action) => format!("this needs the permission {}", action.scopes().join(" or ")),
            Self::NotApproved => "the developer account is not approved".to_owned(),
            Self::NotNow { retry_after, .. } => format!("not now; try again in {retry_after} seconds"),
            Self::Internal(_) => "something went wrong here".to_owned(),
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.describe())
    }
}

impl std::error::Error for Error {}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let error = crate::oidc::Error::from(error);
        error.into()
    }
}

impl From<crate::oidc::Error> for Error {
    /// What a rule of the protocol refused, as the portal tells it.
    fn from(error: crate::oidc::Error) -> Self {
        use crate::oidc::Code;
        match error.code {
            Code::NotFound => Self::NotFound,
            Code::Conflict => Self::Conflict(Conflict::Changed),
            Code::TemporarilyUnavailable | Code::TooManyRequests => {
                let retry_after = error.retry_after.map_or(1, |seconds| u64::from(seconds.max(1)));
                Self::NotNow { retry_after, cause: error.cause }
            }
            Code::ServerError => match error.cause {
                Some(cause) => Self::Internal(cause),
                None => Self::Internal(Arc::new(std::io::Error::other(error.description.into_owned()))),
            },
            _ => Self::invalid("", Rule::Form, error.description.into_owned()),
        }
    }
}

impl TransactionError for Error {
    fn database(&self) -> Option<&DbErr> {
        match self {
            Self::Internal(cause) | Self::NotNow { cause: Some(cause), .. } => cause.downcast_ref(),
            _ => None,
        }
    }
}
