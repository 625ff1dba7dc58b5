//! What a program around the SDK relies on without saying so.

use std::mem::size_of_val;
use std::time::Duration;

use authing::{HttpTransport, TransportError, transport_fn};
use authing_tests::clients::Clients;
use bytes::Bytes;

/// Above this, clippy's `large_futures` complains in the caller's code.
const LARGE: usize = 16 * 1024;

fn clients(transport: impl HttpTransport + Clone) -> Clients {
    Clients::at("https://a.example", transport, Duration::from_secs(10)).unwrap()
}

fn silent() -> impl HttpTransport + Clone {
    transport_fn(|_| std::future::pending())
}

#[test]
fn futures_are_small_and_can_be_spawned() {
    fn check<T: Send + 'static>(future: T) {
        let size = size_of_val(&future);
        assert!(size <= LARGE / 4, "a future of {size} bytes");
    }
    let clients = clients(silent());
    let users = clients.admin.users();
    check(users.list().into_future());
    check(users.list().send());
    check(users.list().stream());
    check(users.create(authing::v2::CreateUserInput::new()).send());
    check(
        clients
            .client
            .login_by_username("bob", "correct horse")
            .send(),
    );
    check(
        clients
            .client
            .register_by_username("bob", "correct horse")
            .send(),
    );
    check(clients.session.get_current_user().send());
}

#[tokio::test]
async fn a_callers_header_goes_out_and_is_not_shown() {
    let server = transport_fn(|request: http::Request<Bytes>| async move {
        assert_eq!(request.headers()["x-tenant"], "canary");
        assert!(!format!("{request:?}").contains("canary"));
        Ok::<_, TransportError>(http::Response::new(Bytes::from_static(b"{\"code\":200}")))
    });
    let call = clients(server)
        .session
        .logout()
        .header("x-tenant", "canary");
    assert!(!format!("{call:?}").contains("canary"));
    call.await.unwrap();
}

#[tokio::test]
async fn the_language_is_asked_for() {
    let server = transport_fn(|request: http::Request<Bytes>| async move {
        assert_eq!(request.headers()["x-authing-lang"], "en-US");
        Ok::<_, TransportError>(http::Response::new(Bytes::from_static(b"{\"code\":200}")))
    });
    let client = authing::v2::AuthenticationClient::builder()
        .app_id("app-1")
        .language("en-US")
        .transport(server)
        .build()
        .unwrap();
    client.session("token").logout().await.unwrap();
}
