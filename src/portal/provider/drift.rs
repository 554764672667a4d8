//! Is a client at its provider still what we think it is? Compared slowly, and reported; nothing is changed there.

use entity::client::{self, ClientKind};
use entity::client_secret;
use entity::id::{ClientKey, RemoteCallId};
use entity::provider::{self, Model as Provider};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Map, Value, json};

use super::discovery::Metadata;
use super::line::{As, Line, noted};
use super::refusal::{Refusal, Why, words};
use super::remote::Managed;
use super::update::{Known, Updated, conclude};
use crate::app::App;
use crate::clock::Seconds;
use crate::db::{Rows, Told};
use crate::oidc::client::record::Client;
use crate::oidc::event::{Kind, event};
use crate::portal::Error;
use crate::secret;

/// A client is looked at so often, in seconds.
const EVERY_SECONDS: Seconds = 6 * 3600;
/// So many clients are looked at in one run, at most.
const CLIENTS_MAX: u64 = 200;
/// The members that are compared.
const COMPARED: [&str; 6] =
    ["client_name", "redirect_uris", "grant_types", "response_types", "token_endpoint_auth_method", "scope"];

/// Compares the clients that were not looked at for a while, those first that were not for the longest.
///
/// # Errors
/// When the database cannot be asked.
pub async fn compare_all(app: &App) -> Result<(), Error> {
    let before = app.clock.now() - EVERY_SECONDS;
    let rows = client::Entity::find()
        .filter(client::Column::Kind.eq(ClientKind::External))
        .filter(client::Column::ProviderId.is_not_null())
        .filter(client::Column::LiveKey.is_not_null())
        .filter(client::Column::RemoteSealed.is_not_null())
        .filter(client::Column::ComparedAt.is_null().or(client::Column::ComparedAt.lte(before)))
        .order_by_asc(client::Column::ComparedAt)
        .order_by_asc(client::Column::Id)
        .limit(CLIENTS_MAX)
        .all(app.db.pool())
        .await?;
    for row in rows {
        let Some(id) = row.provider_id else { continue };
        let Some(provider) = provider::Entity::find_by_id(id).one(app.db.pool()).await? else { continue };
        if provider.paused_until.is_some_and(|until| until > app.clock.now()) {
            continue;
        }
        if let Err(why) = compare(app, &provider, row.id).await? {
            tracing::info!(provider = %provider.id, why = why.describe(), "a client could not be compared");
        }
    }
    Ok(())
}

/// Compares one client with what its provider says of it, takes over credentials that came with the answer, and stores
/// how the two differ. `Err`: the provider did not say.
pub(super) async fn compare(app: &App, provider: &Provider, key: ClientKey) -> Result<Result<(), Why>, Error> {
    let found = client::Entity::find_by_id(key).filter(client::Column::LiveKey.is_not_null());
    let Some(row) = found.one(app.db.pool()).await? else { return Ok(Ok(())) };
    let Some(managed) = Managed::of(app, &row) else { return Ok(Ok(())) };
    let Some((uri, token)) = managed.access() else { return Ok(Ok(())) };
    let there = Metadata::kept(provider).map_err(Refusal::Discovery)?;
    let line = Line::try_open(app, provider)?;
    let reply = line.get(uri, Some(As::Bearer(token))).await.and_then(|reply| match reply.status {
        401 | 404 | 410 => Ok(None),
        _ => reply.object(&[200]).map(Some),
    });
    let answer = match noted(app, provider, reply).await? {
        Ok(answer) => answer,
        Err(why) => return Ok(Err(why)),
    };
    let secrets = client_secret::Entity::find().filter(client_secret::Column::ClientKey.eq(key));
    let client = Client::new(row, secrets.all(app.db.pool()).await?)?;
    let Some(answer) = answer else {
        let drift = json!({"registration": {"here": "registered", "there": "gone, or not ours any more"}});
        store(app, provider, &client, None, Some(drift)).await?;
        return Ok(Ok(()));
    };
    let drift = differences(&managed.answer, &answer);
    // Its redirect URIs are reported, not refused: what was taken before is not changed by reading.
    let redirects: Vec<String> = listed(&answer, "redirect_uris").into_iter().collect();
    let known = Known { provider, there: &there, managed: &managed, redirects: &redirects };
    let kept = Map::from_iter(managed.answer.clone().into_iter().chain(credentials(&answer)));
    let updated =
        conclude(app, &client, RemoteCallId(secret::new_id()), known, Ok(with_redirects(kept, &redirects))).await;
    match updated {
        Ok(updated) => store(app, provider, &client, Some(updated), drift).await?,
        Err(Error::Provider(Refusal::Uncertain(why) | Refusal::Refused(why))) => return Ok(Err(why)),
        Err(error) => return Err(error),
    }
    Ok(Ok(()))
}

/// The credentials in an answer: they may have been renewed without our hearing of it.
fn credentials(answer: &Map<String, Value>) -> Map<String, Value> {
    let names = [
        "client_id",
        "client_secret",
        "client_secret_expires_at",
        "registration_access_token",
        "registration_client_uri",
    ];
    let sent = names.into_iter().filter_map(|name| Some((name.to_owned(), answer.get(name)?.clone())));
    sent.collect()
}

/// What was kept keeps its own redirect URIs; they are judged by what the provider says now.
fn with_redirects(mut kept: Map<String, Value>, redirects: &[String]) -> Map<String, Value> {
    if kept.contains_key("redirect_uris") {
        kept.insert("redirect_uris".to_owned(), redirects.into());
    }
    kept
}

fn listed(answer: &Map<String, Value>, member: &str) -> Vec<String> {
    let values = answer.get(member).and_then(Value::as_array).into_iter().flatten();
    values.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Member by member; `None`: they are the same.
fn differences(here: &Map<String, Value>, there: &Map<String, Value>) -> Option<Value> {
    let mut differ = Map::new();
    for member in COMPARED {
        let (one, other) = (plain(here.get(member)), plain(there.get(member)));
        if one != other {
            differ.insert(member.to_owned(), json!({"here": one, "there": other}));
        }
    }
    (!differ.is_empty()).then_some(Value::Object(differ))
}

/// A value as it is compared and shown: lists in order, words cut and cleaned, nothing as `null`.
fn plain(value: Option<&Value>) -> Value {
    match value {
        Some(Value::String(text)) => words(text).into(),
        Some(Value::Array(values)) => {
            let mut list: Vec<String> = values.iter().filter_map(Value::as_str).take(100).map(words).collect();
            list.sort();
            if list.is_empty() { Value::Null } else { list.into() }
        }
        _ => Value::Null,
    }
}

async fn store(
    app: &App,
    provider: &Provider,
    client: &Client,
    updated: Option<Updated>,
    drift: Option<Value>,
) -> Result<(), Error> {
    let row = &client.row;
    let told: Vec<Told> = if drift.is_some() && drift != row.drift {
        let data = json!({"provider": provider.id, "client_name": row.name, "differences": drift});
        let target = format!("client:{}", row.client_id);
        vec![event(app, row.tenant_id, Kind::ProviderClientDrifted, "system", &target, data)]
    } else {
        Vec::new()
    };
    let (id, now) = (row.id, app.clock.now());
    app.db
        .transaction(move |transaction| {
            let (told, drift, updated) = (told.clone(), drift.clone(), updated.clone());
            Box::pin(async move {
                if let Some(updated) = updated {
                    updated.keep_in(transaction).await?;
                }
                client::Entity::update_many()
                    .col_expr(client::Column::Drift, Expr::value(drift))
                    .col_expr(client::Column::ComparedAt, Expr::value(now))
                    .filter(client::Column::Id.eq(id))
                    .exec(transaction)
                    .await?;
                Ok::<_, Error>(Rows { events: told, ..Rows::default() }.insert(transaction).await?)
            })
        })
        .await?;
    app.clients.forget(&(row.tenant_id, row.client_id.clone()));
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn differences_are_told_member_by_member() {
        let of = |value: Value| value.as_object().unwrap().clone();
        let here = of(json!({"client_name": "a", "grant_types": ["x", "y"], "redirect_uris": []}));
        assert_eq!(differences(&here, &of(json!({"client_name": "a", "grant_types": ["y", "x"]}))), None);
        let there = of(json!({"client_name": "b\u{202e}", "grant_types": ["x", "y"]}));
        let differ = json!({"client_name": {"here": "a", "there": "b"}});
        assert_eq!(differences(&here, &there), Some(differ));
    }
}
