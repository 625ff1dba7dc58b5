//! The part of `bench` that CI runs: whether calls got dearer.

use anyhow::Result;
use xshell::Shell;

use crate::bench::baseline::{self, Baseline};
use crate::bench::{CALLS, Call, build, measure, of_call};
use crate::workspace;

/// Whose instructions are compared: those that differ in what they do, and by hand
/// use the same libraries. Signatures are checked by others, with other processors
/// in mind.
const WATCHED: &[&str] = &["list-10", "detail", "login"];

/// Compares with the baseline what can be compared on this machine, and gives
/// what to say in the end: allocations where the compiler is the baseline's, and
/// instructions where also host and valgrind are.
pub(crate) fn guard() -> Result<String> {
    let sh = workspace::shell()?;
    let before = Baseline::read(&sh.read_file(baseline::FILE)?)?;
    build(&sh)?;

    let heap = heap(&sh, &before)?;
    let measured_with = measure::measured_with(&sh)?;
    let is_like =
        |part: fn(&str) -> Option<&str>| part(before.measured_with()) == part(&measured_with);
    if !is_like(|it| it.split(", ").next()) {
        let found = match heap.is_empty() {
            true => String::new(),
            false => format!(": {}", heap.join(", ")),
        };
        return Ok(format!(
            "bench: nothing was held against {}, which another compiler was measured with{found}",
            baseline::FILE
        ));
    }
    workspace::report(&heap)?;
    let skipped = |why: &str| {
        Ok(format!(
            "bench: no call takes more from the heap; instructions were NOT compared, {why}"
        ))
    };
    if let Err(error) = measure::needs(&sh) {
        return skipped(&format!("{error:#}"));
    }
    if !is_like(|it| Some(it)) {
        return skipped(&format!("the baseline is of {}", before.measured_with()));
    }
    let mut rows = Vec::new();
    for call in CALLS.iter().filter(|call| WATCHED.contains(&call.name)) {
        match of_call(&sh, call, &[]) {
            Ok(more) => rows.extend(more),
            Err(error) => return skipped(&format!("{error:#}")),
        }
    }
    workspace::report(&before.compare(&rows))?;
    Ok("bench: no call got dearer".to_owned())
}

/// The calls that take more from the heap than before.
fn heap(sh: &Shell, before: &Baseline) -> Result<Vec<String>> {
    let mut dearer = Vec::new();
    let ways = |call: &'static Call| call.ways.iter().map(move |way| (call, *way));
    for (call, way) in CALLS.iter().flat_map(ways) {
        if way.starts_with("sdk") {
            let (count, _) = measure::allocations(sh, call.name, way, call.count)?;
            dearer.extend(before.compare_heap(&format!("{} {way}", call.name), count));
        }
    }
    Ok(dearer)
}
