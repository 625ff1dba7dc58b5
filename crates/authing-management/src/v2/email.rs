use authing_core::__private::require;
use authing_core::operation;
use authing_types::v2::{CommonMessage, EmailScene};
use serde::Serialize;

use super::{Call, ManagementClient};

impl ManagementClient {
    /// Sends a mail that Authing makes for the purpose that `scene` names, such
    /// as one to set a new password. The server refuses a second one within a
    /// minute (code 2080).
    ///
    /// ```no_run
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// use authing_management::v2::EmailScene;
    ///
    /// client.send_email("bob@example.com", EmailScene::ResetPassword).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn send_email(&self, email: impl Into<String>, scene: EmailScene) -> Call<SendEmail> {
        self.call(SendEmail {
            email: email.into(),
            scene,
        })
    }
}

/// [`ManagementClient::send_email`].
#[derive(Debug, Clone, Serialize)]
pub struct SendEmail {
    email: String,
    scene: EmailScene,
}

operation! {
    SendEmail => CommonMessage,
    id: "management.send_email",
    repeat: Never,
    graphql: [include_str!("send_email.graphql")] => "sendEmail",
    variables: |send, _| require("the e-mail address", &send.email).map(|_| send),
    read: |_, answer: Option<CommonMessage>| CommonMessage::check(answer),
}
