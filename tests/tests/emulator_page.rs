//! The emulator's page for people, in a real browser.

use std::time::Duration;

use authing::v2::CreateUserInput;
use authing_emulator::{Emulator, Fault, Faults, Rule, Seed, Webhook};
use authing_tests::clients::{Backend, Clients};
use authing_tests::webdriver::Chromium;

/// Names that people have, and one that somebody would try.
const SEED: &str = "
roles:
  - {code: admin, description: Runs the shop}
  - {code: editor}
  - {code: reader, description: Only looks}
groups:
  - {code: staff, name: The staff, roles: [editor]}
  - {code: beta, name: Beta testers, description: See what is not finished yet}
policies:
  - code: read-books
    description: All books
    statements: [{resource: 'books:*', actions: ['books:read']}]
  - code: no-films
    statements: [{resource: 'films:*', actions: ['*'], effect: DENY}]
users:
  - {username: alice, nickname: Alice, email: alice@example.com, phone: '13800000000', roles: [admin], groups: [staff]}
  - {username: zhang, nickname: 张伟, email: zhang.wei@example.com, phone: '13900000000', groups: [staff, beta]}
  - {username: mallory, nickname: '<script>document.title=1</script>', email: mallory@example.com, blocked: true}
  - {email: a.rather.long.address.of.somebody@subdomain.of.a.company.example.com, roles: [reader]}
  - {username: bob, name: Bob Roberts, phone: '+12025550123', phoneCountryCode: '+1'}
";

async fn busy() -> (Emulator, Clients) {
    let seed: Seed = SEED.parse().unwrap();
    let builder = Emulator::builder().seed(seed).random_seed(7);
    let emulator = builder.control_token("s3cret").start().unwrap();
    let webhook = Webhook::to("http://127.0.0.1:9/hook").retries(1, Duration::from_secs(60));
    emulator.set_webhook(webhook).unwrap();
    let clients = Clients::of(&emulator, Backend::Reqwest.transport().unwrap()).unwrap();
    let users = clients.admin.users();
    users
        .create(CreateUserInput::new().username("carol").nickname("Carol"))
        .await
        .unwrap();
    users.list().await.unwrap();
    users
        .create(CreateUserInput::new().username("carol"))
        .await
        .unwrap_err();
    for email in ["alice@example.com", "zhang.wei@example.com"] {
        clients
            .client
            .send_email(email, authing::v2::EmailScene::VerifyEmail)
            .await
            .unwrap();
    }
    let fault = Rule::new(Fault::server_error(503)).on("roles").times(1);
    emulator.set_faults(Faults::seeded(1).rule(fault));
    let _ = clients.admin.roles().list().await;
    (emulator, clients)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_look_and_press_buttons() {
    let transport = Backend::Reqwest.capped(16 << 20).unwrap();
    let Some(chromium) = Chromium::start(transport).await else {
        return;
    };
    let (emulator, _clients) = busy().await;
    for (name, width, height) in [
        ("emulator-wide", 1440, 2300),
        ("emulator-narrow", 400, 2000),
    ] {
        chromium.resize(width, height).await;
        chromium.open(emulator.url()).await;
        chromium.sees("h1", "Authing emulator").await;
        chromium.picture(name).await;
    }
    chromium.resize(1200, 900).await;
    chromium.open(emulator.url()).await;
    assert!(
        chromium
            .text("#users")
            .await
            .contains("<script>document.title=1</script>")
    );
    assert!(chromium.text("#users").await.contains("张伟"));
    assert!(chromium.text("#requests").await.contains("createUser"));
    let code = emulator.outbox()[0].code.clone();
    assert!(chromium.text("#outbox").await.contains(&code));

    chromium.type_into("#token", "wrong").await;
    chromium.click("button[value=reset]").await;
    chromium
        .sees(
            ".note",
            "That is not the control token. The emulator prints it when it starts.",
        )
        .await;
    chromium.type_into("#token", "s3cret").await;
    chromium.click("button[value=freeze]").await;
    chromium.sees(".note", "The clock stands still.").await;
    chromium.sees(".clock .badge", "frozen").await;
    let before = emulator.now();
    chromium.type_into("#token", "s3cret").await;
    chromium.click("button[value=hour]").await;
    chromium.sees(".note", "The clock is an hour ahead.").await;
    assert_eq!(emulator.now(), before + Duration::from_secs(3600));
    chromium.picture("emulator-frozen").await;

    chromium.type_into("input[type=search]", "carol").await;
    chromium.click(".search button").await;
    chromium.sees("#users strong", "Carol").await;
    chromium.type_into("#token", "s3cret").await;
    chromium.click("button[value=reset]").await;
    chromium
        .sees(".note", "Everything is as it was at the start.")
        .await;
    assert!(!chromium.text("#users").await.contains("carol"));
    assert!(chromium.text("#outbox").await.contains("Nothing was sent."));
    chromium.picture("emulator-reset").await;
}
