use authing_core::Timestamp;
use serde::Deserialize;

/// A group of users.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Group {
    /// The code that names the group.
    pub code: String,
    /// The name that people see.
    pub name: Option<String>,
    /// What the group is for.
    pub description: Option<String>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
}
