//! Writes the committed corpus as the bytes that it stands for, for libFuzzer:
//! `cargo run -p authing-tests --example seeds -- FOLDER`.

use std::path::PathBuf;

use authing_tests::hostile::corpus::seeds;
use authing_tests::hostile::entry_points;

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.expect("the folder to write to");
    for (name, _) in entry_points() {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder)?;
        for seed in seeds(name) {
            std::fs::write(folder.join(seed.name), seed.bytes)?;
        }
    }
    Ok(())
}
