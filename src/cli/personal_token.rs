//! `registrar personal-token`: create, list, revoke tokens with which scripts act for a person.

use entity::id::PersonalTokenId;
use entity::personal_token::Model;
use entity::user;
use serde_json::{Value, json};

use super::args::PersonalTokenCommand;
use super::output::{Exit, Table};
use super::shell::{Failure, House, Shell};
use super::{ACTOR, moment};
use crate::clock::Seconds;
use crate::oidc::user as people;
use crate::portal::personal_token::{self as rule, Lifetime, New};
use crate::portal::{self, Actor};

/// Runs one of the commands.
///
/// # Errors
/// What the rule refuses with.
pub async fn run(shell: &Shell, command: PersonalTokenCommand) -> Result<Exit, Failure> {
    match command {
        PersonalTokenCommand::Create { email, name, scopes, days, forever } => {
            let house = shell.open().await?;
            let lifetime = match (days, forever) {
                (Some(days), _) => Lifetime::Days(days),
                (None, true) => Lifetime::Endless,
                (None, false) => Lifetime::Usual,
            };
            create(shell, &house, &email, New { name, scopes, lifetime }).await
        }
        PersonalTokenCommand::List => list(shell).await,
        PersonalTokenCommand::Revoke { id } => {
            let unknown =
                |_| Failure(format!("{id:?} is not the id of a personal token; see registrar personal-token list"));
            let parsed = PersonalTokenId(id.parse::<uuid::Uuid>().map_err(unknown)?);
            let house = shell.open().await?;
            let revoked = rule::revoke(&house.app, &house.tenant, &Actor::operator(ACTOR), parsed).await;
            revoked.map_err(|error| match error {
                portal::Error::NotFound => Failure(format!("there is no personal token {parsed}, or it was revoked")),
                error => refused(error),
            })?;
            Ok(shell.output.changed(&json!({"id": parsed, "state": "revoked"}), &format!("{parsed} is revoked")))
        }
    }
}

/// The token goes to standard output alone, so that a script can take it; all else is a note.
async fn create(shell: &Shell, house: &House, email: &str, new: New) -> Result<Exit, Failure> {
    let person = people::find_by_email(&house.app, &house.tenant, email).await?;
    let person = person.ok_or_else(|| Failure(format!("there is nobody with the e-mail address {email}")))?;
    let made = rule::create_for(&house.app, &house.tenant, ACTOR, &person, new).await;
    let (row, token) = made.map_err(refused)?;
    let mut value = shown(&row, Some(&person), house.app.clock.now());
    value["personal_token"] = Value::from(token.expose());
    shell.output.note(&format!("A token that acts for {}, shown this once ({}):", person.email, row.id));
    Ok(shell.output.result(&value, || token.expose().to_owned()))
}

async fn list(shell: &Shell) -> Result<Exit, Failure> {
    let house = shell.open().await?;
    let now = house.app.clock.now();
    let all = rule::list(&house.app, &house.tenant, &Actor::operator(ACTOR)).await.map_err(refused)?;
    let people = people::all(&house.app, &house.tenant).await?;
    let whose = |row: &Model| people.iter().find(|person| person.id == row.user_id);
    let values: Vec<Value> = all.iter().map(|row| shown(row, whose(row), now)).collect();
    Ok(shell.output.result(&values, || {
        let mut table = Table::new(["id", "whose", "name", "token", "state", "scopes", "ends"]);
        for row in &all {
            let whose = whose(row).map_or_else(|| row.user_id.to_string(), |person| person.email.clone());
            let scopes = if row.scopes.is_empty() { "all".to_owned() } else { row.scopes.to_string() };
            let ends = row.expires_at.map_or_else(|| "never".to_owned(), moment::text);
            let (id, hint) = (row.id.to_string(), format!("…{}", row.hint));
            table.row([&id, &whose, &row.name, &hint, state(row, now), &scopes, &ends]);
        }
        table.text()
    }))
}

fn refused(error: portal::Error) -> Failure {
    match error {
        portal::Error::Internal(cause) => Failure(crate::telemetry::causes(&*cause)),
        error => Failure(error.describe()),
    }
}

fn state(row: &Model, now: Seconds) -> &'static str {
    if row.revoked_at.is_some() {
        return "revoked";
    }
    if row.expires_at.is_some_and(|ends| ends <= now) { "ended" } else { "usable" }
}

fn shown(row: &Model, person: Option<&user::Model>, now: Seconds) -> Value {
    json!({
        "id": row.id,
        "email": person.map(|person| &person.email),
        "name": row.name,
        "hint": row.hint,
        "state": state(row, now),
        "scope": row.scopes,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
        "created_at": row.created_at,
    })
}
