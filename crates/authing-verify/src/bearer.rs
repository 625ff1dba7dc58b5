use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::rejection::{Reason, Rejection};

/// The token in the `Authorization` header (RFC 6750, section 2.1). Tokens in
/// the query or in a form are not looked at: they end up in logs.
///
/// ```
/// use authing_verify::{Reason, bearer_token};
///
/// let mut headers = http::HeaderMap::new();
/// assert_eq!(bearer_token(&headers).unwrap_err().reason(), Reason::Missing);
/// headers.insert("authorization", "Bearer abc".parse().unwrap());
/// assert_eq!(bearer_token(&headers).unwrap(), "abc");
/// ```
///
/// # Errors
///
/// [`Reason::Missing`] without such a header, or with one of another scheme;
/// [`Reason::Ambiguous`] with several, or one that cannot be read.
pub fn bearer_token(headers: &HeaderMap) -> Result<&str, Rejection> {
    let missing = || Rejection::new(Reason::Missing, "the request has no bearer token");
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or_else(missing)?;
    let ambiguous = |words| Rejection::new(Reason::Ambiguous, words);
    if values.next().is_some() {
        return Err(ambiguous("the request has several Authorization headers"));
    }
    let value = value
        .to_str()
        .map_err(|_| ambiguous("the Authorization header is not ASCII"))?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        // Others may read it where these lines do not.
        let first = value.split_ascii_whitespace().next().unwrap_or_default();
        return Err(match first.eq_ignore_ascii_case("bearer") {
            true => ambiguous("the Authorization header has no space where one belongs"),
            false => missing(),
        });
    }
    match token.trim_matches(' ') {
        "" => Err(ambiguous("the Authorization header has no token")),
        // As where two headers were joined: others may read another part of it.
        token if token.contains([' ', '\t', ',']) => {
            Err(ambiguous("the Authorization header has more than a token"))
        }
        token => Ok(token),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(values: &[&'static [u8]]) -> Result<String, Reason> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        let token = bearer_token(&headers).map(str::to_owned);
        token.map_err(|rejection| rejection.reason())
    }

    #[test]
    fn one_token_is_read() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c "] {
            assert_eq!(read(&[value.as_bytes()]), Ok("a.b.c".to_owned()), "{value}");
        }
        for value in ["Basic YTpi", "Bearera", "a.b.c", ""] {
            assert_eq!(read(&[value.as_bytes()]), Err(Reason::Missing), "{value}");
        }
        assert_eq!(read(&[]), Err(Reason::Missing));
        assert_eq!(read(&[b"Bearer"]), Err(Reason::Ambiguous));
        assert_eq!(read(&[b"Bearer  "]), Err(Reason::Ambiguous));
        assert_eq!(read(&[b"Bearer \xff"]), Err(Reason::Ambiguous));
        for several in [
            "Bearer a, Bearer b",
            "Bearer a b",
            "Bearer a,b",
            "Bearer a, realm=x",
        ] {
            assert_eq!(read(&[several.as_bytes()]), Err(Reason::Ambiguous));
        }
        assert_eq!(read(&[b"Bearer a", b"Bearer a"]), Err(Reason::Ambiguous));
        assert_eq!(read(&[b"Basic a", b"Bearer a"]), Err(Reason::Ambiguous));
    }
}
