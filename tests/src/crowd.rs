//! A server with as many users as one likes, made up as they are asked for, and
//! what it takes to read them all.

use std::io;

use authing::Error;
use authing::v2::ManagementClient;
use peak_alloc::PeakAlloc;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::clients::Backend;
use crate::raw::{RawServer, answer, read_request};

/// A page of the size that Authing's SDKs allow at most.
const LIMIT: u32 = 50;

/// Starts a server with this many users.
///
/// # Errors
///
/// There is no free port.
pub async fn start(users: u64) -> io::Result<RawServer> {
    RawServer::start(move |mut stream| {
        Box::pin(async move {
            while let Some(request) = read_request(&mut stream).await? {
                let body = request.split_once("\r\n\r\n").map_or("", |(_, body)| body);
                let text = reply(body, users).to_string();
                stream.write_all(answer("200 OK", &text).as_bytes()).await?;
            }
            Ok(())
        })
    })
    .await
}

fn reply(request: &str, users: u64) -> Value {
    let request: Value = serde_json::from_str(request).unwrap_or_default();
    let variables = request.get("variables").cloned().unwrap_or_default();
    let number = |name| variables.get(name).and_then(Value::as_u64);
    let (Some(page), Some(limit)) = (number("page"), number("limit")) else {
        return json!({"data": {"accessToken": {"accessToken": "t", "exp": 1_296_000, "iat": 0}}});
    };
    let first = (page.saturating_sub(1) * limit).min(users);
    let last = (page * limit).min(users);
    let list: Vec<_> = (first..last).map(user).collect();
    json!({"data": {"users": {"totalCount": users, "list": list}}})
}

/// A user of about fifteen hundred bytes, as they are.
fn user(number: u64) -> Value {
    let id = format!("{number:024x}");
    json!({
        "id": id,
        "arn": format!("arn:cn:authing:59f86b4832eb28071bdd9214:user:{id}"),
        "userPoolId": "59f86b4832eb28071bdd9214",
        "status": "Activated",
        "username": format!("user-{number}"),
        "email": format!("user-{number}@example.com"),
        "emailVerified": true,
        "phone": null,
        "nickname": "某某",
        "photo": "https://files.example.com/authing-console/default-user-avatar.png",
        "registerSource": ["basic:email"],
        "loginsCount": 3,
        "lastLogin": "2026-11-22T10:00:00.000Z",
        "lastIP": "203.0.113.9",
        "signedUp": "2026-11-20T10:00:00.000Z",
        "blocked": false,
        "isDeleted": false,
        "gender": "U",
        "address": "a long street with a long name, and the number of a house at its end",
        "company": "example",
        "createdAt": "2026-11-20T10:00:00.000Z",
        "updatedAt": "2026-11-22T10:00:00.000Z",
    })
}

/// Reads all of this many users page by page, and tells how far the heap of this
/// process grew meanwhile, in bytes. `heap` must be its global allocator.
///
/// # Errors
///
/// A call failed.
///
/// # Panics
///
/// There is no free port, or a user is missing.
pub async fn peak_of_streaming(
    backend: Backend,
    users: u64,
    heap: &PeakAlloc,
) -> Result<usize, Error> {
    #[expect(clippy::unwrap_used, reason = "a machine without a free port")]
    let server = start(users).await.unwrap();
    let admin = ManagementClient::builder("pool-1", "secret")
        .host(server.url())
        .transport(backend.transport()?)
        .build()?;
    // Connections, token and documents are there before.
    admin.users().list().limit(LIMIT).await?;
    heap.reset_peak_usage();
    let before = heap.current_usage();
    let mut stream = admin.users().list().limit(LIMIT).stream();
    let mut seen = 0;
    while let Some(user) = stream.next().await {
        user?;
        seen += 1;
    }
    assert_eq!(seen, users);
    Ok(heap.peak_usage().saturating_sub(before))
}
