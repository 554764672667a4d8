//! How does a row of the outbox become a mail?

use entity::delivery;
use entity::user;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::Tried;
use crate::app::App;
use crate::mail::content::{self, Content};
use crate::mail::{Mail, NotSent};
use crate::oidc::tenant::Tenant;
use crate::oidc::{Error, user as users};
use crate::portal::notice;
use crate::text::Language;

pub(super) async fn send(app: &App, row: &delivery::Model) -> Result<Tried, Error> {
    let refused = |why: &str| Ok(Tried::Refused(why.to_owned()));
    let Some(mailer) = &app.mailer else { return Ok(Tried::NotNow(super::NO_SERVER.to_owned())) };
    let Some(tenant) = app.tenants.by_id(row.tenant_id) else { return refused("the tenant is not there") };
    let Some(recipient) = &row.recipient else { return refused("there is no address") };
    let language = language(app, &tenant, recipient).await?;
    let data = notice::said(app, &tenant, row);
    let content: Content = match content::notice(&row.kind, &data, language) {
        Some(content) => content,
        None => return refused("no mail has this name"),
    };
    let id = row.id.to_string();
    let mail = Mail { id: &id, to: recipient, from_name: &tenant.name, content: &content, at: row.created_at };
    Ok(match mailer.send(&mail).await {
        Ok(()) => Tried::Done,
        Err(NotSent::NotNow(why)) => Tried::NotNow(why),
        Err(NotSent::Refused(why)) => Tried::Refused(why),
    })
}

/// The language of the person whose address it is: their claim `locale` (OpenID Connect Core §5.1), else English.
async fn language(app: &App, tenant: &Tenant, recipient: &str) -> Result<Language, Error> {
    let Some(key) = users::email_key(recipient) else { return Ok(Language::English) };
    let person = user::Entity::find()
        .filter(user::Column::TenantId.eq(tenant.id))
        .filter(user::Column::EmailKey.eq(key))
        .one(app.db.pool())
        .await?;
    let locale = person.and_then(|person| person.claims["locale"].as_str().and_then(Language::known));
    Ok(locale.unwrap_or_default())
}
