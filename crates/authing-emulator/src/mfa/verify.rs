//! The second factor of a login.

use serde::Deserialize;
use serde_json::{Value, json};

use super::challenge::{Verified, Waiting};
use super::store::Demand;
use crate::context::Context;
use crate::outbox::MessageKind;
use crate::refusal::Refusal;
use crate::users::{Fields, change, check_email, check_phone};
use crate::wording;

/// What a user shows for a second factor.
pub(crate) enum Factor<'a> {
    /// The code of an authenticator app.
    Totp(&'a str),
    Recovery(&'a str),
    /// The code of a message to an address or a number.
    Message {
        kind: MessageKind,
        to: &'a str,
        code: &'a str,
    },
}

impl Context<'_> {
    /// Checks the second factor of a login. What was right is used up.
    pub(crate) fn prove_second_factor(
        &mut self,
        waiting: Waiting,
        factor: Factor<'_>,
    ) -> Result<Verified, Refusal> {
        let now = self.now;
        let app = self.state.mfa.confirmed_mut(waiting.user_id());
        match factor {
            Factor::Totp(code) => {
                if !app.is_some_and(|app| app.redeem(code, now)) {
                    return Err(Refusal::new(&wording::TOTP_WRONG));
                }
            }
            Factor::Recovery(code) => {
                let Some(app) = app.filter(|app| app.recovery_code == code) else {
                    return Err(Refusal::new(&wording::RECOVERY_CODE_WRONG));
                };
                app.renew_recovery_code(now);
            }
            Factor::Message { kind, to, code } => by_message(self, &waiting, kind, to, code)?,
        }
        Ok(waiting.verified())
    }

    fn verify_and_accept(&mut self, factor: Factor<'_>) -> Result<Fields, Refusal> {
        let waiting = self.waiting()?;
        let verified = self.prove_second_factor(waiting, factor)?;
        self.accept(verified)
    }

    /// The recovery code that takes the place of one that was used.
    pub(crate) fn recovery_code(&self, user_id: &str) -> Option<&str> {
        let app = self.state.mfa.confirmed(user_id)?;
        Some(&app.recovery_code)
    }
}

#[derive(Deserialize)]
pub(super) struct Totp {
    totp: String,
}

pub(super) fn totp(context: &mut Context<'_>, args: Totp) -> Result<Fields, Refusal> {
    context.verify_and_accept(Factor::Totp(&args.totp))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Recovery {
    recovery_code: String,
}

pub(super) fn recovery(context: &mut Context<'_>, args: Recovery) -> Result<Fields, Refusal> {
    let mut shown = context.verify_and_accept(Factor::Recovery(&args.recovery_code))?;
    let id = shown.get("id").and_then(Value::as_str).unwrap_or_default();
    let fresh = json!(context.recovery_code(id));
    shown.insert("recoveryCode".to_owned(), fresh);
    Ok(shown)
}

#[derive(Deserialize)]
pub(super) struct Sms {
    phone: String,
    code: String,
}

pub(super) fn sms(context: &mut Context<'_>, args: Sms) -> Result<Fields, Refusal> {
    context.verify_and_accept(Factor::Message {
        kind: MessageKind::Sms,
        to: &args.phone,
        code: &args.code,
    })
}

#[derive(Deserialize)]
pub(super) struct Email {
    email: String,
    code: String,
}

pub(super) fn email(context: &mut Context<'_>, args: Email) -> Result<Fields, Refusal> {
    context.verify_and_accept(Factor::Message {
        kind: MessageKind::Email,
        to: &args.email,
        code: &args.code,
    })
}

/// Where the code of a message may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recipient {
    Own(String),
    /// The user has none yet, and binds one with the code.
    New,
}

/// The second factors that a login can take.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Offers {
    pub(crate) app: bool,
    pub(crate) sms: Option<Recipient>,
    pub(crate) email: Option<Recipient>,
}

impl Offers {
    pub(crate) fn to(&self, kind: MessageKind) -> Option<&Recipient> {
        match kind {
            MessageKind::Sms => self.sms.as_ref(),
            MessageKind::Email => self.email.as_ref(),
        }
    }
}

impl Context<'_> {
    pub(crate) fn offers(&self, waiting: &Waiting) -> Offers {
        let to = |kind| recipient(self, waiting, kind).ok();
        Offers {
            app: self.state.mfa.confirmed(waiting.user_id()).is_some(),
            sms: to(MessageKind::Sms),
            email: to(MessageKind::Email),
        }
    }
}

fn fields_of(kind: MessageKind) -> (&'static str, &'static str) {
    match kind {
        MessageKind::Sms => ("phone", "phoneVerified"),
        MessageKind::Email => ("email", "emailVerified"),
    }
}

/// Only where the application asks for a second factor: a user who has switched on an authenticator app wants just that.
fn recipient(
    context: &Context<'_>,
    waiting: &Waiting,
    kind: MessageKind,
) -> Result<Recipient, Refusal> {
    let use_the_app = || Refusal::new(&wording::USE_AUTHENTICATOR);
    if waiting.login.demand == Demand::User {
        return Err(use_the_app());
    }
    let (field, _) = fields_of(kind);
    let user = context.state.users.require(waiting.user_id())?;
    let own = match kind {
        MessageKind::Sms => user.phone(),
        MessageKind::Email => user.text(field).map(str::to_owned),
    };
    match own.filter(|own| !own.is_empty()) {
        Some(own) => Ok(Recipient::Own(own)),
        None if context.state.mfa.confirmed(user.id()).is_some() => Err(use_the_app()),
        None => Ok(Recipient::New),
    }
}

fn by_message(
    context: &mut Context<'_>,
    waiting: &Waiting,
    kind: MessageKind,
    to: &str,
    code: &str,
) -> Result<(), Refusal> {
    let has_one = recipient(context, waiting, kind)? != Recipient::New;
    let id = waiting.user_id();
    let (field, verified) = fields_of(kind);
    if has_one && !context.state.users.require(id)?.has(field, to) {
        return Err(Refusal::new(&wording::NOT_USERS_ADDRESS));
    }
    if !has_one && !is_free(context, field, to, id) {
        return Err(Refusal::about(&wording::NAME_TAKEN, &[&field]));
    }
    if !has_one {
        match kind {
            MessageKind::Sms => check_phone(to),
            MessageKind::Email => check_email(to),
        }?;
    }
    let now = context.now;
    context.state.outbox.redeem(to, kind, &[], code, now)?;
    let mut changes = Fields::new();
    changes.insert(verified.to_owned(), json!(true));
    if !has_one {
        changes.insert(field.to_owned(), json!(to));
        if kind == MessageKind::Sms {
            // That of an earlier number would make another one of this.
            changes.insert("phoneCountryCode".to_owned(), Value::Null);
        }
    }
    // It may be a name now, by which the user is to be found.
    change(context, id, changes)?;
    Ok(())
}

#[derive(Deserialize)]
pub(super) struct Address {
    phone: Option<String>,
    email: Option<String>,
}

pub(super) fn bindable(context: &mut Context<'_>, args: Address) -> Result<bool, Refusal> {
    let waiting = context.waiting()?;
    let given = [("phone", args.phone), ("email", args.email)];
    let given: Vec<_> = given
        .into_iter()
        .filter_map(|(field, text)| Some((field, text.filter(|text| !text.is_empty())?)))
        .collect();
    if given.is_empty() {
        return Err(Refusal::new(&wording::RECIPIENT_MISSING));
    }
    let user_id = &waiting.login.user_id;
    Ok(given
        .iter()
        .all(|(field, text)| is_free(context, field, text, user_id)))
}

/// Nobody else has it.
fn is_free(context: &Context<'_>, field: &str, text: &str, user_id: &str) -> bool {
    let holder = context.state.users.find(field, text);
    holder.is_none_or(|user| user.id() == user_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::{Address, Caller};
    use crate::dates::Moment;
    use crate::passwords::PasswordKey;
    use crate::pool::Pool;
    use crate::refusal::code;
    use crate::state::State;
    use crate::users::{Origin, admit};

    const PHONE: &str = "13800000000";

    struct Server {
        pool: Pool,
        key: PasswordKey,
        state: State,
    }

    impl Server {
        /// The application asks for a second factor.
        fn start() -> Self {
            let mut state = State::default();
            state.mfa.required_by_application = true;
            Self {
                pool: Pool::default(),
                key: PasswordKey::load().unwrap(),
                state,
            }
        }

        fn context(&mut self) -> Context<'_> {
            Context {
                pool: &self.pool,
                issuer: "http://127.0.0.1/oidc".to_owned(),
                key: &self.key,
                state: &mut self.state,
                now: Moment::from_seconds(1000),
                caller: Caller::Nobody,
                bearer: None,
                address: Address::default(),
                language: crate::wording::Language::default(),
            }
        }

        fn admit(&mut self, fields: Value) -> String {
            let fields = fields.as_object().unwrap().clone();
            let mut context = self.context();
            admit(&mut context, fields, None, Origin::Username, None).unwrap()
        }

        fn send(&mut self, to: &str, kind: MessageKind) -> String {
            let now = Moment::from_seconds(1000);
            self.state.outbox.send(to, kind, "MFA_VERIFY", now)
        }

        fn verify(
            &mut self,
            id: &str,
            kind: MessageKind,
            to: &str,
            code: &str,
        ) -> Result<Value, i64> {
            let mut context = self.context();
            let challenge = context.ask_for_second_factor(id, None).unwrap().unwrap();
            let refusal = context.challenge_refusal(&challenge);
            context.bearer = refusal.data.unwrap()["mfaToken"]
                .as_str()
                .map(str::to_owned);
            let shown = context.verify_and_accept(Factor::Message { kind, to, code });
            shown.map(Value::Object).map_err(|refusal| refusal.code)
        }
    }

    #[test]
    fn a_message_to_the_user_opens_a_session() {
        let mut server = Server::start();
        let id = server.admit(json!({"username": "ann", "phone": PHONE}));
        let code = server.send(PHONE, MessageKind::Sms);
        let wrong = server.verify(&id, MessageKind::Sms, PHONE, "12");
        assert_eq!(wrong, Err(code::WRONG_VERIFICATION_CODE));
        let user = server.verify(&id, MessageKind::Sms, PHONE, &code).unwrap();
        assert!(user["token"].is_string());
        assert_eq!(user["phoneVerified"], true);
        let again = server.verify(&id, MessageKind::Sms, PHONE, &code);
        assert_eq!(again, Err(code::WRONG_VERIFICATION_CODE));
    }

    #[test]
    fn a_message_to_somebody_else_opens_nothing() {
        let mut server = Server::start();
        let ann = server.admit(json!({"username": "ann", "phone": PHONE}));
        let bob = server.admit(json!({"username": "bob"}));
        let code = server.send("13900000000", MessageKind::Sms);
        let refused = server.verify(&ann, MessageKind::Sms, "13900000000", &code);
        assert_eq!(refused, Err(code::NOT_PERMITTED));
        let code = server.send(PHONE, MessageKind::Sms);
        let refused = server.verify(&bob, MessageKind::Sms, PHONE, &code);
        assert_eq!(refused, Err(code::USER_EXISTS));
    }

    #[test]
    fn a_first_message_binds_the_address() {
        let mut server = Server::start();
        let id = server.admit(json!({"username": "ann"}));
        let code = server.send("Ann@Example.com", MessageKind::Email);
        let user = server
            .verify(&id, MessageKind::Email, "Ann@Example.com", &code)
            .unwrap();
        assert_eq!(user["email"], "ann@example.com");
        assert_eq!(user["emailVerified"], true);
        let found = server.state.users.find("email", "ann@example.com").unwrap();
        assert_eq!(found.id(), id);
        assert_eq!(found.text("updatedAt"), Some("1970-01-01T00:16:40.000Z"));
        let bob = server.admit(json!({"username": "bob"}));
        let code = server.send("ann@example.com", MessageKind::Email);
        let taken = server.verify(&bob, MessageKind::Email, "ann@example.com", &code);
        assert_eq!(taken, Err(code::USER_EXISTS));
    }

    #[test]
    fn a_number_is_bound_in_its_one_spelling() {
        let mut server = Server::start();
        let id = server.admit(json!({"username": "ann", "phoneCountryCode": "+1"}));
        let code = server.send(PHONE, MessageKind::Sms);
        let user = server.verify(&id, MessageKind::Sms, "+86 138 0000 0000", &code);
        assert_eq!(user.unwrap()["phone"], PHONE);
        let found = server.state.users.find("phone", PHONE).unwrap();
        assert_eq!(
            (found.id(), found.phone().as_deref()),
            (id.as_str(), Some(PHONE))
        );
    }
}
