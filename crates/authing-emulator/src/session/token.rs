//! The two kinds of token: what they claim, and whether they are still good.

use std::time::Duration;

use serde_json::{Value, json};

use super::store::Sessions;
use crate::dates::Moment;
use crate::ids;
use crate::pool::Pool;
use crate::tokens::{TokenKind, sign, verify};
use crate::users::{Fields, User};

/// A user token that was read or issued.
#[derive(Clone)]
pub(crate) struct UserToken {
    pub(crate) text: String,
    pub(crate) user_id: String,
    pub(crate) session_id: String,
    /// Seconds since 1970.
    pub(crate) issued: i64,
    /// Seconds since 1970.
    pub(crate) expires: i64,
}

impl std::fmt::Debug for UserToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserToken")
            .field("user_id", &self.user_id)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

/// Whether a text is a user token, and a good one.
#[derive(Debug)]
pub(crate) enum Standing {
    Live(UserToken),
    /// Expired or logged out.
    Ended,
    /// Not a token of this application.
    Unknown,
}

/// The token with its issue and expiry in seconds. It belongs to the pool's owner, who is a user of the root pool.
pub(super) fn issue_management_token(
    pool: &Pool,
    sessions: &Sessions,
    now: Moment,
) -> (String, i64, i64) {
    let (iat, mut exp) = span(now, pool.management_token_life);
    let mut token = management_token(pool, iat, exp);
    // Within one second they are all the same, and one that was made to expire must not come back.
    while sessions.has_expired(&token) {
        exp += 1;
        token = management_token(pool, iat, exp);
    }
    (token, iat, exp)
}

fn management_token(pool: &Pool, iat: i64, exp: i64) -> String {
    let claims = json!({
        "data": {
            "type": "user",
            "userPoolId": pool.root_id,
            "arn": format!("arn:cn:authing:{}:user:{}", pool.root_id, pool.owner_id),
            "id": pool.owner_id,
            "userId": pool.owner_id,
            "_id": pool.owner_id,
            "phone": null,
            "email": null,
            "username": null,
            "unionid": null,
            "openid": null,
            "clientId": pool.root_id,
        },
        "iat": iat,
        "exp": exp,
    });
    sign(&claims, &pool.management_key)
}

pub(crate) fn is_management_token(text: &str, pool: &Pool, now: Moment) -> bool {
    verify(text, &pool.management_key)
        .and_then(|claims| claims.get("exp")?.as_i64())
        .is_some_and(|expires| now.seconds() < expires)
}

pub(super) fn issue_user_token(
    user: &User,
    pool: &Pool,
    issuer: &str,
    life: Duration,
    now: Moment,
) -> UserToken {
    let (issued, expires) = span(now, life);
    let session_id = ids::secret();
    let mut claims = claims_about(user);
    for (name, value) in [
        ("data", identity(user, pool)),
        ("userpool_id", json!(pool.id)),
        ("aud", json!(pool.app_id)),
        ("iat", json!(issued)),
        ("exp", json!(expires)),
        ("iss", json!(issuer)),
        // Without it, two logins within a second would share one token, and one logout would end both.
        ("jti", json!(session_id)),
    ] {
        claims.insert(name.to_owned(), value);
    }
    UserToken {
        text: sign(&Value::Object(claims), &pool.app_secret),
        user_id: user.id().to_owned(),
        session_id,
        issued,
        expires,
    }
}

pub(crate) fn claims_about(user: &User) -> Fields {
    let mut claims = Fields::new();
    let address = json!({
        "country": user.get("country"),
        "postal_code": user.get("postalCode"),
        "region": user.get("region"),
        "formatted": user.get("formatted"),
    });
    claims.insert("address".to_owned(), address);
    for (claim, field) in [
        ("sub", "id"),
        ("phone_number_verified", "phoneVerified"),
        ("email_verified", "emailVerified"),
        ("birthdate", "birthdate"),
        ("family_name", "familyName"),
        ("gender", "gender"),
        ("given_name", "givenName"),
        ("locale", "locale"),
        ("middle_name", "middleName"),
        ("name", "name"),
        ("nickname", "nickname"),
        ("picture", "photo"),
        ("preferred_username", "preferredUsername"),
        ("profile", "profile"),
        ("updated_at", "updatedAt"),
        ("website", "website"),
        ("zoneinfo", "zoneinfo"),
        ("phone_number", "phone"),
        ("email", "email"),
        ("external_id", "externalId"),
        ("unionid", "unionid"),
    ] {
        claims.insert(claim.to_owned(), user.get(field).clone());
    }
    claims
}

fn identity(user: &User, pool: &Pool) -> Value {
    json!({
        "type": "user",
        "userPoolId": pool.id,
        "appId": pool.app_id,
        "id": user.id(),
        "userId": user.id(),
        "_id": user.id(),
        "phone": user.get("phone"),
        "email": user.get("email"),
        "username": user.get("username"),
        "unionid": user.get("unionid"),
        "openid": user.get("openid"),
        "clientId": pool.id,
    })
}

pub(crate) fn read_user_token(
    text: &str,
    pool: &Pool,
    sessions: &Sessions,
    now: Moment,
) -> Standing {
    let Some(token) = parse_user_token(text, pool) else {
        return Standing::Unknown;
    };
    let is_good = now.seconds() < token.expires && !sessions.has_expired(text);
    if is_good && sessions.is_open(&token.session_id) {
        Standing::Live(token)
    } else {
        Standing::Ended
    }
}

fn parse_user_token(text: &str, pool: &Pool) -> Option<UserToken> {
    let claims = verify(text, &pool.app_secret)?;
    if TokenKind::of(&claims) != TokenKind::Session {
        return None;
    }
    if claims.get("userpool_id")? != pool.id.as_str() || claims.get("aud")? != pool.app_id.as_str()
    {
        return None;
    }
    Some(UserToken {
        text: text.to_owned(),
        user_id: claims.get("sub")?.as_str()?.to_owned(),
        session_id: claims.get("jti")?.as_str()?.to_owned(),
        issued: claims.get("iat")?.as_i64()?,
        expires: claims.get("exp")?.as_i64()?,
    })
}

fn span(now: Moment, life: Duration) -> (i64, i64) {
    (now.seconds(), now.end_of(life))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::users::Origin;

    fn standing(token: &UserToken, pool: &Pool, sessions: &Sessions, now: i64) -> Standing {
        read_user_token(&token.text, pool, sessions, Moment::from_seconds(now))
    }

    #[test]
    fn a_user_token_is_good_until_its_end() {
        let pool = Pool::default();
        let now = Moment::from_seconds(1000);
        let user = User::new(Default::default(), Origin::Username, &pool, now);
        let token = issue_user_token(
            &user,
            &pool,
            "https://a.example/oidc",
            pool.user_token_life,
            now,
        );
        let mut sessions = Sessions::default();
        assert!(matches!(
            standing(&token, &pool, &sessions, 1000),
            Standing::Ended
        ));
        sessions.open(&token, now);
        let end = 1000 + 14 * 86_400;
        assert!(matches!(
            standing(&token, &pool, &sessions, end - 1),
            Standing::Live(read) if read.user_id == user.id() && read.expires == end
        ));
        assert!(matches!(
            standing(&token, &pool, &sessions, end),
            Standing::Ended
        ));
        let other = Pool::default();
        assert!(matches!(
            standing(&token, &other, &sessions, 1000),
            Standing::Unknown
        ));
        assert!(!is_management_token(&token.text, &pool, now));
        assert!(!format!("{token:?}").contains(&token.text));
    }

    #[test]
    fn a_management_token_is_good_for_fifteen_days() {
        let pool = Pool::default();
        let now = Moment::from_seconds(1000);
        let (token, iat, exp) = issue_management_token(&pool, &Sessions::default(), now);
        assert_eq!((iat, exp), (1000, 1000 + 1_296_000));
        assert!(is_management_token(
            &token,
            &pool,
            Moment::from_seconds(exp - 1)
        ));
        assert!(!is_management_token(
            &token,
            &pool,
            Moment::from_seconds(exp)
        ));
        let claims = verify(&token, &pool.management_key).unwrap();
        assert_ne!(claims["data"]["userPoolId"], pool.id.as_str());
    }

    #[test]
    fn a_management_token_that_was_made_to_expire_is_not_issued_again() {
        let pool = Pool::default();
        let now = Moment::from_seconds(1000);
        let mut sessions = Sessions::default();
        let tokens: std::collections::HashSet<String> = (0..3)
            .map(|_| {
                let (token, _, _) = issue_management_token(&pool, &sessions, now);
                sessions.expire(token.clone());
                token
            })
            .collect();
        assert_eq!(tokens.len(), 3);
    }
}
