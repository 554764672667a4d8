//! What are the refusals of the rules in Gravitee's codes? All of them, in one place (portal.md G38, G57 to G69).

use entity::contract::ContractState;
use http::StatusCode;

use super::{About, Detail, Refusal, Shape, sentence};
use crate::portal::application_type::Refused as OfType;
use crate::portal::provider::Refusal as OfProvider;
use crate::portal::{Conflict, Error, Rule, Wrong};

impl Refusal {
    /// What the rules refused, in Gravitee's words.
    pub fn of(error: Error, about: About<'_>) -> Self {
        let told = sentence(&error.describe());
        match error {
            Error::NotFound => Self::not_found(about),
            Error::Invalid(wrong) => Self::of_wrong(&wrong, about),
            Error::Taken { field, value } => Self::of_taken(field, &value, told),
            Error::Conflict(conflict) => Self::of_conflict(&conflict, about, told),
            Error::NotAllowed(_) | Error::NotApproved => Self::forbidden(),
            Error::Provider(refusal) => Self::of_provider(&refusal, about, told),
            Error::NotNow { retry_after, cause } => {
                let status = cause.as_ref().map_or(StatusCode::TOO_MANY_REQUESTS, |_| StatusCode::SERVICE_UNAVAILABLE);
                Self { retry_after: Some(retry_after), cause, ..Self::new(status, told) }
            }
            Error::Internal(cause) => Self { cause: Some(cause), ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, told) },
        }
    }

    fn of_wrong(wrong: &[Wrong], about: About<'_>) -> Self {
        if let (About::SecretOf(name), [_, ..]) = (about, wrong) {
            return Self::not_renewable(name);
        }
        let details: Vec<Detail> =
            wrong.iter().map(|wrong| Detail::new(field_of(&wrong.field), &wrong.complaint)).collect();
        let named = wrong.iter().find_map(|wrong| match &wrong.rule {
            Rule::OfType(refused) => Some(Self::of_type(refused)),
            Rule::Required if wrong.field == "comment" => Some(Self::comment_needed()),
            _ => None,
        });
        match named {
            // Whoever sent one wrong field is told as Gravitee does; whoever sent more is told of all.
            Some(named) if details.len() == 1 => named,
            Some(named) => Self { details, shape: Shape::Json, ..named },
            None => Self::wrong(details),
        }
    }

    fn of_type(refused: &OfType) -> Self {
        let message = sentence(&refused.describe());
        match refused {
            OfType::UnknownType => Self::missing("applicationType.notFound", message),
            // Gravitee fails here by accident (D-7).
            OfType::TypeNotAllowed(_) => Self::new(StatusCode::BAD_REQUEST, message),
            OfType::GrantTypesNotFound => Self::missing("application.grantTypesNotFound", message),
            OfType::GrantTypesNotAllowed { kind, wanted } => Self::bad("application.grantTypesNotAllowed", message)
                .with("applicationType", kind.id())
                .with("targetGrantTypes", wanted.join("|")),
            OfType::RedirectUrisNotFound => Self::missing("application.redirectUrisNotFound", message),
        }
    }

    /// To the letter, and as text: portal.md G68.
    fn comment_needed() -> Self {
        let message = "Plan requires a consumer comment when subscribing";
        Self { shape: Shape::Text, ..Self::new(StatusCode::BAD_REQUEST, message) }
    }

    /// 400 for an application without a secret that could be renewed (portal.md G60).
    pub fn not_renewable(name: &str) -> Self {
        let message = format!("Client secret for application [{name}] cannot be renewed.");
        Self::bad("application.renewSecret", message).with("application", name)
    }

    fn of_taken(field: &'static str, value: &str, told: String) -> Self {
        match field {
            "client_id" => {
                let message = format!("An application already exists with client_id [{value}]");
                Self::bad("application.clientId.exists", message).with("clientId", value)
            }
            // Of all that is named in these APIs, providers alone have names of their own.
            "name" => {
                let message = format!("A client registration provider with name [{value}] already exists.");
                Self::bad("clientRegistrationProvider.exists", message).with("clientRegistrationProvider", value)
            }
            _ => Self::wrong(vec![Detail { field: field_of(field).to_owned(), message: told }]),
        }
    }

    fn of_conflict(conflict: &Conflict, about: About<'_>, told: String) -> Self {
        match conflict {
            Conflict::Archived => match about {
                About::Changed(name) => {
                    let message = format!("Application [{name}] is archived and cannot be modified.");
                    Self::bad("application.archived", message).with("application", name)
                }
                // Everything else about it is hidden (D-23).
                about => Self::not_found(about),
            },
            Conflict::Active => {
                let name = named(about);
                let message = format!("Application [{name}] is active and cannot be restored.");
                Self::bad("application.active", message).with("application", name)
            }
            // Gravitee fails here by accident (D-7).
            Conflict::ClientRegistrationOff => Self::new(StatusCode::BAD_REQUEST, told),
            Conflict::ClientNeeded => Self::bad("application.clientId", told),
            Conflict::NoClient => {
                let message = "A client_id is required to subscribe to an OAuth2 or JWT plan.";
                Self::bad("plan.notSubscribable", message)
            }
            Conflict::OnePrimaryOwner => Self::bad("applicationmembers.invalid", told),
            Conflict::RegistrationDisabled => match about {
                About::Plan(..) => Self::not_found(about),
                _ => Self::bad("plan.notSubscribable", told),
            },
            Conflict::AlreadyRequested(ContractState::Revoked) => {
                Self::bad("plan.subscribed", "The subscription for this plan was closed by the publisher.")
                    .with("plan", named(about))
            }
            Conflict::AlreadyRequested(_) => {
                let message = "There is already a PENDING or ACCEPTED subscription for this plan.";
                Self::bad("plan.subscribed", message).with("plan", named(about))
            }
            Conflict::ContractState(_) => Self::of_state(about, told),
            Conflict::StillUsed(_) => Self::bad("clientRegistrationProvider.used", told),
            Conflict::SeveralSecrets => Self::not_renewable(named(about)),
            Conflict::Changed | Conflict::PolicyExists | Conflict::DeveloperState(_) | Conflict::LastOne(_) => {
                Self::new(StatusCode::CONFLICT, told)
            }
        }
    }

    /// What was to be done to a subscription that is not in a state for it.
    fn of_state(about: About<'_>, told: String) -> Self {
        let name = named(about);
        match about {
            About::Processed(_) => Self::bad("subscription.processed", "This subscription has already been processed."),
            About::Paused(_) => Self::bad("subscription.notPausable", told),
            About::Resumed(_) => Self::bad("subscription.notPaused", told),
            _ => Self::bad("subscription.closed", told),
        }
        .with("subscription", name)
    }

    /// The order and the words are those of portal.md G38; where a provider has words of its own, they follow.
    fn of_provider(refusal: &OfProvider, about: About<'_>, told: String) -> Self {
        let bad = |code| Self::bad(code, told.clone());
        match refusal {
            OfProvider::TokenMissing => bad("clientRegistrationProvider.accessToken.missing"),
            OfProvider::ClaimMappings(_) => bad("clientRegistrationProvider.claimMappings.invalid"),
            OfProvider::RenewSecret => bad("clientRegistrationProvider.renewClientSecret.invalid"),
            OfProvider::Stores(_) | OfProvider::Discovery(_) => bad("clientRegistrationProvider.invalid"),
            OfProvider::Missing => bad("clientRegistrationProvider.missing"),
            OfProvider::NoRenewal => Self::not_renewable(named(about)),
            OfProvider::NotManaged => Self::missing("clientRegistrationProvider.exception", told),
            OfProvider::Token(_)
            | OfProvider::Paused { .. }
            | OfProvider::Refused(_)
            | OfProvider::Uncertain(_)
            | OfProvider::TakenOver => {
                Self { retry_after: refusal.retry_after(), ..bad("clientRegistrationProvider.exception") }
            }
        }
    }
}

fn named(about: About<'_>) -> &str {
    match about {
        About::Nothing => "",
        About::Application(name)
        | About::Changed(name)
        | About::SecretOf(name)
        | About::Member(name)
        | About::Api(name)
        | About::Plan(name, _)
        | About::Subscription(name)
        | About::Processed(name)
        | About::Paused(name)
        | About::Resumed(name)
        | About::Provider(name) => name,
    }
}

/// How Gravitee calls a field of the rules.
fn field_of(field: &str) -> &str {
    match field {
        "grant_types" => "settings.oauth.grant_types",
        "redirect_uris" => "settings.oauth.redirect_uris",
        "type" => "settings.oauth.application_type",
        "client_id" => "settings.app.client_id",
        "comment" => "request",
        "starts_at" => "starting_at",
        "ends_at" => "ending_at",
        "renew_secret_endpoint" => "renew_client_secret_endpoint",
        "renew_secret_method" => "renew_client_secret_method",
        "ticket_from" => "initial_access_token_type",
        other => other,
    }
}
