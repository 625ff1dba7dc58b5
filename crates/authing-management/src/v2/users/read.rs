use authing_core::__private::{FIRST_PAGE, PAGE_LIMIT, require};
use authing_core::{Error, Page, Result, operation, paged, string_enum};
use authing_types::v2::{USER_FIELDS, USER_FIELDS_WITH_CUSTOM_DATA, User};
use serde::Serialize;

use super::Users;
use crate::v2::{Call, SortBy, texts};

string_enum! {
    /// What users are named by in [`Users::batch`].
    pub enum UserIdType {
        /// The id; this is the default.
        Id = "id",
        /// The name to log in with.
        Username = "username",
        /// The phone number.
        Phone = "phone",
        /// The e-mail address.
        Email = "email",
        /// The id in another system.
        ExternalId = "externalId",
    }
}

impl Users<'_> {
    /// Lists the users of the pool, page by page.
    ///
    /// To delete or change the users that are listed, collect their ids first:
    /// see [`PageStream`](crate::PageStream).
    ///
    /// ```no_run
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// let page = client.users().list().page(2).limit(50).await?;
    /// println!("{} of {}", page.list.len(), page.total_count);
    ///
    /// let mut all = client.users().list().limit(50).stream();
    /// while let Some(user) = all.next().await {
    ///     println!("{}", user?.id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> Call<ListUsers> {
        self.call(ListUsers {
            page: FIRST_PAGE,
            limit: PAGE_LIMIT,
            sort_by: None,
            with_custom_data: false,
        })
    }

    /// Reads one user by id; `None` if the pool has no such user.
    pub fn detail(&self, user_id: impl Into<String>) -> Call<UserDetail> {
        self.call(UserDetail {
            id: user_id.into(),
            with_custom_data: false,
        })
    }

    /// Reads several users by id. Those that do not exist are left out of the
    /// answer. More than 80 ids at once are refused before anything is sent, as
    /// the server would refuse them (code 2030).
    pub fn batch(&self, user_ids: impl IntoIterator<Item = impl Into<String>>) -> Call<BatchUsers> {
        self.call(BatchUsers {
            ids: texts(user_ids),
            query_field: None,
            with_custom_data: false,
        })
    }

    /// Lists the users who were archived, page by page: they are kept for the
    /// record, and are not among those of [`list`](Self::list).
    pub fn list_archived_users(&self) -> Call<ListArchivedUsers> {
        self.call(ListArchivedUsers {
            page: FIRST_PAGE,
            limit: PAGE_LIMIT,
        })
    }
}

/// [`Users::list`].
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListUsers {
    page: u32,
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    sort_by: Option<SortBy>,
    #[serde(skip)]
    with_custom_data: bool,
}

operation! {
    ListUsers => Page<User>,
    id: "management.users.list",
    repeat: Safe,
    graphql: [include_str!("documents/list.graphql"), USER_FIELDS] => "users",
    newer: |list| list.with_custom_data
        => [include_str!("documents/list.graphql"), USER_FIELDS_WITH_CUSTOM_DATA],
}

paged!(Call<ListUsers>, item: User, key: |user| Some(user.id.clone()));
with_custom_data!(ListUsers);

impl Call<ListUsers> {
    /// The order of the list; the newest first by default.
    pub fn sort_by(mut self, order: SortBy) -> Self {
        self.0.operation.sort_by = Some(order);
        self
    }
}

/// [`Users::detail`].
#[derive(Debug, Clone, Serialize)]
pub struct UserDetail {
    id: String,
    #[serde(skip)]
    with_custom_data: bool,
}

operation! {
    UserDetail => Option<User>,
    id: "management.users.detail",
    repeat: Safe,
    graphql: [include_str!("documents/detail.graphql"), USER_FIELDS] => "user",
    newer: |detail| detail.with_custom_data
        => [include_str!("documents/detail.graphql"), USER_FIELDS_WITH_CUSTOM_DATA],
    // Without an id the server would answer with the administrator.
    variables: |detail, _| require("the user id", &detail.id).map(|_| detail),
}

with_custom_data!(UserDetail);

/// From Authing's table of error codes, 2030.
const MOST_IN_A_BATCH: usize = 80;

/// [`Users::batch`].
#[derive(Debug, Clone, Serialize)]
pub struct BatchUsers {
    ids: Vec<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    query_field: Option<UserIdType>,
    #[serde(skip)]
    with_custom_data: bool,
}

operation! {
    BatchUsers => Vec<User>,
    id: "management.users.batch",
    repeat: Safe,
    graphql: [include_str!("documents/batch.graphql"), USER_FIELDS] => "userBatch",
    newer: |batch| batch.with_custom_data
        => [include_str!("documents/batch_by.graphql"), USER_FIELDS_WITH_CUSTOM_DATA],
    newer: |batch| batch.query_field.is_some()
        => [include_str!("documents/batch_by.graphql"), USER_FIELDS],
    variables: |batch, _| batch.check(),
}

with_custom_data!(BatchUsers);

impl BatchUsers {
    fn check(&self) -> Result<&Self> {
        for id in &self.ids {
            require("one of the ids", id)?;
        }
        match self.ids.len() {
            0..=MOST_IN_A_BATCH => Ok(self),
            count => Err(Error::invalid_input(format!(
                "{count} users are asked for, at most {MOST_IN_A_BATCH} can be read at once"
            ))),
        }
    }
}

impl Call<BatchUsers> {
    /// What the users are named by, if not by their ids.
    pub fn query_field(mut self, field: UserIdType) -> Self {
        self.0.operation.query_field = Some(field);
        self
    }
}

/// [`Users::list_archived_users`].
#[derive(Debug, Clone, Serialize)]
pub struct ListArchivedUsers {
    page: u32,
    limit: u32,
}

operation! {
    ListArchivedUsers => Page<User>,
    id: "management.users.list_archived_users",
    repeat: Safe,
    graphql: [include_str!("documents/list_archived_users.graphql"), USER_FIELDS]
        => "archivedUsers",
}

paged!(Call<ListArchivedUsers>, item: User, key: |user| Some(user.id.clone()));
