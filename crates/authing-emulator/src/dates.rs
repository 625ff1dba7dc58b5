//! Points in time and their ISO 8601 text.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::fmt::rfc2822::DateTimePrinter;
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Moment(i64);

impl Moment {
    pub(crate) fn since_epoch(duration: Duration) -> Self {
        Self(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
    }

    pub(crate) fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    pub(crate) fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    pub(crate) fn from_milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    pub(crate) fn milliseconds(self) -> i64 {
        self.0
    }

    pub(crate) fn of(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(since) => Self::since_epoch(since),
            Err(before) => Self(-Self::since_epoch(before.duration()).0),
        }
    }

    pub(crate) fn system_time(self) -> SystemTime {
        let distance = Duration::from_millis(self.0.unsigned_abs());
        let time = match self.0 {
            0.. => UNIX_EPOCH.checked_add(distance),
            _ => UNIX_EPOCH.checked_sub(distance),
        };
        time.unwrap_or(UNIX_EPOCH)
    }

    pub(crate) fn plus(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// Reads ISO 8601 text with a zone.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let time: jiff::Timestamp = text.parse().ok()?;
        Some(Self(time.as_millisecond()))
    }

    pub(crate) fn after(self, wait: Duration) -> Self {
        Self(self.0.saturating_add(Self::since_epoch(wait).0))
    }

    /// The second in which something ends that lasts so long from now on, as tokens have it. JSON's numbers are exact up
    /// to the latest one for clients of all languages.
    pub(crate) fn end_of(self, life: Duration) -> i64 {
        const LATEST: i64 = (1 << 53) - 1;
        let life = i64::try_from(life.as_secs()).unwrap_or(LATEST);
        self.seconds().saturating_add(life).min(LATEST)
    }

    /// The form of HTTP's headers, `Thu, 29 Feb 2024 12:34:56 GMT`; nothing beyond the year 9999.
    pub(crate) fn http_date(self) -> Option<String> {
        let time = jiff::Timestamp::from_millisecond(self.0).ok()?;
        DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&time)
            .ok()
    }

    /// `2024-02-29T12:34:56.789Z`; the end of time where a clock was turned beyond it.
    pub(crate) fn iso(self) -> String {
        let time = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::MAX);
        format!("{time:.3}")
    }
}

/// True for what Authing takes as a date: an ISO 8601 day, or a day with a time.
pub(crate) fn is_date(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::DateTime>().is_ok()
}

/// True for milliseconds since 1970 in digits, which only custom fields take for a date.
pub(crate) fn is_milliseconds(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_iso_text() {
        for (milliseconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_827_696_789, "2000-02-29T12:34:56.789Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(Moment(milliseconds).iso(), text);
            let moment = Moment(milliseconds);
            assert_eq!(Moment::parse(text), Some(moment));
            assert_eq!(Moment::of(moment.system_time()), moment);
        }
        assert_eq!(Moment::of(Moment(-5).system_time()), Moment(-5));
        assert_eq!(Moment::parse("2000-02-29"), None);
    }

    #[test]
    fn writes_dates_of_headers() {
        let moment = Moment(784_111_776_999).after(Duration::from_millis(1));
        let date = moment.http_date();
        assert_eq!(date.as_deref(), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
        assert_eq!(moment.after(Duration::MAX).http_date(), None);
    }

    #[test]
    fn tells_dates_from_other_text() {
        for good in [
            "2020-01-01",
            "2020-02-29T02:03",
            "2020-01-01T02:03:04",
            "2020-01-01 02:03:04.123456",
            "2020-01-01T02:03:04.000Z",
            "2020-01-01T02:03:04+08:00",
            "2020-01-01T02:03:04-0330",
        ] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "",
            "soon",
            "2021-02-29",
            "2020-13-01",
            "2020-1-1",
            "2020-01-01T25:00",
            "2020-01-01T02:03:04+8",
            "2020-01-01T",
            "-5",
            "0",
            "1580000000000",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
        assert!(is_milliseconds("0") && is_milliseconds("1580000000000"));
        for bad in ["", "-5", "1.5", "2020-01-01"] {
            assert!(!is_milliseconds(bad), "{bad}");
        }
    }
}
