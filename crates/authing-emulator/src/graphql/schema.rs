//! The schema: one file for each resource, and some for what is known and not emulated.

use apollo_compiler::Schema;
use apollo_compiler::validation::Valid;

/// What is emulated.
const FILES: [(&str, &str); 12] = [
    ("base.graphql", include_str!("../../schema/base.graphql")),
    (
        "account.graphql",
        include_str!("../../schema/account.graphql"),
    ),
    (
        "session.graphql",
        include_str!("../../schema/session.graphql"),
    ),
    ("users.graphql", include_str!("../../schema/users.graphql")),
    ("roles.graphql", include_str!("../../schema/roles.graphql")),
    (
        "groups.graphql",
        include_str!("../../schema/groups.graphql"),
    ),
    (
        "policies.graphql",
        include_str!("../../schema/policies.graphql"),
    ),
    ("acl.graphql", include_str!("../../schema/acl.graphql")),
    ("udf.graphql", include_str!("../../schema/udf.graphql")),
    (
        "whitelist.graphql",
        include_str!("../../schema/whitelist.graphql"),
    ),
    (
        "userpool.graphql",
        include_str!("../../schema/userpool.graphql"),
    ),
    (
        "messages.graphql",
        include_str!("../../schema/messages.graphql"),
    ),
];

/// What the official SDKs may ask for besides, and check their documents against: every root field of these is refused.
const NOT_EMULATED: [(&str, &str); 3] = [
    (
        "organisations.graphql",
        include_str!("../../schema/not_emulated/organisations.graphql"),
    ),
    (
        "connections.graphql",
        include_str!("../../schema/not_emulated/connections.graphql"),
    ),
    (
        "pools.graphql",
        include_str!("../../schema/not_emulated/pools.graphql"),
    ),
];

pub(super) fn load() -> Result<Valid<Schema>, String> {
    build(FILES.into_iter().chain(NOT_EMULATED))
}

fn build(
    files: impl Iterator<Item = (&'static str, &'static str)>,
) -> Result<Valid<Schema>, String> {
    let mut builder = Schema::builder().adopt_orphan_extensions();
    for (name, text) in files {
        builder = builder.parse(text, name);
    }
    builder
        .build()
        .and_then(Schema::validate)
        .map_err(|invalid| invalid.errors.to_string())
}

/// Those of the root types, and those with arguments, of what is emulated.
#[cfg(test)]
pub(super) fn fields_that_need_a_resolver() -> std::collections::BTreeSet<(String, String)> {
    use apollo_compiler::schema::ExtendedType;

    let schema = build(FILES.into_iter()).unwrap();

    let mut fields = std::collections::BTreeSet::new();
    for (name, definition) in &schema.types {
        let ExtendedType::Object(object) = definition else {
            continue;
        };
        if name.starts_with("__") {
            continue;
        }
        let root = name == "Query" || name == "Mutation";
        for (field, definition) in &object.fields {
            if root || !definition.arguments.is_empty() {
                fields.insert((name.to_string(), field.to_string()));
            }
        }
    }
    // No arguments, but looked up like those that have some.
    for field in ["groups", "customData"] {
        fields.insert(("User".to_owned(), field.to_owned()));
    }
    fields.insert(("Role".to_owned(), "parent".to_owned()));
    fields.insert(("Policy".to_owned(), "assignmentsCount".to_owned()));
    fields
}
