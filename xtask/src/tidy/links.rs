//! Relative links in Markdown lead to files that are there.

use std::path::Path;

/// The links of `file` (relative to `root`) that lead nowhere.
pub(super) fn broken(file: &str, markdown: &str, root: &Path) -> Vec<String> {
    let folder = root
        .join(file)
        .parent()
        .map_or(root.to_owned(), Path::to_owned);
    targets(markdown)
        .into_iter()
        .filter(|(_, target)| is_relative(target))
        .filter(|(_, target)| {
            let path = target.split(['#', '?']).next().unwrap_or_default();
            let path = path.replace("%20", " ");
            // A link from the top is one from the repository's.
            !match path.strip_prefix('/') {
                Some(path) => root.join(path).exists(),
                None => folder.join(path).exists(),
            }
        })
        .map(|(number, target)| format!("{number}: the link to {target} is broken"))
        .collect()
}

/// Whether a line opens or closes a block of code.
pub(super) fn is_fence(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("```") || line.starts_with("~~~")
}

fn is_relative(target: &str) -> bool {
    let has_scheme = target.contains("://") || target.starts_with("mailto:");
    !has_scheme && !target.starts_with('#') && !target.is_empty()
}

/// Where the links outside of code lead, with the lines they are on.
fn targets(markdown: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (number, line) in (1..).zip(markdown.lines()) {
        if is_fence(line) {
            in_code = !in_code;
        } else if !in_code {
            let line = without_code(line);
            found.extend(inline(&line).chain(reference(&line)).map(|to| (number, to)));
        }
    }
    found
}

fn without_code(line: &str) -> String {
    // Every other part is between backticks.
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// `[text](target "title")`
fn inline(line: &str) -> impl Iterator<Item = String> {
    line.split("](").skip(1).filter_map(|rest| {
        let target = match rest.strip_prefix('<') {
            Some(rest) => rest.split_once('>')?.0,
            None => rest.split([')', ' ']).next()?,
        };
        Some(target.to_owned())
    })
}

/// `[label]: target "title"`
fn reference(line: &str) -> Option<String> {
    let (label, target) = line.trim_start().strip_prefix('[')?.split_once("]: ")?;
    // A footnote's text is no target.
    let is_link = !label.starts_with('^') && !label.contains(']');
    let target = target.split_whitespace().next().filter(|_| is_link)?;
    Some(target.trim_matches(['<', '>']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found() {
        let markdown = "\
See [one](a.md) and [two](b/c.md#part \"title\"), ![three](<d e.png>).
`[not](this.md)` nor
```
[this](that.md)
```
[label]: f.md
[^1]: a footnote
";
        let targets: Vec<_> = targets(markdown);
        let names: Vec<_> = targets.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["a.md", "b/c.md#part", "d e.png", "f.md"]);
        assert_eq!(targets[3].0, 6);
    }

    #[test]
    fn only_files_are_looked_for() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let markdown = "\
[web](https://example.com/a.md) [mail](mailto:a@example.com) [part](#part)
[self](main.rs) [up](../Cargo.toml#L1) [top](/src/main.rs) [gone](gone.rs)
";
        let problems = broken("src/some.md", markdown, root);
        assert_eq!(problems, ["2: the link to gone.rs is broken"]);
    }
}
