//! Events that are told to another server.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use authing_emulator::{Delivery, Emulator, Seed, Webhook, WebhookError};
use serde_json::{Value, json};

use crate::client::{Client, encrypt};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came to a listener.
struct Call {
    head: String,
    body: Value,
}

/// Listens, answers with these statuses one after the other and with 200 after them, and tells what came.
fn listen(statuses: &'static [u16]) -> (String, Receiver<Call>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook?a=b", listener.local_addr().unwrap());
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut statuses = statuses.iter();
        for stream in listener.incoming().map_while(Result::ok) {
            let status = statuses.next().copied().unwrap_or(200);
            if sender.send(take(stream, status)).is_err() {
                return;
            }
        }
    });
    (url, receiver)
}

fn take(stream: TcpStream, status: u16) -> Call {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        reader.read_line(&mut head).unwrap();
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.unwrap().parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    let answer = format!("HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    reader.into_inner().write_all(answer.as_bytes()).unwrap();
    Call {
        head,
        body: serde_json::from_slice(&body).unwrap(),
    }
}

fn next(calls: &Receiver<Call>) -> Call {
    calls.recv_timeout(PATIENCE).unwrap()
}

/// The deliveries as soon as they are as they should be: the listener hears of an attempt before it is written down.
fn deliveries(emulator: &Emulator, as_wanted: impl Fn(&[Delivery]) -> bool) -> Vec<Delivery> {
    let mut all = emulator.deliveries();
    for _ in 0..2000 {
        if as_wanted(&all) {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
        all = emulator.deliveries();
    }
    assert!(as_wanted(&all), "{all:?}");
    all
}

#[test]
fn events_come_with_the_secret_and_in_their_order() {
    let (url, calls) = listen(&[]);
    let emulator = Emulator::start().unwrap();
    emulator
        .set_webhook(Webhook::to(url).secret("s3cret"))
        .unwrap();
    let admin = Client::administrator(&emulator);
    let password = encrypt(&emulator, "correct horse");
    let id = &admin.create(json!({"username": "ann", "password": password}))["id"];
    assert_eq!(next(&calls).body["eventName"], "register");
    let call = next(&calls);
    assert_eq!(call.body["eventName"], "user:created");
    assert_eq!(call.body["data"]["username"], "ann");
    assert!(
        call.head.starts_with("POST /hook?a=b HTTP/1.1\r\n"),
        "{}",
        call.head
    );
    for line in [
        "user-agent: authing-webhook@2.0",
        "content-type: application/json",
        "x-authing-webhook-secret: s3cret",
        "x-authing-token: s3cret",
        &format!("x-authing-userpool-id: {}", emulator.user_pool_id()),
    ] {
        assert!(call.head.contains(line), "{line}: {}", call.head);
    }

    let login =
        "mutation l($input: LoginByUsernameInput!) { loginByUsername(input: $input) { id } }";
    let nobody = Client::nobody(&emulator);
    let input = json!({"username": "ann", "password": encrypt(&emulator, "wrong")});
    nobody.refused(login, json!({"input": input}));
    let failed = next(&calls).body;
    assert_eq!(failed["eventName"], "login", "also when it fails");
    assert!(!failed.to_string().contains("password"), "{failed}");
    let input = json!({"username": "ann", "password": encrypt(&emulator, "correct horse")});
    nobody.ok(login, json!({"input": input}));
    assert_eq!(next(&calls).body["data"]["id"], *id);

    // Questions and refusals tell nothing.
    admin.ok("query u { users { totalCount } }", json!({}));
    admin.refused("mutation m { deleteRole(code: \"x\") { code } }", json!({}));
    let test = Client::controller(&emulator).send("POST", "/_emulator/webhooks/test", "");
    assert_eq!(test.status, 202);
    assert_eq!(next(&calls).body["eventName"], "test");
    let all = deliveries(&emulator, |all| all.iter().all(|own| own.delivered));
    assert_eq!(all.len(), 5);
}

#[test]
fn what_fails_is_tried_again_by_the_emulators_clock() {
    let (url, calls) = listen(&[500, 404, 204]);
    let emulator = Emulator::start().unwrap();
    emulator.freeze_time();
    let webhook = Webhook::to(url)
        .only(["user:created"])
        .retries(2, Duration::from_secs(3600));
    emulator.set_webhook(webhook).unwrap();
    Client::administrator(&emulator).create(json!({"username": "ann"}));
    next(&calls);
    deliveries(&emulator, |all| all[0].attempts.len() == 1);
    emulator.advance(Duration::from_secs(3599));
    assert_eq!(emulator.deliveries()[0].attempts.len(), 1);
    emulator.advance(Duration::from_secs(1));
    next(&calls);
    deliveries(&emulator, |all| all[0].attempts.len() == 2);
    emulator.advance(Duration::from_secs(2 * 3600));
    next(&calls);
    let all = deliveries(&emulator, |all| all[0].delivered);
    let statuses: Vec<_> = all[0].attempts.iter().map(|own| own.status).collect();
    assert_eq!(statuses, [Some(500), Some(404), Some(204)]);
    assert_eq!(all[0].next_attempt, None);
    let shown = Client::nobody(&emulator).get("/_emulator/webhooks").body;
    assert_eq!(shown["deliveries"][0]["attempts"][1]["status"], 404);
}

#[test]
fn it_gives_up_where_nobody_answers() {
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let emulator = Emulator::start().unwrap();
    let webhook = Webhook::to(format!("http://{closed}"))
        .only(["user:created"])
        .retries(1, Duration::ZERO);
    emulator.set_webhook(webhook).unwrap();
    Client::administrator(&emulator).create(json!({"username": "ann"}));
    let all = deliveries(&emulator, |all| all[0].attempts.len() == 2);
    assert!(!all[0].delivered && all[0].next_attempt.is_none());
    assert!(
        all[0]
            .attempts
            .iter()
            .all(|own| own.status.is_none() && own.error.is_some())
    );
}

#[test]
fn who_listens_is_said_in_a_seed_or_over_http_and_stays_on_this_machine() {
    let (url, calls) = listen(&[]);
    let seed: Seed = format!("webhook: {{url: '{url}', events: ['role:created']}}")
        .parse()
        .unwrap();
    let emulator = Emulator::builder().seed(seed).start().unwrap();
    let admin = Client::administrator(&emulator);
    admin.create(json!({"username": "ann"}));
    admin.ok("mutation m { createRole(code: \"r\") { id } }", json!({}));
    assert_eq!(next(&calls).body["eventName"], "role:created");

    let controller = Client::controller(&emulator);
    let set = |url: &str| {
        let body = json!({"url": url}).to_string();
        controller.send("PUT", "/_emulator/webhooks", &body).status
    };
    assert_eq!(
        (
            set("http://example.com/"),
            set("https://localhost/"),
            set("x")
        ),
        (400, 400, 400)
    );
    // A name below `localhost` leads here, whether the system knows it or not.
    assert_eq!(set(&url.replace("127.0.0.1", "Hook.LocalHost")), 200);
    admin.create(json!({"username": "bob"}));
    assert_eq!(next(&calls).body["eventName"], "register");
    assert_eq!(next(&calls).body["eventName"], "user:created");
    assert_eq!(
        controller.send("DELETE", "/_emulator/webhooks", "").status,
        204
    );
    admin.create(json!({"username": "cleo"}));
    assert_eq!(emulator.deliveries().len(), 3);

    let elsewhere = Webhook::to("http://example.com/");
    assert!(matches!(
        emulator.set_webhook(elsewhere.clone()),
        Err(WebhookError::Elsewhere(_))
    ));
    let open = Emulator::builder().webhooks_anywhere().start().unwrap();
    open.set_webhook(elsewhere).unwrap();
}

/// Accepts connections, and never answers.
fn hang() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    (listener, url)
}

#[test]
fn a_receiver_that_hangs_delays_no_other_pool() {
    let (_hanging, silent) = hang();
    let (url, calls) = listen(&[]);
    let seed: Seed = format!(
        "pool: {{id: a, secret: sa}}\nwebhook: {{url: \"{silent}\"}}\n\
         pools: [{{pool: {{id: b, secret: sb}}, webhook: {{url: \"{url}\"}}}}]\n"
    )
    .parse()
    .unwrap();
    let emulator = Emulator::builder().seed(seed).start().unwrap();
    let [a, b] = [("a", "sa"), ("b", "sb")]
        .map(|(pool, secret)| Client::administrator_of(&emulator, pool, secret));
    for name in ["one", "two", "three"] {
        a.create(json!({"username": name}));
    }
    b.create(json!({"username": "bob"}));
    assert_eq!(next(&calls).body["data"]["username"], "bob");
    assert_eq!(next(&calls).body["eventName"], "user:created");
    let waiting = emulator.deliveries();
    assert!(waiting.iter().all(|own| own.next_attempt.is_some()));
}

#[test]
fn another_webhook_does_not_wait_for_the_one_before() {
    let (hanging, silent) = hang();
    let (url, calls) = listen(&[]);
    let emulator = Emulator::start().unwrap();
    let webhook = |url| {
        Webhook::to(url)
            .only(["user:created"])
            .retries(1, Duration::ZERO)
    };
    emulator.set_webhook(webhook(&silent)).unwrap();
    Client::administrator(&emulator).create(json!({"username": "ann"}));
    let _held = hanging.accept().unwrap();
    emulator.set_webhook(webhook(&url)).unwrap();
    assert_eq!(next(&calls).body["data"]["username"], "ann");
    let all = deliveries(&emulator, |all| all[0].delivered);
    let error = all[0].attempts[0].error.as_deref();
    assert_eq!(error, Some("the webhook was changed meanwhile"));
}

#[test]
fn events_that_nobody_takes_make_room_and_are_in_the_journal() {
    let (_hanging, silent) = hang();
    let emulator = Emulator::start().unwrap();
    emulator.set_webhook(Webhook::to(silent)).unwrap();
    let admin = Client::administrator(&emulator);
    // Each tells of two events with a body of more than a megabyte.
    let name = "n".repeat(1_100_000);
    for number in 0..9 {
        admin.create(json!({"username": format!("user{number}"), "nickname": name}));
    }
    let kept = emulator.deliveries().len();
    let dropped = emulator.requests();
    let dropped = dropped.iter().filter(|own| own.method == "EVENT");
    let dropped: Vec<_> = dropped.map(|own| own.operation.as_deref()).collect();
    assert_eq!(kept + dropped.len(), 18);
    assert_eq!(dropped[..2], [Some("register"), Some("user:created")]);
    assert!((10..16).contains(&kept), "{kept}");

    emulator.reset();
    emulator.set_webhook(Webhook::to(hang().1)).unwrap();
    let control = Client::controller(&emulator);
    for _ in 0..1001 {
        control.send("POST", "/_emulator/webhooks/test", "");
    }
    assert_eq!(emulator.deliveries().len(), 1000);
    assert_eq!(emulator.request_count("test"), 1);
}
