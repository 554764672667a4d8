//! What became of a call whose end nobody noted? It is looked into until that is known (security.md s.N8, promise 14).
//!
//! A call is claimed by one conditional update that also says when it is tried again: of two replicas one looks after it.

use bytes::Bytes;
use entity::id::{ProviderId, TenantId};
use entity::provider::{self, Model as Provider};
use entity::remote_call::{self, CallKind, Model};
use http::{HeaderMap, Method};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde_json::json;

use super::answer;
use super::discovery::Metadata;
use super::drift;
use super::line::{As, Line, noted};
use super::refusal::{Refusal, Why};
use super::register::{Asked, Ending, end, is_known, send, turn_into_end};
use super::ticket;
use crate::app::App;
use crate::clock::Seconds;
use crate::db::Rows;
use crate::oidc::event::{Kind, event};
use crate::portal::Error;

/// Calls looked at together.
const BATCH: u64 = 16;
/// Seconds until the next try, after the first, the second … one; the last goes on.
const BACK_OFF: [Seconds; 7] = [30, 60, 5 * 60, 30 * 60, 2 * 3600, 12 * 3600, 24 * 3600];
/// After so many tries it is not found out any more whether a registration was made.
const TRIES_MAX: i64 = 12;

/// How far a try came.
enum Tried {
    /// It is known, and noted.
    Ended,
    /// It is a call for the end of a client by now, due at once.
    Turned,
    NotNow(Why),
}

/// Looks after the calls that are due.
///
/// # Errors
/// When the database cannot be asked; what was claimed is tried again later.
pub async fn run(app: &App) -> Result<(), Error> {
    loop {
        let due = remote_call::Entity::find()
            .filter(remote_call::Column::NextTryAt.lte(app.clock.now()))
            .order_by_asc(remote_call::Column::NextTryAt)
            .limit(BATCH)
            .all(app.db.pool())
            .await?;
        let is_last = (due.len() as u64) < BATCH;
        let mut turned = false;
        for row in due {
            turned |= attempt(app, row).await?;
        }
        if is_last && !turned {
            return Ok(());
        }
    }
}

/// Whether it became another call that is due at once.
async fn attempt(app: &App, row: Model) -> Result<bool, Error> {
    let Some(row) = claim(app, row).await? else { return Ok(false) };
    let found = provider::Entity::find_by_id(row.provider_id).one(app.db.pool()).await?;
    let (Some(provider), Some(asked)) = (found, Asked::of(app, &row)) else {
        tracing::warn!(call = %row.id, "a call cannot be looked after: its provider or its key is gone");
        end(app, row.id).await?;
        return Ok(false);
    };
    let tried = match row.kind {
        CallKind::Register => registered(app, &provider, &row, &asked).await?,
        CallKind::Delete => ended(app, &provider, &row, &asked).await?,
        CallKind::Update | CallKind::Renew => changed(app, &provider, &row, &asked).await?,
    };
    match tried {
        Tried::Ended => Ok(false),
        Tried::Turned => Ok(true),
        Tried::NotNow(why) => {
            let update = remote_call::Entity::update_many()
                .col_expr(remote_call::Column::Failure, Expr::value(why.describe()))
                .filter(remote_call::Column::Id.eq(row.id));
            app.db.execute(update.build(app.db.backend())).await?;
            Ok(false)
        }
    }
}

/// The row as it is from now on, unless somebody else has it.
async fn claim(app: &App, row: Model) -> Result<Option<Model>, Error> {
    let at = usize::try_from(row.attempts).unwrap_or_default().min(BACK_OFF.len() - 1);
    let (tries, now) = (row.attempts + 1, app.clock.now());
    let next = now + BACK_OFF[at];
    let update = remote_call::Entity::update_many()
        .col_expr(remote_call::Column::Attempts, Expr::value(tries))
        .col_expr(remote_call::Column::NextTryAt, Expr::value(next))
        .col_expr(remote_call::Column::UpdatedAt, Expr::value(now))
        .filter(remote_call::Column::Id.eq(row.id))
        .filter(remote_call::Column::Kind.eq(row.kind))
        .filter(remote_call::Column::Attempts.eq(row.attempts))
        .filter(remote_call::Column::NextTryAt.eq(row.next_try_at));
    let claimed = app.db.execute(update.build(app.db.backend())).await? == 1;
    Ok(claimed.then_some(Model { attempts: tries, next_try_at: next, ..row }))
}

/// Finds out whether a registration was made, by making it again under the same key, and has the client ended that it
/// made: nobody here knows it.
async fn registered(app: &App, provider: &Provider, row: &Model, asked: &Asked) -> Result<Tried, Error> {
    let there = Metadata::kept(provider).map_err(Refusal::Discovery)?;
    if !there.repeats {
        let why = "it does not say what became of a registration whose answer was lost";
        return left(app, provider, row, asked, why).await;
    }
    let line = Line::try_open(app, provider)?;
    let answer = match ticket::obtain(&line, provider, &there, None).await {
        Ok(token) => send(&line, provider, &there, row.id, &asked.body, token).await,
        Err(why) => Err(why),
    };
    let redirects = asked.body.get("redirect_uris").and_then(|uris| serde_json::from_value(uris.clone()).ok());
    let redirects: Vec<String> = redirects.unwrap_or_default();
    let answer = noted(app, provider, answer).await?;
    let read = match answer {
        Ok(answer) => answer::read(answer, &there, &provider.endpoints_elsewhere, &redirects),
        // It refuses what it would have made, or has made: it was not made.
        Err(Why::Status { status: 400 | 409 | 413 | 415 | 422, .. }) => {
            end(app, row.id).await?;
            return Ok(Tried::Ended);
        }
        Err(why) if row.attempts < TRIES_MAX => return Ok(Tried::NotNow(why)),
        Err(why) => Err(why),
    };
    let read = match read {
        Ok(read) => read,
        Err(why) => return left(app, provider, row, asked, &why.describe()).await,
    };
    if is_known(app, provider.id, &read.client_id).await? {
        end(app, row.id).await?;
        return Ok(Tried::Ended);
    }
    let Some((uri, token)) = read.managed.access() else {
        return left(app, provider, row, asked, "it cannot be managed there").await;
    };
    let (uri, token, client_id) = (uri.to_owned(), token.expose().to_owned(), read.client_id);
    turn_into_end(app, row.id, asked.name.clone(), Ending { uri, token, client_id }).await?;
    Ok(Tried::Turned)
}

/// Ends a client at its provider. One that is not there, or whose token is not good any more, has ended.
async fn ended(app: &App, provider: &Provider, row: &Model, asked: &Asked) -> Result<Tried, Error> {
    let Some(ending) = &asked.end else { return left(app, provider, row, asked, "its address is not known").await };
    let line = Line::try_open(app, provider)?;
    let token = crate::secret::Secret::new(ending.token.clone());
    let who = Some(As::Bearer(&token));
    let reply = line.ask(Method::DELETE, &ending.uri, who, HeaderMap::new(), Bytes::new()).await;
    let outcome = reply.and_then(|reply| match reply.status {
        200..=299 | 401 | 404 | 410 => Ok(None),
        405 | 501 => Ok(Some(reply.refusal())),
        _ => Err(reply.refusal()),
    });
    match noted(app, provider, outcome).await? {
        Ok(None) => {
            let data = json!({"client_id": ending.client_id, "provider": provider.id, "client_name": asked.name});
            let target = format!("client:{}", ending.client_id);
            let told = event(app, row.tenant_id, Kind::ProviderClientEnded, "system", &target, data);
            app.db.insert(Rows { events: vec![told], ..Rows::default() }).await?;
            end(app, row.id).await?;
            Ok(Tried::Ended)
        }
        Ok(Some(why)) => left(app, provider, row, asked, &why.describe()).await,
        Err(why) => Ok(Tried::NotNow(why)),
    }
}

/// Reads what a client is at its provider after a change whose answer was lost, and takes over what it can.
async fn changed(app: &App, provider: &Provider, row: &Model, asked: &Asked) -> Result<Tried, Error> {
    let Some(key) = row.client_key else {
        end(app, row.id).await?;
        return Ok(Tried::Ended);
    };
    match drift::compare(app, provider, key).await? {
        Ok(()) => {
            end(app, row.id).await?;
            Ok(Tried::Ended)
        }
        Err(why) if row.attempts < TRIES_MAX && (why.is_outage() || why.is_uncertain()) => Ok(Tried::NotNow(why)),
        Err(why) => left(app, provider, row, asked, &why.describe()).await,
    }
}

/// Ends a call without knowing what became of it, and says so to the admins.
async fn left(app: &App, provider: &Provider, row: &Model, asked: &Asked, why: &str) -> Result<Tried, Error> {
    tell_left(app, row.tenant_id, provider.id, &asked.name, why).await?;
    end(app, row.id).await?;
    Ok(Tried::Ended)
}

/// Tells the admins that a client of this name may be left at a provider.
pub(super) async fn tell_left(
    app: &App,
    tenant: TenantId,
    provider: ProviderId,
    name: &str,
    why: &str,
) -> Result<(), Error> {
    let data = json!({"client_name": name, "why": why});
    let told = event(app, tenant, Kind::ProviderClientLeft, "system", &format!("provider:{provider}"), data);
    app.db.insert(Rows { events: vec![told], ..Rows::default() }).await?;
    Ok(())
}
