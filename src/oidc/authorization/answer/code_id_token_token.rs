//! What does `response_type=code id_token token` answer with? (OpenID Connect Core §3.3.2.5)

use super::Fields;
use super::making::Making;
use crate::oidc::Error;
use crate::oidc::token::issue::Beside;

pub(super) async fn fields(making: &Making<'_>) -> Result<Fields, Error> {
    let code = making.code();
    let access = making.access_token().await?;
    let beside = Beside { code: Some(&code), access_token: Some(&access.token), ..Beside::default() };
    let id_token = making.id_token(beside)?;
    Ok([vec![("code", code.expose().to_owned())], access.fields, vec![id_token]].concat())
}
