//! Where are the pages?

use entity::id::{
    ApplicationId, ClientKey, ClientSecretId, ContractId, DocumentId, PersonalTokenId, ServiceId, SessionId,
};
use poem::{Route, get, post};

use super::{authorization, consent, console, home, login, portal, select_account, sign_in_link, sign_out};
use crate::edge::routes as edge;
use crate::oidc::endpoint::{AUTHORIZATION, END_SESSION};
pub use crate::portal::notice::page::{CATALOG, INVITATION, PASSWORD_RESET, VERIFY_EMAIL};

/// The landing page.
pub const HOME: &str = "/";
/// Sign in.
pub const LOGIN: &str = "/login";
/// Agree, or not.
pub const CONSENT: &str = "/consent";
/// Choose an account.
pub const SELECT_ACCOUNT: &str = "/select-account";
/// On with a request after a page.
pub const CONTINUE: &str = "/authorize/continue";
/// Behind a one-time link.
pub const SIGN_IN_LINK: &str = crate::oidc::session::sign_in_link::PATH;
/// Nobody is signed in any more.
pub const SIGNED_OUT: &str = "/signed-out";
/// The files of the pages.
pub const ASSETS: &str = "/assets/:file";
/// Ask to be a developer.
pub const SIGN_UP: &str = "/portal/sign-up";
/// Somebody asked to be a developer.
pub const SIGNED_UP: &str = "/portal/signed-up";
/// Ask for a link to a new password.
pub const FORGOT_PASSWORD: &str = "/portal/forgot-password";
/// Somebody asked for one.
pub const RESET_SENT: &str = "/portal/forgot-password/sent";
/// One's own applications.
pub const APPLICATIONS: &str = "/portal/applications";
/// Make one.
pub const NEW_APPLICATION: &str = "/portal/applications/new";
/// Personal access tokens.
pub const TOKENS: &str = "/portal/tokens";
/// Who one is here: name, password, sessions.
pub const ACCOUNT: &str = "/account";
/// Be called otherwise.
pub const ACCOUNT_NAME: &str = "/account/name";
/// Choose another password.
pub const ACCOUNT_PASSWORD: &str = "/account/password";
/// End all of one's own sessions but this one.
pub const END_OTHER_SESSIONS: &str = "/account/sessions/end-others";
/// What applications may do for one.
pub const AGREED: &str = "/account/applications";
/// The pages of those who decide.
pub const CONSOLE: &str = "/admin";

/// A service in the portal.
pub fn service(id: ServiceId) -> String {
    format!("/portal/services/{id}")
}

/// Where an application asks for it.
pub fn register(id: ServiceId) -> String {
    format!("{}/register", service(id))
}

/// One of its documents.
pub fn document(service_id: ServiceId, id: DocumentId) -> String {
    format!("{}/documents/{id}", service(service_id))
}

/// A request that is under review.
pub fn request(id: ContractId) -> String {
    format!("/portal/requests/{id}")
}

/// One of somebody's own applications: where mails lead, too.
pub fn application(id: ApplicationId) -> String {
    format!("{}{id}", crate::portal::notice::page::APPLICATION)
}

/// Change it.
pub fn edit_application(id: ApplicationId) -> String {
    format!("{}/edit", application(id))
}

/// Delete it.
pub fn delete_application(id: ApplicationId) -> String {
    format!("{}/delete", application(id))
}

/// End a contract of it.
pub fn unregister(id: ApplicationId, contract: ContractId) -> String {
    format!("{}/contracts/{contract}/unregister", application(id))
}

/// Its clients.
pub fn clients(id: ApplicationId) -> String {
    format!("{}/clients", application(id))
}

/// Remove one.
pub fn delete_client(id: ApplicationId, client: ClientKey) -> String {
    format!("{}/{client}/delete", clients(id))
}

/// The secrets of one.
pub fn secrets(id: ApplicationId, client: ClientKey) -> String {
    format!("{}/{client}/secrets", clients(id))
}

/// Exchange its only secret.
pub fn renew_secret(id: ApplicationId, client: ClientKey) -> String {
    format!("{}/{client}/renew", clients(id))
}

/// Remove a secret.
pub fn delete_secret(id: ApplicationId, client: ClientKey, secret: ClientSecretId) -> String {
    format!("{}/{secret}/delete", secrets(id, client))
}

/// Revoke a personal access token.
pub fn revoke_token(id: PersonalTokenId) -> String {
    format!("{TOKENS}/{id}/revoke")
}

/// End one of one's own sessions.
pub fn end_session(id: SessionId) -> String {
    format!("{ACCOUNT}/sessions/{id}/end")
}

/// Take back what an application may do.
pub fn withdraw(client_id: &str) -> String {
    format!("{AGREED}/{client_id}/withdraw")
}

/// Adds the authorization endpoint and the pages to `route`.
pub fn add(route: Route) -> Route {
    console::address::add(account_pages(portal_pages(route)))
        .at(AUTHORIZATION, get(authorization::ask).post(authorization::ask_by_form))
        .at(HOME, get(home::home))
        .at(CONTINUE, get(authorization::go_on_with))
        .at(LOGIN, get(login::login).post(login::sign_in_now))
        .at(CONSENT, get(consent::ask).post(consent::decide))
        .at(SELECT_ACCOUNT, get(select_account::select_account).post(select_account::choose))
        .at(SIGN_IN_LINK, get(sign_in_link::look).post(sign_in_link::set_password))
        .at(END_SESSION, post(sign_out::post).get(sign_out::ask))
        .at(SIGNED_OUT, get(sign_out::signed_out))
        .at(ASSETS, get(home::file))
}

fn account_pages(route: Route) -> Route {
    use portal::{agreed, profile};
    route
        .at(ACCOUNT, get(profile::look))
        .at(ACCOUNT_NAME, get(profile::look).post(profile::rename))
        .at(ACCOUNT_PASSWORD, get(profile::look).post(profile::change_password))
        .at(END_OTHER_SESSIONS, post(profile::end_others))
        .at("/account/sessions/:session/end", post(profile::end_one))
        .at(AGREED, get(agreed::list))
        .at("/account/applications/:client/withdraw", post(agreed::withdraw))
}

fn portal_pages(route: Route) -> Route {
    use portal::{application, applications, catalog, client, password, register, sign_up, token};
    route
        .at(CATALOG, get(catalog::catalog))
        .at("/portal/services/:service", get(catalog::service_page))
        .at("/portal/services/:service/documents/:document", get(catalog::document_page))
        .at("/portal/services/:service/register", get(register::ask).post(register::request))
        .at("/portal/requests/:contract", get(register::under_review))
        .at(APPLICATIONS, get(applications::list))
        .at(NEW_APPLICATION, get(applications::ask).post(applications::create))
        .at("/portal/applications/:application", get(application::look))
        .at("/portal/applications/:application/edit", get(application::edit).post(application::save))
        .at("/portal/applications/:application/delete", post(application::delete))
        .at("/portal/applications/:application/contracts/:contract/unregister", post(application::unregister))
        .at("/portal/applications/:application/clients", post(client::add))
        .at("/portal/applications/:application/clients/:client/delete", post(client::remove))
        .at("/portal/applications/:application/clients/:client/renew", post(client::renew_secret))
        .at("/portal/applications/:application/clients/:client/secrets", post(client::add_secret))
        .at("/portal/applications/:application/clients/:client/secrets/:secret/delete", post(client::remove_secret))
        .at(TOKENS, get(token::list).post(token::create))
        .at("/portal/tokens/:token/revoke", post(token::revoke))
        .at(SIGN_UP, get(sign_up::ask).post(sign_up::sign_up))
        .at(SIGNED_UP, get(sign_up::what_next))
        .at(VERIFY_EMAIL, get(sign_up::look_at_link).post(sign_up::verify))
        .at(FORGOT_PASSWORD, get(password::forgot).post(password::send_link))
        .at(RESET_SENT, get(password::link_is_sent))
        .at(PASSWORD_RESET, get(password::look_at_reset).post(password::reset))
        .at(INVITATION, get(password::look_at_invitation).post(password::accept))
}

/// The same addresses, for the door: no other origin reads their answers (s.A49).
pub fn at_the_door() -> Vec<edge::Route> {
    let mut addresses = vec![
        edge::Route::private(AUTHORIZATION, "GET, POST"),
        edge::Route::private(HOME, "GET"),
        edge::Route::private(CONTINUE, "GET"),
        edge::Route::private(LOGIN, "GET, POST"),
        edge::Route::private(CONSENT, "GET, POST"),
        edge::Route::private(SELECT_ACCOUNT, "GET, POST"),
        edge::Route::private(SIGN_IN_LINK, "GET, POST"),
        edge::Route::private(END_SESSION, "GET, POST"),
        edge::Route::private(SIGNED_OUT, "GET"),
        edge::Route::private("/assets/{file}", "GET"),
        edge::Route::private(CATALOG, "GET"),
        edge::Route::private("/portal/services/{service}", "GET"),
        edge::Route::private("/portal/services/{service}/documents/{document}", "GET"),
        edge::Route::private("/portal/services/{service}/register", "GET, POST"),
        edge::Route::private("/portal/requests/{contract}", "GET"),
        edge::Route::private(APPLICATIONS, "GET"),
        edge::Route::private(NEW_APPLICATION, "GET, POST"),
        edge::Route::private("/portal/applications/{application}", "GET"),
        edge::Route::private("/portal/applications/{application}/edit", "GET, POST"),
        edge::Route::private("/portal/applications/{application}/delete", "POST"),
        edge::Route::private("/portal/applications/{application}/contracts/{contract}/unregister", "POST"),
        edge::Route::private("/portal/applications/{application}/clients", "POST"),
        edge::Route::private("/portal/applications/{application}/clients/{client}/delete", "POST"),
        edge::Route::private("/portal/applications/{application}/clients/{client}/renew", "POST"),
        edge::Route::private("/portal/applications/{application}/clients/{client}/secrets", "POST"),
        edge::Route::private("/portal/applications/{application}/clients/{client}/secrets/{secret}/delete", "POST"),
        edge::Route::private(TOKENS, "GET, POST"),
        edge::Route::private("/portal/tokens/{token}/revoke", "POST"),
        edge::Route::private(ACCOUNT, "GET"),
        edge::Route::private(ACCOUNT_NAME, "GET, POST"),
        edge::Route::private(ACCOUNT_PASSWORD, "GET, POST"),
        edge::Route::private(END_OTHER_SESSIONS, "POST"),
        edge::Route::private("/account/sessions/{session}/end", "POST"),
        edge::Route::private(AGREED, "GET"),
        edge::Route::private("/account/applications/{client}/withdraw", "POST"),
        edge::Route::private(SIGN_UP, "GET, POST"),
        edge::Route::private(SIGNED_UP, "GET"),
        edge::Route::private(VERIFY_EMAIL, "GET, POST"),
        edge::Route::private(FORGOT_PASSWORD, "GET, POST"),
        edge::Route::private(RESET_SENT, "GET"),
        edge::Route::private(PASSWORD_RESET, "GET, POST"),
        edge::Route::private(INVITATION, "GET, POST"),
    ];
    addresses.extend(console::address::at_the_door());
    addresses
}
