use std::fmt;

use authing_core::__private::env_var;
use authing_core::{Error, Result, Secret};

/// How a token is signed. Which of them a token must have follows from the
/// kind of the token and the application's settings, and never from the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSA with SHA-256 and PKCS#1 v1.5 padding; the keys are at the JWKS
    /// address.
    Rs256,
    /// HMAC with SHA-256; the key is the application's secret.
    Hs256,
}

impl Algorithm {
    /// The name in the header of a token.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Hs256 => "HS256",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a token is for. A token of one kind never passes for another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// The access token of an OpenID Connect login, or of an application that
    /// acts for itself: RS256, with a `scope`. It is what an API asks for.
    #[default]
    Access,
    /// The ID token of an OpenID Connect login, which tells an application who
    /// logged in. HS256 unless the application's settings say RS256.
    Id,
    /// The token of a login with the v2 API (`User.token`, `Session::token`):
    /// HS256, with the user's id and user pool under `data`.
    User,
}

impl TokenKind {
    /// A few words for a person.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access token",
            Self::Id => "ID token",
            Self::User => "user token of the v2 API",
        }
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An application of Authing whose tokens are accepted.
///
/// ```
/// use authing_verify::Application;
///
/// let shop = Application::new("application id", "https://shop.authing.cn")
///     // Tokens also come from here when the application has a domain of its own.
///     .issuer("https://login.shop.example/oidc")
///     .secret("application secret");
/// assert_eq!(shop.id(), "application id");
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Application {
    pub(crate) id: String,
    pub(crate) host: String,
    pub(crate) issuers: Vec<String>,
    pub(crate) parties: Vec<String>,
    pub(crate) user_pool_id: Option<String>,
    pub(crate) secret: Option<Secret>,
    pub(crate) jwks_url: Option<String>,
    pub(crate) id_token_algorithm: Algorithm,
}

impl Application {
    /// The application with this id, at its own host such as
    /// `https://my-app.authing.cn`. Both are on the application's page in
    /// Authing's console. Its tokens come from `{host}/oidc`, and its keys are
    /// at `{host}/oidc/.well-known/jwks.json`.
    pub fn new(id: impl Into<String>, host: impl Into<String>) -> Self {
        let host = host.into().trim().trim_end_matches('/').to_owned();
        Self {
            id: id.into(),
            issuers: vec![format!("{host}/oidc")],
            host,
            parties: Vec::new(),
            user_pool_id: None,
            secret: None,
            jwks_url: None,
            id_token_algorithm: Algorithm::Hs256,
        }
    }

    /// The application that `AUTHING_APP_ID`, `AUTHING_APP_HOST` and, where it
    /// is set, `AUTHING_APP_SECRET` name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](authing_core::ErrorKind::Configuration)
    /// when one of the first two is not set.
    pub fn from_env() -> Result<Self> {
        let needed =
            |name| env_var(name).ok_or_else(|| Error::configuration(format!("{name} is not set")));
        let mut application = Self::new(needed("AUTHING_APP_ID")?, needed("AUTHING_APP_HOST")?);
        application.secret = env_var("AUTHING_APP_SECRET").map(Secret::from);
        Ok(application)
    }

    /// The application's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A further issuer (`iss`) whose tokens are accepted: with a custom domain,
    /// `https://login.example.com/oidc`. It is compared letter by letter, except
    /// that scheme and host have no case, and that the scheme's own port can be
    /// left out (RFC 3986, section 6.2).
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuers.push(issuer.into());
        self
    }

    /// The application's secret, of at least 32 bytes (RFC 7518, section 3.2).
    /// Only HS256 and introspection need it.
    pub fn secret(mut self, secret: impl Into<Secret>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// Where the keys are, if not at `{host}/oidc/.well-known/jwks.json`.
    pub fn jwks_url(mut self, url: impl Into<String>) -> Self {
        self.jwks_url = Some(url.into());
        self
    }

    /// How the application's settings say that ID tokens are signed; HS256 by
    /// default, as in Authing. Access tokens are always RS256, and user tokens
    /// of the v2 API always HS256.
    pub fn id_token_algorithm(mut self, algorithm: Algorithm) -> Self {
        self.id_token_algorithm = algorithm;
        self
    }

    /// Another application whose tokens are accepted when they are meant for
    /// this one: its id may stand in `azp` while this one's is in `aud`.
    pub fn authorized_party(mut self, app_id: impl Into<String>) -> Self {
        self.parties.push(app_id.into());
        self
    }

    /// The user pool that user tokens of the v2 API must come from. Not asked
    /// for unless it is set.
    pub fn user_pool_id(mut self, id: impl Into<String>) -> Self {
        self.user_pool_id = Some(id.into());
        self
    }

    /// How tokens of this kind must be signed.
    pub(crate) fn algorithm(&self, kind: TokenKind) -> Algorithm {
        match kind {
            TokenKind::Access => Algorithm::Rs256,
            TokenKind::Id => self.id_token_algorithm,
            TokenKind::User => Algorithm::Hs256,
        }
    }

    /// Host and path of the keys.
    pub(crate) fn jwks(&self) -> Result<(String, String)> {
        let Some(url) = &self.jwks_url else {
            let path = "/oidc/.well-known/jwks.json".to_owned();
            return Ok((self.host.clone(), path));
        };
        let before_query = url.split(['?', '#']).next().unwrap_or_default();
        let at = before_query.rfind('/').unwrap_or_default();
        let (host, path) = url.split_at(at);
        match host.contains("://") {
            true => Ok((host.to_owned(), path.to_owned())),
            false => Err(Error::configuration(format!(
                "the JWKS address {url:?} is not the full URL of a file"
            ))),
        }
    }

    /// The key of HS256.
    pub(crate) fn shared_key(&self) -> Result<SharedKey> {
        let secret = self.secret.as_ref().ok_or_else(|| {
            Error::configuration("HS256 needs the secret of the application: .secret(..)")
        })?;
        SharedKey::new(secret.expose().as_bytes())
    }
}

/// A key for HS256.
#[derive(Debug)]
pub(crate) struct SharedKey(ring::hmac::Key);

impl SharedKey {
    pub(crate) fn new(secret: &[u8]) -> Result<Self> {
        /// RFC 7518, section 3.2: no shorter than the hash.
        const SHORTEST: usize = 32;
        if secret.len() < SHORTEST {
            return Err(Error::configuration(format!(
                "the application's secret has {} bytes: too short for HS256, which needs {SHORTEST}",
                secret.len()
            )));
        }
        Ok(Self(ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret)))
    }

    /// Whether the key made this signature.
    pub(crate) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        ring::hmac::verify(&self.0, message, signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_where_they_are_said_to_be() {
        let jwks = |url: Option<&str>| {
            let mut application = Application::new("a", "https://a.example/prefix/");
            application.jwks_url = url.map(str::to_owned);
            application.jwks()
        };
        let pair = |host: &str, path: &str| (host.to_owned(), path.to_owned());
        let own = pair("https://a.example/prefix", "/oidc/.well-known/jwks.json");
        assert_eq!(jwks(None).unwrap(), own);
        let other = jwks(Some("https://b.example/x/keys?app=/1")).unwrap();
        assert_eq!(other, pair("https://b.example/x", "/keys?app=/1"));
        for bad in ["", "keys", "/keys", "https://b.example", "https:/"] {
            assert!(jwks(Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_short_secret_is_refused() {
        let key = |secret: &str| Application::new("a", "b").secret(secret).shared_key();
        assert!(key(&"x".repeat(31)).is_err());
        assert!(key(&"x".repeat(32)).is_ok());
        assert!(Application::new("a", "b").shared_key().is_err());
    }
}
