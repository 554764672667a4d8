//! The consent page, in words (U3).

use poem::{Response, handler};

use super::answer::{page, problem, refuse, show, stale};
use super::authorization::{application, back_to};
use super::form::{Pairs, field};
use super::page::{ConsentPage, Permission, PermissionGroup, Resource, Standing};
use super::routes;
use super::select_account::Asked;
use super::shown::{Shown, WebLink};
use super::visitor::{Visitor, person};
use crate::oidc::Error;
use crate::oidc::authorization::AuthorizeError;
use crate::oidc::authorization::advance::{Current, current};
use crate::oidc::authorization::consent::{self, Part};
use crate::oidc::discovery::Prompt;
use crate::oidc::session::form_token::Form;

/// Shows the page.
#[handler]
pub async fn ask(visitor: Visitor) -> Response {
    let pairs = match visitor.query() {
        Ok(pairs) => pairs,
        Err(error) => return problem(&visitor, &error),
    };
    let (asked, current) = match read(&visitor, &pairs).await {
        Ok(read) => read,
        Err(answer) => return *answer,
    };
    let ui_locales = asked.in_flight.request.ui_locales.as_deref();
    let shown = match consent_page(&visitor, &asked, &current, ui_locales).await {
        Ok(shown) => shown,
        Err(error) => return show(&visitor, &error, ui_locales),
    };
    let decided = decided(&current);
    let token = asked.form(Form::Consent, &[&asked.sealed, &decided]).token(&visitor.app, &visitor.tenant);
    page(shown.render(&visitor.layout(ui_locales, token)))
}

/// Records what the person decided.
#[handler]
pub async fn decide(visitor: Visitor) -> Response {
    let pairs = match visitor.form() {
        Ok(pairs) => pairs,
        Err(error) => return problem(&visitor, &error),
    };
    let (asked, current) = match read(&visitor, &pairs).await {
        Ok(read) => read,
        Err(answer) => return *answer,
    };
    if !asked.is_ours(&visitor, &pairs, Form::Consent, &[&asked.sealed, &decided(&current)]) {
        return stale(&visitor);
    }
    let (app, session, arrival) = (&visitor.app, &asked.session, visitor.arrival());
    let id = Some(session.row.id);
    let done = match field(&pairs, "decision") {
        Some("accept") => consent::agree(app, session, &current, &arrival).await.map(|()| {
            let recorded = asked.in_flight.with(|facts| facts.agreed = id);
            back_to(&visitor, &recorded)
        }),
        Some("decline") => consent::decline(app, session, &current, &arrival).await.map(|()| {
            let recorded = asked.in_flight.with(|facts| facts.declined = id);
            back_to(&visitor, &recorded)
        }),
        Some("other_account") => Ok(back_to(&visitor, &asked.in_flight.with(|facts| facts.unwanted = id))),
        _ => Ok(stale(&visitor)),
    };
    done.unwrap_or_else(|error| show(&visitor, &error, None))
}

async fn read(visitor: &Visitor, pairs: &Pairs) -> Result<(Asked, Current), Box<Response>> {
    let asked = Asked::read(visitor, pairs).await?;
    let request = &asked.in_flight.request;
    let current = current(&visitor.app, &visitor.tenant, request).await;
    let current =
        current.map_err(|error: AuthorizeError| Box::new(refuse(visitor, error, request.ui_locales.as_deref())))?;
    Ok((asked, current))
}

/// What the person decides about: if the registration or the scopes change meanwhile, the form is void.
fn decided(current: &Current) -> String {
    format!("{} {}", consent::metadata_hash(&current.client).as_str(), current.target.scopes)
}

async fn consent_page(
    visitor: &Visitor,
    asked: &Asked,
    current: &Current,
    ui_locales: Option<&str>,
) -> Result<ConsentPage, Error> {
    let missing = consent::missing(&visitor.app, asked.session.row.user_id, current).await?;
    // With prompt=consent all is asked again, else only what is new.
    let all = missing.is_empty() || asked.in_flight.request.wants(Prompt::Consent);
    let parts = if all { consent::parts(current) } else { missing };
    let locales: Vec<&str> = ui_locales.unwrap_or_default().split(' ').filter(|tag| !tag.is_empty()).collect();
    let link = |member: &str| current.client.metadata.display().best(member, &locales).and_then(WebLink::to);
    let standing = match consent::standing(&visitor.app, &current.client).await? {
        consent::Standing::Verified => Standing::Verified,
        consent::Standing::NotVerified => Standing::NotVerified,
        consent::Standing::RegisteredItself { at } => Standing::RegisteredItself { at },
    };
    let scopes_as =
        if visitor.tenant.settings.consent.scope_descriptions { ScopesAs::Descriptions } else { ScopesAs::Names };
    Ok(ConsentPage {
        action: visitor.path(routes::CONSENT),
        request: asked.sealed.clone(),
        application: application(current, ui_locales),
        standing,
        website: link("client_uri"),
        privacy_policy: link("policy_uri"),
        terms: link("tos_uri"),
        resources: parts.iter().filter_map(resource).collect(),
        permissions: parts.iter().filter(|part| !part.scopes.is_empty()).map(|part| group(part, scopes_as)).collect(),
        user: person(&asked.session),
    })
}

fn resource(part: &Part) -> Option<Resource> {
    let service = part.service.as_ref()?;
    Some(Resource { name: Some(Shown::name(&service.row.name)), uri: Shown::text(&service.row.audience) })
}

/// How the scopes of services are shown (portal.md A27).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ScopesAs {
    Descriptions,
    Names,
}

fn group(part: &Part, scopes_as: ScopesAs) -> PermissionGroup {
    let described = |scope: &str| {
        if scopes_as == ScopesAs::Names {
            return None;
        }
        let known = part.service.as_ref()?.scopes.iter().find(|known| known.value == scope)?;
        (!known.description.is_empty()).then(|| Shown::text(&known.description))
    };
    PermissionGroup {
        service: part.service.as_ref().map(|service| Shown::name(&service.row.name)),
        permissions: part
            .scopes
            .iter()
            .map(|scope| Permission { scope: Shown::text(scope), description: described(scope) })
            .collect(),
    }
}
