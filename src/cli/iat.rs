//! `registrar iat`: create, list, revoke initial access tokens (RFC 7591 §1.2).

use std::path::Path;

use entity::id::{ClientKey, InitialAccessTokenId};
use entity::initial_access_token::Model;
use serde_json::{Value, json};

use super::args::IatCommand;
use super::output::{Exit, Table};
use super::shell::{Failure, House, Shell};
use super::{ACTOR, moment};
use crate::clock::Seconds;
use crate::config::Profile as ProfileName;
use crate::oidc::client::template::{self, Named};
use crate::oidc::registration::initial_access_token::{self as tickets, New};
use crate::oidc::registration::{Policy, Profile};

/// Runs one of the commands.
///
/// # Errors
/// What the rule refuses with.
pub async fn run(shell: &Shell, command: IatCommand) -> Result<Exit, Failure> {
    match command {
        IatCommand::Create { name, expires_in, max_uses, policy, profile, template } => {
            let policy = policy.as_deref().map_or_else(|| Ok(Policy::default()), read)?;
            let house = shell.open().await?;
            let template = match template {
                Some(software_id) => Some(template_of(&house, &software_id).await?),
                None => None,
            };
            let new = New {
                name,
                profile: profile.and_then(|profile| Profile::named(ProfileName::from(profile).name())),
                policy,
                template,
                max_uses: max_uses.map(i64::from),
                expires_at: expires_in.map(|span| house.app.clock.now().saturating_add(span.0)),
                created_by: ACTOR.to_owned(),
            };
            create(shell, &house, new).await
        }
        IatCommand::List => list(shell).await,
        IatCommand::Revoke { id } => {
            let unknown =
                |_| Failure(format!("{id:?} is not the id of an initial access token; see registrar iat list"));
            let parsed = InitialAccessTokenId(id.parse::<uuid::Uuid>().map_err(unknown)?);
            let house = shell.open().await?;
            tickets::revoke(&house.app, &house.tenant, parsed, ACTOR).await?;
            Ok(shell.output.changed(&json!({"id": parsed, "state": "revoked"}), &format!("{parsed} is revoked")))
        }
    }
}

/// The token goes to standard output alone, so that a script can take it; all else is a note.
async fn create(shell: &Shell, house: &House, new: New) -> Result<Exit, Failure> {
    let (token, row) = tickets::create(&house.app, &house.tenant, new).await?;
    let mut value = shown(&row, house.app.clock.now());
    value["initial_access_token"] = Value::from(token.expose());
    let endpoint = house.tenant.url(crate::oidc::endpoint::REGISTRATION);
    value["registration_endpoint"] = Value::from(endpoint.clone());
    shell.output.note(&format!("A token for {endpoint}, shown this once ({}):", row.id));
    Ok(shell.output.result(&value, || token.expose().to_owned()))
}

async fn list(shell: &Shell) -> Result<Exit, Failure> {
    let house = shell.open().await?;
    let now = house.app.clock.now();
    let all = tickets::list(&house.app, &house.tenant).await?;
    let values: Vec<Value> = all.iter().map(|row| shown(row, now)).collect();
    Ok(shell.output.result(&values, || {
        let mut table = Table::new(["id", "name", "token", "state", "uses", "ends", "made by"]);
        for row in &all {
            let uses = match row.max_uses {
                Some(max) => format!("{} of {max}", row.uses),
                None => row.uses.to_string(),
            };
            let ends = row.expires_at.map_or_else(|| "never".to_owned(), moment::text);
            let (id, hint) = (row.id.to_string(), format!("…{}", row.hint));
            table.row([&id, &row.name, &hint, state(row, now), &uses, &ends, &row.created_by]);
        }
        table.text()
    }))
}

async fn template_of(house: &House, software_id: &str) -> Result<ClientKey, Failure> {
    match template::named(house.app.db.pool(), house.tenant.id, software_id).await? {
        Named::Template(template) => Ok(template.key),
        Named::Client | Named::Nothing => Err(Failure(format!("there is no template {software_id:?}"))),
    }
}

fn read(file: &Path) -> Result<Policy, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure(format!("{}: {error}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| failed(&error))?;
    serde_json::from_str(&text).map_err(|error| failed(&error))
}

fn state(row: &Model, now: Seconds) -> &'static str {
    if row.revoked_at.is_some() {
        return "revoked";
    }
    if row.expires_at.is_some_and(|ends| ends <= now) {
        return "ended";
    }
    if row.max_uses.is_some_and(|max| row.uses >= max) { "used up" } else { "usable" }
}

fn shown(row: &Model, now: Seconds) -> Value {
    json!({
        "id": row.id,
        "name": row.name,
        "hint": row.hint,
        "state": state(row, now),
        "profile": row.profile,
        "policy": row.policy,
        "template_id": row.template_id,
        "max_uses": row.max_uses,
        "uses": row.uses,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
        "created_by": row.created_by,
        "created_at": row.created_at,
    })
}
