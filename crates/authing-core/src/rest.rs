//! The v2 REST dialect: an envelope with a `code`, 200 being success.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess,
    Visitor,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::Result;
use crate::bounded::{Room, Within, no_text, nothing};
use crate::code::ErrorCode;
use crate::error::Error;
use crate::operation::{Payload, Reply};
use crate::told::{Told, code_of};

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
        let mut bytes = Vec::new();
        crate::body::write(&mut bytes, body)?;
        Ok(Self::checked(path, bytes))
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

/// `{code, message, data}`, as far as a success is concerned.
struct Envelope<T> {
    /// What is given as a code, be it one or not.
    codes: [Option<Option<ErrorCode>>; 2],
    data: Option<T>,
}

impl<T> Envelope<T> {
    fn succeeded(&self) -> bool {
        let mut given = self.codes.iter().flatten().peekable();
        given.peek().is_some() && given.all(|code| *code == Some(ErrorCode::SUCCESS))
    }
}

/// Reads the envelope in one pass. A name that comes twice is an error: the
/// second must not hide the first.
struct EnvelopeSeed<'r, T> {
    room: &'r Room,
    data: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for EnvelopeSeed<'_, T> {
    type Value = Envelope<T>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Key {
    Code,
    StatusCode,
    Data,
    #[serde(other)]
    Other,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for EnvelopeSeed<'_, T> {
    type Value = Envelope<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a code")
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Err(no_text(&self))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut code, mut status_code, mut data) = (None, None, None);
        while let Some(key) = map.next_key()? {
            let (name, given) = match key {
                Key::Code => ("code", &mut code),
                Key::StatusCode => ("statusCode", &mut status_code),
                Key::Data => {
                    let value = Within::<Option<T>>::new(self.room);
                    match data.replace(map.next_value_seed(value)?) {
                        None => continue,
                        Some(_) => return Err(A::Error::duplicate_field("data")),
                    }
                }
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            match given.replace(map.next_value::<&RawValue>()?.get()) {
                None => {}
                Some(_) => return Err(A::Error::duplicate_field(name)),
            }
        }
        let read = |given: Option<&str>| given.filter(|json| *json != "null").map(code_of);
        Ok(Envelope {
            codes: [read(code), read(status_code)],
            data: data.flatten(),
        })
    }
}

/// Reads the `data` of the envelope, or the error that it tells of.
pub fn decode<T: DeserializeOwned>(reply: &Reply<'_>) -> Result<T> {
    if let Some(nothing) = reply.nothing() {
        return Ok(nothing);
    }
    let room = Room::of_body(reply.text.len());
    let mut cause = None;
    if reply.status.is_success() {
        let seed = EnvelopeSeed {
            room: &room,
            data: PhantomData,
        };
        let mut json = serde_json::Deserializer::from_str(reply.text);
        let envelope = seed.deserialize(&mut json);
        match envelope.and_then(|envelope| json.end().map(|()| envelope)) {
            Ok(envelope) if envelope.succeeded() => {
                let data = envelope.data.or_else(nothing);
                return data.ok_or_else(|| Error::decode("the answer has no data"));
            }
            Ok(_) => {}
            Err(why) => cause = Some(why),
        }
    }
    Err(explain(reply, cause.as_ref(), &room))
}

/// What is wrong with an answer that could not be read, or tells of a refusal.
fn explain(reply: &Reply<'_>, cause: Option<&serde_json::Error>, room: &Room) -> Error {
    const NO_ENVELOPE: &str = "the answer is not the envelope of the API";
    let is_success = reply.status.is_success();
    match Told::read(reply.text) {
        Some(told) if is_success && told.succeeded() => Error::unfit(reply, cause, room),
        Some(told) => match told.refusal() {
            Some(refusal) => refusal,
            None if is_success => Error::decode(NO_ENVELOPE),
            None => Error::http(reply.status, reply.text),
        },
        None if !is_success => Error::http(reply.status, reply.text),
        None if reply.text.trim_start().starts_with('[') => Error::decode(NO_ENVELOPE),
        None => Error::unfit(reply, cause, room),
    }
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
    fn reasons_of_any_form_are_kept() {
        for (message, words) in [
            (
                r#"["phone must be a phone number","code must be 4 digits"]"#,
                "phone must be a phone number; code must be 4 digits",
            ),
            (r#"{"zh-CN":"参数错误"}"#, r#"{"zh-CN":"参数错误"}"#),
            (r#"{"message":"no"}"#, "no"),
        ] {
            for status in [200, 400] {
                let text = format!(r#"{{"code":400,"message":{message},"data":{{"a":1}}}}"#);
                let error = parse::<()>(status, &text).unwrap_err();
                assert_eq!((error.kind(), error.message()), (ErrorKind::Api, words));
                assert_eq!(error.data::<serde_json::Value>().unwrap()["a"], 1);
            }
        }
        let error = parse::<u8>(200, r#"{"message":"boom"}"#).unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Api, "boom"));
    }

    #[test]
    fn an_answer_may_say_that_there_is_nothing_to_read() {
        parse::<()>(204, "").unwrap();
        parse::<IgnoredAny>(204, "").unwrap();
        assert_eq!(
            parse::<()>(200, "").unwrap_err().message(),
            "the answer is empty"
        );
        for error in [
            parse::<u8>(204, "").unwrap_err(),
            parse::<Option<u8>>(204, "").map(|_| ()).unwrap_err(),
        ] {
            assert_eq!(error.message(), "the answer is empty");
        }
    }

    #[test]
    fn an_array_is_no_envelope() {
        let error = parse::<Option<u8>>(200, r#"[200,200,"",[],null,null]"#).unwrap_err();
        assert_eq!(error.message(), "the answer is not the envelope of the API");
    }

    #[test]
    fn a_name_that_comes_twice_hides_nothing() {
        for text in [
            r#"{"code":200,"code":500,"data":3}"#,
            r#"{"code":500,"code":200,"data":3}"#,
            r#"{"code":200,"data":3,"data":4}"#,
        ] {
            parse::<u8>(200, text).unwrap_err();
        }
    }

    #[test]
    fn a_list_may_be_null_or_missing() {
        for text in [r#"{"code":200,"data":null}"#, r#"{"code":200}"#] {
            assert!(parse::<Vec<u8>>(200, text).unwrap().is_empty());
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        #[derive(Debug, Deserialize)]
        struct Part {
            #[serde(rename = "id")]
            _id: u8,
        }
        let message = |text: &str| {
            parse::<Vec<Part>>(200, text)
                .unwrap_err()
                .message()
                .to_owned()
        };
        for (text, path) in [
            (r#"{"code":200,"data":[{"id":1},{"id":"x"}]}"#, "data[1].id"),
            (r#"{"code":200,"data":[{"id":1},{}]}"#, "data[1].id"),
            (r#"{"code":200,"data":{}}"#, "data"),
            (r#"{"code":200,"data":[[1]]}"#, "data[0]"),
            (r#"{"code":200,"data":[{"id":1},{"i"#, "data[1]"),
        ] {
            assert_eq!(
                message(text),
                format!("the answer does not fit at {path}"),
                "{text}"
            );
        }
        let html = "<html>Please log in";
        assert!(
            message(html).starts_with("the server answered HTTP 200 with "),
            "{html}"
        );
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
