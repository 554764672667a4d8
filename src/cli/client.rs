//! `registrar client`: list, show, delete, grant, trust.

use entity::client;
use serde_json::{Value, json};

use super::args::ClientCommand;
use super::output::{Exit, Table, printable};
use super::shell::{Failure, Shell};
use super::{ACTOR, moment};
use crate::oidc::client::list::{self, Whole};
use crate::oidc::client::rights::{self, Change};
use crate::oidc::registration::delete;

/// Runs one of the commands.
///
/// # Errors
/// What the rule refuses with.
pub async fn run(shell: &Shell, command: ClientCommand) -> Result<Exit, Failure> {
    match command {
        ClientCommand::List { limit, after } => list(shell, limit, after.as_deref()).await,
        ClientCommand::Show { client_id } => {
            let house = shell.open().await?;
            let whole = list::find(&house.app, &house.tenant, &client_id).await?;
            Ok(shell.output.result(&value_of(&whole), || text_of(&whole)))
        }
        ClientCommand::Delete { client_id } => {
            let house = shell.open().await?;
            delete::by_admin(&house.app, &house.tenant, ACTOR, &client_id).await?;
            let value = json!({"client_id": client_id, "state": "ended"});
            Ok(shell.output.changed(&value, &format!("{client_id} is gone, with all its tokens")))
        }
        ClientCommand::Grant { client_id, right } => change(shell, &client_id, Change::Grant(right)).await,
        ClientCommand::Ungrant { client_id, right } => change(shell, &client_id, Change::Withdraw(right)).await,
        ClientCommand::Trust { client_id } => change(shell, &client_id, Change::Trust).await,
        ClientCommand::Distrust { client_id } => change(shell, &client_id, Change::Distrust).await,
    }
}

async fn change(shell: &Shell, client_id: &str, wanted: Change) -> Result<Exit, Failure> {
    let house = shell.open().await?;
    let row = rights::change(&house.app, &house.tenant, ACTOR, client_id, wanted).await?;
    let consent = if row.first_party { "without asking people for consent" } else { "with people's consent" };
    let rights = if row.rights.is_empty() { "none".to_owned() } else { row.rights.to_string() };
    Ok(shell.output.changed(&standing(&row), &format!("{client_id} works {consent}; its rights: {rights}")))
}

async fn list(shell: &Shell, limit: u32, after: Option<&str>) -> Result<Exit, Failure> {
    let house = shell.open().await?;
    let clients = list::page(&house.app, &house.tenant, limit, after).await?;
    let values: Vec<Value> = clients.iter().map(standing).collect();
    Ok(shell.output.result(&values, || {
        let mut table = Table::new(["client_id", "name", "state", "registered", "last used"]);
        for client in &clients {
            let name = client.name.clone().unwrap_or_default();
            let (state, issued) = (state(client), moment::text(client.issued_at));
            table.row([client.client_id.clone(), name, state, issued, moment::cell(client.last_used_at)]);
        }
        table.text()
    }))
}

fn state(client: &client::Model) -> String {
    let state = json!(client.state).as_str().unwrap_or_default().to_owned();
    match &client.ended_reason {
        Some(reason) => format!("{state} ({reason})"),
        None => state,
    }
}

/// What all clients have, the gone ones too.
fn standing(client: &client::Model) -> Value {
    json!({
        "client_id": client.client_id,
        "client_name": client.name,
        "state": client.state,
        "rights": client.rights,
        "first_party": client.first_party,
        "issued_at": client.issued_at,
        "last_used_at": client.last_used_at,
        "ended_at": client.ended_at,
        "ended_reason": client.ended_reason,
    })
}

fn value_of(whole: &Whole) -> Value {
    let row = &whole.row;
    let mut value = standing(row);
    let secrets = whole
        .secrets
        .iter()
        .map(|secret| json!({"hint": secret.hint, "created_at": secret.created_at, "expires_at": secret.expires_at}));
    value["secrets"] = secrets.collect();
    value["source"] = json!(whole.application.as_ref().map(|application| application.source));
    value["profile"] = json!(row.profile);
    value["policy"] = row.policy.clone();
    value["token_format"] = json!(row.token_format);
    value["initial_access_token_id"] = json!(row.initial_access_token_id);
    value["metadata"] = row.metadata.clone();
    value
}

fn text_of(whole: &Whole) -> String {
    let row = &whole.row;
    let source = whole.application.as_ref().map(|application| json!(application.source));
    let secrets: Vec<String> = whole
        .secrets
        .iter()
        .map(|secret| match secret.expires_at {
            0 => format!("…{}", secret.hint),
            expires_at => format!("…{} until {}", secret.hint, moment::text(expires_at)),
        })
        .collect();
    let lines = [
        ("client_id", row.client_id.clone()),
        ("name", row.name.clone().unwrap_or_default()),
        ("state", state(row)),
        ("came by", source.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()),
        ("profile", row.profile.clone()),
        ("rights", row.rights.to_string()),
        ("consent", if row.first_party { "not asked for: it is ours" } else { "asked for" }.to_owned()),
        ("secrets", secrets.join(", ")),
        ("registered", moment::text(row.issued_at)),
        ("last used", moment::cell(row.last_used_at)),
        ("ended", moment::cell(row.ended_at)),
    ];
    let mut text: Vec<String> = lines
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name:11} {}", printable(&value)))
        .collect();
    let metadata = serde_json::to_string_pretty(&row.metadata).unwrap_or_default();
    text.extend(metadata.lines().map(printable));
    text.join("\n")
}
