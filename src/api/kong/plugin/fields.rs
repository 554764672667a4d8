//! Which fields has a plugin, and which has its `config`? (portal.md K9 to K22, K49; D-2)

use super::PluginName;
use crate::api::kong::schema::describe::Documented;
use crate::api::kong::schema::{Extent, Field, Kind, Preset, Rule};

/// The longest time a token may be given, in seconds (K49).
pub const SECONDS_MAX: i64 = 100_000_000;
/// The protocols a plugin can be for, sorted (K22).
pub const PROTOCOLS: [&str; 4] = ["grpc", "grpcs", "http", "https"];
/// How long a token lives if nothing was said, in seconds (K18).
pub const TOKEN_EXPIRATION: i64 = 7200;
/// How long a refresh token lives if nothing was said, in seconds: two weeks (K17).
pub const REFRESH_TOKEN_TTL: i64 = 1_209_600;
/// The header that carries the access token if nothing was said (K9).
pub const AUTH_HEADER_NAME: &str = "authorization";

const SCOPE: Field = Field::element(Kind::Text, &[Rule::Passes(scope)]);
const PROTOCOL: Field = Field::element(Kind::Text, &[Rule::OneOf(&PROTOCOLS)]);
const TAG: Field = Field::element(Kind::Text, &[Rule::LengthMax(128), Rule::Passes(tag)]);

/// The tags of any entity.
pub const TAGS: Field = Field::optional("tags", Kind::Set(&TAG), "Words to find it by.");
/// The id of any entity.
pub const ID: Field = Field::generated("id", Kind::Text, "Its id; generated if none is given.").with(&[Rule::Uuid]);
/// When any entity was made. Told, never taken.
pub const CREATED_AT: Field = Field::optional("created_at", Kind::Integer, "When it was made; ignored.");
/// When any entity was changed. Told, never taken.
pub const UPDATED_AT: Field = Field::optional("updated_at", Kind::Integer, "When it was changed; ignored.");

const SCOPES: Field = Field::optional(
    "scopes",
    Kind::List(&SCOPE),
    "The scopes available to the end user; each element may hold several, with blanks between them. Needed with \
     `mandatory_scope`.",
);
const MANDATORY_SCOPE: Field =
    switch("mandatory_scope", "Whether at least one scope must be authorized by the end user.");
const PROVISION_KEY: Field = Field::generated(
    "provision_key",
    Kind::Text,
    "What a site presents that vouches for its users; generated if none is given.",
)
.with(&[Rule::LengthMax(255)]);
const TOKEN: Field = Field::required("token_expiration", Kind::Integer, "Seconds a token lives; 0 for ever.")
    .or(Preset::Integer(TOKEN_EXPIRATION))
    .with(&[Rule::Between(0, SECONDS_MAX)]);
const REFRESH: Field =
    Field::required("refresh_token_ttl", Kind::Integer, "Seconds a refresh token lives; 0 for ever.")
        .or(Preset::Integer(REFRESH_TOKEN_TTL))
        .with(&[Rule::Between(0, SECONDS_MAX)]);
const HEADER: Field =
    Field::optional("auth_header_name", Kind::Text, "The name of the header that carries the access token.")
        .or(Preset::Text(AUTH_HEADER_NAME))
        .with(&[Rule::LengthMax(64), Rule::Passes(header_name)]);
const CODE: Field = switch("enable_authorization_code", "Enables the authorization code flow (RFC 6749 §4.1).");
const CREDENTIALS: Field = switch("enable_client_credentials", "Enables the client credentials flow (RFC 6749 §4.4).");
const IMPLICIT: Field = switch("enable_implicit_grant", "Enables the implicit flow (RFC 6749 §4.2).");
const PASSWORD: Field = switch("enable_password_grant", "Enables the password flow (RFC 6749 §4.3).");

const REGISTRATION: [Field; 14] = [
    HEADER,
    switch("auto_approve", "Whether new contracts are approved at once."),
    Field::optional("description", Kind::Text, "Shown with the service in the portal."),
    Field::required("display_name", Kind::Text, "The name of the service in the portal; unique.")
        .with(&[Rule::LengthMax(255)]),
    CODE,
    CREDENTIALS,
    IMPLICIT,
    PASSWORD,
    MANDATORY_SCOPE,
    PROVISION_KEY,
    REFRESH,
    SCOPES,
    TOKEN,
    Field::optional("show_issuer", Kind::Boolean, "Whether the issuer is shown with the service in the portal."),
];

/// What a gateway does with the tokens (`hide_credentials`, `realm`, …) is taken, and is the gateway's to do. What this
/// server would have to do and does not is refused.
const OAUTH2: [Field; 17] = [
    SCOPES,
    MANDATORY_SCOPE,
    PROVISION_KEY,
    TOKEN,
    CODE,
    IMPLICIT,
    CREDENTIALS,
    PASSWORD,
    switch("hide_credentials", "Whether the gateway hides the credential from the service behind it."),
    switch("accept_http_if_already_terminated", "Whether the gateway trusts a proxy that ended TLS."),
    Field::optional("anonymous", Kind::Text, "Not available: nobody is let in without a token.").with(&[Rule::Null]),
    Field::required(
        "global_credentials",
        Kind::Boolean,
        "Whether credentials work on other services as well; they do.",
    )
    .or(Preset::Boolean(true)),
    HEADER,
    REFRESH,
    switch("reuse_refresh_token", "Not available: refresh tokens are rotated.").with(&[Rule::False]),
    Field::optional("pkce", Kind::Text, "How PKCE is asked for.")
        .or(Preset::Text("lax"))
        .with(&[Rule::OneOf(&["lax"])]),
    Field::optional("realm", Kind::Text, "What the gateway says in `WWW-Authenticate`."),
];

const REGISTRATION_PLUGIN: [Field; 15] = plugin(&REGISTRATION);
const OAUTH2_PLUGIN: [Field; 15] = plugin(&OAUTH2);

/// The fields around a `config`.
const fn plugin(config: &'static [Field]) -> [Field; 15] {
    [
        ID,
        CREATED_AT,
        UPDATED_AT,
        Field::required("name", Kind::Text, "Which plugin: `application-registration` or `oauth2`."),
        Field::optional("instance_name", Kind::Text, "What a gateway calls it; kept and told.")
            .with(&[Rule::LengthMax(255), Rule::Passes(instance_name)]),
        // Where it is missing, the path may name it.
        Field::optional("service", Kind::Reference("services"), "The service it is on."),
        Field::optional("route", Kind::Reference("routes"), "Not available: it is on a service.").with(&[Rule::Null]),
        Field::optional("consumer", Kind::Reference("consumers"), "Not available: it is on a service.")
            .with(&[Rule::Null]),
        Field::optional("consumer_group", Kind::Reference("consumer_groups"), "Not available: it is on a service.")
            .with(&[Rule::Null]),
        Field::optional("run_on", Kind::Text, "On which nodes of a mesh a gateway runs it; kept and told.")
            .with(&[Rule::OneOf(&["first", "second", "all"])]),
        Field::optional("ordering", Kind::Text, "Not available.").with(&[Rule::Null]),
        Field::required("config", Kind::Record(config), "What it does."),
        Field::required("protocols", Kind::Set(&PROTOCOL), "The protocols it is for.").or(Preset::Words(&PROTOCOLS)),
        switch("enabled", "Whether new registrations are taken.").or(Preset::Boolean(true)),
        TAGS,
    ]
}

const fn switch(name: &'static str, about: &'static str) -> Field {
    Field::required(name, Kind::Boolean, about).or(Preset::Boolean(false))
}

impl PluginName {
    /// The fields of the plugin.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::ApplicationRegistration => &REGISTRATION_PLUGIN,
            Self::OAuth2 => &OAUTH2_PLUGIN,
        }
    }

    /// The fields of its `config`.
    pub fn config(self) -> &'static [Field] {
        match self {
            Self::ApplicationRegistration => &REGISTRATION,
            Self::OAuth2 => &OAUTH2,
        }
    }
}

/// The body that makes or changes a plugin.
#[derive(Debug)]
pub enum PluginBody {}

impl Documented for PluginBody {
    const NAME: &'static str = "KongPluginBody";
    const ABOUT: &'static str = "A plugin on a service. For `name=oauth2` see `GET /schemas/plugins/oauth2`.";
    const FIELDS: &'static [Field] = &REGISTRATION_PLUGIN;
}

/// A plugin as it is shown.
#[derive(Debug)]
pub enum PluginEntity {}

impl Documented for PluginEntity {
    const NAME: &'static str = "KongPlugin";
    const ABOUT: &'static str = "A plugin on a service. `provision_key` is shown to admins only.";
    const FIELDS: &'static [Field] = &REGISTRATION_PLUGIN;
    const EXTENT: Extent = Extent::Part;
}

/// A change of a plugin, of which anything may be left out.
#[derive(Debug)]
pub enum PluginPatch {}

impl Documented for PluginPatch {
    const NAME: &'static str = "KongPluginPatch";
    const ABOUT: &'static str = "What shall change of a plugin: every field may be left out.";
    const FIELDS: &'static [Field] = &REGISTRATION_PLUGIN;
    const EXTENT: Extent = Extent::Part;
}

/// One or several scope tokens (RFC 6749 §3.3) with blanks between them (K21).
fn scope(text: &str) -> Result<(), String> {
    let plain = |byte: u8| matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~');
    if text.bytes().all(plain) && text.bytes().any(|byte| byte != b' ') {
        return Ok(());
    }
    Err(format!("invalid value: {text}"))
}

fn instance_name(text: &str) -> Result<(), String> {
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_' | '~');
    if text.chars().all(|character| plain(character) || !character.is_ascii()) {
        return Ok(());
    }
    Err(format!("invalid value '{text}': the only accepted ascii characters are alphanumerics or ., -, _, and ~"))
}

fn header_name(text: &str) -> Result<(), String> {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return Ok(());
    }
    Err(format!("bad header name '{text}', allowed characters are A-Z, a-z, 0-9, '_', and '-'"))
}

fn tag(text: &str) -> Result<(), String> {
    if text.chars().all(|character| !character.is_control() && !matches!(character, ',' | '/')) {
        return Ok(());
    }
    Err(format!("invalid tag '{text}': expected printable ascii (except `,` and `/`) or valid utf-8 sequences"))
}
