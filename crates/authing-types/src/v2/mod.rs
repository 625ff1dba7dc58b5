//! The types of the v2 API.

mod authorized_resource;
mod email;
mod message;
mod role;
mod udf;
mod user;
mod user_input;

pub use authorized_resource::{AuthorizedResource, ResourceType};
pub use email::EmailScene;
pub use message::{CommonMessage, RefreshToken};
pub use role::Role;
pub use udf::{UdfDataType, UdfValue, UserDefinedData};
pub use user::{USER_FIELDS, User};
pub use user_input::{
    CreateUserInput, EncryptedPassword, RegisterProfile, UpdateProfileInput, UpdateUserInput,
};
