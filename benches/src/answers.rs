//! What the server answers: always the same bytes.

use serde_json::{Value, json};

use crate::peers::ForPeers;
use crate::tokens;

/// Whose users they are.
pub const POOL_ID: &str = "59f86b4832eb28071bdd9214";

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
    peers: ForPeers,
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
            peers: ForPeers::new(),
        })
    }

    /// Answers the question for the schema with this.
    #[must_use]
    pub fn with_introspection(mut self, answer: &str) -> Self {
        self.peers.introspection = http_text(answer);
        self
    }

    /// The answer to a request.
    #[must_use]
    pub fn to(&self, request: &[u8]) -> &[u8] {
        let has = |words: &str| {
            let mut windows = request.windows(words.len());
            windows.any(|window| window == words.as_bytes())
        };
        match () {
            () if request.starts_with(b"GET ") => self.peers.to_get(request).unwrap_or(&self.keys),
            () if request.starts_with(b"POST /api/v3/") => self.peers.to_v3(has),
            () if has("loginByUsername") => &self.login,
            () if has("\"limit\":100") => &self.hundred,
            () if has("\"limit\":10") => &self.ten,
            () if has(USER_ID) => &self.detail,
            // Python puts a space there.
            () if has("\"limit\": 100") => &self.hundred,
            () if has("\"limit\": 10") => &self.ten,
            () => self.peers.to_v2(has).unwrap_or(&self.token),
        }
    }
}

pub(crate) fn http(body: &Value) -> Vec<u8> {
    http_text(&body.to_string())
}

fn http_text(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\n\
         date: Mon, 01 Jun 2026 00:00:00 GMT\r\nx-request-id: 0123456789abcdef\r\n\
         connection: keep-alive\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A user of about 1,550 bytes, with all fields that the SDK asks for, some of
/// them `null`.
pub(crate) fn user(number: u64) -> Value {
    let id = match number {
        0 => USER_ID.to_owned(),
        _ => format!("{number:024x}"),
    };
    json!({
        "arn": format!("arn:cn:authing:{POOL_ID}:user:{id}"),
        "id": id,
        "userPoolId": POOL_ID,
        "username": format!("user-{number}"),
        "email": format!("user-{number}@example.com"),
        "emailVerified": true,
        "phone": "13800000000",
        "phoneVerified": false,
        "unionid": "oUk3x5b7Zp0QmN1rT8yWcVfGhJkL",
        "openid": "o6_bmjrPTlm6_2sgVt7hMZOPfL2M",
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
        "givenName": "Some",
        "familyName": "One",
        "middleName": null,
        "profile": "https://www.example.com/people/someone",
        "preferredUsername": "someone",
        "website": "https://someone.example.com",
        "gender": "U",
        "birthdate": "1990-01-01",
        "zoneinfo": "Asia/Shanghai",
        "locale": "zh-CN",
        "address": "a long street with a long name, and the number of a house at its end",
        "formatted": "a long street with its number, Beijing",
        "streetAddress": "a long street with a long name",
        "locality": "Beijing",
        "region": "Beijing",
        "postalCode": "100000",
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
            length(b"POST /api/v3/list-users \"limit\":10}"),
            length(b"POST /api/v3/list-users \"limit\": 100}"),
            length(b"GET /api/v3/get-user?"),
            length(b"GET /api/v2/users/1"),
        ];
        let told = [
            (15_000..16_000),
            (150_000..160_000),
            (1_600..1_800),
            // The others' are hardly longer.
            (15_000..16_000),
            (150_000..160_000),
            (1_600..1_800),
            (1_600..1_800),
        ];
        for (size, told) in sizes.into_iter().zip(told) {
            assert!(told.contains(&size), "{sizes:?}");
        }
    }

    #[test]
    fn others_are_answered_as_they_ask() {
        let answers = Answers::new().unwrap();
        let body = |request: &str| {
            let answer = String::from_utf8(answers.to(request.as_bytes()).to_vec()).unwrap();
            let (_, body) = answer.split_once("\r\n\r\n").unwrap();
            serde_json::from_str::<Value>(body).unwrap()
        };

        let ten = body("POST /graphql/v2 {\"limit\": 10}");
        assert_eq!(ten["data"]["users"]["list"].as_array().unwrap().len(), 10);
        let ten = body("POST /api/v3/list-users {\"limit\":10}");
        assert_eq!(ten["data"]["list"][0]["userId"], USER_ID);
        assert_eq!(ten["data"]["list"].as_array().unwrap().len(), 10);
        assert_eq!(body("GET /api/v2/users/1 ")["data"]["id"], USER_ID);
        assert_eq!(body("GET /api/v3/get-user?")["data"]["userId"], USER_ID);
        assert!(body("GET /jwks ")["keys"].is_array());

        let ours = body("x-authing-sdk-version: rust:0.1.0");
        let theirs = body("x-authing-sdk-version: python:4.2.0");
        let v3 = body("POST /api/v3/get-management-token ");
        let [ours, theirs] = [ours, theirs].map(|it| it["data"]["accessToken"].clone());
        assert_eq!(ours["exp"], 1_296_000);
        assert_eq!(theirs["exp"], tokens::EXPIRES_AT);
        assert_eq!(theirs["accessToken"], v3["data"]["access_token"]);
    }

    #[test]
    fn the_schema_is_told_when_it_is_known() {
        let answers = Answers::new().unwrap();
        let question = b"query IntrospectionQuery { __schema }";
        assert!(answers.to(question).ends_with(b"{\"data\":null}"));
        let answers = answers.with_introspection("{\"data\": 1}");
        assert!(answers.to(question).ends_with(b"{\"data\": 1}"));
    }
}
