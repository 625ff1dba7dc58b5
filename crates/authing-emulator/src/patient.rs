//! A connection that waits for its client to read, and not for ever.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// Real time in which a client takes the next bytes, or the last ones.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// So many bytes, so that it is not enough to take one now and then.
const ENOUGH: usize = 64 * 1024;

/// Fails when the other side does not read.
#[derive(Debug)]
pub(crate) struct Patient<S> {
    pub(crate) stream: S,
    /// Runs while bytes wait for the client.
    end: Option<Pin<Box<Sleep>>>,
    /// Taken since it runs.
    taken: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Patient<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self {
            stream,
            end: None,
            taken: 0,
        }
    }

    fn watched(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(bytes)) => {
                self.taken = self.taken.saturating_add(*bytes);
                if self.taken >= ENOUGH {
                    self.rest();
                }
                written
            }
            Poll::Ready(Err(_)) => written,
            Poll::Pending => {
                let end = self.end.get_or_insert_with(|| {
                    self.taken = 0;
                    Box::pin(tokio::time::sleep(PATIENCE))
                });
                ready!(end.as_mut().poll(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }

    /// Nothing waits for the client.
    fn rest(&mut self) {
        self.end = None;
        self.taken = 0;
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watched(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.watched(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Asked for when all bytes are written.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.rest();
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Time goes by as soon as nobody has anything to do.
    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_is_given_up() {
        let (near, far) = tokio::io::duplex(10);
        let mut near = Patient::new(near);
        let error = near.write_all(&[0; 11]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        drop(far);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_takes_a_byte_now_and_then_is_given_up_too() {
        let (near, mut far) = tokio::io::duplex(10);
        let mut near = Patient::new(near);
        let drip = async {
            loop {
                tokio::time::sleep(Duration::from_secs(20)).await;
                far.read_u8().await.unwrap();
            }
        };
        let outcome = tokio::select! {
            outcome = near.write_all(&[0; 1000]) => outcome,
            () = drip => Ok(()),
        };
        assert_eq!(outcome.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_slow_gets_all_of_it() {
        const ALL: usize = 10 * ENOUGH;
        let (near, mut far) = tokio::io::duplex(ENOUGH);
        let mut near = Patient::new(near);
        let write = async { near.write_all(&[0; ALL]).await.unwrap() };
        let read = async {
            let mut buffer = vec![0; ENOUGH];
            for _ in 0..ALL / ENOUGH {
                tokio::time::sleep(Duration::from_secs(29)).await;
                far.read_exact(&mut buffer).await.unwrap();
            }
        };
        tokio::join!(write, read);
    }
}
