//! The example `oidc-login` in a real browser, against the emulator.

use std::time::{Duration, UNIX_EPOCH};

use authing::oidc::OidcClient;
use authing::v2::CreateUserInput;
use authing_emulator::Emulator;
use authing_tests::clients::{Backend, Clients};
use authing_tests::webdriver::Chromium;
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;
use totp_rs::Totp;

#[allow(dead_code, reason = "its `main` is for people")]
#[path = "../../crates/authing/examples/oidc-login.rs"]
mod example;

const PASSWORD: &str = "correct horse battery";
/// What a page must show as it is, and not take for its own.
const NICKNAME: &str = "<b>Alice</b> & \"co\"";

/// The address of the application, which runs as long as the test.
async fn serve(client: OidcClient) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = example::app(client, url.clone());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_logs_in_looks_around_and_logs_out() {
    // A picture of the page is larger than most answers.
    let transport = Backend::Reqwest.capped(16 << 20).unwrap();
    let Some(chromium) = Chromium::start(transport.clone()).await else {
        return;
    };
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, transport).unwrap();
    let alice = CreateUserInput::new()
        .username("alice")
        .password(PASSWORD)
        .name("Alice Liddell")
        .nickname(NICKNAME)
        .email("alice@example.com");
    let id = clients.admin.users().create(alice).await.unwrap().id;
    let app = serve(clients.oidc.clone()).await;
    let home = format!("{app}/");

    chromium.open(&app).await;
    chromium.sees("h1", "Wonderland").await;
    chromium.picture("1-welcome").await;

    // No, after all.
    chromium.click("#login").await;
    chromium.click("#cancel").await;
    chromium.sees("h1", "Wonderland").await;
    assert_eq!(chromium.address().await, home);

    chromium.click("#login").await;
    chromium.sees("h1", "Sign in").await;
    assert!(chromium.address().await.starts_with(emulator.url()));
    chromium.picture("2-login").await;
    chromium.type_into("#account", NICKNAME).await;
    chromium.type_into("#password", "wrong").await;
    chromium.click("button").await;
    chromium
        .sees(".problem", "The account or the password is wrong.")
        .await;
    chromium.picture("3-wrong-password").await;
    chromium.type_into("#account", "alice@example.com").await;
    chromium.type_into("#password", PASSWORD).await;
    chromium.click("button").await;

    chromium.sees("#name", "Alice Liddell").await;
    assert_eq!(
        chromium.address().await,
        home,
        "no code is left in the address"
    );
    let table = chromium.text("dl").await;
    for shown in [NICKNAME, "alice@example.com", &id] {
        assert!(table.contains(shown), "{table}");
    }
    chromium.picture("4-profile").await;

    // Authing knows the browser, and asks for nothing.
    chromium.open(&format!("{app}/login")).await;
    chromium.sees("#name", "Alice Liddell").await;

    // A callback that nobody asked for changes nothing.
    chromium
        .open(&format!("{app}/callback?code=x&state=y"))
        .await;
    assert_eq!(chromium.address().await, home);

    chromium.open(&format!("{app}/login")).await;
    chromium.click("#logout").await;
    chromium.sees("h1", "Wonderland").await;
    assert_eq!(chromium.address().await, home);
    chromium.click("#login").await;
    // Signed out at Authing too.
    chromium.sees("h1", "Sign in").await;
    chromium.open("about:blank").await;

    // Addresses that lead nowhere.
    chromium
        .open(&format!("{}/oidc/auth?client_id=x", emulator.url()))
        .await;
    chromium.sees("h1", "That did not work").await;
    chromium.picture("5-failure").await;
    chromium
        .open(&format!("{}/oidc/session/end", emulator.url()))
        .await;
    chromium.sees("h1", "You are signed out").await;
    chromium.picture("6-signed-out").await;
    chromium.open(&format!("{app}/login")).await;
    let login = chromium.address().await;
    assert!(login.contains("code_challenge_method=S256"), "{login}");
}

/// What the user's app shows.
fn totp(emulator: &Emulator, uri: &str) -> String {
    let now = emulator.now().duration_since(UNIX_EPOCH).unwrap();
    Totp::from_url(uri)
        .unwrap()
        .generate(now.as_secs())
        .to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_passes_all_that_is_asked_for() {
    let transport = Backend::Reqwest.capped(16 << 20).unwrap();
    let Some(chromium) = Chromium::start(transport.clone()).await else {
        return;
    };
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, transport).unwrap();
    let registration = clients.client.register_by_username("alice", PASSWORD);
    let session = registration.generate_token(true).await.unwrap().session;
    let session = session.unwrap();
    let id = session.user_id().unwrap().to_owned();
    let mfa = session.mfa();
    let app = mfa.associate_mfa_authenticator().await.unwrap();
    let uri = app.qrcode_uri.unwrap().expose().to_owned();
    let first = totp(&emulator, &uri);
    mfa.confirm_associate_mfa_authenticator(first)
        .await
        .unwrap();
    let app = serve(clients.oidc.clone()).await;

    // The picture after too many wrong passwords.
    for _ in 0..4 {
        let wrong = clients.client.login_by_username("alice", "wrong").await;
        assert!(wrong.is_err());
    }
    chromium.open(&format!("{app}/login")).await;
    chromium.sees("h1", "Sign in").await;
    chromium.type_into("#account", "alice").await;
    chromium.type_into("#password", "wrong").await;
    chromium.click("button").await;
    let problem = "The account or the password is wrong.";
    chromium.sees(".problem", problem).await;
    chromium.picture("8-captcha").await;
    let picture = emulator.captcha_code("alice").unwrap();
    assert_eq!(chromium.text("#picture text").await, picture);
    emulator.force_password_reset(&id);
    chromium.type_into("#password", PASSWORD).await;
    chromium.type_into("#captcha", &picture).await;
    chromium.click("button").await;

    // A new password.
    chromium.sees("h1", "New password").await;
    chromium.type_into("#password", "new password").await;
    chromium.type_into("#repeated", "another one").await;
    chromium.click("button").await;
    chromium
        .sees(".problem", "The two passwords are not the same.")
        .await;
    chromium.picture("9-new-password").await;
    for field in ["#password", "#repeated"] {
        chromium.type_into(field, "new password").await;
    }
    chromium.click("button").await;
    let note = "Your password was changed. Sign in with the new one.";
    chromium.sees(".note", note).await;
    chromium.picture("10-password-changed").await;
    chromium.type_into("#password", "new password").await;
    chromium.click("button").await;

    // The second factor.
    chromium.sees("h1", "One more step").await;
    chromium.picture("11-authenticator").await;
    chromium.type_into("#code", "000000").await;
    chromium.click("button").await;
    chromium.sees(".problem", "The code is wrong.").await;
    emulator.advance(Duration::from_secs(30));
    chromium.type_into("#code", &totp(&emulator, &uri)).await;
    chromium.click("button").await;
    chromium.sees("#logout", "Sign out").await;
    chromium.click("#logout").await;

    // The recovery code.
    let recovery = mfa.get_mfa_authenticators().await.unwrap();
    let recovery = recovery[0]
        .recovery_code
        .as_ref()
        .unwrap()
        .expose()
        .to_owned();
    chromium.open(&format!("{app}/login")).await;
    chromium.type_into("#account", "alice").await;
    chromium.type_into("#password", "new password").await;
    chromium.click("button").await;
    chromium.sees("h1", "One more step").await;
    chromium.click("summary").await;
    chromium.type_into("#recovery", &recovery).await;
    chromium.picture("12-recovery").await;
    chromium.click("details button").await;
    chromium.sees("h1", "Keep your new recovery code").await;
    chromium.picture("13-new-recovery-code").await;
    assert_ne!(chromium.text("#recovery-code").await, recovery);
    chromium.click("#continue").await;
    chromium.sees("#logout", "Sign out").await;
    chromium.click("#logout").await;

    // Codes by message, to an address that the user binds on the way.
    session.mfa().delete_mfa_authenticator().await.unwrap();
    emulator.require_mfa(true);
    chromium.open(&format!("{app}/login")).await;
    chromium.type_into("#account", "alice").await;
    chromium.type_into("#password", "new password").await;
    chromium.click("button").await;
    chromium.sees("h1", "One more step").await;
    chromium.picture("14-no-address").await;
    chromium.type_into("#to-email", "alice@example.com").await;
    chromium.click("#send-email").await;
    chromium.sees("p.note strong", "alice@example.com").await;
    chromium.picture("15-code-sent").await;
    let code = emulator.outbox().pop().unwrap().code;
    chromium.type_into("#code", &code).await;
    chromium.click("button").await;
    chromium.sees("#logout", "Sign out").await;
}

/// The page of an origin, as a single-page application is one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_another_origin_asks_from_its_scripts() {
    let transport = Backend::Reqwest.capped(16 << 20).unwrap();
    let Some(chromium) = Chromium::start(transport).await else {
        return;
    };
    let emulator = Emulator::start().unwrap();
    let url = emulator.url();
    let page = format!(
        "<pre id=told></pre><script>
        const tell = (name, path, options) => fetch('{url}' + path, options).then(
            answer => name + ' ' + answer.status, () => name + ' unreadable');
        const json = {{'content-type': 'application/json', 'x-authing-app-id': '{}'}};
        Promise.all([
            tell('graphql', '/graphql/v2', {{method: 'POST', headers: json, credentials: 'include', body: '{{\"query\": \"{{ __typename }}\"}}'}}),
            tell('discovery', '/oidc/.well-known/openid-configuration'),
            tell('refused', '/oidc/me', {{headers: {{authorization: 'Bearer x'}}}}),
            tell('nowhere', '/nowhere', {{credentials: 'include'}}),
            tell('outbox', '/_emulator/outbox'),
            tell('people', '/'),
        ]).then(lines => told.textContent = lines.join(', '));
        </script>",
        emulator.app_id()
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().route("/", get(async move || Html(page.clone())));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    chromium.open(&origin).await;
    let told = "graphql 200, discovery 200, refused 401, nowhere 404, outbox unreadable, people unreadable";
    chromium.sees("#told", told).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tampered_callback_logs_nobody_in() {
    let transport = Backend::Reqwest.capped(16 << 20).unwrap();
    let Some(chromium) = Chromium::start(transport.clone()).await else {
        return;
    };
    let emulator = Emulator::start().unwrap();
    let clients = Clients::of(&emulator, transport).unwrap();
    let app = serve(clients.oidc.clone()).await;
    chromium.open(&format!("{app}/login")).await;
    chromium
        .open(&format!("{app}/callback?code=stolen&state=mine"))
        .await;
    chromium.sees("h1", "You were not signed in").await;
    assert!(chromium.text("#problem").await.contains("another state"));
    chromium.picture("7-tampered").await;
    assert_eq!(emulator.request_count("/oidc/token"), 0);
    chromium.click(".button").await;
    chromium.sees("h1", "Wonderland").await;
}
