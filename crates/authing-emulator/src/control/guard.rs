//! Who may use the control API: everybody on this machine may read, and change what shows the token.
//!
//! A page of the web must not, though it runs on this machine too. It cannot show the token, and it cannot read
//! answers; unless it makes its own name point here (DNS rebinding), so the name it asks for has to be one of ours.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::http::text;
use crate::ids;
use crate::loopback::is_loopback;
use crate::shared::Shared;

const TOKEN: &str = "x-emulator-token";

/// What the control API asks of those who use it.
pub(crate) struct Control {
    token: String,
    /// Host names beside those of loopback.
    hosts: Vec<String>,
    is_public: bool,
}

impl Default for Control {
    fn default() -> Self {
        Self {
            token: ids::secret(),
            hosts: Vec::new(),
            is_public: false,
        }
    }
}

/// Without the token.
impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control")
            .field("hosts", &self.hosts)
            .finish_non_exhaustive()
    }
}

impl Control {
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    pub(crate) fn set_token(&mut self, token: String) {
        self.token = token;
    }

    pub(crate) fn allow_host(&mut self, name: String) {
        self.hosts.push(name.to_ascii_lowercase());
    }

    pub(crate) fn settle(&mut self, is_public: bool) {
        self.is_public = is_public;
    }

    /// An empty token would be one that everybody has.
    pub(crate) fn accepts(&self, shown: &str) -> bool {
        // Of digests, so that the time it takes tells nothing.
        !self.token.is_empty() && Sha256::digest(shown) == Sha256::digest(&self.token)
    }

    /// Whether a `Host` header is a name of this server.
    pub(crate) fn is_own_host(&self, host: &str) -> bool {
        let Ok(authority) = host.to_ascii_lowercase().parse::<Authority>() else {
            return false;
        };
        // Only a port may stand beside the name.
        let port = authority.as_str().strip_prefix(authority.host());
        let is_port = |port: &str| port.is_empty() || port.get(1..).is_some_and(is_number);
        if !port.is_some_and(is_port) {
            return false;
        }
        let name = authority.host();
        if is_loopback(name) {
            return true;
        }
        let name = name.trim_matches(['[', ']']);
        // The dot at the end of a whole name says nothing more.
        let name = name.strip_suffix('.').unwrap_or(name);
        match name.parse::<IpAddr>() {
            Ok(_) => self.is_public,
            Err(_) => self.hosts.iter().any(|own| own == name),
        }
    }
}

fn is_number(port: &str) -> bool {
    port.parse::<u16>().is_ok()
}

pub(super) async fn at_own_host(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let host = text(request.headers(), header::HOST.as_str()).unwrap_or_default();
    if shared.control.is_own_host(&host) {
        return next.run(request).await;
    }
    refuse(
        StatusCode::MISDIRECTED_REQUEST,
        "this host name is not one of the emulator's: start it with --allow-host",
    )
    .into_response()
}

pub(super) async fn with_token(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    if shows_token(&shared, request.headers()) {
        return next.run(request).await;
    }
    refuse(
        StatusCode::FORBIDDEN,
        "the header x-emulator-token does not have the control token, which the emulator prints at its start",
    )
    .into_response()
}

pub(super) fn shows_token(shared: &Shared, headers: &HeaderMap) -> bool {
    text(headers, TOKEN).is_some_and(|shown| shared.control.accepts(&shown))
}

/// Why the control API does not do what it is asked.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    message: String,
}

pub(super) fn refuse(status: StatusCode, message: impl Into<String>) -> Problem {
    Problem {
        status,
        message: message.into(),
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({"code": self.status.as_u16(), "message": self.message});
        (self.status, Json(body)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_names_are_answered() {
        let mut control = Control::default();
        control.allow_host("Authing.test".to_owned());
        for own in [
            "127.0.0.1:3000",
            "127.9.9.9",
            "localhost",
            "LOCALHOST:1",
            "app.localhost:80",
            "localhost.:80",
            "[::1]:3000",
            "authing.test:3000",
        ] {
            assert!(control.is_own_host(own), "{own}");
        }
        for other in [
            "",
            "example.com",
            "localhost.example.com",
            "127.0.0.1.example.com",
            "notlocalhost",
            "192.0.2.1:3000",
            "[2001:db8::1]:3000",
            "[",
            "localhost:80@example.com",
            "localhost/example.com",
            "localhost:x",
        ] {
            assert!(!control.is_own_host(other), "{other}");
        }
        control.settle(true);
        assert!(control.is_own_host("192.0.2.1:3000"));
        assert!(!control.is_own_host("example.com"));
    }

    #[test]
    fn only_the_token_is_the_token() {
        let mut control = Control::default();
        assert!(control.accepts(control.token()));
        assert!(!control.accepts("") && !control.accepts("x"));
        control.set_token(String::new());
        assert!(!control.accepts(""));
        control.set_token("secret".to_owned());
        assert!(!format!("{control:?}").contains("secret"));
    }
}
