//! Which loads are there, and what does each need from the ones before?

use serde_json::json;

use super::contracts;
use super::load::{self, Bounds, Measured, Traffic};
use super::person::Person;
use super::report::{Report, Row};
use super::server::Server;
use super::target::{self, Aim};
use super::traffic::{Expected, Keep, Prepared, Registered, Rotation, member};
use super::{Plan, http, say};
use crate::process::Failure;

/// How many different clients, spread evenly over those that are stored, take part in a load: few enough that a cache of
/// a second can help, as it does where the same services ask all day.
pub(super) const WORKING_SET: usize = 100;
/// So many registrations are read at a time while filling.
const FILL_CHUNK: usize = 10_000;
/// How many different good tokens are asked about, again and again.
const TOKENS: usize = 1000;
const UNKNOWN_TOKENS: usize = 20_000;

const REDIRECT_URI: &str = "https://app.example/callback";
/// The example of RFC 7636, Appendix B.
const CODE_VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CODE_CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const SCOPES: &str = "openid profile email offline_access orders:read";

/// The registration of a confidential web application with a back end.
fn metadata() -> String {
    let metadata = json!({
        "client_name": "Order desk",
        "client_uri": "https://app.example",
        "redirect_uris": [REDIRECT_URI],
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_post",
        "id_token_signed_response_alg": "ES256",
        "scope": SCOPES,
        "contacts": ["ops@app.example"],
        "software_id": "order-desk",
        "software_version": "1.0",
    });
    metadata.to_string()
}

/// What is known of what the server has stored.
pub(super) struct Stored {
    pub(super) clients: Vec<Registered>,
    /// Clients with a contract, once there are some.
    contracted: Vec<Registered>,
    admin_token: Option<String>,
    initial_access_token: Option<String>,
    password: String,
}

impl Stored {
    pub(super) fn new(initial_access_token: Option<String>, admin_token: Option<String>, password: String) -> Self {
        Self { clients: Vec::new(), contracted: Vec::new(), admin_token, initial_access_token, password }
    }

    /// Registers until there are `clients`.
    ///
    /// # Errors
    /// When a registration is refused.
    pub(super) async fn fill(&mut self, server: &Server, clients: usize) -> Result<(), Failure> {
        while self.clients.len() < clients {
            let missing = (clients - self.clients.len()).min(FILL_CHUNK);
            let traffic = register(server, None).keep(Keep::Bodies(missing));
            let bounds = Bounds { requests: missing, time: std::time::Duration::from_secs(60) };
            let (_, traffic) = load::stretch(server, traffic, bounds).await?;
            self.remember(server, &traffic)?;
        }
        Ok(())
    }

    fn remember(&mut self, server: &Server, traffic: &Prepared) -> Result<(), Failure> {
        for (_, body) in &traffic.kept {
            self.clients.push(Registered::from_answer(&server.site, body)?);
        }
        Ok(())
    }

    fn working_set(&self) -> Vec<Registered> {
        let step = (self.clients.len() / WORKING_SET).max(1);
        self.clients.iter().step_by(step).take(WORKING_SET).cloned().collect()
    }
}

fn register(server: &Server, token: Option<&str>) -> Prepared {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    let request = server.site.post("/oidc/register", &headers, &metadata());
    Prepared::same(request, Expected::status(&[201]).with("client_secret"))
}

/// Loads one after the other on one server, and their rows.
struct Run<'a> {
    server: &'a Server,
    plan: Plan,
    clients: usize,
    report: &'a mut Report,
}

impl Run<'_> {
    /// Measures; a load that fails becomes a line of the report, because the others are still worth knowing.
    async fn load<T: Traffic>(&mut self, aim: Aim, traffic: T, requests: usize) -> Option<T> {
        say(&format!("{} {}", aim.id, aim.what));
        match load::run(self.server, traffic, Bounds { requests, time: self.plan.time }).await {
            Ok((measured, traffic)) => {
                self.row(aim, measured);
                Some(traffic)
            }
            Err(failure) => {
                self.failed(aim, &failure);
                None
            }
        }
    }

    fn row(&mut self, aim: Aim, measured: Measured) {
        self.report.rows.push(Row { aim, clients: self.clients, measured });
    }

    fn failed(&mut self, aim: Aim, failure: &Failure) {
        self.report.failures.push(format!("{} with {} clients: {failure}", aim.id, self.clients));
    }
}

/// Every load, with what is stored; registrations come last because they change it.
///
/// # Errors
/// When the server is gone.
pub(super) async fn all(
    server: &Server,
    stored: &mut Stored,
    plan: Plan,
    clients: usize,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut run = Run { server, plan, clients, report };
    let set = stored.working_set();
    let site = &server.site;
    let discovery = site.get("/.well-known/openid-configuration", &[]);
    run.load(target::DISCOVERY, Prepared::same(discovery, ok().with("issuer")), usize::MAX).await;
    let jwks = site.get("/.well-known/jwks.json", &[]);
    run.load(target::JWKS, Prepared::same(jwks, ok().with("keys")), usize::MAX).await;
    let read = set.iter().map(|client| site.get_as(&client.path, &client.access_token)).collect();
    run.load(target::READ_CLIENT, Prepared::cycle(read, ok().with("redirect_uris")), usize::MAX).await;
    machines(&mut run, &stored.clients, &set).await;
    under_contract(&mut run, stored).await;
    people(&mut run, stored, &set).await;
    let with_token = stored.initial_access_token.clone().map(|token| (target::REGISTER_WITH_TOKEN, Some(token)));
    for (aim, token) in std::iter::once((target::REGISTER, None)).chain(with_token) {
        let traffic = register(server, token.as_deref()).keep(Keep::Bodies(usize::MAX));
        if let Some(traffic) = run.load(aim, traffic, plan.registrations).await {
            stored.remember(server, &traffic)?;
        }
    }
    server.cpu().map(|_| ())
}

fn ok() -> Expected {
    Expected::status(&[200])
}

fn machine(server: &Server, set: &[Registered], kept: usize) -> Prepared {
    let fields = [("grant_type", "client_credentials"), ("scope", "orders:read")];
    let requests = set.iter().map(|client| client.form(&server.site, "/token", &fields)).collect();
    Prepared::cycle(requests, ok().with("access_token")).keep(Keep::Bodies(kept))
}

/// `client_credentials` alone.
///
/// # Errors
/// When the server is gone.
pub(super) async fn client_credentials(
    server: &Server,
    stored: &Stored,
    plan: Plan,
    aim: Aim,
    clients: usize,
    report: &mut Report,
) -> Result<(), Failure> {
    let mut run = Run { server, plan, clients, report };
    run.load(aim, machine(server, &stored.working_set(), 0), usize::MAX).await;
    server.cpu().map(|_| ())
}

/// Clients that speak for themselves, first each in turn; tokens are introspected, then revoked.
async fn machines(run: &mut Run<'_>, all: &[Registered], set: &[Registered]) {
    let server = run.server;
    let site = &server.site;
    let revoked = run.plan.grants;
    run.load(target::CLIENT_CREDENTIALS_OF_ALL, machine(server, all, 0), usize::MAX).await;
    let traffic = machine(server, set, revoked + revoked / 10);
    let Some(issued) = run.load(target::CLIENT_CREDENTIALS, traffic, usize::MAX).await else { return };
    let about = |path: &str, (number, body): &(usize, String)| {
        let token = member(body, "access_token").unwrap_or_default();
        set[*number].form(site, path, &[("token", &token)])
    };
    let known = issued.kept.iter().take(TOKENS).map(|issued| about("/introspect", issued)).collect();
    let introspect = Prepared::cycle(known, ok().with(r#""active":true"#));
    run.load(target::INTROSPECT, introspect, usize::MAX).await;
    let unknown = |number: usize| {
        let token = format!("{number:043}");
        set[number % set.len()].form(site, "/introspect", &[("token", &token)])
    };
    let unknown = (0..UNKNOWN_TOKENS).map(unknown).collect();
    let introspect = Prepared::cycle(unknown, ok().with(r#""active":false"#));
    run.load(target::INTROSPECT_UNKNOWN, introspect, usize::MAX).await;
    let revoke = issued.kept.iter().map(|issued| about("/revoke", issued)).collect();
    run.load(target::REVOKE_JWT, Prepared::once(revoke, ok()), revoked).await;
}

/// The same for clients whose tokens depend on a contract: the token endpoint, then introspection.
async fn under_contract(run: &mut Run<'_>, stored: &mut Stored) {
    let Some(token) = &stored.admin_token else { return };
    if stored.contracted.is_empty() {
        match contracts::make(run.server, token).await {
            Ok(made) => stored.contracted = made,
            Err(failure) => return run.failed(target::CONTRACT_CREDENTIALS, &failure),
        }
    }
    let (set, site) = (&stored.contracted, &run.server.site);
    let fields = [("grant_type", "client_credentials"), ("resource", contracts::AUDIENCE), ("scope", contracts::SCOPE)];
    let requests = set.iter().map(|client| client.form(site, "/token", &fields)).collect();
    let traffic = Prepared::cycle(requests, ok().with("access_token")).keep(Keep::Bodies(TOKENS));
    let Some(issued) = run.load(target::CONTRACT_CREDENTIALS, traffic, usize::MAX).await else { return };
    let about = |(number, body): &(usize, String)| {
        let token = member(body, "access_token").unwrap_or_default();
        set[*number].form(site, "/introspect", &[("token", &token)])
    };
    let known = issued.kept.iter().map(about).collect();
    let introspect = Prepared::cycle(known, ok().with(r#""active":true"#));
    run.load(target::CONTRACT_INTROSPECT, introspect, usize::MAX).await;
}

/// A person with an application: codes, their exchange, refreshing, userinfo.
async fn people(run: &mut Run<'_>, stored: &Stored, set: &[Registered]) {
    let Some(client) = set.first() else { return };
    match codes(run, stored, client).await {
        Ok(codes) => grants(run, client, codes).await,
        Err(failure) => run.failed(target::AUTHORIZE, &failure),
    }
}

/// A person signs in and accepts once; then the same request is answered with a code, again and again.
async fn codes(run: &mut Run<'_>, stored: &Stored, client: &Registered) -> Result<Vec<String>, Failure> {
    let site = &run.server.site;
    let path = format!(
        "/authorize?{}",
        http::encode(&[
            ("response_type", "code"),
            ("client_id", &client.id),
            ("redirect_uri", REDIRECT_URI),
            ("scope", SCOPES),
            ("state", "0123456789abcdef"),
            ("nonce", "fedcba9876543210"),
            ("code_challenge", CODE_CHALLENGE),
            ("code_challenge_method", "S256"),
        ])
    );
    let mut person = Person::sit_down(site, &stored.password).await?;
    person.accept(&path).await?;
    let again = site.get(&path, &[("cookie", &person.cookies()), ("accept", "text/html")]);
    let wanted = run.plan.grants + run.plan.grants / 10;
    let expected = Expected::status(&[302, 303]).with("code=");
    let traffic = Prepared::same(again, expected).keep(Keep::Locations(wanted));
    say(&format!("{} {}", target::AUTHORIZE.id, target::AUTHORIZE.what));
    let bounds = Bounds { requests: wanted, time: run.plan.time * 4 };
    let (measured, traffic) = load::stretch(run.server, traffic, bounds).await?;
    run.row(target::AUTHORIZE, measured);
    let code = |location: &str| {
        let (_, query) = location.split_once('?')?;
        query.split('&').find_map(|pair| pair.strip_prefix("code=")).map(str::to_owned)
    };
    let codes: Option<Vec<String>> = traffic.kept.iter().map(|(_, location)| code(location)).collect();
    codes.ok_or_else(|| Failure::new("an answer has no code"))
}

async fn grants(run: &mut Run<'_>, client: &Registered, codes: Vec<String>) {
    let site = run.server.site.clone();
    let exchange = |code: String| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", CODE_VERIFIER),
        ];
        client.form(&site, "/token", &fields)
    };
    let exchanges: Vec<_> = codes.into_iter().map(exchange).collect();
    let kept = Keep::Bodies(exchanges.len());
    let traffic = Prepared::once(exchanges, ok().with("id_token")).keep(kept);
    let Some(issued) = run.load(target::EXCHANGE, traffic, run.plan.grants).await else { return };
    let tokens = |name: &'static str| issued.kept.iter().filter_map(move |(_, body)| member(body, name).ok());
    let userinfo = tokens("access_token").take(TOKENS).map(|token| site.get_as("/userinfo", &token)).collect();
    run.load(target::USERINFO, Prepared::cycle(userinfo, ok().with("email")), usize::MAX).await;
    let rotation = Rotation { site: site.clone(), client: client.clone(), tokens: tokens("refresh_token").collect() };
    let Some(rotated) = run.load(target::REFRESH, rotation, usize::MAX).await else { return };
    let revoke = |token: &String| client.form(&site, "/revoke", &[("token", token)]);
    let revoke = Prepared::once(rotated.tokens.iter().map(revoke).collect(), ok());
    run.load(target::REVOKE, revoke, run.plan.grants).await;
}
