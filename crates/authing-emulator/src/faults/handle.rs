//! What a test says to the fault layer.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{FaultKind, Faults};
use crate::emulator::Emulator;

impl Emulator {
    /// Misbehaves by this plan from now on, and by no other. What was counted for the rules before is forgotten.
    pub fn set_faults(&self, plan: Faults) {
        self.shared.faults.set(plan);
    }

    /// Behaves again, and lets connections in again. What has been ordered for requests that are under way goes on,
    /// and tokens that have expired stay so.
    pub fn clear_faults(&self) {
        self.set_faults(Faults::default());
        self.shared.door.open_now();
    }

    /// The plan that is in force; without rules if there is none.
    pub fn faults(&self) -> Faults {
        self.shared.faults.plan()
    }

    /// How often each fault has struck since the emulator started. A kind that never did is not there.
    ///
    /// ```
    /// use authing_emulator::{Emulator, Fault, FaultKind, Faults, Rule};
    /// use std::io::{Read as _, Write as _};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let emulator = Emulator::start()?;
    /// emulator.set_faults(Faults::seeded(1).rule(Rule::new(Fault::server_error(503)).on("/nowhere")));
    ///
    /// let mut stream = std::net::TcpStream::connect(emulator.url().trim_start_matches("http://"))?;
    /// stream.write_all(b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
    /// let mut answer = String::new();
    /// stream.read_to_string(&mut answer)?;
    /// assert!(answer.starts_with("HTTP/1.1 503 "));
    /// assert_eq!(emulator.faults_injected()[&FaultKind::ServerError], 1);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn faults_injected(&self) -> BTreeMap<FaultKind, u64> {
        self.shared.faults.injected()
    }

    /// Closes the listener for a time: until it is over, or [`clear_faults`](Self::clear_faults) is called, who
    /// connects is refused. Connections that are open go on. On return this has begun.
    ///
    /// ```
    /// use authing_emulator::Emulator;
    /// use std::net::TcpStream;
    /// use std::time::Duration;
    ///
    /// # fn main() -> Result<(), authing_emulator::StartError> {
    /// let emulator = Emulator::start()?;
    /// let address = emulator.url().trim_start_matches("http://");
    /// emulator.refuse_connections(Duration::from_secs(60));
    /// assert!(TcpStream::connect(address).is_err());
    /// emulator.clear_faults();
    /// assert!(TcpStream::connect(address).is_ok());
    /// # Ok(())
    /// # }
    /// ```
    pub fn refuse_connections(&self, during: Duration) {
        self.shared.door.refuse_now(during);
    }
}
