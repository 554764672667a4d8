//! What are the commands and their options?

mod registration;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::words::{Assignment, Claim, ScopeText, Slug};
use crate::config::{Flag, Sources};
use crate::secret::Secret;
pub use registration::{ClientCommand, IatCommand, PersonalTokenCommand, ProfileText};

/// An OpenID Connect and OAuth 2.0 authorization server for applications that register themselves.
///
/// Without a command it serves. Exit codes: 0 done, 1 refused or failed, 2 the command line cannot be understood.
#[derive(Clone, Debug, Parser)]
#[command(name = "registrar", version, propagate_version = true)]
pub struct Cli {
    /// What every command understands.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// What to do: serve, unless something else was asked.
    pub fn asked(&self) -> Command {
        self.command.clone().unwrap_or(Command::Serve)
    }
}

/// What every command understands.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// The configuration file [default: REGISTRAR_CONFIG, else ./registrar.toml if there is one]
    #[arg(long, global = true, value_name = "PATH", help_heading = "Configuration")]
    pub config: Option<PathBuf>,
    /// Set one key of the configuration; may be given again
    #[arg(long, global = true, value_name = "SECTION.KEY=VALUE", help_heading = "Configuration")]
    pub set: Vec<Assignment>,
    /// Where to listen, such as 0.0.0.0:8080 (server.listen)
    #[arg(long, global = true, value_name = "ADDRESS:PORT", help_heading = "Configuration")]
    pub listen: Option<String>,
    /// The URL people and applications use (server.issuer)
    #[arg(long, global = true, value_name = "URL", help_heading = "Configuration")]
    pub issuer: Option<String>,
    /// The database (database.url); a password in it is better kept in REGISTRAR_DATABASE_URL_FILE
    #[arg(long, global = true, value_name = "URL", help_heading = "Configuration")]
    pub database_url: Option<Secret>,
    /// Answer in JSON
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
    /// The tenant it is about [default: the default tenant]
    #[arg(long, global = true, value_name = "SLUG", help_heading = "Configuration")]
    pub tenant: Option<Slug>,
}

impl Global {
    /// What the configuration is made from: this process's environment and disk, and these options.
    pub fn sources(&self) -> Sources {
        Sources::process(self.config.clone(), self.flags())
    }

    /// The settings among these options; the ones with a name of their own win over `--set`.
    pub fn flags(&self) -> Vec<Flag> {
        let set = self.set.iter().map(|set| ("--set", set.key.as_str(), Some(set.value.clone())));
        let named = [
            ("--listen", "server.listen", self.listen.clone().map(Secret::from)),
            ("--issuer", "server.issuer", self.issuer.clone().map(Secret::from)),
            ("--database-url", "database.url", self.database_url.clone()),
        ];
        let flag = |(name, key, value): (&str, &str, Option<Secret>)| {
            Some(Flag { name: name.to_owned(), key: key.to_owned(), value: value? })
        };
        set.chain(named).filter_map(flag).collect()
    }
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Serve people and applications until SIGTERM or SIGINT
    Serve,
    /// Bring the database's tables up to date, and stop
    Migrate,
    /// Write the OpenAPI documents
    Openapi {
        /// The folder to write into
        #[arg(default_value = "openapi")]
        dir: PathBuf,
        /// Write nothing; fail if a document in the folder is not the one that would be written
        #[arg(long)]
        check: bool,
    },
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// People who may sign in
    #[command(subcommand)]
    User(UserCommand),
    /// Initial access tokens: who may register applications without being signed in (RFC 7591 §1.2)
    #[command(subcommand)]
    Iat(IatCommand),
    /// Personal tokens: what scripts show to act for a person
    #[command(subcommand)]
    PersonalToken(PersonalTokenCommand),
    /// Registered applications' clients
    #[command(subcommand)]
    Client(ClientCommand),
    /// The keys tokens are signed with
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Tenants, each with its own issuer, keys, users and settings
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Services: the APIs that tokens are for
    #[command(subcommand)]
    Service(ServiceCommand),
    /// Ask a running server whether it is ready; fails if not (for a container's HEALTHCHECK)
    Health {
        /// The server [default: the configured listen address]
        #[arg(long, value_name = "URL")]
        url: Option<String>,
    },
}

/// `registrar config …`.
#[derive(Clone, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every value in force with its source, or every fault
    Check,
    /// Make a key-encryption key: print it, or write it into a new file with mode 0600
    MakeKey {
        /// The file, which must not exist yet
        path: Option<PathBuf>,
    },
    /// Print the reference of all keys, in Markdown
    Reference,
}

/// How far a person's rights go; each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleText {
    /// Signs in to applications
    User,
    /// Registers applications in the portal
    Developer,
    /// Publishes services and decides about access to them
    Publisher,
    /// Everything in the tenant
    Admin,
}

/// `registrar user …`.
#[derive(Clone, Debug, Subcommand)]
pub enum UserCommand {
    /// Add a person; without a password they get a one-time sign-in link
    Add {
        /// The e-mail address to sign in with
        email: String,
        /// The full name (claim `name`)
        #[arg(long)]
        name: Option<String>,
        /// How far their rights go
        #[arg(long, value_enum, default_value_t = RoleText::User)]
        role: RoleText,
        /// The e-mail address is known to be theirs (claim `email_verified`)
        #[arg(long)]
        email_verified: bool,
        /// A further claim, in JSON if it is JSON; may be given again. The name of one that OpenID Connect does not define
        /// is a URL
        #[arg(long = "claim", value_name = "NAME=VALUE")]
        claims: Vec<Claim>,
        /// Where the password comes from
        #[command(flatten)]
        password: PasswordFrom,
    },
    /// List people
    List,
    /// Add people from a JSON file: a list of objects with email, name, role, email_verified, password_hash (argon2id,
    /// PHC text) and claims. All are added, or none
    Import {
        /// The file; - means standard input
        file: PathBuf,
    },
    /// Set a password, and sign the person out everywhere
    SetPassword {
        /// Whose
        email: String,
        /// Read the password from the first line of standard input instead of asking for it
        #[arg(long)]
        password_stdin: bool,
    },
    /// Print a link that signs a person in, once
    SignInLink {
        /// Whom
        email: String,
    },
}

/// Where a password comes from: never from the command line, which other users of the machine can see.
#[derive(Clone, Copy, Debug, Args)]
#[group(multiple = false)]
pub struct PasswordFrom {
    /// Ask for a password
    #[arg(long)]
    pub password_prompt: bool,
    /// Read the password from the first line of standard input
    #[arg(long)]
    pub password_stdin: bool,
}

/// `registrar keys …`.
#[derive(Clone, Debug, Subcommand)]
pub enum KeysCommand {
    /// List keys and when each starts and stops to sign
    List,
    /// Take the keys one step on: publish the next ones, or let those sign that have been published for long enough.
    /// Run it twice, the second time when `keys list` says that the next keys may sign
    Rotate {
        /// Only keys of this algorithm, such as ES256
        #[arg(long, value_name = "NAME")]
        alg: Option<String>,
        /// Do both steps now and drop the current keys, because they have leaked: tokens they signed are void, and
        /// verifiers refuse new ones until they have fetched the key set again
        #[arg(long)]
        at_once: bool,
    },
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// It is so
    On,
    /// It is not so
    Off,
}

impl From<Switch> for bool {
    fn from(switch: Switch) -> Self {
        switch == Switch::On
    }
}

/// What `tenant add` and `tenant set` have in common.
#[derive(Clone, Debug, Args)]
pub struct TenantSettings {
    /// What people see
    #[arg(long)]
    pub name: Option<String>,
    /// Whether applications may register without any token
    #[arg(long, value_enum, value_name = "ON|OFF")]
    pub open_registration: Option<Switch>,
    /// Whether they may with an initial access token, or an access token with the scope dcr
    #[arg(long, value_enum, value_name = "ON|OFF")]
    pub token_registration: Option<Switch>,
    /// Whether applications that registered without a token manage themselves (RFC 7592)
    #[arg(long, value_enum, value_name = "ON|OFF")]
    pub open_management: Option<Switch>,
    /// The profile of registration
    #[arg(long, value_enum)]
    pub profile: Option<ProfileText>,
    /// Whether applications marked as trusted may exchange a person's password for tokens; better left off
    #[arg(long, value_enum, value_name = "ON|OFF")]
    pub password_grant: Option<Switch>,
}

/// `registrar tenant …`.
#[derive(Clone, Debug, Subcommand)]
pub enum TenantCommand {
    /// Add a tenant
    Add {
        /// Its name in paths
        slug: Slug,
        /// An issuer on its own host [default: the server's issuer with /t/SLUG]
        #[arg(long, value_name = "URL")]
        own_issuer: Option<String>,
        /// Its settings
        #[command(flatten)]
        settings: TenantSettings,
    },
    /// List tenants and their issuers
    List,
    /// Change a tenant's settings; what is not named stays. `--tenant` says whose [default: the default tenant's]
    #[command(arg_required_else_help = true)]
    Set {
        /// What to change
        #[command(flatten)]
        settings: TenantSettings,
    },
}

/// Who gets tokens for a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Access {
    /// Every client.
    Open,
    /// Every client with a person behind it; machines need a contract.
    People,
    /// Clients of applications with an approved contract.
    Contract,
}

/// What a service's access tokens look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TokenFormat {
    /// A signed JWT that the service checks by itself (RFC 9068)
    Jwt,
    /// A reference that the service introspects (RFC 7662)
    Opaque,
}

/// `registrar service …`.
#[derive(Clone, Debug, Subcommand)]
pub enum ServiceCommand {
    /// Add a service
    Add {
        /// What people see
        name: String,
        /// What clients name as `resource` or `audience`: an absolute URI (RFC 8707)
        #[arg(long, value_name = "URI")]
        audience: String,
        /// A scope, and what it allows in words; may be given again
        #[arg(long = "scope", value_name = "SCOPE[=TEXT]")]
        scopes: Vec<ScopeText>,
        /// Who gets tokens for it: every client, or those of applications with an approved contract
        #[arg(long, value_enum, default_value_t = Access::Open)]
        access: Access,
        /// What its access tokens look like
        #[arg(long, value_enum, default_value_t = TokenFormat::Jwt)]
        token_format: TokenFormat,
    },
    /// List services
    List,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clap::CommandFactory as _;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_commands_are_consistent_and_each_explains_itself() {
        let mut command = Cli::command();
        command.build();
        command.clone().debug_assert();
        let mut left = vec![command];
        while let Some(command) = left.pop() {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
            left.extend(command.get_subcommands().filter(|command| command.get_name() != "help").cloned());
        }
    }

    #[test]
    fn no_command_means_serve_and_options_are_understood_on_either_side() {
        assert!(matches!(parse("registrar").unwrap().asked(), Command::Serve));
        assert!(matches!(parse("registrar --listen 127.0.0.1:1").unwrap().asked(), Command::Serve));
        let cli = parse("registrar --set log.level=debug config check --json --listen 127.0.0.1:1").unwrap();
        assert!(cli.global.json);
        let flag =
            |name: &str, key: &str, value: &str| Flag { name: name.into(), key: key.into(), value: Secret::new(value) };
        let debug =
            format!("{:?}", parse("registrar --database-url postgres://a:canary@b/c --set a.b=canary").unwrap());
        assert!(!debug.contains("canary"), "{debug}");
        let flags = [flag("--set", "log.level", "debug"), flag("--listen", "server.listen", "127.0.0.1:1")];
        assert_eq!(cli.global.flags(), flags);
    }

    #[test]
    fn every_command_of_the_manual_is_understood() {
        for line in [
            "registrar serve",
            "registrar migrate",
            "registrar openapi",
            "registrar openapi openapi --check",
            "registrar config make-key",
            "registrar config make-key registrar.key",
            "registrar config reference",
            "registrar user add ada@example.com --name Ada --role admin --claim https://a.example/groups=[\"x\"] --claim locale=de",
            "registrar user add ada@example.com --email-verified --password-stdin",
            "registrar user list --json --tenant acme",
            "registrar user import people.json",
            "registrar user set-password ada@example.com",
            "registrar user sign-in-link ada@example.com",
            "registrar iat create --name ci --expires-in 7d --max-uses 1 --policy policy.json --profile strict",
            "registrar iat list",
            "registrar iat revoke 0198",
            "registrar personal-token create --email ada@example.com --name ci --scope services:write --days 30",
            "registrar personal-token create --email ada@example.com --forever",
            "registrar personal-token list",
            "registrar personal-token revoke 0198",
            "registrar client list --limit 5",
            "registrar client show abc",
            "registrar client delete abc",
            "registrar client grant abc dcr",
            "registrar client ungrant abc introspect:https://api.example",
            "registrar client trust abc",
            "registrar client distrust abc",
            "registrar keys list",
            "registrar keys rotate --alg ES256 --at-once",
            "registrar tenant add acme --open-registration on --profile interop --own-issuer https://acme.example",
            "registrar tenant list",
            "registrar tenant set --tenant acme --open-registration off",
            "registrar tenant set --token-registration off --open-management on",
            "registrar tenant set --password-grant on",
            "registrar service add Orders --audience https://api.example --scope orders:read=Read --token-format opaque",
            "registrar service list",
            "registrar health --url http://127.0.0.1:8080",
        ] {
            assert!(parse(line).is_ok(), "{line}: {}", parse(line).unwrap_err());
        }
    }

    #[test]
    fn a_line_that_cannot_be_understood_has_exit_code_2() {
        for line in [
            "registrar fly",
            "registrar --set nothing",
            "registrar user add",
            "registrar user add a@b --password secret",
            "registrar user add a@b --password-stdin --password-prompt",
            "registrar iat create --name x --max-uses 0",
            "registrar iat create --name x --expires-in soon",
            "registrar personal-token create --name x",
            "registrar personal-token create --email a@b --days 5 --forever",
            "registrar personal-token create --email a@b --days 0",
            "registrar tenant add Not_A_Slug",
            "registrar tenant set",
            "registrar client grant abc everything",
            "registrar service add x",
        ] {
            assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
        }
    }
}
