//! The login page asks for what the API asks for.

use std::time::{Duration, UNIX_EPOCH};

use authing_emulator::Emulator;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::client::{Client, RawAnswer, encrypt};
use crate::login_page::{Browser, by_code, code_in, me, start, token};

const PHONE: &str = "13800000000";
const STEP: Duration = Duration::from_secs(30);

/// Ann with an authenticator app, and its key with the recovery code.
fn with_app() -> (Emulator, Value) {
    let emulator = start(Emulator::builder());
    let key = enrol(&emulator);
    (emulator, key)
}

fn enrol(emulator: &Emulator) -> Value {
    let login =
        "mutation l($input: LoginByUsernameInput!) { loginByUsername(input: $input) { token } }";
    let user =
        Client::nobody(emulator).ok(login, json!({"input": credentials(emulator, "123456")}));
    let user = Client::with_token(emulator, &user["token"]);
    let path = "/api/v2/mfa/totp/associate";
    let kind = json!({"authenticator_type": "totp"});
    let key = user.send("POST", path, &kind.to_string()).body["data"].clone();
    let body = json!({"authenticator_type": "totp", "totp": totp(emulator, &key)});
    let confirmed = user.send("POST", &format!("{path}/confirm"), &body.to_string());
    assert_eq!(confirmed.body["code"], 200);
    emulator.advance(STEP);
    key
}

/// What the app shows now.
fn totp(emulator: &Emulator, key: &Value) -> String {
    let secret = Secret::try_from_base32(key["secret"].as_str().unwrap()).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    let now = emulator.now().duration_since(UNIX_EPOCH).unwrap();
    totp.generate(now.as_secs()).to_string()
}

fn credentials(emulator: &Emulator, password: &str) -> Value {
    json!({"username": "ann", "password": encrypt(emulator, password)})
}

fn ann(emulator: &Emulator) -> Value {
    let find = "query f { findUser(username: \"ann\") { id loginsCount lastIP lastLogin } }";
    Client::administrator(emulator).ok(find, json!({}))
}

fn update(emulator: &Emulator, input: Value) {
    let update = "mutation u($id: String, $input: UpdateUserInput!) {
        updateUser(id: $id, input: $input) { id }
    }";
    let variables = json!({"id": ann(emulator)["id"], "input": input});
    Client::administrator(emulator).ok(update, variables);
}

fn title(page: &RawAnswer) -> &str {
    let (_, rest) = page.text.split_once("<h1>").unwrap();
    rest.split('<').next().unwrap()
}

fn problem(page: &RawAnswer) -> Option<&str> {
    let (_, rest) = page.text.split_once("role=\"alert\">")?;
    rest.split('<').next()
}

/// Comes to the page and gives the password.
fn first_step(browser: &mut Browser<'_>) -> RawAnswer {
    let page = browser.open("scope=openid");
    browser.log_in(&page, "ann", "123456")
}

fn is_asked(answer: &RawAnswer, status: u16, title: &str) {
    assert_eq!(
        (answer.status, self::title(answer)),
        (status, title),
        "{}",
        answer.text
    );
    assert_eq!(code_in(answer), None);
    assert!(!answer.head.contains("set-cookie"), "{}", answer.head);
}

#[test]
fn the_page_asks_for_the_code_of_an_authenticator() {
    let (emulator, key) = with_app();
    let before = ann(&emulator);
    let mut browser = Browser::new(&emulator);
    let page = first_step(&mut browser);
    is_asked(&page, 200, "One more step");
    assert_eq!(ann(&emulator)["loginsCount"], before["loginsCount"]);
    let wrong = browser.submit(&page, "/second-factor", "factor=totp&code=000000");
    is_asked(&wrong, 401, "One more step");
    assert_eq!(problem(&wrong), Some("The code is wrong."));
    let fields = format!("factor=totp&code={}", totp(&emulator, &key));
    let done = browser.submit(&wrong, "/second-factor", &fields);
    let code = code_in(&done).unwrap();
    let (status, tokens) = token(&emulator, &by_code(&code));
    assert_eq!((status, me(&emulator, &tokens["access_token"])), (200, 200));
    let after = ann(&emulator);
    assert_eq!(after["lastIP"], "127.0.0.1");
    assert_eq!(
        after["loginsCount"].as_i64(),
        before["loginsCount"].as_i64().map(|n| n + 1)
    );

    // Neither the page nor the code is of use again.
    assert_eq!(
        browser.submit(&wrong, "/second-factor", &fields).status,
        400
    );
    let mut other = Browser::new(&emulator);
    let page = first_step(&mut other);
    is_asked(
        &other.submit(&page, "/second-factor", &fields),
        401,
        "One more step",
    );
    // This browser has done all that is asked for.
    assert!(code_in(&browser.open("scope=openid&prompt=none")).is_some());
}

#[test]
fn a_recovery_code_stands_for_the_authenticator_once() {
    let (emulator, key) = with_app();
    let mut browser = Browser::new(&emulator);
    let page = first_step(&mut browser);
    let wrong = browser.submit(&page, "/second-factor", "factor=recovery&code=x");
    is_asked(&wrong, 401, "One more step");
    let old = key["recovery_code"].as_str().unwrap();
    let fields = format!("factor=recovery&code={old}");
    let done = browser.submit(&page, "/second-factor", &fields);
    assert_eq!(
        (done.status, title(&done)),
        (200, "Keep your new recovery code")
    );
    let (_, rest) = done.text.split_once("id=\"recovery-code\">").unwrap();
    let new = rest.split('<').next().unwrap();
    assert_ne!(new, old);
    let (_, rest) = done.text.split_once("/cb?code=").unwrap();
    let code = rest.split('"').next().unwrap();
    assert_eq!(token(&emulator, &by_code(code)).0, 200);
    assert!(code_in(&browser.open("scope=openid&prompt=none")).is_some());

    let mut other = Browser::new(&emulator);
    let page = first_step(&mut other);
    is_asked(
        &other.submit(&page, "/second-factor", &fields),
        401,
        "One more step",
    );
    let fields = format!("factor=recovery&code={new}");
    assert_eq!(other.submit(&page, "/second-factor", &fields).status, 200);
}

#[test]
fn an_application_that_wants_a_second_factor_sends_codes() {
    let emulator = start(Emulator::builder());
    update(
        &emulator,
        json!({"phone": PHONE, "email": "ann@example.com"}),
    );
    emulator.require_mfa(true);
    for (kind, to) in [("sms", PHONE), ("email", "ann@example.com")] {
        let mut browser = Browser::new(&emulator);
        let page = first_step(&mut browser);
        is_asked(&page, 200, "One more step");
        let send = format!("factor={kind}&send=1");
        let page = browser.submit(&page, "/second-factor", &send);
        is_asked(&page, 200, "One more step");
        let message = emulator.outbox().pop().unwrap();
        assert_eq!(message.to, to);
        // A code that went to somebody else is worth nothing, whatever the form says.
        let other = format!("factor={kind}&to=eve@example.com&code=x{}", message.code);
        is_asked(
            &browser.submit(&page, "/second-factor", &other),
            401,
            "One more step",
        );
        let fields = format!("factor={kind}&to={to}&code={}", message.code);
        assert!(
            code_in(&browser.submit(&page, "/second-factor", &fields)).is_some(),
            "{kind}"
        );
    }
}

#[test]
fn a_user_without_an_address_binds_one_on_the_way_in() {
    let emulator = start(Emulator::builder());
    Client::administrator(&emulator).create(json!({"email": "eve@example.com"}));
    emulator.require_mfa(true);
    let mut browser = Browser::new(&emulator);
    let page = first_step(&mut browser);
    let page = browser.submit(&page, "/second-factor", "factor=email&send=1&to=ann");
    assert_eq!(problem(&page), Some("This is no e-mail address."));
    for (to, is_free) in [("eve@example.com", false), ("ann@example.com", true)] {
        let send = format!("factor=email&send=1&to={to}");
        let page = browser.submit(&page, "/second-factor", &send);
        let code = emulator.outbox().pop().unwrap().code;
        let fields = format!("factor=email&to={to}&code={code}");
        let answer = browser.submit(&page, "/second-factor", &fields);
        assert_eq!(code_in(&answer).is_some(), is_free, "{to}");
    }
}

/// Who has switched on an authenticator app wants just that.
#[test]
fn no_message_stands_for_an_authenticator() {
    let (emulator, _) = with_app();
    update(&emulator, json!({"phone": PHONE}));
    let mut browser = Browser::new(&emulator);
    let page = first_step(&mut browser);
    assert!(!page.text.contains("Send a code"), "{}", page.text);
    let sent = browser.submit(&page, "/second-factor", "factor=sms&send=1");
    is_asked(&sent, 401, "One more step");
    assert!(emulator.outbox().is_empty());
    let sms = json!({"phone": PHONE}).to_string();
    Client::nobody(&emulator).send("POST", "/api/v2/sms/send", &sms);
    let code = emulator.outbox().pop().unwrap().code;
    let fields = format!("factor=sms&to={PHONE}&code={code}");
    is_asked(
        &browser.submit(&page, "/second-factor", &fields),
        401,
        "One more step",
    );
}

#[test]
fn the_second_step_comes_after_the_first_and_in_time() {
    let (emulator, key) = with_app();
    let mut browser = Browser::new(&emulator);
    let page = browser.open("scope=openid");
    let second = RawAnswer {
        text: page.text.replace("/login", "/second-factor"),
        ..page
    };
    let fields = format!("factor=totp&code={}", totp(&emulator, &key));
    let early = browser.submit(&second, "/second-factor", &fields);
    is_asked(&early, 200, "Sign in");

    let page = first_step(&mut browser);
    emulator.advance(Duration::from_secs(360));
    let fields = format!("factor=totp&code={}", totp(&emulator, &key));
    let late = browser.submit(&page, "/second-factor", &fields);
    is_asked(&late, 401, "Sign in");
    assert_eq!(problem(&late), Some("This took too long. Sign in again."));

    let page = first_step(&mut browser);
    update(&emulator, json!({"blocked": true}));
    let locked = browser.submit(&page, "/second-factor", &fields);
    is_asked(&locked, 401, "Sign in");
    assert_eq!(problem(&locked), Some("This account is locked."));
}

/// The page and the API count together.
#[test]
fn wrong_passwords_ask_for_the_picture() {
    let emulator = start(Emulator::builder());
    let login =
        "mutation l($input: LoginByUsernameInput!) { loginByUsername(input: $input) { id } }";
    let nobody = Client::nobody(&emulator);
    for _ in 0..2 {
        let input = json!({"input": credentials(&emulator, "wrong")});
        assert_eq!(nobody.refused(login, input), 2006);
    }
    let mut browser = Browser::new(&emulator);
    let page = browser.open("scope=openid");
    for count in 3..=5 {
        let answer = browser.log_in(&page, "ann", "wrong");
        is_asked(&answer, 401, "Sign in");
        assert_eq!(
            problem(&answer),
            Some("The account or the password is wrong.")
        );
        assert_eq!(
            answer.text.contains("name=\"captcha\""),
            count == 5,
            "{count}"
        );
    }
    let right = json!({"input": credentials(&emulator, "123456")});
    assert_eq!(nobody.refused(login, right), 2000);
    let answer = browser.log_in(&page, "ann", "123456");
    is_asked(&answer, 401, "Sign in");
    let shown = emulator.captcha_code("ann").unwrap();
    assert!(answer.text.contains(&shown), "{}", answer.text);
    let wrong = browser.submit(&page, "/login", "account=ann&password=123456&captcha=x");
    is_asked(&wrong, 401, "Sign in");
    let fields = format!("account=ann&password=123456&captcha={shown}");
    assert!(code_in(&browser.submit(&page, "/login", &fields)).is_some());
}

#[test]
fn a_password_that_has_to_be_changed_is_changed_on_the_page() {
    let emulator = start(Emulator::builder());
    assert!(emulator.force_password_reset(ann(&emulator)["id"].as_str().unwrap()));
    let mut browser = Browser::new(&emulator);
    let page = first_step(&mut browser);
    is_asked(&page, 200, "New password");
    for (fields, why) in [
        (
            "password=12345&repeated=12345",
            "A password has at least 6 characters.",
        ),
        (
            "password=1234567&repeated=7654321",
            "The two passwords are not the same.",
        ),
        (
            "password=123456&repeated=123456",
            "the new password is the old one",
        ),
    ] {
        let answer = browser.submit(&page, "/password", fields);
        is_asked(&answer, 401, "New password");
        assert_eq!(problem(&answer), Some(why));
    }
    emulator.require_mfa(true);
    let set = browser.submit(&page, "/password", "password=1234567&repeated=1234567");
    is_asked(&set, 200, "Sign in");
    let again = browser.submit(&page, "/password", "password=7654321&repeated=7654321");
    is_asked(&again, 200, "Sign in");
    let old = browser.log_in(&set, "ann", "123456");
    is_asked(&old, 401, "Sign in");
    // All else is asked for as always.
    is_asked(
        &browser.log_in(&set, "ann", "1234567"),
        200,
        "One more step",
    );
    emulator.require_mfa(false);
    assert!(code_in(&browser.log_in(&set, "ann", "1234567")).is_some());
}

#[test]
fn a_first_password_is_set_on_the_page() {
    let seed = "users: [{username: bob, password: '123456', resetPasswordOnFirstLogin: true}]";
    let emulator = start(Emulator::builder().seed(seed.parse().unwrap()));
    let mut browser = Browser::new(&emulator);
    let page = browser.open("scope=openid");
    let page = browser.log_in(&page, "bob", "123456");
    is_asked(&page, 200, "New password");
    let same = browser.submit(&page, "/password", "password=123456&repeated=123456");
    is_asked(&same, 401, "New password");
    let set = browser.submit(&page, "/password", "password=1234567&repeated=1234567");
    assert!(code_in(&browser.log_in(&set, "bob", "1234567")).is_some());
}

/// A browser that is signed in is asked again as soon as a sign-in would ask for more.
#[test]
fn a_browser_is_known_as_long_as_nothing_more_is_asked_for() {
    let emulator = start(Emulator::builder());
    let mut browser = Browser::new(&emulator);
    assert!(code_in(&first_step(&mut browser)).is_some());
    let is_known = |browser: &mut Browser<'_>| {
        let answer = browser.open("scope=openid&prompt=none");
        let is_known = code_in(&answer).is_some();
        assert_eq!(answer.head.contains("error=login_required"), !is_known);
        is_known
    };
    assert!(is_known(&mut browser));
    emulator.require_mfa(true);
    assert!(!is_known(&mut browser));
    emulator.require_mfa(false);
    assert!(is_known(&mut browser));
    let id = ann(&emulator)["id"].clone();
    enrol(&emulator);
    assert!(!is_known(&mut browser), "it has shown no second factor");
    let mut other = Browser::new(&emulator);
    emulator.force_password_reset(id.as_str().unwrap());
    is_asked(&first_step(&mut other), 200, "New password");
}

/// With the sessions go browsers and tokens, and they do not come back with the lock.
#[test]
fn who_is_locked_or_sent_away_is_signed_in_nowhere() {
    let offline = "scope=openid+offline_access&prompt=consent";
    for kicked in [true, false] {
        let emulator = start(Emulator::builder());
        let mut browser = Browser::new(&emulator);
        let page = browser.open(offline);
        let code = code_in(&browser.log_in(&page, "ann", "123456")).unwrap();
        let (_, tokens) = token(&emulator, &by_code(&code));
        let unused = code_in(&browser.open("scope=openid")).unwrap();
        if kicked {
            let body = json!({"userIds": [ann(&emulator)["id"]]}).to_string();
            let administrator = Client::administrator(&emulator);
            let kick = administrator.send("POST", "/api/v2/users/kick", &body);
            assert_eq!(kick.body["code"], 200);
        } else {
            update(&emulator, json!({"blocked": true}));
            update(&emulator, json!({"blocked": false}));
        }
        assert_eq!(code_in(&browser.open("scope=openid&prompt=none")), None);
        assert_eq!(me(&emulator, &tokens["access_token"]), 401);
        assert_eq!(token(&emulator, &by_code(&unused)).0, 400);
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let form = format!("grant_type=refresh_token&refresh_token={refresh}");
        assert_eq!(token(&emulator, &form).0, 400);
        assert!(code_in(&first_step(&mut browser)).is_some());
    }
}
