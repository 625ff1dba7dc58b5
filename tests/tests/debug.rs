//! No secret in the `Debug` of anything public, nor in any error.
//!
//! Every public type was looked at; those that could hold a secret are here.

use std::error::Error as _;
use std::fmt::Debug;
use std::time::Duration;

use authing::oidc::{OidcClient, PendingLogin};
use authing::v2::userpool::{CustomSmsProviderInput, UpdateUserpoolInput};
use authing::v2::{
    AuthenticationClient, CreateUserIdentityInput, CreateUserInput, ManagementClient,
    RegisterProfile, UpdateProfileInput, UpdateUserInput,
};
use authing::{Error, ReqwestTransport, Secret, TransportError, transport_fn};
use authing_core::{Credential, IssuedToken, Payload, Pipeline};
use authing_emulator::Emulator;
use authing_hyper::HyperTransport;
use authing_tests::cases::cases;
use authing_tests::clients::Clients;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde_json::json;

/// Planted wherever a secret, password or token goes.
const CANARY: &str = "canary-7f3a";

fn clean(shown: impl Debug) {
    let text = format!("{shown:?} {shown:#?}");
    assert!(!text.contains(CANARY), "a secret is shown: {text}");
}

fn clean_error(error: &Error) {
    clean(error);
    assert!(!error.to_string().contains(CANARY), "{error}");
    let mut source = error.source();
    while let Some(cause) = source {
        assert!(!format!("{cause} {cause:?}").contains(CANARY), "{cause:?}");
        source = cause.source();
    }
}

/// A server that answers everything with a user full of canaries.
fn echo() -> impl authing::HttpTransport + Clone {
    transport_fn(|request: http::Request<Bytes>| {
        let text = String::from_utf8_lossy(request.body()).into_owned();
        let user = json!({
            "id": "u1", "token": CANARY, "password": CANARY, "oauth": CANARY,
        });
        let pool = json!({
            "id": "pool-1", "secret": CANARY, "jwtSecret": CANARY,
            "customSMSProvider": {"config": CANARY},
        });
        let page = json!({"totalCount": 1, "list": [user]});
        let variables = json!([{"key": "a", "value": CANARY}, {"key": "b", "value": [CANARY]}]);
        let answer = if request.uri().path() == "/api/v2/env" {
            json!({"code": 200, "data": variables})
        } else if request.uri().path().ends_with("/mfa/authenticator") {
            let key = json!({"id": "a1", "secret": CANARY, "recoveryCode": CANARY});
            json!({"code": 200, "data": [key]})
        } else if request.uri().path().ends_with("/mfa/totp/associate") {
            json!({"code": 200, "data": {
                "secret": CANARY, "qrcode_uri": CANARY, "qrcode_data_url": CANARY,
                "recovery_code": CANARY,
            }})
        } else if request.uri().path().ends_with("/mfa/totp/recovery") {
            json!({"code": 200, "data": user, "recoveryCode": CANARY})
        } else if text.contains("accessToken(") {
            json!({"data": {"accessToken": {"accessToken": CANARY, "exp": 1000, "iat": 0}}})
        } else {
            json!({"data": {
                "users": page, "createUser": user, "updateUser": user, "user": user,
                "registerByUsername": user, "loginByUsername": user,
                "registerByEmail": user, "loginByEmail": user, "updatePassword": user,
                "refreshToken": {"token": CANARY, "exp": 1, "iat": 0},
                "userpool": pool, "updateUserpool": pool,
            }})
        };
        async move { Ok::<_, TransportError>(http::Response::new(Bytes::from(answer.to_string()))) }
    })
}

#[test]
fn values_and_builders() {
    clean(Secret::from(CANARY));
    clean(Credential::Bearer(CANARY.into()));
    clean(IssuedToken::new(CANARY.into(), None));
    clean(CreateUserInput::new().password(CANARY).oauth(CANARY));
    clean(UpdateUserInput::new().password(CANARY).oauth(CANARY));
    let account = CreateUserIdentityInput::new("github", "4711")
        .access_token(CANARY)
        .refresh_token(CANARY);
    clean(&account);
    let clients = Clients::at("http://127.0.0.1:1", echo(), Duration::from_secs(1)).unwrap();
    clean(
        clients
            .admin
            .users()
            .create(CreateUserInput::new())
            .identity(account),
    );
    clean(UpdateProfileInput::new().oauth(CANARY));
    let provider = CustomSmsProviderInput::new().config(CANARY);
    clean(UpdateUserpoolInput::new().custom_sms_provider(provider));
    clean(RegisterProfile::new().oauth(CANARY));
    clean(ManagementClient::builder("pool-1", CANARY));
    clean(AuthenticationClient::builder().app_id("app-1"));
    clean(Pipeline::builder().user_pool_id("pool-1"));
    let proxy = format!("http://bob:{CANARY}@127.0.0.1:1");
    clean(ReqwestTransport::builder().proxy(&proxy));
    clean(ReqwestTransport::builder().proxy(&proxy).build().unwrap());
    clean(HyperTransport::new().unwrap());
}

#[tokio::test]
async fn clients_calls_and_answers() {
    let admin = ManagementClient::builder("pool-1", CANARY)
        .transport(echo())
        .build()
        .unwrap();
    clean(&admin);
    clean(admin.users());
    let list = admin.users().list();
    clean(&list);
    let mut stream = list.clone().stream();
    clean(stream.next().await.unwrap().unwrap());
    clean(&stream);
    clean(list.await.unwrap());
    clean(&admin);
    let user = || CreateUserInput::new().username("bob").password(CANARY);
    clean(admin.users().create(user()));
    clean(admin.users().create(user()).await.unwrap());
    clean(
        admin
            .users()
            .update("u1", UpdateUserInput::new().password(CANARY)),
    );
    clean(admin.users().refresh_token("u1").await.unwrap());
    clean(admin.check_login_status(CANARY));
    clean(admin.userpool().add_env("a", CANARY));
    clean(admin.userpool().add_env("a", CANARY).await.unwrap());
    let variables = admin.userpool().list_env().await.unwrap();
    assert_eq!(variables[0].value.as_ref().unwrap().expose(), CANARY);
    clean(variables);
    clean(admin.userpool().detail().await.unwrap());
    let provider = CustomSmsProviderInput::new().config(CANARY);
    let update = UpdateUserpoolInput::new().custom_sms_provider(provider);
    clean(admin.userpool().update(update.clone()));
    clean(admin.userpool().update(update).await.unwrap());

    let client = AuthenticationClient::builder()
        .app_id("app-1")
        .transport(echo())
        .build()
        .unwrap();
    clean(&client);
    clean(client.register_by_username("bob", CANARY));
    clean(client.register_by_username("bob", CANARY).await.unwrap());
    clean(client.login_by_username("bob", CANARY));
    let session = client.login_by_username("bob", CANARY).await.unwrap();
    assert_eq!(session.token().expose(), CANARY);
    clean(&session);
    clean(session.user());
    clean(client.session(CANARY));
    clean(session.get_current_user());
    clean(session.get_current_user().await.unwrap());
    clean(session.check_login_status());
    clean(client.register_by_email("bob@example.com", CANARY));
    clean(
        client
            .register_by_email("b@example.com", CANARY)
            .await
            .unwrap(),
    );
    let by_code = client.register_by_phone_code("13800000000", CANARY);
    clean(by_code.password(CANARY));
    clean(client.login_by_email("bob@example.com", CANARY));
    clean(
        client
            .login_by_email("b@example.com", CANARY)
            .await
            .unwrap(),
    );
    clean(client.login_by_phone_password("13800000000", CANARY));
    clean(client.login_by_phone_code("13800000000", CANARY));
    clean(client.login_by_email_code("bob@example.com", CANARY));
    clean(client.reset_password_by_phone_code("13800000000", CANARY, CANARY));
    clean(client.reset_password_by_email_code("bob@example.com", CANARY, CANARY));
    clean(client.check_password_strength(CANARY));
    clean(session.update_password(CANARY, CANARY));
    clean(session.update_password(CANARY, CANARY).await.unwrap());
    clean(session.set_password(CANARY));
    clean(session.bind_phone("13800000000", CANARY));
    clean(session.bind_email("bob@example.com", CANARY));
    let phone = session.update_phone("13800000000", CANARY);
    clean(phone.old("13900000000", CANARY));
    let email = session.update_email("bob@example.com", CANARY);
    clean(email.old("b@example.com", CANARY));
    clean(session.refresh_token());
    clean(session.refresh_token().await.unwrap());
    clean(session.logout());
    let mfa = session.mfa();
    clean(&mfa);
    clean(mfa.associate_mfa_authenticator().await.unwrap());
    clean(mfa.get_mfa_authenticators().await.unwrap());
    clean(mfa.confirm_associate_mfa_authenticator(CANARY));
    let challenge = client.mfa_challenge(CANARY);
    clean(&challenge);
    clean(challenge.verify_totp_mfa(CANARY));
    clean(challenge.verify_app_sms_mfa("138", CANARY));
    clean(challenge.verify_app_email_mfa("bob@example.com", CANARY));
    clean(challenge.verify_totp_recovery_code(CANARY));
    clean(challenge.verify_totp_recovery_code(CANARY).await.unwrap());
    clean(client.reset_password_by_first_login_token(CANARY, CANARY));
    clean(client.reset_password_by_force_reset_token(CANARY, CANARY, CANARY));
}

#[tokio::test]
async fn open_id_connect() {
    let payload = json!({
        "sub": "u1", "iss": "https://a.example/oidc", "aud": "app-1", "exp": i64::from(u32::MAX),
        "nonce": CANARY,
    });
    let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
    let answer = json!({
        "access_token": CANARY, "refresh_token": CANARY, "active": true,
        "id_token": format!("e30.{payload}.{CANARY}"),
    });
    let server = transport_fn(move |_| {
        let answer = Bytes::from(answer.to_string());
        async { Ok::<_, TransportError>(http::Response::new(answer)) }
    });
    let builder = OidcClient::builder("app-1")
        .secret(CANARY)
        .host("https://a.example")
        .transport(server);
    clean(&builder);
    let client = builder.build().unwrap();
    clean(&client);
    let begun = client
        .build_authorize_url("https://b.example/")
        .build()
        .unwrap();
    assert!(!format!("{:?}", begun.login).contains(begun.login.state()));
    clean(client.build_logout_url().id_token_hint(CANARY));
    let login: PendingLogin = serde_json::from_value(json!({
        "state": CANARY, "nonce": CANARY, "code_verifier": CANARY, "redirect_uri": "https://b",
    }))
    .unwrap();
    clean(&login);
    let code = client
        .callback(&login, &format!("code={CANARY}&state={CANARY}"))
        .unwrap();
    clean(&code);
    let call = client.get_access_token_by_code(code);
    clean(&call);
    let tokens = call.await.unwrap();
    assert_eq!(tokens.access_token.expose(), CANARY);
    clean(tokens);
    clean(client.get_new_access_token_by_refresh_token(CANARY));
    clean(
        client
            .get_access_token_by_client_credentials("user")
            .access_key("key", CANARY),
    );
    clean(client.get_user_info_by_access_token(CANARY));
    clean(client.introspect_token(CANARY));
    clean(client.introspect_token(CANARY).await.unwrap());
    clean(client.revoke_token(CANARY));
    clean(Payload::form("/oidc/token", [("client_secret", CANARY)]));
    let basic = Credential::Basic {
        id: "app-1".to_owned(),
        secret: CANARY.into(),
    };
    clean(basic);
    clean_error(
        &client
            .callback(&login, &format!("code={CANARY}&state=x"))
            .unwrap_err(),
    );
    clean_error(
        &client
            .get_user_info_by_access_token(CANARY)
            .await
            .unwrap_err(),
    );
}

#[tokio::test]
async fn errors() {
    // What the data turn into hides them as well.
    for (code, data) in [
        (1635, json!({"mfaToken": CANARY})),
        (1639, json!({"token": CANARY})),
        (2058, json!({"token": CANARY})),
        (1642, json!({"token": CANARY})),
    ] {
        let refusal =
            json!({"errors": [{"message": {"code": code, "message": "x", "data": data}}]});
        let server = transport_fn(move |_| {
            let answer = Bytes::from(refusal.to_string());
            async { Ok::<_, TransportError>(http::Response::new(answer)) }
        });
        let client = AuthenticationClient::builder()
            .app_id("app-1")
            .transport(server)
            .build()
            .unwrap();
        let error = client.login_by_username("bob", CANARY).await.unwrap_err();
        clean_error(&error);
        clean(client.next_step(&error).unwrap());
    }
    // The server repeats what it was told, as its data and as nonsense.
    let refusal = json!({"errors": [{"message": {
        "code": 1635, "message": "需要多因素认证", "data": {"mfaToken": CANARY},
    }}], "data": null});
    let misplaced = json!({"data": {"loginByUsername": CANARY, "user": {"id": {"token": CANARY}}}});
    let listed = json!({"data": {"loginByUsername": [CANARY], "user": {"loginsCount": CANARY}}});
    for answer in [
        refusal.to_string(),
        String::new(),
        "{".to_owned(),
        misplaced.to_string(),
        listed.to_string(),
        json!(CANARY).to_string(),
    ] {
        let server = transport_fn(move |_| {
            let answer = answer.clone();
            async { Ok::<_, TransportError>(http::Response::new(Bytes::from(answer))) }
        });
        let client = AuthenticationClient::builder()
            .app_id("app-1")
            .transport(server)
            .build()
            .unwrap();
        clean_error(&client.login_by_username("bob", CANARY).await.unwrap_err());
        clean_error(&client.session(CANARY).get_current_user().await.unwrap_err());
    }
    let server = transport_fn(|_| async {
        let answer = json!({"data": {"accessToken": CANARY}}).to_string();
        Ok::<_, TransportError>(http::Response::new(Bytes::from(answer)))
    });
    let admin = ManagementClient::builder("pool-1", CANARY)
        .transport(server)
        .build()
        .unwrap();
    clean_error(&admin.users().list().await.unwrap_err());
    let client = AuthenticationClient::builder()
        .app_id("app-1")
        .transport(echo())
        .build()
        .unwrap();
    let long = CANARY.repeat(20);
    clean_error(
        &client
            .login_by_username("bob", long.as_str())
            .await
            .unwrap_err(),
    );
    clean_error(
        &client
            .session(format!("{CANARY}\n"))
            .logout()
            .await
            .unwrap_err(),
    );
    let host = format!("http://bob:{CANARY}@example.com");
    let error = AuthenticationClient::builder()
        .app_id("a")
        .host(host)
        .build()
        .unwrap_err();
    clean_error(&error);
    let key = AuthenticationClient::builder()
        .app_id("a")
        .public_key(CANARY)
        .build()
        .unwrap_err();
    clean_error(&key);
    let builder = AuthenticationClient::builder()
        .app_id("a")
        .sm2_public_key(CANARY);
    clean(&builder);
    clean_error(&builder.build().unwrap_err());
}

#[tokio::test]
async fn requests_mark_their_credentials_as_sensitive() {
    let server = transport_fn(|request: http::Request<Bytes>| {
        let shown = format!("{:?}", request.headers());
        async move {
            assert!(!shown.contains("admin-token"), "{shown}");
            let id = "management.access_token";
            let answer = cases()
                .into_iter()
                .find(|case| case.id == id)
                .unwrap()
                .answer;
            Ok::<_, TransportError>(http::Response::new(Bytes::from(answer.to_string())))
        }
    });
    let clients = Clients::at("https://a.example", server, Duration::from_secs(1)).unwrap();
    clients.admin.users().list().await.unwrap_err();
}

#[test]
fn the_emulator() {
    let emulator = Emulator::start().unwrap();
    let shown = format!("{emulator:?}");
    assert!(
        !shown.contains(emulator.secret()) && !shown.contains(emulator.app_secret()),
        "{shown}"
    );
}
