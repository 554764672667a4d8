//! `registrar tenant`: add, list, set.

use entity::tenant;
use serde_json::{Value, json};

use super::ACTOR;
use super::args::{TenantCommand, TenantSettings};
use super::output::{Exit, Table};
use super::shell::{Failure, Shell};
use crate::oidc::tenant::manage::{self, Change, Home};
use crate::oidc::tenant::{RegistrationSettings, Settings};

/// Runs one of the commands.
///
/// # Errors
/// What the rule refuses with.
pub async fn run(shell: &Shell, command: TenantCommand) -> Result<Exit, Failure> {
    let house = shell.open().await?;
    match command {
        TenantCommand::Add { slug, own_issuer, settings } => {
            let home = own_issuer.map_or(Home::Path, Home::Own);
            let row = manage::create(&house.app, ACTOR, &slug.0, &home, &change(settings)).await?;
            let line = format!("{} is there; its issuer is {}", row.slug, row.issuer);
            Ok(shell.output.changed(&shown(&row), &line))
        }
        TenantCommand::Set { settings } => {
            let row = manage::set(&house.app, &house.tenant, ACTOR, &change(settings)).await?;
            let registration = registration(&row);
            let line = format!("{} is set: {}", row.slug, ways_in(&registration));
            Ok(shell.output.changed(&shown(&row), &line))
        }
        TenantCommand::List => {
            let mut all: Vec<_> = house.app.tenants.all().iter().cloned().collect();
            all.sort_by_key(|tenant| tenant.id);
            let values: Vec<Value> = all
                .iter()
                .map(|t| json!({"slug": t.slug, "name": t.name, "issuer": t.issuer, "settings": t.settings}))
                .collect();
            Ok(shell.output.result(&values, || {
                let mut table = Table::new(["tenant", "name", "issuer", "registration"]);
                for tenant in &all {
                    let ways_in = ways_in(&tenant.settings.registration);
                    table.row([&tenant.slug, &tenant.name, &tenant.issuer, &ways_in]);
                }
                table.text()
            }))
        }
    }
}

fn change(settings: TenantSettings) -> Change {
    Change {
        name: settings.name,
        open_registration: settings.open_registration.map(bool::from),
        registration_with_token: settings.token_registration.map(bool::from),
        open_management: settings.open_management.map(bool::from),
        profile: settings.profile.map(Into::into),
        password_grant: settings.password_grant.map(bool::from),
    }
}

fn registration(row: &tenant::Model) -> RegistrationSettings {
    serde_json::from_value::<Settings>(row.settings.clone()).unwrap_or_default().registration
}

fn ways_in(registration: &RegistrationSettings) -> String {
    let ways = match (registration.open, registration.with_token) {
        (true, _) => "open to everybody",
        (false, true) => "with a token",
        (false, false) => "closed",
    };
    match &registration.profile {
        Some(profile) => format!("{ways}, {profile}"),
        None => ways.to_owned(),
    }
}

fn shown(row: &tenant::Model) -> Value {
    let settings = serde_json::from_value::<Settings>(row.settings.clone()).unwrap_or_default();
    json!({"slug": row.slug, "name": row.name, "issuer": row.issuer, "settings": settings})
}
