//! A client of a few lines: one connection for each request.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use authing_emulator::Emulator;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::DecodePublicKey as _;
use rsa::rand_core::OsRng;
use rsa::{Pkcs1v15Encrypt, RsaPublicKey};
use serde_json::{Value, json};

pub(crate) const USER: &str = "id arn status userPoolId username email emailVerified phone phoneVerified unionid \
    openid nickname registerSource photo password oauth token tokenExpiredAt loginsCount lastLogin lastIP signedUp \
    blocked isDeleted device browser company name givenName familyName middleName profile preferredUsername website \
    gender birthdate zoneinfo locale address formatted streetAddress locality region postalCode city province \
    country createdAt updatedAt externalId phoneCountryCode newlyCreated identities { provider userIdInIdp userId }";

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
}

/// An answer whose body is any text.
pub(crate) struct RawAnswer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) text: String,
}

/// Somebody who talks to an emulator: an administrator, a user, or nobody in particular.
pub(crate) struct Client<'a> {
    emulator: &'a Emulator,
    bearer: Option<String>,
    /// Further lines of the head.
    headers: String,
}

impl<'a> Client<'a> {
    pub(crate) fn nobody(emulator: &'a Emulator) -> Self {
        Self {
            emulator,
            bearer: None,
            headers: String::new(),
        }
    }

    /// Somebody who may change the emulator over HTTP.
    pub(crate) fn controller(emulator: &'a Emulator) -> Self {
        Self::nobody(emulator).header("x-emulator-token", emulator.control_token())
    }

    pub(crate) fn with_token(emulator: &'a Emulator, token: &Value) -> Self {
        Self {
            emulator,
            bearer: Some(token.as_str().unwrap().to_owned()),
            headers: String::new(),
        }
    }

    /// The same with another header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    pub(crate) fn administrator(emulator: &'a Emulator) -> Self {
        Self::administrator_of(emulator, emulator.user_pool_id(), emulator.secret())
    }

    /// Of a pool that only the credentials name.
    pub(crate) fn administrator_of(emulator: &'a Emulator, pool: &str, secret: &str) -> Self {
        let token = Self::nobody(emulator).ok(
            "query accessToken($pool: String!, $secret: String!) {
                accessToken(userPoolId: $pool, secret: $secret) { accessToken exp iat }
            }",
            json!({"pool": pool, "secret": secret}),
        );
        Self::with_token(emulator, &token["accessToken"])
    }

    pub(crate) fn bearer(&self) -> &str {
        self.bearer.as_deref().unwrap_or_default()
    }

    pub(crate) fn graphql(&self, query: &str, variables: Value) -> Answer {
        let body = json!({"query": query, "variables": variables}).to_string();
        self.send("POST", "/graphql/v2", &body)
    }

    /// The value of the only field.
    pub(crate) fn ok(&self, query: &str, variables: Value) -> Value {
        let answer = self.graphql(query, variables);
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.body.get("errors").is_none(), "{}", answer.body);
        let data = answer.body["data"].as_object().unwrap();
        data.values().next().unwrap().clone()
    }

    /// The code of the refusal.
    pub(crate) fn refused(&self, query: &str, variables: Value) -> i64 {
        let answer = self.graphql(query, variables);
        assert_eq!(answer.status, 200, "{}", answer.body);
        let error = &answer.body["errors"][0];
        assert_eq!(error["extensions"]["code"], "INTERNAL_SERVER_ERROR");
        let words = error["message"]["message"].as_str().unwrap();
        assert!(!words.is_ascii(), "Chinese by default: {words}");
        error["message"]["code"].as_i64().unwrap()
    }

    pub(crate) fn create(&self, info: Value) -> Value {
        self.ok(&create(), json!({"info": info}))
    }

    pub(crate) fn user(&self, id: &Value) -> Value {
        let query = format!("query user($id: String) {{ user(id: $id) {{ {USER} }} }}");
        self.ok(&query, json!({"id": id}))
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "")
    }

    pub(crate) fn send(&self, method: &str, path: &str, body: &str) -> Answer {
        let answer = self.send_raw(method, path, "application/json", body);
        let body = match answer.text.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap(),
        };
        Answer {
            status: answer.status,
            head: answer.head,
            body,
        }
    }

    /// Without a body, and under a name of one's own choice.
    pub(crate) fn send_to(&self, host: &str, method: &str, path: &str) -> RawAnswer {
        self.exchange(host, method, path, "text/plain", "")
    }

    /// Under a name of one's own choice.
    pub(crate) fn send_form_to(&self, host: &str, path: &str, form: &str) -> RawAnswer {
        let kind = "application/x-www-form-urlencoded";
        self.exchange(host, "POST", path, kind, form)
    }

    pub(crate) fn send_raw(&self, method: &str, path: &str, kind: &str, body: &str) -> RawAnswer {
        let host = self.emulator.url().strip_prefix("http://").unwrap();
        self.exchange(host, method, path, kind, body)
    }

    fn exchange(&self, host: &str, method: &str, path: &str, kind: &str, body: &str) -> RawAnswer {
        let address = self.emulator.url().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let bearer = match &self.bearer {
            Some(token) => format!("Authorization: Bearer {token}\r\n"),
            None => String::new(),
        };
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             Content-Type: {kind}\r\nContent-Length: {}\r\n{bearer}{}\r\n{body}",
            body.len(),
            self.headers
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        RawAnswer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            text: body.to_owned(),
            head: head.to_owned(),
        }
    }
}

pub(crate) fn create() -> String {
    format!(
        "mutation createUser($info: CreateUserInput!) {{ createUser(userInfo: $info) {{ {USER} }} }}"
    )
}

pub(crate) fn encrypt(emulator: &Emulator, password: &str) -> String {
    let key = RsaPublicKey::from_public_key_pem(emulator.public_key()).unwrap();
    let cipher = key.encrypt(&mut OsRng, Pkcs1v15Encrypt, password.as_bytes());
    STANDARD.encode(cipher.unwrap())
}
