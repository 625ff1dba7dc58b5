//! Where the mutants go in the source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use super::Mutant;
use crate::workspace;

pub(super) const CRATE: &str = "crates/authing-emulator";

/// A file, and what is taken of it.
type Place = (String, Range<usize>);

pub(super) fn check_ids(all: &[Mutant]) -> Result<()> {
    let ids: BTreeSet<_> = all.iter().map(|mutant| &mutant.id).collect();
    if ids.len() != all.len() {
        bail!("two mutants have the same id");
    }
    Ok(())
}

/// Splits them so that no two in one build are about the same text.
pub(super) fn batches(all: Vec<Mutant>) -> Result<Vec<Vec<Mutant>>> {
    let mut batches: Vec<(Vec<Mutant>, Vec<Place>)> = Vec::new();
    for mutant in all {
        let place = (mutant.file.clone(), place(&mutant)?);
        let overlaps = |taken: &[Place]| {
            taken.iter().any(|(file, range)| {
                *file == place.0 && range.start < place.1.end && place.1.start < range.end
            })
        };
        match batches.iter_mut().find(|(_, taken)| !overlaps(taken)) {
            Some((batch, taken)) => {
                batch.push(mutant);
                taken.push(place);
            }
            None => batches.push((vec![mutant], vec![place])),
        }
    }
    Ok(batches.into_iter().map(|(batch, _)| batch).collect())
}

fn place(mutant: &Mutant) -> Result<Range<usize>> {
    let file = workspace::root().join(CRATE).join("src").join(&mutant.file);
    let text = fs::read_to_string(&file).with_context(|| mutant.file.clone())?;
    find(&text, mutant).with_context(|| mutant.id.clone())
}

/// The place of the text, whatever its white space.
fn find(text: &str, mutant: &Mutant) -> Result<Range<usize>> {
    let wanted: Vec<char> = mutant.find.chars().filter(|c| !c.is_whitespace()).collect();
    let letters: Vec<(usize, char)> = text
        .char_indices()
        .filter(|(_, c)| !c.is_whitespace())
        .collect();
    let is_here = |window: &&[(usize, char)]| window.iter().map(|(_, c)| c).eq(&wanted);
    let found: Vec<Range<usize>> = letters
        .windows(wanted.len().max(1))
        .filter(is_here)
        .filter_map(|window| {
            let ((start, _), (end, last)) = (window.first()?, window.last()?);
            Some(*start..end + last.len_utf8())
        })
        .collect();
    match (mutant.nth, found.as_slice()) {
        (None, [only]) => Ok(only.clone()),
        (Some(nth), found) if nth > 0 && nth <= found.len() => {
            found.get(nth - 1).cloned().context("no such place")
        }
        (_, found) => bail!("its text is in {} places of {}", found.len(), mutant.file),
    }
}

/// The files of the crate with all of these in them.
pub(super) fn write(batch: &[Mutant], copy: &Path) -> Result<()> {
    let mut files: BTreeMap<&str, Vec<&Mutant>> = BTreeMap::new();
    for mutant in batch {
        files.entry(&mutant.file).or_default().push(mutant);
    }
    for (file, mutants) in files {
        let path = copy.join("src").join(file);
        let text = fs::read_to_string(&path)?;
        fs::write(&path, with_all(&text, &mutants)?)?;
    }
    let library = copy.join("src/lib.rs");
    let text = fs::read_to_string(&library)?;
    fs::write(&library, text + SWITCH)?;
    Ok(())
}

const SWITCH: &str = "
pub(crate) fn mutant(id: &str) -> bool {
    std::env::var(\"EMULATOR_MUTANT\").is_ok_and(|on| on == id)
}
";

fn with_all(text: &str, mutants: &[&Mutant]) -> Result<String> {
    let mut places = Vec::new();
    for mutant in mutants {
        places.push((find(text, mutant)?, *mutant));
    }
    places.sort_by_key(|(range, _)| range.start);
    let mut out = String::new();
    let mut done = 0;
    for (range, mutant) in places {
        let (Some(before), Some(own)) = (text.get(done..range.start), text.get(range.clone()))
        else {
            bail!("{} is in the middle of another", mutant.id);
        };
        out.push_str(before);
        out.push_str(&switched(own, mutant));
        done = range.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    Ok(out)
}

fn switched(own: &str, mutant: &Mutant) -> String {
    let Mutant { id, replace, .. } = mutant;
    match replace.as_str() {
        // Nothing in the place of something: whatever it is, it is done and dropped.
        "()" => format!("(if crate::mutant({id:?}) {{}} else {{ let _ = {own}; }})"),
        _ => format!("(if crate::mutant({id:?}) {{ {replace} }} else {{ {own} }})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(find: &str, replace: &str, nth: Option<usize>) -> Mutant {
        Mutant {
            id: "a.b".to_owned(),
            rule: String::new(),
            file: "x.rs".to_owned(),
            find: find.to_owned(),
            replace: replace.to_owned(),
            nth,
            test: None,
        }
    }

    #[test]
    fn places_are_found_whatever_their_white_space() {
        let text = "é if a\n    .b() { a . b () }";
        let place = |nth| find(text, &mutant("a.b()", "", nth));
        assert!(place(None).is_err());
        assert_eq!(text.get(place(Some(2)).unwrap()), Some("a . b ()"));
        assert!(place(Some(3)).is_err());
        assert!(find(text, &mutant("c", "", None)).is_err());
    }

    #[test]
    fn each_gets_a_switch() {
        let text = "if a == b { f()?; }";
        let (first, second) = (mutant("a == b", "true", None), mutant("f()?", "()", None));
        assert_eq!(
            with_all(text, &[&second, &first]).unwrap(),
            "if (if crate::mutant(\"a.b\") { true } else { a == b }) \
             { (if crate::mutant(\"a.b\") {} else { let _ = f()?; }); }"
        );
        assert!(with_all(text, &[&first, &mutant("b", "c", None)]).is_err());
    }

    #[test]
    fn every_mutant_of_the_list_has_its_place() {
        let text = fs::read_to_string(workspace::root().join(super::super::LIST)).unwrap();
        let list: super::super::List = toml::from_str(&text).unwrap();
        check_ids(&list.mutant).unwrap();
        let tests: Vec<_> = list
            .mutant
            .iter()
            .filter(|mutant| mutant.test.is_none())
            .collect();
        assert!(
            tests.is_empty(),
            "nobody says which test must fail: {tests:?}"
        );
        assert!(batches(list.mutant).unwrap().len() < 5);
    }
}
