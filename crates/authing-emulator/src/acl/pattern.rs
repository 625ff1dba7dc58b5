//! Names with wildcards: `*` stands for any characters, or none.

use crate::work;

/// Whether the pattern stands for everything that `asked` stands for. A `*` that is asked for is only covered by a
/// `*` of the pattern.
pub(super) fn covers(pattern: &str, asked: &str) -> bool {
    if let Some(answer) = without_wildcards(pattern, asked) {
        return answer;
    }
    let asked: Vec<char> = asked.chars().collect();
    // Which beginnings of `asked` the pattern so far can stand for.
    let mut reached = vec![false; asked.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for wanted in pattern.chars() {
        let mut before = false;
        let mut any = false;
        for (at, own) in reached.iter_mut().enumerate() {
            any |= *own;
            let here = match wanted {
                '*' => any,
                // `before` is about the beginning that is one character shorter.
                _ => before && at.checked_sub(1).and_then(|at| asked.get(at)) == Some(&wanted),
            };
            before = std::mem::replace(own, here);
        }
    }
    reached.last() == Some(&true)
}

/// Whether there is anything that both patterns stand for.
pub(super) fn overlap(one: &str, other: &str) -> bool {
    if let Some(answer) = without_wildcards(one, other) {
        return answer;
    }
    let other: Vec<char> = other.chars().collect();
    // Which beginnings of `other` can stand for the same as the beginning of `one` so far.
    let mut reached = vec![false; other.len() + 1];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    skip_wildcards(&mut reached, &other);
    for mine in one.chars() {
        let mut next = vec![false; reached.len()];
        let mut any = false;
        for (at, is_reached) in reached.iter().enumerate() {
            any |= is_reached;
            let shorter = at.checked_sub(1);
            let here = match (mine, shorter.and_then(|at| other.get(at))) {
                ('*', _) => any,
                // A wildcard of the other takes this character, and may take more.
                (_, Some('*')) => *is_reached,
                (_, Some(theirs)) => {
                    *theirs == mine && shorter.and_then(|at| reached.get(at)) == Some(&true)
                }
                (_, None) => false,
            };
            if let Some(slot) = next.get_mut(at) {
                *slot = here;
            }
        }
        skip_wildcards(&mut next, &other);
        reached = next;
    }
    reached.last() == Some(&true)
}

/// Names are equal or not. Patterns are work, of which a request can have too much: then it gets no answer.
fn without_wildcards(one: &str, other: &str) -> Option<bool> {
    if !one.contains('*') && !other.contains('*') {
        work::spend(1);
        return Some(one == other);
    }
    let work = one.len().saturating_mul(other.len()) / 50;
    (!work::spend_on(1 + work)).then_some(false)
}

/// A wildcard can stand for nothing.
fn skip_wildcards(reached: &mut [bool], pattern: &[char]) {
    for (at, c) in pattern.iter().enumerate() {
        if *c == '*'
            && reached.get(at) == Some(&true)
            && let Some(next) = reached.get_mut(at + 1)
        {
            *next = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_what_it_stands_for() {
        for (pattern, asked, expected) in [
            ("book:1", "book:1", true),
            ("book:1", "book:12", false),
            ("book:1", "book", false),
            ("book:*", "book:1", true),
            ("book:*", "book:", true),
            ("book:*", "book", false),
            ("book:*", "books:1", false),
            ("*", "", true),
            ("*", "book:1", true),
            ("", "", true),
            ("", "x", false),
            ("*:1", "book:1", true),
            ("*:1", "book:11", false),
            ("*:1", "book:12", false),
            ("b*k:*1", "book:21", true),
            ("b**k", "bk", true),
            ("书:*", "书:一", true),
            ("book:1", "book:*", false),
            ("book:*", "book:*", true),
            ("book:*", "book:1*", true),
            ("book:1*", "book:*", false),
            ("a?c", "abc", false),
        ] {
            assert_eq!(covers(pattern, asked), expected, "{pattern} covers {asked}");
        }
    }

    #[test]
    fn patterns_overlap_when_something_fits_both() {
        for (one, other, expected) in [
            ("book:1", "book:1", true),
            ("book:1", "book:2", false),
            ("book:*", "book:1", true),
            ("book:*", "shelf:*", false),
            ("*", "", true),
            ("*", "book:1", true),
            ("*", "*", true),
            ("a*", "*b", true),
            ("a*", "b*", false),
            ("a*c", "ab*", true),
            ("a*c", "a*b", false),
            ("a*", "a", true),
            ("a*b", "a", false),
            ("", "", true),
            ("", "x", false),
            ("**", "x", true),
            ("x*y*z", "*xyz", true),
            ("book:*:edit", "*:1:*", true),
        ] {
            assert_eq!(overlap(one, other), expected, "{one} and {other}");
            assert_eq!(overlap(other, one), expected, "{other} and {one}");
        }
    }

    /// All texts of up to so many of these characters.
    fn texts(characters: &str, length: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut longest = all.clone();
        for _ in 0..length {
            longest = longest
                .iter()
                .flat_map(|text| characters.chars().map(move |c| format!("{text}{c}")))
                .collect();
            all.extend(longest.iter().cloned());
        }
        all
    }

    #[test]
    fn patterns_overlap_when_some_text_is_covered_by_both() {
        let names = texts("ab", 6);
        let patterns = texts("ab*", 3);
        for one in &patterns {
            for other in &patterns {
                let both = |name: &String| covers(one, name) && covers(other, name);
                assert_eq!(overlap(one, other), names.iter().any(both), "{one} {other}");
                if covers(one, other) {
                    let lost = |name: &&String| covers(other, name) && !covers(one, name);
                    assert_eq!(names.iter().find(lost), None, "{one} covers {other}");
                }
            }
        }
    }
}
