//! Tokens and sessions: who may act, and for how long.

mod account;
mod attempts;
mod login;
mod register;
mod reset;
mod sign_in;
mod store;
mod token;

use axum::http::Method;
use serde::{Deserialize, Serialize};

use crate::actions::Deed;
use crate::context::{Caller, Context};
use crate::graphql::{Access, Table};
use crate::refusal::{Refusal, code};
use crate::rest::Routes;
use crate::wording::{self, Language, Wording};

pub(crate) use attempts::Attempts;
pub(crate) use sign_in::{Missing, SignedIn};
pub(crate) use store::{ResetKind, Sessions};
pub(crate) use token::{Standing, UserToken, claims_about, is_management_token, read_user_token};

pub(crate) fn operations(table: &mut Table) {
    table.query("accessToken", Access::Anyone, access_token);
    table.query("checkLoginStatus", Access::Anyone, check_login_status);
    table.mutation("refreshToken", Access::SignedIn, refresh_token);
    table.mutation("registerByUsername", Access::Anyone, register::by_password);
    table.mutation("registerByEmail", Access::Anyone, register::by_password);
    table.mutation("registerByPhoneCode", Access::Anyone, register::by_code);
    table.mutation("loginByUsername", Access::Anyone, login::by_password);
    table.mutation("loginByEmail", Access::Anyone, login::by_password);
    table.mutation("loginByPhonePassword", Access::Anyone, login::by_password);
    table.mutation("loginByPhoneCode", Access::Anyone, login::by_phone_code);
    table.mutation(
        "resetPasswordByFirstLoginToken",
        Access::Anyone,
        reset::by_first_login_token,
    );
    table.mutation(
        "resetPasswordByForceResetToken",
        Access::Anyone,
        reset::by_force_reset_token,
    );
}

pub(crate) fn routes(routes: &mut Routes) {
    routes.add(
        Method::POST,
        "/api/v2/login/email-code",
        Access::Anyone,
        "登录成功",
        login::by_email_code,
    );
    routes.add(
        Method::GET,
        "/api/v2/logout",
        Access::Anyone,
        "退出登录成功",
        log_out,
    );
}

#[derive(Deserialize)]
struct LogOut {
    app_id: Option<String>,
}

fn log_out(context: &mut Context<'_>, args: LogOut) -> Result<(), Refusal> {
    let app_id = args.app_id.filter(|id| !id.is_empty());
    if app_id.is_some_and(|id| id != context.pool.app_id) {
        return Err(Refusal::new(&wording::APPLICATION_MISSING));
    }
    if context.log_out() {
        Ok(())
    } else {
        Err(Refusal::not_logged_in())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PoolCredentials {
    user_pool_id: String,
    secret: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AccessToken {
    access_token: String,
    exp: i64,
    iat: i64,
}

fn access_token(context: &mut Context<'_>, args: PoolCredentials) -> Result<AccessToken, Refusal> {
    if args.user_pool_id != context.pool.id {
        return Err(Refusal::new(&wording::POOL_MISSING));
    }
    if args.secret != context.pool.secret {
        return Err(Refusal::new(&wording::WRONG_POOL_SECRET));
    }
    let sessions = &context.state.sessions;
    let (access_token, iat, exp) =
        token::issue_management_token(context.pool, sessions, context.now);
    Ok(AccessToken {
        access_token,
        exp,
        iat,
    })
}

#[derive(Deserialize)]
struct WhichToken {
    token: Option<String>,
}

#[derive(Serialize)]
struct LoginStatus {
    code: i64,
    message: &'static str,
    status: bool,
    exp: Option<i64>,
    iat: Option<i64>,
    data: Option<LoginStatusData>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoginStatusData {
    id: String,
    user_pool_id: String,
    arn: Option<String>,
}

impl LoginStatus {
    fn signed_out(why: &Wording, language: Language) -> Self {
        Self {
            code: why.code,
            message: why.text(language),
            status: false,
            exp: None,
            iat: None,
            data: None,
        }
    }
}

fn check_login_status(context: &mut Context<'_>, args: WhichToken) -> Result<LoginStatus, Refusal> {
    let language = context.language;
    let Some(text) = args.token.or_else(|| context.bearer.clone()) else {
        return Ok(LoginStatus::signed_out(&wording::LOGIN_NEEDED, language));
    };
    let sessions = &context.state.sessions;
    Ok(
        match read_user_token(&text, context.pool, sessions, context.now) {
            Standing::Live(token) => LoginStatus {
                code: wording::LOGGED_IN.code,
                message: wording::LOGGED_IN.text(language),
                status: true,
                exp: Some(token.expires),
                iat: Some(token.issued),
                data: Some(LoginStatusData {
                    id: token.user_id,
                    user_pool_id: context.pool.id.clone(),
                    arn: None,
                }),
            },
            Standing::Ended => LoginStatus::signed_out(&wording::SESSION_OVER, language),
            Standing::Unknown => LoginStatus::signed_out(&wording::SESSION_INVALID, language),
        },
    )
}

#[derive(Deserialize)]
struct ById {
    id: Option<String>,
}

#[derive(Serialize)]
struct FreshToken {
    token: String,
    iat: i64,
    exp: i64,
}

/// The old token stays good until its own time is over.
fn refresh_token(context: &mut Context<'_>, args: ById) -> Result<FreshToken, Refusal> {
    let id = context.whom(args.id, code::NOT_PERMITTED)?;
    let token = context.open_session(&id)?;
    Ok(FreshToken {
        token: token.text,
        iat: token.issued,
        exp: token.expires,
    })
}

impl Context<'_> {
    /// Issues a token for a user, unless the user is locked.
    pub(crate) fn open_session(&mut self, id: &str) -> Result<UserToken, Refusal> {
        let user = self.state.users.require(id)?;
        user.check_lock()?;
        let life = self.token_life();
        let token = token::issue_user_token(user, self.pool, &self.issuer, life, self.now);
        self.state.sessions.open(&token, self.now);
        Ok(token)
    }

    /// Ends the caller's own session. False when there is none.
    pub(crate) fn log_out(&mut self) -> bool {
        match &self.caller {
            Caller::User(token) => {
                let (user, session) = (token.user_id.clone(), token.session_id.clone());
                self.state.sessions.end(&session);
                self.remember(Deed::Logout, &user, None);
                true
            }
            Caller::Administrator | Caller::Nobody => false,
        }
    }
}
