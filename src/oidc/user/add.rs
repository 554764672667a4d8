//! How does a person come in? Added by an admin, one or many at once.

use std::collections::HashSet;

use argon2::Params;
use argon2::password_hash::phc::PasswordHash;
use entity::id::UserId;
use entity::user::{self, Approval, Role, UserState};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Map, Value, json};

use super::{claims, email_key};
use crate::app::App;
use crate::db::{Rows, Told, is_duplicate};
use crate::oidc::event::{Kind, event};
use crate::oidc::session::password::{self, Weak};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};
use crate::secret::{self, Secret};

/// What a person can sign in with from the start.
#[derive(Clone, Debug)]
pub enum Password {
    /// Nothing: a sign-in link has to be made.
    None,
    /// A password.
    Chosen(Secret),
    /// One that is hashed already: argon2id in PHC form.
    Hashed(String),
}

/// A person to add.
#[derive(Clone, Debug)]
pub struct New {
    /// The e-mail address to sign in with.
    pub email: String,
    /// Full name.
    pub name: Option<String>,
    /// What the person may do.
    pub role: Role,
    /// Whether somebody proved that the address is theirs.
    pub email_verified: bool,
    /// What they sign in with.
    pub password: Password,
    /// Further claims of OpenID Connect Core §5.1, and namespaced ones.
    pub claims: Map<String, Value>,
}

/// Hashes that cost more than this would let one sign-in take the machine (s.L13), in KiB and passes.
const ARGON2_MEMORY_KIB_MAX: u32 = 256 * 1024;
const ARGON2_ITERATIONS_MAX: u32 = 16;
/// So many complaints are told at once.
const COMPLAINTS_MAX: usize = 20;
const ROWS_PER_STATEMENT: usize = 50;

/// Adds `people` to the tenant, all or none, and returns their rows in the same order.
///
/// # Errors
/// `invalid_request` naming every person who cannot be added and why; `conflict` for addresses that are taken.
pub async fn add(app: &App, tenant: &Tenant, actor: &str, people: Vec<New>) -> Result<Vec<user::Model>, Error> {
    let complaints: Vec<String> = people
        .iter()
        .flat_map(|person| complaints(person).into_iter().map(|c| format!("{}: {c}", shown(person))))
        .collect();
    refuse(Code::InvalidRequest, complaints)?;
    refuse(Code::Conflict, taken(app, tenant, &people).await?)?;
    let mut rows = Vec::with_capacity(people.len());
    for person in people {
        rows.push(row(app, tenant, person).await?);
    }
    let told = |row: &user::Model| {
        let data = json!({"change": "user_added", "role": row.role});
        event(app, tenant.id, Kind::Administered, actor, &format!("user:{}", row.id), data)
    };
    store(app, rows.clone(), rows.iter().map(told).collect()).await?;
    Ok(rows)
}

fn refuse(code: Code, mut complaints: Vec<String>) -> Result<(), Error> {
    if complaints.is_empty() {
        return Ok(());
    }
    let more = complaints.len().saturating_sub(COMPLAINTS_MAX);
    complaints.truncate(COMPLAINTS_MAX);
    if more > 0 {
        complaints.push(format!("and {more} more"));
    }
    Err(Error::new(code, complaints.join("; ")))
}

fn shown(person: &New) -> String {
    person.email.chars().take(320).collect()
}

/// What is wrong with a person, each a clause.
fn complaints(person: &New) -> Vec<String> {
    let mut wrong = Vec::new();
    if email_key(&person.email).is_none() {
        wrong.push("the e-mail address is none".to_owned());
    }
    if let Some(name) = &person.name
        && (name.trim().is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control))
    {
        wrong.push("name must have 1 to 200 characters, none of them a control character".to_owned());
    }
    match &person.password {
        Password::None => {}
        Password::Chosen(chosen) => wrong.extend(password::check(chosen, &person.email).err().map(Weak::describe)),
        Password::Hashed(hash) => wrong.extend(hash_complaint(hash)),
    }
    wrong.extend(person.claims.keys().filter_map(|name| claims::complaint(name)));
    wrong
}

fn hash_complaint(hash: &str) -> Option<String> {
    let allowed = "password_hash must be argon2id in PHC form ($argon2id$v=19$m=…,t=…,p=…$salt$hash)";
    let Ok(parsed) = PasswordHash::new(hash) else { return Some(allowed.to_owned()) };
    let Ok(params) = Params::try_from(&parsed) else { return Some(allowed.to_owned()) };
    if parsed.algorithm.as_str() != "argon2id" || parsed.hash.is_none() {
        return Some(allowed.to_owned());
    }
    (params.m_cost() > ARGON2_MEMORY_KIB_MAX || params.t_cost() > ARGON2_ITERATIONS_MAX).then(|| {
        format!("password_hash may cost at most m={ARGON2_MEMORY_KIB_MAX} (KiB) and t={ARGON2_ITERATIONS_MAX}")
    })
}

/// Addresses that somebody has, or that occur twice.
async fn taken(app: &App, tenant: &Tenant, people: &[New]) -> Result<Vec<String>, Error> {
    let mut seen = HashSet::new();
    let mut taken = Vec::new();
    let keys: Vec<String> = people.iter().filter_map(|person| email_key(&person.email)).collect();
    for key in &keys {
        if !seen.insert(key.as_str()) {
            taken.push(format!("{key} occurs twice"));
        }
    }
    for some in keys.chunks(500) {
        let found = user::Entity::find()
            .filter(user::Column::TenantId.eq(tenant.id))
            .filter(user::Column::EmailKey.is_in(some.iter().map(String::as_str)))
            .all(app.db.pool())
            .await?;
        taken.extend(found.into_iter().map(|user| format!("{} is there already", user.email_key)));
    }
    Ok(taken)
}

/// The row of a person, not stored yet.
///
/// # Errors
/// `server_error` when the password cannot be hashed.
pub(crate) async fn row(app: &App, tenant: &Tenant, person: New) -> Result<user::Model, Error> {
    let now = app.clock.now();
    let password_hash = match &person.password {
        Password::None => None,
        Password::Chosen(password) => Some(app.passwords.hash(password).await?),
        Password::Hashed(hash) => Some(hash.clone()),
    };
    Ok(user::Model {
        id: UserId(secret::new_id()),
        tenant_id: tenant.id,
        email: person.email.trim().to_owned(),
        email_key: email_key(&person.email).unwrap_or_default(),
        email_verified: person.email_verified,
        name: person.name,
        role: person.role,
        state: UserState::Active,
        approval: Approval::Approved,
        meta: None,
        custom_id: None,
        first_login_at: None,
        default_application_at: None,
        password_hash,
        password_changed_at: now,
        claims: Value::Object(person.claims),
        created_at: now,
        updated_at: now,
    })
}

async fn store(app: &App, people: Vec<user::Model>, events: Vec<Told>) -> Result<(), Error> {
    let stored = app
        .db
        .transaction(move |transaction| {
            let (people, events) = (people.clone(), events.clone());
            Box::pin(async move {
                for some in people.chunks(ROWS_PER_STATEMENT) {
                    let rows = some.iter().map(|person| person.clone().into_active_model());
                    user::Entity::insert_many(rows).exec_without_returning(transaction).await?;
                }
                Rows { events, ..Rows::default() }.insert(transaction).await
            })
        })
        .await;
    stored.map_err(|error: sea_orm::DbErr| {
        if is_duplicate(&error) {
            return Error::new(Code::Conflict, "somebody with one of these e-mail addresses was added just now");
        }
        error.into()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn ada() -> New {
        New {
            email: "ada@example.org".into(),
            name: Some("Ada".into()),
            role: Role::User,
            email_verified: true,
            password: Password::None,
            claims: Map::new(),
        }
    }

    #[test]
    fn a_person_is_refused_with_every_complaint() {
        assert_eq!(complaints(&ada()), Vec::<String>::new());
        let claims = Map::from_iter([("sub".to_owned(), json!("x")), ("groups".to_owned(), json!(["a"]))]);
        let odd = New { email: "ada".into(), name: Some(" ".into()), claims, ..ada() };
        let odd = New { password: Password::Chosen(Secret::new("short")), ..odd };
        assert_eq!(
            complaints(&odd),
            [
                "the e-mail address is none",
                "name must have 1 to 200 characters, none of them a control character",
                "the password is too short: 8 characters are the least",
                "claim sub is not one of those that can be chosen freely",
                "claim groups is neither one of OpenID Connect nor namespaced: the name of a custom claim is a URL, such as \
                 https://example.com/groups",
            ]
        );
    }

    #[test]
    fn a_hash_from_elsewhere_is_argon2id_and_affordable() {
        // s.L13
        let tail = "c29tZXNhbHRzb21lc2FsdA$Xe1Bz6fPqxzkjGvWsAoP1RRpPFkqBzHqJx2mV6rK3sU";
        assert_eq!(hash_complaint(&format!("$argon2id$v=19$m=19456,t=2,p=1${tail}")), None);
        for refused in [
            "$2b$12$abcdefghijklmnopqrstuuVQ6qTbbqg9G0y0gQF0m6Z2f2kq9n8yK".to_owned(),
            format!("$argon2i$v=19$m=19456,t=2,p=1${tail}"),
            format!("$argon2id$v=19$m=4194304,t=2,p=1${tail}"),
            format!("$argon2id$v=19$m=19456,t=100,p=1${tail}"),
            "hunter2hunter2".to_owned(),
        ] {
            assert!(hash_complaint(&refused).is_some(), "{refused}");
        }
    }
}
