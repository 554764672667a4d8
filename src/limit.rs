//! How much may one caller ask for?

mod bucket;

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

use bucket::{Buckets, Pace};

use crate::clock::{Clock, Seconds};
use crate::oidc;

/// `requests` at once; what was spent comes back evenly over `seconds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many requests a full bucket holds. Zero refuses all.
    pub requests: u32,
    /// How many seconds an empty bucket takes to be full again.
    pub seconds: u32,
}

impl Quota {
    /// `requests` at once, refilled within `seconds`.
    pub const fn new(requests: u32, seconds: u32) -> Self {
        Self { requests, seconds }
    }
}

/// Every limit; `None` switches one off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Registrations from one source, refused ones included.
    pub registration_per_source: Option<Quota>,
    /// Registrations with one initial access token, refused ones included.
    pub registration_per_token: Option<Quota>,
    /// Registrations from everywhere.
    pub registration_total: Option<Quota>,
    /// Credentials from one source that turned out wrong.
    pub wrong_credentials_per_source: Option<Quota>,
    /// Wrong secrets for one client from one source (RFC 6749 §2.3.1).
    pub wrong_secrets_per_client: Option<Quota>,
    /// Revocations from one source.
    pub revocation_per_source: Option<Quota>,
    /// Sign-in attempts on one account from browsers that never signed in to it.
    pub sign_in_per_account: Option<Quota>,
    /// Sign-in attempts on one account from one browser that signed in to it before.
    pub sign_in_per_known_browser: Option<Quota>,
    /// Sign-in attempts from one source.
    pub sign_in_per_source: Option<Quota>,
    /// How many callers one limit remembers. Those beyond share one bucket, so that memory stays bounded and a flood of
    /// addresses gains nothing.
    pub keys_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            registration_per_source: Some(Quota::new(60, 60)),
            registration_per_token: Some(Quota::new(120, 60)),
            registration_total: Some(Quota::new(1200, 60)),
            wrong_credentials_per_source: Some(Quota::new(20, 60)),
            wrong_secrets_per_client: Some(Quota::new(30, 60)),
            revocation_per_source: Some(Quota::new(600, 60)),
            sign_in_per_account: Some(Quota::new(10, 600)),
            sign_in_per_known_browser: Some(Quota::new(10, 600)),
            sign_in_per_source: Some(Quota::new(25, 600)),
            keys_max: 65_536,
        }
    }
}

impl Limits {
    /// No limit at all: for measuring, and for tests of something else.
    pub fn off() -> Self {
        Self {
            registration_per_source: None,
            registration_per_token: None,
            registration_total: None,
            wrong_credentials_per_source: None,
            wrong_secrets_per_client: None,
            revocation_per_source: None,
            sign_in_per_account: None,
            sign_in_per_known_browser: None,
            sign_in_per_source: None,
            keys_max: 1,
        }
    }
}

/// How much of a limit is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many requests a full bucket holds.
    pub limit: u32,
    /// How many it holds now.
    pub remaining: u32,
    /// When it will be full again, seconds since 1970.
    pub full_at: Seconds,
}

/// Ask again after so many whole seconds, at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many requests: ask again in {seconds} s")]
pub struct Wait {
    /// What goes into `Retry-After`.
    pub seconds: u32,
}

impl From<Wait> for oidc::Error {
    fn from(wait: Wait) -> Self {
        Self::too_many_requests(wait.seconds)
    }
}

/// Who is counted: an IPv4 address, or the /64 an IPv6 address lies in (whoever has one of its addresses has them all).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Source(IpAddr);

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => IpAddr::V4(v4),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        })
    }
}

/// The browser a person signs in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser<'a> {
    /// It never signed in to this account.
    Unknown,
    /// It did before, and proved it with this identifier: guesses made elsewhere do not slow it (s.L8).
    Known(&'a str),
}

/// All limits of one process.
#[derive(Debug)]
pub struct Limiter {
    clock: Clock,
    registration_per_source: Buckets,
    registration_per_token: Buckets,
    registration_total: Buckets,
    registration_of_tenant: Buckets,
    wrong_credentials_per_source: Buckets,
    wrong_secrets_per_client: Buckets,
    revocation_per_source: Buckets,
    sign_in_per_account: Buckets,
    sign_in_per_known_browser: Buckets,
    sign_in_per_source: Buckets,
}

impl Limiter {
    /// Full buckets.
    pub fn new(clock: Clock, limits: &Limits) -> Self {
        let buckets = |quota| Buckets::new(quota, limits.keys_max);
        Self {
            clock,
            registration_per_source: buckets(limits.registration_per_source),
            registration_per_token: buckets(limits.registration_per_token),
            registration_total: buckets(limits.registration_total),
            registration_of_tenant: buckets(None),
            wrong_credentials_per_source: buckets(limits.wrong_credentials_per_source),
            wrong_secrets_per_client: buckets(limits.wrong_secrets_per_client),
            revocation_per_source: buckets(limits.revocation_per_source),
            sign_in_per_account: buckets(limits.sign_in_per_account),
            sign_in_per_known_browser: buckets(limits.sign_in_per_known_browser),
            sign_in_per_source: buckets(limits.sign_in_per_source),
        }
    }

    /// Counts one attempt to register, whatever becomes of it (s.R59). `token` is the stored form of the initial access
    /// token, if one was shown.
    ///
    /// # Errors
    /// [`Wait`] when the source, the token or everybody together asked too often.
    pub fn registration(&self, from: IpAddr, token: Option<&str>) -> Result<(), Wait> {
        let now = self.clock.now_millis();
        self.registration_per_source.take(now, &Source::from(from))?;
        if let Some(token) = token {
            self.registration_per_token.take(now, &token)?;
        }
        self.registration_total.take(now, &())
    }

    /// Counts one attempt to register without a token at a tenant that takes `per_second` of them (portal.md A35).
    ///
    /// # Errors
    /// [`Wait`] when there were more within a second.
    pub fn registration_of(&self, tenant: &impl Hash, per_second: NonZeroU32) -> Result<(), Wait> {
        let (buckets, now) = (&self.registration_of_tenant, self.clock.now_millis());
        buckets.take_at(now, buckets.key(tenant), Pace::of(Quota::new(per_second.get(), 1)))
    }

    /// How many registrations without a token the tenant takes now. Counts nothing.
    pub fn registrations_left(&self, tenant: &impl Hash, per_second: NonZeroU32) -> Rate {
        let (buckets, now) = (&self.registration_of_tenant, self.clock.now_millis());
        let pace = Pace::of(Quota::new(per_second.get(), 1));
        let (now, full_at) = (now.saturating_mul(1000), buckets.full_at(now, tenant));
        let left = now.saturating_add(pace.depth).saturating_sub(full_at).max(0) / pace.cost;
        Rate {
            limit: per_second.get(),
            remaining: u32::try_from(left).unwrap_or(u32::MAX).min(per_second.get()),
            full_at: full_at.saturating_add(999_999) / 1_000_000,
        }
    }

    /// Whether a credential from this source is looked at at all. Counts nothing (s.R50).
    ///
    /// # Errors
    /// [`Wait`] after too many wrong ones.
    pub fn may_show_credentials(&self, from: IpAddr) -> Result<(), Wait> {
        if self.wrong_credentials_per_source.is_empty() {
            return Ok(());
        }
        self.wrong_credentials_per_source.peek(self.clock.now_millis(), &Source::from(from))
    }

    /// Counts a token or client secret that turned out wrong.
    pub fn wrong_credentials(&self, from: IpAddr) {
        // The caller is refused anyway; whether the next one may ask is for `may_show_credentials` to say.
        let _ = self.wrong_credentials_per_source.take(self.clock.now_millis(), &Source::from(from));
    }

    /// Whether a secret for this client from this source is looked at at all. Counts nothing. Whoever shares an address
    /// with a guesser, or a client identifier with one elsewhere, is not held up.
    ///
    /// # Errors
    /// [`Wait`] after too many wrong ones.
    pub fn may_show_secret(&self, from: IpAddr, client_id: &str) -> Result<(), Wait> {
        if self.wrong_secrets_per_client.is_empty() {
            return Ok(());
        }
        self.wrong_secrets_per_client.peek(self.clock.now_millis(), &(Source::from(from), client_id))
    }

    /// Counts a client secret that turned out wrong.
    pub fn wrong_secret(&self, from: IpAddr, client_id: &str) {
        // The caller is refused anyway; whether the next one may ask is for `may_show_secret` to say.
        let _ = self.wrong_secrets_per_client.take(self.clock.now_millis(), &(Source::from(from), client_id));
    }

    /// Counts one revocation.
    ///
    /// # Errors
    /// [`Wait`] when the source asked too often.
    pub fn revocation(&self, from: IpAddr) -> Result<(), Wait> {
        self.revocation_per_source.take(self.clock.now_millis(), &Source::from(from))
    }

    /// Reserves one sign-in attempt, before any password is hashed, so that parallel guesses are all counted (s.L6).
    /// `account` is the account's id, never what was typed, lest an alias have its own count (s.L7); for an unknown
    /// account it is the normalised name.
    ///
    /// # Errors
    /// [`Wait`] when this account or this source saw too many. Nobody is locked out: a try comes back with time (s.L8).
    pub fn sign_in(&self, account: &str, from: IpAddr, browser: Browser<'_>) -> Result<SignIn<'_>, Wait> {
        let now = self.clock.now_millis();
        let source = self.sign_in_per_source.key(&Source::from(from));
        self.sign_in_per_source.take_key(now, source)?;
        let (buckets, key) = match browser {
            Browser::Unknown => (&self.sign_in_per_account, self.sign_in_per_account.key(&account)),
            Browser::Known(id) => (&self.sign_in_per_known_browser, self.sign_in_per_known_browser.key(&(account, id))),
        };
        buckets.take_key(now, key)?;
        Ok(SignIn { limiter: self, source, account: (buckets, key) })
    }
}

/// One reserved sign-in attempt. Dropped, it stays counted.
#[derive(Debug)]
#[must_use]
pub struct SignIn<'a> {
    limiter: &'a Limiter,
    source: u64,
    account: (&'a Buckets, u64),
}

impl SignIn<'_> {
    /// The password was right: the attempt is not counted after all.
    pub fn succeeded(self) {
        self.limiter.sign_in_per_source.give_back(self.source);
        self.account.0.give_back(self.account.1);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn limiter(limits: &Limits) -> (Limiter, Clock) {
        let clock = Clock::fixed(1_000_000);
        (Limiter::new(clock.clone(), limits), clock)
    }

    #[test]
    fn a_source_that_registers_too_often_waits_and_others_do_not() {
        // s.R59
        let limits = Limits { registration_per_source: Some(Quota::new(3, 30)), ..Limits::off() };
        let limits = Limits { keys_max: 100, ..limits };
        let (limiter, clock) = limiter(&limits);
        let one = address("192.0.2.1");
        for _ in 0..3 {
            assert_eq!(limiter.registration(one, None), Ok(()));
        }
        assert_eq!(limiter.registration(one, None), Err(Wait { seconds: 10 }));
        assert_eq!(limiter.registration(address("192.0.2.2"), None), Ok(()));
        clock.advance(10);
        assert_eq!(limiter.registration(one, None), Ok(()));
        assert_eq!(limiter.registration(one, None), Err(Wait { seconds: 10 }));
    }

    #[test]
    fn the_addresses_of_one_ipv6_prefix_are_one_source() {
        let limits = Limits { registration_per_source: Some(Quota::new(1, 60)), keys_max: 10, ..Limits::off() };
        let (limiter, _) = limiter(&limits);
        assert_eq!(limiter.registration(address("2001:db8:1:2::1"), None), Ok(()));
        assert_eq!(limiter.registration(address("2001:db8:1:2:ffff::9"), None), Err(Wait { seconds: 60 }));
        assert_eq!(limiter.registration(address("2001:db8:1:3::1"), None), Ok(()));
        assert_eq!(limiter.registration(address("::ffff:192.0.2.1"), None), Ok(()));
        assert_eq!(limiter.registration(address("192.0.2.1"), None), Err(Wait { seconds: 60 }));
    }

    #[test]
    fn registrations_are_limited_in_total_and_per_token() {
        let limits = Limits {
            registration_total: Some(Quota::new(3, 3)),
            registration_per_token: Some(Quota::new(1, 60)),
            keys_max: 10,
            ..Limits::off()
        };
        let (limiter, _) = limiter(&limits);
        assert_eq!(limiter.registration(address("192.0.2.1"), Some("a")), Ok(()));
        assert_eq!(limiter.registration(address("192.0.2.2"), Some("a")), Err(Wait { seconds: 60 }));
        assert_eq!(limiter.registration(address("192.0.2.3"), Some("b")), Ok(()));
        assert_eq!(limiter.registration(address("192.0.2.4"), None), Ok(()));
        assert_eq!(limiter.registration(address("192.0.2.5"), None), Err(Wait { seconds: 1 }));
    }

    #[test]
    fn a_tenant_takes_so_many_registrations_a_second() {
        spec!("portal/A35");
        let (limiter, clock) = limiter(&Limits::off());
        let five = NonZeroU32::new(5).unwrap();
        let left = |tenant: &str| limiter.registrations_left(&tenant, five);
        assert_eq!(left("a"), Rate { limit: 5, remaining: 5, full_at: 1_000_000 });
        for remaining in (0..5).rev() {
            assert_eq!(limiter.registration_of(&"a", five), Ok(()));
            assert_eq!(left("a"), Rate { limit: 5, remaining, full_at: 1_000_001 });
        }
        assert_eq!(limiter.registration_of(&"a", five), Err(Wait { seconds: 1 }));
        assert_eq!(left("b").remaining, 5);
        clock.advance(1);
        assert_eq!(left("a"), Rate { limit: 5, remaining: 5, full_at: 1_000_001 });
    }

    #[test]
    fn wrong_credentials_close_the_door_for_their_source_only() {
        // s.R50
        let (limiter, clock) = limiter(&Limits::default());
        let guesser = address("198.51.100.7");
        for _ in 0..20 {
            assert_eq!(limiter.may_show_credentials(guesser), Ok(()));
            limiter.wrong_credentials(guesser);
        }
        assert_eq!(limiter.may_show_credentials(guesser), Err(Wait { seconds: 3 }));
        assert_eq!(limiter.may_show_credentials(address("198.51.100.8")), Ok(()));
        clock.advance(3);
        assert_eq!(limiter.may_show_credentials(guesser), Ok(()));
    }

    #[test]
    fn parallel_guesses_at_one_account_are_all_counted() {
        // s.L5, s.L6
        let (limiter, _) = limiter(&Limits::default());
        let admitted = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for thread in 0..40 {
                let (limiter, admitted) = (&limiter, &admitted);
                scope.spawn(move || {
                    let from = IpAddr::from([203, 0, 113, thread]);
                    if limiter.sign_in("alice", from, Browser::Unknown).is_ok() {
                        admitted.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(admitted.into_inner(), 10);
    }

    #[test]
    fn a_known_browser_signs_in_while_its_account_is_under_attack() {
        // s.L8
        let (limiter, _) = limiter(&Limits::default());
        for guess in 0..30 {
            let _ = limiter.sign_in("alice", IpAddr::from([203, 0, 113, guess]), Browser::Unknown);
        }
        let home = address("192.0.2.44");
        assert_eq!(limiter.sign_in("alice", home, Browser::Unknown).err(), Some(Wait { seconds: 60 }));
        assert!(limiter.sign_in("alice", home, Browser::Known("b1")).is_ok());
    }

    #[test]
    fn a_right_password_is_not_counted() {
        let (limiter, _) = limiter(&Limits::default());
        for _ in 0..100 {
            limiter.sign_in("alice", address("192.0.2.1"), Browser::Unknown).unwrap().succeeded();
        }
    }

    #[test]
    fn a_flood_of_addresses_neither_grows_the_memory_nor_frees_anybody() {
        let limits = Limits { registration_per_source: Some(Quota::new(1, 60)), keys_max: 100, ..Limits::off() };
        let (limiter, clock) = limiter(&limits);
        let admitted = |range: std::ops::Range<u32>| {
            range.filter(|n| limiter.registration(IpAddr::from(n.to_be_bytes()), None).is_ok()).count()
        };
        assert_eq!(admitted(0..10_000), 101);
        assert_eq!(limiter.registration_per_source.buckets().len(), 101);
        clock.advance(61);
        assert_eq!(admitted(20_000..20_050), 50);
        assert!(limiter.registration_per_source.buckets().len() <= 101);
    }

    #[test]
    fn a_limit_that_is_off_never_refuses_and_a_quota_of_nothing_always_does() {
        let (off, _) = limiter(&Limits::off());
        assert!((0..10_000).all(|_| off.registration(address("192.0.2.1"), Some("t")).is_ok()));
        let limits = Limits { registration_total: Some(Quota::new(0, 60)), ..Limits::off() };
        let (nothing, _) = limiter(&limits);
        assert_eq!(nothing.registration(address("192.0.2.1"), None), Err(Wait { seconds: 60 }));
    }
}
