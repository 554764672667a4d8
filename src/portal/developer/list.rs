//! Which developers are there?

use entity::user::{self, Approval};

use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::list::{Listed, Wanted};
use crate::portal::{Actor, Error};

/// Which developers are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// In this state; `None`: in any.
    pub approval: Option<Approval>,
    /// With this in their address or name, whatever the case.
    pub search: Option<String>,
    /// What another system calls them.
    pub custom_id: Option<String>,
}

/// The developers of a tenant, publishers and admins among them.
///
/// # Errors
/// `NotAllowed`, `NotApproved`; when the database cannot be asked.
pub async fn list(
    app: &App,
    tenant: &Tenant,
    actor: &Actor,
    filter: &Filter,
    wanted: &Wanted,
) -> Result<Listed<user::Model>, Error> {
    let _ = (app, tenant, actor, filter, wanted);
    todo!()
}

/// The developer with this identity or e-mail address. Everybody may see themselves, approved or not.
///
/// # Errors
/// `NotFound` for somebody unknown or who is no developer; `NotAllowed`.
pub async fn find(app: &App, tenant: &Tenant, actor: &Actor, which: &str) -> Result<user::Model, Error> {
    let _ = (app, tenant, actor, which);
    todo!()
}
