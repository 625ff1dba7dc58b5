//! Who asks at the token endpoint and its neighbours.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::params::Params;
use super::reply::OAuthError;
use super::settings::ClientAuthentication;
use crate::pool::Pool;
use crate::world::Hint;

/// Refuses everyone but the application, and the application too when it says who it is in another way than its
/// settings have it.
pub(super) fn authenticate(
    headers: &HeaderMap,
    params: &Params,
    pool: &Pool,
) -> Result<(), OAuthError> {
    let header = headers.get(header::AUTHORIZATION);
    let (method, id, secret) = match (header, params.get("client_secret")) {
        (Some(_), Some(_)) => return Err(OAuthError::INVALID_CLIENT),
        (Some(value), None) => {
            let (id, secret) = value
                .to_str()
                .ok()
                .and_then(read_basic)
                .ok_or(OAuthError::INVALID_CLIENT)?;
            (ClientAuthentication::SecretBasic, Some(id), Some(secret))
        }
        (None, Some(secret)) => (
            ClientAuthentication::SecretPost,
            params.owned("client_id"),
            Some(secret.to_owned()),
        ),
        (None, None) => (ClientAuthentication::None, params.owned("client_id"), None),
    };
    let right_secret = match method {
        ClientAuthentication::None => true,
        _ => secret.as_deref() == Some(&pool.app_secret),
    };
    let is_app = id.as_deref() == Some(&pool.app_id);
    match method == pool.oidc.authentication && is_app && right_secret {
        true => Ok(()),
        false => Err(OAuthError::INVALID_CLIENT),
    }
}

/// Who somebody says to be, whether that is true or not.
pub(super) fn client_id(headers: &HeaderMap, params: &Params) -> Option<String> {
    let header = headers.get(header::AUTHORIZATION);
    let basic = header.and_then(|value| read_basic(value.to_str().ok()?));
    basic.map(|(id, _)| id).or(params.owned("client_id"))
}

pub(super) fn of_client(id: Option<&str>) -> Hint<'_> {
    Hint {
        app: id,
        ..Hint::default()
    }
}

/// Both parts are encoded as in a form before they are put together.
fn read_basic(value: &str) -> Option<(String, String)> {
    let (scheme, text) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((decode(id), decode(secret)))
}

fn decode(part: &str) -> String {
    let mut fields = form_urlencoded::parse(part.as_bytes());
    fields
        .next()
        .map_or(String::new(), |(name, _)| name.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(authentication: ClientAuthentication, basic: Option<&str>, form: &str) -> bool {
        let mut pool = Pool {
            app_id: "a".to_owned(),
            app_secret: "s:%".to_owned(),
            ..Pool::default()
        };
        pool.oidc.authentication = authentication;
        let mut headers = HeaderMap::new();
        if let Some(text) = basic {
            let value = format!("Basic {}", STANDARD.encode(text)).parse().unwrap();
            headers.insert(header::AUTHORIZATION, value);
        }
        authenticate(&headers, &Params::parse(form.as_bytes()), &pool).is_ok()
    }

    #[test]
    fn only_the_method_of_the_settings_is_good() {
        use ClientAuthentication::{None as Public, SecretBasic, SecretPost};
        let form = "client_id=a&client_secret=s%3A%25";
        assert!(outcome(SecretPost, None, form));
        assert!(outcome(SecretBasic, Some("a:s%3A%25"), ""));
        assert!(outcome(Public, None, "client_id=a"));
        for (method, basic, form) in [
            (SecretPost, None, "client_id=a"),
            (SecretPost, None, "client_id=b&client_secret=s%3A%25"),
            (SecretPost, None, "client_id=a&client_secret=s"),
            (SecretPost, Some("a:s%3A%25"), ""),
            (SecretBasic, Some("a:s%3A%25"), form),
            (SecretBasic, Some("a:x"), ""),
            (SecretBasic, Some("a"), ""),
            (SecretBasic, None, form),
            (Public, None, form),
            (Public, None, ""),
        ] {
            assert!(!outcome(method, basic, form), "{method:?} {basic:?} {form}");
        }
    }
}
