//! A point in time as the server wrote it.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

/// A date as Authing sent it: ISO 8601 text, or milliseconds since 1970.
///
/// The text is kept unchanged, because the API answers with either form
/// depending on the field and the version of the server.
///
/// ```
/// use authing_core::Timestamp;
///
/// let iso: Timestamp = serde_json::from_str(r#""2026-11-22T10:00:00.000Z""#)?;
/// let millis: Timestamp = serde_json::from_str("1795341600000")?;
/// assert_eq!(iso.as_str(), "2026-11-22T10:00:00.000Z");
/// assert_eq!(millis.epoch_millis(), Some(1_795_341_600_000));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Timestamp(Box<str>);

impl Timestamp {
    /// The server's text; a number is written in decimal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The milliseconds since 1970, if that is the form the server chose.
    #[must_use]
    pub fn epoch_millis(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The point in time; `None` if the text is no date. A date without a time
    /// zone is taken for UTC. Offsets and fractions may be in any form of ISO
    /// 8601: `+08:00`, `+0800`, `+08`, `Z`, and `.5` or `,5`.
    #[cfg(feature = "chrono")]
    #[must_use]
    pub fn to_chrono(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        if let Some(millis) = self.epoch_millis() {
            return chrono::DateTime::from_timestamp_millis(millis);
        }
        let text = rfc3339(&self.0);
        let text = text.as_deref().unwrap_or(&self.0);
        let zoned = chrono::DateTime::parse_from_rfc3339(text).map(|date| date.to_utc());
        let civil = || {
            let text = text.replacen(' ', "T", 1);
            let moment = text.parse::<chrono::NaiveDateTime>();
            let day = || {
                text.parse::<chrono::NaiveDate>()
                    .map(|day| day.and_time(chrono::NaiveTime::MIN))
            };
            moment.or_else(|_| day()).map(|date| date.and_utc())
        };
        zoned.or_else(|_| civil()).ok()
    }

    /// The point in time; `None` if the text is no date. A date without a time
    /// zone is taken for UTC. Offsets and fractions may be in any form of ISO
    /// 8601: `+08:00`, `+0800`, `+08`, `Z`, and `.5` or `,5`.
    #[cfg(feature = "jiff")]
    #[must_use]
    pub fn to_jiff(&self) -> Option<jiff::Timestamp> {
        if let Some(millis) = self.epoch_millis() {
            return jiff::Timestamp::from_millisecond(millis).ok();
        }
        let civil = || {
            let date = self.0.parse::<jiff::civil::DateTime>()?;
            date.to_zoned(jiff::tz::TimeZone::UTC)
                .map(|date| date.timestamp())
        };
        self.0.parse().or_else(|_| civil()).ok()
    }
}

/// A date with a time in another form of ISO 8601, in that of RFC 3339: an
/// offset, if there is one, and seconds always.
#[cfg(feature = "chrono")]
fn rfc3339(text: &str) -> Option<String> {
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let date = match (date.len(), date.is_ascii()) {
        (8, true) if date.bytes().all(|byte| byte.is_ascii_digit()) => {
            let (year, day) = date.split_at_checked(4)?;
            let (month, day) = day.split_at_checked(2)?;
            format!("{year}-{month}-{day}")
        }
        _ => date.to_owned(),
    };
    // The name of a time zone may follow the offset (RFC 9557).
    let rest = rest.split('[').next()?;
    let at = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (time, offset) = rest.split_at_checked(at)?;
    let (time, fraction) = match time.split_once(['.', ',']) {
        Some((time, fraction)) => (time, format!(".{fraction}")),
        None => (time, String::new()),
    };
    let (hour, minute, second) = pairs(time)?;
    let second = match (second, &*fraction) {
        (None, "") => "00",
        (second, _) => second?,
    };
    let time = format!("{hour}:{}:{second}{fraction}", minute.unwrap_or("00"));
    let offset = match offset.split_at_checked(1) {
        None => String::new(),
        Some(("Z" | "z", "")) => "Z".to_owned(),
        Some((sign, offset)) => match pairs(offset)? {
            (hour, minute, None | Some("00")) => {
                format!("{sign}{hour}:{}", minute.unwrap_or("00"))
            }
            _ => return None,
        },
    };
    Some(format!("{date}T{time}{offset}"))
}

/// One to three pairs of digits, with colons between them or without.
#[cfg(feature = "chrono")]
fn pairs(text: &str) -> Option<(&str, Option<&str>, Option<&str>)> {
    let gap = usize::from(text.contains(':'));
    let mut found = [None; 3];
    let mut rest = text;
    for (at, place) in found.iter_mut().enumerate() {
        if rest.is_empty() {
            break;
        }
        if at > 0 && gap == 1 {
            rest = rest.strip_prefix(':')?;
        }
        let (pair, more) = rest.split_at_checked(2)?;
        if !pair.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        (*place, rest) = (Some(pair), more);
    }
    match found {
        [Some(first), second, third] if rest.is_empty() => Some((first, second, third)),
        _ => None,
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<&String> for Timestamp {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<String> for Timestamp {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

/// In UTC with milliseconds, as Authing itself writes dates.
#[cfg(feature = "chrono")]
impl<Z: chrono::TimeZone> From<chrono::DateTime<Z>> for Timestamp {
    fn from(date: chrono::DateTime<Z>) -> Self {
        let date = date.to_utc();
        Self::from(date.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
    }
}

/// In UTC with milliseconds, as Authing itself writes dates.
#[cfg(feature = "jiff")]
impl From<jiff::Timestamp> for Timestamp {
    fn from(date: jiff::Timestamp) -> Self {
        Self::from(format!("{date:.3}"))
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrNumber;

        impl Visitor<'_> for TextOrNumber {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date as text or as milliseconds")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                Ok(text.into())
            }

            fn visit_i64<E: de::Error>(self, millis: i64) -> Result<Timestamp, E> {
                Ok(millis.to_string().into())
            }

            fn visit_u64<E: de::Error>(self, millis: u64) -> Result<Timestamp, E> {
                Ok(millis.to_string().into())
            }

            fn visit_f64<E: de::Error>(self, millis: f64) -> Result<Timestamp, E> {
                /// Beyond, a number written out would be mostly zeros, and no date.
                const LARGEST: f64 = 1e18;
                Ok(match millis.abs() < LARGEST {
                    true => millis.to_string().into(),
                    false => format!("{millis:e}").into(),
                })
            }
        }

        deserializer.deserialize_any(TextOrNumber)
    }
}

#[cfg(test)]
mod number_tests {
    use super::*;

    #[test]
    fn numbers_are_written_out_as_long_as_they_can_be_dates() {
        for (json, text) in [
            ("1795341600000", "1795341600000"),
            ("1.7953416e12", "1795341600000"),
            ("-0.0", "-0"),
            ("1.5", "1.5"),
            ("1e17", "100000000000000000"),
            ("1e300", "1e300"),
            ("-1.5e300", "-1.5e300"),
        ] {
            let read: Timestamp = serde_json::from_str(json).unwrap();
            assert_eq!(read.as_str(), text);
        }
    }
}

#[cfg(all(test, feature = "chrono", feature = "jiff"))]
mod tests {
    use super::*;

    #[test]
    fn both_libraries_read_the_same_forms() {
        for (text, millis) in [
            ("2026-11-22T18:00:00.123+0800", Some(1_795_341_600_123)),
            ("2026-11-22T10:00:00.123+0000", Some(1_795_341_600_123)),
            ("2026-11-22T18:00:00+08", Some(1_795_341_600_000)),
            ("2026-11-22T10:00Z", Some(1_795_341_600_000)),
            ("2026-11-22T10Z", Some(1_795_341_600_000)),
            ("2026-11-22 10:00", Some(1_795_341_600_000)),
            ("2026-11-22T10:00:00,123Z", Some(1_795_341_600_123)),
            ("2026-11-22t10:00:00z", Some(1_795_341_600_000)),
            ("20261122T100000Z", Some(1_795_341_600_000)),
            ("20261122T1000", Some(1_795_341_600_000)),
            (
                "2026-11-22T18:00:00+08:00[Asia/Shanghai]",
                Some(1_795_341_600_000),
            ),
            ("2026-11-22T04:30:00-05:30", Some(1_795_341_600_000)),
            ("2026-11-22T10:00:00+", None),
            ("2026-11-22T10:00:00+0", None),
            ("2026-11-22T10:00:00 Z", None),
            ("2026-11-22T1:00Z", None),
            ("2026-11-22T10:00.5Z", None),
            ("2026-11-22T25:00Z", None),
            ("2026-11-22Tsoon", None),
            ("T10:00Z", None),
        ] {
            let date = Timestamp::from(text);
            let chrono = date.to_chrono().map(|date| date.timestamp_millis());
            let jiff = date.to_jiff().map(|date| date.as_millisecond());
            assert_eq!((chrono, jiff), (millis, millis), "{text}");
        }
    }

    #[test]
    fn both_forms_are_the_same_point_in_time() {
        let millis = 1_795_341_600_123;
        for text in [
            "1795341600123",
            "2026-11-22T10:00:00.123Z",
            "2026-11-22T18:00:00.123+08:00",
            "2026-11-22T10:00:00.123",
        ] {
            let timestamp = Timestamp::from(text);
            assert_eq!(
                timestamp.to_chrono().unwrap().timestamp_millis(),
                millis,
                "{text}"
            );
            assert_eq!(
                timestamp.to_jiff().unwrap().as_millisecond(),
                millis,
                "{text}"
            );
        }
        for text in ["2026-11-22", "2026-11-22 00:00:00", "2026-11-22T00:00:00Z"] {
            let timestamp = Timestamp::from(text);
            let (chrono, jiff) = (timestamp.to_chrono(), timestamp.to_jiff());
            let millis = 1_795_305_600_000;
            assert_eq!(
                chrono.map(|date| date.timestamp_millis()),
                Some(millis),
                "{text}"
            );
            assert_eq!(
                jiff.map(|date| date.as_millisecond()),
                Some(millis),
                "{text}"
            );
        }
        let written = "2026-11-22T10:00:00.123Z";
        let date = Timestamp::from(written);
        assert_eq!(Timestamp::from(date.to_chrono().unwrap()).as_str(), written);
        assert_eq!(Timestamp::from(date.to_jiff().unwrap()).as_str(), written);
        let day = Timestamp::from("2026-11-22");
        let midnight = 1_795_305_600_000;
        assert_eq!(day.to_chrono().unwrap().timestamp_millis(), midnight);
        assert_eq!(day.to_jiff().unwrap().as_millisecond(), midnight);
        for text in ["", "soon", "9223372036854775807", "2026-13-01T00:00:00Z"] {
            let timestamp = Timestamp::from(text);
            assert_eq!(
                (timestamp.to_chrono(), timestamp.to_jiff()),
                (None, None),
                "{text}"
            );
        }
    }
}
