//! The token endpoint.

use std::sync::Arc;

use axum::extract::{RawForm, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::client::{authenticate, client_id, of_client};
use super::params::Params;
use super::reply::{OAuthError, answer_of};
use super::settings::ClientAuthentication;
use super::store::{Challenge, Grant, Kind, Token};
use super::user_info::{claims, roles};
use crate::context::Context;
use crate::shared::Shared;
use crate::{ids, tokens};

const REFRESH_TOKEN_LIFE: i64 = 30 * 86_400;

pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    let params = Params::parse(&form);
    let id = client_id(&headers, &params);
    answer_of(
        shared.with_context(&headers, of_client(id.as_deref()), |context| {
            if params.repeated {
                return Err(OAuthError::bad(
                    "invalid_request",
                    "a parameter is given twice",
                ));
            }
            authenticate(&headers, &params, context.pool)?;
            let mut endpoint = Endpoint {
                now: context.now.seconds(),
                shared: &shared,
                context,
            };
            endpoint.context.state.oidc.prune(endpoint.now);
            match params.get("grant_type") {
                Some("authorization_code") => endpoint.by_code(&params),
                Some("refresh_token") => endpoint.by_refresh_token(&params),
                Some("client_credentials") => endpoint.for_the_application(&params),
                Some(_) => Err(OAuthError::bad(
                    "unsupported_grant_type",
                    "unsupported grant_type requested",
                )),
                None => Err(OAuthError::bad(
                    "invalid_request",
                    "missing required parameter(s) (grant_type)",
                )),
            }
        }),
    )
}

struct Endpoint<'a> {
    shared: &'a Shared,
    context: Context<'a>,
    now: i64,
}

impl Endpoint<'_> {
    fn by_code(&mut self, params: &Params) -> Result<Value, OAuthError> {
        let refused = OAuthError::INVALID_GRANT;
        let text = params.get("code").ok_or(refused)?;
        let app = &self.context.pool.app_id;
        let oidc = &mut self.context.state.oidc;
        let grant = oidc
            .codes
            .get(text)
            .and_then(|code| oidc.grant(&code.grant));
        if grant.is_some_and(|grant| grant.app_id != *app) {
            return Err(refused);
        }
        let code = oidc.codes.get_mut(text).ok_or(refused)?;
        if code.used {
            // Somebody has it who should not.
            let grant = code.grant.clone();
            oidc.revoke_grant(&grant);
            return Err(refused);
        }
        let is_right = self.now < code.expires
            && params.get("redirect_uri") == Some(&code.redirect_uri)
            && fits(code.challenge.as_ref(), params.get("code_verifier"));
        if !is_right {
            return Err(refused);
        }
        code.used = true;
        let id = code.grant.clone();
        let grant = oidc.grant(&id).cloned().ok_or(refused)?;
        self.issue(&id, &grant, &grant.scope, true)
    }

    fn by_refresh_token(&mut self, params: &Params) -> Result<Value, OAuthError> {
        let refused = OAuthError::INVALID_GRANT;
        let text = params.get("refresh_token").ok_or(refused)?;
        let app = &self.context.pool.app_id;
        let oidc = &mut self.context.state.oidc;
        let grant = oidc.tokens.get(text).and_then(|own| oidc.grant(&own.grant));
        if grant.is_none_or(|grant| grant.app_id != *app) {
            return Err(refused);
        }
        let token = oidc.tokens.get_mut(text).ok_or(refused)?;
        if token.kind != Kind::Refresh || token.expires <= self.now {
            return Err(refused);
        }
        let id = token.grant.clone();
        if token.used {
            oidc.revoke_grant(&id);
            return Err(refused);
        }
        let scope = params.get("scope").unwrap_or(&token.scope).to_owned();
        let granted = |scope| token.scope.split(' ').any(|own| own == scope);
        if !scope.split(' ').all(granted) {
            return Err(OAuthError::bad(
                "invalid_scope",
                "requested scope is not allowed",
            ));
        }
        token.used = true;
        let grant = oidc.grant(&id).cloned().ok_or(refused)?;
        self.issue(&id, &grant, &scope, false)
    }

    fn for_the_application(&mut self, params: &Params) -> Result<Value, OAuthError> {
        if self.context.pool.oidc.authentication == ClientAuthentication::None {
            return Err(OAuthError::bad(
                "unauthorized_client",
                "an application without a secret gets no token for itself",
            ));
        }
        let asked = params.get("scope").unwrap_or_default().split(' ');
        let scope = asked
            .filter(|scope| !["", "openid", "offline_access"].contains(scope))
            .collect::<Vec<_>>()
            .join(" ");
        let grant = Grant {
            app_id: self.context.pool.app_id.clone(),
            user_id: None,
            scope: scope.clone(),
            nonce: None,
            auth_time: self.now,
        };
        let id = self.context.state.oidc.add_grant(grant.clone());
        self.issue(&id, &grant, &scope, false)
    }

    fn issue(
        &mut self,
        id: &str,
        grant: &Grant,
        scope: &str,
        with_nonce: bool,
    ) -> Result<Value, OAuthError> {
        let pool = self.context.pool;
        let user = match &grant.user_id {
            Some(user_id) => {
                let user = self.context.state.users.get(user_id);
                let user = user.filter(|user| user.check_lock().is_ok());
                Some(user.ok_or(OAuthError::INVALID_GRANT)?)
            }
            None => None,
        };
        let expires = self.context.now.end_of(pool.oidc.access_token_life);
        let jti = ids::secret();
        let mut access = json!({
            "jti": jti,
            "sub": user.map_or(&*pool.app_id, |user| user.id()),
            "iat": self.now,
            "exp": expires,
            "scope": scope,
            "iss": self.context.issuer,
            "aud": pool.app_id,
        });
        if user.is_none() {
            insert(&mut access, "azp", json!(pool.app_id));
        }
        let has = |word| scope.split(' ').any(|own| own == word);
        if let Some(user) = user.filter(|_| has("roles") || pool.oidc.roles_in_access_tokens) {
            insert(&mut access, "roles", roles(&self.context, user));
        }
        let access_token = self.shared.signing_keys.sign(&access);
        let mut answer = json!({
            "access_token": access_token,
            "expires_in": expires.saturating_sub(self.now),
            "scope": scope,
            "token_type": "Bearer",
        });
        if let Some(user) = user.filter(|_| has("openid")) {
            let mut id_token = Value::Object(claims(&self.context, user, scope));
            for (name, value) in [
                ("aud", json!(pool.app_id)),
                ("iss", json!(self.context.issuer)),
                ("iat", json!(self.now)),
                ("exp", json!(expires)),
                ("auth_time", json!(grant.auth_time)),
                ("at_hash", json!(half_hash(&access_token))),
            ] {
                insert(&mut id_token, name, value);
            }
            if let Some(nonce) = grant.nonce.as_ref().filter(|_| with_nonce) {
                insert(&mut id_token, "nonce", json!(nonce));
            }
            let id_token = match pool.oidc.rs256_id_tokens {
                true => self.shared.signing_keys.sign(&id_token),
                false => tokens::sign(&id_token, &pool.app_secret),
            };
            insert(&mut answer, "id_token", json!(id_token));
        }
        self.remember(Kind::Access, &access_token, id, &jti, scope, expires);
        if has("offline_access") {
            let text = ids::secret();
            let expires = self.now.saturating_add(REFRESH_TOKEN_LIFE);
            self.remember(Kind::Refresh, &text, id, &text, scope, expires);
            insert(&mut answer, "refresh_token", json!(text));
        }
        Ok(answer)
    }

    fn remember(&mut self, kind: Kind, text: &str, grant: &str, id: &str, scope: &str, end: i64) {
        let token = Token {
            kind,
            grant: grant.to_owned(),
            id: id.to_owned(),
            scope: scope.to_owned(),
            issued: self.now,
            expires: end,
            used: false,
        };
        self.context
            .state
            .oidc
            .tokens
            .insert(text.to_owned(), token);
    }
}

fn insert(object: &mut Value, name: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

/// A verifier that nobody asked for is refused as well: its challenge was taken away on the way here.
fn fits(challenge: Option<&Challenge>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(Challenge::Plain(text)), Some(verifier)) => text == verifier,
        (Some(Challenge::S256(text)), Some(verifier)) => {
            *text == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
        }
        _ => false,
    }
}

/// `at_hash`
fn half_hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    URL_SAFE_NO_PAD.encode(digest.get(..16).unwrap_or(&digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verifiers_fit_their_challenge_only() {
        let s256 = Challenge::S256("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned());
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(fits(Some(&s256), Some(verifier)) && fits(None, None));
        assert!(fits(Some(&Challenge::Plain("x".to_owned())), Some("x")));
        assert!(!fits(Some(&s256), None) && !fits(Some(&s256), Some("x")));
        assert!(!fits(None, Some(verifier)));
    }
}
