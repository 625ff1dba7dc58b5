//! The v2 API, in GraphQL and REST.

#[macro_use]
mod options;

mod access;
mod belonging;
mod client;
mod codes;
mod contact;
mod entry;
mod exists;
mod login;
#[cfg(feature = "mfa")]
pub mod mfa;
mod mfa_details;
mod next_step;
mod own;
mod password;
mod profile;
mod register;
mod required_reset;
mod reset_password;
mod session;
mod status;
mod token;
mod udv;

pub use access::{HasRole, ListAuthorizedResources, ListRoles};
pub use authing_types::v2::{
    AuthorizedResource, CommonMessage, EmailScene, LoginStatus, LoginStatusUser, OrgStep,
    RegisterProfile, ResourceType, Role, UdfValue, UpdateProfileInput, User, UserDefinedData,
};
pub use belonging::{Application, GetSecurityLevel, ListApplications, ListOrgs, SecurityLevel};
pub use client::{AuthenticationClient, AuthenticationClientBuilder, Call};
pub use codes::{SendEmail, SendSmsCode, SmsScene};
pub use contact::{BindEmail, BindPhone, UnbindEmail, UnbindPhone, UpdateEmail, UpdatePhone};
pub use exists::IsUserExists;
pub use login::{
    LoginByEmail, LoginByEmailCode, LoginByPhoneCode, LoginByPhonePassword, LoginByUsername,
};
pub use mfa_details::{ApplicationMfa, MfaDetails, MfaPolicy};
pub use next_step::{FirstPassword, ForcedReset, MfaChallenge, NextStep, ProfileCompletion};
pub use password::{CheckPasswordStrength, PasswordStrength, UpdatePassword};
pub use profile::{CurrentUser, UpdateProfile};
pub use register::{RegisterByEmail, RegisterByPhoneCode, RegisterByUsername, Registration};
pub use required_reset::{ResetPasswordByFirstLoginToken, ResetPasswordByForceResetToken};
pub use reset_password::{ResetPasswordByEmailCode, ResetPasswordByPhoneCode};
pub use session::{Logout, RefreshSession, Session};
pub use status::CheckLoginStatus;
pub use udv::{GetUdfValue, ListUdv, RemoveUdv, SetUdfValue, SetUdv};
