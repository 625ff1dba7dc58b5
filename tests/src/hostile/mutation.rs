//! Inputs that are almost right, made by chance but always the same.

use std::ops::Range;

use fastrand::Rng;

/// No mutation makes an input longer than this.
const LONGEST: usize = 1 << 14;

/// What JSON, numbers and text are broken with.
const ODDITIES: [&[u8]; 24] = [
    b"null",
    b"true",
    b"-1",
    b"-0",
    b"0",
    b"1e999",
    b"-1e308",
    b"1.5",
    b"NaN",
    b"9223372036854775807",
    b"9223372036854775808",
    b"-9223372036854775809",
    b"18446744073709551616",
    b"\"\"",
    b"\"\\ud800\"",
    b"\"\\u0000\"",
    b"[]",
    b"{}",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xf0\x9f\x98",
    b"\\",
    b"\n",
    b"canary-7f3a",
];

/// `input` with one to four changes; `other` is where splices come from.
#[must_use]
pub fn mutate(rng: &mut Rng, input: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..rng.usize(1..=4) {
        change(rng, &mut bytes, other);
        bytes.truncate(LONGEST);
    }
    bytes
}

fn change(rng: &mut Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    match rng.u8(0..8) {
        0 => {
            if let Some(at) = index(rng, bytes) {
                bytes[at] ^= 1 << rng.u8(0..8);
            }
        }
        1 => {
            if let Some(at) = index(rng, bytes) {
                bytes[at] = rng.u8(..);
            }
        }
        2 => bytes.truncate(rng.usize(0..=bytes.len())),
        3 => {
            let cut = range(rng, bytes);
            bytes.drain(cut);
        }
        4 => {
            let copy = bytes[range(rng, bytes)].to_vec();
            insert(rng, bytes, &copy);
        }
        5 => {
            let (from, to) = (range(rng, other), range(rng, bytes));
            bytes.splice(to, other[from].iter().copied());
        }
        6 => {
            let oddity = ODDITIES[rng.usize(0..ODDITIES.len())];
            insert(rng, bytes, oddity);
        }
        _ => {
            let values = values(bytes);
            if !values.is_empty() {
                let value = values[rng.usize(0..values.len())].clone();
                let oddity = ODDITIES[rng.usize(0..ODDITIES.len())];
                bytes.splice(value, oddity.iter().copied());
            }
        }
    }
}

fn index(rng: &mut Rng, bytes: &[u8]) -> Option<usize> {
    (!bytes.is_empty()).then(|| rng.usize(0..bytes.len()))
}

fn range(rng: &mut Rng, bytes: &[u8]) -> Range<usize> {
    let start = rng.usize(0..=bytes.len());
    // Short ones more often, since they leave the rest in shape.
    let longest = match rng.bool() {
        true => (bytes.len() - start).min(8),
        false => bytes.len() - start,
    };
    start..start + rng.usize(0..=longest)
}

fn insert(rng: &mut Rng, bytes: &mut Vec<u8>, part: &[u8]) {
    let at = rng.usize(0..=bytes.len());
    bytes.splice(at..at, part.iter().copied());
}

/// Where the words and numbers are, with the quotes of those in quotes.
fn values(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, byte) in bytes.iter().enumerate() {
        let inside = byte.is_ascii_alphanumeric() || b"\"+-._".contains(byte);
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    found.extend(start.map(|from| from..bytes.len()));
    found
}
