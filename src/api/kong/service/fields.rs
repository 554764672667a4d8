//! Which fields has a service? (portal.md K53)

use crate::api::kong::plugin::fields::{CREATED_AT, ID, TAGS, UPDATED_AT};
use crate::api::kong::schema::describe::Documented;
use crate::api::kong::schema::{Extent, Field, Kind, Preset, Rule};

/// How a service is spoken to if nothing was said.
pub const PROTOCOL: &str = "http";
/// Its port if nothing was said.
pub const PORT: i64 = 80;
/// How often a gateway tries again if nothing was said.
pub const RETRIES: i64 = 5;
/// How long a gateway waits if nothing was said, in milliseconds.
pub const TIMEOUT: i64 = 60_000;

const PROTOCOLS: [&str; 8] = ["grpc", "grpcs", "http", "https", "tcp", "tls", "tls_passthrough", "udp"];
const CERTIFICATE: Field = Field::element(Kind::Text, &[Rule::Uuid]);

/// The fields of a service.
pub const FIELDS: &[Field] = &[
    ID,
    CREATED_AT,
    UPDATED_AT,
    Field::optional("name", Kind::Text, "Its name; unique.").with(&[Rule::LengthMax(255), Rule::Passes(name)]),
    Field::optional("retries", Kind::Integer, "How often a gateway tries again.")
        .or(Preset::Integer(RETRIES))
        .with(&[Rule::Between(0, 32_767)]),
    Field::required("protocol", Kind::Text, "How it is spoken to.")
        .or(Preset::Text(PROTOCOL))
        .with(&[Rule::OneOf(&PROTOCOLS)]),
    Field::required("host", Kind::Text, "Its host.").with(&[Rule::LengthMax(255), Rule::Passes(host)]),
    Field::required("port", Kind::Integer, "Its port.").or(Preset::Integer(PORT)).with(&[Rule::Between(0, 65_535)]),
    Field::optional("path", Kind::Text, "What stands in front of every path.")
        .with(&[Rule::StartsWith("/"), Rule::Passes(path)]),
    timeout("connect_timeout", "Milliseconds a gateway waits for a connection."),
    timeout("write_timeout", "Milliseconds a gateway waits while it sends."),
    timeout("read_timeout", "Milliseconds a gateway waits for an answer."),
    TAGS,
    Field::optional("client_certificate", Kind::Reference("certificates"), "Not available.").with(&[Rule::Null]),
    Field::optional("tls_verify", Kind::Boolean, "Whether its certificate is checked."),
    Field::optional("tls_verify_depth", Kind::Integer, "How long its chain of certificates may be.")
        .with(&[Rule::Between(0, 64)]),
    Field::optional("ca_certificates", Kind::List(&CERTIFICATE), "Who may have signed its certificate."),
    Field::required("enabled", Kind::Boolean, "Whether it is in use.").or(Preset::Boolean(true)),
];

const fn timeout(name: &'static str, about: &'static str) -> Field {
    Field::optional(name, Kind::Integer, about).or(Preset::Integer(TIMEOUT)).with(&[Rule::Between(1, 2_147_483_646)])
}

/// The body that makes or replaces a service.
#[derive(Debug)]
pub enum ServiceBody {}

impl Documented for ServiceBody {
    const NAME: &'static str = "KongServiceBody";
    const ABOUT: &'static str = "A service. `url` may stand for `protocol`, `host`, `port` and `path`.";
    const FIELDS: &'static [Field] = FIELDS;
}

/// A service as it is shown.
#[derive(Debug)]
pub enum ServiceEntity {}

impl Documented for ServiceEntity {
    const NAME: &'static str = "KongService";
    const ABOUT: &'static str = "A service.";
    const FIELDS: &'static [Field] = FIELDS;
    const EXTENT: Extent = Extent::Part;
}

/// A change of a service, of which anything may be left out.
#[derive(Debug)]
pub enum ServicePatch {}

impl Documented for ServicePatch {
    const NAME: &'static str = "KongServicePatch";
    const ABOUT: &'static str = "What shall change of a service: every field may be left out.";
    const FIELDS: &'static [Field] = FIELDS;
    const EXTENT: Extent = Extent::Part;
}

/// A name is a part of a path (s.K7).
fn name(text: &str) -> Result<(), String> {
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_' | '~');
    let foreign = |character: char| !character.is_ascii() && !character.is_control();
    // A dot alone is a step in a path, not a part of one.
    let is_step = matches!(text, "." | "..");
    if !is_step && text.chars().all(|character| plain(character) || foreign(character)) {
        return Ok(());
    }
    Err(format!("invalid value '{text}': the only accepted ascii characters are alphanumerics or ., -, _, and ~"))
}

fn host(text: &str) -> Result<(), String> {
    let inside = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if inside.unwrap_or(text).parse::<std::net::Ipv6Addr>().is_ok() {
        return Ok(());
    }
    let (name, port) = text.rsplit_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let is_name = !name.is_empty() && name.bytes().all(plain) && !name.starts_with('.') && !name.contains("..");
    match port {
        None if is_name => Ok(()),
        Some(_) if is_name => Err("must not have a port".to_owned()),
        _ => Err(format!("invalid value: {text}")),
    }
}

fn path(text: &str) -> Result<(), String> {
    if text.contains("//") {
        return Err("must not have empty segments".to_owned());
    }
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_~/%:@!$&'()*+,;=".contains(&byte)) {
        return Err(format!("invalid path: '{text}' (characters outside of the reserved list of RFC 3986 found)"));
    }
    let broken = text.match_indices('%').find(|(at, _)| {
        let digits = text.get(at + 1..at + 3);
        !digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    });
    broken.map_or(Ok(()), |(at, _)| {
        let shown = &text[at..(at + 3).min(text.len())];
        Err(format!("invalid url-encoded value: '{shown}'"))
    })
}
