//! Whatever the Python SDK 4.2.0 can do, this one does: a checked list.

use std::collections::BTreeSet;

use authing_tests::cases::cases;

/// The lines of the list: Python's method and the operation here.
fn list() -> Vec<(&'static str, &'static str)> {
    include_str!("../seed.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once(" = ").unwrap())
        .collect()
}

#[test]
fn every_method_of_the_seed_has_its_operation() {
    let ids: BTreeSet<_> = cases().into_iter().map(|case| case.id).collect();
    let missing: Vec<_> = list()
        .into_iter()
        .filter(|(_, id)| !ids.contains(id))
        .collect();
    assert!(missing.is_empty(), "without an operation: {missing:#?}");
    assert_eq!(list().len(), 74);
}

#[test]
fn both_readmes_name_every_method() {
    for (name, text) in [
        ("README.md", include_str!("../../README.md")),
        ("README.zh-CN.md", include_str!("../../README.zh-CN.md")),
    ] {
        let table: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with("| "))
            .filter_map(|line| line.split(" | ").nth(1))
            .collect();
        // The token is fetched by the client itself.
        let mut missing: BTreeSet<_> = cases().into_iter().map(|case| case.id).collect();
        missing.remove("management.access_token");
        missing.retain(|id| {
            let (_, method) = id.rsplit_once('.').unwrap();
            let calls = [format!("{method}("), format!("`{method}`")];
            !table
                .iter()
                .any(|rust| calls.iter().any(|call| rust.contains(call)))
        });
        assert!(missing.is_empty(), "{name} has no row for {missing:#?}");
    }
}
