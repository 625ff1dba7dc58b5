//! Policies: what may be done with which resources, and who they are assigned
//! to.
//!
//! ```no_run
//! use authing_management::v2::PolicyTargetType;
//! use authing_management::v2::policies::PolicyStatement;
//!
//! # async fn example(client: authing_management::v2::ManagementClient) -> Result<(), authing_management::Error> {
//! let policies = client.policies();
//! let statements = [
//!     PolicyStatement::allow("book:*", ["book:read", "book:edit"]),
//!     PolicyStatement::deny("book:1", ["book:edit"]),
//! ];
//! policies.create("librarian", statements).description("For the staff").await?;
//! policies.add_assignments(["librarian"], PolicyTargetType::Role, ["staff"]).await?;
//!
//! // Add a statement to those that are there.
//! if let Some(mut policy) = policies.detail("librarian").await? {
//!     policy.statements.push(PolicyStatement::allow("shelf:*", ["shelf:read"]));
//!     policies.update("librarian").statements(policy.statements).await?;
//! }
//! # Ok(())
//! # }
//! ```

use authing_core::namespace_setter;

use super::Call;

mod assignments;
mod policy;
mod read;
mod statement;
mod write;

pub use assignments::{
    AddAssignments, DisableAssignment, EnableAssignment, ListAssignments, RemoveAssignments,
};
pub use policy::Policy;
pub use read::{ListPolicies, PolicyDetail};
pub use statement::{PolicyCondition, PolicyEffect, PolicyStatement};
pub use write::{CreatePolicy, DeletePolicies, DeletePolicy, UpdatePolicy};

/// The selection of a [`Policy`].
const POLICY_FIELDS: &str = include_str!("documents/fields.graphql");

resource! {
    /// What may be done with which resources.
    Policies, policies
}

namespace_setter! {
    /// The namespace that is meant; the server's default one otherwise.
    Call<PolicyDetail>: |call| call.namespace;
    /// The namespace that is meant; the server's default one otherwise.
    Call<CreatePolicy>: |call| call.namespace;
    /// The namespace that is meant; the server's default one otherwise.
    Call<UpdatePolicy>: |call| call.namespace;
    /// The namespace that is meant; the server's default one otherwise.
    Call<DeletePolicy>: |call| call.namespace;
    /// The namespace that is meant; the server's default one otherwise.
    Call<DeletePolicies>: |call| call.namespace;
}
