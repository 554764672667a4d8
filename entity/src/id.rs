//! Which row? One identifier type a table, so that they cannot be exchanged by mistake.

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, DeriveValueType)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

ids! {
    /// A `tenant`.
    TenantId,
    /// A `user`; also the subject of tokens.
    UserId,
    /// A `service`.
    ServiceId,
    /// An `application`.
    ApplicationId,
    /// A `client` row; the `client_id` of the protocol is a column of it.
    ClientKey,
    /// A `client_secret`.
    ClientSecretId,
    /// An `initial_access_token`.
    InitialAccessTokenId,
    /// A `consent`.
    ConsentId,
    /// A `session`.
    SessionId,
    /// A `token_family`; also the identity of the authorization code it came from.
    FamilyId,
    /// An opaque access `token`.
    TokenId,
    /// A `signing_key`.
    SigningKeyId,
    /// An `event`.
    EventId,
    /// A `policy`.
    PolicyId,
    /// A `document`.
    DocumentId,
    /// A `contract`.
    ContractId,
    /// A `delivery`.
    DeliveryId,
    /// A `webhook`.
    WebhookId,
    /// A `personal_token`.
    PersonalTokenId,
    /// A `provider`.
    ProviderId,
    /// A `remote_call`.
    RemoteCallId,
}
