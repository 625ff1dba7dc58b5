//! The GraphQL dialect: one post, one answer, failure in `errors`.

use std::fmt;
use std::marker::PhantomData;
use std::sync::OnceLock;

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::Result;
use crate::bounded::{Room, Within, no_text};
use crate::code::ErrorCode;
use crate::error::Error;
use crate::operation::{EncodeContext, Operation, Payload, Protocol, Repeat, Reply, Spec};
use crate::told::{Told, code_of, is_nothing};

/// Where GraphQL documents are posted.
pub(crate) const PATH: &str = "/graphql/v2";

/// A GraphQL document, made of an operation and the fragments it uses.
pub struct Document {
    parts: &'static [&'static str],
    /// The text as a JSON string: it never changes, so it is escaped once.
    escaped: OnceLock<Box<[u8]>>,
}

impl Document {
    /// The document made of these parts.
    #[must_use]
    pub const fn new(parts: &'static [&'static str]) -> Self {
        Self {
            parts,
            escaped: OnceLock::new(),
        }
    }

    /// The text of the document.
    #[must_use]
    pub fn text(&self) -> String {
        self.parts.concat()
    }

    fn escaped(&self) -> &[u8] {
        self.escaped
            .get_or_init(|| Value::from(self.text()).to_string().into_bytes().into())
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Document").field(&self.text()).finish()
    }
}

/// The payload that posts the operation's document, or the newer one that the
/// variables need, with these variables.
pub fn encode<V: Serialize>(
    spec: &Spec,
    newer: Option<&Document>,
    variables: &V,
) -> Result<Payload> {
    let Protocol::GraphQl { document, .. } = spec.protocol() else {
        return Err(Error::configuration("not a GraphQL operation"));
    };
    post(newer.unwrap_or(document).escaped(), variables)
}

fn post<V: Serialize + ?Sized>(escaped: &[u8], variables: &V) -> Result<Payload> {
    let mut body = opening(escaped);
    crate::body::write(&mut body, variables)?;
    body.push(b'}');
    Ok(Payload::checked(PATH, body))
}

fn opening(escaped: &[u8]) -> Vec<u8> {
    const VARIABLES: usize = 256;
    let mut body = Vec::with_capacity(escaped.len() + VARIABLES);
    body.extend_from_slice(b"{\"query\":");
    body.extend_from_slice(escaped);
    body.extend_from_slice(b",\"variables\":");
    body
}

/// Reads the operation's root field, or the error that came in its place.
pub fn decode<T: DeserializeOwned>(spec: &Spec, reply: &Reply<'_>) -> Result<T> {
    let Protocol::GraphQl { root, .. } = spec.protocol() else {
        return Err(Error::configuration("not a GraphQL operation"));
    };
    read(reply, Some(root))
}

/// Reads one field of `data`, or all of it if `root` is `None`.
fn read<T: DeserializeOwned>(reply: &Reply<'_>, root: Option<&'static str>) -> Result<T> {
    if let Some(nothing) = reply.nothing() {
        return Ok(nothing);
    }
    let room = Room::of_body(reply.text.len());
    let mut cause = None;
    if reply.status.is_success() {
        let seed = Envelope {
            root,
            answer: Within::new(&room),
        };
        let mut json = serde_json::Deserializer::from_str(reply.text);
        let answer = seed.deserialize(&mut json);
        match answer.and_then(|answer| json.end().map(|()| answer)) {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => {}
            Err(why) => cause = Some(why),
        }
    }
    Err(explain(reply, root, cause.as_ref(), &room))
}

/// What is wrong with an answer that could not be read, or tells of a refusal.
fn explain(
    reply: &Reply<'_>,
    root: Option<&'static str>,
    cause: Option<&serde_json::Error>,
    room: &Room,
) -> Error {
    let told = Told::read(reply.text);
    let refusal = told.and_then(|told| {
        // What stands before the GraphQL layer refuses in the envelope of REST.
        told.graphql_refusal()
            .or_else(|| match reply.status.is_success() {
                true => told.refusal_beside_success(),
                false => told.refusal(),
            })
    });
    match (refusal, cause) {
        (Some(refusal), _) => refusal,
        (None, _) if !reply.status.is_success() => Error::http(reply.status, reply.text),
        (None, Some(_)) => Error::unfit(reply, cause, room),
        (None, None) => Error::decode(match root {
            Some(root) => format!("the answer has no data.{root}"),
            None => "the answer has no data".to_owned(),
        }),
    }
}

/// Reads `{"data": {root: T}}` in one pass; `None` if there are errors or no
/// such field.
struct Envelope<'r, T> {
    root: Option<&'static str>,
    answer: Within<'r, T>,
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Envelope<'_, T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Envelope<'_, T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a GraphQL answer")
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Err(no_text(&self))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut answer = None;
        let mut failed = false;
        while let Some(key) = map.next_key::<Key>()? {
            match key {
                Key::Data => {
                    answer = map.next_value_seed(Data {
                        root: self.root,
                        answer: self.answer,
                    })?;
                }
                Key::Errors => {
                    // Where a name comes twice, the second must not hide the first.
                    failed |= !is_nothing(map.next_value::<&RawValue>()?.get());
                }
                // What stands before the GraphQL layer refuses so, with data or without.
                Key::Code | Key::StatusCode => {
                    let code = code_of(map.next_value::<&RawValue>()?.get());
                    failed |= code.is_some_and(|code| code != ErrorCode::SUCCESS);
                }
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(answer.filter(|_| !failed))
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Key {
    Data,
    Errors,
    Code,
    StatusCode,
    #[serde(other)]
    Other,
}

struct Data<'r, T> {
    root: Option<&'static str>,
    answer: Within<'r, T>,
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Data<'_, T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Data<'_, T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the data of a GraphQL answer")
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        match self.root {
            Some(root) => deserializer.deserialize_any(Root {
                root,
                answer: self.answer,
            }),
            None => self.answer.deserialize(deserializer).map(Some),
        }
    }
}

struct Root<'r, T> {
    root: &'static str,
    answer: Within<'r, T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Root<'_, T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the field {}", self.root)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Err(no_text(&self))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut answer = None;
        while let Some(is_root) = map.next_key_seed(Named(self.root))? {
            if is_root {
                answer = Some(map.next_value_seed(self.answer)?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(answer)
    }
}

/// Compares a key without keeping it.
struct Named(&'static str);

impl<'de> DeserializeSeed<'de> for Named {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Named {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the field {}", self.0)
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

/// A GraphQL call in the caller's own words, for what the SDK has no method
/// for. Its output is the whole `data` of the answer.
pub struct GraphQl<T> {
    document: String,
    /// `None` for what is not JSON.
    variables: Option<Value>,
    answer: PhantomData<fn() -> T>,
}

impl<T> GraphQl<T> {
    /// A call of `document` with `variables`, which must be a JSON object, such
    /// as a struct or `json!({..})`, or null.
    pub fn new(document: impl Into<String>, variables: impl Serialize) -> Self {
        Self {
            document: document.into(),
            variables: serde_json::to_value(variables).ok(),
            answer: PhantomData,
        }
    }
}

impl<T> fmt::Debug for GraphQl<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphQl")
            .field("document", &self.document)
            .finish_non_exhaustive()
    }
}

impl<T: DeserializeOwned + Send + 'static> Operation for GraphQl<T> {
    type Output = T;

    fn spec() -> &'static Spec {
        static SPEC: Spec = Spec::new(
            "graphql",
            // Nobody knows what the caller's document does.
            Repeat::Never,
            Protocol::GraphQl {
                document: Document::new(&[]),
                root: "",
            },
        );
        &SPEC
    }

    fn encode(&self, _: &EncodeContext<'_>) -> Result<Payload> {
        let Some(variables @ (Value::Object(_) | Value::Null)) = &self.variables else {
            return Err(Error::invalid_input(
                "GraphQL variables must be a JSON object",
            ));
        };
        let escaped = Value::from(self.document.as_str()).to_string();
        post(escaped.as_bytes(), variables)
    }

    fn decode(&self, reply: &Reply<'_>) -> Result<T> {
        read(reply, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use http::{HeaderMap, StatusCode};

    fn parse<T: DeserializeOwned>(status: u16, text: &str) -> Result<T> {
        let reply = Reply {
            status: StatusCode::from_u16(status).unwrap(),
            headers: &HeaderMap::new(),
            text,
        };
        read(&reply, Some("user"))
    }

    #[test]
    fn the_root_field_is_read() {
        let answer = parse::<u8>(200, r#"{"extra":[{}],"data":{"other":"x","user":7}}"#);
        assert_eq!(answer.unwrap(), 7);
        let null = parse::<Option<u8>>(200, r#"{"data":{"user":null},"errors":[]}"#);
        assert_eq!(null.unwrap(), None);
    }

    #[test]
    fn an_object_message_is_a_refusal() {
        let text = r#"{"errors":[{"message":{"code":2004,"message":"no","data":{"a":1}}},
            {"message":"second"}],"data":{"user":null}}"#;
        for status in [200, 400, 500] {
            let error = parse::<Option<u8>>(status, text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Api);
            assert_eq!(error.code(), Some(ErrorCode::USER_NOT_FOUND));
            assert_eq!(error.message(), "no");
            assert_eq!(error.data::<Value>().unwrap()["a"], 1);
        }
    }

    #[test]
    fn a_refusal_without_words_is_explained() {
        for message in [r#"{"code":2004}"#, r#"{"code":2004,"message":""}"#] {
            let text = format!(r#"{{"errors":[{{"message":{message}}}],"data":null}}"#);
            let error = parse::<u8>(200, &text).unwrap_err();
            assert_eq!(error.message(), "the user does not exist");
        }
        for refusal in ["{}", r#"{"message":{}}"#] {
            let error = parse::<u8>(200, &format!(r#"{{"errors":[{refusal}]}}"#)).unwrap_err();
            assert_eq!(error.message(), "the server gave no reason");
            assert_eq!(error.kind(), ErrorKind::Api);
        }
    }

    #[test]
    fn errors_that_come_twice_are_errors() {
        for second in ["[]", "null"] {
            let text = format!(
                r#"{{"errors":[{{"message":"no"}}],"data":{{"user":7}},"errors":{second}}}"#
            );
            let error = parse::<u8>(200, &text).unwrap_err();
            assert_eq!((error.kind(), error.message()), (ErrorKind::Api, "no"));
        }
    }

    #[test]
    fn reasons_of_any_form_are_kept() {
        for (text, words) in [
            (r#"{"errors":["boom"]}"#, "boom"),
            (r#"{"errors":"boom"}"#, "boom"),
            (r#"{"errors":{"message":"boom"}}"#, "boom"),
            (r#"{"errors":[{"message":["a","b"]}]}"#, "a; b"),
            (
                r#"{"errors":[{"message":{"code":2020,"message":["a","b"]}}]}"#,
                "a; b",
            ),
            (
                r#"{"errors":[{"message":{"zh-CN":"不"}}]}"#,
                r#"{"zh-CN":"不"}"#,
            ),
            (
                r#"{"errors":true,"data":{"user":1}}"#,
                "the server gave no reason",
            ),
            (r#"{"message":"boom"}"#, "boom"),
            (r#"{"statusCode":400,"message":["a","b"]}"#, "a; b"),
        ] {
            let error = parse::<u8>(200, text).unwrap_err();
            assert_eq!(
                (error.kind(), error.message()),
                (ErrorKind::Api, words),
                "{text}"
            );
        }
    }

    #[test]
    fn an_answer_may_say_that_there_is_nothing_to_read() {
        parse::<()>(204, "").unwrap();
        assert_eq!(parse::<()>(200, "").unwrap_err().kind(), ErrorKind::Decode);
        let error = parse::<Option<u8>>(204, "").unwrap_err();
        assert_eq!(error.message(), "the answer is empty");
    }

    #[test]
    fn a_list_may_be_null() {
        let list = parse::<Vec<u8>>(200, r#"{"data":{"user":null}}"#);
        assert!(list.unwrap().is_empty());
    }

    #[test]
    fn a_text_message_is_a_refusal_without_code() {
        let error = parse::<u8>(400, r#"{"errors":[{"message":"Cannot query field"}]}"#);
        let error = error.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Api, None));
        assert_eq!(error.message(), "Cannot query field");
    }

    #[test]
    fn a_refusal_in_the_rest_envelope_is_read() {
        let text = r#"{"code":2020,"message":"no","data":{"user":7}}"#;
        let refused = parse::<u8>(200, text).unwrap_err();
        assert_eq!(refused.code(), Some(ErrorCode::NOT_LOGGED_IN));
        // What stands before the GraphQL layer, such as the rate limit, answers like this.
        let busy = parse::<u8>(429, r#"{"statusCode":429,"message":"slow down"}"#).unwrap_err();
        assert_eq!(busy.code(), Some(ErrorCode::new(429)));
        assert_eq!(busy.message(), "slow down");
        assert!(busy.is_retryable());
        for status in [200, 401] {
            let error = parse::<u8>(status, r#"{"code":2020,"message":"no"}"#).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Api);
            assert_eq!(error.code(), Some(ErrorCode::NOT_LOGGED_IN));
        }
        let odd = parse::<u8>(200, r#"{"code":200,"message":"ok"}"#).unwrap_err();
        assert_eq!(odd.kind(), ErrorKind::Decode);
    }

    #[test]
    fn odd_errors_are_still_errors() {
        for text in [
            r#"{"errors":[{}]}"#,
            r#"{"errors":[{"message":null}],"data":{"user":1}}"#,
            r#"{"errors":[{"message":{"code":"2004"}}],"data":null}"#,
        ] {
            assert_eq!(
                parse::<u8>(200, text).unwrap_err().kind(),
                ErrorKind::Api,
                "{text}"
            );
        }
    }

    #[test]
    fn unreadable_answers_say_why() {
        let message = |text: &str| {
            let error = parse::<u8>(200, text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode, "{text}");
            error.message().to_owned()
        };
        assert_eq!(message("  "), "the answer is empty");
        assert_eq!(message(r#"{"data":null}"#), "the answer has no data.user");
        assert_eq!(message(r#"{"data":{}}"#), "the answer has no data.user");
        assert_eq!(
            message(r#"{"data":{"user":1}}}"#),
            "the answer goes on after its end"
        );
        assert_eq!(
            message(r#"{"data":{"user":"x"}}"#),
            "the answer does not fit at data.user"
        );
        assert_eq!(
            message("<html>Please  log in</html>"),
            "the server answered HTTP 200 with no content type and not with JSON: <html>Please log in</html>"
        );
        assert_eq!(
            message(r#"{"data":{"us"#),
            "the answer does not fit at data"
        );
        assert_eq!(message(r#"{"data":{"user":1},]"#), "the answer is no JSON");
        let gateway = parse::<u8>(500, "<html>oops</html>").unwrap_err();
        assert_eq!(gateway.kind(), ErrorKind::Http);
    }
}
