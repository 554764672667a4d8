//! What does `response_type=id_token` answer with? (OpenID Connect Core §3.2.2.5)

use super::Fields;
use super::making::Making;
use crate::oidc::Error;
use crate::oidc::token::issue::Beside;

pub(super) fn fields(making: &Making<'_>) -> Result<Fields, Error> {
    Ok(vec![making.id_token(Beside::default())?])
}
