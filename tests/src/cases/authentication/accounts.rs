use authing::v2::RegisterProfile;
use serde_json::json;

use super::{Case, data, user};

pub(super) fn cases() -> Vec<Case> {
    [registrations(), logins()].concat()
}

fn registrations() -> Vec<Case> {
    vec![
        case!(
            "authentication.register_by_username",
            data("registerByUsername", user()),
            shows: "session: Some",
            |c| {
                let profile = RegisterProfile::new().nickname("Bob").company("Start & Co");
                c.client
                    .register_by_username("bob", "correct horse")
                    .profile(profile)
                    .force_login(true)
                    .generate_token(false)
                    .client_ip("192.0.2.1")
            }
        ),
        case!(
            "authentication.register_by_email",
            data("registerByEmail", user()),
            shows: "session: Some",
            |c| c.client.register_by_email("Bob@example.com", "correct horse")
        ),
        case!(
            "authentication.register_by_email" + "all",
            data("registerByEmail", user()),
            shows: "session: Some",
            |c| {
                c.client
                    .register_by_email("bob@例子.com", "correct horse")
                    .profile(RegisterProfile::new().nickname("老王"))
                    .force_login(false)
                    .generate_token(true)
                    .client_ip("192.0.2.1")
                    .custom_data("age", 34)
                    .custom_data("vip", false)
                    .custom_data("school", "南京")
                    .context(json!({"campaign": "autumn", "step": 1}))
            }
        ),
        case!(
            "authentication.register_by_phone_code",
            data("registerByPhoneCode", user()),
            shows: "session: Some",
            |c| c.client.register_by_phone_code("13800000000", "1234")
        ),
        case!(
            "authentication.register_by_phone_code" + "all",
            data("registerByPhoneCode", user()),
            shows: "session: Some",
            |c| {
                c.client
                    .register_by_phone_code("2025550123", "1234")
                    .phone_country_code("+1")
                    .password("correct horse")
                    .profile(RegisterProfile::new().nickname("Bob"))
                    .force_login(true)
                    .generate_token(true)
                    .client_ip("192.0.2.1")
                    .custom_data("age", 34)
                    .context(json!({"campaign": "autumn"}))
            }
        ),
    ]
}

fn logins() -> Vec<Case> {
    vec![
        case!(
            "authentication.login_by_username",
            data("loginByUsername", user()),
            shows: "u1",
            |c| {
                c.client
                    .login_by_username("bob", "correct horse")
                    .auto_register(false)
                    .captcha_code("ab12")
                    .client_ip("192.0.2.1")
            }
        ),
        case!("authentication.login_by_email", data("loginByEmail", user()), shows: "u1", |c| {
            c.client.login_by_email("bob@example.com", "correct horse")
        }),
        case!(
            "authentication.login_by_email" + "all",
            data("loginByEmail", user()),
            shows: "u1",
            |c| {
                c.client
                    .login_by_email("bob@example.com", "correct horse")
                    .auto_register(true)
                    .captcha_code("ab12")
                    .client_ip("192.0.2.1")
                    .custom_data("age", 34)
                    .context(json!({"campaign": "autumn"}))
            }
        ),
        case!(
            "authentication.login_by_phone_password",
            data("loginByPhonePassword", user()),
            shows: "u1",
            |c| {
                c.client
                    .login_by_phone_password("13800000000", "correct horse")
                    .auto_register(false)
                    .captcha_code("ab12")
                    .client_ip("192.0.2.1")
                    .custom_data("age", 34)
                    .context(json!({"campaign": "autumn"}))
            }
        ),
        case!(
            "authentication.login_by_phone_code",
            data("loginByPhoneCode", user()),
            shows: "u1",
            |c| c.client.login_by_phone_code("13800000000", "1234")
        ),
        case!(
            "authentication.login_by_phone_code" + "all",
            data("loginByPhoneCode", user()),
            shows: "u1",
            |c| {
                c.client
                    .login_by_phone_code("2025550123", "1234")
                    .phone_country_code("+1")
                    .auto_register(true)
                    .client_ip("192.0.2.1")
                    .custom_data("age", 34)
                    .context(json!({"campaign": "autumn"}))
            }
        ),
        case!(
            "authentication.login_by_email_code",
            json!({"code": 200, "message": "ok", "data": user()}),
            shows: "u1",
            |c| {
                c.client
                    .login_by_email_code("bob@example.com", "1234")
                    .client_ip("192.0.2.1")
                    .custom_data("age", 34)
                    .context(json!({"campaign": "autumn"}))
            }
        ),
        case!(
            "authentication.is_user_exists",
            data("isUserExists", json!(true)),
            shows: "true",
            |c| {
                c.client
                    .is_user_exists()
                    .email("bob@example.com")
                    .phone("13800000000")
                    .username("bob")
            }
        ),
    ]
}
