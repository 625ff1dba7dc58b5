use authing_core::Timestamp;
use serde::Deserialize;

/// A role: a name that policies and users are attached to.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Role {
    /// The id, by which a role's custom field values go; known only from calls
    /// that name a namespace.
    pub id: Option<String>,
    /// The namespace; known only from calls that name one.
    pub namespace: Option<String>,
    /// The code that names the role in its namespace.
    pub code: String,
    /// The resource name.
    pub arn: Option<String>,
    /// What the role is for.
    pub description: Option<String>,
    /// Whether Authing made the role.
    pub is_system: Option<bool>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
    /// The role it inherits from.
    pub parent: Option<Box<Role>>,
}
