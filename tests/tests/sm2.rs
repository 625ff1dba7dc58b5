//! Passwords encrypted with SM2, over both transports.

use authing::ErrorKind;
use authing::v2::{AuthenticationClient, CreateUserInput, ManagementClient};
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::clients::Backend;

both_transports!(
    register_and_log_in,
    an_administrator_sets_a_password,
    bad_keys
);

async fn register_and_log_in(backend: Backend) {
    let emulator = Emulator::start().unwrap();
    let builder = || {
        AuthenticationClient::builder()
            .app_id(emulator.app_id())
            .host(emulator.url())
            .transport(backend.transport().unwrap())
    };
    let sm2 = builder()
        .sm2_public_key(emulator.sm2_public_key())
        .build()
        .unwrap();
    let rsa = builder().public_key(emulator.public_key()).build().unwrap();
    // Longer than RSA could take.
    let password = "密码".repeat(100);
    sm2.register_by_username("bob", &password).await.unwrap();
    sm2.login_by_username("bob", &password).await.unwrap();
    let error = rsa.login_by_username("bob", &password).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let error = sm2.login_by_username("bob", "").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    sm2.register_by_username("eve", "passw0rd").await.unwrap();
    rsa.login_by_username("eve", "passw0rd").await.unwrap();

    // The last key holds.
    let both = builder()
        .sm2_public_key("nonsense")
        .public_key(emulator.public_key())
        .build()
        .unwrap();
    both.login_by_username("eve", "passw0rd").await.unwrap();
}

async fn an_administrator_sets_a_password(backend: Backend) {
    let emulator = Emulator::start().unwrap();
    let admin = ManagementClient::builder(emulator.user_pool_id(), emulator.secret())
        .host(emulator.url())
        .sm2_public_key(emulator.sm2_public_key())
        .transport(backend.transport().unwrap())
        .build()
        .unwrap();
    let bob = CreateUserInput::new().username("bob").password("passw0rd");
    admin.users().create(bob).await.unwrap();
    let client = AuthenticationClient::builder()
        .app_id(emulator.app_id())
        .host(emulator.url())
        .public_key(emulator.public_key())
        .transport(backend.transport().unwrap())
        .build()
        .unwrap();
    client.login_by_username("bob", "passw0rd").await.unwrap();
}

async fn bad_keys(backend: Backend) {
    for key in ["", "04", "nonsense"] {
        let error = AuthenticationClient::builder()
            .app_id("app-1")
            .transport(backend.transport().unwrap())
            .sm2_public_key(key)
            .build()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{key}");
    }
}
