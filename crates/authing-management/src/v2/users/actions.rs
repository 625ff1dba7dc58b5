use authing_core::__private::{FIRST_PAGE, PAGE_LIMIT};
use authing_core::{Page, Payload, Timestamp, operation, paged};
use serde::Deserialize;
use serde_json::Value;

use super::Users;
use crate::v2::{Call, texts};

impl Users<'_> {
    /// Lists what users did, such as logging in, page by page.
    ///
    /// ```no_run
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// let mut logins = client.users().list_user_actions().operation_names(["login"]).stream();
    /// while let Some(action) = logins.next().await {
    ///     let action = action?;
    ///     println!("{:?} from {:?}", action.user_id, action.client_ip);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_user_actions(&self) -> Call<ListUserActions> {
        self.call(ListUserActions {
            page: FIRST_PAGE,
            limit: PAGE_LIMIT,
            client_ip: None,
            operation_names: Vec::new(),
            operator_arns: Vec::new(),
            app_ids: Vec::new(),
            exclude_non_app_records: false,
        })
    }
}

/// Something that a user did.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Value")]
#[non_exhaustive]
pub struct UserAction {
    /// The user's pool.
    pub user_pool_id: Option<String>,
    /// The user's id.
    pub user_id: Option<String>,
    /// The name by which people know the user.
    pub username: Option<String>,
    /// The city that the request came from.
    pub city_name: Option<String>,
    /// The region that the request came from.
    pub region_name: Option<String>,
    /// The address that the request came from.
    pub client_ip: Option<String>,
    /// What was done, such as `login`.
    pub operation_name: Option<String>,
    /// The same in words.
    pub operation_desc: Option<String>,
    /// When it was done.
    pub timestamp: Option<Timestamp>,
    /// In which application.
    pub app_id: Option<String>,
    /// The application's name.
    pub app_name: Option<String>,
}

/// Deployments differ in the names: each field is looked for at several places.
impl From<Value> for UserAction {
    fn from(action: Value) -> Self {
        let first = |places: &[&str]| {
            let texts = places.iter().filter_map(|place| action.pointer(place));
            texts.filter_map(text).next()
        };
        Self {
            user_pool_id: first(&["/userpool_id", "/userPoolId"]),
            user_id: first(&["/user/id", "/userId"]),
            username: first(&["/user/displayName", "/user/username", "/userName"]),
            city_name: first(&["/geoip/city_name"]),
            region_name: first(&["/geoip/region_name"]),
            client_ip: first(&["/geoip/ip", "/clientIp"]),
            operation_name: first(&["/operation_name", "/eventType"]),
            operation_desc: first(&["/operation_desc", "/eventDetails"]),
            timestamp: first(&["/timestamp", "/@timestamp"]).map(Timestamp::from),
            app_id: first(&["/app_id", "/appId"]),
            app_name: first(&["/app/name", "/appName"]),
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// [`Users::list_user_actions`].
#[derive(Debug, Clone)]
pub struct ListUserActions {
    page: u32,
    limit: u32,
    client_ip: Option<String>,
    operation_names: Vec<String>,
    operator_arns: Vec<String>,
    app_ids: Vec<String>,
    exclude_non_app_records: bool,
}

impl ListUserActions {
    fn payload(&self) -> Payload {
        let mut payload = Payload::new("/api/v2/analysis/user-action", None)
            .query("page", Some(self.page))
            .query("limit", Some(self.limit))
            .query("clientip", self.client_ip.as_deref())
            .query(
                "exclude_non_app_records",
                self.exclude_non_app_records.then_some(1),
            );
        for (name, values) in [
            ("operation_name", &self.operation_names),
            ("operator_arn", &self.operator_arns),
            ("app_id", &self.app_ids),
        ] {
            for value in values {
                payload = payload.query(name, Some(value));
            }
        }
        payload
    }
}

operation! {
    ListUserActions => Page<UserAction>,
    id: "management.users.list_user_actions",
    repeat: Safe,
    rest: GET |list, _| Ok(list.payload()),
    read: |_, page: Option<Page<UserAction>>| Ok(page.unwrap_or_default()),
}

// The record has no id, and the same can be done twice in a moment.
paged!(Call<ListUserActions>, item: UserAction, key: none);

impl Call<ListUserActions> {
    /// Lists what came from this address.
    pub fn client_ip(mut self, ip: impl Into<String>) -> Self {
        self.0.operation.client_ip = Some(ip.into());
        self
    }

    /// Lists what has one of these names, such as `login`.
    pub fn operation_names(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0.operation.operation_names = texts(names);
        self
    }

    /// Lists what these users did, named by [`arn`](crate::v2::User::arn).
    pub fn operator_arns(mut self, arns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0.operation.operator_arns = texts(arns);
        self
    }

    /// Lists what was done in these applications.
    pub fn app_ids(mut self, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.0.operation.app_ids = texts(ids);
        self
    }

    /// Leaves out what was done in no application.
    pub fn exclude_non_app_records(mut self) -> Self {
        self.0.operation.exclude_non_app_records = true;
        self
    }
}
