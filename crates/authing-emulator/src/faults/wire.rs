//! The bytes of an answer on their way out, and what can happen to them there.
//!
//! A client sends its next request after the answer to the last one. So what is written after an order, and before
//! the next request, belongs to the answer that the order is about.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::Sleep;

use crate::patient::Patient;

/// What happens to the bytes of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Injury {
    Reset,
    ResetInBody,
    CloseInBody,
    SlowHead { bytes: usize, pause: Duration },
    SlowBody { bytes: usize, pause: Duration },
    Duplicate,
}

/// An injury to an answer whose body has this many bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Damage {
    pub(super) injury: Injury,
    pub(super) body: usize,
}

/// How a request reaches the connection that it came by.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line(Arc<Ordered>);

#[derive(Debug, Default)]
struct Ordered {
    damage: Mutex<Option<Damage>>,
    deaf: AtomicBool,
    cut: Notify,
}

impl Line {
    /// For the answer that is written next.
    pub(super) fn order(&self, damage: Damage) {
        *self.damage() = Some(damage);
    }

    /// From now on the connection takes notice of nothing but its end.
    pub(super) fn stop_listening(&self) {
        self.0.deaf.store(true, Ordering::SeqCst);
    }

    /// Ends the connection, whatever it does.
    pub(crate) fn cut(&self) {
        self.0.cut.notify_one();
    }

    /// Ends when the connection has to end.
    pub(crate) async fn is_cut(&self) {
        self.0.cut.notified().await;
    }

    fn damage(&self) -> MutexGuard<'_, Option<Damage>> {
        let damage = &self.0.damage;
        damage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that does as its [`Line`] says.
pub(crate) struct Wire {
    stream: Patient<TcpStream>,
    line: Line,
    work: Work,
}

enum Work {
    /// All goes straight through.
    None,
    /// The answer is kept back until it is whole.
    Keeping(Damage, Vec<u8>),
    Playing(VecDeque<Step>),
}

enum Step {
    Write(Bytes),
    Wait(Pin<Box<Sleep>>),
    Pause(Duration),
    Reset,
    Close,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, line: Line) -> Self {
        Self {
            stream: Patient::new(stream),
            line,
            work: Work::None,
        }
    }

    /// Takes bytes of an answer that is damaged; false when there is none.
    fn keep(&mut self, parts: &[IoSlice<'_>]) -> bool {
        if let (Work::None, Some(damage)) = (&self.work, self.line.damage().take()) {
            self.work = Work::Keeping(damage, Vec::new());
        }
        let Work::Keeping(damage, kept) = &mut self.work else {
            return false;
        };
        for part in parts {
            kept.extend_from_slice(part);
        }
        if let Some(steps) = script(*damage, kept) {
            self.work = Work::Playing(steps);
        }
        true
    }

    /// Reads for the end of the connection only: hyper would not see it behind a request that it cannot answer yet.
    fn ignore(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut bytes = [0; 1024];
        loop {
            let mut buffer = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }

    /// Until all that was ordered is done.
    fn play(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Work::Playing(steps) = &mut self.work else {
            return Poll::Ready(Ok(()));
        };
        while let Some(step) = steps.front_mut() {
            match step {
                Step::Write(bytes) => {
                    let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
                    let _ = bytes.split_to(written);
                    if !bytes.is_empty() {
                        continue;
                    }
                }
                Step::Pause(pause) => {
                    *step = Step::Wait(Box::pin(tokio::time::sleep(*pause)));
                    continue;
                }
                Step::Wait(sleep) => ready!(sleep.as_mut().poll(cx)),
                // The connection is dropped because of the error, and then the system resets it.
                Step::Reset => {
                    self.stream.stream.set_zero_linger()?;
                    return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
                }
                Step::Close => {
                    ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
                    return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
                }
            }
            steps.pop_front();
        }
        self.work = Work::None;
        Poll::Ready(Ok(()))
    }
}

/// What is to be done with an answer; nothing as long as it is not whole.
fn script(damage: Damage, answer: &[u8]) -> Option<VecDeque<Step>> {
    if damage.injury == Injury::Reset {
        return Some([Step::Reset].into());
    }
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    if answer.len() < end + damage.body {
        return None;
    }
    let answer = Bytes::copy_from_slice(answer);
    // An answer without a body is cut in its head.
    let middle = match damage.body {
        0 => end / 2,
        body => end + body / 2,
    };
    let cut = Step::Write(answer.slice(..middle));
    let head = answer.slice(..end);
    let body = answer.slice(end..);
    Some(match damage.injury {
        Injury::Reset => [Step::Reset].into(),
        Injury::ResetInBody => [cut, Step::Reset].into(),
        Injury::CloseInBody => [cut, Step::Close].into(),
        // Together, so that both are there when the client reads the first.
        Injury::Duplicate => [Step::Write(Bytes::from(answer.repeat(2)))].into(),
        Injury::SlowHead { bytes, pause } => drip(head, bytes, pause)
            .chain([Step::Write(body)])
            .collect(),
        Injury::SlowBody { bytes, pause } => [Step::Write(head)]
            .into_iter()
            .chain(drip(body, bytes, pause))
            .collect(),
    })
}

fn drip(whole: Bytes, size: usize, pause: Duration) -> impl Iterator<Item = Step> {
    let size = size.max(1);
    (0..whole.len()).step_by(size).flat_map(move |start| {
        let end = start.saturating_add(size).min(whole.len());
        [Step::Pause(pause), Step::Write(whole.slice(start..end))]
    })
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.line.0.deaf.load(Ordering::SeqCst) {
            return self.ignore(cx);
        }
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.play(cx))?;
        if self.keep(&[IoSlice::new(bytes)]) {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.play(cx))?;
        if self.keep(parts) {
            return Poll::Ready(Ok(parts.iter().map(|part| part.len()).sum()));
        }
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.play(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.play(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n{\"id\":1}";
    const BODY: usize = 8;

    /// The steps as text: what is written in quotes, what else is done by its name.
    fn played(injury: Injury, body: usize, answer: &[u8]) -> Option<Vec<String>> {
        let steps = script(Damage { injury, body }, answer)?;
        let name = |step| match step {
            Step::Write(bytes) => format!("{:?}", String::from_utf8(bytes.to_vec()).unwrap()),
            Step::Wait(_) | Step::Pause(_) => "pause".to_owned(),
            Step::Reset => "reset".to_owned(),
            Step::Close => "close".to_owned(),
        };
        Some(steps.into_iter().map(name).collect())
    }

    #[test]
    fn scripts() {
        let head = r#""HTTP/1.1 200 OK\r\nA: b\r\n\r\n""#;
        let cut = r#""HTTP/1.1 200 OK\r\nA: b\r\n\r\n{\"id""#;
        let whole = r#""HTTP/1.1 200 OK\r\nA: b\r\n\r\n{\"id\":1}""#;
        let twice = [whole, whole].concat().replace("\"\"", "");
        let body = r#""{\"id\":1}""#;
        let pause = Duration::ZERO;
        for (injury, steps) in [
            (Injury::Reset, vec!["reset"]),
            (Injury::ResetInBody, vec![cut, "reset"]),
            (Injury::CloseInBody, vec![cut, "close"]),
            (Injury::Duplicate, vec![&twice]),
            (
                Injury::SlowBody { bytes: 3, pause },
                vec![
                    head,
                    "pause",
                    r#""{\"i""#,
                    "pause",
                    r#""d\":""#,
                    "pause",
                    r#""1}""#,
                ],
            ),
            (
                Injury::SlowHead { bytes: 20, pause },
                vec![
                    "pause",
                    r#""HTTP/1.1 200 OK\r\nA: ""#,
                    "pause",
                    r#""b\r\n\r\n""#,
                    body,
                ],
            ),
        ] {
            assert_eq!(played(injury, BODY, ANSWER).unwrap(), steps, "{injury:?}");
        }
        let drops = played(Injury::SlowBody { bytes: 0, pause }, BODY, ANSWER);
        assert_eq!(drops.unwrap().len(), 1 + 2 * BODY);
    }

    #[test]
    fn an_answer_is_kept_until_it_is_whole() {
        for end in 0..ANSWER.len() {
            assert_eq!(played(Injury::Duplicate, BODY, &ANSWER[..end]), None);
        }
        assert!(played(Injury::Reset, BODY, b"").is_some());
    }

    #[test]
    fn without_a_body_the_head_is_cut() {
        let head = &ANSWER[..ANSWER.len() - BODY];
        let steps = played(Injury::CloseInBody, 0, head).unwrap();
        assert_eq!(steps, [r#""HTTP/1.1 200""#, "close"]);
    }
}
