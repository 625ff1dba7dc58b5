//! Asking an emulator in another process whether it is well.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use crate::Outcome;

const PORT: u16 = 3000;
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn check(port: Option<u16>) -> Outcome {
    let port = port.unwrap_or(PORT);
    let status = ask(port).map_err(|error| format!("nobody answers on port {port}: {error}"))?;
    match status.contains(" 200 ") {
        true => Ok(()),
        false => Err(format!("it answers {status}").into()),
    }
}

/// The first line of the answer.
fn ask(port: u16) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&(Ipv4Addr::LOCALHOST, port).into(), PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(
        b"GET /_emulator/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}
