//! What can be changed of the pool.

use authing_core::{Patch, Secret};
use authing_types::input;
use authing_types::v2::__private::{Unset, exposed};
use serde::Serialize;

input! {
    /// Changes to the pool. What is not set stays as it is; [`Patch::Null`]
    /// clears a setting.
    ///
    /// ```
    /// use authing_management::v2::userpool::{FrequencyCheckInput, UpdateUserpoolInput};
    ///
    /// let changes = UpdateUserpoolInput::new()
    ///     .register_disabled(true)
    ///     .token_expires_after(86_400)
    ///     .login_fail_check(FrequencyCheckInput::new().enabled(true).limit(5).time_interval(300));
    /// # let _ = changes;
    /// ```
    pub struct UpdateUserpoolInput: Patch {
        /// The name that people see.
        name: String,
        /// The address of the logo.
        logo: String,
        /// The first part of the host name under which the pool's pages are.
        domain: String,
        /// What the pool is for.
        description: String,
        /// The codes of the kinds of product that the pool is for.
        userpool_types: Vec<String>,
        /// Whether addresses of new users count as verified.
        email_verified_default: bool,
        /// Whether new users get a mail.
        send_welcome_email: bool,
        /// Whether nobody can register. Administrators can still create users.
        register_disabled: bool,
        /// Whether the pool's applications share a login.
        app_sso_enabled: bool,
        /// From which origins browsers may call, one a line.
        allowed_origins: String,
        /// How long user tokens are good, in seconds. Tokens that were issued
        /// before keep their time.
        token_expires_after: i32,
        /// How often one address may register.
        frequent_register_check: FrequencyCheckInput,
        /// After how many failed logins a captcha is asked for.
        login_fail_check: FrequencyCheckInput,
        /// When users must choose a new password.
        password_update_policy: PasswordUpdatePolicyInput,
        /// Which of the two checks of failed logins counts.
        login_fail_strategy: String,
        /// After how many wrong passwords an account is locked.
        login_password_fail_check: FrequencyCheckInput,
        /// What it takes to change a phone number.
        change_phone_strategy: ChangePhoneStrategyInput,
        /// What it takes to change an e-mail address.
        change_email_strategy: ChangeEmailStrategyInput,
        /// How logins by QR code work.
        qrcode_login_strategy: QrcodeLoginStrategyInput,
        /// How logins from an app through a WeChat mini program work.
        app2_wxapp_login_strategy: App2WxappLoginStrategyInput,
        /// Which whitelists are on.
        whitelist: WhitelistConfigInput,
        /// Who sends the pool's text messages.
        #[serde(rename = "customSMSProvider")]
        custom_sms_provider: CustomSmsProviderInput,
        /// Whether logins need a verified address.
        login_require_email_verified: bool,
        /// How many digits codes have.
        verify_code_length: i32,
        /// How often a code may be tried.
        verify_code_max_attempts: i32,
    }
}

input! {
    /// A limit on how often something may happen.
    pub struct FrequencyCheckInput: Patch {
        /// Within how many seconds it is counted.
        time_interval: i32,
        /// How often it may happen in that time.
        limit: i32,
        /// Whether the limit holds.
        enabled: bool,
    }
}

input! {
    /// When users must choose a new password.
    pub struct PasswordUpdatePolicyInput: Patch {
        /// Whether they must at all.
        enabled: bool,
        /// After which time they must. The unit is the server's.
        forced_cycle: i32,
        /// How many former passwords cannot be chosen again. The server alone
        /// says how this counts.
        difference_cycle: i32,
    }
}

input! {
    /// What it takes to change a phone number.
    pub struct ChangePhoneStrategyInput: Patch {
        /// Whether a code sent to the old number is needed.
        verify_old_phone: bool,
    }
}

input! {
    /// What it takes to change an e-mail address.
    pub struct ChangeEmailStrategyInput: Patch {
        /// Whether a code sent to the old address is needed.
        verify_old_email: bool,
    }
}

input! {
    /// How logins by QR code work.
    pub struct QrcodeLoginStrategyInput: Patch {
        /// How many seconds a QR code is good.
        qrcode_expires_after: i32,
        /// Whether the browser gets the whole user, and not only a ticket.
        return_full_user_info: bool,
        /// Whether browsers may trade the ticket for the user.
        allow_exchange_user_info_from_browser: bool,
        /// How many seconds the ticket is good.
        ticket_expires_after: i32,
    }
}

input! {
    /// How logins from an app through a WeChat mini program work.
    pub struct App2WxappLoginStrategyInput: Patch {
        /// How many seconds the ticket is good.
        #[serde(rename = "ticketExpriresAfter")]
        ticket_expires_after: i32,
        /// Whether the pool's secret is needed to trade the ticket for the user.
        ticket_exchange_user_info_need_secret: bool,
    }
}

input! {
    /// Which identifiers must be on a whitelist for their owner to register.
    pub struct WhitelistConfigInput: Patch {
        /// Whether phone numbers must be listed.
        phone_enabled: bool,
        /// Whether e-mail addresses must be listed.
        email_enabled: bool,
        /// Whether usernames must be listed.
        username_enabled: bool,
    }
}

input! {
    /// Who sends the pool's text messages.
    pub struct CustomSmsProviderInput: Patch {
        /// Whether this provider is used instead of Authing's.
        enabled: bool,
        /// The name of the provider.
        provider: String,
        /// The credentials with the provider, as JSON text.
        #[serde(serialize_with = "exposed")]
        config: Secret,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_apis_own() {
        let changes = UpdateUserpoolInput::new()
            .description(Patch::Null)
            .register_disabled(false)
            .app2_wxapp_login_strategy(App2WxappLoginStrategyInput::new().ticket_expires_after(0))
            .custom_sms_provider(CustomSmsProviderInput::new().config("{}"));
        assert_eq!(
            serde_json::to_string(&changes).unwrap(),
            r#"{"description":null,"registerDisabled":false,"app2WxappLoginStrategy":{"ticketExpriresAfter":0},"customSMSProvider":{"config":"{}"}}"#
        );
    }
}
