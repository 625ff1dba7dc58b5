//! The login page at work.

use std::sync::Arc;

use axum::extract::{Path, RawForm, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::json;

use super::page;
use super::params::Params;
use super::reply::OAuthError;
use super::store::{Browser, Interaction};
use crate::context::Context;
use crate::dates::life_in_seconds;
use crate::ids;
use crate::pool::Pool;
use crate::shared::Shared;
use crate::users::User;
use crate::world::Hint;

const COOKIE: &str = "authing_emulator_session";
const EXPIRED: &str = "This login took too long. Go back to the application and start again.";

pub(super) async fn show(State(shared): State<Arc<Shared>>, Path(uid): Path<String>) -> Response {
    shared.with_context(&HeaderMap::new(), of(&uid), |context| {
        match open(&context, &uid) {
            Some(page) => page::login(&uid, page.request.login_hint.as_deref(), None),
            None => page::failure(StatusCode::BAD_REQUEST, EXPIRED),
        }
    })
}

pub(super) async fn submit(
    State(shared): State<Arc<Shared>>,
    Path(uid): Path<String>,
    RawForm(form): RawForm,
) -> Response {
    let form = Params::parse(&form);
    let account = form.get("account").unwrap_or_default();
    let password = form.get("password").unwrap_or_default();
    shared.with_context(&HeaderMap::new(), of(&uid), |mut context| {
        let Some(interaction) = open(&context, &uid) else {
            return page::failure(StatusCode::BAD_REQUEST, EXPIRED);
        };
        let user_id = match check(&context, account, password) {
            Ok(user_id) => user_id,
            Err(reason) => {
                context.tell_of_login(json!({"account": account}));
                return page::login(&uid, Some(account), Some(reason));
            }
        };
        count_login(&mut context, &user_id);
        let user = context.state.users.get(&user_id).map(User::told);
        context.tell_of_login(json!(user));
        context.state.oidc.interactions.remove(&uid);
        let now = context.now.seconds();
        let life = life_in_seconds(context.pool.user_token_life);
        let cookie = ids::secret();
        let browser = Browser {
            user_id: user_id.clone(),
            auth_time: now,
            expires: now.saturating_add(life),
        };
        context.state.oidc.browsers.insert(cookie.clone(), browser);
        let mut response = interaction.request.finish(&mut context, user_id, now);
        set_cookie(&mut response, context.pool, &cookie);
        response
    })
}

pub(super) async fn abort(State(shared): State<Arc<Shared>>, Path(uid): Path<String>) -> Response {
    shared.with_context(&HeaderMap::new(), of(&uid), |context| {
        let interaction = open(&context, &uid);
        context.state.oidc.interactions.remove(&uid);
        match interaction {
            Some(page) => {
                let refusal = OAuthError::bad("access_denied", "End-User aborted interaction");
                page.request.back().refuse(refusal)
            }
            None => page::failure(StatusCode::BAD_REQUEST, EXPIRED),
        }
    })
}

/// The pool whose login page it is.
fn of(uid: &str) -> Hint<'_> {
    Hint {
        interaction: Some(uid),
        ..Hint::default()
    }
}

fn open(context: &Context<'_>, uid: &str) -> Option<Interaction> {
    let page = context.state.oidc.interactions.get(uid)?;
    (context.now.seconds() < page.expires).then(|| page.clone())
}

/// The user whom these words belong to.
fn check(context: &Context<'_>, account: &str, password: &str) -> Result<String, &'static str> {
    let users = &context.state.users;
    let user = ["username", "email", "phone"]
        .iter()
        .find_map(|field| users.find(field, account))
        .filter(|user| user.password.as_ref().is_some_and(|own| own.is(password)))
        .ok_or("The account or the password is wrong.")?;
    if user.is("blocked") {
        return Err("This account is locked.");
    }
    if user.must_set_password {
        return Err("Set a password of your own first.");
    }
    Ok(user.id().to_owned())
}

fn count_login(context: &mut Context<'_>, user_id: &str) {
    let now = json!(context.now.iso());
    if let Ok(user) = context.state.users.require_mut(user_id) {
        let logins = user.get("loginsCount").as_i64().unwrap_or(0);
        user.set("loginsCount", json!(logins.saturating_add(1)));
        user.set("lastLogin", now.clone());
        if user.get("signedUp").is_null() {
            user.set("signedUp", now);
        }
    }
}

/// The user who is logged in with this browser, and since when.
pub(super) fn browser_of(headers: &HeaderMap, context: &Context<'_>) -> Option<(String, i64)> {
    let browser = context
        .state
        .oidc
        .browsers
        .get(cookie_of(headers, context.pool)?)?;
    let user = context.state.users.get(&browser.user_id)?;
    let is_good = context.now.seconds() < browser.expires && !user.is("blocked");
    is_good.then(|| (User::id(user).to_owned(), browser.auth_time))
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
