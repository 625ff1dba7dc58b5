//! What the server answers: always the same bytes.

use serde_json::{Value, json};

use crate::tokens;

/// The user that all questions are about.
pub const USER_ID: &str = "5f7ddfe62ba819802422362e";

/// The answers, ready to be sent.
#[derive(Debug)]
pub struct Answers {
    token: Vec<u8>,
    ten: Vec<u8>,
    hundred: Vec<u8>,
    detail: Vec<u8>,
    login: Vec<u8>,
    keys: Vec<u8>,
}

impl Answers {
    /// Makes them all up.
    ///
    /// # Errors
    ///
    /// The key that signs tokens cannot be read.
    pub fn new() -> anyhow::Result<Self> {
        let data = |root: &str, value: Value| http(&json!({"data": {root: value}}));
        let users = |count| {
            let list: Vec<_> = (0..count).map(user).collect();
            data("users", json!({"totalCount": 1000, "list": list}))
        };
        let token = json!({"accessToken": "t".repeat(600), "exp": 1_296_000, "iat": 0});
        let mut own = user(0);
        if let Some(fields) = own.as_object_mut() {
            fields.insert("token".into(), tokens::id_token().into());
            fields.insert("tokenExpiredAt".into(), "2036-01-01T00:00:00.000Z".into());
        }
        Ok(Self {
            token: data("accessToken", token),
            ten: users(10),
            hundred: users(100),
            detail: data("user", user(0)),
            login: data("loginByUsername", own),
            keys: http(&tokens::Signer::new()?.jwks()),
        })
    }

    /// The answer to a request.
    #[must_use]
    pub fn to(&self, request: &[u8]) -> &[u8] {
        let has = |words: &str| {
            let mut windows = request.windows(words.len());
            windows.any(|window| window == words.as_bytes())
        };
        match () {
            () if request.starts_with(b"GET ") => &self.keys,
            () if has("loginByUsername") => &self.login,
            () if has("\"limit\":100") => &self.hundred,
            () if has("\"limit\":10") => &self.ten,
            () if has(USER_ID) => &self.detail,
            () => &self.token,
        }
    }
}

fn http(body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\n\
         date: Mon, 01 Jun 2026 00:00:00 GMT\r\nx-request-id: 0123456789abcdef\r\n\
         connection: keep-alive\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A user of about 1,550 bytes, with all fields that the SDK asks for: half of
/// them `null`, as they are.
fn user(number: u64) -> Value {
    let id = match number {
        0 => USER_ID.to_owned(),
        _ => format!("{number:024x}"),
    };
    json!({
        "arn": format!("arn:cn:authing:59f86b4832eb28071bdd9214:user:{id}"),
        "id": id,
        "userPoolId": "59f86b4832eb28071bdd9214",
        "username": format!("user-{number}"),
        "email": format!("user-{number}@example.com"),
        "emailVerified": true,
        "phone": "13800000000",
        "phoneVerified": false,
        "unionid": null,
        "openid": null,
        "nickname": "某某",
        "registerSource": ["basic:email"],
        "photo": "https://files.example.com/authing-console/default-user-avatar.png",
        "password": "5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b5aa765d61d8327deb882cf99",
        "oauth": null,
        "token": null,
        "tokenExpiredAt": null,
        "loginsCount": 3,
        "lastLogin": "2026-05-22T10:00:00.000Z",
        "lastIP": "203.0.113.9",
        "signedUp": "2026-05-20T10:00:00.000Z",
        "blocked": false,
        "isDeleted": false,
        "device": null,
        "browser": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
        "company": "example",
        "name": "Some One",
        "givenName": null,
        "familyName": null,
        "middleName": null,
        "profile": null,
        "preferredUsername": null,
        "website": null,
        "gender": "U",
        "birthdate": null,
        "zoneinfo": null,
        "locale": null,
        "address": "a long street with a long name, and the number of a house at its end",
        "formatted": null,
        "streetAddress": null,
        "locality": null,
        "region": null,
        "postalCode": null,
        "city": "Beijing",
        "province": "Beijing",
        "country": "CN",
        "createdAt": "2026-05-20T10:00:00.000Z",
        "updatedAt": "2026-05-22T10:00:00.000Z",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_have_the_sizes_that_are_told() {
        let answers = Answers::new().unwrap();
        let length = |request: &[u8]| answers.to(request).len();
        let sizes = [
            length(b"\"limit\":10}"),
            length(b"\"limit\":100}"),
            length(USER_ID.as_bytes()),
        ];
        let told = [(13_000..13_500), (130_000..131_000), (1_400..1_600)];
        for (size, told) in sizes.into_iter().zip(told) {
            assert!(told.contains(&size), "{sizes:?}");
        }
    }
}
