//! How does a tenant change its keys so that no verifier ever meets one it cannot know?
//!
//! A key is published as `next` for longer than any cache keeps the JWKS, then signs as `current`, then stays published
//! as `retiring` until the last token it signed has ended.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::id::{SigningKeyId, TenantId};
use entity::signing_key::{self, KeyState};
use entity::tenant;
use josekit::JoseError;
use josekit::jwk::Jwk;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use serde_json::json;

use super::algorithm::Algorithm;
use crate::app::App;
use crate::clock::Seconds;
use crate::db::Rows;
use crate::oidc::event::{Kind, event};
use crate::oidc::{Code, Error};
use crate::secret::{self, Purpose, Sealer};

const ROTATED_AT_ONCE: &str = "the keys were rotated by somebody else at the same time";

/// How long the parts of a key's life take, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// A key signs this long before the next one takes over.
    pub signs: Seconds,
    /// A key is published this long before it signs: longer than verifiers cache the JWKS.
    pub published_before: Seconds,
    /// A key stays published this long after it signed last: longer than any token lives.
    pub published_after: Seconds,
}

/// What a rotation did, by algorithm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Keys were made and published.
    pub made: Vec<Algorithm>,
    /// The published key signs from now on.
    pub promoted: Vec<Algorithm>,
    /// The next key is published, and may sign from then on (seconds since 1970).
    pub waiting: Vec<(Algorithm, Seconds)>,
    /// Keys that are not published any more.
    pub removed: u64,
}

impl Rotated {
    /// Whether the key set is as it was.
    pub fn is_nothing(&self) -> bool {
        self.made.is_empty() && self.promoted.is_empty() && self.removed == 0
    }
}

/// A fresh key row in `state`. Slow for RSA: not on a request worker.
///
/// # Errors
/// When the crypto library fails.
pub fn generate(
    sealer: &Sealer,
    tenant_id: TenantId,
    algorithm: Algorithm,
    state: KeyState,
    now: Seconds,
) -> Result<signing_key::Model, JoseError> {
    row(sealer, tenant_id, algorithm, algorithm.generate()?, state, now)
}

fn row(
    sealer: &Sealer,
    tenant_id: TenantId,
    algorithm: Algorithm,
    mut private: Jwk,
    state: KeyState,
    now: Seconds,
) -> Result<signing_key::Model, JoseError> {
    let kid = URL_SAFE_NO_PAD.encode(secret::bytes::<12>());
    private.set_key_id(&kid);
    let mut public = private.to_public_key()?;
    // The library leaves out what verifiers choose a key by (RFC 7517 §4.4, §4.5).
    public.set_key_id(&kid);
    public.set_algorithm(algorithm.as_str());
    public.set_key_use("sig");
    let public = serde_json::Value::Object(public.into());
    let sealed = sealer.seal_text(Purpose::SigningKey, kid.as_bytes(), private.to_string().as_bytes());
    Ok(signing_key::Model {
        id: SigningKeyId(secret::new_id()),
        tenant_id,
        kid,
        algorithm: algorithm.as_str().to_owned(),
        private_sealed: sealed,
        public,
        state,
        published_at: now,
        signs_from: (state == KeyState::Current).then_some(now),
        retires_at: None,
    })
}

/// Fresh key rows, one for each of `algorithms`, made beside the request workers.
///
/// # Errors
/// When the crypto library fails.
pub async fn fresh(
    app: &App,
    tenant_id: TenantId,
    algorithms: &[Algorithm],
    state: KeyState,
) -> Result<Vec<signing_key::Model>, Error> {
    let wanted = algorithms.to_vec();
    let work = move || wanted.into_iter().map(|alg| Ok((alg, alg.generate()?))).collect::<Result<Vec<_>, JoseError>>();
    let made = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?.map_err(Error::internal)?;
    let now = app.clock.now();
    let row = |(algorithm, private)| row(&app.sealer, tenant_id, algorithm, private, state, now);
    made.into_iter().map(row).collect::<Result<_, _>>().map_err(Error::internal)
}

/// The keys of a tenant that are published, oldest first.
///
/// # Errors
/// Whatever the database says.
pub async fn published<C: ConnectionTrait>(
    connection: &C,
    tenant_id: TenantId,
) -> Result<Vec<signing_key::Model>, DbErr> {
    signing_key::Entity::find()
        .filter(signing_key::Column::TenantId.eq(tenant_id))
        .order_by_asc(signing_key::Column::Id)
        .all(connection)
        .await
}

/// When a rotation has something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// At the times of [`Lifetimes`].
    Due,
    /// Now: makes the next keys if there are none, and lets published ones sign at once that have been for long enough.
    Now,
    /// The current keys have leaked: new ones sign at once, known to verifiers or not, and the old ones are good for
    /// nothing any more, nor is any token they signed.
    Leaked,
}

/// Takes each of `algorithms` one step on, if it is time. Run by one replica at a time.
///
/// # Errors
/// `conflict` when another replica was faster; whatever the database or the crypto library says.
pub async fn rotate(
    app: &App,
    tenant_id: TenantId,
    algorithms: &[Algorithm],
    lifetimes: Lifetimes,
    when: When,
    actor: &str,
) -> Result<Rotated, Error> {
    let now = app.clock.now();
    let rows = published(app.db.pool(), tenant_id).await?;
    let mut turn = Turn::default();
    let mut done = Rotated::default();
    for algorithm in algorithms {
        let of = |state: KeyState| {
            rows.iter().rev().find(move |row| row.algorithm == algorithm.as_str() && row.state == state)
        };
        let (current, next) = (of(KeyState::Current), of(KeyState::Next));
        match (step(current, next, lifetimes, when, now), current, next) {
            (Step::MakeCurrent, current, _) => {
                turn.inserted.extend(fresh(app, tenant_id, &[*algorithm], KeyState::Current).await?);
                turn.deleted.extend(current.map(|key| key.id));
                done.made.push(*algorithm);
            }
            (Step::MakeNext, ..) => {
                turn.inserted.extend(fresh(app, tenant_id, &[*algorithm], KeyState::Next).await?);
                done.made.push(*algorithm);
                done.waiting.push((*algorithm, now + lifetimes.published_before));
            }
            (Step::Promote, current, Some(next)) => {
                turn.promoted.push(next.id);
                let current = current.map(|key| key.id);
                if when == When::Leaked {
                    turn.deleted.extend(current)
                } else {
                    turn.retired.extend(current)
                }
                done.promoted.push(*algorithm);
            }
            (Step::Nothing, _, Some(next)) => {
                done.waiting.push((*algorithm, next.published_at + lifetimes.published_before));
            }
            (Step::Nothing | Step::Promote, ..) => {}
        }
    }
    let over = |key: &&signing_key::Model| {
        key.state == KeyState::Retiring && key.retires_at.is_some_and(|retires_at| retires_at <= now)
    };
    turn.deleted.extend(rows.iter().filter(over).map(|key| key.id));
    done.removed = turn.deleted.len() as u64;
    if !done.is_nothing() {
        turn.commit(app, tenant_id, &done, actor, now, now + lifetimes.published_after).await?;
    }
    Ok(done)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Also in the place of one that leaked while none was published to follow it.
    MakeCurrent,
    MakeNext,
    Promote,
    Nothing,
}

fn step(
    current: Option<&signing_key::Model>,
    next: Option<&signing_key::Model>,
    lifetimes: Lifetimes,
    when: When,
    now: Seconds,
) -> Step {
    let Some(current) = current else { return Step::MakeCurrent };
    let signs_until = current.signs_from.unwrap_or(current.published_at) + lifetimes.signs;
    match next {
        None if when == When::Leaked => Step::MakeCurrent,
        Some(_) if when == When::Leaked => Step::Promote,
        None if when == When::Now || now >= signs_until - lifetimes.published_before => Step::MakeNext,
        Some(next)
            if now >= next.published_at + lifetimes.published_before && (when == When::Now || now >= signs_until) =>
        {
            Step::Promote
        }
        _ => Step::Nothing,
    }
}

/// What changes in the table, all of it or nothing.
#[derive(Clone, Debug, Default)]
struct Turn {
    inserted: Vec<signing_key::Model>,
    promoted: Vec<SigningKeyId>,
    retired: Vec<SigningKeyId>,
    deleted: Vec<SigningKeyId>,
}

impl Turn {
    async fn commit(
        self,
        app: &App,
        tenant_id: TenantId,
        done: &Rotated,
        actor: &str,
        now: Seconds,
        retires_at: Seconds,
    ) -> Result<(), Error> {
        let data = json!({"made": done.made, "promoted": done.promoted, "removed": done.removed});
        let told = event(app, tenant_id, Kind::KeysRotated, actor, "keys", data);
        app.db
            .transaction(move |transaction| {
                let (turn, told) = (self.clone(), told.clone());
                Box::pin(async move {
                    let events = vec![told];
                    turn.apply(transaction, tenant_id, now, retires_at).await?;
                    Ok(Rows { events, ..Rows::default() }.insert(transaction).await?)
                })
            })
            .await
    }

    async fn apply(
        self,
        transaction: &DatabaseTransaction,
        tenant_id: TenantId,
        now: Seconds,
        retires_at: Seconds,
    ) -> Result<(), Error> {
        // Of two who publish the next keys at once, one finds them there.
        tenant::Entity::find_by_id(tenant_id).lock_exclusive().one(transaction).await?;
        let next = |key: &&signing_key::Model| key.state == KeyState::Next;
        let made: Vec<&str> = self.inserted.iter().filter(next).map(|key| key.algorithm.as_str()).collect();
        let waiting = signing_key::Entity::find()
            .filter(signing_key::Column::TenantId.eq(tenant_id))
            .filter(signing_key::Column::State.eq(KeyState::Next))
            .filter(signing_key::Column::Algorithm.is_in(made));
        if waiting.count(transaction).await? > 0 {
            return Err(Error::new(Code::Conflict, ROTATED_AT_ONCE));
        }
        let moved = |state: KeyState, from: KeyState, ids: &[SigningKeyId]| {
            signing_key::Entity::update_many()
                .col_expr(signing_key::Column::State, Expr::value(state))
                .filter(signing_key::Column::Id.is_in(ids.iter().copied()))
                .filter(signing_key::Column::State.eq(from))
        };
        let retired = moved(KeyState::Retiring, KeyState::Current, &self.retired)
            .col_expr(signing_key::Column::RetiresAt, Expr::value(retires_at))
            .exec(transaction)
            .await?;
        let promoted = moved(KeyState::Current, KeyState::Next, &self.promoted)
            .col_expr(signing_key::Column::SignsFrom, Expr::value(now))
            .exec(transaction)
            .await?;
        let deleted = signing_key::Entity::delete_many()
            .filter(signing_key::Column::Id.is_in(self.deleted.iter().copied()))
            .exec(transaction)
            .await?;
        let touched = [retired.rows_affected, promoted.rows_affected, deleted.rows_affected];
        if touched != [self.retired.len(), self.promoted.len(), self.deleted.len()].map(|wanted| wanted as u64) {
            return Err(Error::new(Code::Conflict, ROTATED_AT_ONCE));
        }
        if !self.inserted.is_empty() {
            let rows = self.inserted.into_iter().map(|key| key.into_active_model());
            signing_key::Entity::insert_many(rows).exec_without_returning(transaction).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::oidc::keys::{KeyRing, Kind, jwt};

    const LIFETIMES: Lifetimes = Lifetimes { signs: 1000, published_before: 100, published_after: 50 };

    fn key(state: KeyState, published_at: Seconds, signs_from: Option<Seconds>) -> signing_key::Model {
        let sealer = Sealer::new(&[1; 32]);
        let tenant = TenantId(secret::new_id());
        let key = generate(&sealer, tenant, Algorithm::ES256, state, published_at).unwrap();
        signing_key::Model { signs_from, ..key }
    }

    #[test]
    fn a_key_is_published_before_it_signs() {
        let current = key(KeyState::Current, 0, Some(0));
        assert_eq!(step(None, None, LIFETIMES, When::Due, 0), Step::MakeCurrent);
        assert_eq!(step(Some(&current), None, LIFETIMES, When::Due, 899), Step::Nothing);
        assert_eq!(step(Some(&current), None, LIFETIMES, When::Due, 900), Step::MakeNext);
        let next = key(KeyState::Next, 950, None);
        assert_eq!(step(Some(&current), Some(&next), LIFETIMES, When::Due, 1000), Step::Nothing);
        assert_eq!(step(Some(&current), Some(&next), LIFETIMES, When::Due, 1050), Step::Promote);
        assert_eq!(step(Some(&current), Some(&next), LIFETIMES, When::Now, 1049), Step::Nothing);
    }

    #[test]
    fn a_leaked_key_stops_at_once() {
        let current = key(KeyState::Current, 0, Some(0));
        let next = key(KeyState::Next, 950, None);
        assert_eq!(step(Some(&current), Some(&next), LIFETIMES, When::Leaked, 951), Step::Promote);
        assert_eq!(step(Some(&current), None, LIFETIMES, When::Leaked, 1), Step::MakeCurrent);
    }

    #[test]
    fn a_token_is_recognised_only_as_what_it_is() {
        let sealer = Sealer::new(&[1; 32]);
        let tenant = TenantId(secret::new_id());
        for algorithm in [Algorithm::ES256, Algorithm::EdDSA, Algorithm::RS256, Algorithm::PS256] {
            let row = generate(&sealer, tenant, algorithm, KeyState::Current, 0).unwrap();
            assert!(row.public.get("d").is_none(), "the public key has no private part");
            let ring = KeyRing::load(&sealer, &[row]).unwrap();
            let claims = serde_json::json!({"sub": "someone"});
            let token = jwt::sign(ring.signing(algorithm).unwrap(), Kind::AccessToken, &claims).unwrap();
            assert_eq!(jwt::verify(&ring, Kind::AccessToken, &token), Some(claims));
            assert_eq!(jwt::verify::<serde_json::Value>(&ring, Kind::IdToken, &token), None);
            let mut altered = token.into_bytes();
            let middle = altered.len() / 2;
            altered[middle] = if altered[middle] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            assert_eq!(jwt::verify::<serde_json::Value>(&ring, Kind::AccessToken, &altered), None);
        }
    }
}
