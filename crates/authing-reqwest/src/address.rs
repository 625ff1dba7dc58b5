//! Where a request goes, in the two forms that the libraries want it in.

use std::sync::Mutex;

use authing_core::{TransportError, TransportErrorKind};
use bytes::Bytes;
use http::Uri;
use reqwest::{Request, Url};

/// The address of the last request. reqwest wants each parsed once more, which
/// costs as much as half of what it does otherwise; and nearly all go to one.
#[derive(Default)]
pub(crate) struct LastAddress(Mutex<Option<(Uri, Url)>>);

impl LastAddress {
    /// The request as reqwest wants it.
    pub(crate) fn request(&self, request: http::Request<Bytes>) -> Result<Request, TransportError> {
        let (parts, body) = request.into_parts();
        let mut request = Request::new(parts.method, self.url(parts.uri)?);
        *request.headers_mut() = parts.headers;
        *request.version_mut() = parts.version;
        *request.body_mut() = Some(body.into());
        Ok(request)
    }

    fn url(&self, uri: Uri) -> Result<Url, TransportError> {
        // Whoever would have to wait parses.
        if let Ok(last) = self.0.try_lock()
            && let Some((known, url)) = &*last
            && *known == uri
        {
            return Ok(url.clone());
        }
        let url = Url::parse(&uri.to_string())
            .map_err(|cause| TransportError::new(TransportErrorKind::Request, cause))?;
        // With a password in it, it is not to be kept, nor to be compared: `Uri`
        // does not tell its upper and lower case apart.
        let has_user = uri.authority().is_some_and(|it| it.as_str().contains('@'));
        if !has_user && let Ok(mut last) = self.0.try_lock() {
            *last = Some((uri, url.clone()));
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_same_the_first_time_and_later() {
        let last = LastAddress::default();
        for text in [
            "http://127.0.0.1:80/a",
            "http://127.0.0.1:80/a",
            "https://u:P@example.com/a",
            "https://u:p@example.com/a",
            "https://example.com/a?b=%20c",
            "https://example.com/a?b=%20C",
            "https://example.com/A?b=%20c",
            "https://example.com/a?b=%20c",
        ] {
            let request = || http::Request::post(text).body(Bytes::from("body")).unwrap();
            let ours = last.request(request()).unwrap();
            let theirs = Request::try_from(request()).unwrap();
            assert_eq!(ours.url(), theirs.url());
            assert_eq!(ours.method(), theirs.method());
            assert_eq!(
                ours.body().unwrap().as_bytes(),
                theirs.body().unwrap().as_bytes()
            );
        }
    }

    #[test]
    fn what_is_no_address_is_refused_and_forgotten() {
        let last = LastAddress::default();
        for text in ["/graphql/v2", "http://127.0.0.1/a", "/graphql/v2"] {
            let request = http::Request::get(text).body(Bytes::new()).unwrap();
            let refused = last.request(request).map_err(|error| error.kind());
            let expected = match text.starts_with('/') {
                true => Err(TransportErrorKind::Request),
                false => Ok(()),
            };
            assert_eq!(refused.map(drop), expected);
        }
    }
}
