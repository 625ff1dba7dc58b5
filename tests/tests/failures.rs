//! Every operation against every way of answering.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use authing::{
    Clock, Error, ErrorCode, ErrorKind, HttpTransport, TransportError, TransportErrorKind,
};
use authing_core::{BoxFuture, TokioClock};
use authing_tests::both_transports;
use authing_tests::cases::{Case, cases};
use authing_tests::clients::{Backend, Clients};
use authing_tests::raw::Nobody;
use bytes::Bytes;
use serde_json::json;
use tokio::sync::watch;
use wiremock::matchers::{any, body_string_contains};
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

both_transports!(
    success,
    a_page_of_a_proxy,
    business_code,
    text_message,
    http_500_with_html,
    truncated_json,
    empty_body,
    timeout,
    connection_refused,
);

const PATIENCE: Duration = Duration::from_secs(10);

/// Sends every operation to a server that answers each as `answer` says, and
/// gives the outcome to `check`.
async fn each(
    backend: Backend,
    answer: impl Fn(&Case) -> ResponseTemplate,
    check: impl Fn(&Case, Result<String, Error>),
) {
    each_over(backend.transport().unwrap(), answer, check).await;
}

async fn each_over<R: Respond + 'static>(
    transport: impl HttpTransport + Clone,
    answer: impl Fn(&Case) -> R,
    check: impl Fn(&Case, Result<String, Error>),
) {
    let server = MockServer::start().await;
    let all = cases();
    let token = all
        .iter()
        .find(|case| case.id == "management.access_token")
        .unwrap();
    for case in &all {
        server.reset().await;
        // The token's own case goes on to list users once it has a token.
        let sent = if case.id == token.id { 1..=2 } else { 1..=1 };
        Mock::given(any())
            .respond_with(answer(case))
            .expect(sent)
            .mount(&server)
            .await;
        if case.id != token.id {
            Mock::given(body_string_contains("query accessToken"))
                .respond_with(ResponseTemplate::new(200).set_body_json(&token.answer))
                .with_priority(1)
                .mount(&server)
                .await;
        }
        let clients = Clients::at(&server.uri(), transport.clone(), PATIENCE).unwrap();
        check(case, (case.send)(clients).await);
        server.verify().await;
    }
}

fn fail(case: &Case, outcome: Result<String, Error>) -> Error {
    let error = match outcome {
        Err(error) => error,
        Ok(output) => panic!("{} succeeded with {output}", case.id),
    };
    assert_eq!(error.operation(), Some(case.id), "{error:?}");
    assert!(
        !error.to_string().contains('\n'),
        "more than a line: {error}"
    );
    error
}

async fn success(backend: Backend) {
    let answer = |case: &Case| ResponseTemplate::new(200).set_body_json(&case.answer);
    each(backend, answer, |case, outcome| {
        // A token alone is no list of users: that call goes on to fail.
        if case.id != "management.access_token" {
            let output = outcome.unwrap();
            assert!(output.contains(case.shows), "{}: {output}", case.id);
        }
    })
    .await;
}

async fn business_code(backend: Backend) {
    let answer = |case: &Case| {
        let refusal = json!({"code": 2004, "message": "用户不存在"});
        if case.is_oauth() {
            let refusal = json!({"error": "invalid_grant", "error_description": "not good"});
            return ResponseTemplate::new(400).set_body_json(refusal);
        }
        ResponseTemplate::new(200).set_body_json(match case.is_graphql() {
            true => json!({"errors": [{"message": refusal, "path": ["x"]}], "data": null}),
            false => refusal,
        })
    };
    each(backend, answer, |case, outcome| {
        let error = fail(case, outcome);
        if case.is_oauth() {
            assert_eq!(error.oauth_error(), Some("invalid_grant"), "{}", case.id);
            assert_eq!(
                (error.kind(), error.message()),
                (ErrorKind::Api, "not good")
            );
            assert!(error.code().is_none() && !error.is_retryable());
            return;
        }
        assert_eq!(error.kind(), ErrorKind::Api, "{}", case.id);
        assert_eq!(error.code(), Some(ErrorCode::USER_NOT_FOUND), "{}", case.id);
        assert_eq!(error.message(), "用户不存在");
        assert!(error.is_not_found() && !error.is_retryable());
    })
    .await;
}

async fn text_message(backend: Backend) {
    let answer = |case: &Case| {
        ResponseTemplate::new(400).set_body_json(match case.is_graphql() {
            true => json!({"errors": [{"message": "Cannot query field \"x\""}]}),
            false => json!({"message": "Cannot query field \"x\""}),
        })
    };
    each(backend, answer, |case, outcome| {
        let error = fail(case, outcome);
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::Api, None),
            "{}",
            case.id
        );
        assert_eq!(error.message(), "Cannot query field \"x\"");
        assert_eq!(error.http_status().unwrap(), 400);
    })
    .await;
}

async fn http_500_with_html(backend: Backend) {
    let answer = |_: &Case| {
        ResponseTemplate::new(500)
            .set_body_raw("<html>\n<h1>Internal Server Error</h1></html>", "text/html")
            .insert_header("x-request-id", "r-7")
    };
    each(backend, answer, |case, outcome| {
        let error = fail(case, outcome);
        assert_eq!(error.kind(), ErrorKind::Http, "{}", case.id);
        assert_eq!(error.http_status().unwrap(), 500);
        assert_eq!(error.request_id(), Some("r-7"));
        assert!(error.message().contains("Internal Server Error"), "{error}");
        assert!(
            !error.is_retryable(),
            "a 500 of Authing is often a business refusal"
        );
    })
    .await;
}

async fn a_page_of_a_proxy(backend: Backend) {
    let answer = |_: &Case| {
        let page = "<html>\n<body>Please log in to the hotel's network</body></html>";
        ResponseTemplate::new(200).set_body_raw(page, "text/html; charset=utf-8")
    };
    each(backend, answer, |case, outcome| {
        let error = fail(case, outcome);
        assert_eq!(error.kind(), ErrorKind::Decode, "{}", case.id);
        assert_eq!(
            error.message(),
            "the server answered HTTP 200 with text/html and not with JSON: \
             <html> <body>Please log in to the hotel's network</body></html>",
            "{}",
            case.id
        );
    })
    .await;
}

async fn truncated_json(backend: Backend) {
    let answer = |case: &Case| {
        let text = case.answer.to_string();
        let half: String = text.chars().take(text.chars().count() / 2).collect();
        ResponseTemplate::new(200).set_body_raw(half, "application/json")
    };
    each(backend, answer, |case, outcome| {
        assert_eq!(fail(case, outcome).kind(), ErrorKind::Decode, "{}", case.id);
    })
    .await;
}

async fn empty_body(backend: Backend) {
    each(
        backend,
        |_| ResponseTemplate::new(200),
        |case, outcome| {
            if case.reads_nothing() {
                outcome.unwrap();
                return;
            }
            let error = fail(case, outcome);
            assert_eq!(error.kind(), ErrorKind::Decode, "{}", case.id);
            assert_eq!(error.message(), "the answer is empty");
        },
    )
    .await;
}

/// A transport on whose clock time is up as soon as the server has got a
/// request that it does not answer, however long that takes.
#[derive(Debug, Clone)]
struct Impatient {
    inner: Arc<dyn HttpTransport>,
    arrived: watch::Sender<bool>,
}

#[async_trait::async_trait]
impl HttpTransport for Impatient {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        self.inner.send(request).await
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(TimeIsUp(self.arrived.clone()))
    }
}

#[derive(Debug)]
struct TimeIsUp(watch::Sender<bool>);

impl Clock for TimeIsUp {
    fn now(&self) -> SystemTime {
        TokioClock::default().now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        // The limit of an attempt and no longer one, such as the deadline of the call around it.
        if duration > PATIENCE {
            return Box::pin(std::future::pending());
        }
        let mut arrived = self.0.subscribe();
        Box::pin(async move {
            let _ = arrived.wait_for(|arrived| *arrived).await;
        })
    }

    fn elapsed(&self) -> Duration {
        TokioClock::default().elapsed()
    }
}

async fn timeout(backend: Backend) {
    let arrived = watch::Sender::new(false);
    let transport = Impatient {
        inner: backend.transport().unwrap(),
        arrived: arrived.clone(),
    };
    let answer = |_: &Case| {
        arrived.send_replace(false);
        let arrived = arrived.clone();
        move |_: &wiremock::Request| {
            arrived.send_replace(true);
            ResponseTemplate::new(200).set_delay(PATIENCE)
        }
    };
    each_over(transport, answer, |case, outcome| {
        let error = fail(case, outcome);
        assert_eq!(
            error.transport_kind(),
            Some(TransportErrorKind::Timeout),
            "{}",
            case.id
        );
        assert!(error.is_timeout() && error.is_retryable());
    })
    .await;
}

async fn connection_refused(backend: Backend) {
    let nobody = Nobody::new().unwrap();
    let clients = Clients::at(nobody.url(), backend.transport().unwrap(), PATIENCE).unwrap();
    for case in cases() {
        let error = (case.send)(clients.clone()).await.unwrap_err();
        assert_eq!(
            error.transport_kind(),
            Some(TransportErrorKind::Connect),
            "{}",
            case.id
        );
        assert!(error.is_retryable());
        // An administrator's call fails at the token that it needs first; this one needs none.
        let needs_token =
            case.id.starts_with("management.") && case.id != "management.check_login_status";
        let expected = match needs_token {
            true => "management.access_token",
            false => case.id,
        };
        assert_eq!(error.operation(), Some(expected));
        assert!(std::error::Error::source(&error).is_some());
    }
}
