//! What is there to say about an application? Its settings are the same words in both APIs (portal.md G56).

use std::sync::Arc;

use entity::id::ApplicationId;
use poem_openapi::Object;
use poem_openapi::types::Any;
use serde_json::Value;

use super::caller::Caller;
use super::refusal::{About, Concerning, Refusal};
use super::wish::Kept;
use crate::oidc::client::record::Client;
use crate::portal::Error;
use crate::portal::application::{self, Application, Order};
use crate::portal::application_type::Type;
use crate::portal::client::{self, Which};
use crate::portal::membership::Reach;
use crate::secret::Secret;

/// What an application is: one of the two.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct ApplicationSettings {
    /// It is simple.
    pub app: Option<SimpleApplicationSettings>,
    /// It has a client.
    pub oauth: Option<OAuthClientSettings>,
}

/// A simple application.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct SimpleApplicationSettings {
    /// What it calls itself.
    #[oai(rename = "type")]
    pub kind: Option<String>,
    /// By which identifier it is known elsewhere.
    pub client_id: Option<String>,
}

/// An application with a client.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct OAuthClientSettings {
    /// Its identifier; absent while the application is archived.
    pub client_id: Option<String>,
    /// Its secret, for those who may exchange it.
    pub client_secret: Option<String>,
    /// Where authorization answers may go.
    pub redirect_uris: Vec<String>,
    /// A page about it.
    pub client_uri: Option<String>,
    /// Its logo.
    pub logo_uri: Option<String>,
    /// How it may be answered: this follows from the grants.
    pub response_types: Vec<String>,
    /// How it may ask for tokens.
    pub grant_types: Vec<String>,
    /// `browser`, `web`, `native` or `backend_to_backend`.
    pub application_type: String,
    /// Whether its secret can be renewed.
    pub renew_client_secret_supported: bool,
    /// What the provider's claim mappings are about.
    pub additional_client_metadata: Option<Any<Value>>,
}

/// An application with all that is told of it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// It.
    pub application: Application,
    /// Its first client.
    pub client: Option<Arc<Client>>,
    /// The secret of that, where it is told.
    pub secret: Option<Secret>,
    /// Whether that can be renewed.
    pub renewable: bool,
}

impl Seen {
    /// What lists tell: no secret.
    pub fn listed(application: Application, client: Option<Arc<Client>>) -> Self {
        let renewable = client.as_ref().is_some_and(|client| !client.secrets.is_empty());
        Self { application, client, secret: None, renewable }
    }

    /// The type, as Gravitee shouts it.
    pub fn kind(&self) -> String {
        self.application.row.kind.to_uppercase()
    }

    /// Its settings.
    pub fn settings(&self, kept: &Kept) -> ApplicationSettings {
        let client = self.client.as_deref();
        let client_id = client.map(|client| client.client_id().to_owned());
        if Type::parse(&self.application.row.kind) == Ok(Type::Simple) {
            let app = SimpleApplicationSettings { kind: kept.app_type.clone(), client_id };
            return ApplicationSettings { app: Some(app), oauth: None };
        }
        let members = client.map(|client| client.metadata.to_members()).unwrap_or_default();
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        let texts = |name: &str| {
            let listed = members.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
            listed.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
        };
        let oauth = OAuthClientSettings {
            client_id,
            client_secret: self.secret.as_ref().map(|secret| secret.expose().to_owned()),
            redirect_uris: texts("redirect_uris"),
            client_uri: text("client_uri"),
            logo_uri: text("logo_uri"),
            response_types: texts("response_types"),
            grant_types: texts("grant_types"),
            application_type: self.application.row.kind.clone(),
            renew_client_secret_supported: self.renewable,
            additional_client_metadata: kept.additional.clone().map(Any),
        };
        ApplicationSettings { app: None, oauth: Some(oauth) }
    }
}

/// The application with its client, and its secret for those who may exchange it.
///
/// # Errors
/// 404 for one the caller may not know of.
pub async fn seen<V>(caller: &Caller<V>, application: Application) -> Result<Seen, Refusal> {
    let mut seen = with_secret(caller, application, None).await?;
    let Some(client) = seen.client.as_deref() else { return Ok(seen) };
    if seen.application.reach >= Reach::Change && !client.secrets.is_empty() {
        let which = Which::of(seen.application.row.id, client.client_id());
        seen.secret = match client::secret::reveal(&caller.app, &caller.tenant, &caller.actor, which).await {
            // It buys more than this token may.
            Err(Error::NotAllowed(_)) => None,
            revealed => revealed?,
        };
    }
    Ok(seen)
}

/// The application with its client, whose secret was just given out.
///
/// # Errors
/// When the database cannot be asked.
pub async fn with_secret<V>(
    caller: &Caller<V>,
    application: Application,
    secret: Option<Secret>,
) -> Result<Seen, Refusal> {
    let (app, tenant, id) = (&caller.app, &caller.tenant, application.row.id);
    let first = client::first_of(app, tenant, &[id]).await?.into_values().next();
    let renewable = match first.as_deref() {
        Some(first) => client::secret::is_renewable(app, first).await?,
        None => false,
    };
    Ok(Seen { secret, renewable, ..Seen::listed(application, first) })
}

/// The application that lives, with all that is told of it.
///
/// # Errors
/// 404.
pub async fn find<V>(caller: &Caller<V>, named: &str) -> Result<Seen, Refusal> {
    let found = living(caller, named).await?;
    seen(caller, found).await
}

/// The application that lives.
///
/// # Errors
/// 404.
pub async fn living<V>(caller: &Caller<V>, named: &str) -> Result<Application, Refusal> {
    let id = super::application(named)?;
    let found = application::find(&caller.app, &caller.tenant, &caller.actor, id).await;
    found.about(About::Application(named))
}

/// Exchanges the secret of an application's client (portal.md G60).
///
/// # Errors
/// 404 for one the caller may not know of, 403, and 400 for one without a secret that could be renewed.
pub async fn renew<V>(caller: &Caller<V>, named: &str) -> Result<Seen, Refusal> {
    let Caller { app, tenant, actor, .. } = caller;
    let found = living(caller, named).await?;
    let id: ApplicationId = found.row.id;
    let about = About::SecretOf(&found.row.name);
    let first = client::first_of(app, tenant, &[id]).await?.into_values().next();
    let first = first.ok_or_else(|| Refusal::not_renewable(&found.row.name))?;
    let made = client::secret::regenerate(app, tenant, actor, Which::of(id, first.client_id())).await.about(about)?;
    let renewed = application::find(app, tenant, actor, id).await.about(About::Application(named))?;
    with_secret(caller, renewed, Some(made.value)).await
}

/// The order that a word means; none: by name.
///
/// # Errors
/// A clause that follows the name of the parameter.
pub fn order(word: Option<&str>) -> Result<Order, &'static str> {
    match word {
        None | Some("" | "name") => Ok(Order::Name),
        Some("-name") => Ok(Order::NameDescending),
        Some("updated_at") => Ok(Order::Updated),
        Some("-updated_at") => Ok(Order::LastUpdated),
        Some(_) => Err("must be name, -name, updated_at or -updated_at"),
    }
}
