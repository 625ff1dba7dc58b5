//! The only place that asks the machine for the time.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::dates::Moment;

/// How the emulator's time follows from the machine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Pace {
    /// It runs, this many milliseconds ahead of the machine's.
    Ahead(i64),
    /// It stands still.
    Frozen(Moment),
}

impl Default for Pace {
    fn default() -> Self {
        Self::Ahead(0)
    }
}

/// Real time, turned or stopped.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    pace: Mutex<Pace>,
    turned: Notify,
}

impl Clock {
    pub(crate) fn now(&self) -> Moment {
        match self.pace() {
            Pace::Ahead(milliseconds) => self.real().plus(milliseconds),
            Pace::Frozen(at) => at,
        }
    }

    /// The time of everybody else, which nobody has turned.
    #[expect(clippy::unused_self, reason = "whoever asks for the time has a clock")]
    fn real(&self) -> Moment {
        #[expect(
            clippy::disallowed_methods,
            reason = "everything else takes its time from here"
        )]
        let real = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Moment::since_epoch(real)
    }

    pub(crate) fn pace(&self) -> Pace {
        *self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_pace(&self, pace: Pace) {
        self.turn(|_| pace);
    }

    pub(crate) fn is_frozen(&self) -> bool {
        matches!(self.pace(), Pace::Frozen(_))
    }

    pub(crate) fn advance(&self, by: Duration) {
        let by = Moment::since_epoch(by).milliseconds();
        self.turn(|pace| match pace {
            Pace::Ahead(milliseconds) => Pace::Ahead(milliseconds.saturating_add(by)),
            Pace::Frozen(at) => Pace::Frozen(at.plus(by)),
        });
    }

    /// From now on it is this time, whether the clock runs or not.
    pub(crate) fn set(&self, now: Moment) {
        let real = self.real().milliseconds();
        self.turn(|pace| match pace {
            Pace::Ahead(_) => Pace::Ahead(now.milliseconds().saturating_sub(real)),
            Pace::Frozen(_) => Pace::Frozen(now),
        });
    }

    pub(crate) fn freeze(&self) {
        let now = self.now();
        self.turn(|pace| match pace {
            Pace::Ahead(_) => Pace::Frozen(now),
            frozen @ Pace::Frozen(_) => frozen,
        });
    }

    /// Goes on from where it stood.
    pub(crate) fn unfreeze(&self) {
        let real = self.real().milliseconds();
        self.turn(|pace| match pace {
            Pace::Frozen(at) => Pace::Ahead(at.milliseconds().saturating_sub(real)),
            running @ Pace::Ahead(_) => running,
        });
    }

    /// Ends when this time has come, however it comes.
    pub(crate) async fn wait_until(&self, moment: Moment) {
        loop {
            // Asked for before the time is looked at, so that no turn is missed.
            let turned = self.turned.notified();
            let left = moment
                .milliseconds()
                .saturating_sub(self.now().milliseconds());
            let Some(left) = u64::try_from(left).ok().filter(|left| *left > 0) else {
                return;
            };
            match self.pace() {
                Pace::Frozen(_) => turned.await,
                Pace::Ahead(_) => {
                    tokio::select! {
                        () = turned => {}
                        () = tokio::time::sleep(Duration::from_millis(left)) => {}
                    }
                }
            }
        }
    }

    fn turn(&self, change: impl FnOnce(Pace) -> Pace) {
        {
            let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
            *pace = change(*pace);
        }
        self.turned.notify_waiters();
    }
}

/// The time of an emulator, for the clients under test: see [`Emulator::clock`](crate::Emulator::clock).
#[derive(Clone)]
pub struct EmulatorClock(Arc<Clock>);

impl EmulatorClock {
    pub(crate) fn new(clock: &Arc<Clock>) -> Self {
        Self(Arc::clone(clock))
    }

    /// The time on the emulator's clock, in whole milliseconds.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.0.now().system_time()
    }
}

impl fmt::Debug for EmulatorClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EmulatorClock").field(&self.now()).finish()
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

    #[test]
    fn stands_still_and_goes_on() {
        let clock = Clock::default();
        clock.set(Moment::from_seconds(1000));
        clock.freeze();
        let frozen = clock.now();
        assert!((1000..1100).contains(&frozen.seconds()), "it ran so far");
        clock.advance(Duration::from_millis(1500));
        assert_eq!(clock.now(), frozen.plus(1500));
        clock.set(Moment::from_seconds(500));
        clock.freeze();
        assert_eq!(clock.now(), Moment::from_seconds(500));
        clock.unfreeze();
        clock.unfreeze();
        assert!((500..600).contains(&clock.now().seconds()));
        assert!(matches!(clock.pace(), Pace::Ahead(_)));
    }

    #[tokio::test]
    async fn waits_for_a_frozen_clock_to_be_turned() {
        let clock = Clock::default();
        clock.freeze();
        let end = clock.now().plus(60_000);
        let wait = clock.wait_until(end);
        let turn = async {
            clock.advance(Duration::from_secs(59));
            tokio::task::yield_now().await;
            assert!(clock.now() < end);
            clock.advance(Duration::from_secs(1));
        };
        tokio::join!(wait, turn);
        assert_eq!(clock.now(), end);
    }
}
