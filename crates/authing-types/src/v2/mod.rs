//! The types of the v2 API.

mod identity;
mod message;
mod role;
mod udf;
mod user;
mod user_input;

pub use identity::{CreateUserIdentityInput, Identity};
pub use message::{CommonMessage, RefreshToken};
pub use role::Role;
pub use udf::{UdfDataType, UdfValue, UserDefinedData};
pub use user::{USER_FIELDS, USER_FIELDS_WITH_CUSTOM_DATA, User, UserStatus};
pub use user_input::{
    CreateUserInput, EncryptedPassword, RegisterProfile, UpdateProfileInput, UpdateUserInput,
};
