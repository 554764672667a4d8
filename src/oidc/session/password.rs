//! Is this the person's password? Argon2id, on a bounded pool so that guessing cannot take the machine (s.L13).

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use crate::config::Login;
use crate::oidc::Error;
use crate::secret::Secret;

/// Shorter passwords are refused when one is set, in characters.
pub const LENGTH_MIN: usize = 8;
/// Longer ones are refused unread, in bytes.
pub const BYTES_MAX: usize = 256;

/// What is wrong with a password somebody wants to set; `None`: nothing.
pub fn complaint(password: &Secret) -> Option<String> {
    let (letters, bytes) = (password.expose().chars().count(), password.expose().len());
    let fine = letters >= LENGTH_MIN && bytes <= BYTES_MAX;
    (!fine).then(|| {
        format!("the password has {letters} characters; allowed: {LENGTH_MIN} characters to {BYTES_MAX} bytes")
    })
}

/// Hashes passwords, a few at a time.
#[derive(Debug)]
pub struct Passwords {
    argon2: Argon2<'static>,
    turns: Arc<Semaphore>,
    /// The hash of no password: an unknown account takes as long as a known one (s.L11).
    nobody: String,
}

impl Passwords {
    /// As configured.
    pub fn new(login: &Login) -> Self {
        let params = Params::new(login.argon2_memory_kib, login.argon2_iterations, login.argon2_parallelism, None)
            .unwrap_or_default();
        let nobody = format!(
            "$argon2id$v=19$m={},t={},p={}$bm9ib2R5bm9ib2R5bm9ib2R5$bm9ib2R5bm9ib2R5bm9ib2R5bm9ib2R5bm9ib2R5bm8",
            params.m_cost(),
            params.t_cost(),
            params.p_cost()
        );
        Self {
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            turns: Arc::new(Semaphore::new(login.argon2_concurrency)),
            nobody,
        }
    }

    /// The stored form of a password.
    ///
    /// # Errors
    /// `server_error` when hashing fails.
    pub async fn hash(&self, password: &Secret) -> Result<String, Error> {
        let (argon2, password) = (self.argon2.clone(), password.clone());
        self.in_turn(move || {
            argon2.hash_password(password.expose().as_bytes()).map(|hash| hash.to_string()).map_err(Error::internal)
        })
        .await?
    }

    /// Whether `password` is the one `stored` was made of. Without a stored hash the answer is no, and takes as long.
    ///
    /// # Errors
    /// `server_error` when the pool is gone.
    pub async fn verify(&self, password: &Secret, stored: Option<&str>) -> Result<bool, Error> {
        if password.expose().is_empty() || password.expose().len() > BYTES_MAX {
            return Ok(false);
        }
        let known = stored.is_some();
        let stored = stored.unwrap_or(&self.nobody).to_owned();
        let (argon2, password) = (self.argon2.clone(), password.clone());
        let right = self
            .in_turn(move || {
                let Ok(hash) = PasswordHash::new(&stored) else { return false };
                argon2.verify_password(password.expose().as_bytes(), &hash).is_ok()
            })
            .await?;
        Ok(right && known)
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let turn = self.turns.clone().acquire_owned().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        })
        .await
        .map_err(Error::internal)
    }
}
