//! The accept loop: connections come in, unless nobody is let in for a while.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

use crate::faults::{Line, Wire};

/// Long enough not to spin when the system is short of something.
const BREATH: Duration = Duration::from_millis(10);
const BACKLOG: u32 = 1024;
/// Of the head of a request, and of what is read ahead.
const LONGEST_HEAD: usize = 128 * 1024;
/// For the head of a request, and so also for a connection that nothing comes over.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// The handle of the accept loop.
#[derive(Debug)]
pub(crate) struct Door {
    orders: UnboundedSender<Order>,
    traffic: Arc<Traffic>,
    closing: watch::Sender<bool>,
}

/// The end of the accept loop.
pub(crate) struct Orders {
    orders: UnboundedReceiver<Order>,
    traffic: Arc<Traffic>,
    closing: Closing,
}

/// Becomes true, and stays so, when the server is to end.
type Closing = watch::Receiver<bool>;

#[derive(Debug, Default)]
struct Traffic {
    open: AtomicUsize,
    accepted: AtomicU64,
}

enum Order {
    /// Refuses connections for a time, and says when that has begun.
    Close(Duration, Done),
    /// Lets them in again before that time is over, and says when they are.
    Open(Done),
}

type Done = Box<dyn FnOnce() + Send>;

impl Door {
    pub(crate) fn new() -> (Self, Orders) {
        let (sender, receiver) = unbounded_channel();
        let traffic = Arc::<Traffic>::default();
        let (closing, is_closing) = watch::channel(false);
        let door = Self {
            orders: sender,
            traffic: Arc::clone(&traffic),
            closing,
        };
        let orders = Orders {
            orders: receiver,
            traffic,
            closing: is_closing,
        };
        (door, orders)
    }

    /// Ends as soon as connections are refused.
    pub(crate) async fn refuse(&self, during: Duration) {
        self.order(|done| Order::Close(during, done)).await;
    }

    /// Ends as soon as connections are accepted.
    pub(crate) async fn open(&self) {
        self.order(Order::Open).await;
    }

    async fn order(&self, order: impl FnOnce(Done) -> Order) {
        let (sender, done) = oneshot::channel();
        let tell = Box::new(move || {
            let _ = sender.send(());
        });
        let _ = self.orders.send(order(tell));
        let _ = done.await;
    }

    /// The same for callers outside of the server.
    pub(crate) fn refuse_now(&self, during: Duration) {
        self.wait(|done| Order::Close(during, done));
    }

    /// The same for callers outside of the server.
    pub(crate) fn open_now(&self) {
        self.wait(Order::Open);
    }

    fn wait(&self, order: impl FnOnce(Done) -> Order) {
        let (sender, done) = mpsc::channel();
        let tell = Box::new(move || {
            let _ = sender.send(());
        });
        let _ = self.orders.send(order(tell));
        let _ = done.recv();
    }

    /// Begins the end of the server: no connection is accepted, and each open one ends with the request that it
    /// carries now.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }

    pub(crate) fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    pub(crate) fn open_connections(&self) -> usize {
        self.traffic.open.load(Ordering::SeqCst)
    }

    pub(crate) fn accepted_connections(&self) -> u64 {
        self.traffic.accepted.load(Ordering::SeqCst)
    }
}

/// Serves until the door is closed and the last connection has ended. Every connection is a task, and ends with the
/// runtime at the latest.
pub(crate) async fn serve(
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    orders: Orders,
    connections: usize,
) {
    let places = Arc::new(Semaphore::new(connections));
    let mut closing = orders.closing.clone();
    tokio::select! {
        () = accept_all(listener, address, &places, router, orders) => {}
        () = closed(&mut closing) => {}
    }
    let all = u32::try_from(connections).unwrap_or(u32::MAX);
    let _ = places.acquire_many(all).await;
}

/// Ends when the server is to end, also when nobody is left who could say so.
async fn closed(closing: &mut Closing) {
    let _ = closing.wait_for(|is_closing| *is_closing).await;
}

/// Accepts for ever.
async fn accept_all(
    mut listener: TcpListener,
    address: SocketAddr,
    places: &Arc<Semaphore>,
    router: Router,
    mut orders: Orders,
) {
    loop {
        let order = tokio::select! {
            accepted = accept(&listener, places) => {
                match accepted {
                    Ok((stream, place)) => admit(stream, place, &router, &orders),
                    Err(_) => tokio::time::sleep(BREATH).await,
                }
                continue;
            }
            Some(order) = orders.orders.recv() => order,
        };
        match order {
            Order::Open(done) => done(),
            Order::Close(during, done) => {
                admit_waiting(&listener, places, &router, &orders).await;
                drop(listener);
                // Bound, but not listening: nobody is let in, and nobody else gets the port.
                let reserved = bind(address);
                done();
                let opened = stay_closed(during, &mut orders.orders).await;
                listener = reopen(reserved, address).await;
                if let Some(done) = opened {
                    done();
                }
            }
        }
    }
}

/// The next connection, as soon as there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await;
    let place = place.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

/// For these clients the connection is open already.
async fn admit_waiting(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    router: &Router,
    orders: &Orders,
) {
    poll_fn(|cx| {
        while let Ok(place) = Arc::clone(places).try_acquire_owned()
            && let Poll::Ready(Ok((stream, _))) = listener.poll_accept(cx)
        {
            admit(stream, place, router, orders);
        }
        Poll::Ready(())
    })
    .await;
}

/// Until the time is over, or somebody wants to be told that it is.
async fn stay_closed(during: Duration, orders: &mut UnboundedReceiver<Order>) -> Option<Done> {
    let mut end = std::pin::pin!(tokio::time::sleep(during));
    loop {
        tokio::select! {
            () = &mut end => return None,
            Some(order) = orders.recv() => match order {
                Order::Open(done) => return Some(done),
                Order::Close(during, done) => {
                    end.set(tokio::time::sleep(during));
                    done();
                }
            },
        }
    }
}

/// Connections of before may still use the port, which is no reason not to listen there again.
fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // On Windows this is not needed, and means that others may take the port.
    socket.set_reuseaddr(cfg!(not(windows)))?;
    socket.bind(address)?;
    Ok(socket)
}

async fn reopen(reserved: io::Result<TcpSocket>, address: SocketAddr) -> TcpListener {
    let mut socket = reserved;
    loop {
        if let Ok(listener) = socket.and_then(|socket| socket.listen(BACKLOG)) {
            return listener;
        }
        tokio::time::sleep(BREATH).await;
        socket = bind(address);
    }
}

/// One that is counted as open until it is dropped.
struct Counted {
    traffic: Arc<Traffic>,
    _place: OwnedSemaphorePermit,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.traffic.open.fetch_sub(1, Ordering::SeqCst);
    }
}

fn admit(stream: TcpStream, place: OwnedSemaphorePermit, router: &Router, orders: &Orders) {
    // What is written piece by piece is sent so.
    let _ = stream.set_nodelay(true);
    let traffic = Arc::clone(&orders.traffic);
    traffic.accepted.fetch_add(1, Ordering::SeqCst);
    traffic.open.fetch_add(1, Ordering::SeqCst);
    let counted = Counted {
        traffic,
        _place: place,
    };
    let service = TowerToHyperService::new(router.clone());
    let line = Line::default();
    let wire = Wire::new(stream, line.clone());
    let own = line.clone();
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(line.clone());
        service.call(request)
    });
    let mut closing = orders.closing.clone();
    tokio::spawn(async move {
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_buf_size(LONGEST_HEAD)
            .serve_connection(TokioIo::new(wire), service);
        let mut connection = pin!(connection);
        let served = async {
            // Errors are the client's, or were ordered.
            tokio::select! {
                _ = connection.as_mut() => {}
                () = closed(&mut closing) => {
                    connection.as_mut().graceful_shutdown();
                    let _ = connection.await;
                }
            }
        };
        tokio::select! {
            () = served => {}
            () = own.is_cut() => {}
        }
        drop(counted);
    });
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    async fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    #[tokio::test]
    async fn a_connection_waits_for_its_place() {
        let (listener, address) = listener().await;
        let places = Arc::new(Semaphore::new(1));
        let _first = TcpStream::connect(address).await.unwrap();
        let _second = TcpStream::connect(address).await.unwrap();
        let (_, place) = accept(&listener, &places).await.unwrap();
        let mut next = std::pin::pin!(accept(&listener, &places));
        let is_waiting = tokio::select! {
            biased;
            _ = &mut next => false,
            () = tokio::task::yield_now() => true,
        };
        assert!(is_waiting);
        drop(place);
        drop(next.await.unwrap());
    }

    /// Time goes by as soon as nobody has anything to do.
    #[tokio::test(start_paused = true)]
    async fn half_a_head_and_silence_come_to_an_end() {
        for sent in ["", "GET / HTTP/1.1\r\nHost"] {
            let (listener, address) = listener().await;
            let (_door, orders) = Door::new();
            let server = tokio::spawn(serve(listener, address, Router::new(), orders, 1));
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(sent.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            assert!(answer.is_empty());
            server.abort();
        }
    }
}
