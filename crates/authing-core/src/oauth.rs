//! The dialect of OAuth 2.0 and OpenID Connect: forms in, JSON out, and
//! `{error, error_description}` for a refusal.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};
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

/// `error` and `error_description`. Where a name comes twice the first counts,
/// as long as it is an error at all.
#[derive(Default)]
struct Refusal {
    error: Option<String>,
    description: Option<String>,
}

impl<'de> Deserialize<'de> for Refusal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

struct Fields;

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Key {
    Error,
    ErrorDescription,
    #[serde(other)]
    Other,
}

impl<'de> Visitor<'de> for Fields {
    type Value = Refusal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an OAuth answer")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Refusal, A::Error> {
        let mut refusal = Refusal::default();
        while let Some(key) = map.next_key::<Key>()? {
            let field = match key {
                Key::Error => &mut refusal.error,
                Key::ErrorDescription => &mut refusal.description,
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            if let (Value::String(text), None) = (map.next_value()?, &field) {
                *field = Some(text);
            }
        }
        Ok(refusal)
    }
}

/// Reads the answer, or the error that it tells of.
///
/// An answer that holds nothing to read, such as `()`, may be empty or any
/// text: the status alone says that the server did it (RFC 7009, 2.2).
pub fn decode<T: DeserializeOwned>(reply: &Reply<'_>) -> Result<T> {
    if let Ok(refusal) = serde_json::from_str::<Refusal>(reply.text)
        && let Some(error) = &refusal.error
    {
        return Err(Error::oauth(error, refusal.description.as_deref()));
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
        _ => {
            let message = format!("the answer does not fit at {}", cause.path());
            Error::misfit(message, cause.inner())
        }
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
    fn an_error_that_comes_twice_is_one() {
        for text in [
            r#"{"error":"invalid_grant","error":"x","access_token":"t"}"#,
            r#"{"error":null,"error":"invalid_grant","access_token":"t"}"#,
            r#"{"error":"invalid_grant","error_description":"a","error_description":"b","access_token":"t"}"#,
        ] {
            let error = parse::<Token>(200, text).unwrap_err();
            assert_eq!(error.oauth_error(), Some("invalid_grant"), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_not_quoted() {
        #[derive(Debug, Deserialize)]
        struct Life {
            #[serde(rename = "expires_in")]
            _expires_in: u64,
        }
        let error = parse::<Life>(200, r#"{"expires_in":"s3cret"}"#).unwrap_err();
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
        assert_eq!(error.message(), "the answer does not fit at expires_in");
    }

    #[test]
    fn forms_are_percent_encoded() {
        let form = encode_form([("a b", "1&2=3"), ("é", "+%")]);
        assert_eq!(form, "a%20b=1%262%3D3&%C3%A9=%2B%25");
    }
}
