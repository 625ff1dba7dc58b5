//! Every operation of the SDK, and with them every model.

use std::cell::RefCell;
use std::time::Duration;

use authing::ErrorKind;
use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;

use super::check::{self, CANARY};
use super::server::{Answer, Server, run};
use crate::cases::{Case, cases};
use crate::clients::Clients;

/// How a call may fail whose answer is nonsense.
const KINDS: [ErrorKind; 7] = [
    ErrorKind::Api,
    ErrorKind::Decode,
    ErrorKind::Http,
    ErrorKind::InvalidInput,
    ErrorKind::NotFound,
    ErrorKind::Token,
    ErrorKind::Untrusted,
];

/// What holds a secret in an answer wherever it is read.
const SECRETS: [&str; 8] = [
    "accessToken",
    "access_token",
    "id_token",
    "jwtSecret",
    "oauth",
    "password",
    "refresh_token",
    "token",
];

/// What stands between the first line and the first secret.
const STRUCTURE: [&str; 3] = ["data", "list", "user"];

struct World {
    cases: Vec<Case>,
    token: Bytes,
    server: Server,
    clients: Clients,
}

fn clients(server: &Server) -> Clients {
    Clients::at("https://a.example", server.clone(), Duration::from_secs(10)).unwrap()
}

impl World {
    fn new() -> Self {
        let server = Server::default();
        let cases = cases();
        let token = cases
            .iter()
            .find(|case| case.id == "management.access_token")
            .map(|case| Bytes::from(case.answer.to_string()))
            .unwrap();
        Self {
            clients: clients(&server),
            token,
            server,
            cases,
        }
    }

    /// The case of this name; any, but always the same, for another text.
    fn case(&self, name: &[u8]) -> &Case {
        let known = self
            .cases
            .iter()
            .find(|case| case.name().as_bytes() == name);
        known.unwrap_or_else(|| {
            let sum = name.iter().fold(0, |sum: usize, byte| {
                sum.wrapping_mul(31).wrapping_add(usize::from(*byte))
            });
            &self.cases[sum % self.cases.len()]
        })
    }
}

/// The name of a case of `tests/src/cases` in the first line, then the body
/// that a server answers to its operation.
pub(super) fn models(input: &[u8]) {
    thread_local! {
        static WORLD: RefCell<World> = RefCell::new(World::new());
    }
    let end = input.iter().position(|byte| *byte == b'\n');
    let (name, body) = input.split_at(end.unwrap_or(input.len()));
    let body = body.get(1..).unwrap_or_default();
    WORLD.with_borrow(|world| {
        let case = world.case(name);
        let answer = Answer::new(StatusCode::OK, body);
        let other = Some((case.id, world.token.clone()));
        world.server.now_answer([answer], other);
        // A client asks for its token once.
        let clients = match case.id {
            "management.access_token" => clients(&world.server),
            _ => world.clients.clone(),
        };
        match run((case.send)(clients)) {
            Ok(shown) => {
                check::proportion(&shown, body);
                let secret = only_in_secrets(body) && shown.contains(CANARY);
                assert!(!secret, "{} shows a secret: {shown}", case.id);
            }
            Err(error) => {
                check::error(&error, &KINDS);
                check::unquoted(&error, body);
            }
        }
    });
}

/// Whether canaries stand nowhere but where secrets are.
fn only_in_secrets(body: &[u8]) -> bool {
    fn only(value: &Value) -> bool {
        match value {
            Value::String(text) => !text.contains(CANARY),
            Value::Array(items) => items.iter().all(only),
            Value::Object(fields) => fields.iter().all(|(name, value)| match value {
                Value::String(_) if SECRETS.contains(&&**name) => true,
                Value::Object(_) | Value::Array(_) if !STRUCTURE.contains(&&**name) => {
                    !value.to_string().contains(CANARY)
                }
                value => !name.contains(CANARY) && only(value),
            }),
            _ => true,
        }
    }
    serde_json::from_slice(body).is_ok_and(|value| only(&value))
}
