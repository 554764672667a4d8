//! Which template does a registration follow, and what of a wish does that one settle? (registration.md §7, D-6, D-15)

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value};

use super::admission::{Admission, Caller, Way, admit};
use super::draft::{Draft, TEMPLATE, violation};
use super::validate::Kin;
use crate::app::App;
use crate::oidc::client::record::Client;
use crate::oidc::client::template::{self, Named, Template, allowed_grants};
use crate::oidc::client::{AuthMethod, Chosen, GrantType, Metadata};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Code, Error};

/// The template a registration follows: that of the ticket, else the one its `software_id` names.
///
/// # Errors
/// `invalid_client_metadata` where every registration must follow one and this does not (D-15, G51); when the database
/// cannot be asked.
pub(super) async fn followed(
    app: &App,
    tenant: &Tenant,
    admission: &Admission,
    wanted: &Map<String, Value>,
) -> Result<Option<Arc<Template>>, Error> {
    let settings = &tenant.settings.registration;
    let pool = app.db.pool();
    if let Way::Ticket(ticket) = &admission.way
        && let Some(key) = ticket.template_id
    {
        let gone = || Error::new(Code::InvalidToken, "the template of the initial access token is gone");
        return Ok(Some(template::living(pool, tenant.id, key).await?.ok_or_else(gone)?));
    }
    if !settings.templates {
        return Ok(None);
    }
    let named = wanted.get("software_id").and_then(Value::as_str).filter(|name| !name.is_empty());
    let found = match named {
        Some(software_id) => template::named(pool, tenant.id, software_id).await?,
        None => Named::Nothing,
    };
    match (found, named) {
        (Named::Template(template), _) => Ok(Some(template)),
        _ if !settings.templates_required => Ok(None),
        (Named::Client, _) => Err(refused("Client behind software_id is not a template".to_owned())),
        (Named::Nothing, Some(software_id)) => {
            let shown: String = software_id.chars().take(200).collect();
            Err(refused(format!("No template found for software_id {shown}")))
        }
        (Named::Nothing, None) => Err(refused("software_id is missing: it names the template to follow".to_owned())),
    }
}

/// What a registration may follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Offered {
    /// What a registration names to follow it.
    pub software_id: String,
    /// What it is called.
    pub description: String,
}

/// The templates that whoever has this token may follow, the oldest first (portal.md G46). The token is not spent.
///
/// # Errors
/// What a registration with a token is refused with; `invalid_token` without one, also where registration is open;
/// `registration_forbidden` where templates are switched off.
pub async fn offered(app: &App, tenant: &Tenant, caller: Caller<'_>) -> Result<Vec<Offered>, Error> {
    if !tenant.settings.registration.tells_templates() {
        return Err(Error::new(Code::RegistrationForbidden, "Not allowed to access to this resource."));
    }
    if caller.token.is_none() {
        let why = "an initial access token is needed, or an access token with the scope dcr or dcr_admin";
        return Err(Error::new(Code::InvalidToken, why));
    }
    let admission = admit(app, tenant, caller).await?;
    let bound = match &admission.way {
        Way::Ticket(ticket) => ticket.template_id,
        Way::Open | Way::Delegate(_) => None,
    };
    let all = template::all(app.db.pool(), tenant.id).await?;
    let all = all.into_iter().filter(|template| bound.is_none_or(|bound| template.key == bound));
    let offered = |template: Template| Offered {
        description: template.metadata.name(&[]).unwrap_or(&template.client_id).to_owned(),
        software_id: template.client_id,
    };
    Ok(all.map(offered).collect())
}

/// In the words that other products use (G51).
fn refused(sentence: String) -> Error {
    let mut error = Error::violations(vec![violation("software_id", TEMPLATE, "names no template".to_owned())]);
    error.description = sentence.into();
    error
}

/// What a client that follows a template wishes, without what it only sends back as it was told: an echo is no choice,
/// so that what the template says goes on counting (portal.md G43, D-6).
pub(super) fn without_echo(client: &Client, sent: Map<String, Value>) -> Map<String, Value> {
    if client.following.is_none() {
        return sent;
    }
    let (told, own) = (client.metadata.to_members(), client.own_metadata());
    let (mine, chosen) = (own.to_members(), own.chosen());
    let is_mine =
        |member: &str| mine.contains_key(member) && (!Chosen::MEMBERS.contains(&member) || chosen.has(member));
    let keep = |(member, value): (String, Value)| match told.get(&member) {
        Some(known) if known == &value || is_same_list(known, &value) => {
            is_mine(&member).then(|| mine.get(&member).cloned().map(|own| (member, own))).flatten()
        }
        _ => Some((member, value)),
    };
    sent.into_iter().filter_map(keep).collect()
}

/// A scope may come back as an array (G42).
fn is_same_list(known: &Value, sent: &Value) -> bool {
    let (Some(known), Some(sent)) = (known.as_str(), sent.as_array()) else { return false };
    known.split(' ').eq(sent.iter().map(|word| word.as_str().unwrap_or_default()))
}

impl<'a> Draft<'a> {
    fn template(&self) -> Option<&'a Metadata> {
        match self.rules.kin {
            Kin::Follower(template) => Some(template),
            Kin::Alone | Kin::Template => None,
        }
    }

    /// What the wish says itself of the members that bound a client.
    pub(super) fn chosen(&self) -> Chosen {
        let [grant_types, response_types, scope] = Chosen::MEMBERS.map(|member| self.sent(member).is_some());
        Chosen { grant_types, response_types, scope }
    }

    /// Where answers will go: to the template's addresses, if it names none itself.
    pub(super) fn reached_at<'u>(&self, own: &'u [String]) -> &'u [String]
    where
        'a: 'u,
    {
        match self.template() {
            Some(template) if own.is_empty() => template.redirect_uris(),
            _ => own,
        }
    }

    /// The grants the client will have, of those it asked for.
    pub(super) fn usable(&mut self, own: &[GrantType], method: AuthMethod) -> Vec<GrantType> {
        let Some(template) = self.template() else { return own.to_vec() };
        let usable = allowed_grants((self.chosen().grant_types, own), method, template, self.rules.profile);
        if usable.is_empty() && !self.is_spoilt("grant_types") {
            let fault = self.fault("grant_types", TEMPLATE, "has no value that the template allows such a client");
            fault.allowed = super::choices::names(template.grant_types());
        }
        usable
    }
}
