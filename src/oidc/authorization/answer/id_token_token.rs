//! What does `response_type=id_token token` answer with? (OpenID Connect Core §3.2.2.5, A17)

use super::Fields;
use super::making::Making;
use crate::oidc::Error;
use crate::oidc::token::issue::Beside;

pub(super) async fn fields(making: &Making<'_>) -> Result<Fields, Error> {
    let access = making.access_token().await?;
    let id_token = making.id_token(Beside { access_token: Some(&access.token), ..Beside::default() })?;
    Ok([access.fields, vec![id_token]].concat())
}
