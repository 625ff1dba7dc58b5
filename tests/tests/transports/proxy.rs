//! Through an HTTP proxy, as a company's network may ask for.

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authing::v2::AuthenticationClient;
use authing::{Error, ErrorKind, HttpTransport, TransportErrorKind};
use authing_reqwest::ReqwestTransport;
use authing_tests::clients::{Backend, Clients, shared};
use authing_tests::raw::{RawServer, answer, read_request};
use authing_tests::{both_transports, transport_with};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::authority::{Authority, content_server};

both_transports!(
    what_is_encrypted_goes_through_a_tunnel,
    what_is_plain_is_passed_on,
    a_proxy_that_makes_no_tunnel_is_no_connection,
    a_refusal_to_pass_on_is_an_answer,
    a_bad_proxy_is_told_without_its_password,
);

type Heads = Arc<Mutex<Vec<String>>>;

/// A proxy that makes tunnels, whatever is asked for, to this address.
async fn tunnels(to: &str) -> (RawServer, Heads) {
    let (heads, to) = (Heads::default(), to.to_owned());
    let record = Arc::clone(&heads);
    let proxy = RawServer::start(move |mut client| {
        let (record, to) = (Arc::clone(&record), to.clone());
        Box::pin(async move {
            let head = read_request(&mut client).await?.unwrap_or_default();
            record.lock().unwrap().push(head);
            let mut server = TcpStream::connect(to).await?;
            client
                .write_all(b"HTTP/1.1 200 Connection established\r\nvia: x\r\n\r\n")
                .await?;
            tokio::io::copy_bidirectional(&mut client, &mut server)
                .await
                .map(drop)
        })
    })
    .await
    .unwrap();
    (proxy, heads)
}

/// A proxy that answers every request like this.
async fn answers(text: String) -> (RawServer, Heads) {
    let heads = Heads::default();
    let record = Arc::clone(&heads);
    let proxy = RawServer::start(move |mut client| {
        let (record, text) = (Arc::clone(&record), text.clone());
        Box::pin(async move {
            while let Some(head) = read_request(&mut client).await? {
                record.lock().unwrap().push(head);
                client.write_all(text.as_bytes()).await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
    (proxy, heads)
}

fn with_password(proxy: &RawServer) -> String {
    proxy.url().replace("http://", "http://bob:hunter%402@")
}

/// `Basic` and `bob:hunter@2`.
const AUTHORIZATION: &str = "proxy-authorization: basic ym9iomh1bnrlckay";

async fn call(host: &str, transport: Arc<dyn HttpTransport>) -> Result<(), Error> {
    let client = AuthenticationClient::builder()
        .app_id("app-1")
        .host(host)
        .allow_insecure_http()
        .transport(transport)
        .retry(authing::RetryPolicy::none())
        .build()?;
    client.session("token").logout().await
}

async fn what_is_encrypted_goes_through_a_tunnel(backend: Backend) {
    let authority = Authority::new();
    let mut config = authority.config(&authority.leaf("authing.invalid"));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let server = content_server(config).await;
    let (proxy, heads) = tunnels(server.address()).await;
    let url = with_password(&proxy);

    let strict = transport_with!(backend, |builder| builder.proxy(&url)).unwrap();
    assert!(!format!("{strict:?}").contains("hunter"));
    let error = call("https://authing.invalid", strict).await.unwrap_err();
    assert_eq!(error.transport_kind(), Some(TransportErrorKind::Connect));

    let trusting = transport_with!(backend, |builder| builder
        .add_root_certificate(authority.pem())
        .proxy(&url))
    .unwrap();
    for _ in 0..3 {
        let host = "https://authing.invalid";
        call(host, Arc::clone(&trusting)).await.unwrap();
    }
    let heads = heads.lock().unwrap();
    assert!(heads.len() <= 3, "the tunnel is not kept: {heads:?}");
    for head in heads.iter() {
        assert!(
            head.starts_with("CONNECT authing.invalid:443 HTTP/1.1\r\n"),
            "{head}"
        );
        assert!(head.to_lowercase().contains(AUTHORIZATION), "{head}");
        assert!(!head.contains("Bearer"), "the proxy sees the token");
    }
}

async fn what_is_plain_is_passed_on(backend: Backend) {
    let (proxy, heads) = answers(answer("200 OK", "{\"code\":200}")).await;
    let url = with_password(&proxy);
    let transport = transport_with!(backend, |builder| builder.proxy(&url)).unwrap();
    for host in [
        "http://authing.invalid",
        "http://authing.invalid:8080/prefix/",
    ] {
        call(host, Arc::clone(&transport)).await.unwrap();
    }
    let heads = std::mem::take(&mut *heads.lock().unwrap());
    for (head, address) in heads.iter().zip([
        "http://authing.invalid",
        "http://authing.invalid:8080/prefix",
    ]) {
        let line = format!("GET {address}/api/v2/logout?app_id=app-1 HTTP/1.1\r\n");
        assert!(head.starts_with(&line), "{head}");
        assert!(head.to_lowercase().contains(AUTHORIZATION), "{head}");
        assert!(
            head.to_lowercase().contains("\r\nhost: authing.invalid"),
            "{head}"
        );
    }
    assert_eq!(heads.len(), 2);

    // To a proxy that wants no password, none is told.
    let (proxy, heads) = answers(answer("200 OK", "{\"code\":200}")).await;
    let transport = transport_with!(backend, |builder| builder.proxy(proxy.url())).unwrap();
    call("http://authing.invalid", transport).await.unwrap();
    let head = heads.lock().unwrap()[0].to_lowercase();
    assert!(!head.contains("proxy-authorization"), "{head}");
}

async fn a_proxy_that_makes_no_tunnel_is_no_connection(backend: Backend) {
    for text in [
        answer("407 Proxy Authentication Required", ""),
        answer("502 Bad Gateway", "no such host"),
        answer("302 Found", ""),
        "HTTP/1.1 200".to_owned(),
        "SSH-2.0-OpenSSH_9.0\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(1 << 20)),
    ] {
        let (proxy, heads) = answers(text.clone()).await;
        let transport = transport_with!(backend, |builder| builder
            .connect_timeout(Duration::from_secs(1))
            .proxy(proxy.url()))
        .unwrap();
        let error = call("https://authing.invalid", transport)
            .await
            .unwrap_err();
        let shown: String = text.chars().take(40).collect();
        let connect = Some(TransportErrorKind::Connect);
        assert_eq!(error.transport_kind(), connect, "{shown}: {error:?}");
        assert_eq!(heads.lock().unwrap().len(), 1);
    }
    // Nobody there at all.
    let transport =
        transport_with!(backend, |builder| builder.proxy("http://127.0.0.1:1")).unwrap();
    for host in ["https://authing.invalid", "http://authing.invalid"] {
        let error = call(host, Arc::clone(&transport)).await.unwrap_err();
        assert_eq!(error.transport_kind(), Some(TransportErrorKind::Connect));
    }
}

async fn a_refusal_to_pass_on_is_an_answer(backend: Backend) {
    for status in ["407 Proxy Authentication Required", "502 Bad Gateway"] {
        let (proxy, _) = answers(answer(status, "")).await;
        let transport = transport_with!(backend, |builder| builder.proxy(proxy.url())).unwrap();
        let error = call("http://authing.invalid", transport).await.unwrap_err();
        assert!(status.starts_with(error.http_status().unwrap().as_str()));
    }
}

async fn a_bad_proxy_is_told_without_its_password(backend: Backend) {
    for url in [
        "http://bob:hunter2@[",
        "http://bob:hunter2@",
        "socks5://bob:hunter2@127.0.0.1:1080",
        "SOCKS5H://bob:hunter2@127.0.0.1:1080",
        "ftp://bob:hunter2@127.0.0.1",
        "socks5:127.0.0.1",
        "bob:hunter2://127.0.0.1",
        "http://bob:hunter2@127.0.0.1:99999",
        "http://bob:hunter2@:8080",
        "",
    ] {
        let outcome = transport_with!(backend, |builder| {
            let builder = builder.proxy(url);
            assert!(!format!("{builder:?}").contains("hunter2"));
            builder
        });
        let error = outcome.expect_err(url);
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

/// The environment belongs to a whole process, so this test starts itself again
/// in one that has such variables.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_environment_names_a_proxy_and_exceptions() {
    let proxied = shared(ReqwestTransport::new().unwrap());
    if std::env::var_os("AUTHING_TEST_PROXIED").is_some() {
        // By a name that exists nowhere: only the proxy can answer.
        call("http://authing.invalid", Arc::clone(&proxied))
            .await
            .unwrap();
        let direct = call("http://direct.invalid", Arc::clone(&proxied)).await;
        let kind = direct.unwrap_err().transport_kind();
        assert_eq!(
            kind,
            Some(TransportErrorKind::Connect),
            "NO_PROXY is not heeded"
        );
        // This machine itself is none that a proxy leads to.
        let server = RawServer::answering(answer("200 OK", "{\"code\":1,\"message\":\"me\"}"));
        let server = server.await.unwrap();
        let error = call(server.url(), Arc::clone(&proxied)).await.unwrap_err();
        assert_eq!(error.message(), "me");
        let transport = shared(ReqwestTransport::builder().no_proxy().build().unwrap());
        let error = call("http://authing.invalid", transport).await.unwrap_err();
        assert_eq!(error.transport_kind(), Some(TransportErrorKind::Connect));
        return;
    }
    let (proxy, heads) = answers(answer("200 OK", "{\"code\":200}")).await;
    let variables = [
        ("HTTP_PROXY", Some(proxy.url())),
        ("http_proxy", Some(proxy.url())),
        ("NO_PROXY", Some("direct.invalid")),
        ("no_proxy", Some("direct.invalid")),
        ("REQUEST_METHOD", None),
    ];
    again_with(
        "proxy::the_environment_names_a_proxy_and_exceptions",
        &variables,
    )
    .await;
    assert_eq!(heads.lock().unwrap().len(), 1);
}

/// The same with a proxy that cannot be used.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_of_the_environment_that_is_not_supported_is_a_configuration_error() {
    if std::env::var_os("AUTHING_TEST_PROXIED").is_some() {
        let call = async |host: &str, transport: Arc<dyn HttpTransport>| {
            let client = AuthenticationClient::builder()
                .app_id("app-1")
                .host(host)
                .allow_insecure_http()
                .transport(transport)
                .build()?;
            client.session("token").logout().await
        };
        let proxied = shared(ReqwestTransport::new().unwrap());
        for (host, variable) in [
            ("https://authing.invalid", "HTTPS_PROXY"),
            ("http://authing.invalid", "all_proxy"),
        ] {
            let error = call(host, Arc::clone(&proxied)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
            assert!(error.to_string().contains(variable), "{error}");
            assert!(!format!("{error} {error:?}").contains("hunter2"));
            assert!(!error.is_retryable() && error.tries() < 2, "{error:?}");
        }
        // What the proxy is not meant for.
        let server = RawServer::answering(answer("200 OK", "{\"code\":200}"));
        let server = server.await.unwrap();
        let by_name = server.url().replace("127.0.0.1", "app-1.localhost");
        for host in [server.url(), &by_name] {
            call(host, Arc::clone(&proxied)).await.unwrap();
        }
        let own = ReqwestTransport::builder().no_proxy().build().unwrap();
        let hyper = authing_hyper::HyperTransport::new().unwrap();
        for (host, transport) in [
            ("http://direct.invalid", proxied),
            ("http://authing.invalid", shared(own)),
            ("http://authing.invalid", shared(hyper)),
        ] {
            let error = call(host, transport).await.unwrap_err();
            let connect = Some(TransportErrorKind::Connect);
            assert_eq!(error.transport_kind(), connect, "{error}");
        }
        return;
    }
    let variables = [
        ("ALL_PROXY", None),
        ("all_proxy", Some("socks5://bob:hunter2@127.0.0.1:1080")),
        ("HTTPS_PROXY", Some("no URL hunter2")),
        ("HTTP_PROXY", None),
        ("http_proxy", None),
        ("NO_PROXY", Some("direct.invalid")),
        ("REQUEST_METHOD", None),
    ];
    again_with(
        "proxy::a_proxy_of_the_environment_that_is_not_supported_is_a_configuration_error",
        &variables,
    )
    .await;
}

/// Runs a test of this file in a process that has these variables.
async fn again_with(test: &str, variables: &[(&str, Option<&str>)]) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", test])
        .env("AUTHING_TEST_PROXIED", "1");
    for (name, value) in variables {
        match value {
            Some(value) => child.env(name, value),
            None => child.env_remove(name),
        };
    }
    let output = tokio::task::spawn_blocking(move || child.output().unwrap());
    let output = output.await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

/// Whoever names a proxy by hand means everything.
#[tokio::test]
async fn a_named_proxy_is_used_towards_this_machine_too() {
    for backend in [Backend::Reqwest, Backend::Hyper] {
        let server = RawServer::answering("").await.unwrap();
        let (proxy, heads) = answers(answer("200 OK", "{\"code\":200}")).await;
        let transport = transport_with!(backend, |builder| builder.proxy(proxy.url())).unwrap();
        let clients = Clients::at(server.url(), transport, Duration::from_secs(10)).unwrap();
        clients.session.logout().await.unwrap();
        assert_eq!((heads.lock().unwrap().len(), server.connections()), (1, 0));
    }
}
