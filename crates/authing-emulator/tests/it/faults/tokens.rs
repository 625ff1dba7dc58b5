//! Tokens that expire before their time.

use authing_emulator::{Fault, FaultKind, Faults, Outcome, Rule};
use serde_json::json;

use super::Bench;
use crate::client::Client;

const USERS: &str = "query users { users { totalCount } }";

#[test]
fn the_token_of_an_administrator_stays_expired() {
    let bench = Bench::with(Rule::new(Fault::ExpiredToken).after().times(1));
    let seen = bench.create("bob");
    assert_eq!(seen.status(), 200);
    assert_eq!(seen.json()["errors"][0]["message"]["code"], 2020);
    assert!(!bench.has("bob"));
    let recorded = bench.recorded("bob");
    assert_eq!(recorded.outcome, Some(Outcome::Refused(2020)));
    assert_eq!(recorded.fault, Some(FaultKind::ExpiredToken));

    let seen = bench.create("eve");
    assert_eq!(seen.json()["errors"][0]["message"]["code"], 2020);
    assert_eq!(bench.recorded("eve").fault, None);
    bench.emulator.clear_faults();
    let old = Client::with_token(&bench.emulator, &json!(bench.token));
    assert_eq!(old.refused(USERS, json!(null)), 2020);

    // At once, so within the same second.
    let new = Client::administrator(&bench.emulator);
    assert_ne!(new.bearer(), bench.token);
    assert_eq!(new.ok(USERS, json!(null))["totalCount"], 0);
}

#[test]
fn the_token_of_a_user_expires_too() {
    let bench = Bench::new();
    let registered = Client::nobody(&bench.emulator).ok(
        "mutation registerByUsername($input: RegisterByUsernameInput!) {
            registerByUsername(input: $input) { token }
        }",
        json!({"input": {
            "username": "bob",
            "password": crate::client::encrypt(&bench.emulator, "123456"),
            "generateToken": true,
        }}),
    );
    let user = Client::with_token(&bench.emulator, &registered["token"]);
    let status = "query status { checkLoginStatus { code status } }";
    assert_eq!(user.ok(status, json!(null))["code"], 200);
    let rule = Rule::new(Fault::ExpiredToken).times(1);
    bench.emulator.set_faults(Faults::seeded(1).rule(rule));
    assert_eq!(user.ok(status, json!(null))["code"], 2206);
    assert_eq!(user.refused("query me { user { id } }", json!(null)), 2020);
}

#[test]
fn who_has_no_token_is_not_struck() {
    let bench = Bench::new();
    let rule = Rule::new(Fault::ExpiredToken);
    bench.emulator.set_faults(Faults::seeded(1).rule(rule));
    let nobody = Client::nobody(&bench.emulator);
    assert_eq!(nobody.refused(USERS, json!(null)), 2020);
    assert!(bench.emulator.faults_injected().is_empty());
}
