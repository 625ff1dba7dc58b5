//! The [Authing](https://www.authing.cn) SDK for Rust: administer a user pool,
//! act as its end users, and trust their tokens.
//!
//! ```no_run
//! use authing::v2::{AuthenticationClient, ManagementClient};
//!
//! # async fn example() -> Result<(), authing::Error> {
//! let admin = ManagementClient::builder("user pool id", "secret").build()?;
//! println!("{} users", admin.users().list().await?.total_count);
//!
//! let client = AuthenticationClient::builder().app_id("application id").build()?;
//! let session = client.login_by_username("bob", "correct horse").await?;
//! println!("{:?}", session.get_current_user().await?.nickname);
//! # Ok(())
//! # }
//! ```
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `management` | yes | [`v2::ManagementClient`] |
//! | `authentication` | yes | [`v2::AuthenticationClient`], [`oidc::OidcClient`] |
//! | `verify` | no | [`verify::Verifier`]: is a token that came to your service good? |
//! | `verify-tower`, `verify-axum` | no | a layer for tower services, extractors for axum |
//! | `verify-introspection` | no | asks the server whether a token was revoked |
//! | `webhook` | no | [`verify::webhook`]: Authing's webhooks |
//! | `transport-reqwest` | yes | [`ReqwestTransport`], used unless another is given |
//! | `transport-hyper` | no | [`HyperTransport`], used where reqwest is not |
//! | `password` | yes | the administrator can give users passwords: RSA, as the API wants them encrypted |
//! | `sm2` | no | passwords encrypted with SM2, for private deployments that ask for it |
//! | `tracing` | no | a `tracing` span for each call, with the attributes of OpenTelemetry |
//! | `chrono`, `jiff` | no | [`Timestamp`] becomes a date of that crate |
//!
//! This crate only gathers others. Who wants fewer parts than these features
//! give can depend on `authing-management` or `authing-authentication` alone.

#[cfg(feature = "authentication")]
pub use authing_authentication as authentication;
#[cfg(feature = "authentication")]
pub use authing_authentication::oidc;
pub use authing_core::{
    BoxFuture, Clock, ClockFn, Error, ErrorCode, ErrorKind, FileTokenStore, HttpTransport,
    LocalRateLimiter, MemoryTokenStore, OperationInfo, Page, PageStream, Patch, RateLimiter,
    Repeat, Result, RetryPolicy, Secret, StoreLock, StoredToken, SystemClock, Timestamp,
    TokenStore, TransportError, TransportErrorKind, clock_fn, transport_fn,
};
#[cfg(feature = "transport-hyper")]
pub use authing_hyper::HyperTransport;
#[cfg(feature = "management")]
pub use authing_management as management;
#[cfg(feature = "transport-reqwest")]
pub use authing_reqwest::ReqwestTransport;
#[cfg(feature = "verify")]
pub use authing_verify as verify;

/// The v2 API: both clients and the types they share.
#[cfg(any(feature = "management", feature = "authentication"))]
pub mod v2 {
    #[cfg(feature = "authentication")]
    pub use authing_authentication::v2::{
        Application, AuthenticationClient, AuthenticationClientBuilder, MfaChallenge, NextStep,
        PasswordStrength, Registration, SecurityLevel, Session, SmsScene, mfa,
    };
    #[cfg(feature = "management")]
    pub use authing_management::v2::{
        Group, ManagementClient, ManagementClientBuilder, PolicyAssignment, PolicyTargetType,
        SortBy, WhitelistConfig, acl, groups, policies, roles, udf, userpool, users, whitelist,
    };
    pub use authing_types::v2::{
        AuthorizedResource, CommonMessage, CreateUserIdentityInput, CreateUserInput, EmailScene,
        Identity, LoginStatus, LoginStatusUser, OrgStep, RefreshToken, RegisterProfile,
        ResourceType, Role, USER_FIELDS, USER_FIELDS_WITH_CUSTOM_DATA, UdfDataType, UdfTargetType,
        UdfValue, UpdateProfileInput, UpdateUserInput, User, UserDefinedData, UserStatus,
    };
}
