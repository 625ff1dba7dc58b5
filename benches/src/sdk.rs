//! The calls through the SDK.

use std::sync::{Arc, Mutex, PoisonError};

use authing_authentication::v2::AuthenticationClient;
use authing_core::{HttpTransport, TransportError, TransportErrorKind, transport_fn};
use authing_hyper::HyperTransport;
use authing_management::v2::ManagementClient;
use authing_reqwest::ReqwestTransport;
use authing_verify::{Application, TokenKind, Verifier};
use bytes::Bytes;

use crate::answers::{POOL_ID, USER_ID};
use crate::tokens;

/// Who logs in.
pub const USERNAME: &str = "bob";
/// With what.
pub const PASSWORD: &str = "correct horse battery staple";

/// The transport over hyper.
///
/// # Errors
///
/// TLS cannot be set up.
pub fn hyper() -> anyhow::Result<HyperTransport> {
    Ok(HyperTransport::new()?)
}

/// The transport over reqwest, whatever proxy the environment names.
///
/// # Errors
///
/// TLS cannot be set up.
pub fn reqwest() -> anyhow::Result<ReqwestTransport> {
    Ok(ReqwestTransport::builder().no_proxy().build()?)
}

/// The administrator.
///
/// # Errors
///
/// The address is none.
pub fn admin(
    url: &str,
    transport: impl HttpTransport,
) -> Result<ManagementClient, authing_core::Error> {
    ManagementClient::builder(POOL_ID, "secret")
        .host(url)
        .transport(transport)
        .build()
}

/// The client of end users.
///
/// # Errors
///
/// The address is none.
pub fn client(
    url: &str,
    transport: impl HttpTransport,
) -> Result<AuthenticationClient, authing_core::Error> {
    AuthenticationClient::builder()
        .app_id(tokens::APP_ID)
        .host(url)
        .transport(transport)
        .build()
}

/// A verifier of ID tokens (HS256) or access tokens (RS256).
///
/// # Errors
///
/// The transport cannot be set up.
pub fn verifier(url: &str, kind: TokenKind) -> anyhow::Result<Verifier> {
    let application = Application::new(tokens::APP_ID, url)
        .issuer(tokens::ISSUER)
        .secret(tokens::SECRET);
    let builder = Verifier::builder().application(application).kind(kind);
    Ok(builder.transport(hyper()?).build()?)
}

/// The requests of the SDK, for others to send the same.
///
/// # Errors
///
/// The SDK sends none.
pub async fn requests(limit: u32) -> anyhow::Result<Requests> {
    let url = "http://127.0.0.1";
    let (seen, transport) = recorder();
    let admin = admin(url, transport.clone())?;
    let client = client(url, transport)?;
    // The recorder answers nothing but for the token.
    let _ = admin.users().list().limit(limit).await;
    let list = last(&seen)?;
    let _ = admin.users().detail(USER_ID).await;
    let detail = last(&seen)?;
    let _ = client.login_by_username(USERNAME, PASSWORD).await;
    let login = last(&seen)?;
    Ok(Requests {
        list,
        detail,
        login,
    })
}

/// What the SDK sends.
#[derive(Debug)]
pub struct Requests {
    /// `users.list`.
    pub list: http::Request<Bytes>,
    /// `users.detail`.
    pub detail: http::Request<Bytes>,
    /// `login_by_username`.
    pub login: http::Request<Bytes>,
}

type Seen = Arc<Mutex<Option<http::Request<Bytes>>>>;

fn recorder() -> (Seen, impl HttpTransport + Clone) {
    let seen = Seen::default();
    let keep = Arc::clone(&seen);
    let transport = transport_fn(move |request: http::Request<Bytes>| {
        let is_token = !request.headers().contains_key("authorization")
            && !request.headers().contains_key("x-authing-app-id");
        *keep.lock().unwrap_or_else(PoisonError::into_inner) = Some(request);
        async move {
            const TOKEN: &str = r#"{"data":{"accessToken":{"accessToken":"t","exp":9,"iat":0}}}"#;
            match is_token {
                true => Ok(http::Response::new(Bytes::from_static(TOKEN.as_bytes()))),
                false => Err(TransportError::from(TransportErrorKind::Request)),
            }
        }
    });
    (seen, Arc::new(transport))
}

fn last(seen: &Seen) -> anyhow::Result<http::Request<Bytes>> {
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.take()
        .ok_or_else(|| anyhow::anyhow!("nothing was sent"))
}
