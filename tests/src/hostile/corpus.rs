//! The committed corpus: text files, a folder for each entry point.
//!
//! | file | input |
//! |---|---|
//! | `*.txt` | the text, less the end of its last line |
//! | `*.hex` | the bytes of these hexadecimal digits; lines with `#` are comments |
//! | `*.repeat` | in each line a number and a text, which comes that often |

use std::path::{Path, PathBuf};

use crate::cases::cases;

/// One input.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Seed {
    /// The name of its file, or of what it was made of.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Where the folders are.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// The inputs of an entry point, in the order of their names.
///
/// # Panics
///
/// A file that cannot be read.
#[must_use]
pub fn seeds(entry_point: &str) -> Vec<Seed> {
    let folder = root().join(entry_point);
    let files =
        std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut seeds: Vec<_> = files
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let bytes =
                decode(&name, &text).unwrap_or_else(|| panic!("{} cannot be read", path.display()));
            Seed { name, bytes }
        })
        .collect();
    // Every operation has an honest answer already.
    if entry_point == "models" {
        seeds.extend(cases().iter().map(|case| Seed {
            name: case.name(),
            bytes: format!("{}\n{}", case.name(), case.answer).into_bytes(),
        }));
    }
    seeds.sort_by(|a, b| a.name.cmp(&b.name));
    seeds
}

/// The input that a file stands for.
fn decode(name: &str, text: &str) -> Option<Vec<u8>> {
    match name.rsplit_once('.')?.1 {
        "txt" => Some(text.strip_suffix('\n').unwrap_or(text).into()),
        "hex" => {
            let digits: Vec<u32> = text
                .lines()
                .filter(|line| !line.starts_with('#'))
                .flat_map(str::chars)
                .filter(|c| !c.is_whitespace())
                .map(|c| c.to_digit(16))
                .collect::<Option<_>>()?;
            let pairs = digits.chunks(2);
            pairs
                .map(|pair| match pair {
                    [high, low] => u8::try_from(high * 16 + low).ok(),
                    _ => None,
                })
                .collect()
        }
        "repeat" => {
            let mut bytes = Vec::new();
            for line in text.lines() {
                let (count, part) = line.split_once(' ')?;
                bytes.extend_from_slice(part.repeat(count.parse().ok()?).as_bytes());
            }
            Some(bytes)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stand_for_bytes() {
        assert_eq!(decode("a.txt", "x\n\n").unwrap(), b"x\n");
        assert_eq!(decode("a.hex", "# é\nff 0a\n00\n").unwrap(), [255, 10, 0]);
        assert_eq!(decode("a.repeat", "3 [\n1 ] \n").unwrap(), b"[[[] ");
        for (name, text) in [
            ("a.hex", "f"),
            ("a.hex", "xx"),
            ("a.repeat", "["),
            ("a.md", ""),
        ] {
            assert_eq!(decode(name, text), None, "{name} {text}");
        }
    }
}
