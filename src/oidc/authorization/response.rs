//! What is a request to be answered with, and how does the answer travel? (OAuth 2.0 Multiple Response Types)

use super::parameters::Parameters;
use crate::oidc::client::record::Client;
use crate::oidc::client::{ResponseMode, ResponseType};
use crate::oidc::{Code, Error};

/// The response type of a request.
///
/// # Errors
/// `unsupported_response_type` for one that is not offered to such clients (D-13), `unauthorized_client` for one this
/// client did not register (s.A12).
pub(super) fn response_type(parameters: &Parameters, client: &Client) -> Result<ResponseType, Error> {
    let asked = parameters.get("response_type");
    let asked = asked.ok_or_else(|| Error::new(Code::InvalidRequest, "response_type is missing"))?;
    let offered = |response: &ResponseType| client.profile.offers(*response);
    let Some(response_type) = ResponseType::parse(asked).filter(offered) else {
        let known = ResponseType::ALL.iter().filter(|response| offered(response));
        let known: Vec<&str> = known.map(|known| known.as_str()).collect();
        let description = format!("response_type is not one of: {}", known.join(", "));
        return Err(Error::new(Code::UnsupportedResponseType, description));
    };
    if !is_registered(client, response_type) {
        let description = format!("the client did not register the response type {response_type}");
        return Err(Error::new(Code::UnauthorizedClient, description));
    }
    Ok(response_type)
}

/// Whether the client has registered a response type, and the grants it needs.
pub(super) fn is_registered(client: &Client, response_type: ResponseType) -> bool {
    client.metadata.may_ask_for(response_type)
        && response_type.needs().iter().all(|grant| client.metadata.may_use(*grant))
}

/// The response mode of a request.
///
/// # Errors
/// `invalid_request` for one that is unknown (s.A13), that the client did not register, or that would put a token into
/// a query.
pub(super) fn response_mode(
    parameters: &Parameters,
    client: &Client,
    response_type: ResponseType,
) -> Result<ResponseMode, Error> {
    let invalid = |description: String| Error::new(Code::InvalidRequest, description);
    let Some(asked) = parameters.get("response_mode") else {
        let none = || invalid(format!("the client registered no response mode by which {response_type} may travel"));
        return usual_mode(client, response_type).ok_or_else(none);
    };
    let mode = ResponseMode::parse(asked).ok_or_else(|| {
        let known: Vec<&str> = ResponseMode::ALL.iter().map(|mode| mode.as_str()).collect();
        invalid(format!("response_mode is not one of: {}", known.join(", ")))
    })?;
    if !response_type.may_travel_by(mode) {
        return Err(invalid(format!("the response mode {mode} is not for the response type {response_type}")));
    }
    if !client.metadata.may_answer_by(mode) {
        return Err(invalid(format!("the client did not register the response mode {mode}")));
    }
    Ok(mode)
}

/// The mode of a request that names none: the usual one of its response type, unless the client registered others only.
fn usual_mode(client: &Client, response_type: ResponseType) -> Option<ResponseMode> {
    let usual = response_type.usual_mode();
    let mut possible = std::iter::once(usual).chain(ResponseMode::ALL.iter().copied());
    possible.find(|mode| response_type.may_travel_by(*mode) && client.metadata.may_answer_by(*mode))
}

/// How an error travels: as the answer would, if that is possible (OAuth 2.0 Multiple Response Types §5).
pub(super) fn mode_of_errors(parameters: &Parameters, client: &Client) -> ResponseMode {
    let response_type = parameters.get("response_type").and_then(ResponseType::parse).unwrap_or(ResponseType::Code);
    response_mode(parameters, client, response_type)
        .ok()
        .or_else(|| usual_mode(client, response_type))
        .unwrap_or_else(|| response_type.usual_mode())
}
