//! What types of applications are there, and how may a client of each ask for tokens? One table (portal.md §3.3), and the
//! rules that follow from it.

use crate::oidc::client::{ApplicationType, GrantType};
use crate::oidc::tenant::{Tenant, TypeSettings};

use super::{Action, Actor, Error, Rule, Wrong};

/// The type of an application. It never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// Gets no client here; it may be known by an identifier elsewhere (portal.md G3).
    Simple,
    /// In browsers alone.
    Browser,
    /// On a server, with people in browsers.
    Web,
    /// On people's devices.
    Native,
    /// On a server, without people.
    BackendToBackend,
}

/// What there is to say about a type.
#[derive(Debug, PartialEq, Eq)]
pub struct Definition {
    /// How it stands in rows and in every dialect.
    pub id: &'static str,
    /// Name shown to people.
    pub name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Whether its client has to say where authorization answers go.
    pub requires_redirect_uris: bool,
    /// How its client may ask for tokens.
    pub allowed: &'static [Allowed],
    /// What is proposed.
    pub default: &'static [GrantType],
    /// What its client has in any case.
    pub mandatory: &'static [GrantType],
}

/// A grant that clients of a type may use.
#[derive(Debug, PartialEq, Eq)]
pub struct Allowed {
    /// The grant.
    pub grant: GrantType,
    /// Name shown to people.
    pub name: &'static str,
    /// The response types that come with it.
    pub response_types: &'static [&'static str],
}

const AUTHORIZATION_CODE: Allowed =
    Allowed { grant: GrantType::AuthorizationCode, name: "Authorization Code", response_types: &["code"] };
const REFRESH_TOKEN: Allowed = Allowed { grant: GrantType::RefreshToken, name: "Refresh Token", response_types: &[] };
const PASSWORD: Allowed = Allowed { grant: GrantType::Password, name: "Resource Owner Password", response_types: &[] };
const CLIENT_CREDENTIALS: Allowed =
    Allowed { grant: GrantType::ClientCredentials, name: "Client Credentials", response_types: &[] };
const IMPLICIT: Allowed =
    Allowed { grant: GrantType::Implicit, name: "Implicit", response_types: &["token", "id_token"] };
const HYBRID: Allowed = Allowed { name: "Implicit (Hybrid)", ..IMPLICIT };

const CODE: &[GrantType] = &[GrantType::AuthorizationCode];

static SIMPLE: Definition = Definition {
    id: "simple",
    name: "Simple",
    description: "A hands-free application: whoever makes it may say by which client identifier it is known elsewhere.",
    requires_redirect_uris: false,
    allowed: &[],
    default: &[],
    mandatory: &[],
};
static BROWSER: Definition = Definition {
    id: "browser",
    name: "SPA",
    description: "A page with scripts, e.g. in Angular, React or Ember, that calls APIs from the browser.",
    requires_redirect_uris: true,
    allowed: &[AUTHORIZATION_CODE, IMPLICIT],
    default: CODE,
    mandatory: &[],
};
static WEB: Definition = Definition {
    id: "web",
    name: "Web",
    description: "A web server that shows pages to people and calls APIs itself.",
    requires_redirect_uris: true,
    allowed: &[AUTHORIZATION_CODE, REFRESH_TOKEN, HYBRID],
    default: CODE,
    mandatory: CODE,
};
static NATIVE: Definition = Definition {
    id: "native",
    name: "Native",
    description: "A program on a phone or a desktop.",
    requires_redirect_uris: true,
    allowed: &[AUTHORIZATION_CODE, REFRESH_TOKEN, PASSWORD, IMPLICIT],
    default: CODE,
    mandatory: CODE,
};
static BACKEND_TO_BACKEND: Definition = Definition {
    id: "backend_to_backend",
    name: "Backend to backend",
    description: "A machine that calls APIs in its own name.",
    requires_redirect_uris: false,
    allowed: &[CLIENT_CREDENTIALS],
    default: &[GrantType::ClientCredentials],
    mandatory: &[GrantType::ClientCredentials],
};

/// What the rules of a type made of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The grants, the mandatory ones among them (D-7).
    pub grants: Vec<GrantType>,
    /// The response types that come with them.
    pub response_types: Vec<&'static str>,
}

/// Why the rules of types refuse; each dialect has its own words for it (portal.md G57).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No type is called so.
    UnknownType,
    /// The type is switched off.
    TypeNotAllowed(Type),
    /// No grant is named.
    GrantTypesNotFound,
    /// Some of the grants named are none of this type.
    GrantTypesNotAllowed {
        /// The type.
        kind: Type,
        /// Everything that was named, as it was named.
        wanted: Vec<String>,
    },
    /// The type needs redirect URIs.
    RedirectUrisNotFound,
}

impl Refused {
    /// The field it is about, as the rules name it.
    pub fn field(&self) -> &'static str {
        match self {
            Self::UnknownType | Self::TypeNotAllowed(_) => "type",
            Self::GrantTypesNotFound | Self::GrantTypesNotAllowed { .. } => "grant_types",
            Self::RedirectUrisNotFound => "redirect_uris",
        }
    }

    /// In words for people: a sentence of its own.
    pub fn describe(&self) -> String {
        match self {
            Self::UnknownType => {
                format!("There are these application types: {}", Type::ALL.map(Type::id).join(", "))
            }
            // portal.md G57, to the letter.
            Self::TypeNotAllowed(kind) => format!("Application type '{}' is not allowed", kind.id()),
            Self::GrantTypesNotFound => "At least one grant type is needed".to_owned(),
            Self::GrantTypesNotAllowed { kind, wanted } => {
                let allowed: Vec<&str> = kind.definition().allowed.iter().map(|known| known.grant.as_str()).collect();
                let (wanted, allowed) = (wanted.join(", "), allowed.join(", "));
                format!("Of the grant types {wanted} an application of type '{}' may use: {allowed}", kind.id())
            }
            Self::RedirectUrisNotFound => "At least one redirect URI is needed".to_owned(),
        }
    }
}

impl From<Refused> for Wrong {
    fn from(refused: Refused) -> Self {
        let complaint = match &refused {
            Refused::UnknownType => format!("must be one of {}", Type::ALL.map(Type::id).join(", ")),
            Refused::GrantTypesNotFound | Refused::RedirectUrisNotFound => "must not be empty".to_owned(),
            other => format!("is refused: {}", other.describe()),
        };
        Self::new(refused.field(), Rule::OfType(refused), complaint)
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Self::Invalid(vec![refused.into()])
    }
}

impl Type {
    /// All of them, in the order people are shown them.
    pub const ALL: [Self; 5] = [Self::Simple, Self::Browser, Self::Web, Self::Native, Self::BackendToBackend];

    /// What there is to say about it.
    pub fn definition(self) -> &'static Definition {
        match self {
            Self::Simple => &SIMPLE,
            Self::Browser => &BROWSER,
            Self::Web => &WEB,
            Self::Native => &NATIVE,
            Self::BackendToBackend => &BACKEND_TO_BACKEND,
        }
    }

    /// How it stands in rows.
    pub fn id(self) -> &'static str {
        self.definition().id
    }

    /// The type that is called so, whatever the case: some products shout it.
    ///
    /// # Errors
    /// [`Refused::UnknownType`].
    pub fn parse(id: &str) -> Result<Self, Refused> {
        Self::ALL.into_iter().find(|kind| kind.id().eq_ignore_ascii_case(id)).ok_or(Refused::UnknownType)
    }

    /// What the client of such an application is to the protocol; `None`: it has none here.
    pub fn of_client(self) -> Option<ApplicationType> {
        match self {
            Self::Simple => None,
            Self::Browser => Some(ApplicationType::Browser),
            Self::Web => Some(ApplicationType::Web),
            Self::Native => Some(ApplicationType::Native),
            Self::BackendToBackend => Some(ApplicationType::BackendToBackend),
        }
    }

    /// Whether applications of this type can be made.
    ///
    /// # Errors
    /// [`Refused::TypeNotAllowed`].
    pub fn check_enabled(self, settings: &TypeSettings) -> Result<(), Refused> {
        let is_on = match self {
            Self::Simple => settings.simple,
            Self::Browser => settings.browser,
            Self::Web => settings.web,
            Self::Native => settings.native,
            Self::BackendToBackend => settings.backend_to_backend,
        };
        if is_on { Ok(()) } else { Err(Refused::TypeNotAllowed(self)) }
    }
}

impl From<ApplicationType> for Type {
    fn from(kind: ApplicationType) -> Self {
        match kind {
            ApplicationType::Browser => Self::Browser,
            ApplicationType::Web => Self::Web,
            ApplicationType::Native => Self::Native,
            ApplicationType::BackendToBackend => Self::BackendToBackend,
        }
    }
}

/// The types of which applications can be made, in the order people are shown them.
pub fn enabled(tenant: &Tenant) -> impl Iterator<Item = Type> {
    Type::ALL.into_iter().filter(|kind| kind.check_enabled(&tenant.settings.types).is_ok())
}

/// The types of which applications can be made where those with a client are registered at a provider that an admin chose:
/// without one, simple ones alone (portal.md G4, D-3).
pub fn offered_by_providers(tenant: &Tenant) -> impl Iterator<Item = Type> {
    let by_provider = tenant.settings.registration.portal;
    enabled(tenant).filter(move |kind| by_provider || *kind == Type::Simple)
}

/// The types of which applications can be made, for those who make any or look after them.
///
/// # Errors
/// `NotAllowed`, `NotApproved`.
pub fn offered(tenant: &Tenant, actor: &Actor) -> Result<Vec<Type>, Error> {
    if !actor.can(Action::ReadApplications) {
        actor.may(Action::ReadOwn)?;
    }
    Ok(enabled(tenant).collect())
}

/// Judges the grants somebody wants for an application of this type: mandatory ones are added silently (D-7), and the
/// response types follow from the grants, whatever the caller said. A simple application has neither.
///
/// # Errors
/// All that is wrong.
pub fn judge<S: AsRef<str>>(kind: Type, grants: &[S], redirect_uris: &[String]) -> Result<Judged, Vec<Refused>> {
    let definition = kind.definition();
    let mut refused = Vec::new();
    let wanted: Vec<&str> = grants.iter().map(AsRef::as_ref).collect();
    let is_wanted = |allowed: &&Allowed| wanted.contains(&allowed.grant.as_str());
    let is_allowed = |word: &&str| definition.allowed.iter().any(|allowed| allowed.grant.as_str() == *word);
    if !wanted.iter().all(is_allowed) {
        let wanted = wanted.iter().map(|word| (*word).to_owned()).collect();
        refused.push(Refused::GrantTypesNotAllowed { kind, wanted });
    } else if wanted.is_empty() && !definition.allowed.is_empty() {
        refused.push(Refused::GrantTypesNotFound);
    }
    if definition.requires_redirect_uris && redirect_uris.is_empty() {
        refused.push(Refused::RedirectUrisNotFound);
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    let is_mandatory = |allowed: &&Allowed| definition.mandatory.contains(&allowed.grant);
    let chosen = definition.allowed.iter().filter(|allowed| is_wanted(allowed) || is_mandatory(allowed));
    let (mut grants, mut response_types) = (Vec::new(), Vec::new());
    for allowed in chosen {
        grants.push(allowed.grant);
        response_types.extend(allowed.response_types);
    }
    Ok(Judged { grants, response_types })
}

#[cfg(test)]
mod tests {
    use super::*;

    const URIS: fn() -> Vec<String> = || vec!["https://c.example/cb".to_owned()];

    #[test]
    fn a_type_is_read_back_as_it_is_written() {
        for kind in Type::ALL {
            assert_eq!(Type::parse(kind.id()), Ok(kind));
            assert_eq!(Type::parse(&kind.id().to_uppercase()), Ok(kind));
            assert_eq!(kind.of_client().map_or(Type::Simple, Type::from), kind);
            assert_eq!(kind.of_client().map_or("simple", ApplicationType::as_str), kind.id());
            let grants = |list: &[GrantType]| {
                list.iter().all(|grant| kind.definition().allowed.iter().any(|allowed| allowed.grant == *grant))
            };
            assert!(grants(kind.definition().default) && grants(kind.definition().mandatory), "{kind:?}");
        }
        assert_eq!(Type::parse("spa"), Err(Refused::UnknownType));
    }

    #[test]
    fn mandatory_grants_are_added_and_response_types_follow() {
        // G19, D-7
        use GrantType::{AuthorizationCode, ClientCredentials, Implicit, RefreshToken};
        let judged = |kind, grants: &[&str]| judge(kind, grants, &URIS());
        let code = || vec!["code", "token", "id_token"];
        assert_eq!(
            judged(Type::Web, &["implicit", "refresh_token"]),
            Ok(Judged { grants: vec![AuthorizationCode, RefreshToken, Implicit], response_types: code() })
        );
        assert_eq!(
            judged(Type::Browser, &["implicit"]),
            Ok(Judged { grants: vec![Implicit], response_types: vec!["token", "id_token"] })
        );
        let alone = Judged { grants: vec![ClientCredentials], response_types: Vec::new() };
        assert_eq!(judge(Type::BackendToBackend, &["client_credentials"], &[]), Ok(alone));
        let nothing = Judged { grants: Vec::new(), response_types: Vec::new() };
        assert_eq!(judge::<&str>(Type::Simple, &[], &[]), Ok(nothing));
    }

    #[test]
    fn what_a_type_does_not_take_is_told_apart() {
        // G57
        let not_allowed = |kind, wanted: &[&str]| Refused::GrantTypesNotAllowed {
            kind,
            wanted: wanted.iter().map(|word| (*word).to_owned()).collect(),
        };
        let wanted = ["authorization_code", "client_credentials"];
        assert_eq!(judge(Type::Web, &wanted, &URIS()), Err(vec![not_allowed(Type::Web, &wanted)]));
        assert_eq!(
            judge::<&str>(Type::Native, &[], &[]),
            Err(vec![Refused::GrantTypesNotFound, Refused::RedirectUrisNotFound])
        );
        assert_eq!(judge(Type::Simple, &["implicit"], &[]), Err(vec![not_allowed(Type::Simple, &["implicit"])]));
        let told = not_allowed(Type::BackendToBackend, &["password", "unheard_of"]).describe();
        let wanted = "Of the grant types password, unheard_of an application of type 'backend_to_backend' may use: \
                      client_credentials";
        assert_eq!(told, wanted);
        assert_eq!(Refused::TypeNotAllowed(Type::Web).describe(), "Application type 'web' is not allowed");
    }
}
