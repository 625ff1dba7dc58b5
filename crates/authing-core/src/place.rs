//! Where in a JSON text its reader stopped.
//!
//! A second look at the text is enough: serde_json says how far it came, and
//! the names on the way there are in the text itself. So no type needs a
//! deserializer that keeps the path, and no tree of values is made.

use std::fmt::Write as _;

/// How many steps of a path are written out.
const DEEPEST: usize = 32;
/// How much is shown of a name.
const LONGEST_NAME: usize = 64;

/// An object or an array on the way.
struct Step<'t> {
    is_object: bool,
    /// The name of the member that is read.
    name: Option<&'t str>,
    /// The place of the item that is read.
    index: usize,
}

/// The path of the value at which the reader stopped, such as
/// `data.list[3].email`; empty for the text as a whole.
///
/// `is_list` says that the reader did not want the list that begins there. It
/// stops at the same byte when it does not want the first item.
pub(crate) fn path_at(text: &str, line: usize, column: usize, is_list: bool) -> String {
    let Some(end) = offset(text, line, column) else {
        return String::new();
    };
    let read = text.as_bytes().get(..end).unwrap_or_default();
    let mut steps: Vec<Step<'_>> = Vec::new();
    // Steps that are too deep to be written out.
    let mut deeper = 0_usize;
    let mut word = None;
    let mut at = 0;
    while let Some(byte) = read.get(at) {
        match byte {
            b'"' => {
                let start = at + 1;
                at = string_end(read, start);
                word = text.get(start..at);
            }
            b':' => {
                if let (Some(step), 0) = (steps.last_mut(), deeper) {
                    step.name = word;
                }
            }
            b',' => {
                if let (Some(step), 0) = (steps.last_mut(), deeper) {
                    step.name = None;
                    step.index += 1;
                }
            }
            b'{' | b'[' if steps.len() < DEEPEST => steps.push(Step {
                is_object: *byte == b'{',
                name: None,
                index: 0,
            }),
            b'{' | b'[' => deeper += 1,
            b'}' | b']' if deeper > 0 => deeper -= 1,
            b'}' | b']' => {
                steps.pop();
            }
            _ => {}
        }
        at += 1;
    }
    if is_list && read.last() == Some(&b'[') && deeper == 0 {
        steps.pop();
    }
    written(&steps, deeper > 0)
}

fn written(steps: &[Step<'_>], goes_on: bool) -> String {
    let mut path = String::new();
    for step in steps {
        match (step.is_object, step.name) {
            (false, _) => {
                // Writing to a `String` does not fail.
                let _ = write!(path, "[{}]", step.index);
            }
            (true, Some(name)) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.extend(name.chars().take(LONGEST_NAME));
            }
            (true, None) => {}
        }
    }
    if goes_on {
        path.push('…');
    }
    path
}

/// How many bytes were read: lines count from 1, and a column is the number of
/// bytes of its line.
fn offset(text: &str, line: usize, column: usize) -> Option<usize> {
    let start = match line.checked_sub(1)? {
        0 => 0,
        lines => text.match_indices('\n').nth(lines - 1)?.0 + 1,
    };
    Some(start.saturating_add(column).min(text.len()))
}

/// Where the string that starts here ends: at its quote, or at the end of what
/// was read.
fn string_end(read: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = read.get(at) {
        match byte {
            b'"' => break,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at.min(read.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Part {
        #[serde(rename = "a")]
        _a: u8,
        #[serde(rename = "list", default)]
        _list: Vec<u8>,
        #[serde(rename = "parts", default)]
        _parts: BTreeMap<String, Part>,
    }

    #[test]
    fn the_path_leads_to_the_value() {
        for (text, path) in [
            (r#"{"a":"x"}"#, "a"),
            (r#"{"a": {"b":1}}"#, "a"),
            (r#"{"a":1,"list":[1,2,"x"]}"#, "list[2]"),
            (r#"{"a":1,"list":["x"]}"#, "list[0]"),
            (r#"{"a":1,"list":[{}]}"#, "list[0]"),
            (r#"{"a":1,"list":{"b":1}}"#, "list"),
            (r#"{"a":[1],"list":[]}"#, "a"),
            (r#"{"a":1,"list":[1,"#, "list[1]"),
            (
                "{\"a\":1,\n \"parts\":{\"b\\\"\":{\"a\":1,\n\"parts\":[]}}}",
                "parts.b\\\".parts",
            ),
            (r#"{"a":1,"parts":{"x":{"a":1},"y":{"b":1}}}"#, "parts.y"),
            (r#"{"new":[[{"a":"}"}]],"a":null}"#, "a"),
            ("{}", ""),
            ("", ""),
            ("7", ""),
            (r#"{"a":1} x"#, ""),
        ] {
            let mut json = serde_json::Deserializer::from_str(text);
            let read = Part::deserialize(&mut json).and_then(|_| json.end());
            let error = read.unwrap_err();
            let is_list = error.to_string().starts_with("invalid type: sequence");
            let found = path_at(text, error.line(), error.column(), is_list);
            assert_eq!(found, path, "{text}: {error}");
        }
    }

    #[test]
    fn deep_and_long_paths_are_cut() {
        let text = "[".repeat(1_000_000);
        let path = path_at(&text, 1, text.len(), false);
        assert_eq!(path, format!("{}…", "[0]".repeat(DEEPEST)));
        let text = format!(r#"{{"{}":x"#, "é".repeat(1000));
        let path = path_at(&text, 1, text.len(), false);
        assert_eq!(path, "é".repeat(LONGEST_NAME));
    }

    #[test]
    fn a_place_that_is_not_in_the_text_is_none() {
        for (line, column) in [(0, 0), (9, 0), (1, 99), (usize::MAX, usize::MAX)] {
            path_at("{\"a\":\n1", line, column, true);
        }
    }
}
