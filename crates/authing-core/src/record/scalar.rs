//! Values without parts, and what they convert to.

use super::Place;

/// A value that has no parts.
#[derive(Clone, Copy)]
pub(super) enum Scalar<'v> {
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(&'v str),
}

impl Scalar<'_> {
    pub(super) fn text(self) -> Option<String> {
        match self {
            Self::Flag(flag) => Some(flag.to_string()),
            Self::Whole(number) => Some(number.to_string()),
            Self::Number(number) => serde_json::Number::from_f64(number).map(|n| n.to_string()),
            Self::Text(text) => Some(text.to_owned()),
        }
    }

    pub(super) fn flag(self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(flag),
            Self::Whole(0) => Some(false),
            Self::Whole(1) => Some(true),
            Self::Whole(_) | Self::Number(_) => None,
            Self::Text(text) => match text.trim() {
                "0" => Some(false),
                "1" => Some(true),
                text if text.eq_ignore_ascii_case("false") => Some(false),
                text if text.eq_ignore_ascii_case("true") => Some(true),
                _ => None,
            },
        }
    }

    pub(super) fn seconds(self) -> Option<i64> {
        /// The whole numbers up to here are exact.
        const EXACT: f64 = 9e15;
        match self {
            Self::Flag(_) => None,
            Self::Whole(number) => Some(number),
            Self::Number(number) => {
                let whole = number.floor();
                #[expect(clippy::cast_possible_truncation, reason = "checked on this line")]
                (whole.abs() < EXACT).then_some(whole as i64)
            }
            Self::Text(text) => match text.trim() {
                // What Rust reads besides, such as `inf`, is no number in JSON.
                text if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-') => None,
                text => text.parse().ok().or_else(|| {
                    let number = text.parse().ok()?;
                    Self::Number(number).seconds()
                }),
            },
        }
    }

    /// Whether it is what the type says, and not only convertible to it.
    pub(super) fn fits(self, place: &Place<'_>) -> bool {
        matches!(
            (self, place),
            (
                Self::Text(_),
                Place::Text(_) | Place::Secret(_) | Place::Words(_) | Place::Texts(_)
            ) | (Self::Flag(_), Place::Flag(_))
                | (
                    Self::Whole(_) | Self::Number(_),
                    Place::Seconds(_) | Place::Span(_)
                )
        )
    }

    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Flag(_) => "a truth value",
            Self::Whole(_) | Self::Number(_) => "a number",
            Self::Text(_) => "a text",
        }
    }
}
