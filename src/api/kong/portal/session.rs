//! Who is signed in to the Portal API? Whose cookie it is (portal.md K73; security.md s.L3, s.L4, s.B10).

use http::Method;
use http::header::{self, HeaderMap, HeaderValue, ORIGIN};
use poem::Request;

use crate::api::kong::Refusal;
use crate::app::App;
use crate::oidc::session::{Session, session};
use crate::oidc::tenant::{DEFAULT_SLUG, Tenant};
use crate::secret::Secret;

/// The name of the cookie, but for its prefix over TLS and the tenant behind it.
pub const COOKIE: &str = "registrar-kong-portal";
/// Longer values are none of ours.
const VALUE_BYTES_MAX: usize = 200;

/// The session of a request that sends our cookie, if it lives.
///
/// # Errors
/// 403 for a change that a page of another origin asks for (s.B10); when the database cannot be asked.
pub async fn find(app: &App, tenant: &Tenant, request: &Request) -> Result<Option<Session>, Refusal> {
    let Some(cookie) = read(tenant, request.headers()) else { return Ok(None) };
    let Some(session) = session::find(app, tenant, &cookie).await? else { return Ok(None) };
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_safe && is_foreign(tenant, request.headers()) {
        return Err(Refusal::foreign_origin());
    }
    Ok(Some(session))
}

/// Whether a page of another origin sent a request. A script that is no page names no origin.
pub fn is_foreign(tenant: &Tenant, headers: &HeaderMap) -> bool {
    let other_origin = headers.get(ORIGIN).is_some_and(|origin| origin.as_bytes() != tenant.origin().as_bytes());
    let other_site = headers.get("sec-fetch-site").is_some_and(|site| site.as_bytes() == b"cross-site");
    other_origin || other_site
}

fn read(tenant: &Tenant, headers: &HeaderMap) -> Option<Secret> {
    let name = name(tenant);
    let pairs = headers.get_all(header::COOKIE).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    let ours = pairs.filter_map(|pair| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="));
    let mut values = ours.filter_map(|value| std::str::from_utf8(value).ok());
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let could_be = |value: &&str| {
        value.len() <= VALUE_BYTES_MAX && value.starts_with(session::PREFIX) && value.bytes().all(allowed)
    };
    values.find(could_be).map(Secret::new)
}

fn name(tenant: &Tenant) -> String {
    let prefix = if tenant.is_https() { "__Host-" } else { "" };
    match tenant.slug.as_str() {
        DEFAULT_SLUG => format!("{prefix}{COOKIE}"),
        slug => format!("{prefix}{COOKIE}-{slug}"),
    }
}

/// The header that makes a caller remember a session; `None`: forget it.
pub fn cookie(tenant: &Tenant, value: Option<&Secret>) -> Option<HeaderValue> {
    let secure = if tenant.is_https() { "; Secure" } else { "" };
    let lifetime = if value.is_some() { "" } else { "; Max-Age=0" };
    let (name, value) = (name(tenant), value.map_or("", Secret::expose));
    HeaderValue::try_from(format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{lifetime}")).ok()
}
