//! How are states, roles and kinds spelled? As the rules call them, one word each.

use poem_openapi::Enum;

use crate::portal::delivery;

/// Who gets tokens for a service.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "Access", rename_all = "snake_case", remote = "entity::service::Access")]
pub enum Access {
    /// Every client.
    Open,
    /// Every client with a person behind it; a client that speaks for itself needs a contract.
    People,
    /// Clients of applications with an approved contract.
    Contract,
}

/// What access tokens look like.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "TokenFormat", rename_all = "snake_case", remote = "entity::service::TokenFormat")]
pub enum TokenFormat {
    /// A signed JWT (RFC 9068).
    Jwt,
    /// A random string, looked up.
    Opaque,
}

/// How far a contract has come.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "ContractState", rename_all = "snake_case", remote = "entity::contract::ContractState")]
pub enum ContractState {
    /// Somebody asked; nobody decided.
    Pending,
    /// The application may have tokens for the service.
    Approved,
    /// Refused.
    Rejected,
    /// It was approved and is not any more.
    Revoked,
    /// Over.
    Closed,
}

/// What a person may do.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "Role", rename_all = "snake_case", remote = "entity::user::Role")]
pub enum Role {
    /// Signs in to applications.
    User,
    /// Registers applications.
    Developer,
    /// Publishes services.
    Publisher,
    /// Everything in the tenant.
    Admin,
}

/// Whether the portal is open to a person.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "Approval", rename_all = "snake_case", remote = "entity::user::Approval")]
pub enum Approval {
    /// It is.
    Approved,
    /// They asked; nobody decided.
    Pending,
    /// Refused.
    Rejected,
    /// Not any more.
    Revoked,
}

/// Whether a person may sign in.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "UserState", rename_all = "snake_case", remote = "entity::user::UserState")]
pub enum UserState {
    /// May.
    Active,
    /// May not.
    Disabled,
}

/// Whether an application lives.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "ApplicationStatus", rename_all = "snake_case", remote = "entity::application::ApplicationStatus")]
pub enum ApplicationStatus {
    /// It does.
    Active,
    /// Put away.
    Archived,
}

/// How an application came to be.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "Source", rename_all = "snake_case", remote = "entity::application::Source")]
pub enum Source {
    /// A developer in the portal.
    Portal,
    /// An admin.
    Admin,
    /// It registered itself, without a ticket.
    Open,
    /// It registered itself with an initial access token.
    Iat,
    /// A client with the right `dcr` or `dcr_admin` registered it.
    Delegate,
    /// Another portal registered it through its bridge.
    Bridge,
}

/// What kind of software an application is.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "ApplicationType", rename_all = "snake_case", remote = "crate::portal::application_type::Type")]
pub enum ApplicationType {
    /// Whatever it is, its client is not registered here.
    Simple,
    /// On a server, with people in browsers.
    Web,
    /// On people's devices.
    Native,
    /// In browsers alone.
    Browser,
    /// On a server, without people.
    BackendToBackend,
}

/// What somebody is to an application.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "MemberRole", rename_all = "snake_case", remote = "crate::portal::membership::Role")]
pub enum MemberRole {
    /// Answers for it.
    PrimaryOwner,
    /// Changes it, its clients, its members and its contracts.
    Owner,
    /// Sees it, and asks for services.
    User,
}

/// What a primary owner becomes who hands an application over.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "OldOwnerRole", rename_all = "snake_case", remote = "entity::membership::MemberRole")]
pub enum OldOwnerRole {
    /// A member who changes it.
    Owner,
    /// A member who sees it.
    User,
}

/// Whether a client may do anything.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "ClientState", rename_all = "snake_case", remote = "entity::client::ClientState")]
pub enum ClientState {
    /// It may.
    Active,
    /// An admin took it out of service.
    Disabled,
    /// It is gone.
    Ended,
}

/// How a grant is asked for.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "GrantType", rename_all = "snake_case", remote = "crate::oidc::client::GrantType")]
pub enum GrantType {
    /// RFC 6749 §4.1.
    AuthorizationCode,
    /// RFC 6749 §4.2.
    Implicit,
    /// RFC 6749 §6.
    RefreshToken,
    /// RFC 6749 §4.4.
    ClientCredentials,
    /// RFC 6749 §4.3.
    Password,
}

/// By which way a message goes.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "Channel", rename_all = "snake_case", remote = "entity::delivery::Channel")]
pub enum Channel {
    /// A mail to one person.
    Mail,
    /// A signed request to a webhook.
    Webhook,
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "Progress", rename_all = "snake_case", remote = "delivery::Progress")]
pub enum Progress {
    /// It is tried, or tried again.
    Waiting,
    /// It is there.
    Done,
    /// It was given up.
    Failed,
}
