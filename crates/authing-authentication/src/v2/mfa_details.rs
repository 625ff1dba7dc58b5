use serde::Deserialize;
use serde_json::Value;

authing_core::string_enum! {
    /// A kind of second factor.
    pub enum MfaPolicy {
        /// A code of an authenticator app.
        Otp = "OTP",
        /// A code in a text message.
        Sms = "SMS",
        /// A code in an e-mail.
        Email = "EMAIL",
        /// The user's face.
        Face = "FACE",
    }
}

/// Who is logging in, and with which factors they can go on.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MfaDetails {
    /// The user's name.
    pub username: Option<String>,
    /// The user's nickname.
    pub nickname: Option<String>,
    /// The URL of the user's picture.
    pub avatar: Option<String>,
    /// The user's e-mail address.
    pub email: Option<String>,
    /// The user's phone number.
    pub phone: Option<String>,
    /// The country code of the phone number, such as `+86`.
    pub phone_country_code: Option<String>,
    /// The e-mail address that codes go to, if one is bound.
    pub mfa_email: Option<String>,
    /// The phone number that codes go to, if one is bound.
    pub mfa_phone: Option<String>,
    /// The country code of that phone number.
    pub mfa_phone_country_code: Option<String>,
    /// Whether the user has an authenticator app.
    pub totp_mfa_enabled: Option<bool>,
    /// Whether the user has registered their face.
    pub face_mfa_enabled: Option<bool>,
    /// The factors that the application allows; only where the application
    /// asks for one.
    pub application_mfa: Option<Vec<ApplicationMfa>>,
}

/// A factor that an application allows.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ApplicationMfa {
    /// Which kind.
    pub mfa_policy: Option<MfaPolicy>,
    /// 1 if it is on.
    pub status: Option<i64>,
    /// Its place in the application's order of preference, the first being the
    /// lowest.
    pub sort: Option<i64>,
}

impl MfaDetails {
    /// What does not fit is left out: the token that comes with it is of use
    /// without.
    pub(super) fn read(data: Value) -> Self {
        if let Ok(details) = serde_json::from_value(data.clone()) {
            return details;
        }
        let Value::Object(fields) = data else {
            return Self::default();
        };
        let fitting = fields.into_iter().filter(|(key, value)| {
            let alone = [(key.clone(), value.clone())].into_iter().collect();
            serde_json::from_value::<Self>(Value::Object(alone)).is_ok()
        });
        serde_json::from_value(Value::Object(fitting.collect())).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_does_not_fit_is_left_out() {
        let details = MfaDetails::read(json!({
            "email": 7, "phone": "138", "applicationMfa": "x", "totpMfaEnabled": true,
        }));
        assert_eq!(details.phone.as_deref(), Some("138"));
        assert_eq!(details.totp_mfa_enabled, Some(true));
        assert!(details.email.is_none() && details.application_mfa.is_none());
        assert!(MfaDetails::read(json!([])).phone.is_none());
    }

    #[test]
    fn unknown_factors_are_kept() {
        let details = MfaDetails::read(json!({
            "applicationMfa": [{"mfaPolicy": "OTP", "status": 1, "sort": 3}, {"mfaPolicy": "PASSKEY"}],
        }));
        let all = details.application_mfa.unwrap();
        assert_eq!(all[0].mfa_policy, Some(MfaPolicy::Otp));
        assert_eq!(all[1].mfa_policy, Some(MfaPolicy::Other("PASSKEY".into())));
    }
}
