//! Asking for a set of keys.

use std::time::Duration;

use authing_core::{
    Credential, EncodeContext, Error, ErrorKind, Operation, Payload, Pipeline, Protocol, Repeat,
    Reply, Request, Result, Spec,
};
use http::header::{AGE, CACHE_CONTROL};
use http::{HeaderMap, Method};

use super::KeySet;

/// As long as a set may be. Authing's have about 1 KB.
const MOST_BYTES: usize = 256 * 1024;

/// `GET` of a JWK set.
#[derive(Debug)]
pub(super) struct FetchKeys {
    pub(super) path: String,
}

/// What came, and for how long it is fresh since it was asked for, if the server
/// says so.
pub(super) struct Fetched {
    pub(super) set: KeySet,
    pub(super) fresh_for: Option<Duration>,
}

impl Operation for FetchKeys {
    type Output = Fetched;

    fn spec() -> &'static Spec {
        const ID: &str = "verify.keys";
        static SPEC: Spec = Spec::new(
            ID,
            Repeat::Safe,
            Protocol::OAuth {
                method: Method::GET,
            },
        );
        &SPEC
    }

    fn encode(&self, _: &EncodeContext<'_>) -> Result<Payload> {
        Ok(Payload::new(self.path.clone(), None))
    }

    fn decode(&self, reply: &Reply<'_>) -> Result<Self::Output> {
        let status = reply.status();
        if status.is_redirection() {
            return Err(Error::untrusted(
                "the address of the keys redirects, which is not followed",
            ));
        }
        if !status.is_success() {
            // Only to have the usual words for an answer of a gateway.
            authing_core::__private::decode_oauth::<()>(reply)?;
        }
        let length = reply.text().len();
        if length > MOST_BYTES {
            return Err(Error::untrusted(format!(
                "the set of keys has {length} bytes, at most {MOST_BYTES} are read"
            )));
        }
        let set = KeySet::read(reply.text()).map_err(|why| Error::new(ErrorKind::Decode, why))?;
        Ok(Fetched {
            set,
            fresh_for: fresh_for(reply.headers()),
        })
    }
}

/// Asks for the set.
pub(super) async fn fetch(pipeline: &Pipeline, path: &str) -> Result<Fetched> {
    let operation = FetchKeys {
        path: path.to_owned(),
    };
    Request::new(pipeline, Credential::None, operation)
        .send()
        .await
}

/// `max-age` of `Cache-Control` less the time that the answer was in caches on
/// the way (RFC 9111, sections 4.2.3 and 5.2.2.1). `s-maxage` is for caches that
/// several clients share. The answer's `Date` does not count: clocks differ.
fn fresh_for(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(CACHE_CONTROL).iter();
    let mut directives = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let max_age = directives.find_map(|directive| {
        let (name, seconds) = directive.trim().split_once('=')?;
        let is_max_age = name.eq_ignore_ascii_case("max-age");
        is_max_age.then(|| delta_seconds(seconds.trim_matches('"')))?
    })?;
    let age = headers.get(AGE).and_then(|age| age.to_str().ok());
    let age = age.and_then(delta_seconds).unwrap_or_default();
    Some(max_age.saturating_sub(age))
}

/// A count of seconds, of any length (RFC 9111, section 1.2.2).
fn delta_seconds(text: &str) -> Option<Duration> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[(&'static str, &'static str)]) -> Option<u64> {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        fresh_for(&headers.collect()).map(|time| time.as_secs())
    }

    #[test]
    fn max_age_is_read() {
        let read = |value| read(&[("cache-control", value)]);
        let hour = Some(3600);
        assert_eq!(read("public, Max-Age=3600"), hour);
        assert_eq!(read("max-age=\"3600\", must-revalidate"), hour);
        assert_eq!(read("s-maxage=5, max-age=3600"), hour);
        assert_eq!(read("max-age=3600, max-age=5"), hour);
        assert_eq!(read("max-age=99999999999999999999"), Some(u64::MAX));
        for none in [
            "",
            "no-store",
            "s-maxage=3600",
            "max-age",
            "max-age=soon",
            "max-age=-1",
        ] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn the_time_in_caches_counts() {
        let read = |age| read(&[("cache-control", "max-age=3600"), ("age", age)]);
        assert_eq!(read("0"), Some(3600));
        assert_eq!(read("3590"), Some(10));
        assert_eq!(read("3600"), Some(0));
        assert_eq!(read("7200"), Some(0));
        assert_eq!(read("99999999999999999999"), Some(0));
        for nonsense in ["", "soon", "-5", "1.5", "+5"] {
            assert_eq!(read(nonsense), Some(3600), "{nonsense}");
        }
    }

    #[test]
    fn an_age_alone_says_nothing() {
        assert_eq!(read(&[("age", "3590")]), None);
    }
}
