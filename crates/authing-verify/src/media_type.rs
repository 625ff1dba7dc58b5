use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// The media type of a body without its parameters, such as `charset`. It is to
/// be compared without case (RFC 9110, section 8.3.1).
pub(crate) fn media_type(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(CONTENT_TYPE)?.as_bytes();
    let name = value.split(|byte| *byte == b';').next()?;
    Some(name.trim_ascii())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn parameters_are_left_out() {
        let read = |value: &'static [u8]| {
            let value = HeaderValue::from_bytes(value).unwrap();
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, value)]);
            media_type(&headers).map(<[u8]>::to_vec)
        };
        for (value, expected) in [
            (&b"text/html"[..], &b"text/html"[..]),
            (b" Text/HTML ; charset=\"a;b\"", b"Text/HTML"),
            (b"text/html;\xff", b"text/html"),
            (b";", b""),
            (b"", b""),
        ] {
            assert_eq!(read(value).as_deref(), Some(expected));
        }
        assert_eq!(media_type(&HeaderMap::new()), None);
    }
}
