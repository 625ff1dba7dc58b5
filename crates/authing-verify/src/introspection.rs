//! Asking the server whether a token was revoked (RFC 7662).

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use authing_core::__private::{Flight, Record, Slot};
use authing_core::{
    BoxFuture, Clock, Credential, Error, ErrorKind, Payload, Pipeline, Request, Secret, operation,
    read_as_record,
};
use http::StatusCode;

use crate::claims::Claims;
use crate::rejection::{Reason, Rejection};

/// How the server is asked about tokens.
///
/// A token is first checked as without it, so only good ones are asked about.
/// Answers are kept for a while: so long a revoked token can still pass. Requests
/// that come with one token at the same time share one question.
///
/// ```
/// use std::time::Duration;
///
/// use authing_verify::{Application, Introspection, Verifier};
///
/// # fn example() -> authing_verify::Result<Verifier> {
/// let shop = Application::new("application id", "https://shop.authing.cn").secret("secret");
/// Verifier::builder()
///     .application(shop)
///     .introspection(Introspection::new().cache_for(Duration::from_secs(10)))
///     .build()
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Introspection {
    cache_for: Duration,
    most: usize,
    basic: bool,
    accept_unasked: bool,
}

impl Introspection {
    /// Answers are kept for 30 seconds, ten thousand at most; without an
    /// answer a token is refused.
    pub fn new() -> Self {
        Self {
            cache_for: Duration::from_secs(30),
            most: 10_000,
            basic: false,
            accept_unasked: false,
        }
    }

    /// How long an answer is kept, from when the server was asked. With zero the
    /// server is asked about every request, also about those that come with one
    /// token at the same time.
    pub fn cache_for(mut self, time: Duration) -> Self {
        self.cache_for = time;
        self
    }

    /// How many answers are kept. Beyond that the oldest are forgotten.
    pub fn cache_entries(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// Sends id and secret in the `Authorization` header instead of the form,
    /// where the application's settings say `client_secret_basic` for
    /// introspection.
    pub fn basic(mut self) -> Self {
        self.basic = true;
        self
    }

    /// Accepts a token that is otherwise good when the server cannot be
    /// reached, or says that it is busy or broken (429, 5xx): a revoked one may
    /// pass during an outage. Any other answer that cannot be used refuses it.
    pub fn accept_when_unreachable(mut self) -> Self {
        self.accept_unasked = true;
        self
    }
}

impl Default for Introspection {
    fn default() -> Self {
        Self::new()
    }
}

/// The question, with who asks.
struct Introspect {
    token: Secret,
    client: Option<(String, Secret)>,
}

#[derive(Debug, Default)]
struct Answer {
    active: bool,
    sub: Option<String>,
}

impl Record for Answer {
    fn name(&self) -> &'static str {
        "Introspection"
    }

    fn required(&self) -> &'static [&'static str] {
        &["active"]
    }

    /// Both decide whether the token is accepted.
    fn slot(&mut self, member: &str) -> Slot<'_> {
        match member {
            "active" => Slot::required_flag(&mut self.active),
            "sub" => Slot::text(&mut self.sub).strict(),
            _ => Slot::nothing(),
        }
    }
}

read_as_record!(Answer);

operation! {
    Introspect => Answer,
    id: "verify.introspection",
    repeat: Safe,
    oauth: POST |asked, _| {
        let client = asked.client.iter().flat_map(|(id, secret)| {
            [("client_id", id.as_str()), ("client_secret", secret.expose())]
        });
        let fields = [
            ("token", asked.token.expose()),
            ("token_type_hint", "access_token"),
        ];
        Ok(Payload::form("/oidc/token/introspection", fields.into_iter().chain(client)))
    },
}

/// The server, with the answers so far.
pub(crate) struct Online {
    server: Arc<Server>,
    /// The questions under way, each shared by all who wait for its answer.
    questions: Mutex<HashMap<Digest, Question>>,
}

#[derive(Default)]
struct Question {
    flight: Flight<Result<bool, Error>>,
    /// By the clock's `elapsed`.
    asked_at: Duration,
}

struct Server {
    options: Introspection,
    /// By application: its id and secret, and the way to its host.
    ways: Vec<(String, Secret, Pipeline)>,
    clock: Arc<dyn Clock>,
    answers: Mutex<Answers>,
}

type Digest = [u8; 32];

#[derive(Default)]
struct Answers {
    by_token: HashMap<Digest, Known>,
    /// Oldest first, each as often as it was written.
    order: VecDeque<(Digest, Duration)>,
}

#[derive(Clone, Copy)]
struct Known {
    is_active: bool,
    /// By the clock's `elapsed`.
    until: Duration,
}

/// A token that the server is asked about, which is otherwise good.
#[derive(Clone)]
struct Asked {
    token: Secret,
    digest: Digest,
    app_id: String,
    sub: String,
}

impl Online {
    pub(crate) fn new(
        options: Introspection,
        ways: Vec<(String, Secret, Pipeline)>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            server: Arc::new(Server {
                options,
                ways,
                clock,
                answers: Mutex::default(),
            }),
            questions: Mutex::default(),
        }
    }

    /// What was said of the token not long ago.
    pub(crate) fn known(&self, token: &str) -> Option<Result<(), Rejection>> {
        self.server.known(&digest(token)).map(verdict)
    }

    /// Asks about a token that is otherwise good.
    pub(crate) async fn ask<T>(&self, token: &str, claims: &Claims<T>) -> Result<(), Rejection> {
        let digest = digest(token);
        if let Some(is_active) = self.server.known(&digest) {
            return verdict(is_active);
        }
        let asked = Asked {
            token: token.into(),
            digest,
            app_id: claims.app_id().to_owned(),
            sub: claims.sub.clone(),
        };
        let options = &self.server.options;
        let outcome = match options.cache_for.is_zero() {
            true => self.server.ask(&asked).await,
            false => self.share(asked).await,
        };
        match outcome {
            Ok(is_active) => verdict(is_active),
            Err(error) if options.accept_unasked && is_outage(&error) => Ok(()),
            Err(error) => {
                let words = "the server could not be asked whether the token was revoked";
                Err(Rejection::unavailable(words, Some(error)))
            }
        }
    }

    /// Joins those who ask about this token, or asks. An answer counts from when
    /// it was asked for, so a question that is too old is not joined.
    async fn share(&self, asked: Asked) -> Result<bool, Error> {
        let digest = asked.digest;
        // Dropped after the question, when it is known whether others wait.
        let _leaving = Leaving {
            online: self,
            digest,
        };
        let begin = {
            let server = Arc::clone(&self.server);
            move || -> BoxFuture<'static, Result<bool, Error>> {
                let (server, asked) = (Arc::clone(&server), asked.clone());
                Box::pin(async move {
                    // Another question may have been answered in between.
                    match server.known(&asked.digest) {
                        Some(is_active) => Ok(is_active),
                        None => server.ask(&asked).await,
                    }
                })
            }
        };
        let now = self.server.clock.elapsed();
        let answer = {
            let mut questions = self.questions();
            let question = questions.entry(digest).or_default();
            let age = now.saturating_sub(question.asked_at);
            if !question.flight.is_attended() || age >= self.server.options.cache_for {
                *question = Question {
                    flight: Flight::default(),
                    asked_at: now,
                };
            }
            question.flight.join_or_begin(begin)
        };
        answer.await
    }

    fn questions(&self) -> MutexGuard<'_, HashMap<Digest, Question>> {
        self.questions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets a question when nobody waits for its answer any more.
struct Leaving<'a> {
    online: &'a Online,
    digest: Digest,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if let Entry::Occupied(question) = self.online.questions().entry(self.digest)
            && !question.get().flight.is_attended()
        {
            question.remove();
        }
    }
}

impl Server {
    fn known(&self, token: &Digest) -> Option<bool> {
        let now = self.clock.elapsed();
        let known = self.answers().by_token.get(token).copied();
        let known = known.filter(|known| now < known.until)?;
        Some(known.is_active)
    }

    /// Whether the token is active.
    async fn ask(&self, asked: &Asked) -> Result<bool, Error> {
        let asked_at = self.clock.elapsed();
        let answer = self.send(asked).await?;
        let is_about = answer.sub.is_none_or(|sub| sub == asked.sub);
        let is_active = answer.active && is_about;
        self.keep(asked.digest, is_active, asked_at);
        Ok(is_active)
    }

    async fn send(&self, asked: &Asked) -> Result<Answer, Error> {
        let way = self.ways.iter().find(|(id, ..)| *id == asked.app_id);
        let Some((id, secret, pipeline)) = way else {
            return Err(Error::configuration("no application to ask for"));
        };
        let (client, credential) = match self.options.basic {
            false => (Some((id.clone(), secret.clone())), Credential::None),
            true => {
                let (id, secret) = (id.clone(), secret.clone());
                (None, Credential::Basic { id, secret })
            }
        };
        let question = Introspect {
            token: asked.token.clone(),
            client,
        };
        Request::new(pipeline, credential, question).send().await
    }

    /// Keeps an answer from when it was asked for: it may have been long on its
    /// way, and another have come since.
    fn keep(&self, token: Digest, is_active: bool, asked_at: Duration) {
        if self.options.cache_for.is_zero() || self.options.most == 0 {
            return;
        }
        let until = asked_at.saturating_add(self.options.cache_for);
        let mut answers = self.answers();
        if let Some(known) = answers.by_token.get(&token)
            && (known.until > until || known.until == until && !known.is_active)
        {
            return;
        }
        answers.by_token.insert(token, Known { is_active, until });
        answers.order.push_back((token, until));
        while answers.order.len() > self.options.most {
            let Some((oldest, written)) = answers.order.pop_front() else {
                break;
            };
            // It may have been written anew since.
            if answers
                .by_token
                .get(&oldest)
                .is_some_and(|known| known.until == written)
            {
                answers.by_token.remove(&oldest);
            }
        }
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether nobody was there to answer.
fn is_outage(error: &Error) -> bool {
    let busy =
        |status: StatusCode| status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    error.kind() == ErrorKind::Transport || error.http_status().is_some_and(busy)
}

fn verdict(is_active: bool) -> Result<(), Rejection> {
    match is_active {
        true => Ok(()),
        false => Err(Rejection::new(
            Reason::Revoked,
            "the server says that the token is not active: it was revoked, or its user is locked",
        )),
    }
}

fn digest(token: &str) -> Digest {
    let digest = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
    digest.as_ref().try_into().unwrap_or([0; 32])
}

impl fmt::Debug for Online {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Online")
            .field("options", &self.server.options)
            .finish_non_exhaustive()
    }
}
