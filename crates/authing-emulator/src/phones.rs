//! Phone numbers in their many spellings.
//!
//! `+8613800000000`, `86 138-0000-0000` and `138 0000 0000` are one number: separators do not count, and a number
//! without a country belongs to mainland China. Such numbers are kept in their 11 digits, others with `+` and country.

const CHINA: &str = "86";
const CHINESE_DIGITS: usize = 11;

/// The one spelling of a number; text that is none stays as it is. `country_code` is said beside it, or not.
pub(crate) fn normal(phone: &str, country_code: Option<&str>) -> String {
    if !is_phone(phone) {
        return phone.to_owned();
    }
    let phone = phone.trim();
    let digits = digits(phone);
    let country = country_code.map(self::digits).unwrap_or_default();
    let international = if phone.starts_with('+') {
        digits
    } else if let Some(rest) = digits.strip_prefix("00") {
        rest.to_owned()
    } else if !country.is_empty() && country != CHINA {
        format!("{country}{digits}")
    } else {
        return strip_china(&digits).unwrap_or(&digits).to_owned();
    };
    match strip_china(&international) {
        Some(national) => national.to_owned(),
        None => format!("+{international}"),
    }
}

/// False for text that cannot be a number, such as `ann`.
pub(crate) fn is_phone(phone: &str) -> bool {
    let phone = phone.trim();
    let allowed = |c: char| c.is_ascii_digit() || " -().".contains(c);
    let count = digits(phone).len();
    (5..=15).contains(&count) && phone.trim_start_matches('+').chars().all(allowed)
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn strip_china(digits: &str) -> Option<&str> {
    digits
        .strip_prefix(CHINA)
        .filter(|national| national.len() == CHINESE_DIGITS && national.starts_with('1'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_number_are_one() {
        for (phone, country) in [
            ("13800000000", None),
            ("+8613800000000", None),
            ("86 138 0000 0000", None),
            ("138-0000-0000", None),
            ("008613800000000", None),
            (" (138) 0000.0000", Some("+86")),
            ("8613800000000", Some("86")),
        ] {
            assert_eq!(normal(phone, country), "13800000000", "{phone}");
        }
        for (phone, country) in [
            ("+1 202-555-0123", None),
            ("2025550123", Some("+1")),
            ("0012025550123", None),
            ("+12025550123", Some("+1")),
        ] {
            assert_eq!(normal(phone, country), "+12025550123", "{phone}");
        }
        assert_ne!(normal("2025550123", None), normal("2025550123", Some("+1")));
    }

    #[test]
    fn tells_numbers_from_other_text() {
        for good in ["13800000000", "+86 138-0000-0000", "(202) 555 0123"] {
            assert!(is_phone(good), "{good}");
        }
        for bad in [
            "",
            "ann",
            "+",
            "1234",
            "1380000000a",
            "1234567890123456",
            "１３８００００００００",
        ] {
            assert!(!is_phone(bad), "{bad}");
        }
    }
}
