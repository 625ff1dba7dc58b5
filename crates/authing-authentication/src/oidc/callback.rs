use std::collections::BTreeMap;
use std::fmt;

use authing_core::{Error, Result, Secret};
use subtle::ConstantTimeEq;

use super::authorize::PendingLogin;

/// The code of a login that succeeded, for
/// [`OidcClient::get_access_token_by_code`](super::OidcClient::get_access_token_by_code).
#[derive(Clone)]
pub struct AuthorizationCode {
    pub(super) code: Secret,
    pub(super) login: PendingLogin,
}

impl fmt::Debug for AuthorizationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationCode").finish_non_exhaustive()
    }
}

/// Whether two texts are equal, found out in a time that does not depend on
/// where they differ.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

pub(super) fn read(login: &PendingLogin, query: &str) -> Result<AuthorizationCode> {
    let query = query.strip_prefix('?').unwrap_or(query);
    let mut answer = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let known = ["state", "code", "error", "error_description"].contains(&&*name);
        if known && answer.insert(name.into_owned(), value).is_some() {
            return Err(Error::untrusted("the callback says something twice"));
        }
    }
    let get = |name| answer.get(name).map(|value| &**value);
    let state = get("state").unwrap_or_default();
    if state.is_empty() || !same(state, login.state.expose()) {
        return Err(Error::untrusted(
            "the callback has another state: it does not belong to the login that was begun here",
        ));
    }
    if let Some(error) = get("error") {
        return Err(Error::oauth(error, get("error_description")));
    }
    match get("code") {
        Some(code) if !code.is_empty() => Ok(AuthorizationCode {
            code: code.into(),
            login: login.clone(),
        }),
        _ => Err(Error::invalid_input(
            "the callback has neither a code nor an error",
        )),
    }
}

#[cfg(test)]
mod tests {
    use authing_core::ErrorKind;

    use super::*;

    fn login() -> PendingLogin {
        serde_json::from_str(
            r#"{"state":"s+1","nonce":"n","code_verifier":"v","redirect_uri":"https://a"}"#,
        )
        .unwrap()
    }

    #[test]
    fn a_code_comes_with_the_right_state() {
        for query in ["code=c%2F1&state=s%2B1", "?state=s%2B1&iss=x&code=c%2F1"] {
            let code = read(&login(), query).unwrap();
            assert_eq!(code.code.expose(), "c/1");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let kind = |query| read(&login(), query).unwrap_err().kind();
        for query in [
            "",
            "code=c",
            "code=c&state=",
            "code=c&state=s",
            "code=c&state=s%2B12",
            "error=access_denied",
            "error=access_denied&state=x",
            "code=c&state=s%2B1&state=s%2B1",
            "code=c&code=d&state=s%2B1",
        ] {
            assert_eq!(kind(query), ErrorKind::Untrusted, "{query}");
        }
        for query in ["state=s%2B1", "state=s%2B1&code="] {
            assert_eq!(kind(query), ErrorKind::InvalidInput, "{query}");
        }
    }

    #[test]
    fn a_failed_login_says_why() {
        let query = "error=access_denied&error_description=no%0Aand+no&state=s%2B1";
        let error = read(&login(), query).unwrap_err();
        assert_eq!(error.oauth_error(), Some("access_denied"));
        assert_eq!(error.message(), "no and no");
    }
}
