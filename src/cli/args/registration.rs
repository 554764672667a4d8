//! What are the commands about registration and what was registered?

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::super::words::Span;
use crate::oidc::client::rights::Right;

/// The profiles of registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProfileText {
    /// Bends to whatever is safe
    Permissive,
    /// Bends to what deployed clients need
    Interop,
    /// Every recommendation is a rule
    Strict,
}

impl From<ProfileText> for crate::config::Profile {
    fn from(text: ProfileText) -> Self {
        match text {
            ProfileText::Permissive => Self::Permissive,
            ProfileText::Interop => Self::Interop,
            ProfileText::Strict => Self::Strict,
        }
    }
}

/// `registrar iat …`.
#[derive(Clone, Debug, Subcommand)]
pub enum IatCommand {
    /// Make a token; it is printed once and kept only as a hash
    Create {
        /// What it is for
        #[arg(long)]
        name: String,
        /// When it stops working, such as 7d [default: never]
        #[arg(long, value_name = "SPAN")]
        expires_in: Option<Span>,
        /// How many registrations it is good for [default: any number]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        max_uses: Option<u32>,
        /// A registration policy for what registers with it (JSON)
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
        /// The profile for what registers with it [default: the tenant's]
        #[arg(long, value_enum)]
        profile: Option<ProfileText>,
        /// The template that what registers with it follows
        #[arg(long, value_name = "SOFTWARE_ID")]
        template: Option<String>,
    },
    /// List tokens: what is left of each, never the token
    List,
    /// Revoke a token; what registered with it stays
    Revoke {
        /// Its id, from `iat list`
        id: String,
    },
}

/// `registrar personal-token …`.
#[derive(Clone, Debug, Subcommand)]
pub enum PersonalTokenCommand {
    /// Make a token; it is printed once and kept only as a hash
    Create {
        /// For whom it acts
        #[arg(long)]
        email: String,
        /// What it is for
        #[arg(long, default_value = "command line")]
        name: String,
        /// What it may do, such as services:write; may be given again [default: all that the person may]
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// How many days it lives [default: 90]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: Option<u32>,
        /// It lives until it is revoked; for an admin only
        #[arg(long, conflicts_with = "days")]
        forever: bool,
    },
    /// List tokens, never their values
    List,
    /// Revoke a token; it is refused at once
    Revoke {
        /// Its id, from `personal-token list`
        id: String,
    },
}

/// `registrar client …`.
#[derive(Clone, Debug, Subcommand)]
pub enum ClientCommand {
    /// List clients, the newest first
    List {
        /// At most so many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
        /// Those after this client id
        #[arg(long, value_name = "CLIENT_ID")]
        after: Option<String>,
    },
    /// Show what a client registered
    Show {
        /// Its client id
        client_id: String,
    },
    /// Delete a client with all its tokens
    Delete {
        /// Its client id
        client_id: String,
    },
    /// Let a client do more: dcr and dcr_admin (register others), introspect:any or introspect:AUDIENCE (ask about tokens
    /// that are not its own)
    Grant {
        /// Its client id
        client_id: String,
        /// What it may do
        right: Right,
    },
    /// Take back what was granted
    Ungrant {
        /// Its client id
        client_id: String,
        /// What it may do no longer
        right: Right,
    },
    /// Say that a client is ours: people are not asked for consent
    Trust {
        /// Its client id
        client_id: String,
    },
    /// Say that a client is not ours: people are asked for consent
    Distrust {
        /// Its client id
        client_id: String,
    },
}
