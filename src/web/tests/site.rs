//! A server on a SQLite file of its own, and browsers that visit it without a socket.

use std::collections::BTreeMap;
use std::sync::Arc;

use entity::client::{self, ClientKind, ClientState};
use entity::id::{ClientKey, ServiceId, UserId};
use entity::service::{self, TokenFormat};
use entity::user::{self, Role, UserState};
use entity::word::Words;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Method};
use poem::endpoint::BoxEndpoint;
use poem::{Endpoint, EndpointExt, Request, Response, Route};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::app::App;
use crate::clock::Clock;
use crate::config::{self, Files, Sources};
use crate::db::Rows;
use crate::oidc::authorization::code::AuthorizationCode;
use crate::oidc::registration::policy::Policy;
use crate::oidc::tenant::Tenant;
use crate::secret::{self, Secret};
use crate::web::routes;

pub const ISSUER: &str = "https://id.example";
pub const CALLBACK: &str = "https://client.example/cb";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const PASSWORD: &str = "correct horse";

pub struct Site {
    pub app: Arc<App>,
    pub tenant: Arc<Tenant>,
    pub clock: Clock,
    pub link: String,
    endpoint: Arc<BoxEndpoint<'static, Response>>,
    _folder: tempfile::TempDir,
}

impl Site {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(1_800_000_000);
        let sources = Sources { files: Files::Disk, clock: clock.clone(), ..Sources::nothing() }
            .set("database.url", format!("sqlite://{}/registrar.db", folder.path().display()))
            .set("server.issuer", ISSUER)
            .set("keys.algorithms", "RS256,ES256")
            .set("login.argon2_memory_kib", "8192")
            .set("login.argon2_iterations", "1");
        let loaded = config::load(&sources).unwrap_or_else(|faults| panic!("{faults}"));
        let (app, first) = App::start(loaded.config, clock.clone()).await.unwrap();
        let tenant = app.tenants.by_slug("default").unwrap();
        let endpoint = routes::add(Route::new()).data(app.clone()).data(tenant.clone()).map_to_response().boxed();
        let link = first.admin.unwrap().1.expose().to_owned();
        Self { app, tenant, clock, link, endpoint: Arc::new(endpoint), _folder: folder }
    }

    /// A server with Ada, who has a password.
    pub async fn with_ada() -> Self {
        let site = Self::start().await;
        site.person("ada@example.org").await;
        site
    }

    pub async fn person(&self, email: &str) -> UserId {
        let id = UserId(secret::new_id());
        let now = self.clock.now();
        let row = user::Model {
            id,
            tenant_id: self.tenant.id,
            email: email.to_owned(),
            email_key: email.to_owned(),
            email_verified: true,
            name: Some("Ada".to_owned()),
            role: Role::User,
            state: UserState::Active,
            approval: entity::user::Approval::Approved,
            meta: None,
            custom_id: None,
            first_login_at: None,
            default_application_at: None,
            password_hash: Some(self.app.passwords.hash(&Secret::new(PASSWORD)).await.unwrap()),
            password_changed_at: now,
            claims: json!({}),
            created_at: now,
            updated_at: now,
        };
        row.into_active_model().reset_all().insert(self.app.db.pool()).await.unwrap();
        id
    }

    /// A public client, `more` members changed.
    pub async fn client(&self, client_id: &str, more: Value) -> client::Model {
        let mut metadata = json!({
            "client_name": "Acme",
            "redirect_uris": [CALLBACK],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "application_type": "web",
            "token_endpoint_auth_method": "none",
            "subject_type": "public",
            "id_token_signed_response_alg": "ES256",
        });
        let members = metadata.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        let now = self.clock.now();
        let row = client::Model {
            id: ClientKey(secret::new_id()),
            tenant_id: self.tenant.id,
            application_id: None,
            client_id: client_id.to_owned(),
            live_key: Some(client_id.to_owned()),
            name: None,
            profile: "interop".to_owned(),
            policy: serde_json::to_value(Policy::default()).unwrap(),
            metadata,
            metadata_version: 1,
            token_format: None,
            rights: Words::default(),
            first_party: false,
            state: ClientState::Active,
            registration_token_hash: None,
            registration_token_previous_hash: None,
            initial_access_token_id: None,
            issued_at: now,
            last_used_at: None,
            ended_at: None,
            ended_reason: None,
            kept: None,
            kind: ClientKind::Own,
            provider_id: None,
            template_id: None,
            chosen: None,
            remote_sealed: None,
            drift: None,
            updated_at: now,
        };
        self.app.db.insert(Rows { clients: vec![row.clone()], ..Rows::default() }).await.unwrap();
        row
    }

    /// Changes a client's row, as another request would.
    pub async fn change(&self, row: client::Model) {
        let id = row.client_id.clone();
        row.into_active_model().reset_all().update(self.app.db.pool()).await.unwrap();
        self.app.clients.forget(&(self.tenant.id, id));
    }

    pub async fn service(&self, audience: &str, scopes: &[&str]) {
        let scopes: Vec<Value> =
            scopes.iter().map(|s| json!({"value": s, "description": format!("May {s}")})).collect();
        let now = self.clock.now();
        let row = service::Model {
            id: ServiceId(secret::new_id()),
            tenant_id: self.tenant.id,
            name: "Orders".to_owned(),
            description: None,
            audience: audience.to_owned(),
            enabled: true,
            access: entity::service::Access::Open,
            published: true,
            owner_id: None,
            upstream: None,
            tags: None,
            scopes: Value::from(scopes),
            token_format: TokenFormat::Jwt,
            access_token_seconds: None,
            kept: None,
            version: 0,
            created_at: now,
            updated_at: now,
        };
        row.into_active_model().reset_all().insert(self.app.db.pool()).await.unwrap();
        self.app.services.forget(&self.tenant.id);
    }

    pub fn browser(&self) -> Browser {
        Browser { endpoint: self.endpoint.clone(), cookies: BTreeMap::new(), headers: Vec::new() }
    }

    /// What a code says.
    pub fn opened(&self, code: &str) -> AuthorizationCode {
        AuthorizationCode::open(&self.app, &self.tenant, &Secret::new(code)).unwrap()
    }
}

/// The address of an authorization request; `more` replaces or, if empty, removes parameters.
pub fn authorize(client_id: &str, more: &[(&str, &str)]) -> String {
    let mut parameters = vec![
        ("client_id", client_id),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("state", "st"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    parameters.retain(|(name, _)| more.iter().all(|(replaced, _)| replaced != name));
    parameters.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    format!("/authorize?{}", form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish())
}

#[derive(Clone)]
pub struct Browser {
    endpoint: Arc<BoxEndpoint<'static, Response>>,
    pub cookies: BTreeMap<String, String>,
    pub headers: Vec<(&'static str, String)>,
}

#[derive(Debug)]
pub struct Seen {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Browser {
    pub async fn get(&mut self, address: &str) -> Seen {
        self.send(Method::GET, address, None).await
    }

    pub async fn post(&mut self, address: &str, fields: &[(&str, &str)]) -> Seen {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, address, Some(body)).await
    }

    async fn send(&mut self, method: Method, address: &str, body: Option<String>) -> Seen {
        let path = address.strip_prefix(ISSUER).unwrap_or(address);
        let mut request = Request::builder().method(method).uri(path.parse().unwrap());
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = match body {
            Some(body) => request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body),
            None => request.finish(),
        };
        let mut response = match self.endpoint.call(request).await {
            Ok(response) => response,
            Err(error) => error.into_response(),
        };
        for cookie in response.headers().get_all(SET_COOKIE) {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = response.take_body().into_string().await.unwrap();
        Seen { status: response.status().as_u16(), headers: response.headers().clone(), body }
    }

    /// Follows our own redirects, until there is a page or the browser would leave.
    pub async fn follow(&mut self, seen: Seen) -> Seen {
        let mut seen = seen;
        for _ in 0..8 {
            match seen.location() {
                Some(location) if location.starts_with(ISSUER) => seen = self.get(&location).await,
                _ => return seen,
            }
        }
        panic!("a circle of redirects");
    }

    pub async fn open(&mut self, address: &str) -> Seen {
        let seen = self.get(address).await;
        self.follow(seen).await
    }

    /// Fills in the form of the page and follows.
    pub async fn submit(&mut self, page: &Seen, fields: &[(&str, &str)]) -> Seen {
        let seen = self.submit_only(page, fields).await;
        self.follow(seen).await
    }

    pub async fn submit_only(&mut self, page: &Seen, fields: &[(&str, &str)]) -> Seen {
        let action = page.between("action=\"", "\"").unwrap_or_else(|| panic!("no form in {}", page.body));
        let hidden: Vec<(String, String)> = page
            .body
            .split("<input type=\"hidden\" name=\"")
            .skip(1)
            .map(|rest| {
                let (name, rest) = rest.split_once('"').unwrap();
                let value = rest.split_once("value=\"").unwrap().1.split('"').next().unwrap();
                (name.to_owned(), value.to_owned())
            })
            .collect();
        let mut all: Vec<(&str, &str)> = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        all.retain(|(name, _)| fields.iter().all(|(replaced, _)| replaced != name));
        all.extend(fields);
        self.post(&action, &all).await
    }

    pub async fn sign_in(&mut self, page: &Seen, email: &str) -> Seen {
        self.submit(page, &[("email", email), ("password", PASSWORD)]).await
    }

    /// A browser in which Ada is signed in.
    pub async fn signed_in(site: &Site) -> Self {
        let mut browser = site.browser();
        let page = browser.get("/login").await;
        let home = browser.sign_in(&page, "ada@example.org").await;
        assert!(home.body.contains("ada@example.org"), "{home:?}");
        browser
    }
}

impl Seen {
    pub fn location(&self) -> Option<String> {
        self.headers.get(LOCATION).map(|location| location.to_str().unwrap().to_owned())
    }

    pub fn between(&self, before: &str, after: &str) -> Option<String> {
        self.body.split_once(before)?.1.split_once(after).map(|(value, _)| value.to_owned())
    }

    /// The parameters of the answer that went to the client.
    pub fn answer(&self) -> BTreeMap<String, String> {
        let location = self.location().unwrap_or_else(|| panic!("no answer: {} {}", self.status, self.body));
        let (to, query) = location.split_once('?').unwrap();
        assert_eq!((self.status, to), (303, CALLBACK));
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    /// The error that went to the client, with its state and issuer.
    pub fn error(&self) -> String {
        let answer = self.answer();
        assert_eq!(answer.get("iss").map(String::as_str), Some(ISSUER), "RFC 9207");
        assert!(!answer.contains_key("code"));
        answer["error"].clone()
    }

    pub fn heading(&self) -> String {
        self.between("<h1>", "</h1>").unwrap_or_default()
    }
}
