//! The names under which the emulator is reached, and the times that it has.

use std::time::{Duration, SystemTime};

use authing_emulator::Emulator;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::client::{Client, encrypt};
use crate::login_page::{by_code, code, start, validate};

const DISCOVERY: &str = "/oidc/.well-known/openid-configuration";
const LOGIN: &str = "mutation l($input: LoginByUsernameInput!) { loginByUsername(input: $input) { token tokenExpiredAt } }";

fn payload(token: &Value) -> Value {
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn port(emulator: &Emulator) -> &str {
    emulator.url().rsplit(':').next().unwrap()
}

fn issuer_at(emulator: &Emulator, host: &str) -> String {
    let answer = Client::nobody(emulator).send_to(host, "GET", DISCOVERY);
    let told: Value = serde_json::from_str(&answer.text).unwrap();
    let issuer = told["issuer"].as_str().unwrap();
    for (name, value) in told.as_object().unwrap() {
        if name.ends_with("_endpoint") || name.ends_with("_uri") {
            assert!(
                value.as_str().unwrap().starts_with(issuer),
                "{name}: {value}"
            );
        }
    }
    issuer.to_owned()
}

#[test]
fn it_is_who_it_is_asked_for() {
    let emulator = Emulator::builder()
        .control_host("authing.test")
        .start()
        .unwrap();
    let port = port(&emulator);
    let app = emulator.app_id();
    for (host, issuer) in [
        (
            format!("127.0.0.1:{port}"),
            format!("http://127.0.0.1:{port}/oidc"),
        ),
        (
            format!("localhost:{port}"),
            format!("http://localhost:{port}/oidc"),
        ),
        (
            format!("LOCALHOST:{port}"),
            format!("http://localhost:{port}/oidc"),
        ),
        (format!("[::1]:{port}"), format!("http://[::1]:{port}/oidc")),
        (
            format!("{app}.localhost:{port}"),
            format!("http://{app}.localhost:{port}/oidc"),
        ),
        // Somebody leads another port here.
        (
            "localhost:8080".to_owned(),
            "http://localhost:8080/oidc".to_owned(),
        ),
        ("localhost".to_owned(), "http://localhost/oidc".to_owned()),
        // A name that it was told of, as a container has one.
        (
            "authing.test:3000".to_owned(),
            "http://authing.test:3000/oidc".to_owned(),
        ),
    ] {
        assert_eq!(issuer_at(&emulator, &host), issuer);
    }
    // A name that anybody could make up is none of its own.
    for host in [
        "example.com",
        "localhost.example.com",
        "localhost:1@example.com",
        "localhost:x",
    ] {
        assert_eq!(
            issuer_at(&emulator, host),
            format!("{}/oidc", emulator.url()),
            "{host}"
        );
    }
}

/// An emulator that says it is at `localhost`, with its port.
fn at_localhost() -> (Emulator, u16) {
    // Somebody else may take a port that was free a moment ago, so it tries again then.
    let mut started = (0..100).filter_map(|_| {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let builder = Emulator::builder().port(port);
        let emulator = builder.url(format!("http://localhost:{port}")).start();
        Some((emulator.ok()?, port))
    });
    started.next().unwrap()
}

#[test]
fn an_address_that_was_set_holds_for_all_names() {
    let (emulator, port) = at_localhost();
    for host in [
        format!("127.0.0.1:{port}"),
        "localhost:1".to_owned(),
        format!("[::1]:{port}"),
    ] {
        let issuer = issuer_at(&emulator, &host);
        assert_eq!(issuer, format!("http://localhost:{port}/oidc"), "{host}");
    }
}

#[test]
fn tokens_come_from_who_was_asked() {
    let emulator = start(Emulator::builder());
    let host = format!("localhost:{}", port(&emulator));
    let issuer = format!("http://{host}/oidc");
    let offline = "scope=openid+offline_access&prompt=consent";
    let nobody = Client::nobody(&emulator);
    let own = format!(
        "client_id={}&client_secret={}",
        emulator.app_id(),
        emulator.app_secret()
    );
    let ask = |path: &str, form: &str| {
        let answer = nobody.send_form_to(&host, path, &format!("{own}&{form}"));
        assert_eq!(answer.status, 200, "{}", answer.text);
        serde_json::from_str::<Value>(&answer.text).unwrap()
    };
    let tokens = ask("/oidc/token", &by_code(&code(&emulator, offline)));
    for name in ["access_token", "id_token"] {
        assert_eq!(payload(&tokens[name])["iss"], issuer, "{name}");
    }
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = format!("grant_type=refresh_token&refresh_token={refresh}");
    let fresh = ask("/oidc/token", &form);
    assert_eq!(payload(&fresh["id_token"])["iss"], issuer);
    let form = "grant_type=client_credentials&scope=x";
    assert_eq!(
        payload(&ask("/oidc/token", form)["access_token"])["iss"],
        issuer
    );

    // By another name they are as good as by this one, and still say whose they are.
    let access = &fresh["access_token"];
    assert_eq!(
        Client::with_token(&emulator, access).get("/oidc/me").status,
        200
    );
    assert_eq!(validate(&emulator, "id_token", &fresh["id_token"]).0, 200);
    let form = format!("{own}&token={}", access.as_str().unwrap());
    let told = nobody.send_raw(
        "POST",
        "/oidc/token/introspection",
        crate::login_page::FORM,
        &form,
    );
    let told: Value = serde_json::from_str(&told.text).unwrap();
    assert_eq!(told["iss"], issuer);
}

/// Times in seconds are larger than GraphQL's own whole numbers from 2038 on.
#[test]
fn tokens_are_issued_after_2038() {
    for (seconds, life) in [
        (2_146_694_400, None),
        (2_177_452_800, None),
        (253_402_200_000, None),
        (2_000_000_000, Some(Duration::from_secs(12 * 366 * 86_400))),
        (2_000_000_000, Some(Duration::MAX)),
    ] {
        let mut builder = Emulator::builder();
        if let Some(life) = life {
            builder = builder.management_token_life(life).user_token_life(life);
            builder = builder.access_token_life(life);
        }
        let emulator = start(builder);
        emulator.freeze_time();
        emulator.set_time(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        let nobody = Client::nobody(&emulator);
        let fits = |answer: &Value| {
            let (iat, exp) = (
                answer["iat"].as_u64().unwrap(),
                answer["exp"].as_u64().unwrap(),
            );
            assert_eq!(iat, seconds, "{answer}");
            assert!(seconds < exp && exp < 1 << 53, "{answer}");
        };
        let access_token = "query a($pool: String!, $secret: String!) {
            accessToken(userPoolId: $pool, secret: $secret) { accessToken iat exp }
        }";
        let (pool, secret) = (emulator.user_pool_id(), emulator.secret());
        let management = nobody.ok(access_token, json!({"pool": pool, "secret": secret}));
        fits(&management);
        fits(&payload(&management["accessToken"]));
        let administrator = Client::with_token(&emulator, &management["accessToken"]);
        let users = administrator.ok("query u { users { totalCount } }", json!({}));
        assert_eq!(users["totalCount"], 1);
        let input = json!({"username": "ann", "password": encrypt(&emulator, "123456")});
        let user = nobody.ok(LOGIN, json!({"input": input}));
        fits(&payload(&user["token"]));
        let session = Client::with_token(&emulator, &user["token"]);
        fits(&session.ok("mutation r { refreshToken { token iat exp } }", json!({})));
        let status = session.ok("query c { checkLoginStatus { code iat exp } }", json!({}));
        assert_eq!(status["code"], 200);
        fits(&status);
        let code = code(&emulator, "scope=openid");
        let (_, tokens) = crate::login_page::token(&emulator, &by_code(&code));
        fits(&payload(&tokens["id_token"]));
        assert_eq!(
            validate(&emulator, "access_token", &tokens["access_token"]).0,
            200
        );
    }
}

/// A server has one clock: what it says of itself goes by the one that tokens go by.
#[test]
fn answers_are_dated_by_the_clock_that_was_turned() {
    let emulator = Emulator::start().unwrap();
    emulator.freeze_time();
    emulator.set_time(SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_456_000));
    let answer = Client::nobody(&emulator).send_raw("GET", DISCOVERY, "", "");
    let dates: Vec<_> = answer
        .head
        .lines()
        .filter(|line| line.starts_with("date: "))
        .collect();
    assert_eq!(dates, ["date: Tue, 01 Jan 2030 00:00:00 GMT"]);
    let clock = emulator.clock();
    emulator.advance(Duration::from_secs(60));
    assert_eq!(clock.now(), emulator.now());
    drop(emulator);
    assert_eq!(
        clock.now(),
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_456_060)
    );
}
