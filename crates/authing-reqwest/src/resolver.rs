//! Where the names of this machine lead to.

use std::future::ready;
use std::net::SocketAddr;

use authing_core::__private::LOOPBACK;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Takes every name for one of this machine itself, and asks nobody (RFC 6761,
/// section 6.3): what is sent to them may be sent in plain HTTP.
pub(crate) struct ThisMachine;

impl Resolve for ThisMachine {
    fn resolve(&self, _: Name) -> Resolving {
        let addresses = LOOPBACK.map(|address| SocketAddr::from((address, 0)));
        let addresses: Addrs = Box::new(addresses.into_iter());
        Box::pin(ready(Ok(addresses)))
    }
}
