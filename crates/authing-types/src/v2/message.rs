use std::time::SystemTime;

use authing_core::__private::epoch_seconds;
use authing_core::{Error, ErrorCode, Result, Secret};
use serde::Deserialize;

/// What the server says after a change that returns nothing else.
#[derive(Debug, Clone, Default, Deserialize)]
#[non_exhaustive]
pub struct CommonMessage {
    /// 200 for success. Calls that return this have checked it.
    pub code: Option<i64>,
    /// The server's words.
    pub message: Option<String>,
}

impl CommonMessage {
    /// The message if it tells of success; a server that answers `null`
    /// refused nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Api`](authing_core::ErrorKind::Api) with the code
    /// otherwise: the answer as a whole does not count as an error in GraphQL.
    #[doc(hidden)]
    pub fn check(answer: Option<Self>) -> Result<Self> {
        let message = answer.unwrap_or_default();
        match message.code {
            None | Some(200) => Ok(message),
            Some(code) => Err(Error::api(
                Some(ErrorCode::new(code)),
                message.message.unwrap_or_default(),
            )),
        }
    }
}

/// A token that takes the place of an older one.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct RefreshToken {
    /// The new token.
    pub token: Option<Secret>,
    /// When it was issued, in seconds since 1970.
    pub iat: Option<i64>,
    /// When it expires, in seconds since 1970.
    pub exp: Option<i64>,
}

impl RefreshToken {
    /// When the token expires.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.exp.and_then(epoch_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_can_be_a_refusal() {
        let read = |text| CommonMessage::check(serde_json::from_str(text).unwrap());
        assert_eq!(
            read(r#"{"code":200,"message":"ok"}"#)
                .unwrap()
                .message
                .as_deref(),
            Some("ok")
        );
        read("null").unwrap();
        read(r#"{"code":null}"#).unwrap();
        let error = read(r#"{"code":2210,"message":"no"}"#).unwrap_err();
        assert_eq!(error.code(), Some(ErrorCode::DELETE_FAILED));
        assert_eq!(error.message(), "no");
        let wordless = read(r#"{"code":2005}"#).unwrap_err();
        assert_eq!(wordless.message(), "the user is locked");
    }
}
