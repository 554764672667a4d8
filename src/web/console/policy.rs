//! Under which rules do applications register for a service? The way there, its form, and its provision key (K8–K20).
//!
//! Other products have another word for a policy. The pages say it where those look for it who know it.

mod form;

use entity::user::Role;
use poem::web::Path;
use poem::{Response, handler};

use super::address::{self, Place};
use super::contracts::looks_after_it;
use super::desk::{Desk, Posted};
use super::words::{self, Switch};
use crate::portal::policy::{self, Change, Policy};
use crate::portal::service::{self, Service, looks_after};
use crate::portal::{Action, Error};
use crate::web::form::Pairs;
use crate::web::page::console::{Act, Cell, Fact, Link, Part, Section, Tone};
use crate::web::shown::Shown;
use form::{form_page, pairs, read};

/// The flows: the name of the field, and of its word.
const FLOWS: [(&str, &str); 4] = [
    ("enable_authorization_code", "console-policy-authorization-code"),
    ("enable_client_credentials", "console-policy-client-credentials"),
    ("enable_implicit_grant", "console-policy-implicit"),
    ("enable_password_grant", "console-policy-password"),
];

/// The rules of a service, in its view.
///
/// # Errors
/// As [`policy::provision_key()`], but for a key that cannot be read.
pub fn section(desk: &Desk, service: &Service) -> Result<Section, Error> {
    let path = address::service(service.row.id, "");
    let heading = desk.say("console-policies");
    let Some(row) = &service.policy else {
        let none = Part::Notice { tone: Tone::Plain, words: desk.say("console-policy-none").into() };
        let section = Section::titled("policy", heading, vec![none]);
        return Ok(match looks_after_it(desk, &service.row) {
            true => section.link(desk.path(&format!("{path}/add")), desk.say("console-policy-add")),
            false => section,
        });
    };
    let shown = Policy { row: row.clone(), service: service.row.clone() };
    let mut parts = Vec::new();
    if row.token_expiration == 0 || row.refresh_token_ttl == 0 {
        parts.push(Part::Notice { tone: Tone::Warn, words: desk.say("console-policy-endless").into() });
    }
    parts.push(Part::Facts(facts(desk, &shown)));
    if desk.actor.role() == Role::Admin {
        parts.push(provision_key(desk, row)?);
    }
    let section = Section::titled("policy", heading, parts).about(desk.say("console-policy-registration"));
    if !looks_after_it(desk, &service.row) {
        return Ok(section);
    }
    let mut section = section.link(desk.path(&format!("{path}/policy")), desk.say("console-edit"));
    section.parts.push(Part::Acts(acts(desk, &shown, &path)));
    Ok(section)
}

/// A key that was sealed with a lost one is no reason to hide the rest.
fn provision_key(desk: &Desk, row: &entity::policy::Model) -> Result<Part, Error> {
    match policy::provision_key(&desk.visitor.app, &desk.actor, row) {
        Ok(key) => {
            let label = desk.say("console-policy-provision-key").into();
            Ok(Part::Kept { label, value: key.expose().to_owned() })
        }
        Err(Error::Internal(cause)) => {
            tracing::error!(request_id = desk.visitor.request_id(), %cause, "a provision key cannot be read");
            Ok(Part::Notice { tone: Tone::Bad, words: desk.say("console-policy-key-unreadable").into() })
        }
        Err(error) => Err(error),
    }
}

fn facts(desk: &Desk, policy: &Policy) -> Vec<Fact> {
    let row = &policy.row;
    let on = [
        row.enable_authorization_code,
        row.enable_client_credentials,
        row.enable_implicit_grant,
        row.enable_password_grant,
    ];
    let flows = FLOWS.iter().zip(on).filter(|(_, on)| *on).map(|((_, key), _)| Cell::from(desk.say(key)));
    let scopes = policy.scopes().unwrap_or_default();
    vec![
        Fact::new(desk.say("console-enabled"), Switch::from(row.enabled).cell(desk)),
        Fact::new(desk.say("console-policy-display-name"), Shown::name(&row.display_name)),
        Fact::new(desk.say("console-description"), words::text(row.description.as_deref())),
        Fact::new(desk.say("console-policy-auto-approve"), Switch::from(row.auto_approve).cell(desk)),
        Fact { label: desk.say("console-policy-flows").into(), values: flows.collect() },
        Fact::new(desk.say("console-policy-mandatory-scope"), Switch::from(row.mandatory_scope).cell(desk)),
        Fact::new(desk.say("console-scopes"), words::text(Some(&scopes.join(" ")))),
        Fact::new(desk.say("console-policy-auth-header"), Cell::Code(Shown::text(&row.auth_header_name))),
        Fact::new(desk.say("console-policy-token-expiration"), words::lifetime(desk, row.token_expiration)),
        Fact::new(desk.say("console-policy-refresh-ttl"), words::lifetime(desk, row.refresh_token_ttl)),
        Fact::new(desk.say("console-policy-comment"), Switch::from(row.comment_required).cell(desk)),
    ]
}

fn acts(desk: &Desk, policy: &Policy, path: &str) -> Vec<Act> {
    let version = policy.row.version.to_string();
    let about = Shown::name(&policy.row.display_name);
    let act = |act: &str, key| {
        let action = desk.path(&format!("{path}/policy/{act}"));
        Act::new(action, desk.say(key), about.clone()).with("version", version.as_str())
    };
    let mut acts = vec![match policy.row.enabled {
        true => act("disable", "console-disable").sure(desk.say("console-policy-disable-sure")),
        false => act("enable", "console-enable"),
    }];
    if desk.actor.role() == Role::Admin {
        let renew = act("provision-key", "console-policy-rotate");
        acts.push(renew.sure(desk.say("console-policy-rotate-sure")));
    }
    acts.push(act("delete", "console-policy-delete").sure(desk.say("console-policy-delete-sure")));
    acts
}

/// The kinds of rules there are to add; there is one.
#[handler]
pub async fn kinds(desk: Desk, Path(id): Path<String>) -> Response {
    desk.answer(all_kinds(&desk, &id).await).await
}

async fn all_kinds(desk: &Desk, id: &str) -> Result<Response, Error> {
    let service = of(desk, id).await?;
    let mut page = desk.page(Place::Services, desk.say("console-policy-add-new")).await?;
    page.above = Some(above(desk, &service));
    let choose = Link {
        href: desk.path(&address::service(service.row.id, "/policy/new")),
        words: desk.say("console-policy-choose").into(),
    };
    let what = vec![Fact::new(desk.say("console-policy-registration"), desk.say("console-policy-registration-about"))];
    let mut section =
        Section::titled("authentication", desk.say("console-policy-authentication"), vec![Part::Facts(what)]);
    section.links.push(choose);
    page.sections.push(section);
    Ok(desk.show(&page))
}

/// An empty form, with what counts where nothing is said.
#[handler]
pub async fn blank(desk: Desk, Path(id): Path<String>) -> Response {
    let fresh = [("auth_header_name", "authorization"), ("token_expiration", "7200"), ("refresh_token_ttl", "1209600")];
    let fresh: Pairs = fresh.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let shown = match of(&desk, &id).await {
        Ok(service) => form_page(&desk, &service, &fresh, Vec::new()).await,
        Err(error) => Err(error),
    };
    desk.answer(shown).await
}

/// Gives the service a policy.
#[handler]
pub async fn add(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(added(&posted, &id).await).await
}

async fn added(posted: &Posted, id: &str) -> Result<Response, Error> {
    let desk = &posted.desk;
    let service = of(desk, id).await?;
    let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
    let outcome = match read(posted) {
        Ok(wish) => policy::create(app, tenant, &desk.actor, id, None, wish).await,
        Err(error) => Err(error),
    };
    finished(posted, &service, outcome, "added").await
}

/// The form with what counts.
#[handler]
pub async fn edit(desk: Desk, Path(id): Path<String>) -> Response {
    let shown = match with_policy(&desk, &id).await {
        Ok((service, policy)) => form_page(&desk, &service, &pairs(&policy), Vec::new()).await,
        Err(error) => Err(error),
    };
    desk.answer(shown).await
}

/// Changes the policy.
#[handler]
pub async fn change(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(changed(&posted, &id).await).await
}

async fn changed(posted: &Posted, id: &str) -> Result<Response, Error> {
    let desk = &posted.desk;
    let (service, before) = with_policy(desk, id).await?;
    let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
    let outcome = match read(posted) {
        Ok(wish) => policy::change(app, tenant, &desk.actor, before.row.id, posted.version(), wish).await,
        Err(error) => Err(error),
    };
    finished(posted, &service, outcome, "saved").await
}

async fn finished(
    posted: &Posted,
    service: &Service,
    outcome: Result<Policy, Error>,
    done: &'static str,
) -> Result<Response, Error> {
    match outcome {
        Ok(_) => Ok(posted.desk.go(&address::service(service.row.id, "#policy"), done)),
        Err(error) => {
            let complaints = words::complaints(&posted.desk, error)?;
            form_page(&posted.desk, service, &posted.pairs, complaints).await
        }
    }
}

/// Lets applications register again.
#[handler]
pub async fn enable(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(switched(&posted, &id, Switch::On).await).await
}

/// Lets no further application register.
#[handler]
pub async fn disable(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(switched(&posted, &id, Switch::Off).await).await
}

async fn switched(posted: &Posted, id: &str, to: Switch) -> Result<Response, Error> {
    let desk = &posted.desk;
    let (service, policy) = with_policy(desk, id).await?;
    let wish = Change { enabled: Some(to == Switch::On), ..Change::default() };
    let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
    policy::change(app, tenant, &desk.actor, policy.row.id, posted.version(), wish).await?;
    let done = if to == Switch::On { "enabled" } else { "disabled" };
    Ok(desk.go(&address::service(service.row.id, "#policy"), done))
}

/// Takes the policy away.
#[handler]
pub async fn remove(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(removed(&posted, &id).await).await
}

async fn removed(posted: &Posted, id: &str) -> Result<Response, Error> {
    let desk = &posted.desk;
    let (service, policy) = with_policy(desk, id).await?;
    let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
    policy::remove(app, tenant, &desk.actor, policy.row.id, posted.version()).await?;
    Ok(desk.go(&address::service(service.row.id, "#policy"), "removed"))
}

/// Gives it another provision key, which the view of the service shows to admins.
#[handler]
pub async fn rotate(posted: Posted, Path(id): Path<String>) -> Response {
    posted.desk.answer(rotated(&posted, &id).await).await
}

async fn rotated(posted: &Posted, id: &str) -> Result<Response, Error> {
    let desk = &posted.desk;
    let (service, policy) = with_policy(desk, id).await?;
    let (app, tenant) = (&desk.visitor.app, &desk.visitor.tenant);
    policy::rotate_provision_key(app, tenant, &desk.actor, policy.row.id, posted.version()).await?;
    Ok(desk.go(&address::service(service.row.id, "#policy"), "saved"))
}

/// The service, for those who may give it rules.
async fn of(desk: &Desk, id: &str) -> Result<Service, Error> {
    let service = service::find(&desk.visitor.app, &desk.visitor.tenant, &desk.actor, id).await?;
    looks_after(&desk.actor, Action::WritePolicies, &service.row)?;
    Ok(service)
}

async fn with_policy(desk: &Desk, id: &str) -> Result<(Service, Policy), Error> {
    let service = of(desk, id).await?;
    let row = service.policy.clone().ok_or(Error::NotFound)?;
    let policy = Policy { row, service: service.row.clone() };
    Ok((service, policy))
}

fn above(desk: &Desk, service: &Service) -> Link {
    Link { href: desk.path(&address::service(service.row.id, "")), words: Shown::name(&service.row.name).into() }
}
