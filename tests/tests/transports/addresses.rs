//! The addresses that a deployment may have.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use authing_tests::both_transports;
use authing_tests::clients::{Backend, Clients};
use authing_tests::raw::{RawServer, answer, read_request};
use tokio::io::AsyncWriteExt;

both_transports!(
    an_address_of_ipv6,
    a_prefix_and_slashes,
    names_of_this_machine_lead_to_it,
);

type Heads = Arc<Mutex<Vec<String>>>;

async fn server(address: &str) -> std::io::Result<(RawServer, Heads)> {
    let heads = Heads::default();
    let record = Arc::clone(&heads);
    let server = RawServer::start_at(address, move |mut stream| {
        let record = Arc::clone(&record);
        Box::pin(async move {
            while let Some(head) = read_request(&mut stream).await? {
                record.lock().unwrap().push(head);
                let text = answer("200 OK", "{\"code\":200}");
                stream.write_all(text.as_bytes()).await?;
            }
            Ok(())
        })
    });
    Ok((server.await?, heads))
}

async fn call(backend: Backend, host: &str) {
    let transport = backend.transport().unwrap();
    let clients = Clients::at(host, transport, Duration::from_secs(10)).unwrap();
    clients.session.logout().await.unwrap();
}

async fn an_address_of_ipv6(backend: Backend) {
    let (server, heads) = match server("[::1]:0").await {
        Ok(server) => server,
        Err(cause) => {
            eprintln!("SKIPPED, not tested: this machine has no ::1 ({cause})");
            return;
        }
    };
    assert!(
        server.url().starts_with("http://[::1]:"),
        "{}",
        server.url()
    );
    call(backend, server.url()).await;
    let head = heads.lock().unwrap()[0].to_lowercase();
    let host = format!("\r\nhost: {}\r\n", server.address());
    assert!(head.contains(&host), "{head}");
}

async fn a_prefix_and_slashes(backend: Backend) {
    let (server, heads) = server("127.0.0.1:0").await.unwrap();
    for (suffix, path) in [
        ("", "/api/v2/logout"),
        ("/", "/api/v2/logout"),
        ("/authing", "/authing/api/v2/logout"),
        ("/authing/", "/authing/api/v2/logout"),
        ("/a/b%20c//", "/a/b%20c/api/v2/logout"),
    ] {
        call(backend, &format!("{}{suffix}", server.url())).await;
        let head = heads.lock().unwrap().pop().unwrap();
        let line = format!("GET {path}?app_id=app-1 HTTP/1.1\r\n");
        assert!(head.starts_with(&line), "{suffix}: {head}");
    }
}

/// No resolver need know such a name (RFC 6761, section 6.3), and none is asked.
async fn names_of_this_machine_lead_to_it(backend: Backend) {
    const NAMES: [&str; 5] = [
        "localhost",
        "LocalHost",
        "localhost.",
        "app-1.localhost",
        "A.b.LOCALHOST.",
    ];
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let (server, heads) = match server(address).await {
            Ok(server) => server,
            Err(cause) if address.starts_with('[') => {
                eprintln!("SKIPPED, not tested: this machine has no ::1 ({cause})");
                return;
            }
            Err(cause) => panic!("{cause}"),
        };
        let port = server.address().rsplit(':').next().unwrap();
        for name in NAMES {
            call(backend, &format!("http://{name}:{port}")).await;
            let head = heads.lock().unwrap().pop().unwrap().to_lowercase();
            let host = format!("\r\nhost: {}:{port}\r\n", name.to_lowercase());
            assert!(head.contains(&host), "{head}");
        }
    }
}
