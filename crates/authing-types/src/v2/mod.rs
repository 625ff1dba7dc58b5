//! The types of the v2 API.

mod authorized_resource;
mod email;
mod identity;
mod input;
mod login_status;
mod message;
mod org_step;
mod role;
mod udf;
mod user;
mod user_input;

pub use authorized_resource::{AuthorizedResource, ResourceType};
pub use email::EmailScene;
pub use identity::{CreateUserIdentityInput, Identity};
pub use login_status::{LoginStatus, LoginStatusUser};
pub use message::{CommonMessage, RefreshToken};
pub use org_step::OrgStep;
pub use role::Role;
pub use udf::{UdfDataType, UdfTargetType, UdfValue, UserDefinedData};
pub use user::{USER_FIELDS, USER_FIELDS_WITH_CUSTOM_DATA, User, UserStatus};
pub use user_input::{
    CreateUserInput, EncryptedPassword, RegisterProfile, UpdateProfileInput, UpdateUserInput,
};

/// What [`input!`](crate::input) refers to. Not for direct use.
#[doc(hidden)]
pub mod __private {
    pub use super::input::{Unset, exposed};
}
