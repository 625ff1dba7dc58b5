//! Webhooks: telling another server what happens in a user pool.

mod courier;
mod events;

use std::collections::VecDeque;
use std::time::Duration;

use axum::http::Uri;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::dates::Moment;
use crate::emulator::Emulator;
use crate::ids;
use crate::journal::RecordedRequest;
use crate::loopback::is_loopback;
use crate::shared::Shared;

pub(crate) use courier::deliver;

/// How many deliveries are remembered.
const CAPACITY: usize = 1000;
/// Of their bodies.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// What the journal has for the method of an event that was dropped.
const EVENT: &str = "EVENT";
const RETRIES: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_secs(10);

/// Where the events of a user pool are sent, as JSON of `eventName` and `data`.
///
/// ```
/// use authing_emulator::{Emulator, Webhook};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let emulator = Emulator::start()?;
/// let webhook = Webhook::to("http://127.0.0.1:8080/hook").secret("s3cret").only(["user:created"]);
/// emulator.set_webhook(webhook)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Webhook {
    /// An `http` address on this machine, or anywhere if the emulator was told so.
    pub url: String,
    /// Sent along in `x-authing-webhook-secret` and `x-authing-token`.
    #[serde(default)]
    pub secret: String,
    /// The events that are sent; all of them unless set.
    #[serde(default)]
    pub events: Option<Vec<String>>,
    /// How often a delivery is tried again that was not answered with 2xx. 3 unless set.
    #[serde(default = "retries")]
    pub retries: u32,
    /// The pause before the first retry, in milliseconds on the emulator's clock; each later one is twice as long.
    /// 10 000 unless set.
    #[serde(default = "first_pause")]
    pub retry_delay_ms: u64,
}

fn retries() -> u32 {
    RETRIES
}

fn first_pause() -> u64 {
    u64::try_from(FIRST_PAUSE.as_millis()).unwrap_or(u64::MAX)
}

impl Webhook {
    /// All events to this address, without a secret.
    pub fn to(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            secret: String::new(),
            events: None,
            retries: retries(),
            retry_delay_ms: first_pause(),
        }
    }

    /// With this secret.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = secret.into();
        self
    }

    /// These events only.
    #[must_use]
    pub fn only<T: Into<String>>(mut self, events: impl IntoIterator<Item = T>) -> Self {
        self.events = Some(events.into_iter().map(Into::into).collect());
        self
    }

    /// Tries so often again, after this pause and then twice as long each time.
    #[must_use]
    pub fn retries(mut self, times: u32, first_pause: Duration) -> Self {
        self.retries = times;
        self.retry_delay_ms = u64::try_from(first_pause.as_millis()).unwrap_or(u64::MAX);
        self
    }

    fn wants(&self, event: &str) -> bool {
        let only = self.events.as_deref();
        only.is_none_or(|events| events.iter().any(|own| own == event))
    }

    /// The pause after so many attempts; none when there were enough.
    fn pause(&self, attempts: usize) -> Option<i64> {
        let retry = u32::try_from(attempts).ok()?.checked_sub(1)?;
        let doubled = 1_u64.checked_shl(retry).unwrap_or(u64::MAX);
        let pause = self.retry_delay_ms.saturating_mul(doubled);
        (retry < self.retries).then(|| i64::try_from(pause).unwrap_or(i64::MAX))
    }
}

/// Why a webhook is not accepted.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The text is no `http` address with a host. There is no TLS here.
    #[error("`{0}` is not an http address")]
    NotHttp(String),
    /// The events would leave this machine, and nobody said that this is meant.
    #[error(
        "`{0}` is not on this machine: start the emulator with leave to send webhooks elsewhere"
    )]
    Elsewhere(String),
}

/// What came of one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attempt {
    /// When it began, by the emulator's clock, as ISO 8601 text.
    pub at: String,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
}

/// An event that was or will be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Delivery {
    /// Names it.
    pub id: String,
    /// The name of the event.
    pub event: String,
    /// What is sent.
    pub body: Value,
    /// When the event happened, by the emulator's clock, as ISO 8601 text.
    pub created_at: String,
    /// What came of it so far.
    pub attempts: Vec<Attempt>,
    /// Whether it was answered with 2xx.
    pub delivered: bool,
    /// When it is tried next, in milliseconds since 1970 by the emulator's clock; none when it is over.
    pub next_attempt: Option<i64>,
}

/// Where events go, and what became of the last ones, oldest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Webhooks {
    target: Option<Webhook>,
    deliveries: VecDeque<Delivery>,
    /// Whether something was added that the courier has not been told of.
    #[serde(skip)]
    is_news: bool,
    /// The names of events that were dropped before they could be sent.
    #[serde(skip)]
    dropped: Vec<String>,
    /// Of all bodies; not known yet after the state was read from a file.
    #[serde(skip)]
    bytes: Option<usize>,
}

fn size(body: &Value) -> usize {
    body.to_string().len()
}

impl Webhooks {
    pub(crate) fn set(&mut self, target: Option<Webhook>) {
        self.target = target;
    }

    pub(crate) fn target(&self) -> Option<&Webhook> {
        self.target.as_ref()
    }

    pub(crate) fn deliveries(&self) -> impl DoubleEndedIterator<Item = &Delivery> {
        self.deliveries.iter()
    }

    pub(crate) fn shown(&self) -> Value {
        json!({"webhook": self.target, "deliveries": self.deliveries})
    }

    /// Sends an event, if somebody wants to hear of it.
    pub(crate) fn add(&mut self, event: &str, data: Value, now: Moment) {
        if !self.target.as_ref().is_some_and(|own| own.wants(event)) {
            return;
        }
        let body = json!({"eventName": event, "data": data});
        let known = self.bytes.unwrap_or_else(|| {
            let sizes = self.deliveries.iter().map(|own| size(&own.body));
            sizes.sum()
        });
        let mut bytes = known.saturating_add(size(&body));
        while self.deliveries.len() >= CAPACITY || bytes > MOST_BYTES {
            let Some(oldest) = self.deliveries.pop_front() else {
                break;
            };
            bytes = bytes.saturating_sub(size(&oldest.body));
            if oldest.next_attempt.is_some() {
                self.dropped.push(oldest.event);
            }
        }
        self.bytes = Some(bytes);
        self.is_news = true;
        self.deliveries.push_back(Delivery {
            id: ids::id(),
            event: event.to_owned(),
            body,
            created_at: now.iso(),
            attempts: Vec::new(),
            delivered: false,
            next_attempt: Some(now.milliseconds()),
        });
    }

    /// Whether something has come since this was asked last.
    pub(crate) fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.is_news)
    }

    /// The events that were dropped since this was asked last.
    pub(crate) fn take_dropped(&mut self) -> Vec<String> {
        std::mem::take(&mut self.dropped)
    }

    /// What is to be sent next, whether its time has come or not.
    fn next(&self) -> Option<(&Webhook, &Delivery, Moment)> {
        let target = self.target.as_ref()?;
        let waiting = self
            .deliveries
            .iter()
            .filter_map(|own| Some((own, own.next_attempt?)));
        let (delivery, at) = waiting.min_by_key(|(_, at)| *at)?;
        Some((target, delivery, Moment::from_milliseconds(at)))
    }

    fn record(&mut self, id: &str, attempt: Attempt, now: Moment) {
        let delivery = self.deliveries.iter_mut().find(|own| own.id == id);
        let (Some(delivery), Some(target)) = (delivery, &self.target) else {
            return;
        };
        delivery.delivered = attempt
            .status
            .is_some_and(|status| (200..300).contains(&status));
        delivery.attempts.push(attempt);
        let pause = target.pause(delivery.attempts.len());
        delivery.next_attempt = match delivery.delivered {
            true => None,
            false => pause.map(|pause| now.plus(pause).milliseconds()),
        };
    }
}

impl Shared {
    /// The journal says what nobody will hear of.
    pub(crate) fn record_dropped(&self, events: Vec<String>) {
        for event in events {
            self.journal.record(RecordedRequest {
                at: self.clock.now().iso(),
                method: EVENT.to_owned(),
                operation: Some(event),
                ..RecordedRequest::default()
            });
        }
    }

    pub(crate) fn check_webhook(&self, webhook: &Webhook) -> Result<(), WebhookError> {
        check(webhook, self.webhooks_anywhere)
    }
}

/// Events hold digests of passwords and tokens, so they stay on this machine unless somebody says otherwise.
pub(crate) fn check(webhook: &Webhook, anywhere: bool) -> Result<(), WebhookError> {
    let url = &webhook.url;
    let uri: Option<Uri> = url.parse().ok();
    let uri = uri.filter(|uri| uri.scheme_str() == Some("http"));
    let host = uri.as_ref().and_then(Uri::host);
    let host = host.ok_or_else(|| WebhookError::NotHttp(url.clone()))?;
    match anywhere || is_loopback(host) {
        true => Ok(()),
        false => Err(WebhookError::Elsewhere(url.clone())),
    }
}

impl Emulator {
    /// Sends the events of the first user pool there from now on.
    ///
    /// # Errors
    ///
    /// When the address is not `http`, or not on this machine without
    /// [`Builder::webhooks_anywhere`](crate::Builder::webhooks_anywhere).
    pub fn set_webhook(&self, webhook: Webhook) -> Result<(), WebhookError> {
        self.shared.check_webhook(&webhook)?;
        let mut world = self.shared.world();
        world.tenants.first.state.webhooks.set(Some(webhook));
        self.shared.webhooks_waiting.notify_one();
        Ok(())
    }

    /// The last 1000 events that the first user pool had to tell, or as many as have 16 MiB, oldest first, and what
    /// became of them. An event that makes room before it was sent is in [`requests`](Self::requests), with the method
    /// `EVENT` and its name as the operation.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        let world = self.shared.world();
        let webhooks = &world.tenants.first.state.webhooks;
        webhooks.deliveries().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end() {
        let webhook = Webhook::to("http://localhost").retries(3, Duration::from_secs(1));
        let pauses = (1..=4).map(|attempts| webhook.pause(attempts));
        let pauses: Vec<_> = pauses.collect();
        assert_eq!(pauses, [Some(1000), Some(2000), Some(4000), None]);
        let longest = Webhook::to("x").retries(u32::MAX, Duration::MAX);
        assert_eq!(longest.pause(500), Some(i64::MAX));
    }

    #[test]
    fn events_stay_on_this_machine() {
        for local in [
            "http://127.0.0.1:1/x",
            "http://127.0.0.2",
            "http://localhost",
            "http://LOCALHOST.:1",
            "http://hook.localhost/x",
            "http://[::1]:2",
        ] {
            check(&Webhook::to(local), false).unwrap();
        }
        for (url, anywhere) in [
            ("https://127.0.0.1/", true),
            ("http://example.com/", false),
            ("http://127.0.0.1.example.com/", false),
            ("http://localhost.example.com/", false),
            ("127.0.0.1", true),
            ("", true),
        ] {
            assert!(check(&Webhook::to(url), anywhere).is_err(), "{url}");
        }
        check(&Webhook::to("http://example.com/"), true).unwrap();
    }
}
