//! How does an application register itself? (RFC 7591 §3)

use entity::id::{ApplicationId, ClientKey, InitialAccessTokenId};
use serde_json::{Map, Value, json};

use super::admission::{Admission, Caller, Way, admit};
use super::body::Body;
use super::credentials::{new_registration_token, new_secret, own_client_id};
use super::information::{ClientInformation, client_uri};
use super::initial_access_token::spend;
use super::judge::judge_as;
use super::open_clients;
use super::profile::Profile;
use super::rows::{self, NewClient};
use super::template::followed;
use super::validate::Kin;
use crate::app::App;
use crate::db::{Rows, Told};
use crate::oidc::client::template::{Template, resolve};
use crate::oidc::client::{Metadata, SecretNeed};
use crate::oidc::event::{Kind, event};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};
use crate::secret;
use crate::telemetry::Outcome;

/// Whether a registration is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// It is.
    Register,
    /// It is to be said what would be registered: nothing is stored or fetched but the sector document, no credential is
    /// made, no ticket spent.
    DryRun,
}

/// Registers a client: judges the wish, then stores application, client, secret and event together. With an initial
/// access token its use is counted in the same transaction, so that a registration that fails spends nothing (s.R54)
/// and of several at once no more succeed than it allows (s.R52).
///
/// # Errors
/// What `admit` refuses with (401, 403, 429); 415, 413 and `invalid_request` for the body; every broken rule at once
/// for the metadata; 503 if there is no room for another client without a token; when the database cannot be asked.
pub async fn register(
    app: &App,
    tenant: &Tenant,
    caller: Caller<'_>,
    body: Body<'_>,
    intent: Intent,
) -> Result<ClientInformation, Error> {
    let (way, outcome) = match admit(app, tenant, caller).await {
        Ok(admission) => (admission.way.name(), admitted(app, tenant, admission, caller, body, intent).await),
        Err(error) => ("none", Err(error)),
    };
    if intent == Intent::Register {
        count(app, way, &outcome);
    }
    outcome
}

pub(super) fn count(app: &App, way: &'static str, outcome: &Result<ClientInformation, Error>) {
    let (outcome, rule) = match outcome {
        Ok(_) => (Outcome::Accepted, ""),
        Err(error) if error.code == Code::TooManyRequests => (Outcome::Limited, ""),
        Err(error) if error.code.status() >= 500 => (Outcome::Failed, ""),
        Err(error) => {
            (Outcome::Refused, error.violations.first().map_or(error.code.as_str(), |violation| violation.rule))
        }
    };
    app.metrics.registration(way, outcome, rule);
}

async fn admitted(
    app: &App,
    tenant: &Tenant,
    admission: Admission,
    caller: Caller<'_>,
    body: Body<'_>,
    intent: Intent,
) -> Result<ClientInformation, Error> {
    let wanted = body.members(admission.profile, app.config.registration.json_depth_max)?;
    let template = followed(app, tenant, &admission, &wanted).await?;
    let metadata = judged(app, tenant, &admission, &wanted, template.as_deref()).await?;
    if intent == Intent::DryRun {
        return Ok(ClientInformation::dry(with_template(metadata, admission.profile, template.as_deref())));
    }
    let (rows, information) = prepare(app, tenant, &admission, caller, metadata, template.as_deref())?;
    match &admission.way {
        Way::Open => {
            let place = open_clients::reserve(app, tenant).await?;
            app.db.insert(rows).await?;
            if let Some(place) = place {
                place.keep();
            }
        }
        Way::Ticket(ticket) => store_for_ticket(app, rows, ticket.id).await?,
        Way::Delegate(delegate) => {
            app.db.insert(rows).await?;
            app.usage.used(delegate.row.id, app.clock.now());
        }
    }
    Ok(information)
}

/// Judges a wish by all that binds who comes this way.
///
/// # Errors
/// As [`judge_as`].
pub(super) async fn judged(
    app: &App,
    tenant: &Tenant,
    admission: &Admission,
    wanted: &Map<String, Value>,
    template: Option<&Template>,
) -> Result<Metadata, Error> {
    let policy =
        admission.policy.clone().with_places_of(&tenant.settings.registration).with_grants_of(admission.profile);
    let kin = Kin::following(template.map(|template| &template.metadata));
    judge_as(app, tenant, wanted, admission.profile, policy, kin).await
}

/// What a client will be that registered this.
pub(super) fn with_template(own: Metadata, profile: &Profile, template: Option<&Template>) -> Metadata {
    match template {
        Some(template) => resolve(&own, &template.metadata, profile),
        None => own,
    }
}

/// Stores a client and counts the use of the ticket that let it in, in one transaction.
///
/// # Errors
/// `invalid_token` for a ticket that was good a moment ago; when the database cannot be asked.
pub(super) async fn store_for_ticket(app: &App, rows: Rows, ticket: InitialAccessTokenId) -> Result<(), Error> {
    let now = app.clock.now();
    app.db
        .transaction(move |transaction| {
            let rows = rows.clone();
            Box::pin(async move {
                if !spend(transaction, ticket, now).await? {
                    let why = "the initial access token was used up, expired or revoked meanwhile";
                    return Err(Error::new(Code::InvalidToken, why));
                }
                rows.insert(transaction).await?;
                Ok(())
            })
        })
        .await
}

/// The rows of a new client, and what it is told.
pub(super) fn prepare(
    app: &App,
    tenant: &Tenant,
    admission: &Admission,
    caller: Caller<'_>,
    metadata: Metadata,
    template: Option<&Template>,
) -> Result<(Rows, ClientInformation), Error> {
    let now = app.clock.now();
    let (client_key, application_id) = (ClientKey(secret::new_id()), ApplicationId(secret::new_id()));
    let client_id = own_client_id(admission.profile);
    let token = admission.gives_management(tenant).then(new_registration_token);
    let (secret, secret_row) = match metadata.secret_need() {
        SecretNeed::Issue => Some(new_secret(app, tenant.id, client_key)).unzip(),
        SecretNeed::Withhold => (None, None),
    };
    let of_template = template.and_then(|template| template.metadata.name(&[]));
    let name = metadata.name(&[]).or(of_template).map(str::to_owned);
    let kind = metadata.application_type().as_str();
    let shown_name = name.as_deref().unwrap_or(&client_id);
    let application = rows::application(tenant.id, application_id, shown_name, kind, admission.way.source(), now);
    let told = registered(app, tenant, admission, caller, &client_id, name.as_deref());
    let ticket = match &admission.way {
        Way::Ticket(ticket) => Some(ticket.id),
        Way::Open | Way::Delegate(_) => None,
    };
    let client = NewClient {
        tenant_id: tenant.id,
        id: client_key,
        application_id: Some(application_id),
        client_id: &client_id,
        profile: admission.profile,
        policy: &admission.policy,
        metadata: &metadata,
        registration_token: token.as_ref(),
        ticket,
        template: template.map(|template| template.key),
        at: now,
    };
    let client = client.row()?;
    let information = ClientInformation {
        client_id_issued_at: Some(now),
        client_secret: secret,
        client_secret_expires_at: secret_row.as_ref().map(|row| row.expires_at),
        registration_client_uri: token.as_ref().map(|_| client_uri(tenant, &client_id)),
        registration_access_token: token,
        client_id: Some(client_id),
        metadata: with_template(metadata, admission.profile, template),
    };
    let rows = Rows {
        applications: vec![application],
        clients: vec![client],
        client_secrets: secret_row.into_iter().collect(),
        events: vec![told],
        ..Rows::default()
    };
    Ok((rows, information))
}

fn registered(
    app: &App,
    tenant: &Tenant,
    admission: &Admission,
    caller: Caller<'_>,
    client_id: &str,
    name: Option<&str>,
) -> Told {
    let data = json!({"way": admission.way.name(), "profile": admission.profile.name, "client_name": name});
    let target = format!("client:{client_id}");
    let told = event(app, tenant.id, Kind::ClientRegistered, &admission.way.actor(), &target, data);
    told.from(caller.from)
}
