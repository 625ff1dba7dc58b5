//! Every operation at TRACE, over real sockets: no secret is among what is told.
//!
//! One test, since the subscriber is the whole process's.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authing::{HttpTransport, OperationInfo, RetryPolicy, TransportError};
use authing_tests::cases::cases;
use authing_tests::clients::{Backend, Clients, MFA_TOKEN, USER_TOKEN};
use authing_tests::log::Log;
use authing_tests::raw::{RawServer, answer, read_request};
use bytes::Bytes;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;

/// Tells the server which operation it answers, and collects what is secret in
/// the request.
#[derive(Debug, Clone)]
struct Labelled {
    inner: Arc<dyn HttpTransport>,
    secrets: Arc<Mutex<BTreeSet<String>>>,
}

#[async_trait::async_trait]
impl HttpTransport for Labelled {
    async fn send(
        &self,
        mut request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let id = request.extensions().get::<OperationInfo>().unwrap().id();
        let mut found = Vec::new();
        let query = request.uri().query().unwrap_or_default().as_bytes();
        pairs(query, &mut found);
        match serde_json::from_slice(request.body()) {
            Ok(body) => fields(&body, &mut found),
            Err(_) => pairs(request.body(), &mut found),
        }
        if let Some(value) = request.headers().get("authorization") {
            let (_, token) = value.to_str().unwrap().split_once(' ').unwrap();
            found.push(token.to_owned());
        }
        self.secrets.lock().unwrap().extend(found);
        request.headers_mut().insert("x-case", id.parse().unwrap());
        self.inner.send(request).await
    }
}

/// Whether what has this name is nobody else's business.
fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let words = ["password", "token", "secret", "verifier", "recovery"];
    words.iter().any(|word| name.contains(word)) && !name.contains("hint")
}

fn pairs(form: &[u8], found: &mut Vec<String>) {
    found.extend(
        form_urlencoded::parse(form)
            .filter(|(name, _)| is_secret(name) || name == "code")
            .map(|(_, value)| value.into_owned()),
    );
}

fn fields(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                match value {
                    Value::String(text) if is_secret(name) => found.push(text.clone()),
                    value => fields(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(item, found)),
        _ => {}
    }
}

/// Answers each operation with its case's answer, or refuses everything with the
/// answer's own secrets in the refusal.
async fn server(refuses: bool) -> RawServer {
    RawServer::start(move |mut stream| {
        Box::pin(async move {
            while let Some(request) = read_request(&mut stream).await? {
                let id = request
                    .lines()
                    .find_map(|line| line.strip_prefix("x-case: "))
                    .unwrap_or_default();
                let case = cases().into_iter().find(|case| case.id == id);
                let text = case.map(|case| case.answer.to_string()).unwrap_or_default();
                let status = if refuses { "502 Bad Gateway" } else { "200 OK" };
                stream.write_all(answer(status, &text).as_bytes()).await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_operation_tells_a_secret() {
    let log = Log::of_everything();
    let answering = server(false).await;
    let refusing = server(true).await;
    for backend in [Backend::Reqwest, Backend::Hyper] {
        let transport = Labelled {
            inner: backend.transport().unwrap(),
            secrets: Arc::default(),
        };
        let mut told = String::new();
        for server in [&answering, &refusing] {
            for case in cases() {
                let patience = Duration::from_secs(10);
                let retry = RetryPolicy::new().first_delay(Duration::ZERO);
                let clients =
                    Clients::retrying(server.url(), transport.clone(), patience, retry).unwrap();
                let outcome = (case.send)(clients).await;
                if let Err(error) = outcome {
                    told.push_str(&format!("{error} {error:?}\n"));
                }
            }
        }
        let logged = log.take();
        assert!(logged.contains("the call is sent again"));
        for case in cases() {
            let field = format!("authing.operation=\"{}\"", case.id);
            assert!(logged.contains(&field), "{field} is not told");
        }
        told.push_str(&logged);
        let mut secrets = std::mem::take(&mut *transport.secrets.lock().unwrap());
        let planted = [
            USER_TOKEN,
            MFA_TOKEN,
            "pool-secret",
            "app-secret",
            "correct horse",
        ];
        secrets.extend(planted.map(str::to_owned));
        // Shorter ones, such as codes, are found in numbers of any kind.
        secrets.retain(|secret| secret.len() >= 8);
        assert!(secrets.len() > 40, "only {} secrets", secrets.len());
        for secret in secrets {
            if let Some(at) = told.find(&secret) {
                let line = told[..at].lines().next_back().unwrap_or_default();
                panic!("{secret:?} is told after: {line}");
            }
        }
    }
}
