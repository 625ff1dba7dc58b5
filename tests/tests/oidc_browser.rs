//! The example `oidc-login` in a real browser, against the emulator.

use authing::oidc::OidcClient;
use authing::v2::CreateUserInput;
use authing_emulator::Emulator;
use authing_tests::clients::{Backend, Clients};
use authing_tests::webdriver::Chromium;
use tokio::net::TcpListener;

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
