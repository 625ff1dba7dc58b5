//! A transport from outside: written here on plain TCP, by the trait alone.

use std::io;
use std::time::Duration;

use authing::v2::{CreateUserInput, UpdateProfileInput};
use authing::{ErrorCode, HttpTransport, TransportError, TransportErrorKind};
use authing_emulator::Emulator;
use authing_tests::clients::Clients;
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// HTTP/1.0 over a new connection for every call: simple, and all there is to
/// implement.
#[derive(Debug, Clone, Copy)]
struct PlainTcp;

#[async_trait::async_trait]
impl HttpTransport for PlainTcp {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let authority = request
            .uri()
            .authority()
            .ok_or(TransportErrorKind::Request)?
            .clone();
        let mut stream = TcpStream::connect(authority.as_str())
            .await
            .map_err(|cause| TransportError::new(TransportErrorKind::Connect, cause))?;
        let answer = exchange(&mut stream, &request)
            .await
            .map_err(|cause| TransportError::new(TransportErrorKind::Interrupted, cause))?;
        parse(&answer).ok_or_else(|| TransportErrorKind::Interrupted.into())
    }
}

async fn exchange(stream: &mut TcpStream, request: &http::Request<Bytes>) -> io::Result<Vec<u8>> {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let mut head = format!("{} {path} HTTP/1.0\r\n", request.method());
    for (name, value) in request.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().unwrap_or_default());
    }
    head += &format!("content-length: {}\r\n\r\n", request.body().len());
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(request.body()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}

fn parse(answer: &[u8]) -> Option<http::Response<Bytes>> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?;
    let mut response = http::Response::builder().status(status);
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        response = response.header(name, value);
    }
    let body = &answer[end + 4..];
    let announced = response.headers_ref()?.get("content-length");
    if let Some(length) = announced.and_then(|length| length.to_str().ok()?.parse().ok()) {
        // Less than that has broken on the way.
        return response
            .body(Bytes::copy_from_slice(body.get(..length)?))
            .ok();
    }
    response.body(Bytes::copy_from_slice(body)).ok()
}

#[tokio::test]
async fn the_same_story_runs() {
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, PlainTcp).unwrap();

    let users = clients.admin.users();
    assert_eq!(users.list().await.unwrap().total_count, 0);
    let alice = users
        .create(CreateUserInput::new().username("alice"))
        .await
        .unwrap();
    clients
        .client
        .register_by_username("bob", "correct horse")
        .await
        .unwrap();
    let session = clients
        .client
        .login_by_username("bob", "correct horse")
        .await
        .unwrap();
    session
        .update_profile(UpdateProfileInput::new().nickname("老王"))
        .await
        .unwrap();
    let session = clients.client.session(session.token());
    let user = session.get_current_user().await.unwrap();
    assert_eq!(user.nickname.as_deref(), Some("老王"));
    assert_eq!(users.list().await.unwrap().total_count, 2);
    users.delete(&alice.id).await.unwrap();
    assert!(users.detail(&alice.id).await.unwrap().is_none());
    session.logout().await.unwrap();
    assert!(!session.check_login_status().await.unwrap().is_logged_in());
    let error = clients
        .client
        .login_by_username("alice", "x")
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::USER_NOT_FOUND));
}

#[tokio::test]
async fn it_conforms() {
    authing_tests::conformance::conforms(std::sync::Arc::new(PlainTcp)).await;
}

#[tokio::test]
async fn it_needs_no_timeout_of_its_own() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let clients = Clients::at(&host, PlainTcp, Duration::from_millis(50)).unwrap();
    assert!(clients.session.logout().await.unwrap_err().is_timeout());
}
