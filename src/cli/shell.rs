//! How does a command get at the rows, and how does it say why it cannot?

use std::sync::Arc;

use super::args::Global;
use super::first_start;
use super::output::Output;
use super::words::Slug;
use crate::app::{App, StartError};
use crate::clock::Clock;
use crate::config::{self, Config, Faults, Sources};
use crate::db::migrate;
use crate::oidc::setup::{self, FirstStart};
use crate::oidc::tenant::{DEFAULT_SLUG, Tenant};
use crate::oidc::{Code, Error};
use crate::telemetry::causes;

/// What every command is given.
#[derive(Clone, Debug)]
pub struct Shell {
    /// What the configuration is made from.
    pub sources: Sources,
    /// For whom results are printed.
    pub output: Output,
    /// Which tenant it is about; `None`: the default one.
    pub tenant: Option<Slug>,
}

/// Why a command did nothing: a sentence for the one who typed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(pub String);

/// The house, opened for one command.
#[derive(Clone, Debug)]
pub struct House {
    /// Its insides.
    pub app: Arc<App>,
    /// The tenant the command is about.
    pub tenant: Arc<Tenant>,
}

impl Shell {
    /// As the options say.
    pub fn new(global: &Global) -> Self {
        Self { sources: global.sources(), output: Output::chosen(global), tenant: global.tenant.clone() }
    }

    /// The configuration in force.
    ///
    /// # Errors
    /// Every fault of it.
    pub fn config(&self) -> Result<Config, Failure> {
        Ok(config::load(&self.sources)?.config)
    }

    /// Opens the database and finds the tenant.
    ///
    /// A database that is in use stays as its server left it: in particular the default tenant keeps its issuer, whatever
    /// the configuration at hand says. An empty one is set up as the server's first start would.
    ///
    /// # Errors
    /// When it cannot be opened, or there is no such tenant.
    pub async fn open(&self) -> Result<House, Failure> {
        let app = App::connect(self.config()?, Clock::system()).await?;
        app.tenants.refresh(&app).await?;
        if app.tenants.by_slug(DEFAULT_SLUG).is_none() {
            let settings = app.db_settings();
            let first: FirstStart = migrate::locked(&settings, async |_| setup::ensure(&app).await).await?;
            app.tenants.refresh(&app).await?;
            if let Some(admin) = first_start::admin(&app.config, first) {
                self.output.note(&admin.text(&app.config));
            }
        }
        let slug = self.tenant.as_ref().map_or(DEFAULT_SLUG, |slug| slug.0.as_str());
        let tenant = app.tenants.by_slug(slug);
        let tenant = tenant.ok_or_else(|| Failure(format!("there is no tenant {slug}; see registrar tenant list")))?;
        Ok(House { app: Arc::new(app), tenant })
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        // There is no log with more about it: whoever types commands may see what happened.
        match (&error.cause, error.code) {
            (Some(cause), Code::ServerError) => Self(causes(&**cause)),
            (Some(cause), Code::TemporarilyUnavailable) => {
                Self(format!("the database cannot be used: {}", causes(&**cause)))
            }
            _ => Self(error.description.into_owned()),
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Setup(error) => Self::from(error),
            other => Self(other.to_string()),
        }
    }
}

impl From<Faults> for Failure {
    fn from(faults: Faults) -> Self {
        Self(faults.to_string())
    }
}

impl From<sea_orm::DbErr> for Failure {
    fn from(error: sea_orm::DbErr) -> Self {
        Self(StartError::from(error).to_string())
    }
}

impl From<String> for Failure {
    fn from(reason: String) -> Self {
        Self(reason)
    }
}
