//! A server that answers as it was told, in a time that passes at once.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use authing::{Clock, HttpTransport, OperationInfo, TransportError};
use authing_core::{BoxFuture, Credential, Operation, Pipeline, Request, TokioClock};
use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, Uri};

/// What a server answers.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// An answer of this status and body.
    #[must_use]
    pub fn new(status: StatusCode, body: &[u8]) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::copy_from_slice(body),
        }
    }
}

/// The server. Clones are the same one.
#[derive(Clone, Default)]
pub struct Server(Arc<Mutex<State>>);

/// Without what it answers: the clients show their transport, and the tests
/// look for the answers in what they show.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server")
    }
}

#[derive(Debug, Default)]
struct State {
    answers: Vec<Answer>,
    /// The one operation that gets the answers; the others get `token`.
    only: Option<(&'static str, Bytes)>,
    asked: Vec<Uri>,
    bodies: Vec<Bytes>,
}

impl Server {
    /// A server that gives these answers in turn, and then the last one for
    /// ever.
    #[must_use]
    pub fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        let server = Self::default();
        server.now_answer(answers, None);
        server
    }

    /// Gives other answers from now on, only to the operation of this id if one
    /// is named: the others are answered with the body beside it.
    pub fn now_answer(
        &self,
        answers: impl IntoIterator<Item = Answer>,
        only: Option<(&'static str, Bytes)>,
    ) {
        *self.0.lock().unwrap() = State {
            answers: answers.into_iter().collect(),
            only,
            ..State::default()
        };
    }

    /// The addresses that were asked for.
    #[must_use]
    pub fn asked(&self) -> Vec<Uri> {
        self.0.lock().unwrap().asked.clone()
    }

    /// The bodies that came with these.
    #[must_use]
    pub fn bodies(&self) -> Vec<Bytes> {
        self.0.lock().unwrap().bodies.clone()
    }
}

#[async_trait::async_trait]
impl HttpTransport for Server {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let mut state = self.0.lock().unwrap();
        let id = request.extensions().get::<OperationInfo>().unwrap().id();
        if let Some((only, other)) = &state.only
            && *only != id
        {
            return Ok(Response::new(other.clone()));
        }
        let turn = state.asked.len().min(state.answers.len().saturating_sub(1));
        let answer = state.answers.get(turn).cloned().unwrap_or_default();
        state.asked.push(request.uri().clone());
        state.bodies.push(request.into_body());
        let mut response = Response::new(answer.body);
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(Noon)
    }
}

/// Always the same time of day, with waits that follow Tokio's time.
#[derive(Debug)]
struct Noon;

/// Sunday, 22 November 2026, 10:00:00.
pub const NOW: Duration = Duration::from_secs(1_795_341_600);

impl Clock for Noon {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + NOW
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        TokioClock::default().sleep(duration)
    }

    fn elapsed(&self) -> Duration {
        TokioClock::default().elapsed()
    }
}

/// Runs the future in a time that leaps to the end of every wait.
pub fn run<F: Future>(future: F) -> F::Output {
    thread_local! {
        static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}

/// A pipeline to the server.
#[must_use]
pub fn pipeline(server: &Server) -> Pipeline {
    Pipeline::builder()
        .host("https://a.example")
        .transport(server.clone())
        .retry(authing::RetryPolicy::none())
        .build(|| unreachable!("a transport was given"))
        .unwrap()
}

/// What comes of the operation when the server answers so.
pub fn outcome<O: Operation>(operation: O, answer: Answer) -> Result<O::Output, authing::Error> {
    let pipeline = pipeline(&Server::answering([answer]));
    run(Request::new(&pipeline, Credential::None, operation).send())
}
