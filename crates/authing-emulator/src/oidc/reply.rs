//! Answers for programs: JSON, and refusals in the shape of OAuth.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Why a program got nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OAuthError {
    status: StatusCode,
    pub(super) error: &'static str,
    pub(super) description: &'static str,
}

impl OAuthError {
    pub(super) const INVALID_CLIENT: Self = Self {
        status: StatusCode::UNAUTHORIZED,
        error: "invalid_client",
        description: "client authentication failed",
    };
    pub(super) const INVALID_GRANT: Self = Self::bad("invalid_grant", "grant request is invalid");
    pub(super) const INVALID_TOKEN: Self = Self {
        status: StatusCode::UNAUTHORIZED,
        error: "invalid_token",
        description: "invalid token provided",
    };
    pub(super) const INSUFFICIENT_SCOPE: Self = Self {
        status: StatusCode::FORBIDDEN,
        error: "insufficient_scope",
        description: "access token missing openid scope",
    };

    pub(super) const fn bad(error: &'static str, description: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error,
            description,
        }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body = json!({"error": self.error, "error_description": self.description});
        let mut response = answer(self.status, body);
        let challenge = match self.error {
            "invalid_client" => Some("Basic realm=\"authing\""),
            "invalid_token" => Some("Bearer error=\"invalid_token\""),
            "insufficient_scope" => Some("Bearer error=\"insufficient_scope\", scope=\"openid\""),
            _ => None,
        };
        if let Some(challenge) = challenge {
            let value = HeaderValue::from_static(challenge);
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, value);
        }
        response
    }
}

pub(super) fn answer(status: StatusCode, body: Value) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

pub(super) fn answer_of(outcome: Result<Value, OAuthError>) -> Response {
    match outcome {
        Ok(body) => answer(StatusCode::OK, body),
        Err(refusal) => refusal.into_response(),
    }
}
