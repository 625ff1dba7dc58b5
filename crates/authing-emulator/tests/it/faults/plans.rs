//! Which requests are struck.

use std::collections::BTreeMap;

use authing_emulator::{Emulator, Fault, FaultKind, Faults, Rule};

use super::Bench;
use crate::client::Client;

fn plan(seed: u64) -> Faults {
    Faults::seeded(seed)
        .rule(Rule::new(Fault::Reset).after().on("createUser").chance(0.2))
        .rule(
            Rule::new(Fault::server_error(502))
                .on("createUser")
                .chance(0.3),
        )
}

/// What befell each of the calls, by its tag.
fn fates(bench: &Bench) -> BTreeMap<String, Option<FaultKind>> {
    let requests = bench.emulator.requests();
    let tagged = requests
        .into_iter()
        .filter_map(|request| Some((request.tag?, request.fault)));
    tagged.collect()
}

#[test]
fn the_same_seed_has_the_same_faults_whatever_the_order() {
    let names: Vec<String> = (0..40).map(|number| format!("user{number}")).collect();
    let one_by_one = Bench::new();
    one_by_one.emulator.set_faults(plan(3));
    for name in &names {
        one_by_one.create(name);
    }
    let first = fates(&one_by_one);
    assert_eq!(first.len(), 40);

    let at_once = Bench::new();
    at_once.emulator.set_faults(plan(3));
    std::thread::scope(|scope| {
        for names in names.chunks(10) {
            let bench = &at_once;
            scope.spawn(move || {
                for name in names.iter().rev() {
                    bench.create(name);
                }
            });
        }
    });
    assert_eq!(fates(&at_once), first);
    let injected = at_once.emulator.faults_injected();
    assert_eq!(injected, one_by_one.emulator.faults_injected());
    for kind in [FaultKind::Reset, FaultKind::ServerError] {
        let count = first.values().filter(|fault| **fault == Some(kind)).count();
        assert_eq!(injected[&kind], count as u64);
    }

    let other = Bench::new();
    other.emulator.set_faults(plan(4));
    for name in &names {
        other.create(name);
    }
    assert_ne!(fates(&other), first);
}

#[test]
fn clearing_the_faults_ends_them() {
    let bench = Bench::with(Rule::new(Fault::Reset));
    assert!(bench.create("bob").bytes.is_empty());
    assert_eq!(bench.emulator.faults().rules().len(), 1);
    bench.emulator.clear_faults();
    assert_eq!(bench.create("bob").status(), 200);
    assert!(bench.has("bob"));
    assert!(bench.emulator.faults().rules().is_empty());
    assert_eq!(bench.emulator.faults_injected()[&FaultKind::Reset], 1);
}

#[test]
fn rules_name_paths_and_methods_and_spare_the_emulators_own() {
    let faults = Faults::seeded(1)
        .rule(
            Rule::new(Fault::server_error(502))
                .on("/api/v2/*")
                .method("GET"),
        )
        .rule(Rule::new(Fault::server_error(503)).on("/nowhere"))
        .rule(Rule::new(Fault::server_error(504)).on("/_emulator/*"));
    let emulator = Emulator::builder().faults(faults).start().unwrap();
    let nobody = Client::nobody(&emulator);
    let status = |method, path| nobody.send_raw(method, path, "text/plain", "").status;
    assert_eq!(status("GET", "/api/v2/.well-known?x=1"), 502);
    assert_eq!(status("POST", "/api/v2/.well-known"), 405);
    assert_eq!(status("POST", "/nowhere"), 503);
    assert_eq!(status("GET", "/_emulator/outbox"), 200);
    assert_eq!(status("GET", "/elsewhere"), 404);
}
