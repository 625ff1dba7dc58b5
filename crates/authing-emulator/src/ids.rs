//! Random identifiers: from the system, or from a seed so that a run can be repeated byte for byte.
//!
//! A request draws from the source of its user pool. The source is put where this thread finds it while the request is
//! carried out, since ids are needed deep inside every resource.

use std::cell::RefCell;

use rsa::rand_core::{CryptoRng, Error, OsRng, RngCore};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

thread_local! {
    static SOURCE: RefCell<Source> = const { RefCell::new(Source::System) };
}

/// Where random bytes come from.
#[derive(Debug, Clone, Default)]
pub(crate) enum Source {
    #[default]
    System,
    /// Everybody who knows the seed knows what comes: for tests only, as the whole emulator is.
    Seeded(fastrand::Rng),
}

impl Source {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        seed.map_or(Self::System, |seed| {
            Self::Seeded(fastrand::Rng::with_seed(seed))
        })
    }

    /// Another source that goes its own way from here, and the same way each time.
    pub(crate) fn split(&mut self) -> Self {
        match self {
            Self::System => Self::System,
            Self::Seeded(numbers) => Self::Seeded(fastrand::Rng::with_seed(numbers.u64(..))),
        }
    }
}

impl RngCore for Source {
    fn next_u32(&mut self) -> u32 {
        match self {
            Self::System => OsRng.next_u32(),
            Self::Seeded(numbers) => numbers.u32(..),
        }
    }

    fn next_u64(&mut self) -> u64 {
        match self {
            Self::System => OsRng.next_u64(),
            Self::Seeded(numbers) => numbers.u64(..),
        }
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        match self {
            Self::System => OsRng.fill_bytes(bytes),
            Self::Seeded(numbers) => numbers.fill(bytes),
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

/// What key generation asks for. A seeded source is no such thing, and makes keys for tests only.
impl CryptoRng for Source {}

/// How far a seeded source has come, in hexadecimal digits; null for the system's.
impl Serialize for Source {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::System => to.serialize_none(),
            Self::Seeded(numbers) => to.collect_str(&format_args!("{:016x}", numbers.get_seed())),
        }
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let seed = Option::<String>::deserialize(from)?;
        let seed = seed.map(|digits| u64::from_str_radix(&digits, 16));
        Ok(Self::new(seed.transpose().map_err(D::Error::custom)?))
    }
}

/// Puts a source in its place, and back when it is dropped.
struct Lent<'a>(&'a mut Source);

impl<'a> Lent<'a> {
    fn new(source: &'a mut Source) -> Self {
        SOURCE.with_borrow_mut(|current| std::mem::swap(current, source));
        Self(source)
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        SOURCE.with_borrow_mut(|current| std::mem::swap(current, self.0));
    }
}

/// Whatever is drawn meanwhile on this thread comes from this source.
pub(crate) fn drawing_from<T>(source: &mut Source, draw: impl FnOnce() -> T) -> T {
    let _lent = Lent::new(source);
    draw()
}

/// The source that this thread draws from now.
pub(crate) fn with_source<T>(draw: impl FnOnce(&mut Source) -> T) -> T {
    SOURCE.with_borrow_mut(draw)
}

/// The shape of user, pool and application ids.
pub(crate) fn id() -> String {
    hex::<12>()
}

/// The shape of secrets.
pub(crate) fn secret() -> String {
    hex::<16>()
}

fn hex<const BYTES: usize>() -> String {
    to_hex(&bytes::<BYTES>())
}

pub(crate) fn bytes<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    with_source(|source| source.fill_bytes(&mut bytes));
    bytes
}

/// Decimal digits, for codes that people type.
pub(crate) fn digits(count: usize) -> String {
    (0..count)
        .map(|_| {
            let number = with_source(Source::next_u32);
            // A remainder of 32 bits favours no digit by more than a billionth.
            char::from_digit(number % 10, 10).unwrap_or('0')
        })
        .collect()
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves
        .filter_map(|half| DIGITS.get(usize::from(half)))
        .collect()
}

pub(crate) fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let bytes = digits.as_bytes().chunks(2);
    bytes
        .map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            let is_whole = pair.len() == 2 && !pair.starts_with('+');
            u8::from_str_radix(pair, 16).ok().filter(|_| is_whole)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn have_their_lengths() {
        assert_eq!(id().len(), 24);
        assert_eq!(secret().len(), 32);
        assert_ne!(id(), id());
        assert_eq!(to_hex(&[0, 255, 16]), "00ff10");
        assert_eq!(from_hex("00FF10"), Some(vec![0, 255, 16]));
        for bad in ["0", "0x", "+1", "é", "000"] {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_seed_gives_the_same_each_time() {
        let draw = |seed| {
            let mut source = Source::new(Some(seed));
            let mut other = source.split();
            let own = drawing_from(&mut source, || [id(), digits(6)]);
            let others = drawing_from(&mut other, || [id(), digits(6)]);
            assert_ne!(own, others);
            (own, others)
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn a_source_goes_on_where_it_was_written_down() {
        let mut source = Source::new(Some(1));
        drawing_from(&mut source, id);
        let text = serde_json::to_string(&source).unwrap();
        let mut copy: Source = serde_json::from_str(&text).unwrap();
        let next = drawing_from(&mut source, id);
        assert_eq!(drawing_from(&mut copy, id), next);
        assert_ne!(id(), next, "nothing of it is left behind");
        assert_eq!(serde_json::to_string(&Source::System).unwrap(), "null");
        assert!(serde_json::from_str::<Source>("\"x\"").is_err());
    }
}
