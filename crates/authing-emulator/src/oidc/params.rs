//! The fields of a form or a query.

use std::collections::HashMap;

/// Each name once, as OAuth asks for; an empty value counts as none.
#[derive(Default)]
pub(super) struct Params {
    fields: HashMap<String, String>,
    pub(super) repeated: bool,
}

impl Params {
    pub(super) fn parse(text: &[u8]) -> Self {
        let mut params = Self::default();
        for (name, value) in form_urlencoded::parse(text) {
            if value.is_empty() {
                continue;
            }
            let before = params.fields.insert(name.into_owned(), value.into_owned());
            params.repeated |= before.is_some();
        }
        params
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.fields.get(name).cloned()
    }

    /// Whether a list separated by spaces has this word.
    pub(super) fn has_word(&self, name: &str, word: &str) -> bool {
        self.get(name)
            .is_some_and(|list| list.split(' ').any(|own| own == word))
    }
}

/// The address with further fields in its query, or behind `#`.
pub(super) fn append(uri: &str, separator: char, fields: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields);
    let query = query.finish();
    match uri.contains('?') && separator == '?' {
        true => format!("{uri}&{query}"),
        false => format!("{uri}{separator}{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_once() {
        let params = Params::parse(b"a=1+2&b=&c=%26&prompt=login+consent");
        assert_eq!((params.get("a"), params.get("b")), (Some("1 2"), None));
        assert_eq!(params.get("c"), Some("&"));
        assert!(params.has_word("prompt", "consent") && !params.has_word("prompt", "con"));
        assert!(!params.repeated);
        assert!(Params::parse(b"a=1&a=1").repeated);
    }

    #[test]
    fn fields_are_appended() {
        let fields = [("code", "a b"), ("state", "&")];
        assert_eq!(
            append("http://h/", '?', &fields),
            "http://h/?code=a+b&state=%26"
        );
        assert_eq!(
            append("http://h/?x=1", '?', &fields[..1]),
            "http://h/?x=1&code=a+b"
        );
        assert_eq!(
            append("http://h/?x=1", '#', &fields[..1]),
            "http://h/?x=1#code=a+b"
        );
    }
}
