//! `tidy`: fast checks of the files as they are.

mod links;

use std::path::Path;

use anyhow::Result;

use crate::workspace;

const LONGEST_FILE: usize = 600;

/// Written in two parts, so that this file has none of them.
const LEFTOVERS: [&str; 3] = [
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("dbg", "!("),
];

/// Where GraphQL text lives in files of its own.
const CLIENTS: [&str; 2] = [
    "crates/authing-management/src/",
    "crates/authing-authentication/src/",
];

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

pub(crate) fn run() -> Result<()> {
    let sh = workspace::shell()?;
    let root = workspace::root();
    let files = workspace::files(&sh)?;
    let mut problems = Vec::new();
    let mut readmes = [None; 2];
    for file in &files {
        let Some(text) = text_of(&root.join(file))? else {
            problems.push(format!("{file}: is not UTF-8 text"));
            continue;
        };
        let found = check(file, &text, &root);
        problems.extend(found.into_iter().map(|problem| format!("{file}:{problem}")));
        for (readme, blocks) in READMES.iter().zip(&mut readmes) {
            if file == readme {
                *blocks = Some(code_blocks(&text));
            }
        }
    }
    problems.extend(readmes_differ(readmes));
    workspace::report(&problems)?;
    println!("{} files are tidy", files.len());
    Ok(())
}

fn text_of(path: &Path) -> Result<Option<String>> {
    let text = String::from_utf8(std::fs::read(path)?).ok();
    Ok(text.filter(|text| !text.contains('\0')))
}

/// What is wrong with a file, each with its line number first.
fn check(file: &str, text: &str, root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    let is_rust = file.ends_with(".rs");
    if is_rust || file.ends_with(".graphql") {
        problems.extend(too_long(text));
    }
    if is_rust {
        problems.extend(leftovers(text));
        problems.extend(ignored_doc_tests(text));
    }
    if is_rust && CLIENTS.iter().any(|client| file.starts_with(client)) {
        problems.extend(graphql_in_strings(file, text));
    }
    if file.ends_with(".md") {
        problems.extend(links::broken(file, text, root));
    }
    problems
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines())
}

fn too_long(text: &str) -> Option<String> {
    let lines = text.lines().count();
    (lines > LONGEST_FILE).then(|| format!("{lines}: longer than {LONGEST_FILE} lines"))
}

fn leftovers(text: &str) -> Vec<String> {
    numbered(text)
        .flat_map(|(number, line)| {
            LEFTOVERS
                .iter()
                .filter(|leftover| line.contains(**leftover))
                .map(move |leftover| format!("{number}: a forgotten `{leftover})`"))
        })
        .collect()
}

/// Examples that nobody compiles.
fn ignored_doc_tests(text: &str) -> Vec<String> {
    numbered(text)
        .filter(|(_, line)| {
            let line = line.trim_start();
            let doc = line.strip_prefix("///").or(line.strip_prefix("//!"));
            let info = doc.and_then(|doc| doc.trim_start().strip_prefix("```"));
            let mut words = info.into_iter().flat_map(|info| info.split([',', ' ']));
            words.any(|word| word.starts_with("ignore"))
        })
        .map(|(number, _)| format!("{number}: a doc test that is ignored"))
        .collect()
}

fn graphql_in_strings(file: &str, text: &str) -> Vec<String> {
    if file.ends_with("/tests.rs") || file.contains("/tests/") {
        return Vec::new();
    }
    numbered(text)
        // A file's tests are at its end.
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .filter(|(_, line)| line.contains("\"query ") || line.contains("\"mutation "))
        .map(|(number, _)| format!("{number}: GraphQL belongs into a .graphql file"))
        .collect()
}

fn code_blocks(markdown: &str) -> usize {
    let fences = markdown.lines().filter(|line| links::is_fence(line));
    fences.count().div_ceil(2)
}

fn readmes_differ(blocks: [Option<usize>; 2]) -> Vec<String> {
    let [english, chinese] = blocks;
    match (english, chinese) {
        (Some(a), Some(b)) if a == b => Vec::new(),
        (Some(a), Some(b)) => {
            let [english, chinese] = READMES;
            vec![format!("{english} has {a} code blocks, {chinese} has {b}")]
        }
        _ => READMES
            .iter()
            .zip(blocks)
            .filter(|(_, blocks)| blocks.is_none())
            .map(|(readme, _)| format!("{readme} is missing"))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_are_found() {
        let text = format!("fn f() {{\n    {}x)\n}}\n", LEFTOVERS[2]);
        assert_eq!(leftovers(&text).len(), 1);
        assert!(leftovers(&text)[0].starts_with("2:"));
        assert!(leftovers("let todo = 1;").is_empty());
    }

    #[test]
    fn long_files_are_found() {
        assert!(too_long(&"x\n".repeat(LONGEST_FILE)).is_none());
        assert!(too_long(&"x\n".repeat(LONGEST_FILE + 1)).is_some());
    }

    #[test]
    fn ignored_doc_tests_are_found() {
        let found = |doc: &str, info| ignored_doc_tests(&format!("{doc} ```{info}\n")).len();
        assert_eq!(found("///", "ignore"), 1);
        assert_eq!(found("    ///", "rust,ignore"), 1);
        assert_eq!(found("//!", "ignore-wasm32"), 1);
        assert_eq!(found("///", "no_run"), 0);
        assert_eq!(found("//", "ignore"), 0);
        assert!(ignored_doc_tests("/// ignore();").is_empty());
    }

    #[test]
    fn graphql_in_code_is_found() {
        let text = "\
/// client.graphql(\"query { a }\")
const A: &str = \"query a { a }\";
const B: &str = \"a query \";
#[cfg(test)]
const C: &str = \"mutation c { c }\";
";
        assert_eq!(graphql_in_strings("src/a.rs", text).len(), 1);
        assert!(graphql_in_strings("src/a/tests.rs", text).is_empty());
    }

    #[test]
    fn readmes_are_compared() {
        assert_eq!(code_blocks("```rust\n1\n```\n\n~~~\n2\n~~~\n"), 2);
        assert!(readmes_differ([Some(2), Some(2)]).is_empty());
        assert_eq!(readmes_differ([Some(2), Some(1)]).len(), 1);
        assert_eq!(readmes_differ([Some(2), None]).len(), 1);
        assert_eq!(readmes_differ([None, None]).len(), 2);
    }
}
