//! What does a new developer find? An application to begin with, made once, where the tenant wants that (portal.md G28,
//! G64); admins find none (D-24).

use entity::application;
use entity::application::Source;
use entity::id::ApplicationId;
use entity::user::{self, Approval, Role, UserState};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::target;
use crate::app::App;
use crate::db::{Rows, TransactionError as _};
use crate::oidc::event::{Kind, event};
use crate::oidc::registration::rows;
use crate::oidc::tenant::Tenant;
use crate::portal::Error;
use crate::portal::application_type::Type;
use crate::secret;

const NAME: &str = "Default application";
const DESCRIPTION: &str = "My default application";

/// Welcomes somebody who signed in, or who became a developer after that: a developer who has been here before finds
/// nothing new. It never stands in the way: what goes wrong is logged, and tried again when they come the next time.
pub async fn welcome(app: &App, tenant: &Tenant, person: &user::Model) {
    if !is_new(person) {
        return;
    }
    if let Err(error) = make(app, tenant, person).await {
        let cause = error.database().map_or_else(|| error.to_string(), |error| crate::telemetry::causes(error));
        tracing::error!(user = %person.id, cause, "the first application of a developer was not made");
    }
}

/// Whether somebody, as they were read a moment ago, may still have to be welcomed.
fn is_new(person: &user::Model) -> bool {
    // A row that was read before the sign-in does not know of it yet.
    person.default_application_at.is_none() && is_developer(person.role, person.approval)
}

fn is_developer(role: Role, approval: Approval) -> bool {
    matches!(role, Role::Developer | Role::Publisher) && approval == Approval::Approved
}

/// The conditional `UPDATE` is the gate: of two sign-ins at once, or a sign-in and an approval, one makes it.
async fn make(app: &App, tenant: &Tenant, person: &user::Model) -> Result<(), Error> {
    let now = app.clock.now();
    let is_wanted =
        tenant.settings.users.default_application && Type::Simple.check_enabled(&tenant.settings.types).is_ok();
    let id = ApplicationId(secret::new_id());
    let row = application::Model {
        description: Some(DESCRIPTION.to_owned()),
        primary_owner_id: Some(person.id),
        is_default: true,
        ..rows::application(tenant.id, id, NAME, Type::Simple.id(), Source::Portal, now)
    };
    let data = json!({"name": row.name, "owner": person.id, "is_default": true});
    let told = event(app, tenant.id, Kind::ApplicationCreated, "system", &target(id), data);
    let rows = match is_wanted {
        true => Rows { applications: vec![row], events: vec![told], ..Rows::default() },
        // Whoever is here before it is switched on is not new any more then.
        false => Rows::default(),
    };
    let user = person.id;
    let stored = app.db.transaction(move |transaction| {
        let rows = rows.clone();
        Box::pin(async move {
            let welcomed = user::Entity::update_many()
                .col_expr(user::Column::DefaultApplicationAt, Expr::value(now))
                .filter(user::Column::Id.eq(user))
                .filter(user::Column::DefaultApplicationAt.is_null())
                .filter(user::Column::FirstLoginAt.is_not_null())
                .filter(user::Column::Role.is_in([Role::Developer, Role::Publisher]))
                .filter(user::Column::Approval.eq(Approval::Approved))
                .filter(user::Column::State.eq(UserState::Active))
                .exec(transaction)
                .await?;
            if welcomed.rows_affected > 0 {
                rows.insert(transaction).await?;
            }
            Ok::<_, Error>(())
        })
    });
    stored.await?;
    app.users.forget(&person.id);
    Ok(())
}
