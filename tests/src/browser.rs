//! A browser without a screen: it keeps cookies, and follows no redirect by
//! itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use authing::HttpTransport;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{Method, Request};

/// One user's browser.
#[derive(Debug)]
pub struct Browser {
    transport: Arc<dyn HttpTransport>,
    cookies: BTreeMap<String, String>,
}

/// What the browser was given.
#[derive(Debug)]
#[non_exhaustive]
pub struct Page {
    /// The HTTP status.
    pub status: u16,
    /// Where the browser is sent.
    pub location: Option<String>,
    /// The page itself.
    pub text: String,
}

impl Page {
    /// The value of an attribute that begins with `start`, such as `action="`.
    #[must_use]
    pub fn attribute(&self, start: &str) -> Option<&str> {
        let (_, rest) = self.text.split_once(start)?;
        rest.split('"').next()
    }

    /// The query of the address where the browser is sent.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.location
            .as_deref()?
            .split_once('?')
            .map(|(_, query)| query)
    }
}

impl Browser {
    /// A browser that has been nowhere.
    #[must_use]
    pub fn new(transport: Arc<dyn HttpTransport>) -> Self {
        Self {
            transport,
            cookies: BTreeMap::new(),
        }
    }

    /// Opens an address.
    ///
    /// # Panics
    ///
    /// There is no server at the address.
    pub async fn open(&mut self, url: &str) -> Page {
        self.send(Method::GET, url, String::new()).await
    }

    /// Posts a form.
    ///
    /// # Panics
    ///
    /// There is no server at the address.
    pub async fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Page {
        let mut form = form_urlencoded::Serializer::new(String::new());
        self.send(Method::POST, url, form.extend_pairs(fields).finish())
            .await
    }

    async fn send(&mut self, method: Method, url: &str, body: String) -> Page {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header(COOKIE, cookies.join("; "))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(body))
            .expect("an address");
        let answer = self.transport.send(request).await.expect("an answer");
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let text = cookie.to_str().expect("a cookie of ASCII");
            let pair = text.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie with a value");
            match value {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        let location = answer.headers().get(LOCATION);
        Page {
            status: answer.status().as_u16(),
            location: location.and_then(|to| to.to_str().ok()).map(str::to_owned),
            text: String::from_utf8_lossy(answer.body()).into_owned(),
        }
    }
}
