//! The login page at work: the second factor.

use std::sync::Arc;

use axum::extract::{Path, RawForm, State};
use axum::response::Response;

use super::page::{self, Login, Sent};
use super::params::Params;
use super::sign_in::{at_page, finish, go_to, words};
use super::store::Step;
use crate::context::Context;
use crate::messages;
use crate::mfa::{Factor, Recipient};
use crate::outbox::MessageKind;
use crate::refusal::Refusal;
use crate::shared::Shared;
use crate::wording;

pub(super) fn first_page(context: &Context<'_>, uid: &str, waiting: &str) -> Response {
    show(context, uid, waiting, None, None)
}

/// The page as it is for a login that waits, or the first step again where it does so no more.
fn show(
    context: &Context<'_>,
    uid: &str,
    waiting: &str,
    sent: Option<Sent<'_>>,
    problem: Option<&str>,
) -> Response {
    match context.waiting_login(waiting) {
        Ok(login) => page::second_factor(uid, &context.offers(&login), sent, problem),
        Err(refusal) => start_again(uid, &refusal),
    }
}

fn start_again(uid: &str, refusal: &Refusal) -> Response {
    let problem = words(refusal);
    let login = Login {
        problem: Some(&problem),
        ..Login::default()
    };
    page::login(uid, login)
}

pub(super) async fn submit(
    State(shared): State<Arc<Shared>>,
    Path(uid): Path<String>,
    RawForm(form): RawForm,
) -> Response {
    let form = Params::parse(&form);
    at_page(&shared, &uid, |mut context, interaction| {
        let Step::SecondFactor { waiting: id } = &interaction.step else {
            return page::login(&uid, Login::default());
        };
        let waiting = match context.waiting_login(id) {
            Ok(waiting) => waiting,
            Err(refusal) => {
                go_to(&mut context, &uid, Step::Password);
                return start_again(&uid, &refusal);
            }
        };
        let kind = match form.get("factor") {
            Some("sms") => Some(MessageKind::Sms),
            Some("email") => Some(MessageKind::Email),
            _ => None,
        };
        let offers = context.offers(&waiting);
        let own = kind.and_then(|kind| offers.to(kind));
        let to = match own {
            Some(Recipient::Own(own)) => own,
            _ => form.get("to").unwrap_or_default(),
        };
        let sent = kind.filter(|_| own.is_some()).map(|kind| Sent { kind, to });
        if let Some(kind) = kind.filter(|_| form.get("send").is_some()) {
            let outcome = match own {
                Some(_) => messages::send_second_factor(&mut context, kind, to),
                None => Err(Refusal::new(&wording::USE_AUTHENTICATOR)),
            };
            return match outcome {
                Ok(()) => show(&context, &uid, id, sent, None),
                Err(refusal) => show(&context, &uid, id, None, Some(&words(&refusal))),
            };
        }
        let code = form.get("code").unwrap_or_default();
        let is_recovery = form.get("factor") == Some("recovery");
        let factor = match kind {
            Some(kind) => Factor::Message { kind, to, code },
            None if is_recovery => Factor::Recovery(code),
            None => Factor::Totp(code),
        };
        let user_id = waiting.user_id().to_owned();
        let outcome = context.prove_second_factor(waiting, factor);
        if !is_recovery {
            context.tell_of_second_factor(&user_id, kind, outcome.is_ok());
        }
        let verified = match outcome {
            Ok(verified) => verified,
            Err(refusal) => return show(&context, &uid, id, sent, Some(&words(&refusal))),
        };
        let signed_in = context.both_factors(verified);
        let fresh = context.recovery_code(&user_id).map(str::to_owned);
        let fresh = fresh.filter(|_| is_recovery);
        finish(
            &mut context,
            &uid,
            &interaction,
            &signed_in,
            fresh.as_deref(),
        )
    })
}
