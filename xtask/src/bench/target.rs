//! How fast is fast enough, and how fast can it be? Server CPU per request, from the project's own measurements of what
//! the libraries cost alone.

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Aim {
    /// A short name.
    pub(super) id: &'static str,
    /// What the load does.
    pub(super) what: &'static str,
    /// Microseconds of server CPU per request that are enough; `None` for what is measured on the way.
    pub(super) target: Option<f64>,
    /// What the work itself costs, from the least to the most: nothing can be faster.
    pub(super) ceiling: Option<(f64, f64)>,
}

const fn aim(id: &'static str, what: &'static str, target: f64, least: f64, most: f64) -> Aim {
    Aim { id, what, target: Some(target), ceiling: Some((least, most)) }
}

pub(super) const REGISTER: Aim = aim("R1", "register, open, confidential", 70.0, 45.0, 45.0);
pub(super) const REGISTER_WITH_TOKEN: Aim = aim("R1b", "register with an initial access token", 70.0, 45.0, 45.0);
pub(super) const READ_CLIENT: Aim = aim("R2", "read a client's configuration", 35.0, 14.0, 31.0);
pub(super) const CLIENT_CREDENTIALS: Aim = aim("T1", "client_credentials, ES256", 75.0, 50.0, 50.0);
pub(super) const CLIENT_CREDENTIALS_OF_ALL: Aim =
    Aim { id: "T1 all", what: "client_credentials, each stored client in turn", target: None, ceiling: None };
pub(super) const CLIENT_CREDENTIALS_EDDSA: Aim = aim("T1 EdDSA", "client_credentials, EdDSA", 90.0, 60.0, 60.0);
pub(super) const CLIENT_CREDENTIALS_RS256: Aim = aim("T1 RS256", "client_credentials, RS256", 350.0, 330.0, 330.0);
pub(super) const AUTHORIZE: Aim =
    Aim { id: "A1", what: "authorize, signed in and agreed", target: None, ceiling: None };
pub(super) const EXCHANGE: Aim = aim("T2", "code and PKCE for tokens, ES256 ID token", 230.0, 165.0, 165.0);
pub(super) const REFRESH: Aim = aim("T3", "refresh with rotation", 180.0, 120.0, 120.0);
pub(super) const INTROSPECT: Aim = aim("I1", "introspect a valid JWT", 45.0, 14.0, 74.0);
/// Contracts may cost a fifth (issue 3).
pub(super) const CONTRACT_INTROSPECT: Aim = aim("I1c", "introspect a JWT that depends on a contract", 54.0, 14.0, 74.0);
pub(super) const CONTRACT_CREDENTIALS: Aim = aim("T1c", "client_credentials under a contract, ES256", 90.0, 50.0, 50.0);
pub(super) const INTROSPECT_UNKNOWN: Aim = aim("I2", "introspect an unknown token", 30.0, 10.0, 35.0);
pub(super) const REVOKE: Aim = aim("V1", "revoke a refresh token, durable", 75.0, 45.0, 45.0);
/// The ceiling is that of a revocation and of one signature to verify: nobody asked about these tokens before.
pub(super) const REVOKE_JWT: Aim = aim("V1 JWT", "revoke a JWT never seen, durable", 75.0, 105.0, 115.0);
pub(super) const USERINFO: Aim = aim("U1", "userinfo", 50.0, 30.0, 30.0);
pub(super) const DISCOVERY: Aim = aim("D1", "discovery", 14.0, 5.0, 12.0);
pub(super) const JWKS: Aim = aim("D2", "JWKS", 14.0, 5.0, 12.0);

/// How much slower a load may become with a hundred times as many clients.
pub(super) const GROWTH: f64 = 1.15;
pub(super) const IDLE_MEMORY_MB: f64 = 35.0;
pub(super) const FULL_MEMORY_MB: f64 = 120.0;
pub(super) const COLD_START_MS: f64 = 45.0;
