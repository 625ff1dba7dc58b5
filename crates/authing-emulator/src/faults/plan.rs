//! Plans: which requests are struck, how often, and by what.

use serde::{Deserialize, Serialize};

use super::{Fault, Timing};

/// A plan of faults for [`Emulator::set_faults`](crate::Emulator::set_faults).
///
/// The rules are asked in their order, and the first one that strikes is the only one. Nothing below `/_emulator/` is
/// ever struck.
///
/// ```
/// use authing_emulator::{Emulator, Fault, Faults, Rule};
///
/// # fn main() -> Result<(), authing_emulator::StartError> {
/// let emulator = Emulator::start()?;
/// emulator.set_faults(
///     Faults::seeded(42)
///         // Users are created, and the answer is lost, about once in fifty times.
///         .rule(Rule::new(Fault::Reset).after().on("createUser").chance(0.02))
///         // The next two requests of any kind meet a gateway that is down.
///         .rule(Rule::new(Fault::server_error(502)).times(2)),
/// );
/// // … let the client work, and then:
/// assert!(emulator.faults_injected().is_empty());
/// emulator.clear_faults();
/// # Ok(())
/// # }
/// ```
///
/// # What can be replayed
///
/// Whether a [`chance`](Rule::chance) strikes, and what is drawn from a range, depends on nothing but the seed, the
/// place of the rule in the plan, the request's header `x-emulator-tag`, its name (that of the GraphQL operation, or
/// the path), and how many requests with the same tag and name came before it under this plan. So a client that gives
/// each of its logical calls a tag of its own, and sends the tries of one call one after the other, meets the same
/// faults in each run, however many calls it has under way at a time. Without tags the same holds as long as requests
/// of one name come in the same order, and of requests that differ in nothing else the k-th always has the same fate.
///
/// [`times`](Rule::times) and [`every`](Rule::every) count requests as they come in, so they repeat themselves only
/// where the order does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[must_use = "a plan does nothing until an emulator has it"]
pub struct Faults {
    #[serde(default)]
    pub(super) seed: u64,
    #[serde(default)]
    pub(super) rules: Vec<Rule>,
}

impl Faults {
    /// A plan without rules.
    pub fn seeded(seed: u64) -> Self {
        Self {
            seed,
            rules: Vec::new(),
        }
    }

    /// Adds a rule, to be asked after those before it.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Where all that is drawn comes from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The rules, in the order in which they are asked.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }
}

/// One fault, and the requests that it strikes: unless narrowed, every one.
///
/// [`every`](Self::every), [`chance`](Self::chance) and [`times`](Self::times) can be combined, and are asked in this
/// order: of every third request one half, but not more than ten.
///
/// ```
/// use authing_emulator::{Fault, Rule, Timing};
///
/// let rule = Rule::new(Fault::HalfOpen).after().on("createUser").on("updateUser").every(3).chance(0.5).times(10);
/// assert_eq!(rule.timing(), Timing::After);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[must_use = "a rule does nothing until it is in a plan"]
pub struct Rule {
    fault: Fault,
    #[serde(default)]
    timing: Option<Timing>,
    #[serde(default)]
    on: Vec<String>,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    pub(super) chance: Option<f64>,
    #[serde(default)]
    pub(super) times: Option<u64>,
    #[serde(default)]
    pub(super) every: Option<u64>,
}

impl Rule {
    /// This fault for every request, before the operation is carried out if that is possible.
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            timing: None,
            on: Vec::new(),
            method: None,
            chance: None,
            times: None,
            every: None,
        }
    }

    /// Before the operation is carried out. Without effect on a fault that knows another moment only.
    pub fn before(mut self) -> Self {
        self.timing = Some(Timing::Before);
        self
    }

    /// After the operation was carried out. Without effect on a fault that knows another moment only.
    pub fn after(mut self) -> Self {
        self.timing = Some(Timing::After);
        self
    }

    /// Only requests with this path, or this name of a GraphQL operation: the names that
    /// [`requests`](crate::Emulator::requests) has. A `*` at the end stands for anything. Several names stand for each
    /// of them.
    pub fn on(mut self, name: impl Into<String>) -> Self {
        self.on.push(name.into());
        self
    }

    /// Only requests with this HTTP method.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// With this probability, from 0 (never) to 1 (always).
    pub fn chance(mut self, probability: f64) -> Self {
        self.chance = Some(probability);
        self
    }

    /// Not more than this often; without other conditions, the next so many requests.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Only every n-th of the requests that the rule is asked about, the n-th being the first. 0 counts as 1.
    pub fn every(mut self, n: u64) -> Self {
        self.every = Some(n);
        self
    }

    /// What goes wrong.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// When it goes wrong: what was asked for, if the fault allows it.
    #[must_use]
    pub fn timing(&self) -> Timing {
        self.fault.only().or(self.timing).unwrap_or(Timing::Before)
    }

    /// Whether the rule is about requests like this at all.
    pub(super) fn concerns(&self, method: &str, path: &str, operation: Option<&str>) -> bool {
        let is = |pattern: &String, name: &str| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => pattern == name,
        };
        let named = |pattern| is(pattern, path) || operation.is_some_and(|name| is(pattern, name));
        let method_fits = self
            .method
            .as_deref()
            .is_none_or(|own| own.eq_ignore_ascii_case(method));
        method_fits && (self.on.is_empty() || self.on.iter().any(named))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::faults::RetryAfter;

    #[test]
    fn rules_concern_names_and_methods() {
        let all = Rule::new(Fault::Reset);
        assert!(all.concerns("GET", "/", None));
        let rule = Rule::new(Fault::Reset)
            .on("createUser")
            .on("/api/v2/users/*")
            .method("post");
        assert!(rule.concerns("POST", "/graphql/v2", Some("createUser")));
        assert!(rule.concerns("POST", "/api/v2/users/batch", None));
        assert!(!rule.concerns("GET", "/api/v2/users/me", None));
        assert!(!rule.concerns("POST", "/graphql/v2", Some("createUserX")));
        assert!(!rule.concerns("POST", "/graphql/v2", None));
    }

    #[test]
    fn a_fault_keeps_its_only_moment() {
        for (fault, timing) in [
            (Fault::Reset, Timing::After),
            (Fault::server_error(502), Timing::After),
            (Fault::ExpiredToken, Timing::Before),
            (Fault::TooManyRequests { retry_after: None }, Timing::Before),
        ] {
            assert_eq!(Rule::new(fault).after().timing(), timing);
        }
        assert_eq!(Rule::new(Fault::Reset).timing(), Timing::Before);
        assert_eq!(Rule::new(Fault::Duplicate).before().timing(), Timing::After);
    }

    #[test]
    fn plans_are_plain_data() {
        let plan = json!({
            "seed": 42,
            "rules": [
                {"fault": "reset-in-body", "timing": "after", "on": ["createUser"], "chance": 0.02},
                {"fault": {"latency": {"from": 5, "to": 20}}, "method": "POST", "every": 3},
                {"fault": {"too-many-requests": {"retry-after": {"seconds": 1}}}, "times": 1},
                {"fault": {"server-error": {"status": 503, "retry-after": {"date": 1500}}}},
            ],
        });
        let plan: Faults = serde_json::from_value(plan).unwrap();
        let expected = Faults::seeded(42)
            .rule(
                Rule::new(Fault::ResetInBody)
                    .after()
                    .on("createUser")
                    .chance(0.02),
            )
            .rule(
                Rule::new(Fault::Latency {
                    from: Duration::from_millis(5),
                    to: Duration::from_millis(20),
                })
                .method("POST")
                .every(3),
            )
            .rule(
                Rule::new(Fault::TooManyRequests {
                    retry_after: Some(RetryAfter::Seconds(1)),
                })
                .times(1),
            )
            .rule(Rule::new(Fault::ServerError {
                status: 503,
                retry_after: Some(RetryAfter::Date(Duration::from_millis(1500))),
            }));
        assert_eq!(plan, expected);
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Faults>(&text).unwrap(), plan);
    }
}
