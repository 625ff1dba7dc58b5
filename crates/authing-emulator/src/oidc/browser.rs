//! Browsers that are signed in, by their cookie.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use super::store::Browser;
use crate::context::Context;
use crate::ids;
use crate::pool::Pool;
use crate::session::SignedIn;

const COOKIE: &str = "authing_emulator_session";

/// The user who is signed in with this browser, and since when. Nobody is where a sign-in would ask for more by now.
pub(super) fn known(headers: &HeaderMap, context: &Context<'_>) -> Option<(SignedIn, i64)> {
    let browsers = &context.state.oidc.browsers;
    let browser = browsers.get(cookie_of(headers, context.pool)?)?;
    let signed_in = context.still_signed_in(&browser.user_id, browser.by_second_factor)?;
    (context.now.seconds() < browser.expires).then_some((signed_in, browser.auth_time))
}

/// Keeps a user signed in, and answers the value of the cookie.
pub(super) fn keep(context: &mut Context<'_>, signed_in: &SignedIn) -> String {
    let cookie = ids::secret();
    let browser = Browser {
        user_id: signed_in.user_id().to_owned(),
        by_second_factor: signed_in.by_second_factor(),
        auth_time: context.now.seconds(),
        expires: context.now.end_of(context.pool.user_token_life),
    };
    context.state.oidc.browsers.insert(cookie.clone(), browser);
    cookie
}

pub(super) fn cookie_of<'a>(headers: &'a HeaderMap, pool: &Pool) -> Option<&'a str> {
    let own = cookie_name(pool);
    let all = headers.get_all(header::COOKIE).into_iter();
    all.filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, value)| (name == own).then_some(value))
}

/// One for each pool, since a browser sends a host all its cookies whatever the port.
fn cookie_name(pool: &Pool) -> String {
    format!("{COOKIE}_{}", pool.id)
}

/// An empty value takes the cookie away.
pub(super) fn set_cookie(response: &mut Response, pool: &Pool, value: &str) {
    let age = if value.is_empty() { "; Max-Age=0" } else { "" };
    let text = format!(
        "{}={value}; Path=/; HttpOnly; SameSite=Lax{age}",
        cookie_name(pool)
    );
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}
