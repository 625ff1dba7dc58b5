//! The layers around a service that is no web framework's.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use authing::verify::tower::{Guard, GuardLayer, GuardService, VerifyLayer};
use authing::verify::{Application, Claims, Reason, Verifier};
use authing_tests::jwt::{HandClock, KeyServer, NOW, SERVER, STRANGER};
use http::{HeaderMap, Request, Response};
use serde_json::{Value, json};
use tower_layer::Layer;
use tower_service::Service;

/// Answers with the user's id.
#[derive(Clone)]
struct Who;

impl Service<Request<()>> for Who {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        let claims = request.extensions().get::<Arc<Claims>>();
        let name = claims.map_or("nobody", |claims| &claims.sub);
        ready(Ok(Response::new(name.to_owned())))
    }
}

fn token(own: Value) -> String {
    let mut claims = json!({
        "jti": "t", "sub": "user-1", "iss": "https://a.example/oidc", "aud": "app-1",
        "iat": NOW, "exp": NOW + 60, "scope": "orders:read pages:read",
    });
    for (name, value) in own.as_object().unwrap() {
        claims[name] = value.clone();
    }
    SERVER.sign(&claims)
}

fn verifier(keys: &KeyServer) -> Verifier {
    Verifier::builder()
        .application(Application::new("app-1", "https://a.example"))
        .transport(keys.clone())
        .clock(HandClock::default())
        .build()
        .unwrap()
}

fn layer() -> VerifyLayer {
    VerifyLayer::new(verifier(&KeyServer::with(&[SERVER.jwk()])))
}

/// Status, headers and body for a request with this token.
async fn ask<L>(layer: &L, token: Option<&str>, grpc: bool) -> (u16, HeaderMap, String)
where
    L: Layer<Who>,
    L::Service: Service<Request<()>, Response = Response<String>, Error = Infallible>,
{
    let mut request = Request::builder().uri("/");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if grpc {
        request = request
            .method("POST")
            .version(http::Version::HTTP_2)
            .header("content-type", "application/grpc+proto");
    }
    let mut service = layer.layer(Who);
    std::future::poll_fn(|context| service.poll_ready(context))
        .await
        .unwrap();
    let answer = service.call(request.body(()).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    (parts.status.as_u16(), parts.headers, body)
}

#[tokio::test]
async fn claims_come_with_the_request() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let layer = layer().on_rejection(move |rejection| log.lock().unwrap().push(rejection.reason()));
    // The first one waits for the keys, the second one does not.
    for _ in 0..2 {
        let (status, _, body) = ask(&layer, Some(&token(json!({}))), false).await;
        assert_eq!((status, &*body), (200, "user-1"));
    }
    let (status, headers, body) = ask(&layer, None, false).await;
    assert_eq!((status, &*body), (401, ""));
    assert_eq!(headers["www-authenticate"], r#"Bearer realm="authing""#);
    let forged = STRANGER.named("server").sign(&json!({"sub": "user-1"}));
    assert_eq!(ask(&layer, Some(&forged), false).await.0, 401);
    let unknown = STRANGER.sign(&json!({"sub": "user-1"}));
    assert_eq!(
        ask(&layer, Some(&unknown), false).await.0,
        401,
        "after a look at the keys"
    );
    let reasons = [Reason::Missing, Reason::Signature, Reason::UnknownKey];
    assert_eq!(*seen.lock().unwrap(), reasons);
}

#[tokio::test]
async fn without_keys_nobody_knows() {
    let keys = KeyServer::with(&[]);
    keys.stop();
    let layer = VerifyLayer::new(verifier(&keys));
    let (status, headers, _) = ask(&layer, Some(&token(json!({}))), false).await;
    assert_eq!(status, 503);
    assert!(
        !headers.contains_key("www-authenticate"),
        "the token may be good"
    );
}

#[tokio::test]
async fn optional_is_without_a_token_only() {
    let layer = layer().optional();
    let (status, _, body) = ask(&layer, None, false).await;
    assert_eq!((status, &*body), (200, "nobody"));
    let (status, _, body) = ask(&layer, Some(&token(json!({}))), false).await;
    assert_eq!((status, &*body), (200, "user-1"));
    assert_eq!(ask(&layer, Some("nonsense"), false).await.0, 401);
    let guarded = layer.guard(Guard::scope("orders:read"));
    assert_eq!(ask(&guarded, None, false).await.0, 401);
    assert_eq!(ask(&guarded, Some(&token(json!({}))), false).await.0, 200);
}

#[tokio::test]
async fn guards_ask_for_more() {
    let own = json!({"roles": ["clerk", {"code": "editor"}], "permissions": ["a"], "staff": true});
    let good = token(own);
    let read = || Guard::scope("orders:read");
    let write = || Guard::scope("orders:write");
    let delete = || Guard::scope("orders:delete");
    let staff = Guard::when("is of the staff", |claims| {
        claims.get("staff") == Some(&json!(true))
    });
    for (guard, challenge) in [
        (read(), None),
        (Guard::role("clerk") & Guard::role("editor"), None),
        (Guard::permission("a") & staff, None),
        (write() | read(), None),
        (Guard::role("admin"), Some("")),
        (Guard::permission("b"), Some("")),
        (Guard::when("never", |_| false), Some("")),
        (write(), Some(r#", scope="orders:write""#)),
        (
            write() & delete() & read(),
            Some(r#", scope="orders:write orders:delete""#),
        ),
        (write() & Guard::role("admin"), Some("")),
        (Guard::scope("orders"), Some(r#", scope="orders""#)),
    ] {
        let name = format!("{guard:?}");
        let (status, headers, body) = ask(&layer().guard(guard), Some(&good), false).await;
        match challenge {
            None => assert_eq!((status, &*body), (200, "user-1"), "{name}"),
            Some(scope) => {
                assert_eq!((status, &*body), (403, ""), "{name}");
                let error = r#"Bearer realm="authing", error="insufficient_scope""#;
                assert_eq!(
                    headers["www-authenticate"],
                    format!("{error}{scope}"),
                    "{name}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_role_of_another_namespace_is_another_role() {
    let passes = async |guard: &Guard, role: &Value| {
        let token = token(json!({"roles": [role]}));
        let guarded = layer().guard(guard.clone());
        match ask(&guarded, Some(&token), false).await.0 {
            200 => true,
            403 => false,
            other => panic!("{other}"),
        }
    };
    let of = |namespace: Value| json!({"code": "admin", "namespace": namespace});
    let [own, other] = [Guard::role("admin"), Guard::role_in("shop", "admin")];
    for (role, is_own, is_other) in [
        (json!("admin"), true, false),
        (json!({"code": "admin"}), true, false),
        (of(json!(null)), true, false),
        (of(json!("default")), true, false),
        (of(json!("shop")), false, true),
        (of(json!("Default")), false, false),
        (of(json!("")), false, false),
        (of(json!(1)), false, false),
        (of(json!(["shop", "default"])), false, false),
        (of(json!({"code": "shop"})), false, false),
        (json!("shop:admin"), false, false),
        (json!({"code": "clerk", "namespace": "shop"}), false, false),
        (json!(["admin"]), false, false),
    ] {
        assert_eq!(passes(&own, &role).await, is_own, "{role}");
        assert_eq!(passes(&other, &role).await, is_other, "{role}");
        let same = Guard::role_in("default", "admin");
        assert_eq!(passes(&same, &role).await, is_own, "{role}");
    }
    assert_eq!(format!("{other:?}"), r#"role "admin" of "shop""#);
}

#[tokio::test]
async fn a_guard_alone_lets_nobody_through() {
    let guard = GuardLayer::new(Guard::when("always", |_| true));
    assert_eq!(ask(&guard, Some(&token(json!({}))), false).await.0, 401);
}

#[tokio::test]
async fn what_a_guard_refuses_is_told_as_well() {
    /// One layer around another.
    struct Both(VerifyLayer, GuardLayer);
    impl Layer<Who> for Both {
        type Service = <VerifyLayer as Layer<GuardService<Who>>>::Service;
        fn layer(&self, inner: Who) -> Self::Service {
            self.0.layer(self.1.layer(inner))
        }
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let around = layer()
        .optional()
        .realm("shop")
        .on_rejection(move |rejection| log.lock().unwrap().push(rejection.reason()));
    let both = Both(around, GuardLayer::new(Guard::scope("orders:write")));
    let good = token(json!({}));
    for (token, status, challenge) in [
        (
            Some(&*good),
            403,
            r#"Bearer realm="shop", error="insufficient_scope", scope="orders:write""#,
        ),
        (None, 401, r#"Bearer realm="shop""#),
    ] {
        let (is, headers, body) = ask(&both, token, false).await;
        assert_eq!((is, &*body), (status, ""));
        assert_eq!(headers["www-authenticate"], challenge);
    }
    assert_eq!(*seen.lock().unwrap(), [Reason::Forbidden, Reason::Missing]);
    let write = token(json!({"scope": "orders:write"}));
    let (status, _, body) = ask(&both, Some(&write), false).await;
    assert_eq!((status, &*body), (200, "user-1"));
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn grpc_has_words_of_its_own() {
    let layer = layer().guard(Guard::role("admin"));
    for (token, status) in [
        (None, "16"),
        (Some("nonsense"), "16"),
        (Some(&*token(json!({}))), "7"),
    ] {
        let (http, headers, _) = ask(&layer, token, true).await;
        assert_eq!(
            (http, &headers["grpc-status"]),
            (200, &status.parse().unwrap())
        );
        assert_eq!(headers["content-type"], "application/grpc");
    }
    let admin = token(json!({"roles": ["admin"]}));
    let (_, headers, body) = ask(&layer, Some(&admin), true).await;
    assert!(headers.is_empty() && body == "user-1");
}

#[tokio::test]
async fn grpc_is_known_by_its_media_type_in_any_spelling() {
    for content_type in [
        "application/grpc",
        "Application/GRPC",
        "APPLICATION/gRPC+Proto; x=y",
        "application/grpc ;x=y",
    ] {
        let request = Request::post("/")
            .version(http::Version::HTTP_2)
            .header("content-type", content_type);
        let mut service = layer().layer(Who);
        let answer = service.call(request.body(()).unwrap()).await.unwrap();
        assert_eq!(answer.headers()["grpc-status"], "16", "{content_type}");
    }
}

#[tokio::test]
async fn only_grpc_is_answered_as_grpc() {
    // A gateway that asks first goes by the status alone, and hands on the
    // headers of whoever is to be let through.
    use http::{Method, Version};
    let grpc = "application/grpc";
    for (method, version, content_type) in [
        (Method::GET, Version::HTTP_11, grpc),
        (Method::GET, Version::HTTP_2, grpc),
        (Method::POST, Version::HTTP_11, grpc),
        (Method::POST, Version::HTTP_2, "application/grpc-web"),
        (Method::POST, Version::HTTP_2, "application/grpcx"),
        (Method::POST, Version::HTTP_2, "application/json"),
    ] {
        let name = format!("{method} {version:?} {content_type}");
        let request = Request::builder()
            .method(method)
            .version(version)
            .header("content-type", content_type);
        let mut service = layer().layer(Who);
        let answer = service.call(request.body(()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), 401, "{name}");
        assert!(answer.headers().contains_key("www-authenticate"), "{name}");
    }
}
