use authing_core::Timestamp;
use serde::Deserialize;

/// An organisation or a department of it, on the way to a place in the
/// organisation.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OrgStep {
    /// `org` for the organisation, which comes first; `node` for a department.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The id of the organisation or the department.
    pub id: Option<String>,
    /// The organisation that a department belongs to.
    pub org_id: Option<String>,
    /// The department at the top of an organisation.
    pub root_node_id: Option<String>,
    /// The name of a department.
    pub name: Option<String>,
    /// The code of a department.
    pub code: Option<String>,
    /// What a department is for.
    pub description: Option<String>,
    /// The address of an organisation's picture.
    pub logo: Option<String>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
}
