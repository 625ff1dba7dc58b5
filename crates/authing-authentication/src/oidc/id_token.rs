//! What an ID token says, and whether that fits the login it came for.

use std::time::{Duration, SystemTime};

use authing_core::__private::{Record, Slot, epoch_seconds, is_same_issuer, read_part};
use authing_core::{Error, ErrorKind, Result, Secret, read_as_record};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::callback::same;
use super::claims::Claims;
use super::settings::Settings;

/// How far the clocks of this machine and the server may differ.
const LEEWAY: Duration = Duration::from_secs(60);

/// What an ID token says: who logged in, where, for whom and for how long.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct IdTokenClaims {
    /// The user's id.
    pub sub: String,
    /// Who issued the token.
    pub iss: String,
    /// Whom it is for.
    pub aud: Vec<String>,
    /// To which application it was issued, where it is for several.
    pub azp: Option<String>,
    /// When it expires, in seconds since 1970.
    pub exp: i64,
    /// When it was issued, in seconds since 1970.
    pub iat: Option<i64>,
    /// When the user logged in, in seconds since 1970.
    pub auth_time: Option<i64>,
    nonce: Option<Secret>,
    at_hash: Option<String>,
    /// What it says about the user.
    pub claims: Claims,
}

impl Record for IdTokenClaims {
    fn name(&self) -> &'static str {
        "IdTokenClaims"
    }

    fn required(&self) -> &'static [&'static str] {
        &["sub", "iss", "aud", "exp"]
    }

    fn slot(&mut self, member: &str) -> Slot<'_> {
        match member {
            "sub" => Slot::required_text(&mut self.sub),
            "iss" => Slot::required_text(&mut self.iss),
            "aud" => Slot::texts(&mut self.aud).strict(),
            "exp" => Slot::required_seconds(&mut self.exp),
            // What is compared must not pass for absent.
            "azp" => Slot::text(&mut self.azp).strict(),
            "nonce" => Slot::secret(&mut self.nonce).strict(),
            "at_hash" => Slot::text(&mut self.at_hash).strict(),
            "iat" => Slot::seconds(&mut self.iat),
            "auth_time" => Slot::seconds(&mut self.auth_time),
            other => self.claims.slot(other),
        }
    }
}

read_as_record!(IdTokenClaims);

/// What the caller knows about the login.
pub(super) struct Expected<'a> {
    pub(super) settings: &'a Settings,
    pub(super) now: SystemTime,
    /// A refreshed token need not have one.
    pub(super) nonce: Option<&'a Secret>,
    /// What came with it.
    pub(super) access_token: &'a Secret,
}

impl Expected<'_> {
    /// Reads a token that came straight from the token endpoint over TLS, so
    /// that its signature need not be checked (OpenID Connect Core 3.1.3.7).
    pub(super) fn read(&self, token: &Secret) -> Result<IdTokenClaims> {
        let claims = parse(token)?;
        self.check(&claims)?;
        match &claims.at_hash {
            Some(hash) if !self.is_of_access_token(token, hash) => Err(Error::untrusted(
                "the ID token belongs to another access token than it came with",
            )),
            _ => Ok(claims),
        }
    }

    /// Whether this is the left half of the access token's hash, by the hash
    /// that the ID token is signed with (OpenID Connect Core 3.1.3.6).
    fn is_of_access_token(&self, token: &Secret, hash: &str) -> bool {
        #[derive(Deserialize)]
        struct Header {
            alg: String,
        }
        let header = token.expose().split('.').next().unwrap_or_default();
        let header = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
        let Ok(Header { alg }) = serde_json::from_slice(&header) else {
            return false;
        };
        let access_token = self.access_token.expose();
        let own = match alg.get(2..) {
            Some("256") => half::<Sha256>(access_token),
            Some("384") => half::<Sha384>(access_token),
            Some("512") => half::<Sha512>(access_token),
            _ => return false,
        };
        same(&own, hash)
    }

    fn check(&self, claims: &IdTokenClaims) -> Result<()> {
        let app = &self.settings.app_id;
        let wrong = |what: &str| Err(Error::untrusted(format!("the ID token {what}")));
        if !is_same_issuer(&claims.iss, &self.settings.issuer) {
            return wrong(&format!(
                "comes from {:?} and not from {:?}",
                claims.iss, self.settings.issuer
            ));
        }
        if !claims.aud.contains(app) {
            return wrong("is for another application");
        }
        match &claims.azp {
            Some(azp) if azp != app => return wrong("was issued to another application"),
            None if claims.aud.len() > 1 => {
                return wrong(
                    "is for several applications and does not say to which it was issued",
                );
            }
            _ => {}
        }
        let end = epoch_seconds(claims.exp).and_then(|end| end.checked_add(LEEWAY));
        if end.is_none_or(|end| end <= self.now) {
            return wrong("has expired");
        }
        match self.nonce {
            Some(nonce)
                if !same(
                    claims.nonce.as_ref().map_or("", Secret::expose),
                    nonce.expose(),
                ) =>
            {
                wrong("has another nonce: it is not for this login")
            }
            _ => Ok(()),
        }
    }
}

fn half<D: Digest>(text: &str) -> String {
    let hash = D::digest(text);
    let (left, _) = hash.split_at(hash.len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}

fn parse(token: &Secret) -> Result<IdTokenClaims> {
    let payload = payload(token).ok_or_else(|| Error::untrusted("the ID token is no JWT"))?;
    read_part(ErrorKind::Untrusted, "the ID token", &payload)
}

/// The middle of three parts.
fn payload(token: &Secret) -> Option<Vec<u8>> {
    let mut parts = token.expose().split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    match parts.next() {
        None => URL_SAFE_NO_PAD.decode(payload).ok(),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use authing_core::transport_fn;
    use serde_json::{Value, json};

    use super::super::OidcClient;
    use super::*;

    fn read(change: impl FnOnce(&mut Value)) -> Result<IdTokenClaims> {
        let mut claims = json!({
            "sub": "u1", "iss": "https://a.example/oidc", "aud": "app-1", "exp": 1000, "iat": 1,
            "nonce": "n", "email": "bob@example.com", "new": {"a": 1},
        });
        change(&mut claims);
        read_as("{}", &claims)
    }

    fn read_as(header: &str, claims: &Value) -> Result<IdTokenClaims> {
        let parts = [header, &claims.to_string()].map(|part| URL_SAFE_NO_PAD.encode(part));
        expect(&format!("{}.{}.c2ln", parts[0], parts[1]).into())
    }

    fn expect(token: &Secret) -> Result<IdTokenClaims> {
        let nobody = transport_fn(|_| async {
            Err(authing_core::TransportError::from(
                authing_core::TransportErrorKind::Connect,
            ))
        });
        let client = OidcClient::builder("app-1")
            .host("https://a.example/")
            .transport(nobody)
            .build()?;
        Expected {
            settings: &client.settings,
            now: SystemTime::UNIX_EPOCH + Duration::from_secs(1059),
            nonce: Some(&"n".into()),
            access_token: &"jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y".into(),
        }
        .read(token)
    }

    #[test]
    fn what_fits_is_read() {
        let claims = read(|_| ()).unwrap();
        assert_eq!(claims.claims.email.as_deref(), Some("bob@example.com"));
        assert_eq!(claims.claims.other.get("new"), Some(&json!({"a": 1})));
        read(|claims| claims["aud"] = json!(["app-1"])).unwrap();
        read(|claims| claims["iss"] = json!("HTTPS://A.example:443/oidc")).unwrap();
        read(|claims| {
            claims["aud"] = json!(["app-2", "app-1"]);
            claims["azp"] = json!("app-1");
        })
        .unwrap();
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (name, value) in [
            ("iss", json!("https://a.example/oidc/")),
            ("iss", json!("https://a.example/OIDC")),
            ("iss", json!("https://a.example:80/oidc")),
            ("iss", json!(null)),
            ("aud", json!("app-2")),
            ("aud", json!([])),
            ("aud", json!(["app-1", "app-2"])),
            ("azp", json!("app-2")),
            ("exp", json!(999)),
            ("exp", json!(-1)),
            ("exp", json!("soon")),
            ("nonce", json!("N")),
            ("nonce", json!("")),
            ("nonce", json!(null)),
            ("sub", json!(null)),
        ] {
            let error = read(|claims| claims[name] = value.clone()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Untrusted, "{name} {value}");
        }
        for token in ["", "a.b", "a.b.c", "e30.e30.e30.e30", "e30.e30=.c"] {
            assert!(expect(&token.into()).is_err(), "{token}");
        }
    }

    #[test]
    fn an_id_token_belongs_to_its_access_token() {
        // The access token and the first hash are those of OpenID Connect
        // Core, appendix A.3.
        let (short, middle, long) = (
            "77QmUPtjPfzWtF2AnpK9RQ",
            "jtAeDp945y1dDqU3nkIVGNZP1HjH_MFs",
            "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM",
        );
        let read = |header: &str, hash: Value| {
            let claims = json!({
                "sub": "u1", "iss": "https://a.example/oidc", "aud": "app-1", "exp": 1000,
                "nonce": "n", "at_hash": hash,
            });
            read_as(header, &claims).map_err(|error| error.kind())
        };
        for (alg, hash) in [
            ("RS256", short),
            ("HS256", short),
            ("ES384", middle),
            ("PS512", long),
        ] {
            let header = json!({"alg": alg}).to_string();
            read(&header, json!(hash)).unwrap();
            read(&header, json!(null)).unwrap();
            for other in ["", &hash[1..], "47DEQpj8HBSa-_TImW-5JA"] {
                let outcome = read(&header, json!(other)).map(|_| ());
                assert_eq!(outcome, Err(ErrorKind::Untrusted), "{alg} {other}");
            }
        }
        for header in [
            "{}",
            "",
            r#"{"alg":"none"}"#,
            r#"{"alg":"RS384"}"#,
            r#"{"alg":256}"#,
        ] {
            let outcome = read(header, json!(short)).map(|_| ());
            assert_eq!(outcome, Err(ErrorKind::Untrusted), "{header}");
        }
    }
}
