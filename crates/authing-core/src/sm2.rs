//! SM2, the public-key encryption of GM/T 0003-2012, as Authing takes it.

use std::fmt::Write;

use sm2::elliptic_curve::common::getrandom::SysRng;
use sm2::elliptic_curve::rand_core::TryCryptoRng;
use sm2::pke::EncryptingKey;

use crate::{Error, Result};

/// What marks the one form of a point that Authing knows: both coordinates.
const UNCOMPRESSED: u8 = 4;
/// Bytes of both coordinates.
const POINT: usize = 64;

#[derive(Clone)]
pub(crate) struct Sm2Key(EncryptingKey);

impl Sm2Key {
    pub(crate) fn from_hex(digits: &str) -> Result<Self> {
        let bytes = from_hex(digits.trim()).and_then(|mut bytes| {
            if bytes.len() == POINT {
                bytes.insert(0, UNCOMPRESSED);
            }
            let marked = bytes.len() == POINT + 1 && bytes.first() == Some(&UNCOMPRESSED);
            marked.then_some(bytes)
        });
        bytes
            .and_then(|bytes| EncryptingKey::from_sec1_bytes(&bytes).ok())
            .map(Self)
            .ok_or_else(|| {
                Error::configuration("the public key is not an SM2 key in hexadecimal digits")
            })
    }

    /// `sm2:` and the digits of C1 || C3 || C2, where C1 goes without its mark.
    pub(crate) fn encrypt(&self, plain: &[u8]) -> Result<String> {
        self.encrypt_with(&mut SysRng, plain)
    }

    fn encrypt_with(&self, random: &mut impl TryCryptoRng, plain: &[u8]) -> Result<String> {
        if plain.is_empty() {
            return Err(Error::invalid_input("the password is empty"));
        }
        let cipher = self.0.encrypt(random, plain).map_err(|cause| {
            Error::invalid_input("the password cannot be encrypted").with_source(cause)
        })?;
        let mut text = "sm2:".to_owned();
        for byte in cipher.iter().skip(1) {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Ok(text)
    }
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = digits
        .chars()
        .map(|digit| u8::try_from(digit.to_digit(16)?).ok())
        .collect();
    let digits = digits?;
    let pairs = digits.chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Some(high * 16 + low),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use sm2::elliptic_curve::rand_core::{TryCryptoRng, TryRng};
    use sm2::pke::DecryptingKey;

    use super::*;
    use crate::{ErrorKind, PasswordKey, Secret};

    // The example of GM/T 0003.5-2012, annex C, on the curve of the standard.
    const PRIVATE: &str = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8";
    const PUBLIC: &str = "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020\
                          CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13";
    const RANDOM: &str = "59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21";
    const PLAIN: &str = "encryption standard";
    const CIPHER: &str = "sm2:\
                          04ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73\
                          e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0\
                          59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766\
                          21886ca989ca9c7d58087307ca93092d651efa";

    /// Gives the random number of the example.
    struct Fixed;

    impl TryRng for Fixed {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> std::result::Result<u32, Infallible> {
            Ok(0)
        }

        fn try_next_u64(&mut self) -> std::result::Result<u64, Infallible> {
            Ok(0)
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> std::result::Result<(), Infallible> {
            bytes.copy_from_slice(&from_hex(RANDOM).unwrap());
            Ok(())
        }
    }

    impl TryCryptoRng for Fixed {}

    fn decrypt(cipher: &str) -> Vec<u8> {
        let mut bytes = from_hex(cipher.strip_prefix("sm2:").unwrap()).unwrap();
        bytes.insert(0, UNCOMPRESSED);
        let key = DecryptingKey::from_slice(&from_hex(PRIVATE).unwrap()).unwrap();
        key.decrypt(&bytes).unwrap()
    }

    #[test]
    fn agrees_with_the_example_of_the_standard() {
        let key = Sm2Key::from_hex(PUBLIC).unwrap();
        let cipher = key.encrypt_with(&mut Fixed, PLAIN.as_bytes()).unwrap();
        assert_eq!(cipher, CIPHER);
        assert_eq!(decrypt(CIPHER), PLAIN.as_bytes());
    }

    #[test]
    fn what_is_encrypted_can_be_decrypted() {
        let key = PasswordKey::sm2_from_hex(PUBLIC).unwrap();
        assert_eq!(key.max_len(), None);
        assert_eq!(format!("{key:?}"), "PasswordKey(SM2)");
        for plain in ["x".to_owned(), "密码 hunter2".to_owned(), "é".repeat(500)] {
            let secret = Secret::from(&plain);
            let cipher = key.encrypt(&secret).unwrap();
            assert_eq!(decrypt(&cipher), plain.as_bytes());
            assert_eq!(cipher.len(), 4 + 2 * (64 + 32 + plain.len()));
            assert_eq!(cipher, cipher.to_lowercase());
            assert_ne!(cipher, key.encrypt(&secret).unwrap());
        }
        let error = key.encrypt(&Secret::from("")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }

    #[test]
    fn only_points_of_the_curve_are_keys() {
        let bare = PUBLIC.strip_prefix("04").unwrap().to_lowercase();
        PasswordKey::sm2_from_hex(&format!(" {bare}\n")).unwrap();
        let off_the_curve = PUBLIC.replace("AD13", "AD14");
        let compressed = format!("03{}", PUBLIC.get(2..66).unwrap());
        let odd = format!("{PUBLIC}0");
        for bad in ["", "04", "00", "zz", "é", &off_the_curve, &compressed, &odd] {
            let error = PasswordKey::sm2_from_hex(bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration, "{bad}");
        }
    }
}
