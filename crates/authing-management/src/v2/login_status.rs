use authing_core::__private::require;
use authing_core::{Credential, Request, Secret, operation};
use authing_types::v2::LoginStatus;
use serde::Serialize;

use super::{Call, ManagementClient};

impl ManagementClient {
    /// Asks the server whether a user's token is still good, and whose it is.
    /// A token that is not is no error: the answer says so.
    ///
    /// ```no_run
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// let status = client.check_login_status("a user's token").await?;
    /// if status.is_logged_in() {
    ///     println!("{:?}", status.data.and_then(|user| user.id));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn check_login_status(&self, token: impl Into<Secret>) -> Call<CheckLoginStatus> {
        let operation = CheckLoginStatus {
            token: token.into(),
        };
        // The server looks at the bearer's token too, and the administrator's is not meant.
        Call(Request::new(self.pipeline(), Credential::None, operation))
    }
}

/// [`ManagementClient::check_login_status`].
#[derive(Debug, Clone)]
pub struct CheckLoginStatus {
    token: Secret,
}

#[derive(Serialize)]
struct Variables<'a> {
    token: &'a str,
}

operation! {
    CheckLoginStatus => LoginStatus,
    id: "management.check_login_status",
    repeat: Safe,
    graphql: [include_str!("check_login_status.graphql")] => "checkLoginStatus",
    variables: |check, _| {
        require("the token", check.token.expose()).map(|token| Variables { token })
    },
    read: |_, status: Option<LoginStatus>| Ok(status.unwrap_or_default()),
}
