//! `registrar service`: add, list.

use entity::service::{self, Access, TokenFormat};
use serde_json::{Value, json};

use super::ACTOR;
use super::args::{Access as AccessText, ServiceCommand, TokenFormat as FormatText};
use super::output::{Exit, Table};
use super::shell::{Failure, Shell};
use crate::oidc::service::{self as services, Scope};
use crate::portal::service::{Change, create};
use crate::portal::{Actor, Error};

/// Runs one of the commands.
///
/// # Errors
/// What the rule refuses with.
pub async fn run(shell: &Shell, command: ServiceCommand) -> Result<Exit, Failure> {
    let house = shell.open().await?;
    match command {
        ServiceCommand::Add { name, audience, scopes, access, token_format } => {
            let scope = |scope: super::words::ScopeText| Scope { value: scope.value, description: scope.description };
            let token_format = match token_format {
                FormatText::Jwt => TokenFormat::Jwt,
                FormatText::Opaque => TokenFormat::Opaque,
            };
            let access = match access {
                AccessText::Open => Access::Open,
                AccessText::People => Access::People,
                AccessText::Contract => Access::Contract,
            };
            let scopes = scopes.into_iter().map(scope).collect();
            let change = Change {
                name: Some(name),
                audience: Some(audience),
                scopes: Some(scopes),
                access: Some(access),
                token_format: Some(token_format),
                ..Change::default()
            };
            let row = create(&house.app, &house.tenant, &Actor::operator(ACTOR), None, change).await?.row;
            let line = format!("{} is there; its audience is {}", row.name, row.audience);
            Ok(shell.output.changed(&shown(&row), &line))
        }
        ServiceCommand::List => {
            let all = services::load(&house.app, house.tenant.id).await?;
            let values: Vec<Value> = all.iter().map(|service| shown(&service.row)).collect();
            Ok(shell.output.result(&values, || {
                let mut table = Table::new(["name", "audience", "tokens", "scopes"]);
                for service in &all {
                    let scopes: Vec<&str> = service.scopes.iter().map(|scope| scope.value.as_str()).collect();
                    let format = match service.row.token_format {
                        TokenFormat::Jwt => "jwt",
                        TokenFormat::Opaque => "opaque",
                    };
                    table.row([&service.row.name, &service.row.audience, format, &scopes.join(" ")]);
                }
                table.text()
            }))
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Internal(cause) => Self(crate::telemetry::causes(cause.as_ref())),
            error => Self(error.describe()),
        }
    }
}

fn shown(row: &service::Model) -> Value {
    json!({
        "id": row.id,
        "name": row.name,
        "audience": row.audience,
        "enabled": row.enabled,
        "access": row.access,
        "scopes": row.scopes,
        "token_format": row.token_format,
        "access_token_seconds": row.access_token_seconds,
        "created_at": row.created_at,
    })
}
