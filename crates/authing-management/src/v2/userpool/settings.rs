use authing_core::operation;
use serde::Serialize;

use super::{Pool, UpdateUserpoolInput, UserPool};
use crate::v2::Call;

const POOL_FIELDS: &str = include_str!("documents/pool_fields.graphql");
const NEWER_POOL_FIELDS: &str = include_str!("documents/newer_pool_fields.graphql");

impl Pool<'_> {
    /// Reads the pool with its settings, and its secrets.
    ///
    /// ```no_run
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// let pool = client.userpool().detail().all_fields().await?;
    /// println!("tokens of {:?} live {:?} s", pool.name, pool.token_expires_after);
    /// # Ok(())
    /// # }
    /// ```
    pub fn detail(&self) -> Call<UserPoolDetail> {
        self.call(UserPoolDetail { all_fields: false })
    }

    /// Changes settings of the pool and returns the pool.
    ///
    /// ```no_run
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// use authing_management::v2::userpool::UpdateUserpoolInput;
    ///
    /// let changes = UpdateUserpoolInput::new().token_expires_after(86_400);
    /// client.userpool().update(changes).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(&self, changes: UpdateUserpoolInput) -> Call<UpdateUserPool> {
        self.call(UpdateUserPool {
            input: changes,
            all_fields: false,
        })
    }
}

/// [`Pool::detail`].
#[derive(Debug, Clone, Serialize)]
pub struct UserPoolDetail {
    #[serde(skip)]
    all_fields: bool,
}

operation! {
    UserPoolDetail => UserPool,
    id: "management.userpool.detail",
    repeat: Safe,
    graphql: [include_str!("documents/detail.graphql"), POOL_FIELDS] => "userpool",
    newer: |detail| detail.all_fields => [
        include_str!("documents/detail_all_fields.graphql"),
        POOL_FIELDS,
        NEWER_POOL_FIELDS,
    ],
}

impl Call<UserPoolDetail> {
    /// Asks also for the settings that old private deployments do not know,
    /// which would refuse the whole call.
    pub fn all_fields(mut self) -> Self {
        self.0.operation.all_fields = true;
        self
    }
}

/// [`Pool::update`].
#[derive(Debug, Clone, Serialize)]
pub struct UpdateUserPool {
    input: UpdateUserpoolInput,
    #[serde(skip)]
    all_fields: bool,
}

operation! {
    UpdateUserPool => UserPool,
    id: "management.userpool.update",
    repeat: Idempotent,
    graphql: [include_str!("documents/update.graphql"), POOL_FIELDS] => "updateUserpool",
    newer: |update| update.all_fields => [
        include_str!("documents/update_all_fields.graphql"),
        POOL_FIELDS,
        NEWER_POOL_FIELDS,
    ],
}

impl Call<UpdateUserPool> {
    /// Returns also the settings that old private deployments do not know,
    /// which would refuse the whole call.
    pub fn all_fields(mut self) -> Self {
        self.0.operation.all_fields = true;
        self
    }
}
