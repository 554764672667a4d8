//! Who is this person? Rows as requests see them, at most a second old.

pub mod add;
pub mod claims;
pub mod set_password;

use std::sync::Arc;

use entity::id::UserId;
use entity::user::{self, UserState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use unicode_normalization::UnicodeNormalization;

use super::Error;
use super::tenant::Tenant;
use crate::app::App;

/// How long an e-mail address may be, in characters.
const LENGTH_MAX: usize = 320;

/// The person with this identity, if there and active.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find(app: &App, tenant: &Tenant, id: UserId) -> Result<Option<Arc<user::Model>>, Error> {
    let found = app
        .users
        .get(id, async |id| {
            let row = user::Entity::find_by_id(*id).one(app.db.pool()).await?;
            Ok::<_, Error>(row.map(Arc::new))
        })
        .await?;
    Ok(found.filter(|user| user.tenant_id == tenant.id && user.state == UserState::Active))
}

/// The person who signs in with this e-mail address, past the cache, whatever their state.
///
/// # Errors
/// When the database cannot be asked.
pub async fn find_by_email(app: &App, tenant: &Tenant, email: &str) -> Result<Option<user::Model>, Error> {
    let Some(key) = email_key(email) else { return Ok(None) };
    let row = user::Entity::find()
        .filter(user::Column::TenantId.eq(tenant.id))
        .filter(user::Column::EmailKey.eq(key))
        .one(app.db.pool())
        .await?;
    Ok(row)
}

/// Everybody in the tenant, by e-mail address, past the cache.
///
/// # Errors
/// When the database cannot be asked.
pub async fn all(app: &App, tenant: &Tenant) -> Result<Vec<user::Model>, Error> {
    let people = user::Entity::find()
        .filter(user::Column::TenantId.eq(tenant.id))
        .order_by_asc(user::Column::EmailKey)
        .all(app.db.pool())
        .await?;
    Ok(people)
}

/// The one spelling under which an e-mail address is kept (s.L14): NFKC, lower case. `None` for what is no address:
/// no `@`, several, spaces, control characters, or longer than 320 characters, as written or in that spelling.
pub fn email_key(email: &str) -> Option<String> {
    let raw = email.trim();
    // The address is kept as it was written, too, and NFKC may make it shorter.
    if raw.chars().count() > LENGTH_MAX {
        return None;
    }
    let key: String = raw.nfkc().collect::<String>().to_lowercase();
    let (local, domain) = key.split_once('@')?;
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == '@' || is_invisible(c);
    let fine = !local.is_empty() && !domain.is_empty() && key.chars().count() <= LENGTH_MAX;
    (fine && !local.chars().any(odd) && !domain.chars().any(odd)).then_some(key)
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        // s.L7, s.L14
        assert_eq!(email_key(" Ada@Example.ORG "), Some("ada@example.org".into()));
        assert_eq!(email_key("ａda@example.org"), Some("ada@example.org".into()));
        for odd in ["", "ada", "a@b@c", "a b@c", "a\u{0}@c", "a\u{200b}@c", "@c", "a@"] {
            assert_eq!(email_key(odd), None, "{odd:?}");
        }
        // An alef with a hamza above it: two characters as written, one in the key.
        let shrinks = |pairs: usize| email_key(&format!("{}@c", "\u{627}\u{654}".repeat(pairs)));
        assert_eq!(shrinks(159).map(|key| key.chars().count()), Some(161));
        assert_eq!(shrinks(160), None);
    }
}
