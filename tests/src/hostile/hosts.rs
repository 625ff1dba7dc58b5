//! The address of a deployment, which may come from a file of settings.

use authing::oidc::OidcClient;
use authing::{ErrorKind, RetryPolicy};
use authing_core::{Credential, Payload, Pipeline, Request, operation};
use http::Uri;
use url::Url;

use super::check;
use super::server::{Server, run};

struct Ask(String);

operation! {
    Ask => (),
    id: "test.host",
    repeat: Never,
    rest: GET |ask, _| Ok(Payload::new(ask.0.clone(), None)),
}

const KINDS: [ErrorKind; 2] = [ErrorKind::Configuration, ErrorKind::InvalidInput];

/// A host in the first line, then a path below it.
pub(super) fn host(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (host, path) = text.split_once('\n').unwrap_or((&text, "/api/v2/ask"));
    let server = Server::default();
    let built = Pipeline::builder()
        .host(host)
        .transport(server.clone())
        .retry(RetryPolicy::none())
        .build(|| unreachable!("a transport was given"));
    let pipeline = match built {
        Ok(pipeline) => pipeline,
        Err(error) => {
            check::error(&error, &KINDS);
            let password = host.split_once("://").and_then(|(_, rest)| {
                let (user, host) = rest.rsplit_once('@')?;
                let (_, password) = user.split_once(':')?;
                // What the host says as well is no secret.
                Some(password).filter(|password| !host.contains(password))
            });
            // One that is a part of what the SDK says is of no use here.
            if let Some(password) = password.filter(|password| password.contains("hunter2")) {
                assert!(!error.to_string().contains(password), "a password is shown");
            }
            return;
        }
    };
    let own: Uri = host.trim().trim_end_matches('/').parse().unwrap();
    let is_safe = own.scheme_str() == Some("https") || is_loopback(own.host().unwrap());
    assert!(is_safe, "plain HTTP to {host}");

    let sent = run(Request::new(&pipeline, Credential::None, Ask(path.to_owned())).send());
    match (pipeline.url(path), server.asked().first()) {
        (Ok(url), Some(asked)) => {
            // HTTP leaves the text of a URL open where nothing follows the host.
            assert_eq!(
                url.trim_end_matches('/'),
                asked.to_string().trim_end_matches('/')
            );
            stays(&own, asked, path);
        }
        (Ok(url), None) => assert!(path.contains("%00"), "nothing was sent to {url}"),
        (Err(error), asked) => {
            check::error(&error, &KINDS);
            check::error(&sent.unwrap_err(), &KINDS);
            assert_eq!(asked, None);
        }
    }
    if let Ok(client) = OidcClient::builder("app-1")
        .host(host)
        .transport(server)
        .build()
    {
        let begun = client
            .build_authorize_url("https://app.example/")
            .build()
            .unwrap();
        assert!(
            begun
                .url
                .starts_with(client.issuer().strip_suffix("/oidc").unwrap())
        );
    }
}

/// Checks that the address is below the host, also as browsers and HTTP
/// libraries read it.
pub(super) fn stays(host: &Uri, asked: &Uri, path: &str) {
    assert_eq!(asked.scheme(), host.scheme());
    assert_eq!(asked.authority(), host.authority(), "{asked} left {host}");
    let (Ok(base), Ok(read)) = (
        Url::parse(&host.to_string()),
        Url::parse(&asked.to_string()),
    ) else {
        return;
    };
    assert_eq!(read.origin(), base.origin(), "{asked} left {host}");
    // For browsers, both are one.
    let slashes = |text: &str| text.matches(['/', '\\']).count();
    let prefix = base.path().trim_end_matches('/');
    let (meant, _) = path.split_once('?').unwrap_or((path, ""));
    let below = read.path().strip_prefix(prefix);
    assert_eq!(
        below.map(slashes),
        Some(slashes(meant)),
        "{read} for {path}"
    );
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<std::net::IpAddr>();
    let name = bare.to_ascii_lowercase();
    let name = name.strip_suffix('.').unwrap_or(&name);
    name == "localhost"
        || name.ends_with(".localhost")
        || address.is_ok_and(|address| address.is_loopback())
}

/// Whether an issuer is `own`, perhaps with capital letters in its host or with
/// the port that belongs to `https`.
pub(super) fn is_issuer(found: &str, own: &str) -> bool {
    let path = own.rsplit('/').next().unwrap();
    let longest = own.len() + ":443".len();
    found.ends_with(path) && found.len() <= longest && Url::parse(found) == Url::parse(own)
}
