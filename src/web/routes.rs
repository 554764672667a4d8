//! Where are the pages?

use poem::{Route, get, post};

use super::{authorization, consent, console, home, login, select_account, sign_in_link, sign_out};
use crate::edge::routes as edge;
use crate::oidc::endpoint::{AUTHORIZATION, END_SESSION};

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

/// Adds the authorization endpoint and the pages to `route`.
pub fn add(route: Route) -> Route {
    console::address::add(route)
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
    ];
    addresses.extend(console::address::at_the_door());
    addresses
}
