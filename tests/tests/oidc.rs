//! OpenID Connect, against the emulator over real sockets and both transports.

use std::time::Duration;

use authing::ErrorKind;
use authing::oidc::{
    ClientAuthentication, OidcClient, PendingLogin, Prompt, ResponseMode, TokenTypeHint,
};
use authing_emulator::{ClientAuthentication as AppSetting, Emulator};
use authing_tests::both_transports;
use authing_tests::browser::Browser;
use authing_tests::clients::Backend;
use authing_tests::oidc::{CALLBACK, PASSWORD, World, is_oauth};
use serde_json::Value;

both_transports!(
    log_in_look_refresh_log_out,
    a_refresh_token_is_good_once,
    every_client_authentication,
    one_login_for_several_visits,
    tokens_end,
    signed_with_a_key_of_the_server,
    a_token_for_the_application,
    the_answer_as_a_form,
    what_the_server_says_about_itself,
);

fn part(token: &str, number: usize) -> Value {
    use base64::Engine;
    let part = token.split('.').nth(number).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part);
    serde_json::from_slice(&bytes.unwrap()).unwrap()
}

async fn log_in_look_refresh_log_out(backend: Backend) {
    let mut world = World::new(backend).await;
    let begun = world.begin_offline();
    // Through a session store and back.
    let kept = serde_json::to_string(&begun.login).unwrap();
    let login: PendingLogin = serde_json::from_str(&kept).unwrap();
    assert_eq!(login.state(), begun.login.state());

    let query = world.sign_in(&begun.url).await;
    let client = world.oidc().clone();
    let code = client.callback(&login, &query).unwrap();
    let tokens = client.get_access_token_by_code(code).await.unwrap();
    assert_eq!(tokens.token_type.as_deref(), Some("Bearer"));
    assert_eq!(tokens.expires_in, Some(14 * 86_400));
    assert!(tokens.expires_at.is_some());
    assert_eq!(
        tokens.scope.as_deref(),
        Some("openid profile email offline_access")
    );
    let claims = tokens.claims.unwrap();
    assert_eq!(claims.sub, world.user_id);
    assert_eq!(claims.claims.nickname.as_deref(), Some("Bobby"));
    assert_eq!(claims.claims.phone_number, None, "nobody asked for it");

    let call = client.get_user_info_by_access_token(&tokens.access_token);
    let user = call.clone().subject(&claims.sub).await.unwrap();
    assert_eq!(user.claims.email.as_deref(), Some("bob@example.com"));
    assert_eq!(user.claims.email_verified, Some(false));
    assert!(user.claims.updated_at.is_some());
    let error = call.subject("somebody else").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Untrusted);

    let told = client.introspect_token(&tokens.access_token).await.unwrap();
    assert!(told.active && told.expires_at().is_some());
    assert_eq!(told.sub.as_deref(), Some(&*world.user_id));
    assert_eq!(told.client_id.as_deref(), Some(world.emulator.app_id()));
    assert!(!client.introspect_token("nonsense").await.unwrap().active);

    let refresh_token = tokens.refresh_token.unwrap();
    let fresh = client
        .get_new_access_token_by_refresh_token(&refresh_token)
        .subject(&claims.sub)
        .await
        .unwrap();
    assert_ne!(fresh.access_token.expose(), tokens.access_token.expose());
    let next = fresh.refresh_token.unwrap();
    assert_ne!(next.expose(), refresh_token.expose());

    client.revoke_token(&fresh.access_token).await.unwrap();
    let error = client
        .get_user_info_by_access_token(&fresh.access_token)
        .await
        .unwrap_err();
    is_oauth(&error, "invalid_token");
    assert!(error.is_unauthenticated());
    client
        .revoke_token(&next)
        .token_type_hint(TokenTypeHint::RefreshToken)
        .await
        .unwrap();
    client.revoke_token(&next).await.unwrap();
    let old = client.introspect_token(&tokens.access_token).await.unwrap();
    assert!(!old.active, "with the refresh token goes the whole login");

    let url = client
        .build_logout_url()
        .id_token_hint(tokens.id_token.unwrap())
        .post_logout_redirect_uri("http://localhost:3000/?bye=1&x")
        .state("a b&c")
        .build()
        .unwrap();
    let page = world.browser.open(&url).await;
    assert_eq!(
        page.location.as_deref(),
        Some("http://localhost:3000/?bye=1&x&state=a+b%26c")
    );
}

async fn a_refresh_token_is_good_once(backend: Backend) {
    let mut world = World::new(backend).await;
    let begun = world.begin_offline();
    let tokens = world.log_in(begun).await;
    let client = world.oidc();
    let old = tokens.refresh_token.unwrap();
    let fresh = client
        .get_new_access_token_by_refresh_token(&old)
        .await
        .unwrap();
    let error = client
        .get_new_access_token_by_refresh_token(&old)
        .await
        .unwrap_err();
    is_oauth(&error, "invalid_grant");
    assert!(error.is_unauthenticated(), "log in again");
    // Who has used it twice? Nobody knows, so nobody may go on.
    let next = fresh.refresh_token.unwrap();
    let error = client
        .get_new_access_token_by_refresh_token(&next)
        .await
        .unwrap_err();
    is_oauth(&error, "invalid_grant");
    let error = client
        .get_new_access_token_by_refresh_token("")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

async fn every_client_authentication(backend: Backend) {
    for (setting, method) in [
        (AppSetting::SecretPost, ClientAuthentication::SecretPost),
        (AppSetting::SecretBasic, ClientAuthentication::SecretBasic),
        (AppSetting::None, ClientAuthentication::None),
    ] {
        let builder = Emulator::builder().client_authentication(setting);
        let mut world = World::of(backend, builder).await;
        for other in [
            ClientAuthentication::SecretPost,
            ClientAuthentication::SecretBasic,
            ClientAuthentication::None,
        ] {
            let client = OidcClient::builder(world.emulator.app_id())
                .secret(world.emulator.app_secret())
                .client_authentication(other.clone())
                .host(world.emulator.url())
                .transport(backend.transport().unwrap())
                .build()
                .unwrap();
            world.browser = Browser::new(backend.transport().unwrap());
            let code = {
                let begun = world.begin();
                world.code(&begun).await
            };
            let outcome = client.get_access_token_by_code(code).await;
            if other != method {
                is_oauth(&outcome.unwrap_err(), "invalid_client");
                continue;
            }
            let tokens = outcome.unwrap();
            assert!(
                client
                    .introspect_token(&tokens.access_token)
                    .await
                    .unwrap()
                    .active
            );
            client.revoke_token(&tokens.access_token).await.unwrap();
        }
    }
}

async fn one_login_for_several_visits(backend: Backend) {
    let mut world = World::new(backend).await;
    let client = world.oidc().clone();
    let silent = || {
        client
            .build_authorize_url(CALLBACK)
            .prompt(Prompt::None)
            .build()
            .unwrap()
    };

    let begun = silent();
    let page = world.browser.open(&begun.url).await;
    let error = client
        .callback(&begun.login, page.query().unwrap())
        .unwrap_err();
    is_oauth(&error, "login_required");

    let begun = world.begin();
    let tokens = world.log_in(begun).await;
    let begun = silent();
    let page = world.browser.open(&begun.url).await;
    let code = client
        .callback(&begun.login, page.query().unwrap())
        .unwrap();
    let second = client.get_access_token_by_code(code).await.unwrap();
    assert_eq!(second.claims.unwrap().sub, world.user_id);
    let begun = client
        .build_authorize_url(CALLBACK)
        .prompt(Prompt::Login)
        .build()
        .unwrap();
    assert_eq!(
        world.browser.open(&begun.url).await.status,
        200,
        "asked for"
    );

    let hint = tokens.id_token.unwrap();
    let url = client
        .build_logout_url()
        .id_token_hint(&hint)
        .build()
        .unwrap();
    let page = world.browser.open(&url).await;
    assert!(page.text.contains("You are signed out"), "{}", page.text);
    let begun = silent();
    let page = world.browser.open(&begun.url).await;
    let error = client
        .callback(&begun.login, page.query().unwrap())
        .unwrap_err();
    is_oauth(&error, "login_required");
}

async fn tokens_end(backend: Backend) {
    let builder = Emulator::builder().access_token_life(Duration::from_secs(3600));
    let mut world = World::of(backend, builder).await;
    let begun = world.begin_offline();
    let tokens = world.log_in(begun).await;
    assert_eq!(tokens.expires_in, Some(3600));
    world.emulator.advance(Duration::from_secs(3600));
    let client = world.oidc();
    let error = client
        .get_user_info_by_access_token(&tokens.access_token)
        .await
        .unwrap_err();
    is_oauth(&error, "invalid_token");
    assert!(
        !client
            .introspect_token(&tokens.access_token)
            .await
            .unwrap()
            .active
    );
    let refresh_token = tokens.refresh_token.unwrap();
    let fresh = client
        .get_new_access_token_by_refresh_token(&refresh_token)
        .await
        .unwrap();
    client
        .get_user_info_by_access_token(&fresh.access_token)
        .await
        .unwrap();
    world.emulator.advance(Duration::from_secs(31 * 86_400));
    let refresh_token = fresh.refresh_token.unwrap();
    let outcome = world
        .oidc()
        .get_new_access_token_by_refresh_token(&refresh_token)
        .await;
    is_oauth(&outcome.unwrap_err(), "invalid_grant");
}

async fn signed_with_a_key_of_the_server(backend: Backend) {
    let mut world = World::of(backend, Emulator::builder().rs256_id_tokens()).await;
    let keys = format!("{}/oidc/.well-known/jwks.json", world.emulator.url());
    let begun = world.begin();
    let first = world.log_in(begun).await;
    let id_token = first.id_token.unwrap();
    assert_eq!(part(id_token.expose(), 0)["alg"], "RS256");
    let published: Value = serde_json::from_str(&world.browser.open(&keys).await.text).unwrap();
    let kid = part(first.access_token.expose(), 0)["kid"].clone();
    assert_eq!(published["keys"][0]["kid"], kid);
    assert_eq!(published["keys"][0]["e"], "AQAB");
    world.emulator.rotate_signing_key();

    world.browser = Browser::new(backend.transport().unwrap());
    let begun = world.begin();
    let second = world.log_in(begun).await;
    assert_ne!(part(second.access_token.expose(), 0)["kid"], kid);
    let published: Value = serde_json::from_str(&world.browser.open(&keys).await.text).unwrap();
    assert_eq!(published["keys"][1]["kid"], kid);
    let user = world
        .oidc()
        .get_user_info_by_access_token(&first.access_token);
    assert_eq!(user.await.unwrap().sub, world.user_id);
    let hint = world.oidc().build_logout_url().id_token_hint(id_token);
    assert_eq!(world.browser.open(&hint.build().unwrap()).await.status, 200);
}

async fn a_token_for_the_application(backend: Backend) {
    let world = World::new(backend).await;
    let client = world.oidc();
    let tokens = client
        .get_access_token_by_client_credentials("user read")
        .await
        .unwrap();
    assert_eq!(tokens.scope.as_deref(), Some("user read"));
    assert!(tokens.claims.is_none() && tokens.refresh_token.is_none());
    assert!(
        client
            .introspect_token(&tokens.access_token)
            .await
            .unwrap()
            .active
    );
    let error = client
        .get_user_info_by_access_token(&tokens.access_token)
        .await
        .unwrap_err();
    is_oauth(&error, "insufficient_scope");
    let call = client.get_access_token_by_client_credentials("user");
    let error = call.access_key("nobody", "wrong").await.unwrap_err();
    is_oauth(&error, "invalid_client");
    let error = client
        .get_access_token_by_client_credentials("")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

async fn the_answer_as_a_form(backend: Backend) {
    let mut world = World::new(backend).await;
    let url = world
        .oidc()
        .build_authorize_url(CALLBACK)
        .response_mode(ResponseMode::FormPost);
    let begun = url.build().unwrap();
    let page = world.browser.open(&begun.url).await;
    let action = format!(
        "{}{}",
        world.emulator.url(),
        page.attribute("action=\"").unwrap()
    );
    let form = [("account", "bob"), ("password", PASSWORD)];
    let page = world.browser.post(&action, &form).await;
    assert_eq!(page.attribute("action=\""), Some(CALLBACK));
    let code = page.attribute("name=\"code\" value=\"").unwrap();
    let state = page.attribute("name=\"state\" value=\"").unwrap();
    let body = format!("code={code}&state={state}");
    let code = world.oidc().callback(&begun.login, &body).unwrap();
    world.oidc().get_access_token_by_code(code).await.unwrap();
}

async fn what_the_server_says_about_itself(backend: Backend) {
    let world = World::new(backend).await;
    let told = world.oidc().discover().await.unwrap();
    assert_eq!(told.issuer, world.oidc().issuer());
    let url = world.emulator.url();
    assert_eq!(told.token_endpoint, Some(format!("{url}/oidc/token")));
    assert!(
        told.scopes_supported
            .iter()
            .any(|scope| scope == "offline_access")
    );
}

#[test]
fn every_parameter_is_encoded() {
    let client = OidcClient::builder("app 1")
        .host("https://id.example.com/authing/")
        .build()
        .unwrap();
    let url = client
        .build_authorize_url("https://app.example/callback?a=1&b=ü")
        .scope("openid offline_access")
        .login_hint("bob+1@example.com")
        .parameter("tenant_id", "a&b=c#d")
        .build()
        .unwrap();
    let (path, query) = url.url.split_once('?').unwrap();
    assert_eq!(path, "https://id.example.com/authing/oidc/auth");
    assert!(
        query.is_ascii() && !query.contains([' ', '+', '#']),
        "{query}"
    );
    let fields: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let get = |name: &str| {
        let mut values = fields.iter().filter(|(own, _)| own == name);
        let value = values.next().map(|(_, value)| &**value);
        assert!(values.next().is_none(), "{name} is there twice");
        value
    };
    for (name, value) in [
        ("client_id", "app 1"),
        ("redirect_uri", "https://app.example/callback?a=1&b=ü"),
        ("response_type", "code"),
        ("scope", "openid offline_access"),
        ("prompt", "consent"),
        ("login_hint", "bob+1@example.com"),
        ("tenant_id", "a&b=c#d"),
        ("code_challenge_method", "S256"),
        ("state", url.login.state()),
    ] {
        assert_eq!(get(name), Some(value), "{name}");
    }
    assert_eq!(get("nonce").unwrap().len(), 43);
    assert_eq!(get("code_challenge").unwrap().len(), 43);
    assert_eq!(get("response_mode"), None);
    assert_eq!(client.issuer(), "https://id.example.com/authing/oidc");
    let again = client
        .build_authorize_url("https://app.example/")
        .build()
        .unwrap();
    assert_ne!(again.login.state(), url.login.state());
}
