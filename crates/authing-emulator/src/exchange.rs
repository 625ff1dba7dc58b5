//! One request, from its arrival to its answer: it is read, struck by a fault or not, carried out, recorded.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::time::timeout;

use crate::faults::{self, Arrival, Fault, Line, Strike, Timing};
use crate::http::{bearer, refuse, text};
use crate::journal::{Outcome, RecordedRequest};
use crate::shared::Shared;
use crate::wording::{self, Language, Wording};
use crate::world::Hint;
use crate::{graphql, ids, in_flight};

/// As the framework has it for bodies that do not say how long they are.
const LONGEST_BODY: u64 = 2 * 1024 * 1024;
/// For all of a body, from the end of the head on.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// What a handler has to say to the journal.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    pub(crate) operation: Option<String>,
    pub(crate) executed: bool,
    pub(crate) outcome: Outcome,
}

impl Verdict {
    /// Of a handler that was reached, and tells success by the status.
    pub(crate) fn by_status(status: StatusCode) -> Self {
        Self {
            operation: None,
            executed: true,
            outcome: Outcome::of_status(status.as_u16()),
        }
    }
}

/// What the journal will have of a request. It is recorded when this is dropped, and so whatever happens.
struct Entry {
    shared: Arc<Shared>,
    request: RecordedRequest,
}

impl Entry {
    fn new(shared: &Arc<Shared>, request: &Request) -> Self {
        Self {
            shared: Arc::clone(shared),
            request: RecordedRequest {
                at: shared.clock.now().iso(),
                method: request.method().to_string(),
                path: request.uri().path().to_owned(),
                tag: text(request.headers(), "x-emulator-tag"),
                ..RecordedRequest::default()
            },
        }
    }

    fn answered(&mut self, response: &mut Response) {
        let status = response.status();
        self.status = status.as_u16();
        let verdict = response.extensions_mut().remove::<Verdict>();
        let verdict = verdict.unwrap_or_else(|| Verdict {
            executed: status.is_success(),
            ..Verdict::by_status(status)
        });
        self.operation = verdict.operation.or(self.operation.take());
        self.executed = verdict.executed;
        self.outcome = Some(verdict.outcome);
    }
}

impl Deref for Entry {
    type Target = RecordedRequest;

    fn deref(&self) -> &Self::Target {
        &self.request
    }
}

impl DerefMut for Entry {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.request
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.shared
            .journal
            .record(std::mem::take(&mut self.request));
    }
}

/// The way of every request.
pub(crate) async fn exchange(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let mut entry = Entry::new(&shared, &request);
    let line = request.extensions().get::<Line>().cloned();
    let line = line.unwrap_or_default();
    let is_head = request.method() == Method::HEAD;
    let (request, body) = match read(request).await {
        Ok(read) => read,
        Err(mut refusal) => {
            entry.answered(&mut refusal);
            return finished(&shared, refusal);
        }
    };
    let Some(strike) = strike(&shared, &mut entry, &request, &body) else {
        return carried_out(next, request, entry, None).await;
    };

    let fault = &strike.fault;
    if strike.timing == Timing::Before {
        if let Fault::ExpiredToken = fault {
            expire(&shared, &request);
        }
        strike.pause().await;
    }
    let response = if strike.prevents() {
        entry.status = fault.status(0);
        drop(entry);
        faults::blank()
    } else {
        carried_out(next, request, entry, Some(fault)).await
    };
    if strike.timing == Timing::After {
        strike.pause().await;
    }
    if let Fault::Refuse { during } = *fault {
        shared.door.refuse(during).await;
    }
    let response = faults::damaged(fault, response, is_head, &line, &shared.clock).await;
    dated(&shared, response)
}

/// The whole body is read here, so that what follows has nothing to wait for.
async fn read(request: Request) -> Result<(Request, Bytes), Response> {
    let announced = text(request.headers(), header::CONTENT_LENGTH.as_str());
    let announced = announced.and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > LONGEST_BODY) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE.into_response());
    }
    let language = Language::of(request.headers());
    let (parts, body) = request.into_parts();
    let unread = Request::from_parts(parts.clone(), body);
    let whole = timeout(BODY_TIMEOUT, Bytes::from_request(unread, &()));
    let Ok(whole) = whole.await else {
        return Err(refused(
            StatusCode::REQUEST_TIMEOUT,
            &wording::BODY_MISSING,
            language,
        ));
    };
    match whole {
        Ok(body) => Ok((Request::from_parts(parts, Body::from(body.clone())), body)),
        Err(refusal) => Err(refusal.into_response()),
    }
}

fn strike(shared: &Shared, entry: &mut Entry, request: &Request, body: &[u8]) -> Option<Strike> {
    if !shared.faults.has_rules() {
        return None;
    }
    if entry.path == graphql::PATH {
        entry.operation = graphql::name(body);
    }
    let strike = shared.faults.strike(Arrival {
        method: &entry.method,
        path: &entry.path,
        operation: entry.operation.as_deref(),
        tag: entry.tag.as_deref(),
        has_bearer: bearer(request.headers()).is_some(),
    })?;
    entry.fault = Some(strike.fault.kind());
    Some(strike)
}

fn expire(shared: &Shared, request: &Request) {
    if let Some(token) = bearer(request.headers()) {
        let mut world = shared.world();
        let (tenant, _) = world.choose(request.headers(), Hint::default());
        let tenant = world.tenants.get_mut(tenant);
        tenant.state.sessions.expire(token);
    }
}

/// In a task of its own: a client that hangs up does not stop it halfway, and what was carried out is recorded.
async fn carried_out(
    next: Next,
    request: Request,
    mut entry: Entry,
    fault: Option<&Fault>,
) -> Response {
    let fault = fault.cloned();
    let shared = Arc::clone(&entry.shared);
    let line = request.extensions().get::<Line>().cloned();
    let line = line.unwrap_or_default();
    let language = Language::of(request.headers());
    let task = tokio::spawn(async move {
        entry.shared.in_flight.settled().await;
        let mut response = match entry.shared.door.is_closing() {
            true => refused(StatusCode::SERVICE_UNAVAILABLE, &wording::ENDING, language),
            false => next.run(request).await,
        };
        let size = response.body().size_hint().lower();
        if size > entry.shared.limits.response_bytes {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            let verdict = response.extensions_mut().remove::<Verdict>();
            response = refused(status, &wording::ANSWER_TOO_LARGE, language);
            if let Some(verdict) = verdict {
                let outcome = Outcome::of_status(status.as_u16());
                response
                    .extensions_mut()
                    .insert(Verdict { outcome, ..verdict });
            }
        }
        entry.answered(&mut response);
        if let Some(fault) = fault {
            entry.status = fault.status(entry.status);
        }
        let response = finished(&entry.shared, response);
        in_flight::count(&entry.shared, &line, response).await
    });
    task.await.unwrap_or_else(|_| {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        finished(&shared, refused(status, &wording::PANICKED, language))
    })
}

fn refused(status: StatusCode, why: &'static Wording, language: Language) -> Response {
    refuse(status, why, language).into_response()
}

fn finished(shared: &Shared, response: Response) -> Response {
    let mut response = closing_if_unread(response);
    if let Ok(id) = HeaderValue::from_str(&shared.draw(ids::id)) {
        response.headers_mut().insert("x-request-id", id);
    }
    dated(shared, response)
}

/// A server has one clock. That of the HTTP library is another one where the emulator's was turned.
fn dated(shared: &Shared, mut response: Response) -> Response {
    let date = shared.clock.now().http_date();
    if let Some(Ok(date)) = date.as_deref().map(HeaderValue::from_str) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

fn closing_if_unread(mut response: Response) -> Response {
    let unread = [StatusCode::PAYLOAD_TOO_LARGE, StatusCode::REQUEST_TIMEOUT];
    if unread.contains(&response.status()) {
        // The rest of the body stays unread, so no other request can come this way.
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(length: Option<u64>, body: Body) -> Request {
        let mut request = Request::new(body);
        if let Some(length) = length {
            request
                .headers_mut()
                .insert(header::CONTENT_LENGTH, length.into());
        }
        request
    }

    /// Time goes by as soon as nobody has anything to do.
    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let endless = Body::new(Endless);
        let refusal = read(request(None, endless)).await.unwrap_err();
        assert_eq!(refusal.status(), StatusCode::REQUEST_TIMEOUT);
        let refusal = closing_if_unread(refusal);
        assert_eq!(refusal.headers()[header::CONNECTION], "close");
    }

    #[tokio::test]
    async fn a_length_is_believed() {
        let most = request(Some(LONGEST_BODY), Body::from("{}"));
        assert_eq!(read(most).await.unwrap().1, "{}");
        let more = request(Some(LONGEST_BODY + 1), Body::from("{}"));
        let refusal = read(more).await.unwrap_err();
        assert_eq!(refusal.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }

    struct Endless;

    impl hyper::body::Body for Endless {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Self::Error>>> {
            std::task::Poll::Pending
        }
    }
}
