//! The dialect of OAuth 2.0 and OpenID Connect: forms in, JSON out, and
//! `{error, error_description}` for a refusal.

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::Result;
use crate::error::Error;
use crate::operation::Reply;
use crate::rest::{encode_path, explain};

/// Writes the fields as `application/x-www-form-urlencoded`, also for a query.
#[must_use]
pub fn encode_form<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        if !text.is_empty() {
            text.push('&');
        }
        text.extend([&*encode_path(name), "=", &*encode_path(value)]);
    }
    text
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    error_description: Option<Value>,
}

/// Reads the answer, or the error that it tells of.
///
/// An answer that holds nothing to read, such as `()`, may be empty or any
/// text: the status alone says that the server did it (RFC 7009, 2.2).
pub fn decode<T: DeserializeOwned>(reply: &Reply<'_>) -> Result<T> {
    if let Ok(refusal) = serde_json::from_str::<Refusal>(reply.text) {
        let description = refusal.error_description.as_ref().and_then(Value::as_str);
        return Err(Error::oauth(&refusal.error, description));
    }
    if !reply.status.is_success() {
        return Err(explain::<IgnoredAny>(reply));
    }
    let mut json = serde_json::Deserializer::from_str(reply.text);
    let read = serde_path_to_error::deserialize::<_, T>(&mut json);
    let cause = match read {
        Ok(answer) if json.end().is_ok() => return Ok(answer),
        Ok(_) => return Err(Error::decode("the answer goes on after its end")),
        Err(cause) => cause,
    };
    if let Ok(nothing) = T::deserialize(Value::Null) {
        return Ok(nothing);
    }
    // Some refusals come in the envelope of the REST API.
    let refusal = serde_json::from_str::<Value>(reply.text)
        .is_ok_and(|answer| answer.get("code").is_some() || answer.get("statusCode").is_some());
    Err(match reply.text.trim() {
        "" => Error::decode("the answer is empty"),
        _ if refusal => explain::<IgnoredAny>(reply),
        _ => Error::decode(format!("the answer does not fit at {}", cause.path()))
            .with_source(cause.into_inner()),
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::{ErrorCode, ErrorKind};

    #[derive(Debug, Deserialize)]
    struct Token {
        access_token: String,
    }

    fn parse<T: DeserializeOwned>(status: u16, text: &str) -> Result<T> {
        decode(&Reply {
            status: StatusCode::from_u16(status).unwrap(),
            headers: &HeaderMap::new(),
            text,
        })
    }

    #[test]
    fn success_gives_the_answer() {
        let token: Token = parse(200, r#"{"access_token":"t","new":[1]}"#).unwrap();
        assert_eq!(token.access_token, "t");
        for text in ["", "{}", "null", "OK", "{"] {
            parse::<()>(200, text).unwrap();
        }
    }

    #[test]
    fn an_error_is_a_refusal_whatever_the_status() {
        let text = r#"{"error":"invalid_grant","error_description":"grant request\nis invalid"}"#;
        for status in [200, 400] {
            let error = parse::<()>(status, text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Api);
            assert_eq!(error.oauth_error(), Some("invalid_grant"));
            assert_eq!(error.message(), "grant request is invalid");
            assert!(error.is_unauthenticated() && !error.is_retryable());
        }
        let bare = parse::<()>(
            503,
            r#"{"error":"temporarily_unavailable","error_description":7}"#,
        )
        .unwrap_err();
        assert_eq!(
            bare.message(),
            "the server answered temporarily_unavailable"
        );
        assert!(bare.is_retryable());
        let client = parse::<()>(401, r#"{"error":"invalid_client"}"#).unwrap_err();
        assert!(
            !client
                .with_status(StatusCode::UNAUTHORIZED)
                .is_unauthenticated()
        );
    }

    #[test]
    fn an_envelope_is_a_refusal_too() {
        for status in [200, 429] {
            let error = parse::<Token>(status, r#"{"statusCode":429,"message":"slow down"}"#);
            let error = error.unwrap_err();
            assert_eq!(error.code(), Some(ErrorCode::new(429)));
            assert_eq!(error.message(), "slow down");
        }
    }

    #[test]
    fn unreadable_answers_say_why() {
        let kind = |status, text: &str| parse::<Token>(status, text).unwrap_err().kind();
        assert_eq!(kind(500, "<html>"), ErrorKind::Http);
        assert_eq!(kind(502, ""), ErrorKind::Http);
        assert_eq!(kind(200, "<html>"), ErrorKind::Decode);
        assert_eq!(kind(200, ""), ErrorKind::Decode);
        assert_eq!(kind(200, "{}"), ErrorKind::Decode);
        assert_eq!(kind(200, r#"{"access_token":"t"} x"#), ErrorKind::Decode);
        let error = parse::<Token>(200, r#"{"access_token":1}"#).unwrap_err();
        assert_eq!(error.message(), "the answer does not fit at access_token");
    }

    #[test]
    fn forms_are_percent_encoded() {
        let form = encode_form([("a b", "1&2=3"), ("é", "+%")]);
        assert_eq!(form, "a%20b=1%262%3D3&%C3%A9=%2B%25");
    }
}
