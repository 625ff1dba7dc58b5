//! The only place that asks the machine for the time.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::dates::Moment;

/// Real time plus an offset that only grows.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset: Mutex<Duration>,
}

impl Clock {
    pub(crate) fn now(&self) -> Moment {
        let offset = *self.offset.lock().unwrap_or_else(PoisonError::into_inner);
        self.real().after(offset)
    }

    /// The time of everybody else, which nobody has turned.
    #[expect(clippy::unused_self, reason = "whoever asks for the time has a clock")]
    pub(crate) fn real(&self) -> Moment {
        #[expect(
            clippy::disallowed_methods,
            reason = "everything else takes its time from here"
        )]
        let real = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Moment::since_epoch(real)
    }

    pub(crate) fn advance(&self, by: Duration) {
        let mut offset = self.offset.lock().unwrap_or_else(PoisonError::into_inner);
        *offset = offset.saturating_add(by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advances() {
        let clock = Clock::default();
        let before = clock.now();
        clock.advance(Duration::from_secs(3600));
        assert!(clock.now().seconds() >= before.seconds() + 3600);
    }
}
