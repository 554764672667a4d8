//! What does `response_type=code token` answer with? (OAuth 2.0 Multiple Response Types §5)

use super::Fields;
use super::making::Making;
use crate::oidc::Error;

pub(super) async fn fields(making: &Making<'_>) -> Result<Fields, Error> {
    let code = ("code", making.code().expose().to_owned());
    Ok([vec![code], making.access_token().await?.fields].concat())
}
