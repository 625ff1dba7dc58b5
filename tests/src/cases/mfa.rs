use authing::v2::mfa::TotpSource;
use serde_json::json;

use super::{Case, data, done, user};
use crate::clients::MFA_TOKEN;

pub(super) fn cases() -> Vec<Case> {
    let logged_in = || json!({"code": 200, "message": "二次验证成功", "data": user()});
    vec![
        case!(
            "authentication.reset_password_by_first_login_token",
            data("resetPasswordByFirstLoginToken", done()),
            shows: "done",
            |c| c.client.reset_password_by_first_login_token("first-token", "correct horse")
        ),
        case!(
            "authentication.reset_password_by_force_reset_token",
            data("resetPasswordByForceResetToken", done()),
            shows: "done",
            |c| {
                c.client
                    .reset_password_by_force_reset_token("force-token", "correct horse", "battery staple")
            }
        ),
        case!(
            "authentication.mfa.get_mfa_authenticators",
            json!({"code": 200, "message": "ok", "data": [{
                "id": "a1", "createdAt": "2026-11-22T10:00:00.000Z", "updatedAt": null,
                "userId": "u1", "enable": true, "secret": "JBSWY3DP", "authenticatorType": "totp",
                "recoveryCode": "8477-a1a6", "somethingNew": [1],
            }]}),
            shows: "enable: Some(true)",
            |c| c.session.mfa().get_mfa_authenticators()
        ),
        case!(
            "authentication.mfa.associate_mfa_authenticator",
            json!({"code": 200, "message": "ok", "data": {
                "authenticator_type": "totp", "secret": "JBSWY3DP",
                "qrcode_uri": "otpauth://totp/a:b?secret=JBSWY3DP",
                "qrcode_data_url": "data:image/png;base64,AA==", "recovery_code": "8477-a1a6",
            }}),
            shows: "totp",
            |c| {
                c.client
                    .mfa_challenge(MFA_TOKEN)
                    .mfa()
                    .associate_mfa_authenticator()
                    .source(TotpSource::Application)
            }
        ),
        case!(
            "authentication.mfa.confirm_associate_mfa_authenticator",
            json!({"code": 200, "message": "ok"}),
            shows: "()",
            |c| {
                c.client
                    .mfa_challenge(MFA_TOKEN)
                    .mfa()
                    .confirm_associate_mfa_authenticator("123456")
                    .source(TotpSource::Application)
            }
        ),
        case!(
            "authentication.mfa.delete_mfa_authenticator",
            json!({"code": 200, "message": "ok"}),
            shows: "()",
            |c| c.session.mfa().delete_mfa_authenticator()
        ),
        case!("authentication.mfa.verify_totp_mfa", logged_in(), shows: "u1", |c| {
            c.client.mfa_challenge(MFA_TOKEN).verify_totp_mfa("123456")
        }),
        case!(
            "authentication.mfa.verify_totp_recovery_code",
            {
                let mut answer = logged_in();
                answer["recoveryCode"] = json!("9225-be3f");
                answer
            },
            shows: "recovery_code: Some",
            |c| c.client.mfa_challenge(MFA_TOKEN).verify_totp_recovery_code("8477-a1a6")
        ),
        case!("authentication.mfa.verify_app_sms_mfa", logged_in(), shows: "u1", |c| {
            c.client
                .mfa_challenge(MFA_TOKEN)
                .verify_app_sms_mfa("13800000000", "1234")
                .phone_country_code("+86")
        }),
        case!("authentication.mfa.verify_app_email_mfa", logged_in(), shows: "u1", |c| {
            c.client
                .mfa_challenge(MFA_TOKEN)
                .verify_app_email_mfa("bob@example.com", "1234")
        }),
        case!(
            "authentication.mfa.phone_or_email_bindable",
            json!({"code": 200, "message": "ok", "data": true}),
            shows: "true",
            |c| {
                c.client
                    .mfa_challenge(MFA_TOKEN)
                    .phone_or_email_bindable()
                    .email("bob@example.com")
            }
        ),
    ]
}
