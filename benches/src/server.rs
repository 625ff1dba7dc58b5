//! The server, in a process of its own so that its instructions are not counted.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;

use crate::answers::Answers;

/// The argument that makes a binary of this package a server.
pub const SERVE: &str = "serve";

/// A server that ends with this value.
#[derive(Debug)]
pub struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Starts this same binary as a server.
    ///
    /// # Errors
    ///
    /// It cannot be started, or finds no free port.
    pub fn start() -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(SERVE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the server does not start")?;
        let mut url = String::new();
        let output = child.stdout.take().context("the server has no output")?;
        BufReader::new(output).read_line(&mut url)?;
        anyhow::ensure!(url.starts_with("http://"), "the server gave no address");
        let url = url.trim().to_owned();
        Ok(Self { child, url })
    }

    /// `http://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended before, and nobody is left to be told.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Is the server: prints its address, and answers until its input ends.
///
/// # Errors
///
/// There is no free port.
pub fn serve() -> anyhow::Result<()> {
    serve_with(Answers::new()?)
}

/// Is the server for other clients: it knows the schema too, as this file has
/// it in the shape of an answer.
///
/// # Errors
///
/// The file cannot be read, or there is no free port.
pub fn serve_peers(introspection: &str) -> anyhow::Result<()> {
    let answer = std::fs::read_to_string(introspection)
        .with_context(|| format!("{introspection} cannot be read"))?;
    serve_with(Answers::new()?.with_introspection(&answer))
}

#[expect(clippy::print_stdout, reason = "this is how the address is told")]
fn serve_with(answers: Answers) -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}", listener.local_addr()?);
    std::thread::spawn(move || {
        std::thread::scope(|scope| {
            for stream in listener.incoming().flatten() {
                scope.spawn(|| answer(stream, &answers));
            }
        });
    });
    // Whoever started it has gone when this ends.
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn answer(mut stream: TcpStream, answers: &Answers) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut request = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        request.extend_from_slice(buffer.get(..count).unwrap_or_default());
        if is_whole(&request) {
            stream.write_all(answers.to(&request))?;
            request.clear();
        }
    }
}

/// Whether head and body have come.
fn is_whole(request: &[u8]) -> bool {
    const END: &[u8] = b"\r\n\r\n";
    let Some(head) = request.windows(END.len()).position(|window| window == END) else {
        return false;
    };
    let (head, body) = request.split_at(head + END.len());
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|length| length.trim().parse().ok())
        .unwrap_or(0);
    body.len() >= length
}
