use authing::Patch;
use authing::v2::{RegisterProfile, UpdateProfileInput};
use serde_json::json;

use super::{Case, data, user};

pub(super) fn cases() -> Vec<Case> {
    let status = json!({
        "code": 200, "message": "已登录", "status": true, "exp": 1_209_600, "iat": 0,
        "data": {"id": "u1", "userPoolId": "pool-1", "arn": null},
    });
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
        case!("authentication.get_current_user", data("user", user()), shows: "bob", |c| {
            c.session.get_current_user()
        }),
        case!("authentication.update_profile", data("updateUser", user()), shows: "bob", |c| {
            let updates = UpdateProfileInput::new().nickname("Bobby").website(Patch::Null).city("");
            c.session.update_profile(updates)
        }),
        case!(
            "authentication.check_login_status",
            data("checkLoginStatus", status),
            shows: "status: Some(true)",
            |c| c.session.check_login_status()
        ),
        case!(
            "authentication.logout",
            json!({"code": 200, "message": "ok", "data": null}),
            shows: "()",
            |c| c.session.logout()
        ),
    ]
}
