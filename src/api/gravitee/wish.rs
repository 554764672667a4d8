//! What application is asked for? The same words are sent to both APIs (portal.md G55).

use std::collections::BTreeMap;

use entity::application::Model;
use poem_openapi::Object;
use poem_openapi::types::{Any, MaybeUndefined};
use serde_json::{Map, Value, json};

use super::body::Fields;
use super::refusal::Refusal;
use crate::portal::application::{Change, New};
use crate::portal::application_type::Type;
use crate::portal::client::Grants;

/// Where Gravitee's own words about an application are kept.
const KEPT: &str = "gravitee";
const APP_TYPE: &str = "type";
const GROUPS: &str = "groups";
const ADDITIONAL: &str = "additional_client_metadata";
const QUIET: &str = "disable_membership_notifications";

/// An application to be made or changed.
#[derive(Debug, Object)]
#[oai(rename = "ApplicationInput", skip_serializing_if_is_none)]
pub struct WishDocument {
    /// Name: 1 to 255 characters.
    name: String,
    /// What it does: at most 4000 characters.
    description: String,
    /// The domain it belongs to.
    domain: Option<String>,
    /// Its picture, as a `data:` URL; `null`: none. One that is not sent stays.
    picture: MaybeUndefined<String>,
    /// Kept, without effect: there are no groups here.
    groups: Option<Vec<String>>,
    /// What it is: `app`, or `oauth`.
    settings: WishSettings,
    /// Kept, without effect.
    disable_membership_notifications: Option<bool>,
    /// What a simple application calls itself, where no settings are sent.
    #[oai(rename = "type")]
    kind: Option<String>,
    /// By which identifier a simple application is known elsewhere, where no settings are sent.
    #[oai(rename = "clientId")]
    client_id: Option<String>,
}

/// What an application is: one of the two.
#[derive(Debug, Object)]
#[oai(rename = "ApplicationSettingsInput", skip_serializing_if_is_none)]
struct WishSettings {
    /// It is simple: nothing is registered anywhere.
    app: Option<WishApp>,
    /// Its client is registered at the default provider.
    oauth: Option<WishOauth>,
}

/// A simple application.
#[derive(Debug, Object)]
#[oai(rename = "SimpleApplicationSettingsInput", skip_serializing_if_is_none)]
struct WishApp {
    /// What it calls itself.
    #[oai(rename = "type")]
    kind: Option<String>,
    /// By which identifier it is known elsewhere.
    client_id: Option<String>,
}

/// An application with a client.
#[derive(Debug, Object)]
#[oai(rename = "OAuthClientSettingsInput", skip_serializing_if_is_none)]
struct WishOauth {
    /// `browser`, `web`, `native` or `backend_to_backend`; it never changes.
    application_type: String,
    /// How it may ask for tokens.
    grant_types: Vec<String>,
    /// Where authorization answers may go.
    redirect_uris: Option<Vec<String>>,
    /// What the provider's claim mappings are about.
    additional_client_metadata: Option<Any<Value>>,
}

/// An application that is asked for.
#[derive(Debug)]
pub struct Wish {
    name: String,
    description: String,
    domain: Option<String>,
    /// The outer `None`: nothing is said of it.
    picture: Option<Option<String>>,
    groups: Vec<String>,
    quiet: bool,
    app: Option<App>,
    oauth: Option<Oauth>,
}

/// A simple one.
#[derive(Debug)]
struct App {
    kind: Option<String>,
    client_id: Option<String>,
}

/// One with a client.
#[derive(Debug)]
struct Oauth {
    kind: Option<String>,
    grants: Vec<String>,
    redirects: Vec<String>,
    additional: BTreeMap<String, String>,
}

/// What a body without settings means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithoutSettings {
    /// A simple application, as in Gravitee's early days.
    Simple,
    /// Nothing.
    Refused,
}

impl Wish {
    /// Reads one.
    ///
    /// # Errors
    /// 400 with every wrong field; 400 for an application that is neither simple nor has a client, or both.
    pub fn read(mut fields: Fields, without: WithoutSettings) -> Result<Self, Refusal> {
        fields.need("name");
        fields.need("description");
        let picture = if fields.has("picture") { Some(fields.filled("picture")) } else { None };
        let mut wish = Self {
            name: fields.text("name").unwrap_or_default(),
            description: fields.text("description").unwrap_or_default(),
            domain: fields.filled("domain"),
            picture,
            groups: fields.texts("groups").unwrap_or_default(),
            quiet: fields.flag("disable_membership_notifications").unwrap_or(false),
            app: None,
            oauth: None,
        };
        if let Some(mut settings) = fields.inner("settings") {
            if let Some(mut app) = settings.inner("app") {
                wish.app = Some(App { kind: app.filled("type"), client_id: app.filled("client_id") });
                settings.join(app);
            }
            if let Some(mut oauth) = settings.inner("oauth") {
                wish.oauth = Some(Oauth {
                    kind: oauth.text("application_type"),
                    grants: oauth.texts("grant_types").unwrap_or_default(),
                    redirects: oauth.texts("redirect_uris").unwrap_or_default(),
                    additional: oauth.map(ADDITIONAL).unwrap_or_default(),
                });
                settings.join(oauth);
            }
            fields.join(settings);
        }
        if wish.app.is_none() && wish.oauth.is_none() && without == WithoutSettings::Simple {
            wish.app = Some(App { kind: fields.filled("type"), client_id: fields.filled("clientId") });
        }
        fields.done()?;
        if wish.app.is_some() == wish.oauth.is_some() { Err(Refusal::application_invalid()) } else { Ok(wish) }
    }

    /// The application to be made.
    ///
    /// # Errors
    /// 404 for a type that there is none of.
    pub fn into_new(self) -> Result<New, Refusal> {
        let kept = Some(self.kept(None));
        let (kind, grants, redirect_uris, client_id, additional) = match (self.app, self.oauth) {
            (_, Some(oauth)) => {
                let named = oauth.kind.as_deref().unwrap_or("null");
                let kind = Type::parse(named).map_err(|_| Refusal::unknown_type(named))?;
                (kind, Grants::OfType(oauth.grants), oauth.redirects, None, oauth.additional)
            }
            (app, None) => {
                (Type::Simple, Grants::Usual, Vec::new(), app.and_then(|app| app.client_id), BTreeMap::new())
            }
        };
        let mut new = New::named(self.name, kind);
        new.description = Some(self.description);
        new.domain = self.domain;
        new.picture = self.picture.flatten();
        new.grants = grants;
        new.redirect_uris = redirect_uris;
        new.given.client_id = client_id;
        new.additional = additional;
        new.kept = kept;
        Ok(new)
    }

    /// What is to change of an application: everything is what was sent (portal.md G59).
    ///
    /// # Errors
    /// 400 for settings of the other kind of application: the type never changes.
    pub fn change(self, before: &Model) -> Result<Change, Refusal> {
        let is_simple = Type::parse(&before.kind) == Ok(Type::Simple);
        if is_simple != self.app.is_some() {
            return Err(Refusal::application_invalid());
        }
        let kept = Some(Some(self.kept(before.kept.as_ref())));
        let mut change = Change {
            name: Some(self.name),
            description: Some(Some(self.description)),
            domain: Some(self.domain),
            picture: self.picture,
            kept,
            ..Change::default()
        };
        if let Some(app) = self.app {
            change.client_id = Some(app.client_id);
        }
        if let Some(oauth) = self.oauth {
            change.redirect_uris = Some(oauth.redirects);
            change.grants = Some(Grants::OfType(oauth.grants));
        }
        Ok(change)
    }

    /// What else was said, beside what others keep.
    fn kept(&self, before: Option<&Value>) -> Value {
        let mut ours = Map::new();
        if let Some(kind) = self.app.as_ref().and_then(|app| app.kind.as_ref()) {
            ours.insert(APP_TYPE.to_owned(), kind.as_str().into());
        }
        if !self.groups.is_empty() {
            ours.insert(GROUPS.to_owned(), json!(self.groups));
        }
        if let Some(additional) = self.oauth.as_ref().map(|oauth| &oauth.additional).filter(|all| !all.is_empty()) {
            ours.insert(ADDITIONAL.to_owned(), json!(additional));
        }
        if self.quiet {
            ours.insert(QUIET.to_owned(), true.into());
        }
        let mut kept = before.and_then(Value::as_object).cloned().unwrap_or_default();
        kept.insert(KEPT.to_owned(), ours.into());
        kept.into()
    }
}

/// What is kept of an application in Gravitee's own words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// What a simple application calls itself.
    pub app_type: Option<String>,
    /// The groups it is in elsewhere.
    pub groups: Vec<String>,
    /// What the provider's claim mappings are about.
    pub additional: Option<Value>,
    /// Whether its members want no mails about members.
    pub quiet: bool,
}

impl Kept {
    /// Of this application.
    pub fn of(row: &Model) -> Self {
        let Some(ours) = row.kept.as_ref().and_then(|kept| kept.get(KEPT)) else { return Self::default() };
        let words = |name: &str| ours.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        Self {
            app_type: ours.get(APP_TYPE).and_then(Value::as_str).map(str::to_owned),
            groups: words(GROUPS).iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            additional: ours.get(ADDITIONAL).cloned(),
            quiet: ours.get(QUIET) == Some(&Value::Bool(true)),
        }
    }
}
