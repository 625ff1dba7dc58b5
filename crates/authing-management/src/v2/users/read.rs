use authing_core::__private::{FIRST_PAGE, PAGE_LIMIT, require};
use authing_core::{Error, Page, Result, operation, paged};
use authing_types::v2::{USER_FIELDS, User};
use serde::Serialize;

use super::Users;
use crate::v2::{Call, SortBy, texts};

impl Users<'_> {
    /// Lists the users of the pool, page by page.
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
        })
    }

    /// Reads one user by id; `None` if the pool has no such user.
    pub fn detail(&self, user_id: impl Into<String>) -> Call<UserDetail> {
        self.call(UserDetail { id: user_id.into() })
    }

    /// Looks a user up by username, e-mail address or phone number; `None` if
    /// there is no such user. At least one of them must be set.
    ///
    /// ```no_run
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// if let Some(bob) = client.users().find().email("bob@example.com").await? {
    ///     println!("{}", bob.id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn find(&self) -> Call<FindUser> {
        self.call(FindUser(Identity::default()))
    }

    /// Tells whether there is a user with this username, e-mail address or
    /// phone number. At least one of them must be set.
    pub fn exists(&self) -> Call<UserExists> {
        self.call(UserExists(Identity::default()))
    }

    /// Searches users by a part of their username, nickname, e-mail address,
    /// phone number or name.
    pub fn search(&self, query: impl Into<String>) -> Call<SearchUsers> {
        self.call(SearchUsers {
            query: query.into(),
            fields: None,
            page: FIRST_PAGE,
            limit: PAGE_LIMIT,
        })
    }

    /// Reads several users by id. Those that do not exist are left out of the
    /// answer. More than 80 ids at once are refused before anything is sent, as
    /// the server would refuse them (code 2030).
    pub fn batch(&self, user_ids: impl IntoIterator<Item = impl Into<String>>) -> Call<BatchUsers> {
        self.call(BatchUsers {
            ids: texts(user_ids),
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
}

operation! {
    ListUsers => Page<User>,
    id: "management.users.list",
    repeat: Safe,
    graphql: [include_str!("documents/list.graphql"), USER_FIELDS] => "users",
}

paged!(Call<ListUsers>, item: User, key: |user| user.id.clone());

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
}

operation! {
    UserDetail => Option<User>,
    id: "management.users.detail",
    repeat: Safe,
    graphql: [include_str!("documents/detail.graphql"), USER_FIELDS] => "user",
    // Without an id the server would answer with the administrator.
    variables: |detail, _| require("the user id", &detail.id).map(|_| detail),
}

/// What a user can be looked up by.
#[derive(Debug, Clone, Default, Serialize)]
struct Identity {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
}

impl Identity {
    fn check(&self) -> Result<()> {
        match self {
            Self {
                email: None,
                phone: None,
                username: None,
            } => Err(Error::invalid_input(
                "say who is meant: a username, an e-mail address or a phone number",
            )),
            _ => Ok(()),
        }
    }
}

/// Gives the calls of an operation that holds an [`Identity`] its setters.
macro_rules! by_identity {
    ($operation:ty) => {
        impl Call<$operation> {
            /// The user's e-mail address.
            pub fn email(mut self, email: impl Into<String>) -> Self {
                self.0.operation.0.email = Some(email.into());
                self
            }

            /// The user's phone number.
            pub fn phone(mut self, phone: impl Into<String>) -> Self {
                self.0.operation.0.phone = Some(phone.into());
                self
            }

            /// The user's name to log in with.
            pub fn username(mut self, username: impl Into<String>) -> Self {
                self.0.operation.0.username = Some(username.into());
                self
            }
        }
    };
}

/// [`Users::find`].
#[derive(Debug, Clone, Serialize)]
pub struct FindUser(Identity);

operation! {
    FindUser => Option<User>,
    id: "management.users.find",
    repeat: Safe,
    graphql: [include_str!("documents/find.graphql"), USER_FIELDS] => "findUser",
    variables: |find, _| find.0.check().map(|()| find),
}

by_identity!(FindUser);

/// [`Users::exists`].
#[derive(Debug, Clone, Serialize)]
pub struct UserExists(Identity);

operation! {
    UserExists => bool,
    id: "management.users.exists",
    repeat: Safe,
    graphql: [include_str!("documents/exists.graphql")] => "isUserExists",
    variables: |exists, _| exists.0.check().map(|()| exists),
    read: |_, exists: Option<bool>| Ok(exists.unwrap_or(false)),
}

by_identity!(UserExists);

/// [`Users::search`].
#[derive(Debug, Clone, Serialize)]
pub struct SearchUsers {
    query: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<String>>,
    page: u32,
    limit: u32,
}

operation! {
    SearchUsers => Page<User>,
    id: "management.users.search",
    repeat: Safe,
    graphql: [include_str!("documents/search.graphql"), USER_FIELDS] => "searchUser",
}

paged!(Call<SearchUsers>, item: User, key: |user| user.id.clone());

impl Call<SearchUsers> {
    /// Searches these fields only, such as `email`.
    pub fn fields(mut self, fields: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0.operation.fields = Some(texts(fields));
        self
    }
}

/// From Authing's table of error codes, 2030.
const MOST_IN_A_BATCH: usize = 80;

/// [`Users::batch`].
#[derive(Debug, Clone, Serialize)]
pub struct BatchUsers {
    ids: Vec<String>,
}

operation! {
    BatchUsers => Vec<User>,
    id: "management.users.batch",
    repeat: Safe,
    graphql: [include_str!("documents/batch.graphql"), USER_FIELDS] => "userBatch",
    variables: |batch, _| match batch.ids.len() {
        0..=MOST_IN_A_BATCH => Ok(batch),
        count => Err(Error::invalid_input(format!(
            "{count} users are asked for, at most {MOST_IN_A_BATCH} can be read at once"
        ))),
    },
}
