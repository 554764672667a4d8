//! `/personal-tokens` and `/initial-access-tokens`: what do scripts and registrations present?

use entity::id::{InitialAccessTokenId, PersonalTokenId};
use poem::Request;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::Part;
use super::answer::{Gone, Told};
use super::body::Body;
use super::caller::Caller;
use super::nullable::Nullable;
use super::page::{Asked, Page};
use super::problem::Problem;
use crate::portal::initial_access_token;
use crate::portal::list::part;
use crate::portal::personal_token::{self, Lifetime};

/// The tokens of scripts, and the tickets of registrations.
#[derive(Debug)]
pub struct TokenApi;

/// A token that acts for the caller, without its value.
#[derive(Debug, Object)]
struct PersonalToken {
    /// Identity.
    id: Uuid,
    /// What it is for.
    name: String,
    /// Its last four characters.
    hint: String,
    /// What it may do, within what the caller may; empty: all of that.
    scopes: Vec<String>,
    /// Seconds since 1970; `null`: never.
    expires_at: Nullable<i64>,
    /// Seconds since 1970.
    revoked_at: Nullable<i64>,
    /// Seconds since 1970.
    created_at: i64,
}

/// A token with its value, told this once.
#[derive(Debug, Object)]
struct MadePersonalToken {
    /// It.
    #[oai(flatten)]
    about: PersonalToken,
    /// Its value.
    personal_token: String,
}

/// A token to be made.
#[derive(Debug, Object)]
struct NewPersonalToken {
    /// What it is for: 1 to 100 characters.
    name: String,
    /// What it may do; empty: all that the caller may.
    scopes: Option<Vec<String>>,
    /// Days it lives; 90. `null`: until it is revoked, for admins only.
    expires_in_days: Nullable<u32>,
}

/// A ticket to register, without its value.
#[derive(Debug, Object)]
struct InitialAccessToken {
    /// Identity.
    id: Uuid,
    /// What it is for.
    name: String,
    /// Its last four characters.
    hint: String,
    /// The profile of its clients; `null`: the tenant's.
    profile: Nullable<String>,
    /// The template its clients follow.
    template_id: Nullable<Uuid>,
    /// How many clients it registers at most; `null`: without limit.
    max_uses: Nullable<i64>,
    /// How many it registered.
    uses: i64,
    /// Seconds since 1970; `null`: never.
    expires_at: Nullable<i64>,
    /// Seconds since 1970.
    revoked_at: Nullable<i64>,
    /// Who made it.
    created_by: String,
    /// Seconds since 1970.
    created_at: i64,
}

/// A ticket with its value, told this once.
#[derive(Debug, Object)]
struct MadeInitialAccessToken {
    /// It.
    #[oai(flatten)]
    about: InitialAccessToken,
    /// Its value.
    initial_access_token: String,
}

/// A ticket to be made.
#[derive(Debug, Object)]
struct NewInitialAccessToken {
    /// What it is for: 1 to 200 characters.
    name: String,
    /// The profile of its clients: `permissive`, `interop` or `strict`; else the tenant's.
    profile: Nullable<String>,
    /// How many clients it registers at most; else without limit.
    max_uses: Nullable<i64>,
    /// Seconds since 1970; else it does not end.
    expires_at: Nullable<i64>,
    /// The template its clients follow: its identity, or its `software_id`.
    template: Nullable<String>,
}

impl From<entity::personal_token::Model> for PersonalToken {
    fn from(row: entity::personal_token::Model) -> Self {
        Self {
            id: row.id.0,
            name: row.name,
            hint: row.hint,
            scopes: row.scopes.as_slice().to_vec(),
            expires_at: row.expires_at.into(),
            revoked_at: row.revoked_at.into(),
            created_at: row.created_at,
        }
    }
}

impl From<entity::initial_access_token::Model> for InitialAccessToken {
    fn from(row: entity::initial_access_token::Model) -> Self {
        Self {
            id: row.id.0,
            name: row.name,
            hint: row.hint,
            profile: row.profile.into(),
            template_id: row.template_id.map(|id| id.0).into(),
            max_uses: row.max_uses.into(),
            uses: row.uses,
            expires_at: row.expires_at.into(),
            revoked_at: row.revoked_at.into(),
            created_by: row.created_by,
            created_at: row.created_at,
        }
    }
}

#[OpenApi(tag = "Part::Tokens")]
impl TokenApi {
    /// List one's own personal tokens.
    ///
    /// The oldest first, also those that ended.
    #[oai(path = "/personal-tokens", method = "get", operation_id = "list_personal_tokens")]
    async fn list_personal(
        &self,
        caller: Caller,
        request: &Request,
        /// Things in a part: 1 to 200, else 50.
        limit: Query<Option<u64>>,
        /// `next` of the part before.
        cursor: Query<Option<String>>,
    ) -> Result<Told<Page<PersonalToken>>, Problem> {
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &[])?;
        let mut all = personal_token::list(&caller.app, &caller.tenant, &caller.actor).await?;
        all.sort_by_key(|row| row.id);
        Ok(asked.page(&caller, part(all, asked.wanted(), |row| row.id.0), PersonalToken::from))
    }

    /// Make a personal token.
    ///
    /// Its value is told this once. Only with a token that has no scopes: none gives away more than it has.
    #[oai(path = "/personal-tokens", method = "post", operation_id = "create_personal_token")]
    async fn create_personal(
        &self,
        caller: Caller,
        body: Body<NewPersonalToken>,
    ) -> Result<Told<MadePersonalToken, 201>, Problem> {
        let NewPersonalToken { name, scopes, expires_in_days } = body.0;
        let lifetime = match expires_in_days.change() {
            None => Lifetime::Usual,
            Some(Some(days)) => Lifetime::Days(days),
            Some(None) => Lifetime::Endless,
        };
        let new = personal_token::New { name, scopes: scopes.unwrap_or_default(), lifetime };
        let (row, value) = personal_token::create(&caller.app, &caller.tenant, &caller.actor, new).await?;
        let made = MadePersonalToken { about: row.into(), personal_token: value.expose().to_owned() };
        Ok(Told::new(&made))
    }

    /// Revoke one of one's own personal tokens.
    #[oai(path = "/personal-tokens/:token", method = "delete", operation_id = "revoke_personal_token")]
    async fn revoke_personal(&self, caller: Caller, token: Path<Uuid>) -> Result<Gone, Problem> {
        personal_token::revoke(&caller.app, &caller.tenant, &caller.actor, PersonalTokenId(token.0)).await?;
        Ok(Gone::Done)
    }

    /// List initial access tokens.
    ///
    /// The oldest first, also those that are used up or revoked.
    #[oai(path = "/initial-access-tokens", method = "get", operation_id = "list_initial_access_tokens")]
    async fn list_initial(
        &self,
        caller: Caller,
        request: &Request,
        /// Things in a part: 1 to 200, else 50.
        limit: Query<Option<u64>>,
        /// `next` of the part before.
        cursor: Query<Option<String>>,
    ) -> Result<Told<Page<InitialAccessToken>>, Problem> {
        let asked = Asked::read(&caller, request, limit.0, cursor.as_deref(), &[])?;
        let listed = initial_access_token::list(&caller.app, &caller.tenant, &caller.actor, asked.wanted()).await?;
        Ok(asked.page(&caller, listed, InitialAccessToken::from))
    }

    /// Make an initial access token.
    ///
    /// Its value is told this once.
    #[oai(path = "/initial-access-tokens", method = "post", operation_id = "create_initial_access_token")]
    async fn create_initial(
        &self,
        caller: Caller,
        body: Body<NewInitialAccessToken>,
    ) -> Result<Told<MadeInitialAccessToken, 201>, Problem> {
        let new = initial_access_token::New {
            name: body.0.name,
            profile: body.0.profile.value(),
            max_uses: body.0.max_uses.value(),
            expires_at: body.0.expires_at.value(),
            template: body.0.template.value(),
        };
        let (value, row) = initial_access_token::create(&caller.app, &caller.tenant, &caller.actor, new).await?;
        let made = MadeInitialAccessToken { about: row.into(), initial_access_token: value.expose().to_owned() };
        Ok(Told::new(&made))
    }

    /// Revoke an initial access token.
    ///
    /// Clients it registered stay.
    #[oai(path = "/initial-access-tokens/:token", method = "delete", operation_id = "revoke_initial_access_token")]
    async fn revoke_initial(&self, caller: Caller, token: Path<Uuid>) -> Result<Gone, Problem> {
        let id = InitialAccessTokenId(token.0);
        initial_access_token::revoke(&caller.app, &caller.tenant, &caller.actor, id).await?;
        Ok(Gone::Done)
    }
}
