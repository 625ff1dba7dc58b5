//! Draws by a plan which requests are struck.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Fault, FaultKind, Faults, Rule, Timing};

/// What of a request the rules ask for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) operation: Option<&'a str>,
    pub(crate) tag: Option<&'a str>,
    pub(crate) has_bearer: bool,
}

/// A fault that was drawn for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Strike {
    pub(crate) fault: Fault,
    pub(crate) timing: Timing,
    /// Drawn from the range of a latency; zero for all else.
    wait: Duration,
}

impl Strike {
    /// Whether the operation is not carried out.
    pub(crate) fn prevents(&self) -> bool {
        let goes_on = matches!(self.fault, Fault::Latency { .. } | Fault::ExpiredToken);
        self.timing == Timing::Before && !goes_on
    }

    pub(crate) async fn pause(&self) {
        if !self.wait.is_zero() {
            tokio::time::sleep(self.wait).await;
        }
    }
}

/// The plan that is in force, and how far it has come.
#[derive(Debug, Default)]
pub(crate) struct Injector {
    active: Mutex<Active>,
}

#[derive(Debug, Default)]
struct Active {
    plan: Faults,
    /// One for each rule.
    progress: Vec<Progress>,
    /// How many requests came, by the hash of their tag and name.
    seen: HashMap<u64, u64>,
    /// Since the emulator started.
    injected: BTreeMap<FaultKind, u64>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    asked: u64,
    struck: u64,
}

impl Injector {
    pub(crate) fn set(&self, plan: Faults) {
        let mut active = self.active();
        active.progress = vec![Progress::default(); plan.rules.len()];
        active.plan = plan;
        active.seen.clear();
    }

    pub(crate) fn plan(&self) -> Faults {
        self.active().plan.clone()
    }

    /// False means that nothing is struck, so that nothing has to be found out about a request.
    pub(crate) fn has_rules(&self) -> bool {
        !self.active().plan.rules.is_empty()
    }

    pub(crate) fn injected(&self) -> BTreeMap<FaultKind, u64> {
        self.active().injected.clone()
    }

    pub(crate) fn strike(&self, arrival: Arrival<'_>) -> Option<Strike> {
        if arrival.path.starts_with("/_emulator/") {
            return None;
        }
        let mut active = self.active();
        let Active {
            plan,
            progress,
            seen,
            injected,
        } = &mut *active;
        let name = arrival.operation.unwrap_or(arrival.path);
        let key = Hash::of(plan.seed).option(arrival.tag).text(name);
        let number = seen.entry(key.0).or_default();
        *number += 1;
        let drawn = (0..).zip(&plan.rules).zip(progress);
        for ((index, rule), progress) in drawn {
            let concerned = rule.concerns(arrival.method, arrival.path, arrival.operation)
                && (arrival.has_bearer || rule.fault().kind() != FaultKind::ExpiredToken);
            if !concerned {
                continue;
            }
            let mut dice = fastrand::Rng::with_seed(key.number(*number).number(index).0);
            if progress.strikes(rule, &mut dice) {
                *injected.entry(rule.fault().kind()).or_default() += 1;
                return Some(Strike {
                    fault: rule.fault().clone(),
                    timing: rule.timing(),
                    wait: wait(rule.fault(), &mut dice),
                });
            }
        }
        None
    }

    fn active(&self) -> MutexGuard<'_, Active> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress {
    fn strikes(&mut self, rule: &Rule, dice: &mut fastrand::Rng) -> bool {
        self.asked += 1;
        let strikes = rule
            .every
            .is_none_or(|n| self.asked.is_multiple_of(n.max(1)))
            && rule.chance.is_none_or(|chance| dice.f64() < chance)
            && rule.times.is_none_or(|times| self.struck < times);
        self.struck += u64::from(strikes);
        strikes
    }
}

fn wait(fault: &Fault, dice: &mut fastrand::Rng) -> Duration {
    match fault {
        Fault::Latency { from, to } => {
            let more = to.saturating_sub(*from).mul_f64(dice.f64());
            from.saturating_add(more)
        }
        _ => Duration::ZERO,
    }
}

/// FNV-1a: the hashes of the standard library may differ from one release to the next.
#[derive(Debug, Clone, Copy)]
struct Hash(u64);

impl Hash {
    fn of(seed: u64) -> Self {
        Self(0xcbf2_9ce4_8422_2325).number(seed)
    }

    fn number(self, number: u64) -> Self {
        self.bytes(&number.to_le_bytes())
    }

    /// With an end, so that `ab` and `c` are not `a` and `bc`.
    fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes()).bytes(&[0xff])
    }

    fn option(self, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.bytes(&[1]).text(text),
            None => self.bytes(&[0]),
        }
    }

    fn bytes(self, bytes: &[u8]) -> Self {
        Self(bytes.iter().fold(self.0, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrival<'a>(operation: &'a str, tag: Option<&'a str>) -> Arrival<'a> {
        Arrival {
            method: "POST",
            path: "/graphql/v2",
            operation: Some(operation),
            tag,
            has_bearer: false,
        }
    }

    fn injector(plan: Faults) -> Injector {
        let injector = Injector::default();
        injector.set(plan);
        injector
    }

    fn strikes(injector: &Injector, operation: &str, count: usize) -> Vec<bool> {
        (0..count)
            .map(|_| injector.strike(arrival(operation, None)).is_some())
            .collect()
    }

    #[test]
    fn counted_rules_count() {
        let injector = injector(
            Faults::default()
                .rule(Rule::new(Fault::Reset).on("a").times(2))
                .rule(Rule::new(Fault::Duplicate).on("b").every(3))
                .rule(Rule::new(Fault::HalfOpen).on("c").every(0).times(1)),
        );
        assert_eq!(strikes(&injector, "a", 4), [true, true, false, false]);
        let third = [false, false, true, false, false, true];
        assert_eq!(strikes(&injector, "b", 6), third);
        assert_eq!(strikes(&injector, "c", 2), [true, false]);
        let counts = [
            (FaultKind::Reset, 2),
            (FaultKind::HalfOpen, 1),
            (FaultKind::Duplicate, 2),
        ];
        assert_eq!(injector.injected(), BTreeMap::from(counts));
    }

    #[test]
    fn chances_come_true() {
        let rule = |chance| Rule::new(Fault::Reset).chance(chance);
        let half = injector(Faults::seeded(1).rule(rule(0.5)));
        let struck = strikes(&half, "a", 10_000);
        let count = struck.iter().filter(|struck| **struck).count();
        assert!((4_800..5_200).contains(&count), "{count}");
        let never = injector(Faults::seeded(1).rule(rule(0.0)));
        assert!(!strikes(&never, "a", 100).contains(&true));
        let always = injector(Faults::seeded(1).rule(rule(1.0)));
        assert!(!strikes(&always, "a", 100).contains(&false));
    }

    #[test]
    fn two_rules_with_one_chance_draw_apart() {
        let rule = |fault| Rule::new(fault).chance(0.5);
        let injector = injector(
            Faults::seeded(7)
                .rule(rule(Fault::Reset))
                .rule(rule(Fault::Duplicate)),
        );
        strikes(&injector, "a", 1_000);
        let second = injector.injected()[&FaultKind::Duplicate];
        assert!((200..300).contains(&second), "{second}");
    }

    #[test]
    fn a_draw_depends_on_seed_tag_name_and_number_only() {
        let plan = |seed| {
            Faults::seeded(seed).rule(
                Rule::new(Fault::Latency {
                    from: Duration::from_millis(1),
                    to: Duration::from_millis(100),
                })
                .chance(0.5),
            )
        };
        let calls: Vec<(String, String)> = (0..40)
            .flat_map(|tag| ["a", "b"].map(|name| (format!("call {tag}"), name.to_owned())))
            .collect();
        let run = |seed, calls: &mut dyn Iterator<Item = &(String, String)>| {
            let injector = injector(plan(seed));
            let mut fates = BTreeMap::new();
            for (tag, name) in calls {
                // Two tries of each call.
                let fate = [(); 2].map(|()| injector.strike(arrival(name, Some(tag))));
                fates.insert((tag.clone(), name.clone()), fate);
            }
            fates
        };
        let first = run(5, &mut calls.iter());
        assert_eq!(first, run(5, &mut calls.iter().rev()));
        assert_ne!(first, run(6, &mut calls.iter()));
        assert!(first.values().any(|tries| tries[0] != tries[1]));
        let waits = first.values().flatten().flatten();
        assert!(waits.clone().all(|strike| strike.wait.as_millis() >= 1));
        assert!(waits.clone().all(|strike| strike.wait.as_millis() <= 100));

        // The same plan set again starts from the beginning.
        let injector = injector(plan(5));
        let before = strikes(&injector, "a", 50);
        injector.set(plan(5));
        assert_eq!(strikes(&injector, "a", 50), before);
    }

    #[test]
    fn what_is_never_struck() {
        let injector = injector(
            Faults::default()
                .rule(Rule::new(Fault::ExpiredToken).on("a"))
                .rule(Rule::new(Fault::Reset).on("/_emulator/*")),
        );
        let mut request = arrival("a", None);
        assert_eq!(injector.strike(request), None);
        request.has_bearer = true;
        assert!(injector.strike(request).is_some());
        request.path = "/_emulator/outbox";
        request.operation = None;
        assert_eq!(injector.strike(request), None);
    }
}
