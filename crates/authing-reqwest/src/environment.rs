//! A proxy that the environment names and that cannot be used.

use std::ffi::OsString;

use authing_core::{HttpOptions, TransportError, TransportErrorKind};
use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

/// What is wrong with the variables that reqwest reads. It leaves out some of
/// the wrong ones, so that requests go past the proxy, and fails to connect with
/// the others; neither tells the reason.
pub(crate) struct Environment {
    http: Option<Fault>,
    https: Option<Fault>,
    /// Intercepts all but the exceptions of `NO_PROXY`.
    exceptions: Matcher,
}

struct Fault {
    variable: &'static str,
    why: &'static str,
}

impl Environment {
    /// `None` if nothing is wrong. `variable` reads a variable.
    pub(crate) fn read(variable: impl Fn(&'static str) -> Option<OsString>) -> Option<Self> {
        // In a CGI program, `HTTP_PROXY` may be a header of a request.
        if variable("REQUEST_METHOD").is_some() {
            return None;
        }
        let first = |names: [&'static str; 2]| {
            names
                .into_iter()
                .find_map(|name| variable(name).map(|value| (name, value)))
        };
        let named = |names| first(names).filter(|(_, value)| !value.is_empty());
        let all = named(["ALL_PROXY", "all_proxy"]);
        let fault = |own: Option<(&'static str, OsString)>| {
            let (variable, value) = own.or_else(|| all.clone())?;
            let why = match value.to_str() {
                Some(value) => HttpOptions::proxy_fault(value)?,
                None => "is not a URL",
            };
            Some(Fault { variable, why })
        };
        let http = fault(named(["HTTP_PROXY", "http_proxy"]));
        let https = fault(named(["HTTPS_PROXY", "https_proxy"]));
        if http.is_none() && https.is_none() {
            return None;
        }
        let except = first(["NO_PROXY", "no_proxy"]).map(|(_, value)| value);
        let except = except.unwrap_or_default().into_string();
        Some(Self {
            http,
            https,
            exceptions: Matcher::builder()
                .all("http://proxy.invalid")
                .no(except.unwrap_or_default())
                .build(),
        })
    }

    /// Refuses a request that the proxy is meant for.
    pub(crate) fn check(&self, uri: &Uri) -> Result<(), TransportError> {
        let fault = match uri.scheme_str() {
            Some("http") => &self.http,
            _ => &self.https,
        };
        match fault {
            Some(Fault { variable, why }) if self.exceptions.intercept(uri).is_some() => {
                let words = format!(
                    "the proxy that the environment variable {variable} names {why}; \
                     NO_PROXY can make an exception of a host"
                );
                Err(TransportError::new(
                    TransportErrorKind::Configuration,
                    words,
                ))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of the refusal.
    fn check(variables: &[(&str, &str)], url: &'static str) -> Option<String> {
        let environment = Environment::read(|name| {
            let mut found = variables.iter().filter(|(own, _)| *own == name);
            found.next().map(|(_, value)| OsString::from(value))
        })?;
        let refused = environment.check(&Uri::from_static(url)).err()?;
        assert_eq!(refused.kind(), TransportErrorKind::Configuration);
        Some(std::error::Error::source(&refused)?.to_string())
    }

    #[test]
    fn the_variable_is_named_and_not_its_value() {
        for (variable, value, url) in [
            (
                "ALL_PROXY",
                "socks5://bob:hunter2@a.example",
                "https://b.example",
            ),
            (
                "ALL_PROXY",
                "socks5://bob:hunter2@a.example",
                "http://b.example",
            ),
            (
                "all_proxy",
                "SOCKS5H://bob:hunter2@a.example",
                "https://b.example",
            ),
            (
                "HTTPS_PROXY",
                "ftp://bob:hunter2@a.example",
                "https://b.example",
            ),
            ("https_proxy", "no url bob:hunter2", "https://b.example"),
            (
                "HTTP_PROXY",
                "http://bob:hunter2@a.example:99999",
                "http://b.example",
            ),
            ("http_proxy", "http://bob:hunter2@", "http://b.example"),
            ("http_proxy", "bob:hunter2://a.example", "http://b.example"),
        ] {
            let words = check(&[(variable, value)], url).expect(value);
            assert!(words.contains(&format!(" {variable} ")), "{words}");
            assert!(
                !words.contains("hunter2") && !words.contains("bob"),
                "{words}"
            );
        }
    }

    #[test]
    fn a_proxy_that_is_not_meant_is_no_fault() {
        let socks = ("ALL_PROXY", "socks5://127.0.0.1:1080");
        let http = ("HTTPS_PROXY", "http://127.0.0.1:8080");
        let url = "https://api.b.example/x";
        for variables in [
            &[][..],
            &[("ALL_PROXY", "")],
            &[("ALL_PROXY", "127.0.0.1:8080")],
            &[("ALL_PROXY", "HTTPS://u:p@[::1]:8080/")],
            &[socks, http],
            &[socks, ("NO_PROXY", "c.example, b.example")],
            &[socks, ("no_proxy", "*")],
            &[socks, ("REQUEST_METHOD", "GET")],
            &[("HTTP_PROXY", "socks5://127.0.0.1:1080")],
            // The first that is set counts.
            &[("ALL_PROXY", ""), ("all_proxy", "socks5://127.0.0.1:1080")],
        ] {
            assert_eq!(check(variables, url), None, "{variables:?}");
        }
        for variables in [
            &[socks][..],
            &[socks, ("HTTPS_PROXY", "")],
            &[socks, ("NO_PROXY", "c.example")],
            &[socks, ("NO_PROXY", ""), ("no_proxy", "*")],
            &[("HTTPS_PROXY", "socks5://h"), ("ALL_PROXY", "http://h")],
        ] {
            assert!(check(variables, url).is_some(), "{variables:?}");
        }
    }
}
