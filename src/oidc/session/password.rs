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

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    /// Fewer than [`LENGTH_MIN`] characters.
    TooShort,
    /// More than [`BYTES_MAX`] bytes.
    TooLong,
    /// Everybody's first guess.
    TooEasy,
}

impl Weak {
    /// In words for people.
    pub fn describe(self) -> String {
        match self {
            Self::TooShort => format!("the password is too short: {LENGTH_MIN} characters are the least"),
            Self::TooLong => format!("the password is too long: {BYTES_MAX} bytes are the most"),
            Self::TooEasy => "the password is one of the first that anybody would guess".to_owned(),
        }
    }
}

/// What lists of stolen passwords begin with, of those that are long enough to pass otherwise.
const FIRST_GUESSES: [&str; 24] = [
    "password",
    "passw0rd",
    "password1",
    "password123",
    "12345678",
    "123456789",
    "1234567890",
    "87654321",
    "11223344",
    "qwertyuiop",
    "qwerty123",
    "1q2w3e4r",
    "1qaz2wsx",
    "asdfghjkl",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "letmein1",
    "welcome1",
    "abcd1234",
    "trustno1",
];

/// Whether `password` may be the one of somebody with this e-mail address: the one rule, whoever sets it.
///
/// # Errors
/// [`Weak`].
pub fn check(password: &Secret, email: &str) -> Result<(), Weak> {
    let text = password.expose();
    if text.len() > BYTES_MAX {
        return Err(Weak::TooLong);
    }
    if text.chars().count() < LENGTH_MIN {
        return Err(Weak::TooShort);
    }
    let lower = text.to_lowercase();
    let email = email.to_lowercase();
    let local = email.split('@').next().unwrap_or_default();
    let one_character = text.chars().all(|c| text.starts_with(c));
    if one_character || lower == email || lower == local || FIRST_GUESSES.contains(&lower.as_str()) {
        return Err(Weak::TooEasy);
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_enough_not_too_long_and_not_the_first_guess() {
        // s.L13
        let check = |password: &str| check(&Secret::new(password), "Ada.Lovelace@example.org");
        assert_eq!(check("correct horse"), Ok(()));
        assert_eq!(check("pässwörd"), Ok(()));
        assert_eq!(check("seven77"), Err(Weak::TooShort));
        assert_eq!(check(&"ab".repeat(129)), Err(Weak::TooLong));
        for easy in ["Password", "aaaaaaaaaa", "ada.lovelace@example.org", "ADA.lovelace", "12345678"] {
            assert_eq!(check(easy), Err(Weak::TooEasy), "{easy}");
        }
    }
}
