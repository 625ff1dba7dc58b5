//! Lists in pages, of a server that makes up what it likes.

use authing::ErrorKind;
use authing::v2::ManagementClient;
use bytes::Bytes;
use http::StatusCode;

use super::check;
use super::server::{Answer, Server, run};

const TOKEN: &str =
    r#"{"data":{"accessToken":{"accessToken":"admin-token","exp":1296000,"iat":0}}}"#;

/// How often a stream asks a server that promises more than it has.
const MOST_IN_VAIN: usize = 1200;

/// One page a line, as JSON; the last one is given for ever.
pub(super) fn pages(input: &[u8]) {
    let lines: Vec<_> = input.split(|byte| *byte == b'\n').collect();
    let bodies = lines
        .iter()
        .map(|page| [br#"{"data":{"users":"#, *page, b"}}"].concat());
    let answers = bodies.map(|body| Answer::new(StatusCode::OK, &body));
    let server = Server::default();
    let other = (
        "management.users.list",
        Bytes::from_static(TOKEN.as_bytes()),
    );
    server.now_answer(answers, Some(other));
    let client = ManagementClient::builder("pool-1", "pool-secret")
        .transport(server.clone())
        .build()
        .unwrap();
    // The totals may promise whatever they like for as long as new users come.
    let most = lines.len() + MOST_IN_VAIN;
    run(async {
        let mut users = client.users().list().limit(2).stream();
        let mut failed = 0;
        while let Some(user) = users.next().await {
            match user {
                Ok(_) => failed = 0,
                Err(error) => {
                    failed += 1;
                    check::error(&error, &[ErrorKind::Api, ErrorKind::Decode]);
                }
            }
            assert!(failed <= 10, "it goes on after ten errors");
            let asked = server.asked().len();
            assert!(asked <= most, "{asked} requests for {} pages", lines.len());
        }
        assert!(users.next().await.is_none(), "it goes on after its end");
    });
    assert!(server.asked().len() <= most);
}
