//! Logins that must fail, against the emulator over real sockets and both
//! transports.

use std::time::{Duration, SystemTime};

use authing::oidc::{ClientAuthentication, OidcClient, PendingLogin, Prompt};
use authing::v2::UpdateUserInput;
use authing::{Clock, ErrorKind, SystemClock};
use authing_core::BoxFuture;
use authing_emulator::Emulator;
use authing_tests::both_transports;
use authing_tests::browser::Browser;
use authing_tests::clients::Backend;
use authing_tests::oidc::{CALLBACK, PASSWORD, World, is_oauth};
use serde_json::json;

both_transports!(
    a_code_is_good_once_and_for_ten_minutes,
    a_stolen_code_is_of_no_use,
    a_callback_that_was_tampered_with,
    wrong_passwords_and_strange_names,
    the_user_says_no,
    addresses_that_are_not_registered,
    wrong_secrets,
    id_tokens_of_others_are_refused,
    a_locked_or_deleted_user_is_out,
);

/// The login with another value in one of its fields.
fn with(login: &PendingLogin, field: &str, value: &str) -> PendingLogin {
    let mut fields = serde_json::to_value(login).unwrap();
    assert!(fields[field].is_string());
    fields[field] = json!(value);
    serde_json::from_value(fields).unwrap()
}

async fn a_code_is_good_once_and_for_ten_minutes(backend: Backend) {
    let mut world = World::new(backend).await;
    let begun = world.begin();
    let code = world.code(&begun).await;
    let client = world.oidc().clone();
    let tokens = client.get_access_token_by_code(code.clone()).await.unwrap();
    let error = client.get_access_token_by_code(code).await.unwrap_err();
    is_oauth(&error, "invalid_grant");
    assert_eq!(error.http_status().unwrap(), 400);
    let told = client.introspect_token(&tokens.access_token).await.unwrap();
    assert!(!told.active, "what came of a code that was used twice");

    world.browser = Browser::new(backend.transport().unwrap());
    let begun = world.begin();
    let code = world.code(&begun).await;
    world.emulator.advance(Duration::from_secs(601));
    let error = client.get_access_token_by_code(code).await.unwrap_err();
    is_oauth(&error, "invalid_grant");

    let query = format!("code=made-up&state={}", begun.login.state());
    let code = client.callback(&begun.login, &query).unwrap();
    let error = client.get_access_token_by_code(code).await.unwrap_err();
    is_oauth(&error, "invalid_grant");
}

async fn a_stolen_code_is_of_no_use(backend: Backend) {
    let mut world = World::new(backend).await;
    let begun = world.begin();
    let query = world.sign_in(&begun.url).await;
    let client = world.oidc();
    for (field, value) in [
        ("code_verifier", "x".repeat(43)),
        ("redirect_uri", "http://127.0.0.1:3000/other".to_owned()),
    ] {
        let thief = with(&begun.login, field, &value);
        let code = client.callback(&thief, &query).unwrap();
        let error = client.get_access_token_by_code(code).await.unwrap_err();
        is_oauth(&error, "invalid_grant");
    }
    let code = client.callback(&begun.login, &query).unwrap();
    client.get_access_token_by_code(code).await.unwrap();
}

async fn a_callback_that_was_tampered_with(backend: Backend) {
    let mut world = World::new(backend).await;
    let begun = world.begin();
    let query = world.sign_in(&begun.url).await;
    let client = world.oidc();
    let sent = world.emulator.requests().len();
    for bad in [
        query.replace("state=", "state=x"),
        query.replace("state=", "other="),
        format!("{query}&state=x"),
        String::new(),
    ] {
        let error = client.callback(&begun.login, &bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Untrusted, "{bad}");
    }
    // The callback of somebody else's login.
    let other = world.begin();
    assert!(client.callback(&other.login, &query).is_err());
    assert_eq!(world.emulator.requests().len(), sent, "nothing is sent");

    let other_nonce = with(&begun.login, "nonce", "another");
    let code = client.callback(&other_nonce, &query).unwrap();
    let error = client.get_access_token_by_code(code).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Untrusted);
    assert!(error.message().contains("nonce"), "{error}");
}

async fn wrong_passwords_and_strange_names(backend: Backend) {
    let mut world = World::new(backend).await;
    let hint = r#""><script>alert('x')</script>"#;
    let begun = world
        .oidc()
        .build_authorize_url(CALLBACK)
        .login_hint(hint)
        .build()
        .unwrap();
    let page = world.browser.open(&begun.url).await;
    assert!(!page.text.contains("<script"), "{}", page.text);
    assert!(
        page.text.contains("&quot;&gt;&lt;script&gt;"),
        "{}",
        page.text
    );
    let action = format!(
        "{}{}",
        world.emulator.url(),
        page.attribute("action=\"").unwrap()
    );
    for (account, password) in [(hint, PASSWORD), ("bob", "wrong"), ("", ""), ("bob", "")] {
        let form = [("account", account), ("password", password)];
        let page = world.browser.post(&action, &form).await;
        assert_eq!((page.status, &page.location), (401, &None));
        assert!(page.text.contains("The account or the password is wrong."));
        assert!(!page.text.contains("<script"), "{}", page.text);
    }
    // The page is still good.
    let form = [("account", "bob"), ("password", PASSWORD)];
    let page = world.browser.post(&action, &form).await;
    world
        .oidc()
        .callback(&begun.login, page.query().unwrap())
        .unwrap();
    let page = world.browser.post(&action, &form).await;
    assert_eq!(page.status, 400, "but not twice");

    let begun = world
        .oidc()
        .build_authorize_url(CALLBACK)
        .prompt(Prompt::Login)
        .build()
        .unwrap();
    let page = world.browser.open(&begun.url).await;
    let action = format!(
        "{}{}",
        world.emulator.url(),
        page.attribute("action=\"").unwrap()
    );
    world.emulator.advance(Duration::from_secs(3601));
    assert_eq!(
        world.browser.post(&action, &form).await.status,
        400,
        "nor for ever"
    );
}

async fn the_user_says_no(backend: Backend) {
    let mut world = World::new(backend).await;
    let begun = world.begin();
    let page = world.browser.open(&begun.url).await;
    let cancel = page.attribute("id=\"cancel\" href=\"").unwrap();
    let page = world
        .browser
        .open(&format!("{}{cancel}", world.emulator.url()))
        .await;
    let error = world
        .oidc()
        .callback(&begun.login, page.query().unwrap())
        .unwrap_err();
    is_oauth(&error, "access_denied");
    assert!(!error.is_unauthenticated());
    let other = world.begin();
    let error = world
        .oidc()
        .callback(&other.login, page.query().unwrap())
        .unwrap_err();
    assert_eq!(
        error.kind(),
        ErrorKind::Untrusted,
        "not even a no is taken from others"
    );
}

async fn addresses_that_are_not_registered(backend: Backend) {
    let builder = Emulator::builder()
        .redirect_uris([CALLBACK, "https://app.example/callback"])
        .logout_redirect_uris(["https://app.example/"]);
    let mut world = World::of(backend, builder).await;
    let client = world.oidc().clone();
    for uri in [
        "https://evil.example/callback",
        "https://app.example/callback/",
        "http://127.0.0.1:3000/",
    ] {
        let begun = client.build_authorize_url(uri).build().unwrap();
        let page = world.browser.open(&begun.url).await;
        assert_eq!((page.status, page.location), (400, None), "{uri}");
    }
    let stranger = OidcClient::builder("somebody")
        .host(world.emulator.url())
        .transport(backend.transport().unwrap())
        .build()
        .unwrap();
    let begun = stranger.build_authorize_url(CALLBACK).build().unwrap();
    let page = world.browser.open(&begun.url).await;
    assert_eq!((page.status, page.location), (400, None));

    let begun = world.begin();
    let hint = world.log_in(begun).await.id_token.unwrap();
    let logout = |hint: &str, uri: &str| {
        let url = client.build_logout_url().id_token_hint(hint);
        url.post_logout_redirect_uri(uri).build().unwrap()
    };
    for (hint, uri) in [
        (hint.expose(), "https://evil.example/"),
        ("e30.e30.e30", "https://app.example/"),
    ] {
        let page = world.browser.open(&logout(hint, uri)).await;
        assert_eq!((page.status, page.location), (400, None), "{uri}");
    }
    let url = logout(hint.expose(), "https://app.example/");
    let page = world.browser.open(&url).await;
    assert_eq!(page.location.as_deref(), Some("https://app.example/"));
}

async fn wrong_secrets(backend: Backend) {
    let mut world = World::new(backend).await;
    let begun = world.begin();
    let code = world.code(&begun).await;
    let stranger = OidcClient::builder(world.emulator.app_id())
        .secret("wrong")
        .host(world.emulator.url())
        .transport(backend.transport().unwrap())
        .build()
        .unwrap();
    let error = stranger
        .get_access_token_by_code(code.clone())
        .await
        .unwrap_err();
    is_oauth(&error, "invalid_client");
    assert_eq!(error.message(), "client authentication failed");
    assert_eq!(error.http_status().unwrap(), 401);
    assert!(!error.is_unauthenticated(), "no login can mend it");
    is_oauth(
        &stranger.introspect_token("t").await.unwrap_err(),
        "invalid_client",
    );
    is_oauth(
        &stranger.revoke_token("t").await.unwrap_err(),
        "invalid_client",
    );
    // The code was not touched.
    world.oidc().get_access_token_by_code(code).await.unwrap();
}

/// A clock that is a month ahead.
#[derive(Debug)]
struct Ahead;

impl Clock for Ahead {
    fn now(&self) -> SystemTime {
        SystemClock::default().now() + Duration::from_secs(31 * 86_400)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock::default().sleep(duration)
    }
}

async fn id_tokens_of_others_are_refused(backend: Backend) {
    let mut world = World::new(backend).await;
    let client = || {
        OidcClient::builder(world.emulator.app_id())
            .secret(world.emulator.app_secret())
            .host(world.emulator.url())
            .transport(backend.transport().unwrap())
    };
    let (late, other) = (
        client().clock(Ahead),
        client().issuer("https://other.example/oidc"),
    );
    let (late, other) = (late.build().unwrap(), other.build().unwrap());
    for (client, what) in [(late, "expired"), (other, "comes from")] {
        world.browser = Browser::new(backend.transport().unwrap());
        let begun = world.begin();
        let code = world.code(&begun).await;
        let error = client.get_access_token_by_code(code).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Untrusted);
        assert!(error.message().contains(what), "{error}");
    }
}

async fn a_locked_or_deleted_user_is_out(backend: Backend) {
    let mut world = World::new(backend).await;
    let begun = world.begin_offline();
    let tokens = world.log_in(begun).await;
    let (client, admin) = (world.oidc().clone(), world.clients.admin.clone());
    let refresh_token = tokens.refresh_token.unwrap();
    let refused = async || {
        let error = client
            .get_user_info_by_access_token(&tokens.access_token)
            .await;
        is_oauth(&error.unwrap_err(), "invalid_token");
        let error = client
            .get_new_access_token_by_refresh_token(&refresh_token)
            .await;
        is_oauth(&error.unwrap_err(), "invalid_grant");
        let told = client.introspect_token(&tokens.access_token).await.unwrap();
        assert!(!told.active);
    };
    let locked = UpdateUserInput::new().blocked(true);
    admin.users().update(&world.user_id, locked).await.unwrap();
    refused().await;
    let begun = world.begin();
    let page = world.browser.open(&begun.url).await;
    assert_eq!(page.status, 200, "asked to log in");
    let action = format!(
        "{}{}",
        world.emulator.url(),
        page.attribute("action=\"").unwrap()
    );
    let form = [("account", "bob"), ("password", PASSWORD)];
    let page = world.browser.post(&action, &form).await;
    assert!(
        page.text.contains("This account is locked."),
        "{}",
        page.text
    );

    admin.users().delete(&world.user_id).await.unwrap();
    refused().await;
}

#[test]
fn mistakes_are_told_before_anything_is_sent() {
    let builder = || OidcClient::builder("app-1").host("https://a.example");
    let client = builder().build().unwrap();
    let url = || client.build_authorize_url("https://app.example/");
    for bad in [
        client.build_authorize_url(""),
        url().scope("profile"),
        url().parameter("state", "mine"),
        url().parameter("code_challenge", "mine"),
        url().parameter("", "x"),
        url().parameter("a", "1").parameter("a", "2"),
    ] {
        assert_eq!(bad.build().unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let logout = || client.build_logout_url();
    for bad in [
        logout().post_logout_redirect_uri("https://a"),
        logout().state("x"),
    ] {
        assert_eq!(bad.build().unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert_eq!(
        logout().build().unwrap(),
        "https://a.example/oidc/session/end"
    );
    for bad in [
        OidcClient::builder("app-1"),
        builder().client_authentication(ClientAuthentication::SecretBasic),
        builder()
            .secret("")
            .client_authentication(ClientAuthentication::SecretPost),
        builder().revocation_authentication("private_key_jwt".into()),
        OidcClient::builder("app-1").host("http://a.example"),
    ] {
        assert_eq!(bad.build().unwrap_err().kind(), ErrorKind::Configuration);
    }
}
