//! `fmt`, `clippy` and `docs`: cargo's own checks with our settings.

use anyhow::{Context as _, Result};
use xshell::cmd;

use crate::workspace;

pub(crate) fn fmt() -> Result<()> {
    let sh = workspace::shell()?;
    cmd!(sh, "cargo fmt --all --check")
        .run()
        .context("`cargo fmt --all` puts it right")
}

pub(crate) fn clippy() -> Result<()> {
    let sh = workspace::shell()?;
    cmd!(
        sh,
        "cargo clippy --workspace --all-targets --all-features -- -D warnings"
    )
    .run()?;
    Ok(())
}

pub(crate) fn docs() -> Result<()> {
    let sh = workspace::shell()?;
    cmd!(sh, "cargo doc --workspace --no-deps --all-features")
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()?;
    Ok(())
}
