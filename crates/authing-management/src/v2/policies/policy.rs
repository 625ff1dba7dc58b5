use authing_core::Timestamp;
use serde::Deserialize;

use super::PolicyStatement;
use crate::v2::required::null_as_empty;

/// A set of statements that can be assigned to users, roles and groups.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Policy {
    /// The code that names the policy in its namespace.
    pub code: String,
    /// The namespace it belongs to.
    pub namespace: Option<String>,
    /// Whether Authing made the policy; it cannot be changed then.
    pub is_default: Option<bool>,
    /// What the policy is for.
    pub description: Option<String>,
    /// What it allows and denies.
    #[serde(default, deserialize_with = "null_as_empty")]
    pub statements: Vec<PolicyStatement>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
    /// How many users, roles and others it is assigned to.
    pub assignments_count: Option<u64>,
}
