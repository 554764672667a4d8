//! What is wrong with a client that is to be made? Told together with what else is wrong, before anything is done.

use entity::id::ApplicationId;

use super::add::{Given, Grants, New, Wish, make, prepared};
use crate::app::App;
use crate::oidc::client::ApplicationType;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Error, Wrong};
use crate::secret;

/// All that is wrong with a client that is to be made, for those who tell it together with what else is wrong.
///
/// # Errors
/// `NotFound`, `NotAllowed`, `NotApproved`; when the database cannot be asked.
pub async fn of_new(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    application: ApplicationId,
    new: New,
) -> Result<Vec<Wrong>, Error> {
    prepared(app, tenant, actor, application, new).await.map_or_else(only_wrong, |_| Ok(Vec::new()))
}

/// All that is wrong with the client an application of this name and type gets with it; likewise.
///
/// # Errors
/// When the database cannot be asked.
pub async fn of_first(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    (name, kind): (&str, ApplicationType),
    redirect_uris: &[String],
) -> Result<Vec<Wrong>, Error> {
    let wish = Wish { name, kind, redirect_uris, grants: &Grants::Usual };
    let made = make(app, tenant, actor, ApplicationId(secret::new_id()), &wish, Given::default()).await;
    made.map_or_else(only_wrong, |_| Ok(Vec::new()))
}

/// What a rule complained about; any other refusal as it is.
pub(super) fn only_wrong(error: Error) -> Result<Vec<Wrong>, Error> {
    match error {
        Error::Invalid(wrong) => Ok(wrong),
        error => Err(error),
    }
}
