use authing_core::{Secret, Timestamp};
use serde::Deserialize;

use crate::v2::WhitelistConfig;

/// A user pool with its settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UserPool {
    /// The pool's id.
    pub id: String,
    /// The name that people see.
    pub name: Option<String>,
    /// The first part of the host name under which the pool's pages are.
    pub domain: Option<String>,
    /// What the pool is for.
    pub description: Option<String>,
    /// The secret that the administrator's client is made with.
    pub secret: Option<Secret>,
    /// The key that signs tokens of the pool.
    pub jwt_secret: Option<Secret>,
    /// The id of the Authing user who owns the pool. Needs `all_fields`, and
    /// updates never answer it.
    pub owner_id: Option<String>,
    /// What kinds of product the pool is for.
    pub userpool_types: Option<Vec<UserPoolType>>,
    /// The address of the logo.
    pub logo: Option<String>,
    /// When the pool was created.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
    /// Whether addresses of new users count as verified.
    pub email_verified_default: Option<bool>,
    /// Whether new users get a mail.
    pub send_welcome_email: Option<bool>,
    /// Whether nobody can register.
    pub register_disabled: Option<bool>,
    /// Whether the pool's applications share a login. Needs `all_fields`.
    pub app_sso_enabled: Option<bool>,
    /// Whether WeChat's QR code is shown although nobody can register.
    #[serde(rename = "showWxQRCodeWhenRegisterDisabled")]
    pub show_wx_qr_code_when_register_disabled: Option<bool>,
    /// From which origins browsers may call, one a line.
    pub allowed_origins: Option<String>,
    /// How long user tokens are good, in seconds.
    pub token_expires_after: Option<i64>,
    /// Whether the pool counts as deleted.
    pub is_deleted: Option<bool>,
    /// How often one address may register.
    pub frequent_register_check: Option<FrequencyCheck>,
    /// After how many failed logins a captcha is asked for.
    pub login_fail_check: Option<FrequencyCheck>,
    /// After how many wrong passwords an account is locked. Needs `all_fields`.
    pub login_password_fail_check: Option<FrequencyCheck>,
    /// Which of the two checks of failed logins counts. Needs `all_fields`.
    pub login_fail_strategy: Option<String>,
    /// What it takes to change a phone number.
    pub change_phone_strategy: Option<ChangePhoneStrategy>,
    /// What it takes to change an e-mail address.
    pub change_email_strategy: Option<ChangeEmailStrategy>,
    /// How logins by QR code work.
    pub qrcode_login_strategy: Option<QrcodeLoginStrategy>,
    /// How logins from an app through a WeChat mini program work.
    pub app2_wxapp_login_strategy: Option<App2WxappLoginStrategy>,
    /// Which whitelists are on.
    pub whitelist: Option<WhitelistConfig>,
    /// Who sends the pool's text messages.
    #[serde(rename = "customSMSProvider")]
    pub custom_sms_provider: Option<CustomSmsProvider>,
    /// The number of the plan that is paid for. Needs `all_fields`.
    pub package_type: Option<i64>,
    /// Whether users are kept in a database of one's own. Needs `all_fields`.
    pub use_custom_user_store: Option<bool>,
    /// Whether logins need a verified address. Needs `all_fields`.
    pub login_require_email_verified: Option<bool>,
    /// How many digits codes have. Needs `all_fields`.
    pub verify_code_length: Option<i64>,
    /// How often a code may be tried. Needs `all_fields`.
    pub verify_code_max_attempts: Option<i64>,
}

/// What kind of product a pool is for.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct UserPoolType {
    /// The code that names the kind.
    pub code: Option<String>,
    /// The name that people see.
    pub name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// The address of a picture.
    pub image: Option<String>,
    /// The SDKs that Authing recommends for it.
    pub sdks: Option<Vec<Option<String>>>,
}

/// A limit on how often something may happen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FrequencyCheck {
    /// Within how many seconds it is counted.
    pub time_interval: Option<i64>,
    /// How often it may happen in that time.
    pub limit: Option<i64>,
    /// Whether the limit holds.
    pub enabled: Option<bool>,
}

/// What it takes to change a phone number.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChangePhoneStrategy {
    /// Whether a code sent to the old number is needed.
    pub verify_old_phone: Option<bool>,
}

/// What it takes to change an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ChangeEmailStrategy {
    /// Whether a code sent to the old address is needed.
    pub verify_old_email: Option<bool>,
}

/// How logins by QR code work.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct QrcodeLoginStrategy {
    /// How many seconds a QR code is good.
    pub qrcode_expires_after: Option<i64>,
    /// Whether the browser gets the whole user, and not only a ticket.
    pub return_full_user_info: Option<bool>,
    /// Whether browsers may trade the ticket for the user.
    pub allow_exchange_user_info_from_browser: Option<bool>,
    /// How many seconds the ticket is good.
    pub ticket_expires_after: Option<i64>,
}

/// How logins from an app through a WeChat mini program work.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct App2WxappLoginStrategy {
    /// How many seconds the ticket is good.
    #[serde(rename = "ticketExpriresAfter")]
    pub ticket_expires_after: Option<i64>,
    /// Whether the pool's secret is needed to trade the ticket for the user.
    pub ticket_exchange_user_info_need_secret: Option<bool>,
}

/// Who sends the pool's text messages.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct CustomSmsProvider {
    /// Whether this provider is used instead of Authing's.
    pub enabled: Option<bool>,
    /// The name of the provider.
    pub provider: Option<String>,
    /// The credentials with the provider, as JSON text. Needs `all_fields`.
    pub config: Option<Secret>,
}
