//! The address of an Authing deployment.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;

use crate::{Error, Result};

/// `https://host[:port][/prefix]`, without a slash at the end.
#[derive(Debug, Clone)]
pub(crate) struct Host(String);

impl Host {
    /// Checks the text. Plain HTTP would show the secret to everyone on the
    /// way, so it is refused unless the host is this machine or the caller
    /// insists.
    pub(crate) fn parse(text: &str, allow_insecure_http: bool) -> Result<Self> {
        let text = text.trim().trim_end_matches('/');
        let bad = |why: &str| Error::configuration(format!("the host \"{}\" {why}", shown(text)));
        // Some take a backslash for a slash.
        if text.contains('\\') {
            return Err(bad("has a backslash"));
        }
        let uri: Uri = text.parse().map_err(|_| bad("is not a URL"))?;
        let authority = uri
            .authority()
            .ok_or_else(|| bad("is not a full URL, such as https://core.authing.cn"))?;
        if authority.as_str().contains('@') {
            return Err(bad("must not hold a user name or password"));
        }
        let after_host = authority.as_str().get(authority.host().len()..);
        if after_host != Some("") && authority.port_u16().is_none() {
            return Err(bad("has no valid port"));
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(bad("must not have a query or fragment"));
        }
        if leads_elsewhere(uri.path()) {
            return Err(bad("must not have `.` or `..` in its path"));
        }
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if allow_insecure_http || is_loopback(authority.host()) => {}
            Some("http") => {
                return Err(bad(
                    "is plain HTTP, which would show the secret on the way; \
                                use https, or allow_insecure_http if you must",
                ));
            }
            _ => return Err(bad("must begin with https:// or http://")),
        }
        Ok(Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The port, also where it is the scheme's own.
    #[cfg(any(feature = "tracing", test))]
    pub(crate) fn port(&self) -> u16 {
        let rest = self.0.split_once("://").map_or(&*self.0, |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or_default();
        let port = authority.get(self.name().len()..).unwrap_or_default();
        port.strip_prefix(':')
            .and_then(|port| port.parse().ok())
            .unwrap_or(match self.0.get(.."https:".len()) {
                Some(scheme) if scheme.eq_ignore_ascii_case("https:") => 443,
                _ => 80,
            })
    }

    /// The name or address of the machine, without port and path.
    #[cfg(any(feature = "tracing", test))]
    pub(crate) fn name(&self) -> &str {
        let rest = self.0.split_once("://").map_or(&*self.0, |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or_default();
        match authority.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => authority,
        }
    }

    /// The address of a path below the host.
    pub(crate) fn join(&self, path: &str) -> Result<Uri> {
        // Anything else would go on with the name or the port of the host.
        if !path.starts_with('/') {
            return Err(Error::invalid_input("a path begins with a slash"));
        }
        // What follows would be left out.
        if path.contains('#') {
            return Err(Error::invalid_input("a path has no fragment"));
        }
        let (segments, _) = path.split_once('?').unwrap_or((path, ""));
        if leads_elsewhere(segments) {
            return Err(Error::invalid_input(
                "`.` and `..` cannot be a part of a path",
            ));
        }
        [self.0.as_str(), path].concat().parse().map_err(|cause| {
            Error::invalid_input("the path is not valid in a URL").with_source(cause)
        })
    }
}

/// Whether a path has a segment that clients and servers leave out, so that
/// another path is meant. They may know it in other spellings too.
fn leads_elsewhere(path: &str) -> bool {
    let spelt = path.replace("%2e", ".").replace("%2E", ".");
    spelt
        .split(['/', '\\'])
        .any(|segment| [".", ".."].contains(&segment))
}

/// The text without what stands before an `@`: it may be a password.
fn shown(text: &str) -> &str {
    text.rsplit_once('@').map_or(text, |(_, rest)| rest)
}

/// Whether this is the name or an address of this machine itself. The names are
/// `localhost` and those below it (RFC 6761, section 6.3); capital letters and a
/// dot at the end make no difference. No resolver is asked: a transport connects
/// such names to this machine, whatever DNS says.
#[doc(hidden)]
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return address.is_loopback();
    }
    let name = bare.strip_suffix('.').unwrap_or(bare);
    let last = name.rsplit_once('.').map_or(name, |(_, last)| last);
    last.eq_ignore_ascii_case("localhost")
}

/// The addresses of the names of this machine itself.
#[doc(hidden)]
pub const LOOPBACK: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::LOCALHOST),
    IpAddr::V6(Ipv6Addr::LOCALHOST),
];

/// Whether two issuers are the same. Scheme and host have no case, and the port
/// that belongs to a scheme can be left out (RFC 3986, section 6.2); everything
/// else counts letter by letter, also a slash at the end.
#[doc(hidden)]
#[must_use]
pub fn is_same_issuer(one: &str, other: &str) -> bool {
    one == other
        || match (Issuer::parse(one), Issuer::parse(other)) {
            (Some(one), Some(other)) => one.is_same(&other),
            _ => false,
        }
}

struct Issuer<'a> {
    is_https: bool,
    host: &'a str,
    /// Without the scheme's own.
    port: &'a str,
    rest: &'a str,
}

impl<'a> Issuer<'a> {
    /// `None` for everything that is not plainly an address: such issuers are
    /// the same only if every letter is.
    fn parse(text: &'a str) -> Option<Self> {
        let (scheme, after) = text.split_once("://")?;
        let is_https = scheme.eq_ignore_ascii_case("https");
        if !is_https && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        let (authority, rest) = after.split_at_checked(end)?;
        if authority.contains(['@', '\\']) {
            return None;
        }
        let (host, port) = match authority.rsplit_once(':') {
            // What follows may be the end of an IPv6 address.
            Some((_, end)) if end.ends_with(']') => (authority, ""),
            Some((host, port)) => (host, port),
            None => (authority, ""),
        };
        let own = if is_https { "443" } else { "80" };
        let port = if port == own { "" } else { port };
        (!host.is_empty()).then_some(Self {
            is_https,
            host,
            port,
            rest,
        })
    }

    fn is_same(&self, other: &Self) -> bool {
        self.is_https == other.is_https
            && self.host.eq_ignore_ascii_case(other.host)
            && self.port == other.port
            && self.rest == other.rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_and_prefixes() {
        for (text, joined) in [
            (
                "https://core.authing.cn",
                "https://core.authing.cn/graphql/v2",
            ),
            (
                "https://core.authing.cn//",
                "https://core.authing.cn/graphql/v2",
            ),
            (
                " https://id.example.com/authing/ ",
                "https://id.example.com/authing/graphql/v2",
            ),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000/graphql/v2"),
            ("http://[::1]:3000", "http://[::1]:3000/graphql/v2"),
            ("http://localhost", "http://localhost/graphql/v2"),
            (
                "http://localhost.:3000",
                "http://localhost.:3000/graphql/v2",
            ),
            ("http://LOCALHOST", "http://LOCALHOST/graphql/v2"),
            (
                "http://app.localhost:3000",
                "http://app.localhost:3000/graphql/v2",
            ),
            (
                "http://a.b.LocalHost.:3000",
                "http://a.b.LocalHost.:3000/graphql/v2",
            ),
        ] {
            let host = Host::parse(text, false).unwrap();
            assert_eq!(host.join("/graphql/v2").unwrap(), joined);
        }
    }

    #[test]
    fn name_and_port_are_told_apart() {
        for (text, name, port) in [
            ("https://core.authing.cn", "core.authing.cn", 443),
            ("HTTPS://core.authing.cn", "core.authing.cn", 443),
            (
                "https://id.example.com:8443/authing",
                "id.example.com",
                8443,
            ),
            ("http://[::1]:3000", "[::1]", 3000),
            ("http://[::1]", "[::1]", 80),
        ] {
            let host = Host::parse(text, false).unwrap();
            assert_eq!((host.name(), host.port()), (name, port), "{text}");
        }
    }

    #[test]
    fn a_path_stays_the_one_that_was_meant() {
        let host = Host::parse("https://a.example", false).unwrap();
        for path in [
            "/api/v2/env/..",
            "/api/./env",
            "/api/../env?a=b",
            "/api/%2e%2E/env",
            "/api/.%2e",
            "/api\\..\\env",
            "/api/users/#a",
        ] {
            assert!(host.join(path).is_err(), "{path}");
        }
        for path in ["/api/v2/.well-known", "/api/...", "/api/a..b?c=/../d"] {
            assert!(host.join(path).is_ok(), "{path}");
        }
    }

    #[test]
    fn a_path_does_not_change_the_host() {
        let host = Host::parse("https://a.example", false).unwrap();
        for path in [
            "",
            "x",
            ".evil.example/x",
            "@evil.example/x",
            ":8443/x",
            "?x=1",
        ] {
            let error = host.join(path).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::InvalidInput, "{path}");
        }
        let two_slashes = host.join("//evil.example/x").unwrap();
        assert_eq!(two_slashes.host(), Some("a.example"));
    }

    #[test]
    fn bad_hosts_are_refused() {
        for text in [
            "",
            "core.authing.cn",
            "/path",
            "ftp://core.authing.cn",
            "https://",
            "https://a b",
            "https://a.example/\\..\\b",
            "https://a.example/a/../b",
            "https://a.example/%2E",
            "https://core.authing.cn?x=1",
            "https://core.authing.cn:",
            "https://core.authing.cn:99999",
            "http://core.authing.cn",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://notlocalhost",
            "http://app.notlocalhost",
            "http://localhost..",
            "http://127.0.0.1.",
            "http://localhost%2eevil.example",
        ] {
            assert!(Host::parse(text, false).is_err(), "{text}");
        }
        Host::parse("http://core.authing.cn", true).unwrap();
        let error = Host::parse("https://bob:hunter2@core.authing.cn", false).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn issuers_are_compared_as_addresses_are() {
        for (one, other) in [
            ("https://a.example/oidc", "https://a.example/oidc"),
            ("https://a.example/oidc", "https://a.example:443/oidc"),
            ("https://a.example/oidc", "HTTPS://A.Example:443/oidc"),
            ("http://a.example", "http://A.example:80"),
            (
                "https://[2001:db8::A]/oidc",
                "https://[2001:DB8::a]:443/oidc",
            ),
            ("no address", "no address"),
        ] {
            assert!(is_same_issuer(one, other), "{one} {other}");
            assert!(is_same_issuer(other, one), "{other} {one}");
        }
        for (one, other) in [
            ("https://a.example/oidc", "https://a.example/oidc/"),
            ("https://a.example/oidc", "https://a.example/OIDC"),
            ("https://a.example/oidc", "https://a.example/oidc?"),
            ("https://a.example/oidc", "http://a.example/oidc"),
            ("https://a.example/oidc", "http://a.example:443/oidc"),
            ("https://a.example/oidc", "https://a.example:80/oidc"),
            ("https://a.example/oidc", "https://a.example:8443/oidc"),
            ("https://a.example/oidc", "https://a.example./oidc"),
            ("https://a.example/oidc", "https://b.example/oidc"),
            ("https://a.example/oidc", "https://a.example@b.example/oidc"),
            ("https://u@a.example/oidc", "https://u@a.example:443/oidc"),
            ("https://a.example/oidc", " https://a.example/oidc"),
            ("https://[::1]/oidc", "https://[::1:443]/oidc"),
            ("https:///oidc", "https://:443/oidc"),
            ("a.example/oidc", "A.example/oidc"),
            ("", "https://a.example"),
        ] {
            assert!(!is_same_issuer(one, other), "{one} {other}");
            assert!(!is_same_issuer(other, one), "{other} {one}");
        }
    }
}
