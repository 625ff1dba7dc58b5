//! Random identifiers.

use rsa::rand_core::{OsRng, RngCore};

/// The shape of user, pool and application ids.
pub(crate) fn id() -> String {
    hex::<12>()
}

/// The shape of secrets.
pub(crate) fn secret() -> String {
    hex::<16>()
}

fn hex<const BYTES: usize>() -> String {
    let mut bytes = [0; BYTES];
    OsRng.fill_bytes(&mut bytes);
    to_hex(&bytes)
}

/// Decimal digits, for codes that people type.
pub(crate) fn digits(count: usize) -> String {
    (0..count)
        .map(|_| {
            // A remainder of 32 bits favours no digit by more than a billionth.
            char::from_digit(OsRng.next_u32() % 10, 10).unwrap_or('0')
        })
        .collect()
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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
    #[test]
    fn have_their_lengths() {
        assert_eq!(super::id().len(), 24);
        assert_eq!(super::secret().len(), 32);
        assert_ne!(super::id(), super::id());
        assert_eq!(super::to_hex(&[0, 255, 16]), "00ff10");
        assert_eq!(super::from_hex("00FF10"), Some(vec![0, 255, 16]));
        for bad in ["0", "0x", "+1", "é", "000"] {
            assert_eq!(super::from_hex(bad), None, "{bad}");
        }
    }
}
