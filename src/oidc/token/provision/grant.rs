//! What is issued for somebody who is vouched for? For one service, and for nothing else.

use entity::user;
use entity::word::Words;
use serde_json::{Map, json};

use super::super::claims::Authentication;
use super::super::family::{Beginning, Detail, Refresh};
use super::super::issue::{Person, issue};
use super::super::may_issue::{Asked, Flow, may_issue};
use super::super::refresh_token::RefreshToken;
use super::super::{Issued, TokenRequest};
use super::{NotVouched, Word, person, scopes, service_of};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::{Rows, Told};
use crate::oidc::authorization::claims::ClaimsRequest;
use crate::oidc::authorization::code::AuthorizationCode;
use crate::oidc::client::RegisteredRedirectUri;
use crate::oidc::client::authenticate::Authenticated;
use crate::oidc::client::record::Client;
use crate::oidc::event::{Kind, event};
use crate::oidc::service::{self, Service, Target};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};
use crate::secret::Secret;

/// How long a code is good that the holder of a provision key got, in seconds (portal.md K64).
const CODE_SECONDS: Seconds = 300;

/// Answers a request at the standard token endpoint that brings a provision key (D-20).
///
/// # Errors
/// `invalid_grant` for a key that is not one of a service and for nobody; `invalid_target` for another resource than that
/// service; `invalid_scope`, `unauthorized_client`.
pub async fn answer(
    app: &App,
    tenant: &Tenant,
    client: &Authenticated,
    request: &TokenRequest,
    flow: Flow,
) -> Result<Issued, Error> {
    let word = Word {
        key: request.provision_key.as_ref(),
        authenticated_userid: request.authenticated_userid.as_deref(),
        from: request.from,
    };
    let services = service::all(app, tenant).await?;
    let service = service_of(app, services.iter(), word)?;
    if request.resources.iter().any(|resource| *resource != service.row.audience) {
        return Err(Error::new(Code::InvalidTarget, "the provision_key is another resource's"));
    }
    let named = word.authenticated_userid.filter(|named| !named.is_empty()).ok_or(NotVouched::Person)?;
    let scopes = scopes(service, request.scope.as_deref())?;
    let person = person::find_or_make(app, tenant, service, named).await?;
    tokens(app, tenant, &client.client, Grant { service, person: &person, scopes: &scopes, flow }).await
}

/// What is granted.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    /// At this service.
    pub service: &'a Service,
    /// For this person.
    pub person: &'a user::Model,
    /// With these scopes.
    pub scopes: &'a Words,
    /// By this flow.
    pub flow: Flow,
}

/// Issues tokens. A refresh token goes with a password grant of a client that may refresh, unless the access token never
/// ends (portal.md K19, K62).
///
/// # Errors
/// What [`may_issue`] refuses; when a key is missing or the database cannot be asked.
pub async fn tokens(app: &App, tenant: &Tenant, client: &Client, grant: Grant<'_>) -> Result<Issued, Error> {
    let target = target(app, tenant, client, grant).await?;
    let ends = target.life.access_seconds(app.config.tokens.access_token_seconds) != 0;
    let refreshes = grant.flow == Flow::Password && client.may_refresh() && ends;
    let refresh = if refreshes { Refresh::Yes } else { Refresh::No };
    let authentication = authentication(app);
    let family_id = AuthorizationCode::new_identity();
    let beginning = Beginning {
        id: family_id,
        user_id: grant.person.id,
        session_id: None,
        scopes: target.scopes.clone(),
        resources: target.audience.as_slice().to_vec(),
        detail: Detail {
            flow: Some(grant.flow),
            authentication: authentication.clone(),
            audience: Some(target.audience.clone()),
            ..Detail::default()
        },
        refresh,
        life: target.life,
    };
    let rows = Rows {
        token_families: vec![beginning.row(app, client)?],
        events: vec![told(app, tenant, client, grant)],
        ..Rows::default()
    };
    app.db.insert(rows).await?;
    let behind = Person {
        user_id: grant.person.id,
        family_id,
        generation: 0,
        session_id: None,
        authentication: &authentication,
        claims: &Map::new(),
    };
    let issued = issue(app, tenant, client, &target, Some(behind)).await?;
    app.usage.used(client.row.id, app.clock.now());
    let refresh_token = refreshes.then(|| RefreshToken::first(family_id).seal(app, tenant));
    Ok(Issued { refresh_token, ..issued })
}

/// A code for the service's token endpoint (portal.md K56, K64). Whether the token request repeats the redirect URI is up
/// to it: the one who asks is the service's own site, not a browser.
///
/// # Errors
/// As [`tokens`].
pub async fn code(
    app: &App,
    tenant: &Tenant,
    client: &Client,
    grant: Grant<'_>,
    redirect_uri: &RegisteredRedirectUri,
    challenge: Option<String>,
) -> Result<Secret, Error> {
    let target = target(app, tenant, client, grant).await?;
    app.db.insert(Rows { events: vec![told(app, tenant, client, grant)], ..Rows::default() }).await?;
    let code = AuthorizationCode {
        family_id: AuthorizationCode::new_identity(),
        client_key: client.row.id,
        user_id: grant.person.id,
        session_id: None,
        redirect_uri: redirect_uri.as_str().to_owned(),
        redirect_uri_named: false,
        challenge,
        scopes: target.scopes,
        resources: target.audience.as_slice().to_vec(),
        audience: Some(target.audience),
        claims: ClaimsRequest::default(),
        authentication: authentication(app),
        expires_at: app.clock.now() + CODE_SECONDS,
    };
    Ok(code.seal(app, tenant))
}

async fn target(app: &App, tenant: &Tenant, client: &Client, grant: Grant<'_>) -> Result<Target, Error> {
    let services = std::slice::from_ref(grant.service);
    let audience = std::slice::from_ref(&grant.service.row.audience);
    let target = service::resolve(tenant, services, audience, grant.scopes)?;
    let asked = Asked { services, scopes: grant.scopes, flows: &[grant.flow] };
    may_issue(app, tenant, client, asked, target).await
}

/// We did not see the person sign in: by what is not ours to say.
fn authentication(app: &App) -> Authentication {
    Authentication { auth_time: app.clock.now(), acr: None, amr: Vec::new(), nonce: None }
}

fn told(app: &App, tenant: &Tenant, client: &Client, grant: Grant<'_>) -> Told {
    let actor = format!("provision_key:{}", grant.service.row.id);
    let by = match grant.flow {
        Flow::AuthorizationCode => "authorization_code",
        Flow::Implicit => "implicit",
        Flow::Password => "password",
        Flow::Refresh => "refresh_token",
        Flow::ClientCredentials => "client_credentials",
    };
    let data = json!({"grant": by, "client": client.client_id()});
    event(app, tenant.id, Kind::SignedIn, &actor, &format!("user:{}", grant.person.id), data)
}
