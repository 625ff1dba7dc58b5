//! Asking for a set of keys.

use std::time::Duration;

use authing_core::{
    Credential, EncodeContext, Error, ErrorKind, Operation, Payload, Pipeline, Protocol, Repeat,
    Reply, Request, Result, Spec,
};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, Method};

use super::KeySet;

/// As long as a set may be. Authing's have about 1 KB.
const MOST_BYTES: usize = 256 * 1024;

/// `GET` of a JWK set.
#[derive(Debug)]
pub(super) struct FetchKeys {
    pub(super) path: String,
}

/// What came, and for how long its sender says that it is good.
pub(super) struct Fetched {
    pub(super) set: KeySet,
    pub(super) max_age: Option<Duration>,
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
            max_age: max_age(reply.headers()),
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

/// `max-age` of `Cache-Control` (RFC 9111, section 5.2.2.1).
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let values = headers.get_all(CACHE_CONTROL).iter();
    let mut directives = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    directives.find_map(|directive| {
        let (name, seconds) = directive.trim().split_once('=')?;
        let seconds = seconds.trim_matches('"').parse().ok()?;
        name.eq_ignore_ascii_case("max-age")
            .then(|| Duration::from_secs(seconds))
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn max_age_is_read() {
        let read = |value: &'static str| {
            max_age(&HeaderMap::from_iter([(
                CACHE_CONTROL,
                HeaderValue::from_static(value),
            )]))
        };
        let hour = Some(Duration::from_secs(3600));
        assert_eq!(read("public, Max-Age=3600"), hour);
        assert_eq!(read("max-age=\"3600\", must-revalidate"), hour);
        for none in ["", "no-store", "s-maxage=3600", "max-age", "max-age=soon"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
