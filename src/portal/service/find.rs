//! Where are the services that whoever looks after them asks for?

use entity::id::ServiceId;
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use super::Service;
use crate::app::App;
use crate::oidc::service::load;
use crate::oidc::tenant::Tenant;
use crate::portal::list::{Listed, Wanted, part};
use crate::portal::{Action, Actor, Error};

/// Which services of a list are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Occurs in the name, the display name, the description, the audience or a tag; letters small or large.
    pub search: Option<String>,
    /// By their tags.
    pub tags: Tags,
    /// By their state.
    pub which: Which,
}

/// Which tags something must have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Tags {
    /// Whatever they are.
    #[default]
    Any,
    /// All of these.
    AllOf(Vec<String>),
    /// At least one of these.
    OneOf(Vec<String>),
}

/// In which state a service must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// In any.
    #[default]
    All,
    /// Shown to developers: published and enabled.
    Published,
    /// An application can ask for a contract: published, enabled, with a policy that is enabled (portal.md K7, N22).
    Registrable,
}

/// How a request names a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// By its identity.
    Id(ServiceId),
    /// By its name.
    Name(String),
}

impl Reference {
    /// Reads one. No name looks like an identity: see [`crate::oidc::service::form::name_complaint`].
    pub fn parse(text: &str) -> Self {
        match Uuid::parse_str(text) {
            Ok(id) => Self::Id(ServiceId(id)),
            Err(_) => Self::Name(text.to_owned()),
        }
    }

    /// Whether it names this service.
    pub fn fits(&self, service: &Service) -> bool {
        match self {
            Self::Id(id) => service.row.id == *id,
            Self::Name(name) => service.row.name == *name,
        }
    }
}

/// The services of the tenant, for those who look after services: publishers see all of them, too.
///
/// # Errors
/// `NotAllowed`; when the database cannot be asked.
pub async fn list(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    filter: &Filter,
    wanted: &Wanted,
) -> Result<Listed<Service>, Error> {
    actor.may(Action::ReadServices)?;
    let fitting = load(app, tenant.id).await?.into_iter().filter(|service| filter.fits(service)).collect();
    Ok(part(fitting, wanted, |service| service.row.id.0))
}

/// One service, as the database has it now.
///
/// # Errors
/// `NotFound`, `NotAllowed`; when the database cannot be asked.
pub async fn find(app: &App, tenant: &Tenant, actor: &Actor, reference: &str) -> Result<Service, Error> {
    actor.may(Action::ReadServices)?;
    load_one(app, tenant, &Reference::parse(reference)).await
}

/// One service, as the database has it now, whoever asks.
pub(in crate::portal) async fn load_one(app: &App, tenant: &Tenant, reference: &Reference) -> Result<Service, Error> {
    let found = load(app, tenant.id).await?.into_iter().find(|service| reference.fits(service));
    found.ok_or(Error::NotFound)
}

impl Filter {
    /// Whether a service is wanted.
    pub fn fits(&self, service: &Service) -> bool {
        self.which.fits(service) && self.tags.fit(&tags(service.row.tags.as_ref())) && self.finds(service)
    }

    fn finds(&self, service: &Service) -> bool {
        let Some(search) = self.search.as_deref().map(key).filter(|search| !search.is_empty()) else { return true };
        let policy = service.policy.as_ref();
        let texts = [
            Some(&service.row.name),
            Some(&service.row.audience),
            service.row.description.as_ref(),
            policy.map(|policy| &policy.display_name),
            policy.and_then(|policy| policy.description.as_ref()),
        ];
        let tags = tags(service.row.tags.as_ref());
        texts.into_iter().flatten().chain(&tags).any(|text| key(text).contains(&search))
    }
}

impl Which {
    /// Whether a service is in such a state.
    pub fn fits(self, service: &Service) -> bool {
        let published = service.row.published && service.row.enabled;
        match self {
            Self::All => true,
            Self::Published => published,
            Self::Registrable => published && service.policy.as_ref().is_some_and(|policy| policy.enabled),
        }
    }
}

impl Tags {
    /// Whether these tags are right.
    pub fn fit(&self, tags: &[String]) -> bool {
        match self {
            Self::Any => true,
            Self::AllOf(wanted) => wanted.iter().all(|tag| tags.contains(tag)),
            Self::OneOf(wanted) => wanted.iter().any(|tag| tags.contains(tag)),
        }
    }
}

/// The tags that a row keeps; none where there are none.
pub fn tags(stored: Option<&serde_json::Value>) -> Vec<String> {
    stored.and_then(|tags| serde_json::from_value(tags.clone()).ok()).unwrap_or_default()
}

/// The one spelling under which a name is compared: NFKC, lower case, trimmed, each run of white space one space, without
/// what nobody sees.
pub(in crate::portal) fn key(text: &str) -> String {
    let invisible = |c: char| matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let folded: String = text.nfkc().filter(|c| !invisible(*c)).collect::<String>().to_lowercase();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling() {
        // K12
        assert_eq!(key("  My\u{a0} \u{200b}ＡＰＩ "), "my api");
        assert_eq!(key("ÉCOLE"), key("e\u{301}cole"));
        assert_eq!(key("\u{200b} "), "");
    }

    #[test]
    fn tags_are_all_wanted_or_one_of_them() {
        let has = ["a".to_owned(), "b".to_owned()];
        let these = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
        assert!(
            Tags::Any.fit(&[])
                && Tags::AllOf(these(&["b", "a"])).fit(&has)
                && Tags::OneOf(these(&["x", "a"])).fit(&has)
        );
        assert!(!Tags::AllOf(these(&["a", "c"])).fit(&has) && !Tags::OneOf(these(&["x"])).fit(&has));
    }

    #[test]
    fn a_reference_is_an_identity_or_a_name() {
        let id = Uuid::from_u128(7);
        assert_eq!(Reference::parse(&id.to_string()), Reference::Id(ServiceId(id)));
        assert_eq!(Reference::parse("orders"), Reference::Name("orders".to_owned()));
    }
}
