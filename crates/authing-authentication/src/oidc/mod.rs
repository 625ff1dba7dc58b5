//! Log users in through Authing's own login page, with OpenID Connect, from a
//! server-side application.
//!
//! ```no_run
//! use authing_authentication::oidc::{OidcClient, PendingLogin};
//!
//! # async fn example(query: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let client = OidcClient::builder("application id")
//!     .host("https://my-app.authing.cn")
//!     .secret("application secret")
//!     .build()?;
//!
//! // The user wants to log in: keep `login` in their session on the server or
//! // in an encrypted cookie, and send the browser to `url`.
//! let redirect = client.build_authorize_url("https://my-app.example/callback").build()?;
//! let (url, login): (String, PendingLogin) = (redirect.url, redirect.login);
//!
//! // The browser comes back with a query: take `login` out of the session.
//! let code = client.callback(&login, query)?;
//! let tokens = client.get_access_token_by_code(code).await?;
//! let user = client.get_user_info_by_access_token(&tokens.access_token).await?;
//! println!("{} is {:?}", user.sub, user.claims.name);
//! # Ok(())
//! # }
//! ```
//!
//! This module stands beside the API generations and not in one of them:
//! OpenID Connect is a standard, an application's host serves it in the same
//! way to users of the v2 and the v3 API, and its tokens are not those of a
//! [`Session`](crate::v2::Session).
//!
//! # What is checked
//!
//! [`OidcClient::callback`] compares the `state`, and
//! [`OidcClient::get_access_token_by_code`] proves with PKCE that the login was
//! begun here and checks `iss`, `aud`, `azp`, `exp` and `nonce` of the ID token,
//! and `at_hash` where it has one.
//!
//! The **signature of the ID token is not checked**. It comes straight from
//! the token endpoint over TLS, which proves where it comes from (OpenID
//! Connect Core 3.1.3.7, step 6). So never hand an ID token that came another
//! way, such as through a browser, to code that trusts these claims; and with
//! [`allow_insecure_http`](OidcClientBuilder::allow_insecure_http) nothing is
//! proved at all.
//!
//! # Why not the `openidconnect` or `oauth2` crate
//!
//! Both are good. They were left out because the calls should travel as all
//! others of this SDK do (one [`HttpTransport`](authing_core::HttpTransport),
//! one timeout, one error type, wire snapshots, a clock that tests can turn);
//! because `openidconnect` brings RSA, three elliptic curves, `chrono` and
//! `url` to people who only redirect a browser; and because its types
//! (`CoreClient` with six type parameters) would be part of the public API here.
//! What is left after that is four forms and two URLs.

mod authorize;
mod callback;
mod claims;
mod client;
mod discover;
mod id_token;
mod logout;
mod pkce;
mod settings;
mod token;
mod tokens;
mod user_info;

pub use authorize::{AuthorizeUrl, BuildAuthorizeUrl, PendingLogin, Prompt, ResponseMode};
pub use callback::AuthorizationCode;
pub use claims::{Address, Claims, OtherClaims};
pub use client::{Call, OidcClient};
pub use discover::{Discover, ProviderMetadata};
pub use id_token::IdTokenClaims;
pub use logout::BuildLogoutUrl;
pub use settings::{ClientAuthentication, OidcClientBuilder};
pub use token::{
    GetAccessTokenByClientCredentials, GetAccessTokenByCode, GetNewAccessTokenByRefreshToken,
    TokenSet,
};
pub use tokens::{IntrospectToken, Introspection, RevokeToken, TokenTypeHint};
pub use user_info::{GetUserInfoByAccessToken, UserInfo};
