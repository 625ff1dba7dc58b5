//! The connections that are kept: nothing is sent twice, nothing is taken for
//! the answer to something else, nothing leaks.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use authing::HttpTransport;
use authing_tests::clients::Backend;
use authing_tests::raw::{RawServer, answer, read_request};
use authing_tests::{both_transports, transport_with};
use bytes::Bytes;
use tokio::io::AsyncWriteExt;

both_transports!(
    nothing_is_sent_twice_when_servers_close_instead_of_answering,
    nothing_is_sent_twice_when_servers_close_as_it_arrives,
    an_idle_connection_is_closed_in_time,
    a_late_answer_is_not_taken_for_the_next,
    an_answer_doubled_at_once_is_not_taken_for_the_next,
    a_connection_that_changed_its_protocol_is_not_used_again,
    calls_dropped_at_any_point_leave_nothing,
);

fn request(url: &str, body: String) -> http::Request<Bytes> {
    http::Request::post(url).body(Bytes::from(body)).unwrap()
}

async fn send(transport: &Arc<dyn HttpTransport>, url: &str, body: String) -> Option<Bytes> {
    let answer = transport.send(request(url, body));
    let answer = tokio::time::timeout(Duration::from_secs(120), answer);
    let answer = answer.await.expect("a call hangs for ever").ok()?;
    Some(answer.into_body())
}

fn body_of(request: &str) -> String {
    request.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// How often each body was read to its end.
type Seen = Arc<Mutex<HashMap<String, usize>>>;

/// Sends bodies that are all different, some at a time; each must be read once
/// at most, and those that were answered exactly once.
async fn none_is_seen_twice(backend: Backend, server: &RawServer, seen: &Seen) {
    let transport = backend.transport().unwrap();
    let tasks = (0..4).map(|task| {
        let (transport, url) = (Arc::clone(&transport), server.url().to_owned());
        tokio::spawn(async move {
            let mut answered = Vec::new();
            for number in 0..250 {
                let body = format!("{task}-{number}");
                match send(&transport, &url, body.clone()).await {
                    Some(answer) => {
                        assert_eq!(answer, body.as_bytes(), "the answer to something else");
                        answered.push(body);
                    }
                    None => tokio::time::sleep(Duration::from_millis(1)).await,
                }
            }
            answered
        })
    });
    let mut answered = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        answered.extend(task.await.unwrap());
    }
    let seen = seen.lock().unwrap();
    let doubled: Vec<_> = seen.iter().filter(|(_, times)| **times > 1).collect();
    assert!(doubled.is_empty(), "sent twice: {doubled:?}");
    assert!(answered.iter().all(|body| seen[body] == 1));
    // It is about connections that are used again, and about failures. How many
    // depends on the machine.
    assert!((1..1000).contains(&answered.len()), "{}", answered.len());
    assert!(server.connections() < 1000, "{}", server.connections());
}

async fn nothing_is_sent_twice_when_servers_close_instead_of_answering(backend: Backend) {
    let seen = Seen::default();
    let (record, turns) = (Arc::clone(&seen), AtomicUsize::new(0));
    let server = RawServer::start(move |mut stream| {
        let record = Arc::clone(&record);
        // After none, one, two or three answers the connection breaks.
        let good = turns.fetch_add(1, Ordering::SeqCst) % 4;
        Box::pin(async move {
            for turn in 0.. {
                let Some(request) = read_request(&mut stream).await? else {
                    break;
                };
                let body = body_of(&request);
                *record.lock().unwrap().entry(body.clone()).or_default() += 1;
                if turn == good {
                    break;
                }
                stream.write_all(answer("200 OK", &body).as_bytes()).await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
    none_is_seen_twice(backend, &server, &seen).await;
}

async fn nothing_is_sent_twice_when_servers_close_as_it_arrives(backend: Backend) {
    let seen = Seen::default();
    let (record, turns) = (Arc::clone(&seen), AtomicUsize::new(0));
    let server = RawServer::start(move |mut stream| {
        let record = Arc::clone(&record);
        let patience = Duration::from_micros(turns.fetch_add(1, Ordering::SeqCst) as u64 % 50 * 40);
        Box::pin(async move {
            // What was read in part counts too, if the server looks once more.
            let mut first = true;
            loop {
                let request = read_request(&mut stream);
                let request = match first {
                    true => request.await?,
                    false => match tokio::time::timeout(patience, request).await {
                        Ok(request) => request?,
                        Err(_) => break,
                    },
                };
                first = false;
                let Some(request) = request else { break };
                let body = body_of(&request);
                *record.lock().unwrap().entry(body.clone()).or_default() += 1;
                stream.write_all(answer("200 OK", &body).as_bytes()).await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
    let transport = backend.transport().unwrap();
    let mut answered = 0;
    for number in 0..600 {
        let body = number.to_string();
        let call = send(&transport, server.url(), body.clone());
        match tokio::time::timeout(Duration::from_secs(5), call).await {
            Ok(Some(answer)) => {
                assert_eq!(answer, body.as_bytes());
                answered += 1;
            }
            Ok(None) => {}
            // hyper may lose a request that is handed over in the very moment
            // the connection ends: it waits until its caller's time is up. It
            // was not sent, at least.
            Err(_) => assert_eq!(seen.lock().unwrap().get(&body), None),
        }
        // Comes before, while and after the server closes.
        tokio::time::sleep(Duration::from_micros(number % 40 * 50)).await;
    }
    let seen = seen.lock().unwrap();
    assert!(seen.values().all(|times| *times == 1), "{seen:?}");
    // How many depends on the machine.
    assert!(answered > 0);
}

async fn an_idle_connection_is_closed_in_time(backend: Backend) {
    let server = RawServer::answering(answer("200 OK", "")).await.unwrap();
    let patient = backend.transport().unwrap();
    let hasty = transport_with!(backend, |builder| builder
        .pool_idle_timeout(Duration::from_millis(200)))
    .unwrap();
    send(&patient, server.url(), String::new()).await.unwrap();
    send(&hasty, server.url(), String::new()).await.unwrap();
    assert_eq!(server.connections(), 2);
    server.shrinks_to(1).await;
    assert_eq!(server.open(), 1, "the other one is kept");
}

/// A server that sends each request's body back, as `form` writes it.
async fn echo(wait: Duration, form: fn(&str) -> String) -> RawServer {
    RawServer::start(move |mut stream| {
        Box::pin(async move {
            while let Some(request) = read_request(&mut stream).await? {
                tokio::time::sleep(wait).await;
                let text = form(&body_of(&request));
                stream.write_all(text.as_bytes()).await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap()
}

fn once(body: &str) -> String {
    answer("200 OK", body)
}

async fn a_late_answer_is_not_taken_for_the_next(backend: Backend) {
    let server = echo(Duration::from_millis(50), once).await;
    let transport = backend.transport().unwrap();
    for number in 0..20 {
        let dropped = transport.send(request(server.url(), format!("dropped {number}")));
        let limit = Duration::from_millis(number * 5);
        let outcome = tokio::time::timeout(limit, dropped).await;
        assert!(number > 0 || outcome.is_err());
        let body = format!("kept {number}");
        let answer = send(&transport, server.url(), body.clone()).await;
        assert_eq!(answer.unwrap(), body.as_bytes());
    }
}

/// What comes only after the next request has left cannot be told from its
/// answer in HTTP/1.1; over HTTP/2 answers have numbers.
async fn an_answer_doubled_at_once_is_not_taken_for_the_next(backend: Backend) {
    let forms: [fn(&str) -> String; 5] = [
        |body| once(body) + &once("doubled"),
        |body| once(body) + &once("doubled").repeat(1000),
        |body| once(body) + "HTTP/1.1 200 OK\r\n",
        |body| once(body) + "x",
        |body| {
            let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
            format!("{head}{:x}\r\n{body}\r\n0\r\n\r\n", body.len()) + &once("doubled")
        },
    ];
    for form in forms {
        let server = echo(Duration::ZERO, form).await;
        let transport = backend.transport().unwrap();
        for number in 0..100 {
            let body = format!("number {number}");
            let answer = send(&transport, server.url(), body.clone()).await;
            assert_eq!(answer.unwrap(), body.as_bytes());
        }
        assert_eq!(server.connections(), 100);
    }
}

async fn a_connection_that_changed_its_protocol_is_not_used_again(backend: Backend) {
    let switching =
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: h9\r\nconnection: upgrade\r\n\r\n";
    let server = RawServer::answering(switching).await.unwrap();
    let transport = backend.transport().unwrap();
    for connections in 1..4 {
        let answer = transport.send(request(server.url(), String::new()));
        assert_eq!(answer.await.unwrap().status(), 101);
        assert_eq!(server.connections(), connections);
    }
    server.shrinks_to(0).await;
}

async fn calls_dropped_at_any_point_leave_nothing(backend: Backend) {
    let server = echo(Duration::from_millis(2), once).await;
    let transport = transport_with!(backend, |builder| builder
        .pool_idle_timeout(Duration::from_millis(500)))
    .unwrap();
    let ends = Arc::new(AtomicUsize::new(0));
    for polls in 0..60 {
        let mut call = Box::pin(transport.send(request(server.url(), "dropped".to_owned())));
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..polls {
            if let Poll::Ready(outcome) = call.as_mut().poll(&mut context) {
                outcome.unwrap();
                ends.fetch_add(1, Ordering::SeqCst);
                break;
            }
            tokio::time::sleep(Duration::from_micros(100)).await;
        }
    }
    let calls = (0..200).map(|number| {
        let (transport, ends) = (Arc::clone(&transport), Arc::clone(&ends));
        let request = request(server.url(), "dropped".to_owned());
        tokio::spawn(async move {
            let limit = Duration::from_micros(number * 97 % 8000);
            if let Ok(outcome) = tokio::time::timeout(limit, transport.send(request)).await {
                outcome.unwrap();
                ends.fetch_add(1, Ordering::SeqCst);
            }
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    let ends = ends.load(Ordering::SeqCst);
    assert!(ends < 260, "no call was dropped");

    for number in 0..20 {
        let body = number.to_string();
        let answer = send(&transport, server.url(), body.clone()).await;
        assert_eq!(answer.unwrap(), body.as_bytes());
    }
    // No connection is kept beyond its time, though the transport lives.
    server.shrinks_to(0).await;
    drop(transport);
}

/// The system's table of connections tells whether a timer runs for one.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_system_asks_for_a_sign_of_life() {
    for backend in [Backend::Reqwest, Backend::Hyper] {
        let ports = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&ports);
        let server = RawServer::start(move |mut stream| {
            record
                .lock()
                .unwrap()
                .push(stream.peer_addr().unwrap().port());
            Box::pin(async move {
                read_request(&mut stream).await?;
                stream.write_all(once("").as_bytes()).await?;
                read_request(&mut stream).await.map(drop)
            })
        })
        .await
        .unwrap();
        let transport = backend.transport().unwrap();
        send(&transport, server.url(), String::new()).await.unwrap();
        let port = ports.lock().unwrap()[0];
        let mut timer = String::new();
        // The timer of the last acknowledgement is shown first.
        for _ in 0..2000 {
            timer = timer_of(port, server.address()).unwrap();
            if timer == "02" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(timer, "02", "{backend:?}: no keepalive");
    }
}

#[cfg(target_os = "linux")]
fn timer_of(port: u16, server: &str) -> io::Result<String> {
    let to: u16 = server.rsplit(':').next().unwrap().parse().unwrap();
    let table = std::fs::read_to_string("/proc/net/tcp")?;
    let line = table.lines().find_map(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let is_it = fields[1].ends_with(&format!(":{port:04X}"))
            && fields[2].ends_with(&format!(":{to:04X}"));
        is_it.then(|| fields[5].split(':').next().unwrap().to_owned())
    });
    line.ok_or_else(|| io::ErrorKind::NotFound.into())
}
