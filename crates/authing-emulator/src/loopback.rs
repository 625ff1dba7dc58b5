//! Which names are this machine itself.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpStream;

const LOOPBACK: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::LOCALHOST),
    IpAddr::V6(Ipv6Addr::LOCALHOST),
];

/// Whether this is a name or an address of this machine itself, with the brackets of an IPv6 address or without:
/// `localhost` and the names below it (RFC 6761, 6.3). Names have no case, and may end with a dot.
pub(crate) fn is_loopback(host: &str) -> bool {
    if let Ok(address) = without_brackets(host).parse::<IpAddr>() {
        return address.is_loopback();
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    name.rsplit('.')
        .next()
        .is_some_and(|label| label.eq_ignore_ascii_case("localhost"))
}

/// Connects to the host of an address. A name of this machine leads here whatever the system says: it need not know
/// those below `localhost`, and must not look for them elsewhere.
pub(crate) async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let bare = without_brackets(host);
    if bare.parse::<IpAddr>().is_err() && is_loopback(bare) {
        let here = LOOPBACK.map(|ip| SocketAddr::new(ip, port));
        return TcpStream::connect(&here[..]).await;
    }
    TcpStream::connect((bare, port)).await
}

/// The address of `[::1]`, as a URL has it.
fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_of_this_machine() {
        for own in [
            "127.0.0.1",
            "127.9.9.9",
            "::1",
            "[::1]",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "app.localhost",
            "a.b.LocalHost.",
        ] {
            assert!(is_loopback(own), "{own}");
        }
        for other in [
            "",
            ".",
            "[",
            "example.com",
            "localhost.example.com",
            "notlocalhost",
            "app.notlocalhost",
            "localhost..",
            "127.0.0.1.example.com",
            "127.0.0.1.",
            "192.0.2.1",
            "[2001:db8::1]",
        ] {
            assert!(!is_loopback(other), "{other}");
        }
    }
}
