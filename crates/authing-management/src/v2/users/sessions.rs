use authing_core::__private::{encode_path, if_readable, require};
use authing_core::{Payload, operation};
use authing_types::v2::{CommonMessage, User};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::Users;
use crate::v2::required::require_each;
use crate::v2::{Call, texts};

impl Users<'_> {
    /// Ends all sessions of these users, so that they must log in again.
    ///
    /// ```no_run
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// client.users().kick(["user id"]).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn kick(&self, user_ids: impl IntoIterator<Item = impl Into<String>>) -> Call<Kick> {
        self.call(Kick {
            user_ids: texts(user_ids),
        })
    }

    /// Logs a user out. A user who does not exist is no error.
    pub fn logout(&self, user_id: impl Into<String>) -> Call<Logout> {
        self.call(Logout {
            user_id: user_id.into(),
            app_id: None,
        })
    }

    /// Tells whether a user is logged in.
    pub fn check_login_status(&self, user_id: impl Into<String>) -> Call<CheckLoginStatus> {
        self.call(CheckLoginStatus {
            user_id: user_id.into(),
            app_id: None,
            device_id: None,
        })
    }

    /// Sends a user the e-mail with which to verify the address at the first
    /// login to an application.
    pub fn send_first_login_verify_email(
        &self,
        user_id: impl Into<String>,
        app_id: impl Into<String>,
    ) -> Call<SendFirstLoginVerifyEmail> {
        self.call(SendFirstLoginVerifyEmail {
            user_id: user_id.into(),
            app_id: app_id.into(),
        })
    }
}

/// [`Users::kick`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Kick {
    user_ids: Vec<String>,
}

operation! {
    Kick => (),
    id: "management.users.kick",
    repeat: Idempotent,
    rest: POST |kick, _| {
        require_each("the user id", &kick.user_ids)?;
        Payload::json("/api/v2/users/kick", kick)
    },
    read: |_, _answer: IgnoredAny| Ok(()),
}

/// [`Users::logout`].
#[derive(Debug, Clone)]
pub struct Logout {
    user_id: String,
    app_id: Option<String>,
}

operation! {
    Logout => (),
    id: "management.users.logout",
    repeat: Idempotent,
    rest: GET |logout, _| {
        // Without an id the server would log the administrator out.
        let user = require("the user id", &logout.user_id)?;
        Ok(Payload::new(format!("/logout?userId={}", encode_path(user)), None)
            .query("appId", logout.app_id.as_deref()))
    },
    read: |_, _answer: IgnoredAny| Ok(()),
}

impl Call<Logout> {
    /// Logs the user out of this application only.
    pub fn app_id(mut self, app: impl Into<String>) -> Self {
        self.0.operation.app_id = Some(app.into());
        self
    }
}

/// Whether a user is logged in.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UserLoginStatus {
    /// Whether the user is logged in; see
    /// [`is_logged_in`](Self::is_logged_in).
    pub is_login: Option<bool>,
    /// The user, if the server tells.
    #[serde(default, deserialize_with = "if_readable")]
    pub user: Option<User>,
    /// The applications that the user is logged in to, if the server tells.
    #[serde(default, deserialize_with = "if_readable")]
    pub application: Option<Vec<LoggedInApplication>>,
}

impl UserLoginStatus {
    /// Whether the user is logged in; no word of it is a no.
    #[must_use]
    pub fn is_logged_in(&self) -> bool {
        self.is_login == Some(true)
    }
}

/// An application that a user is logged in to.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct LoggedInApplication {
    /// The id.
    pub id: Option<String>,
    /// The name that people see.
    pub name: Option<String>,
}

/// [`Users::check_login_status`].
#[derive(Debug, Clone)]
pub struct CheckLoginStatus {
    user_id: String,
    app_id: Option<String>,
    device_id: Option<String>,
}

operation! {
    CheckLoginStatus => UserLoginStatus,
    id: "management.users.check_login_status",
    repeat: Safe,
    rest: GET |check, _| {
        let user = require("the user id", &check.user_id)?;
        let path = format!("/api/v2/users/login-status?userId={}", encode_path(user));
        Ok(Payload::new(path, None)
            .query("appId", check.app_id.as_deref())
            .query("deviceId", check.device_id.as_deref()))
    },
    read: |_, status: Option<UserLoginStatus>| Ok(status.unwrap_or_default()),
}

impl Call<CheckLoginStatus> {
    /// Asks for this application only.
    pub fn app_id(mut self, app: impl Into<String>) -> Self {
        self.0.operation.app_id = Some(app.into());
        self
    }

    /// Asks for this device only.
    pub fn device_id(mut self, device: impl Into<String>) -> Self {
        self.0.operation.device_id = Some(device.into());
        self
    }
}

/// [`Users::send_first_login_verify_email`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SendFirstLoginVerifyEmail {
    user_id: String,
    app_id: String,
}

operation! {
    SendFirstLoginVerifyEmail => CommonMessage,
    id: "management.users.send_first_login_verify_email",
    repeat: Never,
    graphql: [include_str!("documents/send_first_login_verify_email.graphql")]
        => "sendFirstLoginVerifyEmail",
    variables: |send, _| require("the user id", &send.user_id)
        .and_then(|_| require("the application id", &send.app_id))
        .map(|_| send),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}
