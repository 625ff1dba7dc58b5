//! How far the server's clock is from this machine's.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{AGE, DATE};

/// What is further off is not a clock but a mistake: TLS would refuse the
/// certificates before.
const LARGEST: i128 = 24 * 60 * 60 * 1000;

/// Learns from the `Date` of answers (RFC 9110, section 6.6.1).
///
/// `Date` counts whole seconds, and was written at some time between the
/// request and the answer, so each answer bounds the difference from both sides.
/// The bounds of all answers together soon are close; an answer outside of them
/// means that a clock was set, and counts alone.
#[derive(Debug, Default)]
pub(crate) struct Skew(Mutex<Option<Bounds>>);

/// How much later it is at the server, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bounds {
    least: i128,
    most: i128,
}

impl Skew {
    /// Takes note of an answer to a request that left at `sent`.
    pub(crate) fn observe(&self, headers: &HeaderMap, sent: SystemTime, received: SystemTime) {
        // One from a cache was written long ago.
        if headers.contains_key(AGE) {
            return;
        }
        let Some(date) = date(headers) else { return };
        let date = millis(date);
        let seen = Bounds {
            least: date - millis(received),
            most: date + 1000 - millis(sent),
        };
        if seen.least > LARGEST || seen.most < -LARGEST || seen.least > seen.most {
            return;
        }
        let mut known = self.bounds();
        *known = Some(match *known {
            Some(known) if known.least <= seen.most && seen.least <= known.most => Bounds {
                least: known.least.max(seen.least),
                most: known.most.min(seen.most),
            },
            _ => seen,
        });
    }

    /// The server's time when it is `now` here: the same, unless that cannot be.
    pub(crate) fn server_time(&self, now: SystemTime) -> SystemTime {
        let ahead = match *self.bounds() {
            Some(Bounds { least, .. }) if least > 0 => least,
            Some(Bounds { most, .. }) if most < 0 => most,
            _ => return now,
        };
        let by = Duration::from_millis(u64::try_from(ahead.unsigned_abs()).unwrap_or(0));
        let time = match ahead > 0 {
            true => now.checked_add(by),
            false => now.checked_sub(by),
        };
        time.unwrap_or(now)
    }

    fn bounds(&self) -> MutexGuard<'_, Option<Bounds>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When the server says that it wrote the answer.
pub(crate) fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
}

fn millis(time: SystemTime) -> i128 {
    let signed = |duration: Duration| i128::try_from(duration.as_millis()).unwrap_or(i128::MAX);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => signed(after),
        Err(before) => -signed(before.duration()),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const NOON: &str = "Sun, 22 Nov 2026 12:00:00 GMT";

    fn noon() -> SystemTime {
        httpdate::parse_http_date(NOON).unwrap()
    }

    fn dated(date: &str) -> HeaderMap {
        HeaderMap::from_iter([(DATE, HeaderValue::from_str(date).unwrap())])
    }

    /// Notes an answer of noon at the server, which took `took` milliseconds and
    /// came when it was `ahead` milliseconds after noon here.
    fn observe(skew: &Skew, ahead: i64, took: u64) {
        let received = match u64::try_from(ahead) {
            Ok(later) => noon() + Duration::from_millis(later),
            Err(_) => noon() - Duration::from_millis(ahead.unsigned_abs()),
        };
        let sent = received - Duration::from_millis(took);
        skew.observe(&dated(NOON), sent, received);
    }

    /// By how many milliseconds the server is thought to be ahead.
    fn ahead(skew: &Skew) -> i128 {
        millis(skew.server_time(noon())) - millis(noon())
    }

    #[test]
    fn clocks_that_agree_are_left_alone() {
        let skew = Skew::default();
        assert_eq!(ahead(&skew), 0);
        for received in [0, 10, 500, 1000, 1100] {
            observe(&skew, received, 200);
            assert_eq!(ahead(&skew), 0, "{received}");
        }
    }

    #[test]
    fn a_clock_that_is_off_is_found_out() {
        // Here it is an hour later than at the server, or earlier.
        for (here, there) in [(3_600_000, -3_600_000), (-3_600_000, 3_600_000)] {
            let skew = Skew::default();
            for within_second in [0, 250, 500, 750, 999] {
                observe(&skew, here + within_second, 100);
            }
            let error = (ahead(&skew) - there).abs();
            assert!(error <= 1100, "off by {error} ms");
        }
    }

    #[test]
    fn a_clock_that_is_set_right_is_noticed() {
        let skew = Skew::default();
        observe(&skew, 3_600_000, 100);
        assert!(ahead(&skew) < -3_500_000);
        observe(&skew, 500, 100);
        assert_eq!(ahead(&skew), 0);
    }

    #[test]
    fn what_is_no_clock_is_ignored() {
        let skew = Skew::default();
        observe(&skew, 3_600_000 * 48, 100);
        observe(&skew, -3_600_000 * 48, 100);
        let mut cached = dated(NOON);
        cached.insert(AGE, HeaderValue::from_static("7200"));
        let later = noon() + Duration::from_secs(7200);
        skew.observe(&cached, later, later);
        for nonsense in ["", "noon", "Sun, 99 Nov 2026 12:00:00 GMT"] {
            skew.observe(&dated(nonsense), later, later);
        }
        skew.observe(&HeaderMap::new(), later, later);
        assert_eq!(ahead(&skew), 0);
    }
}
