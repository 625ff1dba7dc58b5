use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use authing_emulator::{Emulator, StartError};
use serde_json::{Value, json};

use crate::client::Client;

#[test]
fn introspection_is_answered() {
    let emulator = Emulator::start().unwrap();
    let schema = Client::nobody(&emulator).ok(
        "query IntrospectionQuery {
            __schema {
                queryType { name }
                mutationType { name }
                types { kind name description fields(includeDeprecated: true) { name args { name defaultValue } } }
                directives { name locations }
            }
        }",
        json!(null),
    );
    assert_eq!(schema["queryType"]["name"], "Query");
    assert_eq!(schema["mutationType"]["name"], "Mutation");
    let types = schema["types"].as_array().unwrap();
    assert!(types.iter().any(|ty| ty["name"] == "PaginatedUsers"));
    assert_eq!(emulator.request_count("IntrospectionQuery"), 1);
}

#[test]
fn invalid_documents_get_string_messages() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    for (query, variables, kind) in [
        ("query {", json!({}), "GRAPHQL_PARSE_FAILED"),
        (
            "query q { nonsense }",
            json!({}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "query q($id: String!) { user(id: $id) { id } }",
            json!({"id": 5}),
            "BAD_USER_INPUT",
        ),
        (
            "query q($id: String!) { user(id: $id) { id } }",
            Value::Null,
            "BAD_USER_INPUT",
        ),
    ] {
        let answer = nobody.graphql(query, variables);
        assert_eq!(answer.status, 400);
        assert!(answer.body["errors"][0]["message"].is_string());
        assert_eq!(answer.body["errors"][0]["extensions"]["code"], kind);
        assert!(answer.body.get("data").is_none());
    }
    let answer = nobody.send("POST", "/graphql/v2", "not json");
    assert_eq!(answer.status, 400);
    assert!(answer.body["errors"][0]["message"].is_string());
}

#[test]
fn refusals_are_null_where_the_schema_allows_it() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    let answer = nobody.graphql("query user {\n  user { id }\n}", json!({"undeclared": 1}));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["data"], json!({"user": null}));
    let error = &answer.body["errors"][0];
    assert_eq!(error["message"]["code"], 2020);
    assert_eq!(error["locations"], json!([{"line": 2, "column": 3}]));
    assert_eq!(error["path"], json!(["user"]));

    let answer = nobody.graphql("query users { users { totalCount } }", json!(null));
    assert_eq!(answer.body["data"], Value::Null);
    assert_eq!(answer.body["errors"][0]["message"]["code"], 2020);
}

#[test]
fn other_paths_and_the_public_key() {
    let emulator = Emulator::start().unwrap();
    let nobody = Client::nobody(&emulator);
    let answer = nobody.get("/api/v2/.well-known");
    assert_eq!(answer.body["code"], 200);
    assert_eq!(answer.body["data"]["publicKey"], emulator.public_key());

    let answer = nobody.get("/nowhere?x=1");
    assert_eq!((answer.status, &answer.body["code"]), (404, &json!(404)));
    let answer = nobody.get("/graphql/v2");
    assert_eq!((answer.status, &answer.body["code"]), (405, &json!(405)));
}

#[test]
fn every_answer_has_an_id_of_its_own() {
    let emulator = Emulator::start().unwrap();
    let id = || {
        let answer = Client::nobody(&emulator).get("/nowhere");
        let line = answer
            .head
            .lines()
            .find(|line| line.starts_with("x-request-id: "));
        line.unwrap().to_owned()
    };
    let first = id();
    assert!(first.len() >= "x-request-id: ".len() + 24);
    assert_ne!(first, id());
}

#[test]
fn requests_are_recorded() {
    let emulator = Emulator::start().unwrap();
    Client::administrator(&emulator);
    Client::nobody(&emulator).get("/nowhere?secret=1");
    let requests = emulator.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].method, "POST");
    assert_eq!(requests[0].path, "/graphql/v2");
    assert_eq!(requests[0].operation.as_deref(), Some("accessToken"));
    assert_eq!(requests[0].status, 200);
    assert_eq!(requests[1].path, "/nowhere");
    assert_eq!(requests[1].operation, None);
    assert_eq!(requests[1].status, 404);
    assert_eq!(emulator.request_count("accessToken"), 1);
    assert_eq!(emulator.request_count("/nowhere"), 1);
}

#[test]
fn debug_shows_no_secrets() {
    let emulator = Emulator::start().unwrap();
    let shown = format!("{emulator:?}");
    assert!(shown.contains(emulator.url()));
    assert!(!shown.contains(emulator.secret()));
    assert!(!shown.contains(emulator.app_secret()));
}

#[test]
fn a_port_can_be_chosen_but_not_shared() {
    let emulator = Emulator::start().unwrap();
    let port = emulator.url().rsplit_once(':').unwrap().1.parse().unwrap();
    let refused = Emulator::builder().port(port).start();
    assert!(matches!(refused, Err(StartError::Listen { port: p, .. }) if p == port));
    drop(emulator);
    let again = Emulator::builder().port(port).start().unwrap();
    assert!(again.url().ends_with(&format!(":{port}")));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "measures real time")]
fn dropping_it_stops_everything_at_once() {
    let emulator = Emulator::start().unwrap();
    let address = emulator.url().strip_prefix("http://").unwrap().to_owned();
    let mut kept_alive = TcpStream::connect(&address).unwrap();
    kept_alive
        .write_all(b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let mut buffer = [0; 1024];
    assert_ne!(kept_alive.read(&mut buffer).unwrap(), 0);

    let start = Instant::now();
    drop(emulator);
    // A connection that is kept would hold it up for ever.
    assert!(start.elapsed() < Duration::from_secs(60));
    // Either an orderly end or a reset, but no waiting.
    assert!(matches!(kept_alive.read(&mut buffer), Ok(0) | Err(_)));
    assert!(TcpStream::connect(&address).is_err());
}

/// The end comes while the body of a request is on its way.
#[test]
fn what_is_under_way_is_refused_at_the_end_and_the_rest_is_kept() {
    let emulator = Emulator::start().unwrap();
    let admin = Client::administrator(&emulator);
    admin.create(json!({"username": "ann"}));
    let address = emulator.url().strip_prefix("http://").unwrap().to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    let body = json!({"query": "mutation { createUser(userInfo: {username: \"bob\"}) { id } }"});
    let body = body.to_string();
    let (start, rest) = body.split_at(10);
    write!(
        stream,
        "POST /graphql/v2 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {}\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        admin.bearer(),
        body.len()
    )
    .unwrap();
    // The server says so when it begins to read the body.
    let mut line = [0; 25];
    stream.read_exact(&mut line).unwrap();
    assert_eq!(&line, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(start.as_bytes()).unwrap();
    emulator.close();
    stream.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(emulator.closed());
    assert!(TcpStream::connect(&address).is_err());
    let journal = emulator.requests();
    let last = journal.last().unwrap();
    assert_eq!((last.status, last.executed), (503, false));
    let state = emulator.finish().to_json();
    assert!(state.contains("\"ann\"") && !state.contains("\"bob\""));
}

#[test]
fn a_log_that_panics_harms_nothing() {
    let log = |_: &authing_emulator::RecordedRequest| panic!("a mistake of the test's own");
    let emulator = Emulator::builder().log(log).start().unwrap();
    Client::administrator(&emulator).create(json!({"username": "ann"}));
    assert_eq!(emulator.request_count("createUser"), 1);
    assert!(emulator.finish().to_json().contains("\"ann\""));
}

#[test]
fn it_starts_and_stops_inside_an_executor() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let emulator = Emulator::start().unwrap();
        assert_eq!(Client::nobody(&emulator).get("/nowhere").status, 404);
    });
}
