//! Whether and when a call is sent again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, header::RETRY_AFTER};

use crate::error::Error;
use crate::operation::Repeat;
use crate::skew::date;
use crate::transport::TransportErrorKind;

/// How often, and how soon, a failed call is sent again.
///
/// Only what can be sent again safely is: see the table. The waits grow
/// exponentially with full jitter, and a server's `Retry-After` is honoured. No
/// wait goes beyond the call's deadline: the error is returned at once instead.
///
/// | what happened | reads and settings of a value | everything else |
/// |---|---|---|
/// | no connection came about, or the server gave the request back | sent again | sent again |
/// | no answer in time, or the connection broke | sent again | not |
/// | HTTP 429 | sent again | sent again: it was not carried out |
/// | HTTP 503 with `Retry-After` | sent again | sent again: it was not carried out |
/// | HTTP 502, 503, 504 | sent again | not |
/// | any answer of Authing, also `code` 500 | not | not |
/// | the administrator's token was refused | once more, with a new token | once more, with a new token |
///
/// All clones of a client share a budget: each repetition is paid for from it,
/// and successes fill it up. When nothing succeeds any more, calls soon stop
/// being repeated, so that an outage is not multiplied.
///
/// ```
/// use authing_core::RetryPolicy;
/// use std::time::Duration;
///
/// let patient = RetryPolicy::new().max_tries(5).first_delay(Duration::from_millis(500));
/// let never = RetryPolicy::none();
/// # let _ = (patient, never);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    max_tries: u32,
    first_delay: Duration,
    max_delay: Duration,
}

impl Default for RetryPolicy {
    /// Three tries; delays from 200 milliseconds to 5 seconds.
    fn default() -> Self {
        Self {
            max_tries: 3,
            first_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(5),
        }
    }
}

impl RetryPolicy {
    /// The default: three tries, delays from 200 milliseconds to 5 seconds.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends nothing twice, whatever happens. Where the server refuses the
    /// administrator's token, the call fails, and the next call fetches a new
    /// token.
    pub fn none() -> Self {
        Self::default().max_tries(1)
    }

    /// How often a call is sent at most: the first time, the retries, and the
    /// one after a refused token. 0 counts as 1, and 1 is [`none`](Self::none).
    pub fn max_tries(mut self, tries: u32) -> Self {
        self.max_tries = tries.max(1);
        self
    }

    /// The longest wait before the second try; it doubles with every further
    /// one.
    pub fn first_delay(mut self, delay: Duration) -> Self {
        self.first_delay = delay;
        self
    }

    /// The longest wait before any try. A server's `Retry-After` may ask for
    /// more.
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Whether a call that was sent so often may be sent again.
    pub(crate) fn allows_after(&self, tries: u32) -> bool {
        tries < self.max_tries
    }

    /// How long to wait before the next try of an operation that has failed
    /// `tries` times; `None` if it must not be sent again.
    pub(crate) fn delay(&self, repeat: Repeat, error: &Error, tries: u32) -> Option<Duration> {
        if !self.allows_after(tries) || !may_repeat(repeat, error) {
            return None;
        }
        let doubled = 2_u32.saturating_pow(tries.saturating_sub(1));
        let longest = self.first_delay.saturating_mul(doubled).min(self.max_delay);
        // Full jitter: clients that failed together do not come back together.
        let backoff = longest.mul_f64(fastrand::f64());
        Some(
            error
                .retry_after()
                .map_or(backoff, |asked| asked.max(backoff)),
        )
    }
}

fn may_repeat(repeat: Repeat, error: &Error) -> bool {
    let harmless = matches!(repeat, Repeat::Safe | Repeat::Idempotent);
    match error.transport_kind() {
        Some(TransportErrorKind::Connect | TransportErrorKind::Unprocessed) => return true,
        Some(TransportErrorKind::Timeout | TransportErrorKind::Interrupted) => return harmless,
        Some(_) => return false,
        None => {}
    }
    match error.http_status().map(|status| status.as_u16()) {
        Some(429) => true,
        Some(503) if error.retry_after().is_some() => true,
        Some(502..=504) => harmless,
        _ => false,
    }
}

/// What the server asks for in `Retry-After`: seconds, or a date (RFC 9110,
/// section 10.2.3). A date in the past asks for no wait. It is the server's, so
/// it is compared with the `Date` of the same answer, or else with `now`.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let end = httpdate::parse_http_date(text).ok()?;
    let now = date(headers).unwrap_or(now);
    Some(end.duration_since(now).unwrap_or_default())
}

/// The tokens that repetitions are paid with.
#[derive(Debug)]
pub(crate) struct Budget(Mutex<u32>);

impl Budget {
    /// Enough for a hundred repetitions without a success: that many calls at
    /// once may meet a short break and come through.
    const FULL: u32 = 500;
    const PRICE: u32 = 5;
    const REWARD: u32 = 1;

    pub(crate) fn full() -> Self {
        Self(Mutex::new(Self::FULL))
    }

    /// Pays for one repetition, if there is enough left.
    pub(crate) fn pay(&self) -> bool {
        let mut left = self.left();
        match left.checked_sub(Self::PRICE) {
            Some(rest) => {
                *left = rest;
                true
            }
            None => false,
        }
    }

    /// A call succeeded, after this many repetitions.
    pub(crate) fn reward(&self, repetitions: u32) {
        let refund = Self::PRICE.saturating_mul(repetitions).max(Self::REWARD);
        let mut left = self.left();
        *left = left.saturating_add(refund).min(Self::FULL);
    }

    fn left(&self) -> MutexGuard<'_, u32> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, StatusCode};

    use super::*;
    use crate::transport::TransportError;

    #[test]
    fn the_table_holds() {
        use TransportErrorKind::{
            Connect, Interrupted, Other, Request, Timeout, TooLarge, Unprocessed,
        };
        let transport = |kind: TransportErrorKind| Error::from(TransportError::from(kind));
        let status = |number: u16| {
            let status = StatusCode::from_u16(number).unwrap();
            Error::http(status, "").with_status(status)
        };
        let asked = |number: u16| status(number).with_retry_after(Some(Duration::ZERO));
        let business =
            Error::api(Some(crate::ErrorCode::new(500)), "no").with_status(StatusCode::OK);
        for (error, harmless, other) in [
            (transport(Connect), true, true),
            (transport(Unprocessed), true, true),
            (transport(Timeout), true, false),
            (transport(Interrupted), true, false),
            (transport(TooLarge), false, false),
            (transport(Request), false, false),
            (transport(Other), false, false),
            (status(429), true, true),
            (status(502), true, false),
            (status(503), true, false),
            (status(504), true, false),
            (asked(503), true, true),
            (asked(502), true, false),
            (status(500), false, false),
            (status(400), false, false),
            (business, false, false),
        ] {
            assert_eq!(may_repeat(Repeat::Safe, &error), harmless, "{error:?}");
            assert_eq!(
                may_repeat(Repeat::Idempotent, &error),
                harmless,
                "{error:?}"
            );
            assert_eq!(may_repeat(Repeat::Never, &error), other, "{error:?}");
        }
    }

    #[test]
    fn delays_grow_within_their_bounds() {
        let policy = RetryPolicy::new().max_tries(40);
        let error = Error::from(TransportError::from(TransportErrorKind::Connect));
        let longest = |tries| {
            (0..200)
                .map(|_| policy.delay(Repeat::Safe, &error, tries).unwrap())
                .max()
                .unwrap()
        };
        assert!(longest(1) <= Duration::from_millis(200));
        assert!(
            longest(3) <= Duration::from_millis(800) && longest(3) > Duration::from_millis(200)
        );
        assert!(longest(39) <= Duration::from_secs(5));
        assert!(policy.delay(Repeat::Safe, &error, 40).is_none());
        assert!(RetryPolicy::none().delay(Repeat::Safe, &error, 1).is_none());
        assert_eq!(RetryPolicy::none(), RetryPolicy::new().max_tries(0));
        let asked = error.with_retry_after(Some(Duration::from_secs(9)));
        assert_eq!(
            policy.delay(Repeat::Safe, &asked, 1),
            Some(Duration::from_secs(9))
        );
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Sun, 22 Nov 2026 10:00:00 GMT").unwrap();
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_str(text).unwrap());
            retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        assert_eq!(read("7"), Some(7));
        assert_eq!(read(" 0 "), Some(0));
        assert_eq!(read("Sun, 22 Nov 2026 10:00:30 GMT"), Some(30));
        assert_eq!(read("Sun, 22 Nov 2026 09:00:00 GMT"), Some(0));
        for nonsense in ["", "-1", "soon", "1.5", "99999999999999999999999"] {
            assert_eq!(read(nonsense), None, "{nonsense}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);

        // A clock that is off by hours makes no difference.
        let later = httpdate::parse_http_date("Sun, 22 Nov 2026 15:00:00 GMT").unwrap();
        let dated = HeaderMap::from_iter([
            (
                RETRY_AFTER,
                HeaderValue::from_static("Sun, 22 Nov 2026 10:00:30 GMT"),
            ),
            (
                http::header::DATE,
                HeaderValue::from_static("Sun, 22 Nov 2026 10:00:00 GMT"),
            ),
        ]);
        assert_eq!(retry_after(&dated, later), Some(Duration::from_secs(30)));
    }

    #[test]
    fn the_budget_runs_dry_and_fills_up() {
        let budget = Budget::full();
        assert_eq!((0..1000).filter(|_| budget.pay()).count(), 100);
        for _ in 0..4 {
            budget.reward(0);
        }
        assert!(!budget.pay());
        budget.reward(0);
        assert!(budget.pay() && !budget.pay());
        budget.reward(2);
        assert_eq!((0..1000).filter(|_| budget.pay()).count(), 2);
        for _ in 0..1000 {
            budget.reward(3);
        }
        assert_eq!((0..1000).filter(|_| budget.pay()).count(), 100);
    }
}
