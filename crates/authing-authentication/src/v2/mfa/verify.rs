use authing_core::__private::{Method, decode_rest, require};
use authing_core::{
    EncodeContext, Error, Operation, Payload, Protocol, Repeat, Reply, Result, Secret, Spec,
    operation,
};
use authing_types::v2::User;
use serde::{Deserialize, Serialize};

use crate::v2::{AuthenticationClient, Call, MfaChallenge, Session};

impl MfaChallenge {
    /// Finishes the login with a code of the user's authenticator app.
    ///
    /// Fails with [`ErrorCode::WRONG_TOTP`](crate::ErrorCode::WRONG_TOTP) if
    /// the code is wrong; the challenge can be tried again until its token
    /// expires.
    pub fn verify_totp_mfa(&self, totp: impl Into<Secret>) -> Call<VerifyTotpMfa> {
        self.call(VerifyTotpMfa {
            client: self.client.clone(),
            totp: totp.into(),
        })
    }

    /// Finishes the login with the user's recovery code, which is used up:
    /// show them the new one.
    ///
    /// Fails with
    /// [`ErrorCode::WRONG_RECOVERY_CODE`](crate::ErrorCode::WRONG_RECOVERY_CODE)
    /// if the code is wrong.
    pub fn verify_totp_recovery_code(
        &self,
        recovery_code: impl Into<Secret>,
    ) -> Call<VerifyTotpRecoveryCode> {
        self.call(VerifyTotpRecoveryCode {
            client: self.client.clone(),
            recovery_code: recovery_code.into(),
        })
    }

    /// Finishes the login with the code in a text message to the user's phone,
    /// or to a phone that is to be the user's: see
    /// [`phone_or_email_bindable`](Self::phone_or_email_bindable).
    ///
    /// Fails with
    /// [`ErrorCode::WRONG_VERIFICATION_CODE`](crate::ErrorCode::WRONG_VERIFICATION_CODE)
    /// if the code is wrong.
    pub fn verify_app_sms_mfa(
        &self,
        phone: impl Into<String>,
        code: impl Into<Secret>,
    ) -> Call<VerifyAppSmsMfa> {
        self.call(VerifyAppSmsMfa {
            client: self.client.clone(),
            phone: phone.into(),
            phone_country_code: None,
            code: code.into(),
        })
    }

    /// Finishes the login with the code in an e-mail to the user, or to an
    /// address that is to be the user's: see
    /// [`phone_or_email_bindable`](Self::phone_or_email_bindable).
    ///
    /// Fails with
    /// [`ErrorCode::WRONG_VERIFICATION_CODE`](crate::ErrorCode::WRONG_VERIFICATION_CODE)
    /// if the code is wrong.
    pub fn verify_app_email_mfa(
        &self,
        email: impl Into<String>,
        code: impl Into<Secret>,
    ) -> Call<VerifyAppEmailMfa> {
        self.call(VerifyAppEmailMfa {
            client: self.client.clone(),
            email: email.into(),
            code: code.into(),
        })
    }

    /// Asks whether a phone number or an e-mail address may become the user's
    /// second factor. Say which with
    /// [`phone`](Call::<PhoneOrEmailBindable>::phone) or
    /// [`email`](Call::<PhoneOrEmailBindable>::email): without, nothing is
    /// sent and the call fails.
    pub fn phone_or_email_bindable(&self) -> Call<PhoneOrEmailBindable> {
        self.call(PhoneOrEmailBindable {
            phone: None,
            email: None,
        })
    }
}

fn log_in(client: &AuthenticationClient, user: Option<User>) -> Result<Session> {
    user.and_then(|user| Session::of(client, &user))
        .ok_or_else(Session::no_token)
}

/// [`MfaChallenge::verify_totp_mfa`].
#[derive(Debug, Clone)]
pub struct VerifyTotpMfa {
    client: AuthenticationClient,
    totp: Secret,
}

operation! {
    VerifyTotpMfa => Session,
    id: "authentication.mfa.verify_totp_mfa",
    repeat: Never,
    rest: POST |verify, _| {
        #[derive(Serialize)]
        struct Body<'a> {
            totp: &'a str,
        }
        let totp = require("the code", verify.totp.expose())?;
        Payload::json("/api/v2/mfa/totp/verify", &Body { totp })
    },
    read: |verify, user: Option<User>| log_in(&verify.client, user),
}

/// [`MfaChallenge::verify_app_sms_mfa`].
#[derive(Debug, Clone)]
pub struct VerifyAppSmsMfa {
    client: AuthenticationClient,
    phone: String,
    phone_country_code: Option<String>,
    code: Secret,
}

operation! {
    VerifyAppSmsMfa => Session,
    id: "authentication.mfa.verify_app_sms_mfa",
    repeat: Never,
    rest: POST |verify, _| {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            phone: &'a str,
            code: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            phone_country_code: Option<&'a str>,
        }
        Payload::json("/api/v2/applications/mfa/sms/verify", &Body {
            phone: require("the phone number", &verify.phone)?,
            code: require("the code", verify.code.expose())?,
            phone_country_code: verify.phone_country_code.as_deref(),
        })
    },
    read: |verify, user: Option<User>| log_in(&verify.client, user),
}

impl Call<VerifyAppSmsMfa> {
    /// The country code of the phone number, such as `+86`, where the pool
    /// sends messages abroad.
    pub fn phone_country_code(mut self, code: impl Into<String>) -> Self {
        self.0.operation.phone_country_code = Some(code.into());
        self
    }
}

/// [`MfaChallenge::verify_app_email_mfa`].
#[derive(Debug, Clone)]
pub struct VerifyAppEmailMfa {
    client: AuthenticationClient,
    email: String,
    code: Secret,
}

operation! {
    VerifyAppEmailMfa => Session,
    id: "authentication.mfa.verify_app_email_mfa",
    repeat: Never,
    rest: POST |verify, _| {
        #[derive(Serialize)]
        struct Body<'a> {
            email: &'a str,
            code: &'a str,
        }
        Payload::json("/api/v2/applications/mfa/email/verify", &Body {
            email: require("the e-mail address", &verify.email)?,
            code: require("the code", verify.code.expose())?,
        })
    },
    read: |verify, user: Option<User>| log_in(&verify.client, user),
}

/// [`MfaChallenge::phone_or_email_bindable`].
#[derive(Debug, Clone, Serialize)]
pub struct PhoneOrEmailBindable {
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

operation! {
    PhoneOrEmailBindable => bool,
    id: "authentication.mfa.phone_or_email_bindable",
    repeat: Safe,
    rest: POST |check, _| {
        let given = [&check.phone, &check.email].into_iter().flatten();
        if given.filter(|text| !text.is_empty()).count() == 0 {
            return Err(Error::invalid_input("give a phone number or an e-mail address"));
        }
        Payload::json("/api/v2/applications/mfa/check", check)
    },
    read: |_, bindable: Option<bool>| Ok(bindable.unwrap_or(false)),
}

impl Call<PhoneOrEmailBindable> {
    /// The phone number to ask about.
    pub fn phone(mut self, phone: impl Into<String>) -> Self {
        self.0.operation.phone = Some(phone.into());
        self
    }

    /// The e-mail address to ask about.
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.0.operation.email = Some(email.into());
        self
    }
}

/// What comes of a recovery code.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Recovery {
    /// The user is logged in.
    pub session: Session,
    /// The recovery code that takes the place of the used one, if the server
    /// gave one.
    pub recovery_code: Option<Secret>,
}

/// [`MfaChallenge::verify_totp_recovery_code`].
#[derive(Debug, Clone)]
pub struct VerifyTotpRecoveryCode {
    client: AuthenticationClient,
    recovery_code: Secret,
}

// Not by `operation!`: the new code stands beside `data` and not in it.
impl Operation for VerifyTotpRecoveryCode {
    type Output = Recovery;

    fn spec() -> &'static Spec {
        const ID: &str = "authentication.mfa.verify_totp_recovery_code";
        const REST: Protocol = Protocol::Rest {
            method: Method::POST,
        };
        static SPEC: Spec = Spec::new(ID, Repeat::Never, REST);
        &SPEC
    }

    fn encode(&self, _context: &EncodeContext<'_>) -> Result<Payload> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            recovery_code: &'a str,
        }
        let recovery_code = require("the recovery code", self.recovery_code.expose())?;
        Payload::json("/api/v2/mfa/totp/recovery", &Body { recovery_code })
    }

    fn decode(&self, reply: &Reply<'_>) -> Result<Recovery> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Beside {
            recovery_code: Option<Secret>,
        }
        let user = decode_rest::<Option<User>>(reply)?;
        // The code must not cost the user the session that was bought with it.
        let beside = serde_json::from_str::<Beside>(reply.text()).ok();
        Ok(Recovery {
            session: log_in(&self.client, user)?,
            recovery_code: beside.and_then(|beside| beside.recovery_code),
        })
    }
}
