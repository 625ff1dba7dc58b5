use authing_core::string_enum;
use serde::Deserialize;

string_enum! {
    /// What a policy is assigned to.
    pub enum PolicyTargetType {
        /// A user, named by id.
        User = "USER",
        /// A role, named by code.
        Role = "ROLE",
        /// A group, named by code.
        Group = "GROUP",
        /// A node of an organisation, named by id.
        Org = "ORG",
        /// A key for programs.
        AkSk = "AK_SK",
    }
}

/// A policy together with what it is assigned to.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PolicyAssignment {
    /// The code of the policy.
    pub code: String,
    /// What kind of thing it is assigned to.
    pub target_type: PolicyTargetType,
    /// The id or code of that thing.
    pub target_identifier: String,
}
