use authing::v2::{EmailScene, SmsScene};
use serde_json::json;

use super::{Case, data, done};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case!(
            "authentication.send_sms_code",
            json!({"code": 200, "message": "发送成功"}),
            shows: "()",
            |c| c.client.send_sms_code("13800000000")
        ),
        case!(
            "authentication.send_sms_code" + "all",
            json!({"code": 200, "message": "发送成功"}),
            shows: "()",
            |c| {
                c.client
                    .send_sms_code("2025550123")
                    .phone_country_code("+1")
                    .scene(SmsScene::Login)
            }
        ),
        case!("authentication.send_email", data("sendEmail", done()), shows: "done", |c| {
            c.client.send_email("bob@example.com", EmailScene::ResetPassword)
        }),
        case!(
            "authentication.reset_password_by_phone_code",
            data("resetPassword", done()),
            shows: "done",
            |c| c.client.reset_password_by_phone_code("13800000000", "1234", "correct horse")
        ),
        case!(
            "authentication.reset_password_by_phone_code" + "country",
            data("resetPassword", done()),
            shows: "done",
            |c| {
                c.client
                    .reset_password_by_phone_code("2025550123", "1234", "correct horse")
                    .phone_country_code("+1")
            }
        ),
        case!(
            "authentication.reset_password_by_email_code",
            data("resetPassword", done()),
            shows: "done",
            |c| c.client.reset_password_by_email_code("bob@example.com", "1234", "correct horse")
        ),
        case!(
            "authentication.check_password_strength",
            data("checkPasswordStrength", json!({"valid": true, "message": "ok"})),
            shows: "valid: true",
            |c| c.client.check_password_strength("correct horse")
        ),
    ]
}
