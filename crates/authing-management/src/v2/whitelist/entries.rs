use authing_core::{Result, Timestamp, operation};
use serde::{Deserialize, Serialize};

use super::{Whitelist, WhitelistType};
use crate::v2::required::require_each;
use crate::v2::{Call, texts};

impl Whitelist<'_> {
    /// Lists who may register while the whitelist of this kind is on.
    pub fn list(&self, kind: WhitelistType) -> Call<ListWhitelist> {
        self.call(ListWhitelist { kind })
    }

    /// Adds values to a whitelist. The server keeps them in lower case. Adding
    /// does not turn the whitelist on: [`enable`](Self::enable) does.
    ///
    /// ```no_run
    /// # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
    /// use authing_management::v2::whitelist::WhitelistType;
    ///
    /// let whitelist = client.whitelist();
    /// whitelist.add(WhitelistType::Email, ["bob@example.com"]).await?;
    /// whitelist.enable(WhitelistType::Email).await?;
    /// for entry in whitelist.list(WhitelistType::Email).await? {
    ///     println!("{}", entry.value);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn add(
        &self,
        kind: WhitelistType,
        values: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<AddToWhitelist> {
        self.call(AddToWhitelist(Values::new(kind, values)))
    }

    /// Removes values from a whitelist.
    pub fn remove(
        &self,
        kind: WhitelistType,
        values: impl IntoIterator<Item = impl Into<String>>,
    ) -> Call<RemoveFromWhitelist> {
        self.call(RemoveFromWhitelist(Values::new(kind, values)))
    }
}

/// Somebody who may register.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WhitelistEntry {
    /// The username, e-mail address or phone number, in lower case.
    pub value: String,
    /// When it was added.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
}

/// [`Whitelist::list`].
#[derive(Debug, Clone, Serialize)]
pub struct ListWhitelist {
    #[serde(rename = "type")]
    kind: WhitelistType,
}

operation! {
    ListWhitelist => Vec<WhitelistEntry>,
    id: "management.whitelist.list",
    repeat: Safe,
    graphql: [include_str!("documents/list.graphql")] => "whitelist",
}

#[derive(Debug, Clone, Serialize)]
struct Values {
    #[serde(rename = "type")]
    kind: WhitelistType,
    list: Vec<String>,
}

impl Values {
    fn new(kind: WhitelistType, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            kind,
            list: texts(values),
        }
    }

    fn check(&self) -> Result<()> {
        require_each("a value for the whitelist", &self.list)
    }
}

/// The schema allows `null` among the entries.
fn present(entries: Vec<Option<WhitelistEntry>>) -> Vec<WhitelistEntry> {
    entries.into_iter().flatten().collect()
}

/// [`Whitelist::add`]. Returns the entries as the server answers them.
#[derive(Debug, Clone, Serialize)]
pub struct AddToWhitelist(Values);

operation! {
    AddToWhitelist => Vec<WhitelistEntry>,
    id: "management.whitelist.add",
    repeat: Idempotent,
    graphql: [include_str!("documents/add.graphql")] => "addWhitelist",
    variables: |add, _| add.0.check().map(|()| add),
    read: |_, entries: Vec<Option<WhitelistEntry>>| Ok(present(entries)),
}

/// [`Whitelist::remove`]. Returns the entries as the server answers them.
#[derive(Debug, Clone, Serialize)]
pub struct RemoveFromWhitelist(Values);

operation! {
    RemoveFromWhitelist => Vec<WhitelistEntry>,
    id: "management.whitelist.remove",
    repeat: Idempotent,
    graphql: [include_str!("documents/remove.graphql")] => "removeWhitelist",
    variables: |remove, _| remove.0.check().map(|()| remove),
    read: |_, entries: Vec<Option<WhitelistEntry>>| Ok(present(entries)),
}
