//! The v2 REST dialect: an envelope with a `code`, 200 being success.

use std::borrow::Cow;

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Result;
use crate::code::ErrorCode;
use crate::error::Error;
use crate::operation::{Payload, Reply};

/// What may stand in a path segment or a query value as it is (RFC 3986).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Percent-encodes a path segment or a query value.
#[must_use]
pub fn encode_path(text: &str) -> Cow<'_, str> {
    utf8_percent_encode(text, UNRESERVED).into()
}

/// Percent-encodes a text that becomes a whole path segment.
///
/// # Errors
///
/// An empty text, and the dots with which a path would lead elsewhere.
pub fn segment<'a>(what: &str, text: &'a str) -> Result<Cow<'a, str>> {
    match text {
        "" => Err(Error::invalid_input(format!("{what} is empty"))),
        "." | ".." => Err(Error::invalid_input(format!("{what} is no name"))),
        text => Ok(encode_path(text)),
    }
}

impl Payload {
    /// A payload with this JSON body.
    ///
    /// # Errors
    ///
    /// Arguments that are not JSON, or hold a NUL character.
    pub fn json(path: impl Into<Cow<'static, str>>, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(body).map_err(|cause| {
            Error::invalid_input("the arguments are not JSON").with_source(cause)
        })?;
        match crate::graphql::holds_nul(&body) {
            true => Err(Error::invalid_input("an argument holds a NUL character")),
            false => Ok(Self::new(path, Some(Bytes::from(body)))),
        }
    }

    /// Adds a parameter to the query, unless it has no value.
    pub fn query(mut self, name: &str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            let mark = if self.path.contains('?') { '&' } else { '?' };
            let value = value.to_string();
            let path = self.path.to_mut();
            path.push(mark);
            path.push_str(name);
            path.push('=');
            path.push_str(&encode_path(&value));
        }
        self
    }
}

/// `{code, message, data}`, with the further fields of newer servers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<T> {
    code: Option<Value>,
    status_code: Option<Value>,
    #[serde(default = "Option::default")]
    message: Option<Value>,
    #[serde(default = "Option::default")]
    data: Option<T>,
    request_id: Option<String>,
    unique_id: Option<String>,
}

impl<T> Envelope<T> {
    /// What is given as a code, be it one or not.
    fn codes(&self) -> impl Iterator<Item = Option<ErrorCode>> {
        let given = [&self.code, &self.status_code].into_iter().flatten();
        given.map(code_of)
    }

    /// The code; that of the refusal, where the other one is a success.
    fn code(&self) -> Option<ErrorCode> {
        let mut codes = self.codes().flatten();
        let first = codes.next()?;
        match first == ErrorCode::SUCCESS {
            true => codes.next().or(Some(first)),
            false => Some(first),
        }
    }

    fn succeeded(&self) -> bool {
        let mut codes = self.codes().peekable();
        codes.peek().is_some() && codes.all(|code| code == Some(ErrorCode::SUCCESS))
    }
}

impl Envelope<Value> {
    /// The refusal, if it gives a code or a reason.
    fn into_refusal(self) -> Option<Error> {
        let code = self.code();
        let message = match self.message {
            Some(Value::String(text)) => text,
            None if code.is_none() => return None,
            _ => String::new(),
        };
        let error = Error::api(code, message)
            .with_data(
                self.data
                    .filter(|data| !data.is_null())
                    .map(|data| data.to_string()),
            )
            .with_request_id(self.request_id.or(self.unique_id).as_deref());
        Some(error)
    }
}

/// A code is a number, and sometimes a number in text.
pub(crate) fn code_of(value: &Value) -> Option<ErrorCode> {
    let number = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    number.map(ErrorCode::new)
}

/// Reads the `data` of the envelope, or the error that it tells of.
pub fn decode<T: DeserializeOwned>(reply: &Reply<'_>) -> Result<T> {
    if let Ok(envelope) = serde_json::from_str::<Envelope<T>>(reply.text)
        && reply.status.is_success()
        && envelope.succeeded()
    {
        return match envelope.data {
            Some(data) => Ok(data),
            None => {
                T::deserialize(Value::Null).map_err(|_| Error::decode("the answer has no data"))
            }
        };
    }
    Err(explain::<T>(reply))
}

pub(crate) fn explain<T: DeserializeOwned>(reply: &Reply<'_>) -> Error {
    let Ok(envelope) = serde_json::from_str::<Envelope<Value>>(reply.text) else {
        return match (reply.status.is_success(), reply.text.trim()) {
            (false, _) => Error::http(reply.status, reply.text),
            (true, "") => Error::decode("the answer is empty"),
            (true, _) => Error::decode("the answer is not the envelope of the API"),
        };
    };
    if reply.status.is_success() && envelope.succeeded() {
        let data = envelope.data.unwrap_or_default();
        return match serde_path_to_error::deserialize::<_, T>(&data) {
            Ok(_) => Error::decode("the answer does not fit"),
            Err(cause) => {
                let message = format!("the answer does not fit at data.{}", cause.path());
                Error::misfit(message, cause.inner())
            }
        };
    }
    match (envelope.into_refusal(), reply.status.is_success()) {
        (Some(refusal), _) => refusal,
        (None, true) => Error::decode("the answer is not the envelope of the API"),
        (None, false) => Error::http(reply.status, reply.text),
    }
}

/// The refusal that an answer of another dialect holds all the same, because it
/// comes from what stands before the API.
pub(crate) fn refusal(reply: &Reply<'_>) -> Option<Error> {
    let envelope = serde_json::from_str::<Envelope<Value>>(reply.text).ok()?;
    let is_one = match reply.status.is_success() {
        true => envelope.code().is_some() && !envelope.succeeded(),
        false => true,
    };
    is_one.then(|| envelope.into_refusal())?
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::ErrorKind;

    fn parse<T: DeserializeOwned>(status: u16, text: &str) -> Result<T> {
        decode(&Reply {
            status: StatusCode::from_u16(status).unwrap(),
            headers: &HeaderMap::new(),
            text,
        })
    }

    #[test]
    fn success_gives_the_data() {
        assert_eq!(
            parse::<u8>(200, r#"{"code":200,"message":"","data":3}"#).unwrap(),
            3
        );
        assert_eq!(
            parse::<u8>(200, r#"{"statusCode":200,"data":3}"#).unwrap(),
            3
        );
        parse::<()>(200, r#"{"code":200,"message":"ok"}"#).unwrap();
        assert_eq!(
            parse::<Option<u8>>(200, r#"{"code":200,"data":null}"#).unwrap(),
            None
        );
    }

    #[test]
    fn any_other_code_is_a_refusal() {
        let error = parse::<()>(
            200,
            r#"{"code":2020,"message":"尚未登录","uniqueId":"u-1"}"#,
        );
        let error = error.unwrap_err();
        assert_eq!(error.code(), Some(ErrorCode::NOT_LOGGED_IN));
        assert_eq!(
            (error.message(), error.request_id()),
            ("尚未登录", Some("u-1"))
        );
        for message in [
            "",
            r#","message":"""#,
            r#","message":null"#,
            r#","message":7"#,
        ] {
            let wordless = parse::<()>(200, &format!(r#"{{"code":2011{message}}}"#)).unwrap_err();
            assert_eq!(wordless.message(), "the application does not exist");
        }
        let text = parse::<()>(400, r#"{"code":"2011","message":"no app"}"#).unwrap_err();
        assert_eq!(text.code(), Some(ErrorCode::new(2011)));
        let busy = parse::<()>(429, r#"{"statusCode":429,"message":"slow down"}"#).unwrap_err();
        assert_eq!(
            (busy.kind(), busy.code()),
            (ErrorKind::Api, Some(ErrorCode::new(429)))
        );
        assert!(
            busy.with_status(StatusCode::TOO_MANY_REQUESTS)
                .is_retryable()
        );
        let refused = parse::<()>(200, r#"{"statusCode":429,"message":"slow down"}"#);
        assert!(refused.unwrap_err().is_retryable());
    }

    #[test]
    fn one_code_of_success_does_not_hide_the_other() {
        for (text, code) in [
            (r#"{"code":2020,"statusCode":200,"data":3}"#, Some(2020)),
            (r#"{"code":200,"statusCode":499,"data":3}"#, Some(499)),
            (r#"{"code":200,"statusCode":"no","data":3}"#, Some(200)),
            (r#"{"code":"no","statusCode":429,"message":""}"#, Some(429)),
            (r#"{"code":"no","message":"no"}"#, None),
        ] {
            let error = parse::<u8>(200, text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Api, "{text}");
            assert_eq!(error.code(), code.map(ErrorCode::new), "{text}");
        }
        let both = r#"{"code":200,"statusCode":200,"data":3}"#;
        assert_eq!(parse::<u8>(200, both).unwrap(), 3);
    }

    #[test]
    fn unreadable_answers_say_why() {
        let kind = |status, text: &str| parse::<u8>(status, text).unwrap_err().kind();
        assert_eq!(kind(500, "<html>"), ErrorKind::Http);
        assert_eq!(kind(200, "<html>"), ErrorKind::Decode);
        assert_eq!(kind(200, ""), ErrorKind::Decode);
        assert_eq!(kind(200, "{}"), ErrorKind::Decode);
        assert_eq!(kind(502, "{}"), ErrorKind::Http);
        assert_eq!(kind(200, r#"{"code":200,"data":"x"}"#), ErrorKind::Decode);
        assert_eq!(kind(200, r#"{"code":200,"da"#), ErrorKind::Decode);
        assert_eq!(kind(200, r#"{"code":200}"#), ErrorKind::Decode);
    }

    #[test]
    fn paths_are_percent_encoded() {
        assert_eq!(encode_path("a/b?c=é"), "a%2Fb%3Fc%3D%C3%A9");
        assert_eq!(segment("the id", "a/..").unwrap(), "a%2F..");
        for id in ["", ".", ".."] {
            let error = segment("the id", id).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
    }

    #[test]
    fn queries_and_bodies() {
        let payload = Payload::new("/a", None)
            .query("b", None::<&str>)
            .query("c", Some("d&e"))
            .query("f", Some(1));
        assert_eq!(payload.path, "/a?c=d%26e&f=1");
        let payload = Payload::json("/a", &["b"]).unwrap();
        assert_eq!(payload.body.as_deref(), Some(&br#"["b"]"#[..]));
        let error = Payload::json("/a", &"\0").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
}
