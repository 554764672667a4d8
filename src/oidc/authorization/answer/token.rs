//! What does `response_type=token` answer with? (RFC 6749 §4.2.2, A17)

use super::Fields;
use super::making::Making;
use crate::oidc::Error;

pub(super) async fn fields(making: &Making<'_>) -> Result<Fields, Error> {
    Ok(making.access_token().await?.fields)
}
