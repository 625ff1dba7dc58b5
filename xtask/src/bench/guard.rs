//! The part of `bench` that CI runs: whether calls got dearer.

use anyhow::Result;

use crate::bench::baseline::{self, Baseline};
use crate::bench::{CALLS, build, measure, of_call, rustc};
use crate::workspace;

/// Those that differ in what they do. A list of a hundred is one of ten again.
const WATCHED: &[&str] = &["list-10", "detail", "login", "hs256", "rs256"];

/// Compares with the baseline what can be compared on this machine, and gives
/// what to say in the end: allocations anywhere, instructions where valgrind is
/// and the compiler is the baseline's.
pub(crate) fn guard() -> Result<String> {
    let sh = workspace::shell()?;
    let before = Baseline::read(&sh.read_file(baseline::FILE)?)?;
    build(&sh)?;
    let calls = || CALLS.iter().filter(|call| WATCHED.contains(&call.name));

    let rustc = rustc(&sh)?;
    let lacks = match measure::needs(&sh) {
        Err(error) => Some(error.to_string()),
        Ok(()) if before.rustc() != rustc => {
            Some(format!("{} is of another compiler", baseline::FILE))
        }
        Ok(()) => None,
    };
    let Some(why) = lacks else {
        let mut rows = Vec::new();
        for call in calls() {
            rows.extend(of_call(&sh, call, &[])?);
        }
        workspace::report(&before.compare(&rows))?;
        return Ok("bench: no call got dearer".to_owned());
    };
    let mut dearer = Vec::new();
    for call in calls() {
        for way in call.ways.iter().filter(|way| way.starts_with("sdk")) {
            let (count, _) = measure::allocations(&sh, call.name, way, call.count)?;
            dearer.extend(before.compare_heap(&format!("{} {way}", call.name), count));
        }
    }
    workspace::report(&dearer)?;
    Ok(format!(
        "bench: no call takes more from the heap; its instructions were NOT compared: {why}"
    ))
}
