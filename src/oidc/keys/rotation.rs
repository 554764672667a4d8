//! How does a tenant change its keys so that no verifier ever meets one it cannot know?
//!
//! A key is published as `next` for longer than any cache keeps the JWKS, then signs as `current`, then stays published
//! as `retiring` until the last token it signed has ended.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::id::{SigningKeyId, TenantId};
use entity::signing_key::{self, KeyState};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::Expr,
};

use super::algorithm::Algorithm;
use crate::clock::Seconds;
use crate::secret::{self, Purpose, Sealer};

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

/// What a rotation did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Keys made.
    pub made: u32,
    /// Keys that sign from now on.
    pub promoted: u32,
    /// Keys removed.
    pub removed: u64,
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
) -> Result<signing_key::Model, josekit::JoseError> {
    let mut private = algorithm.generate()?;
    let kid = URL_SAFE_NO_PAD.encode(secret::bytes::<12>());
    private.set_key_id(&kid);
    let public = serde_json::Value::Object(private.to_public_key()?.into());
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
}

/// Takes each configured algorithm one step on, if it is time. Run by one replica at a time, in a transaction.
///
/// # Errors
/// Whatever the database or the crypto library says.
pub async fn rotate<C: ConnectionTrait>(
    connection: &C,
    sealer: &Sealer,
    tenant_id: TenantId,
    algorithms: &[Algorithm],
    lifetimes: Lifetimes,
    when: When,
    now: Seconds,
) -> Result<Rotated, crate::oidc::Error> {
    let mut done = Rotated::default();
    let rows = published(connection, tenant_id).await?;
    for algorithm in algorithms {
        let of = |state: KeyState| {
            rows.iter().rev().find(move |row| row.algorithm == algorithm.as_str() && row.state == state)
        };
        let (current, next) = (of(KeyState::Current), of(KeyState::Next));
        let step = step(current, next, lifetimes, when, now);
        if matches!(step, Step::MakeCurrent | Step::MakeNext) {
            let state = if step == Step::MakeCurrent { KeyState::Current } else { KeyState::Next };
            let key = generate(sealer, tenant_id, *algorithm, state, now).map_err(crate::oidc::Error::internal)?;
            key.into_active_model().reset_all().insert(connection).await?;
            done.made += 1;
        }
        if step == Step::Promote
            && let Some(next) = next
        {
            promote(connection, current, next, lifetimes, now).await?;
            done.promoted += 1;
        }
    }
    let removed = signing_key::Entity::delete_many()
        .filter(signing_key::Column::TenantId.eq(tenant_id))
        .filter(signing_key::Column::State.eq(KeyState::Retiring))
        .filter(signing_key::Column::RetiresAt.lte(now))
        .exec(connection)
        .await?;
    done.removed = removed.rows_affected;
    Ok(done)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
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
        None if when == When::Now || now >= signs_until - lifetimes.published_before => Step::MakeNext,
        Some(next)
            if now >= next.published_at + lifetimes.published_before && (when == When::Now || now >= signs_until) =>
        {
            Step::Promote
        }
        _ => Step::Nothing,
    }
}

async fn promote<C: ConnectionTrait>(
    connection: &C,
    current: Option<&signing_key::Model>,
    next: &signing_key::Model,
    lifetimes: Lifetimes,
    now: Seconds,
) -> Result<(), DbErr> {
    if let Some(current) = current {
        signing_key::Entity::update_many()
            .col_expr(signing_key::Column::State, Expr::value(KeyState::Retiring))
            .col_expr(signing_key::Column::RetiresAt, Expr::value(now + lifetimes.published_after))
            .filter(signing_key::Column::Id.eq(current.id))
            .exec(connection)
            .await?;
    }
    signing_key::Entity::update_many()
        .col_expr(signing_key::Column::State, Expr::value(KeyState::Current))
        .col_expr(signing_key::Column::SignsFrom, Expr::value(now))
        .filter(signing_key::Column::Id.eq(next.id))
        .exec(connection)
        .await
        .map(drop)
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
