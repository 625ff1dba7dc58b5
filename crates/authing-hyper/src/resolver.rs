//! Where a name leads to.

use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use authing_core::__private::{LOOPBACK, is_loopback};
use authing_core::BoxFuture;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

/// Asks the system, except for the names of this machine itself (RFC 6761,
/// section 6.3): what is sent to them may be sent in plain HTTP.
#[derive(Clone)]
pub(crate) struct Resolver(GaiResolver);

impl Resolver {
    pub(crate) fn new() -> Self {
        Self(GaiResolver::new())
    }
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Self::Response>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let asked = (!is_loopback(name.as_str())).then(|| self.0.call(name));
        Box::pin(async move {
            let addresses: Vec<_> = match asked {
                Some(asked) => asked.await?.collect(),
                None => LOOPBACK
                    .map(|address| SocketAddr::from((address, 0)))
                    .into(),
            };
            Ok(addresses.into_iter())
        })
    }
}
