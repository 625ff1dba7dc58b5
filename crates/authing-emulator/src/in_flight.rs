//! The bytes of requests and responses that are on connections: few in all, whoever sends slowly or does not read.

use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::time::Sleep;

use crate::faults::Line;
use crate::patient::PATIENCE;
use crate::shared::Shared;

/// Enough for every task that is ready, many times.
const MOST_TURNS: usize = 1000;

/// Of all connections together.
#[derive(Debug)]
pub(crate) struct InFlight {
    most: usize,
    ledger: Mutex<Ledger>,
}

#[derive(Debug, Default)]
struct Ledger {
    /// Of those that may go on.
    total: usize,
    /// How many had to make room and are in memory until their connections end.
    leaving: usize,
    next: u64,
    /// By the order in which they began.
    messages: BTreeMap<u64, Message>,
}

#[derive(Debug)]
struct Message {
    bytes: usize,
    line: Line,
    is_leaving: bool,
}

/// A request or a response, for as long as its bytes are in memory.
#[derive(Debug)]
pub(crate) struct Held {
    of: Arc<InFlight>,
    number: u64,
}

impl InFlight {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            ledger: Mutex::default(),
        }
    }

    /// Begins with a message on this connection.
    fn hold(self: &Arc<Self>, line: &Line) -> Held {
        let mut ledger = self.ledger();
        let number = ledger.next;
        ledger.next += 1;
        let message = Message {
            bytes: 0,
            line: line.clone(),
            is_leaving: false,
        };
        ledger.messages.insert(number, message);
        Held {
            of: Arc::clone(self),
            number,
        }
    }

    /// Waits until those that had to make room have made it. To be asked before something large is made: connections
    /// that were told to end do so when it is their turn.
    pub(crate) async fn settled(&self) {
        for _ in 0..MOST_TURNS {
            if self.ledger().leaving == 0 {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// More bytes of it. When there are too many in all, others make room: those that take more than their share, and
    /// the one first that has had the longest time to be sent or read.
    fn grow(&self, bytes: usize) {
        let mut ledger = self.of.ledger();
        let own = ledger.messages.get_mut(&self.number);
        let Some(own) = own.filter(|own| !own.is_leaving) else {
            return;
        };
        own.bytes = own.bytes.saturating_add(bytes);
        ledger.total = ledger.total.saturating_add(bytes);
        while ledger.total > self.of.most {
            let share = ledger.total / ledger.messages.len().max(1);
            let mut others = ledger.messages.iter_mut();
            let victim = others.find(|(number, other)| {
                **number != self.number && !other.is_leaving && other.bytes >= share.max(1)
            });
            let Some((_, victim)) = victim else {
                return;
            };
            victim.is_leaving = true;
            victim.line.cut();
            let bytes = victim.bytes;
            ledger.total = ledger.total.saturating_sub(bytes);
            ledger.leaving += 1;
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut ledger = self.of.ledger();
        match ledger.messages.remove(&self.number) {
            Some(message) if message.is_leaving => ledger.leaving -= 1,
            Some(message) => ledger.total = ledger.total.saturating_sub(message.bytes),
            None => {}
        }
    }
}

/// Counts the bytes of a request and of its response.
pub(crate) async fn counted(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let line = request.extensions().get::<Line>().cloned();
    let line = line.unwrap_or_default();
    let read = Arc::new(shared.in_flight.hold(&line));
    let request = request.map(|body| {
        Body::new(Counted {
            body,
            held: Arc::clone(&read),
            end: None,
        })
    });
    shared.in_flight.settled().await;
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<IsCounted>() {
        Some(IsCounted) => response,
        None => count(&shared, &line, response).await,
    }
}

/// Of a response whose bytes are counted already.
#[derive(Clone)]
struct IsCounted;

/// Counts the bytes of a response as soon as it is made.
pub(crate) async fn count(shared: &Shared, line: &Line, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    // It is in memory already.
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let body = match bytes.is_empty() {
        true => Body::empty(),
        false => {
            let held = shared.in_flight.hold(line);
            held.grow(bytes.len());
            Body::from(Bytes::from_owner(Owned { bytes, _held: held }))
        }
    };
    parts.extensions.insert(IsCounted);
    Response::from_parts(parts, body)
}

/// The body of a request. It fails when nothing of it comes for a while.
struct Counted {
    body: Body,
    held: Arc<Held>,
    /// Runs while bytes are waited for.
    end: Option<Pin<Box<Sleep>>>,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if frame.is_pending() {
            let end = self
                .end
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(PATIENCE)));
            ready!(end.as_mut().poll(cx));
            let late = io::Error::from(io::ErrorKind::TimedOut);
            return Poll::Ready(Some(Err(axum::Error::new(late))));
        }
        self.end = None;
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.held.grow(data.len());
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of a response, also when the connection has it and has not written all of it.
struct Owned {
    bytes: Bytes,
    _held: Held,
}

impl AsRef<[u8]> for Owned {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the connection was told to end.
    async fn is_cut(line: &Line) -> bool {
        tokio::select! {
            biased;
            () = line.is_cut() => true,
            () = std::future::ready(()) => false,
        }
    }

    struct Endless;

    impl HttpBody for Endless {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            Poll::Pending
        }
    }

    /// Time goes by as soon as nobody has anything to do.
    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_fails() {
        let all = Arc::new(InFlight::new(100));
        let body = Body::new(Counted {
            body: Body::new(Endless),
            held: Arc::new(all.hold(&Line::default())),
            end: None,
        });
        assert!(to_bytes(body, usize::MAX).await.is_err());
    }

    #[tokio::test]
    async fn what_is_large_and_old_makes_room() {
        let all = Arc::new(InFlight::new(100));
        let lines: Vec<Line> = (0..4).map(|_| Line::default()).collect();
        let held: Vec<Held> = lines.iter().map(|line| all.hold(line)).collect();
        for (held, bytes) in held.iter().zip([1, 50, 40, 9]) {
            held.grow(bytes);
        }
        assert_eq!(all.ledger().total, 100);
        held[3].grow(1);
        assert_eq!(all.ledger().total, 51, "the small one and the new one stay");
        assert_eq!(all.ledger().leaving, 1);
        for (line, expected) in lines.iter().zip([false, true, false, false]) {
            assert_eq!(is_cut(line).await, expected);
        }
        // One alone may be larger than all may be together, as nobody else can make room for it.
        held[3].grow(1000);
        drop(held);
        all.settled().await;
        let ledger = all.ledger();
        assert_eq!((ledger.total, ledger.leaving), (0, 0));
        assert!(ledger.messages.is_empty());
    }
}
