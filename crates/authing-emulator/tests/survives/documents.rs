//! Documents that ask for too much, and some that ask for a lot.

fn nested(times: usize, open: &str, inside: &str, close: &str) -> String {
    format!("{}{inside}{}", open.repeat(times), close.repeat(times))
}

fn many(times: usize, one: impl Fn(usize) -> String) -> String {
    (0..times).map(one).collect()
}

/// Each is refused, whatever it would give.
pub(crate) fn too_much() -> Vec<(&'static str, String)> {
    let deep_type = |times| {
        format!(
            "{{ __type(name: \"User\") {} }}",
            nested(times, "{ ofType ", "{ name }", " }")
        )
    };
    vec![
        ("a deep selection", nested(20_000, "{ a ", "b", " }")),
        (
            "a deep list",
            format!(
                "{{ users(page: {}) {{ totalCount }} }}",
                nested(20_000, "[", "1", "]")
            ),
        ),
        (
            "a deep object",
            format!(
                "{{ users(page: {}) {{ totalCount }} }}",
                nested(20_000, "{a: ", "1", "}")
            ),
        ),
        (
            "a deep type",
            format!(
                "query q($v: {}) {{ users {{ totalCount }} }}",
                nested(20_000, "[", "Int", "]")
            ),
        ),
        ("a selection beyond the limit", deep_type(40)),
        (
            "inline fragments",
            format!(
                "{{ users {} }}",
                nested(1000, "{ ... on PaginatedUsers ", "{ totalCount }", " }")
            ),
        ),
        (
            "aliases",
            format!(
                "{{ {} }}",
                many(50_000, |n| format!("a{n}: user {{ id }} "))
            ),
        ),
        (
            "words",
            format!("{{ {} }}", many(8000, |n| format!("a{n}: __typename "))),
        ),
        (
            "repeated fields",
            format!("{{ users {{ {} }} }}", "totalCount ".repeat(100_000)),
        ),
        (
            "wrong fields",
            format!("{{ {} }}", many(4000, |n| format!("wrong{n} "))),
        ),
        (
            "schemas",
            format!(
                "{{ {} }}",
                many(100, |n| format!("a{n}: __schema {{ types {{ name }} }} "))
            ),
        ),
        (
            "fields of types of fields",
            "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"
                .to_owned(),
        ),
        (
            "a fragment that uses itself",
            "query { ...A } fragment A on Query { ...A }".to_owned(),
        ),
        (
            "fragments that use each other",
            "query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }".to_owned(),
        ),
        (
            "fragments that double",
            format!(
                "query {{ ...F0 }} {} fragment F25 on Query {{ users {{ totalCount }} }}",
                many(25, |n| format!(
                    "fragment F{n} on Query {{ ...F{0} ...F{0} }} ",
                    n + 1
                ))
            ),
        ),
        (
            "fragments that double with aliases",
            format!(
                "query {{ users {{ ...F0 }} }} {} fragment F20 on PaginatedUsers {{ totalCount }}",
                many(20, |n| format!(
                    "fragment F{n} on PaginatedUsers {{ ...F{0} a{n}: totalCount ...F{0} }} ",
                    n + 1
                ))
            ),
        ),
        (
            "a long chain of fragments",
            format!(
                "query {{ ...F0 }} {} fragment F2000 on Query {{ users {{ totalCount }} }}",
                many(2000, |n| format!(
                    "fragment F{n} on Query {{ ...F{} }} ",
                    n + 1
                ))
            ),
        ),
        (
            "directives",
            format!(
                "{{ users {} {{ totalCount }} }}",
                "@skip(if: false) ".repeat(5000)
            ),
        ),
        (
            "unused variables",
            format!(
                "query q({}) {{ users {{ totalCount }} }}",
                many(3000, |n| format!("$v{n}: Int "))
            ),
        ),
        (
            "operations",
            many(3000, |n| {
                format!("query q{n} {{ users {{ totalCount }} }} ")
            }),
        ),
        ("a long name", format!("{{ {} }}", "a".repeat(1_000_000))),
        (
            "a long text",
            format!(
                "{{ user(id: \"{}\") {{ nothing }} }}",
                "a".repeat(1_000_000)
            ),
        ),
        (
            "an open text",
            format!("{{ user(id: \"{}", "a".repeat(1_000_000)),
        ),
        ("only commas", ",".repeat(1_000_000)),
        ("only brackets", "{".repeat(1_000_000)),
        ("nothing", String::new()),
    ]
}

/// Each is answered.
pub(crate) fn just_enough() -> Vec<(&'static str, String)> {
    vec![
        (
            "many aliases",
            format!(
                "{{ {} }}",
                many(1500, |n| format!("a{n}: isUserExists(username: \"a\") "))
            ),
        ),
        (
            "a few schemas",
            format!(
                "{{ {} }}",
                many(4, |n| format!("a{n}: __schema {{ types {{ name }} }} "))
            ),
        ),
        (
            "a deep type",
            format!(
                "{{ __type(name: \"User\") {} }}",
                nested(20, "{ ofType ", "{ name }", " }")
            ),
        ),
    ]
}
