//! Where a login begins, and where it sends the browser at its end.

use std::sync::Arc;

use axum::extract::{RawForm, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::{Deserialize, Serialize};

use super::page::{self, Login};
use super::params::{Params, append};
use super::reply::OAuthError;
use super::settings::{ClientAuthentication, is_registered};
use super::store::{Challenge, Code, Grant, Interaction, Step};
use super::{SCOPES, browser};
use crate::context::Context;
use crate::ids;
use crate::pool::Pool;
use crate::session::SignedIn;
use crate::shared::Shared;
use crate::world::Hint;

const CODE_LIFE: i64 = 600;
const PAGE_LIFE: i64 = 3600;

/// What an application asks for, after the checks.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct AuthorizationRequest {
    app_id: String,
    pub(super) redirect_uri: String,
    pub(super) mode: Mode,
    pub(super) state: Option<String>,
    pub(super) login_hint: Option<String>,
    scope: String,
    nonce: Option<String>,
    challenge: Option<Challenge>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum Mode {
    Query,
    Fragment,
    FormPost,
}

pub(super) async fn authorize(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    let params = Params::parse(&form);
    let hint = Hint {
        app: params.get("client_id"),
        ..Hint::default()
    };
    shared.with_context(&headers, hint, |context| answer(&params, &headers, context))
}

fn answer(params: &Params, headers: &HeaderMap, mut context: Context<'_>) -> Response {
    let pool = context.pool;
    // Before these two are right, the browser must not be sent anywhere.
    if params.get("client_id") != Some(&pool.app_id) {
        return page::failure(StatusCode::BAD_REQUEST, "The application does not exist.");
    }
    let redirect_uri = params.get("redirect_uri").unwrap_or_default();
    if !is_registered(pool.oidc.redirect_uris.as_deref(), redirect_uri) {
        return page::failure(
            StatusCode::BAD_REQUEST,
            "The redirect URI is not one of the application's login callbacks.",
        );
    }
    let back = Back {
        redirect_uri,
        mode: mode(params).unwrap_or(Mode::Query),
        state: params.get("state"),
    };
    let request = match read(params, redirect_uri, pool) {
        Ok(request) => request,
        Err(refusal) => return back.refuse(refusal),
    };
    let asks_anew = ["login", "consent", "select_account"]
        .iter()
        .any(|prompt| params.has_word("prompt", prompt));
    let known = browser::known(headers, &context).filter(|_| !asks_anew);
    match known {
        Some((user, auth_time)) => request.finish(&mut context, &user, auth_time, None),
        None if params.get("prompt") == Some("none") => {
            back.refuse(OAuthError::bad("login_required", "a login is required"))
        }
        None => {
            let now = context.now.seconds();
            let uid = ids::secret();
            let response = page::login(&uid, Login::of(request.login_hint.as_deref()));
            let interaction = Interaction {
                request,
                expires: now.saturating_add(PAGE_LIFE),
                step: Step::default(),
            };
            let oidc = &mut context.state.oidc;
            oidc.prune(now);
            oidc.interactions.insert(uid, interaction);
            response
        }
    }
}

fn mode(params: &Params) -> Option<Mode> {
    match params.get("response_mode") {
        None | Some("query") => Some(Mode::Query),
        Some("fragment") => Some(Mode::Fragment),
        Some("form_post") => Some(Mode::FormPost),
        Some(_) => None,
    }
}

fn read(
    params: &Params,
    redirect_uri: &str,
    pool: &Pool,
) -> Result<AuthorizationRequest, OAuthError> {
    let invalid = |why| OAuthError::bad("invalid_request", why);
    if params.repeated {
        return Err(invalid("a parameter is given twice"));
    }
    if params.get("response_type") != Some("code") {
        return Err(OAuthError::bad(
            "unsupported_response_type",
            "the only response_type here is code",
        ));
    }
    let mode = mode(params).ok_or(invalid("unsupported response_mode requested"))?;
    if params.has_word("prompt", "none") && params.get("prompt") != Some("none") {
        return Err(invalid("prompt none must only be used alone"));
    }
    let challenge = match (
        params.get("code_challenge"),
        params.get("code_challenge_method"),
    ) {
        (None, None) if pool.oidc.authentication == ClientAuthentication::None => {
            return Err(invalid(
                "PKCE is required of an application without a secret",
            ));
        }
        (None, None) => None,
        (None, Some(_)) => return Err(invalid("code_challenge must be provided")),
        (Some(text), _) if !(43..=128).contains(&text.len()) => {
            return Err(invalid("code_challenge must have 43 to 128 characters"));
        }
        (Some(text), None | Some("plain")) => Some(Challenge::Plain(text.to_owned())),
        (Some(text), Some("S256")) => Some(Challenge::S256(text.to_owned())),
        (Some(_), Some(_)) => return Err(invalid("not supported value of code_challenge_method")),
    };
    let may_stay = params.has_word("prompt", "consent");
    let scope = SCOPES
        .into_iter()
        .filter(|scope| params.has_word("scope", scope))
        .filter(|scope| *scope != "offline_access" || may_stay);
    Ok(AuthorizationRequest {
        app_id: pool.app_id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        mode,
        state: params.owned("state"),
        login_hint: params.owned("login_hint"),
        scope: scope.collect::<Vec<_>>().join(" "),
        nonce: params.owned("nonce"),
        challenge,
    })
}

impl AuthorizationRequest {
    /// Of its texts.
    pub(super) fn bytes(&self) -> usize {
        let given = [&self.state, &self.login_hint, &self.nonce];
        let given = given.into_iter().flatten().map(String::len);
        self.redirect_uri.len() + given.sum::<usize>()
    }

    pub(super) fn back(&self) -> Back<'_> {
        Back {
            redirect_uri: &self.redirect_uri,
            mode: self.mode,
            state: self.state.as_deref(),
        }
    }

    /// Sends the browser back with a code. A new recovery code is shown before.
    pub(super) fn finish(
        &self,
        context: &mut Context<'_>,
        signed_in: &SignedIn,
        auth_time: i64,
        recovery_code: Option<&str>,
    ) -> Response {
        let now = context.now.seconds();
        let oidc = &mut context.state.oidc;
        oidc.prune(now);
        let grant = oidc.add_grant(Grant {
            app_id: self.app_id.clone(),
            user_id: Some(signed_in.user_id().to_owned()),
            scope: self.scope.clone(),
            nonce: self.nonce.clone(),
            auth_time,
        });
        let code = ids::secret();
        let record = Code {
            grant,
            redirect_uri: self.redirect_uri.clone(),
            challenge: self.challenge.clone(),
            expires: now.saturating_add(CODE_LIFE),
            used: false,
        };
        oidc.codes.insert(code.clone(), record);
        match recovery_code {
            Some(own) => self.back().send_after(own, &[("code", &code)]),
            None => self.back().send(&[("code", &code)]),
        }
    }
}

/// The way back to the application.
pub(super) struct Back<'a> {
    redirect_uri: &'a str,
    mode: Mode,
    state: Option<&'a str>,
}

impl Back<'_> {
    pub(super) fn refuse(&self, refusal: OAuthError) -> Response {
        self.send(&[
            ("error", refusal.error),
            ("error_description", refusal.description),
        ])
    }

    fn send(&self, fields: &[(&str, &str)]) -> Response {
        let fields = self.with_state(fields);
        match self.address(&fields) {
            Some(address) => {
                let no_store = [(header::CACHE_CONTROL, "no-store")];
                (no_store, Redirect::to(&address)).into_response()
            }
            None => page::form_post(self.redirect_uri, &fields),
        }
    }

    /// Lets the user read a new recovery code, and go on.
    fn send_after(&self, recovery_code: &str, fields: &[(&str, &str)]) -> Response {
        let fields = self.with_state(fields);
        let next = match self.address(&fields) {
            Some(address) => page::answer_link(&address),
            None => page::answer_form(self.redirect_uri, &fields),
        };
        page::recovery_code(recovery_code, &next)
    }

    fn with_state<'s>(&'s self, fields: &[(&'s str, &'s str)]) -> Vec<(&'s str, &'s str)> {
        let state = self.state.map(|state| ("state", state));
        fields.iter().copied().chain(state).collect()
    }

    /// Where the fields are in the address; nowhere if the browser posts them.
    fn address(&self, fields: &[(&str, &str)]) -> Option<String> {
        let separator = match self.mode {
            Mode::FormPost => return None,
            Mode::Fragment => '#',
            Mode::Query => '?',
        };
        Some(append(self.redirect_uri, separator, fields))
    }
}
