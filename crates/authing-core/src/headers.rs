//! The headers of requests.

use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
    USER_AGENT,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{Error, Result};

/// What a client's builder was told of headers; it is checked when the client
/// is made.
#[derive(Default)]
pub(crate) struct HeaderOptions {
    pub(crate) language: Option<String>,
    pub(crate) user_pool_id: Option<String>,
    pub(crate) app_id: Option<String>,
    pub(crate) own: Vec<(String, String)>,
    pub(crate) renamed: Vec<(String, String)>,
}

impl HeaderOptions {
    /// The headers of every request.
    pub(crate) fn build(&self) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        // Without the header any coding is acceptable (RFC 9110, section 12.5.3).
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(
            USER_AGENT,
            HeaderValue::from_static(concat!("authing-rs/", env!("CARGO_PKG_VERSION"))),
        );
        for (name, value) in [
            ("x-authing-userpool-id", self.user_pool_id.as_deref()),
            ("x-authing-app-id", self.app_id.as_deref()),
            ("x-authing-lang", self.language.as_deref()),
            (
                "x-authing-sdk-version",
                Some(concat!("rust:", env!("CARGO_PKG_VERSION"))),
            ),
            ("x-authing-request-from", Some("sdk")),
        ] {
            let sent_as = self.name_for(name)?;
            let Some(text) = value else { continue };
            let value = HeaderValue::try_from(text)
                .ok()
                .filter(|value| !value.is_empty())
                .ok_or_else(|| {
                    Error::configuration(format!(
                        "the value for {name} is empty or not valid in a header"
                    ))
                })?;
            headers.insert(sent_as, value);
        }
        for (standard, _) in &self.renamed {
            if !RENAMABLE.contains(&standard.to_ascii_lowercase().as_str()) {
                return Err(Error::configuration(format!(
                    "{standard:?} is none of the headers that can be renamed: {}",
                    RENAMABLE.join(", ")
                )));
            }
        }
        for (name, value) in &self.own {
            let (name, value) = custom(name, value).map_err(Error::configuration)?;
            headers.insert(name, value);
        }
        Ok(headers)
    }

    /// The name that a deployment wants in place of this one.
    fn name_for(&self, standard: &'static str) -> Result<HeaderName> {
        let own = self
            .renamed
            .iter()
            .rev()
            .find(|(name, _)| name.eq_ignore_ascii_case(standard));
        let Some((_, own)) = own else {
            return Ok(HeaderName::from_static(standard));
        };
        HeaderName::try_from(own)
            .ok()
            .filter(|name| !shapes_the_message(name))
            .ok_or_else(|| Error::configuration(format!("the header name {own:?} cannot be used")))
    }
}

const RENAMABLE: [&str; 5] = [
    "x-authing-userpool-id",
    "x-authing-app-id",
    "x-authing-lang",
    "x-authing-sdk-version",
    "x-authing-request-from",
];

/// Without the values, of which nobody knows what they are.
impl std::fmt::Debug for HeaderOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let own: Vec<_> = self.own.iter().map(|(name, _)| name).collect();
        f.debug_struct("HeaderOptions")
            .field("language", &self.language)
            .field("user_pool_id", &self.user_pool_id)
            .field("app_id", &self.app_id)
            .field("own", &own)
            .field("renamed", &self.renamed)
            .finish()
    }
}

/// A header in the words of a caller, or what is wrong with it.
pub(crate) fn custom(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (Ok(parsed), Ok(mut value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
    else {
        return Err(format!("the header {name:?} is not valid HTTP"));
    };
    if shapes_the_message(&parsed) {
        return Err(format!("the header {name:?} is the HTTP library's to set"));
    }
    // Nobody knows what it is: it may be a credential.
    value.set_sensitive(true);
    Ok((parsed, value))
}

/// Whether the header says where the message ends, or how the connection goes
/// on: a wrong one makes the server read another message than was sent.
fn shapes_the_message(name: &HeaderName) -> bool {
    [
        CONNECTION,
        CONTENT_LENGTH,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
    ]
    .contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn names_can_be_a_deployments_own() {
        let options = HeaderOptions {
            user_pool_id: Some("pool-1".into()),
            renamed: vec![
                ("X-Authing-Userpool-Id".into(), "x-acme-pool".into()),
                ("x-authing-sdk-version".into(), "x-acme-sdk".into()),
            ],
            own: vec![("x-region".into(), "cn-1".into())],
            ..HeaderOptions::default()
        };
        let headers = options.build().unwrap();
        assert_eq!(headers["x-acme-pool"], "pool-1");
        assert!(headers["x-acme-sdk"].to_str().unwrap().starts_with("rust:"));
        assert_eq!(headers["x-authing-request-from"], "sdk");
        assert_eq!(headers["x-region"], "cn-1");
        assert!(headers["x-region"].is_sensitive());
        for name in ["x-authing-userpool-id", "x-authing-sdk-version"] {
            assert!(!headers.contains_key(name), "{name}");
        }
        assert!(!format!("{options:?}").contains("cn-1"));
    }

    #[test]
    fn what_cannot_be_right_is_refused() {
        let renamed = |standard: &str, own: &str| HeaderOptions {
            renamed: vec![(standard.into(), own.into())],
            ..HeaderOptions::default()
        };
        let own = |name: &str, value: &str| HeaderOptions {
            own: vec![(name.into(), value.into())],
            ..HeaderOptions::default()
        };
        for options in [
            renamed("authorization", "x-acme-token"),
            renamed("x-authing-lang", "two words"),
            renamed("x-authing-lang", "connection"),
            renamed("x-authing-lang", ""),
            own("Content-Length", "0"),
            own("transfer-encoding", "chunked"),
            own("two words", "a"),
            own("x-a", "two\nlines"),
        ] {
            let error = options.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{options:?}");
        }
    }
}
