//! A service of one's own behind Authing: the emulator issues the tokens, over
//! real sockets and both transports.

use std::time::Duration;

use authing::verify::{
    Algorithm, Application, Claims, Introspection, Reason, TokenKind, Verifier, VerifierBuilder,
};
use authing::{HttpTransport, SystemClock};
use authing_emulator::{ClientAuthentication, Emulator};
use authing_tests::both_transports;
use authing_tests::browser::Browser;
use authing_tests::clients::{Backend, OffClock};
use authing_tests::oidc::{CALLBACK, PASSWORD, World};
use http::{Method, Request};

#[path = "../../crates/authing/examples/protected-api.rs"]
#[allow(dead_code)]
mod example;

both_transports!(
    the_example_serves_whom_it_should,
    a_pipeline_adds_roles,
    keys_are_rotated_and_the_server_goes_away,
    every_kind_of_token_is_itself_only,
    id_tokens_with_rs256_and_their_nonce,
    tokens_end_and_are_denied,
    a_revoked_token_is_noticed_online,
);

fn application(emulator: &Emulator) -> Application {
    Application::new(emulator.app_id(), emulator.url())
        .secret(emulator.app_secret())
        .user_pool_id(emulator.user_pool_id())
}

fn builder(backend: Backend, application: Application) -> VerifierBuilder {
    Verifier::builder()
        .application(application)
        .transport(backend.transport().unwrap())
}

/// The tokens of a login: access token and ID token.
async fn log_in(world: &mut World, backend: Backend) -> (String, String) {
    log_in_for(world, backend, "openid profile roles").await
}

/// The same with the scope of one's choice.
async fn log_in_for(world: &mut World, backend: Backend, scope: &str) -> (String, String) {
    // A browser that knows nobody yet.
    world.browser = Browser::new(backend.transport().unwrap());
    let begun = world.oidc().build_authorize_url(CALLBACK).scope(scope);
    let begun = begun.build().unwrap();
    let tokens = world.log_in(begun).await;
    let id_token = tokens.id_token.unwrap();
    (
        tokens.access_token.expose().to_owned(),
        id_token.expose().to_owned(),
    )
}

/// A running copy of the example.
struct Api {
    url: String,
    transport: std::sync::Arc<dyn HttpTransport>,
}

impl Api {
    async fn start(backend: Backend, verifier: Verifier) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, example::app(verifier)).await });
        let transport = backend.transport().unwrap();
        Self { url, transport }
    }

    /// Status, challenge and body.
    async fn ask(&self, method: Method, path: &str, tokens: &[&str]) -> (u16, String, String) {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url));
        for token in tokens {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let answer = self
            .transport
            .send(request.body("".into()).unwrap())
            .await
            .unwrap();
        let challenge = answer.headers().get("www-authenticate");
        let challenge = challenge.map(|value| value.to_str().unwrap().to_owned());
        let body = String::from_utf8(answer.body().to_vec()).unwrap();
        (
            answer.status().as_u16(),
            challenge.unwrap_or_default(),
            body,
        )
    }

    async fn me(&self, token: &str) -> u16 {
        self.ask(Method::GET, "/me", &[token]).await.0
    }
}

const BAD_TOKEN: &str = r#"Bearer realm="pages", error="invalid_token""#;

async fn the_example_serves_whom_it_should(backend: Backend) {
    let mut world = World::new(backend).await;
    let verifier = builder(backend, application(&world.emulator))
        .build()
        .unwrap();
    let api = Api::start(backend, verifier).await;
    let (token, id_token) = log_in(&mut world, backend).await;

    let (status, challenge, body) = api.ask(Method::GET, "/me", &[&token]).await;
    assert_eq!((status, &*challenge), (200, ""));
    assert!(body.contains(&world.user_id), "{body}");

    let (status, challenge, body) = api.ask(Method::GET, "/me", &[]).await;
    assert_eq!(
        (status, &*challenge, &*body),
        (401, r#"Bearer realm="pages""#, "")
    );
    let mut other_world = World::of(backend, Emulator::builder()).await;
    let (other, _) = log_in(&mut other_world, backend).await;
    let session = world
        .clients
        .client
        .login_by_username("bob", PASSWORD)
        .await
        .unwrap();
    for bad in [
        "nonsense",
        &*other,
        &*id_token,
        session.token().expose(),
        &token[1..],
    ] {
        let (status, challenge, body) = api.ask(Method::GET, "/me", &[bad]).await;
        assert_eq!((status, &*challenge, &*body), (401, BAD_TOKEN, ""));
    }
    let (status, challenge, _) = api.ask(Method::GET, "/me", &[&token, &token]).await;
    let twice = r#"Bearer realm="pages", error="invalid_request""#;
    assert_eq!((status, &*challenge), (400, twice));

    // Anybody may come here, but not with a bad token.
    let (status, _, body) = api.ask(Method::GET, "/", &[]).await;
    assert_eq!((status, &*body), (200, "Welcome. Who are you?\n"));
    let (status, _, body) = api.ask(Method::GET, "/", &[&token]).await;
    assert!(
        status == 200 && body.contains("Welcome back"),
        "{status} {body}"
    );
    assert_eq!(api.ask(Method::GET, "/", &["nonsense"]).await.0, 401);

    // Only editors may write.
    let (status, challenge, _) = api.ask(Method::PUT, "/pages/a", &[&token]).await;
    let forbidden = r#"Bearer realm="pages", error="insufficient_scope""#;
    assert_eq!((status, &*challenge), (403, forbidden));
    assert_eq!(api.ask(Method::PUT, "/pages/a", &[]).await.0, 401);
    let admin = world.clients.admin.clone();
    let roles = admin.roles();
    // An editor elsewhere is none here.
    roles.create("editor").namespace("shop").await.unwrap();
    let elsewhere = roles.add_users("editor", [&world.user_id]);
    elsewhere.namespace("shop").await.unwrap();
    let (token, _) = log_in(&mut world, backend).await;
    assert_eq!(api.ask(Method::PUT, "/pages/a", &[&token]).await.0, 403);
    roles.create("editor").await.unwrap();
    roles.add_users("editor", [&world.user_id]).await.unwrap();
    let (token, _) = log_in(&mut world, backend).await;
    let (status, _, body) = api.ask(Method::PUT, "/pages/a", &[&token]).await;
    assert!(
        status == 200 && body.contains("written the page a"),
        "{status} {body}"
    );

    // What was not asked for is not in the token.
    let (token, _) = log_in_for(&mut world, backend, "openid profile").await;
    assert_eq!(api.ask(Method::PUT, "/pages/a", &[&token]).await.0, 403);
}

/// What a pipeline of one's own adds is there without the scope.
async fn a_pipeline_adds_roles(backend: Backend) {
    let mut world = World::of(backend, Emulator::builder().roles_in_access_tokens()).await;
    let roles = world.clients.admin.roles();
    roles.create("editor").await.unwrap();
    roles.add_users("editor", [&world.user_id]).await.unwrap();
    let (token, _) = log_in_for(&mut world, backend, "openid").await;
    let verifier = builder(backend, application(&world.emulator));
    let verifier = verifier.build().unwrap();
    let claims: Claims = verifier.verify(&token).await.unwrap();
    assert!(claims.has_role("editor"));
}

async fn keys_are_rotated_and_the_server_goes_away(backend: Backend) {
    let mut world = World::new(backend).await;
    let clock = OffClock::default();
    let verifier = builder(backend, application(&world.emulator))
        .clock(clock)
        .build()
        .unwrap();
    let jwks = "/oidc/.well-known/jwks.json";
    let api = Api::start(backend, verifier.clone()).await;
    let (old, _) = log_in(&mut world, backend).await;
    for _ in 0..5 {
        assert_eq!(api.me(&old).await, 200);
    }
    assert_eq!(world.emulator.request_count(jwks), 1);
    world.emulator.rotate_signing_key();
    let (new, _) = log_in(&mut world, backend).await;
    for _ in 0..5 {
        assert_eq!(api.me(&new).await, 200);
        assert_eq!(api.me(&old).await, 200, "its key is still published");
    }
    assert_eq!(world.emulator.request_count(jwks), 2);
    // The emulator is gone; the keys are not.
    drop(world);
    assert_eq!(api.me(&new).await, 200);
    assert_eq!(api.me(&old).await, 200);
    assert_eq!(api.me("nonsense").await, 401);
    verifier.preload().await.unwrap_err();
    assert_eq!(api.me(&new).await, 200);
}

async fn every_kind_of_token_is_itself_only(backend: Backend) {
    let mut world = World::new(backend).await;
    let (access, id) = log_in(&mut world, backend).await;
    let session = world
        .clients
        .client
        .login_by_username("bob", PASSWORD)
        .await
        .unwrap();
    let user = session.token().expose().to_owned();
    let client = world.oidc();
    let own = client
        .get_access_token_by_client_credentials("orders:read")
        .await
        .unwrap();
    let own = own.access_token.expose().to_owned();
    for (kind, good) in [
        (TokenKind::Access, vec![&access, &own]),
        (TokenKind::Id, vec![&id]),
        (TokenKind::User, vec![&user]),
    ] {
        let verifier = builder(backend, application(&world.emulator))
            .kind(kind)
            .build()
            .unwrap();
        for token in [&access, &own, &id, &user] {
            match verifier.verify(token).await {
                Ok(claims) => {
                    assert!(good.contains(&token), "{kind}: {claims:?}");
                    let is_user = claims.sub == world.user_id;
                    assert_eq!(is_user, token != &own, "{kind}: {claims:?}");
                    assert!(claims.expires_at() > claims.issued_at());
                }
                Err(rejection) => {
                    assert!(!good.contains(&token), "{kind}: {rejection}");
                    let expected = [Reason::Algorithm, Reason::Kind];
                    assert!(
                        expected.contains(&rejection.reason()),
                        "{kind}: {rejection}"
                    );
                }
            }
        }
    }
    let verifier = builder(backend, application(&world.emulator))
        .build()
        .unwrap();
    let claims = verifier.verify(&own).await.unwrap();
    assert!(claims.has_scope("orders:read") && !claims.has_scope("orders"));
    assert_eq!(claims.azp.as_deref(), Some(world.emulator.app_id()));
}

async fn id_tokens_with_rs256_and_their_nonce(backend: Backend) {
    let mut world = World::of(backend, Emulator::builder().rs256_id_tokens()).await;
    let application = application(&world.emulator).id_token_algorithm(Algorithm::Rs256);
    let verifier = builder(backend, application)
        .kind(TokenKind::Id)
        .build()
        .unwrap();
    let begun = world.begin();
    let (_, query) = begun.url.split_once('?').unwrap();
    let mut fields = form_urlencoded::parse(query.as_bytes());
    let nonce = fields
        .find(|(name, _)| name == "nonce")
        .unwrap()
        .1
        .into_owned();
    let tokens = world.log_in(begun).await;
    let id = tokens.id_token.unwrap();
    #[derive(serde::Deserialize)]
    struct Profile {
        nickname: Option<String>,
        auth_time: i64,
    }
    let claims = verifier
        .verify_with_nonce(id.expose(), &nonce)
        .await
        .unwrap();
    let profile = claims.read_as::<Profile>().unwrap();
    assert!(profile.own.auth_time > 0 && profile.own.nickname.as_deref() == Some("Bobby"));
    let rejection = verifier
        .verify_with_nonce(id.expose(), "another")
        .await
        .unwrap_err();
    assert_eq!(rejection.reason(), Reason::Nonce);
    let rejection = verifier
        .verify(tokens.access_token.expose())
        .await
        .unwrap_err();
    assert_eq!(rejection.reason(), Reason::Kind);
    #[derive(serde::Deserialize, Debug)]
    struct Paid {
        #[expect(dead_code, reason = "no token has it")]
        plan: String,
    }
    let rejection = verifier.verify_as::<Paid>(id.expose()).await.unwrap_err();
    assert_eq!(rejection.reason(), Reason::OwnClaims);
    assert!(rejection.to_string().contains("plan"), "{rejection}");
}

async fn tokens_end_and_are_denied(backend: Backend) {
    let emulator = Emulator::builder().access_token_life(Duration::from_secs(600));
    let mut world = World::of(backend, emulator).await;
    let clock = OffClock::default();
    let build = || builder(backend, application(&world.emulator)).clock(clock.clone());
    let verifier = build().build().unwrap();
    let strict = build().leeway(Duration::ZERO).build().unwrap();
    let (first, _) = log_in(&mut world, backend).await;
    let claims = verifier.verify(&first).await.unwrap();
    verifier.deny_list().deny(&claims);
    let rejection = verifier.verify(&first).await.unwrap_err();
    assert_eq!(rejection.reason(), Reason::Revoked);
    strict.verify(&first).await.unwrap();
    let (second, _) = log_in(&mut world, backend).await;
    let second_claims = verifier.verify(&second).await.unwrap();
    let end = second_claims.expires_at().unwrap();
    verifier
        .deny_list()
        .deny_id(second_claims.jti.unwrap(), end);
    let denied = verifier.verify(&second).await.unwrap_err();
    assert_eq!(denied.reason(), Reason::Revoked);
    // All tokens of a user from before a point in time.
    let (third, _) = log_in(&mut world, backend).await;
    let issued = verifier.verify(&third).await.unwrap().issued_at().unwrap();
    verifier
        .deny_list()
        .deny_subject(&world.user_id, issued, end);
    verifier.verify(&third).await.unwrap();
    let later = issued + Duration::from_secs(1);
    verifier
        .deny_list()
        .deny_subject(&world.user_id, later, end);
    let denied = verifier.verify(&third).await.unwrap_err();
    assert_eq!(denied.reason(), Reason::Revoked);
    assert_eq!(verifier.deny_list().len(), 3);
    // They end, and so does what is remembered of them.
    clock.advance(610);
    let rejection = strict.verify(&first).await.unwrap_err();
    assert_eq!(rejection.reason(), Reason::Expired);
    assert!(
        rejection.to_string().starts_with("the token expired "),
        "{rejection}"
    );
    clock.advance(610);
    verifier.deny_list().deny_id(
        "another",
        authing::Clock::now(&SystemClock::default()) + Duration::from_secs(9000),
    );
    assert_eq!(verifier.deny_list().len(), 1);
}

async fn a_revoked_token_is_noticed_online(backend: Backend) {
    for method in [
        ClientAuthentication::SecretPost,
        ClientAuthentication::SecretBasic,
    ] {
        let emulator = Emulator::builder().client_authentication(method);
        let mut world = World::of(backend, emulator).await;
        if method == ClientAuthentication::SecretBasic {
            world.clients.oidc = world.clients.oidc_basic.clone();
        }
        let clock = OffClock::default();
        let mut options = Introspection::new().cache_for(Duration::from_secs(30));
        if method == ClientAuthentication::SecretBasic {
            options = options.basic();
        }
        let build = |options| {
            builder(backend, application(&world.emulator))
                .clock(clock.clone())
                .introspection(options)
                .build()
                .unwrap()
        };
        let keeps = build(options.clone());
        let asks = build(options.clone().cache_for(Duration::ZERO));
        let trusts = build(options.cache_for(Duration::ZERO).accept_when_unreachable());
        let (token, _) = log_in(&mut world, backend).await;
        let unasked = keeps.verify_now::<serde_json::Value>(&token).unwrap_err();
        assert_eq!(unasked.reason(), Reason::Unavailable);
        for verifier in [&keeps, &asks, &trusts] {
            verifier.verify(&token).await.unwrap();
            verifier.verify(&token).await.unwrap();
        }
        let path = "/oidc/token/introspection";
        assert_eq!(world.emulator.request_count(path), 5);
        keeps.verify_now::<serde_json::Value>(&token).unwrap();
        assert_eq!(
            keeps.verify("nonsense").await.unwrap_err().reason(),
            Reason::Malformed
        );
        assert_eq!(
            world.emulator.request_count(path),
            5,
            "only good ones are asked about"
        );
        world.oidc().revoke_token(&token).await.unwrap();
        keeps.verify(&token).await.unwrap();
        for verifier in [&asks, &trusts] {
            let rejection = verifier.verify(&token).await.unwrap_err();
            assert_eq!(rejection.reason(), Reason::Revoked);
            assert_eq!(rejection.status(), 401);
        }
        let (token, _) = log_in(&mut world, backend).await;
        for verifier in [&keeps, &asks, &trusts] {
            verifier.verify(&token).await.unwrap();
        }
        drop(world);
        keeps.verify(&token).await.unwrap();
        let rejection = asks.verify(&token).await.unwrap_err();
        assert_eq!(
            (rejection.reason(), rejection.status().as_u16()),
            (Reason::Unavailable, 503)
        );
        trusts.verify(&token).await.unwrap();
    }
}
