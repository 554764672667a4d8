//! What does `response_type=code id_token` answer with? (OpenID Connect Core §3.3.2.5)

use super::Fields;
use super::making::Making;
use crate::oidc::Error;
use crate::oidc::token::issue::Beside;

pub(super) fn fields(making: &Making<'_>) -> Result<Fields, Error> {
    let code = making.code();
    let id_token = making.id_token(Beside { code: Some(&code), ..Beside::default() })?;
    Ok(vec![("code", code.expose().to_owned()), id_token])
}
