//! The login page at work: the password, and a new one where the user has to set it.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::{Path, RawForm, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::page::{self, Login};
use super::params::Params;
use super::reply::OAuthError;
use super::store::{Interaction, Step};
use super::{browser, second_factor};
use crate::context::Context;
use crate::passwords::check_new;
use crate::refusal::{Refusal, code};
use crate::session::{Missing, SignedIn};
use crate::shared::Shared;
use crate::users::User;
use crate::wording::Language;
use crate::world::Hint;

const EXPIRED: &str = "This login took too long. Go back to the application and start again.";
const WRONG: &str = "The account or the password is wrong.";

pub(super) async fn show(State(shared): State<Arc<Shared>>, Path(uid): Path<String>) -> Response {
    at_page(&shared, &uid, |_, interaction| {
        let account = interaction.request.login_hint.as_deref();
        page::login(&uid, Login::of(account))
    })
}

pub(super) async fn submit(
    State(shared): State<Arc<Shared>>,
    Path(uid): Path<String>,
    RawForm(form): RawForm,
) -> Response {
    let form = Params::parse(&form);
    let account = form.get("account").unwrap_or_default();
    at_page(&shared, &uid, |mut context, interaction| {
        let users = &context.state.users;
        let user = ["username", "email", "phone"]
            .iter()
            .find_map(|field| users.find(field, account));
        let id = user.map(|user| user.id().to_owned());
        let password = form.get("password").unwrap_or_default();
        let outcome = match &id {
            Some(id) => check(&mut context, id, password, form.get("captcha")),
            None => Err(Refusal::no_such_user().into()),
        };
        let missing = match outcome {
            Ok(signed_in) => {
                let response = finish(&mut context, &uid, &interaction, &signed_in, None);
                let user = context.state.users.get(signed_in.user_id());
                let told = json!(user.map(User::told));
                context.tell_of_login(told);
                return response;
            }
            Err(missing) => missing,
        };
        context.tell_of_login(json!({"account": account}));
        match missing {
            Missing::Refused(refusal) => {
                let now = context.now;
                let attempts = &mut context.state.attempts;
                let picture = id.and_then(|id| attempts.picture(&id, now));
                let problem = words(&refusal);
                let login = Login {
                    problem: Some(&problem),
                    picture,
                    ..Login::of(Some(account))
                };
                page::login(&uid, login)
            }
            Missing::NewPassword { token, kind } => {
                go_to(&mut context, &uid, Step::NewPassword { token, kind });
                page::new_password(&uid, kind, None)
            }
            Missing::SecondFactor(challenge) => {
                let waiting = challenge.id;
                let step = Step::SecondFactor {
                    waiting: waiting.clone(),
                };
                go_to(&mut context, &uid, step);
                second_factor::first_page(&context, &uid, &waiting)
            }
        }
    })
}

fn check(
    context: &mut Context<'_>,
    id: &str,
    password: &str,
    captcha: Option<&str>,
) -> Result<SignedIn, Missing> {
    let first = context.prove_password(id, password, captcha)?;
    context.second_factor(first, None)
}

/// After it the user signs in with the new password, so that all else is asked for as always.
pub(super) async fn set_password(
    State(shared): State<Arc<Shared>>,
    Path(uid): Path<String>,
    RawForm(form): RawForm,
) -> Response {
    let form = Params::parse(&form);
    let password = form.get("password").unwrap_or_default();
    at_page(&shared, &uid, |mut context, interaction| {
        let Step::NewPassword { token, kind } = interaction.step else {
            return page::login(&uid, Login::default());
        };
        let id = match context.reset_token(&token, kind) {
            Ok(id) => id,
            Err(_) => return page::login(&uid, Login::default()),
        };
        if form.get("repeated").unwrap_or_default() != password {
            return page::new_password(&uid, kind, Some("The two passwords are not the same."));
        }
        let outcome = check_new(password).and_then(|()| context.set_password(&id, password));
        if let Err(refusal) = outcome {
            return page::new_password(&uid, kind, Some(&words(&refusal)));
        }
        go_to(&mut context, &uid, Step::Password);
        let user = context.state.users.get(&id);
        let told = json!(user.map(User::told));
        let names = ["username", "email", "phone"].iter();
        let name = user.and_then(|user| names.filter_map(|name| user.text(name)).next());
        let name = name.map(str::to_owned);
        context.tell_of_new_password(told);
        let login = Login {
            note: Some("Your password was changed. Sign in with the new one."),
            ..Login::of(name.as_deref())
        };
        page::login(&uid, login)
    })
}

pub(super) async fn abort(State(shared): State<Arc<Shared>>, Path(uid): Path<String>) -> Response {
    at_page(&shared, &uid, |context, interaction| {
        context.state.oidc.interactions.remove(&uid);
        let refusal = OAuthError::bad("access_denied", "End-User aborted interaction");
        interaction.request.back().refuse(refusal)
    })
}

/// Does something at a login page that is open.
pub(super) fn at_page(
    shared: &Shared,
    uid: &str,
    act: impl FnOnce(Context<'_>, Interaction) -> Response,
) -> Response {
    // The pool is the one whose login page it is.
    let hint = Hint {
        interaction: Some(uid),
        ..Hint::default()
    };
    shared.with_context(&HeaderMap::new(), hint, |context| {
        let interaction = context.state.oidc.interactions.get(uid);
        let open = interaction.filter(|page| context.now.seconds() < page.expires);
        match open.cloned() {
            Some(interaction) => act(context, interaction),
            None => page::failure(StatusCode::BAD_REQUEST, EXPIRED),
        }
    })
}

pub(super) fn go_to(context: &mut Context<'_>, uid: &str, step: Step) {
    if let Some(interaction) = context.state.oidc.interactions.get_mut(uid) {
        interaction.step = step;
    }
}

/// Signs the browser in, and sends it back to the application. A new recovery code is shown before.
pub(super) fn finish(
    context: &mut Context<'_>,
    uid: &str,
    interaction: &Interaction,
    signed_in: &SignedIn,
    recovery_code: Option<&str>,
) -> Response {
    if let Err(refusal) = context.record_sign_in(signed_in, None) {
        return page::failure(StatusCode::BAD_REQUEST, &words(&refusal));
    }
    context.state.oidc.interactions.remove(uid);
    let cookie = browser::keep(context, signed_in);
    let now = context.now.seconds();
    let request = &interaction.request;
    let mut response = request.finish(context, signed_in, now, recovery_code);
    browser::set_cookie(&mut response, context.pool, &cookie);
    response
}

/// A refusal as the page says it: in English, whatever the language of the browser.
pub(super) fn words(refusal: &Refusal) -> Cow<'static, str> {
    let words = match refusal.code {
        code::NO_SUCH_USER | code::WRONG_PASSWORD => WRONG,
        code::USER_LOCKED => "This account is locked.",
        code::CAPTCHA_REQUIRED => "Too many wrong passwords. Type what the picture shows as well.",
        code::PASSWORD_TOO_SHORT => "A password has at least 6 characters.",
        code::LOGIN_INVALID => "This took too long. Sign in again.",
        code::WRONG_TOTP | code::WRONG_RECOVERY_CODE | code::WRONG_VERIFICATION_CODE => {
            "The code is wrong."
        }
        code::CODE_EXPIRED => "The code is too old. Send another one.",
        code::CODE_SENT_RECENTLY => "A code was sent a moment ago. Wait a minute for another one.",
        code::USER_EXISTS => "Somebody else has this address or number.",
        code::INVALID_RECIPIENT => "This is no phone number.",
        code::MALFORMED_EMAIL => "This is no e-mail address.",
        // In the same words as the API's refusals that have no code of their own.
        _ => return Cow::Owned(refusal.message(Language::English)),
    };
    Cow::Borrowed(words)
}
