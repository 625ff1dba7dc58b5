//! Authing's webhooks: is a request from Authing, and what does it tell?
//!
//! Authing copies a secret that you set in its console into the header
//! `x-authing-webhook-secret` (and `x-authing-token`). It signs nothing: TLS
//! alone protects the body, and an old request can be sent again by whoever
//! saw one. Deliveries are repeated where the settings say so; handle each so
//! that a second time does no harm.
//!
//! ```
//! use authing_verify::webhook::{EventName, Webhook};
//! use http::HeaderMap;
//!
//! # fn main() -> Result<(), authing_verify::Rejection> {
//! let webhook = Webhook::new("the secret of the webhook");
//!
//! let mut headers = HeaderMap::new();
//! headers.insert("x-authing-webhook-secret", "the secret of the webhook".parse().unwrap());
//! let body = br#"{"eventName":"login","data":{"id":"u1","username":"bob"}}"#;
//! let event = webhook.receive(&headers, body)?;
//! assert_eq!(event.name, EventName::Login);
//! assert_eq!(event.data.user_id(), Some("u1"));
//! # Ok(())
//! # }
//! ```

mod data;
mod names;

pub use data::{EventData, Fields};
pub use names::EventName;

use authing_core::Secret;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use crate::media_type::media_type;
use crate::rejection::{Reason, Rejection};
use crate::strict::told;

/// Where the secret may be (Authing's documentation of webhooks).
const HEADERS: [&str; 2] = ["x-authing-webhook-secret", "x-authing-token"];

/// As long as a body may be: one megabyte.
const MOST_BYTES: usize = 1 << 20;

/// Receives webhooks.
#[derive(Debug, Clone)]
pub struct Webhook {
    secret: Secret,
}

/// What happened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Event {
    /// The name of the event.
    pub name: EventName,
    /// What it is about.
    pub data: EventData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    event_name: Option<String>,
    data: Option<Value>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Webhook {
    /// With this secret, as it stands in the webhook's settings.
    #[must_use]
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self {
            secret: secret.into(),
        }
    }

    /// Checks the secret, then reads the event.
    ///
    /// # Errors
    ///
    /// See [`verify`](Self::verify) and [`read`](Self::read).
    pub fn receive(&self, headers: &HeaderMap, body: &[u8]) -> Result<Event, Rejection> {
        self.verify(headers)?;
        Self::read(headers, body)
    }

    /// Whether the request has the secret. It is compared in constant time, so
    /// that it cannot be guessed letter by letter.
    ///
    /// # Errors
    ///
    /// [`Reason::Missing`] without the header; [`Reason::Signature`] when it
    /// holds something else, or when the secret here is empty.
    pub fn verify(&self, headers: &HeaderMap) -> Result<(), Rejection> {
        let values: Vec<_> = HEADERS
            .iter()
            .flat_map(|name| headers.get_all(*name))
            .map(http::HeaderValue::as_bytes)
            .collect();
        if values.is_empty() {
            let words = format!("the request has no header {}", HEADERS.join(" or "));
            return Err(Rejection::new(Reason::Missing, words));
        }
        let secret = self.secret.expose().as_bytes();
        let is_same = |value: &&[u8]| bool::from(value.ct_eq(secret));
        match !secret.is_empty() && values.iter().all(is_same) {
            true => Ok(()),
            false => Err(Rejection::new(
                Reason::Signature,
                "the secret in the header is not that of this webhook",
            )),
        }
    }

    /// Reads an event without looking at the secret. The body may be JSON or a
    /// form, as the webhook's settings say.
    ///
    /// # Errors
    ///
    /// [`Reason::TooLong`] beyond a megabyte, and [`Reason::Malformed`] when it
    /// is no event.
    pub fn read(headers: &HeaderMap, body: &[u8]) -> Result<Event, Rejection> {
        if body.len() > MOST_BYTES {
            let words = format!(
                "the body has {} bytes, at most {MOST_BYTES} are read",
                body.len()
            );
            return Err(Rejection::new(Reason::TooLong, words));
        }
        let is_form = media_type(headers)
            .is_some_and(|kind| kind.eq_ignore_ascii_case(b"application/x-www-form-urlencoded"));
        let body = match is_form {
            true => from_form(body),
            false => serde_json::from_slice(body).map_err(|error| {
                let words = format!("the body is no event: {}", told(&error));
                Rejection::new(Reason::Malformed, words)
            })?,
        };
        // The test of the console comes without a name on old deployments.
        let is_test = body.rest.contains_key("description");
        let name = match body.event_name.as_deref() {
            Some(name) => EventName::from(name),
            None if is_test => EventName::Test,
            None => {
                let words = "the body has no `eventName`";
                return Err(Rejection::new(Reason::Malformed, words));
            }
        };
        let data = match body.data {
            Some(Value::Object(fields)) => Fields(fields),
            Some(other) => Fields(Map::from_iter([("data".to_owned(), other)])),
            None => Fields(body.rest),
        };
        Ok(Event {
            data: EventData::of(&name, data),
            name,
        })
    }
}

/// The fields of a form, of which `data` is JSON.
fn from_form(body: &[u8]) -> Body {
    let mut fields: Map<String, Value> = form_urlencoded::parse(body)
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect();
    let mut take = |name: &str| match fields.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    Body {
        event_name: take("eventName"),
        data: take("data").map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text))),
        rest: fields,
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
