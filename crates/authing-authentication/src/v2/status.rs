use authing_core::{Secret, operation};
use authing_types::v2::LoginStatus;
use serde::Serialize;

/// [`Session::check_login_status`](super::Session::check_login_status).
#[derive(Debug, Clone)]
pub struct CheckLoginStatus {
    token: Secret,
}

impl CheckLoginStatus {
    pub(super) fn new(token: Secret) -> Self {
        Self { token }
    }
}

#[derive(Serialize)]
struct Variables<'a> {
    token: &'a str,
}

operation! {
    CheckLoginStatus => LoginStatus,
    id: "authentication.check_login_status",
    repeat: Safe,
    graphql: [include_str!("documents/check_login_status.graphql")] => "checkLoginStatus",
    variables: |check, _| Ok(Variables { token: check.token.expose() }),
    read: |_, status: Option<LoginStatus>| Ok(status.unwrap_or_default()),
}
