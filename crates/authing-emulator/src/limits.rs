//! What an emulator does at the most.

/// How much one request and all clients together may ask of an emulator. The defaults protect the machine that tests run
/// on; a load test can raise them.
///
/// ```
/// use authing_emulator::{Emulator, Limits};
///
/// # fn main() -> Result<(), authing_emulator::StartError> {
/// let mut limits = Limits::default();
/// limits.steps *= 10;
/// let emulator = Emulator::builder().limits(limits).start()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Connections that are served at once; more wait until one of these is closed. 1000 unless set.
    pub connections: usize,
    /// Records that one request goes through. 2,000,000 unless set. A password that is decrypted counts as 10,000, a
    /// field of a GraphQL document as 20. A request may always use 20 steps for each user of the pool.
    pub steps: u64,
    /// Bytes of one response. 16 MiB unless set, which is as much as the SDK reads. The control API has no such limit.
    pub response_bytes: u64,
    /// Bytes of all requests and responses that are on connections. 64 MiB unless set. When there are more, connections
    /// whose large message has been under way for the longest time are closed.
    pub bytes_in_flight: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1000,
            steps: 2_000_000,
            response_bytes: 16 * 1024 * 1024,
            bytes_in_flight: 64 * 1024 * 1024,
        }
    }
}

impl Limits {
    /// Sets the limit with this name: `connections`, `steps`, `response-bytes` or `bytes-in-flight`. False when there is
    /// no such limit, or the number is 0 or too large for it.
    pub fn set(&mut self, name: &str, value: u64) -> bool {
        let size = usize::try_from(value).ok().filter(|size| *size > 0);
        let Some(size) = size else {
            return false;
        };
        match name {
            // As many places as there can be.
            "connections" if size <= 1_000_000 => self.connections = size,
            "steps" => self.steps = value,
            "response-bytes" => self.response_bytes = value,
            "bytes-in-flight" => self.bytes_in_flight = size,
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_names() {
        let mut limits = Limits::default();
        for name in ["connections", "steps", "response-bytes", "bytes-in-flight"] {
            assert!(limits.set(name, 7), "{name}");
            assert!(!limits.set(name, 0), "{name}");
        }
        assert!(!limits.set("connections", u64::MAX) && !limits.set("step", 1));
        let all = (
            limits.connections,
            limits.steps,
            limits.response_bytes,
            limits.bytes_in_flight,
        );
        assert_eq!(all, (7, 7, 7, 7));
    }
}
