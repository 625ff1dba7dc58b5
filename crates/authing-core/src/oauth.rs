//! The dialect of OAuth 2.0 and OpenID Connect: forms in, JSON out, and
//! `{error, error_description}` for a refusal.

use serde::de::{DeserializeOwned, IgnoredAny};

use crate::Result;
use crate::bounded::{self, Room, nothing};
use crate::error::Error;
use crate::operation::{Reply, returns_nothing};
use crate::rest::encode_path;
use crate::told::{Told, words};

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

/// Reads the answer, or the error that it tells of.
///
/// To an operation that returns nothing the status says that the server did it
/// (RFC 7009, section 2.2). Its answer may be empty, any JSON, or the word `OK`;
/// the page of a proxy is no answer of the server.
pub fn decode<T: DeserializeOwned>(reply: &Reply<'_>) -> Result<T> {
    let told = Told::read(reply.text);
    if let Some(refusal) = told.as_ref().and_then(refusal) {
        return Err(refusal);
    }
    let room = Room::of_body(reply.text.len());
    if !reply.status.is_success() {
        return Err(explain(reply, told.as_ref(), None, &room));
    }
    let cause = match returns_nothing::<T>() {
        true => match told_nothing(reply.text, told.as_ref()) {
            Ok(()) => return nothing().ok_or_else(|| Error::decode("the answer has no data")),
            Err(cause) => cause,
        },
        false => match bounded::read(reply.text, &room) {
            Ok(answer) => return Ok(answer),
            Err(cause) => Some(cause),
        },
    };
    Err(explain(reply, told.as_ref(), cause.as_ref(), &room))
}

/// The refusal in the words of OAuth. Some servers tell the reason in a
/// `message`.
fn refusal(told: &Told<'_>) -> Option<Error> {
    let words = |json: Option<&str>| json.map(words).filter(|words| !words.is_empty());
    let name = words(told.error).or_else(|| told.error.map(|_| String::new()))?;
    let description = words(told.error_description).or_else(|| words(told.message));
    Some(Error::oauth(&name, description.as_deref()))
}

/// Whether an answer in which there is nothing to read is a whole one, and tells
/// of no refusal.
fn told_nothing(
    text: &str,
    told: Option<&Told<'_>>,
) -> std::result::Result<(), Option<serde_json::Error>> {
    match told {
        Some(told) if told.has_code() && !told.succeeded() => Err(None),
        Some(_) => Ok(()),
        None if matches!(text.trim(), "" | "OK") => Ok(()),
        None => match serde_json::from_str(text) {
            Ok(IgnoredAny) => Ok(()),
            Err(cause) => Err(Some(cause)),
        },
    }
}

/// What is wrong with an answer that could not be read, or tells of a refusal in
/// the envelope of REST.
fn explain(
    reply: &Reply<'_>,
    told: Option<&Told<'_>>,
    cause: Option<&serde_json::Error>,
    room: &Room,
) -> Error {
    let refusal = told.and_then(|told| match reply.status.is_success() {
        true => told.refusal_beside_success(),
        false => told.refusal(),
    });
    match refusal {
        Some(refusal) => refusal,
        None if reply.status.is_success() => Error::unfit(reply, cause, room),
        None => Error::http(reply.status, reply.text),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};
    use serde::Deserialize;

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
    }

    #[test]
    fn an_operation_that_returns_nothing_needs_a_whole_answer() {
        for text in [
            "",
            "{}",
            "null",
            "OK",
            r#"{"message":"done"}"#,
            r#"{"code":200}"#,
        ] {
            parse::<()>(200, text).unwrap();
        }
        parse::<()>(204, "").unwrap();
        assert_eq!(
            parse::<Token>(204, "").unwrap_err().message(),
            "the answer is empty"
        );
        for text in [
            "{",
            "<html>Please log in to the hotel's network</html>",
            "Welcome",
        ] {
            let error = parse::<()>(200, text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode, "{text}");
        }
        for text in [r#"{"code":2020,"message":"no"}"#, r#"{"error":"no"}"#] {
            let error = parse::<()>(200, text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Api, "{text}");
        }
    }

    #[test]
    fn a_reason_in_another_form_is_kept() {
        let text = r#"{"error":"Bad Request","message":["a","b"],"statusCode":400}"#;
        let error = parse::<Token>(400, text).unwrap_err();
        assert_eq!(
            (error.oauth_error(), error.message()),
            (Some("Bad Request"), "a; b")
        );
        let error = parse::<Token>(200, r#"{"message":"boom"}"#).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Api, "boom"));
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
