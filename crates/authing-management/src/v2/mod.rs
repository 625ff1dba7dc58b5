//! The v2 API, in GraphQL.

mod access_token;
mod client;
#[cfg(feature = "users")]
pub mod users;

pub use authing_types::v2::{
    CommonMessage, CreateUserInput, RefreshToken, Role, UdfDataType, UdfValue, UpdateUserInput,
    User, UserDefinedData,
};
pub use client::{Call, ManagementClient, ManagementClientBuilder};
