//! The same calls as a program without the SDK would make them: one question,
//! typed both ways, no limits, no second try, and no errors of Authing's.

use anyhow::Context as _;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use rsa::Pkcs1v15Encrypt;
use rsa::RsaPublicKey;
use rsa::pkcs8::DecodePublicKey;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::tokens;

/// The key that passwords are encrypted with, of Authing's cloud.
const PASSWORD_KEY: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC4xKeUgQ+Aoz7TLfAfs9+paePb
5KIofVthEopwrXFkp8OCeocaTHt9ICjTT2QeJh6cZaDaArfZ873GPUn00eOIZ7Ae
+TiA2BKHbCvloW3w5Lnqm70iSsUi5Fmu9/2+68GZRH9L7Mlh8cFksCicW2Y2W2uM
GKl64GDcIq3au+aqJQIDAQAB
-----END PUBLIC KEY-----";

/// What carries the bytes.
#[derive(Debug)]
#[non_exhaustive]
pub enum Http {
    /// hyper-util's client.
    Hyper(Box<Client<HttpConnector, Full<Bytes>>>),
    /// reqwest.
    Reqwest(reqwest::Client),
}

impl Http {
    /// hyper-util's client.
    #[must_use]
    pub fn hyper() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Self::Hyper(Box::new(client))
    }

    /// reqwest.
    ///
    /// # Errors
    ///
    /// TLS cannot be set up.
    pub fn reqwest() -> anyhow::Result<Self> {
        // Fails where there is one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self::Reqwest(client))
    }
}

/// A program's own few lines around an HTTP client.
#[derive(Debug)]
pub struct ByHand {
    http: Http,
    url: String,
    uri: Uri,
    headers: HeaderMap,
    query: String,
    token: String,
    key: RsaPublicKey,
}

#[derive(Serialize)]
struct Question<'a, V> {
    query: &'a str,
    variables: V,
}

#[derive(Serialize)]
struct Paging {
    page: u32,
    limit: u32,
}

#[derive(Serialize)]
struct ById<'a> {
    id: &'a str,
}

#[derive(Serialize)]
struct Login<'a> {
    input: LoginInput<'a>,
}

#[derive(Serialize)]
struct LoginInput<'a> {
    username: &'a str,
    password: String,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Users {
    users: Page,
}

/// A page of users.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// How many there are.
    pub total_count: u64,
    /// The users.
    pub list: Vec<User>,
}

#[derive(Deserialize)]
struct One {
    user: User,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LoggedIn {
    login_by_username: User,
}

macro_rules! user {
    ($($field:ident: $type:ty),+ $(,)?) => {
        /// A user, as plain as can be.
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "camelCase")]
        #[expect(missing_docs, reason = "they are named as in the answer")]
        pub struct User {
            pub id: String,
            #[serde(rename = "lastIP")]
            pub last_ip: Option<String>,
            $( pub $field: Option<$type>, )+
        }
    };
}

user! {
    arn: String, user_pool_id: String, username: String, email: String, email_verified: bool,
    phone: String, phone_verified: bool, unionid: String, openid: String, nickname: String,
    register_source: Vec<String>, photo: String, password: String, oauth: String, token: String,
    token_expired_at: String, logins_count: i64, last_login: String, signed_up: String,
    blocked: bool, is_deleted: bool, device: String, browser: String, company: String,
    name: String, given_name: String, family_name: String, middle_name: String, profile: String,
    preferred_username: String, website: String, gender: String, birthdate: String,
    zoneinfo: String, locale: String, address: String, formatted: String, street_address: String,
    locality: String, region: String, postal_code: String, city: String, province: String,
    country: String, created_at: String, updated_at: String,
}

impl ByHand {
    /// Sends what the SDK sent, with these means.
    ///
    /// # Errors
    ///
    /// The request is none of the SDK's.
    pub fn new(http: Http, url: &str, sample: &Request<Bytes>) -> anyhow::Result<Self> {
        #[derive(Deserialize)]
        struct Document {
            query: String,
        }
        let mut headers = sample.headers().clone();
        headers.remove(AUTHORIZATION);
        headers.remove(CONTENT_TYPE);
        let url = format!("{url}{}", sample.uri().path());
        Ok(Self {
            http,
            uri: url.parse()?,
            url,
            headers,
            query: serde_json::from_slice::<Document>(sample.body())?.query,
            token: "t".repeat(600),
            key: RsaPublicKey::from_public_key_pem(PASSWORD_KEY)?,
        })
    }

    /// `users.list`.
    ///
    /// # Errors
    ///
    /// No answer, or not the expected one.
    pub async fn list(&self, limit: u32) -> anyhow::Result<Page> {
        let answer: Answer<Users> = self.ask(Paging { page: 1, limit }, true).await?;
        Ok(answer.data.users)
    }

    /// `users.detail`.
    ///
    /// # Errors
    ///
    /// No answer, or not the expected one.
    pub async fn detail(&self, id: &str) -> anyhow::Result<User> {
        let answer: Answer<One> = self.ask(ById { id }, true).await?;
        Ok(answer.data.user)
    }

    /// A login; gives the user and the token.
    ///
    /// # Errors
    ///
    /// No answer, or not the expected one.
    pub async fn login(&self, username: &str, password: &str) -> anyhow::Result<(User, String)> {
        let mut random = rsa::rand_core::OsRng;
        let cipher = self
            .key
            .encrypt(&mut random, Pkcs1v15Encrypt, password.as_bytes())?;
        let input = LoginInput {
            username,
            password: STANDARD.encode(cipher),
        };
        let answer: Answer<LoggedIn> = self.ask(Login { input }, false).await?;
        let user = answer.data.login_by_username;
        let token = user.token.clone().context("no token")?;
        Ok((user, token))
    }

    /// The body of a question.
    fn body(&self, variables: impl Serialize) -> anyhow::Result<Vec<u8>> {
        let query = &self.query;
        Ok(serde_json::to_vec(&Question { query, variables })?)
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        variables: impl Serialize,
        as_admin: bool,
    ) -> anyhow::Result<T> {
        let answer = self.send(self.body(variables)?.into(), as_admin).await?;
        Ok(serde_json::from_slice(&answer)?)
    }

    /// What every way to ask does at least: this body out, the answer's bytes in.
    ///
    /// # Errors
    ///
    /// No answer, or a refusal.
    pub async fn send(&self, body: Bytes, as_admin: bool) -> anyhow::Result<Bytes> {
        let json = HeaderValue::from_static("application/json");
        Ok(match &self.http {
            Http::Hyper(client) => {
                let mut request = Request::new(Full::from(body));
                *request.method_mut() = Method::POST;
                *request.uri_mut() = self.uri.clone();
                *request.headers_mut() = self.headers.clone();
                request.headers_mut().insert(CONTENT_TYPE, json);
                if as_admin {
                    let value = HeaderValue::try_from(format!("Bearer {}", self.token))?;
                    request.headers_mut().insert(AUTHORIZATION, value);
                }
                let answer = client.request(request).await?;
                anyhow::ensure!(answer.status().is_success(), "{}", answer.status());
                answer.into_body().collect().await?.to_bytes()
            }
            Http::Reqwest(client) => {
                let mut request = client
                    .post(&self.url)
                    .headers(self.headers.clone())
                    .header(CONTENT_TYPE, json)
                    .body(body);
                if as_admin {
                    request = request.bearer_auth(&self.token);
                }
                let answer = request.send().await?.error_for_status()?;
                answer.bytes().await?
            }
        })
    }
}

/// `jsonwebtoken` with its key and rules ready.
pub struct Jwt {
    key: DecodingKey,
    rules: Validation,
}

/// What is read of a token.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "they are named as in the token")]
pub struct Claims {
    pub sub: String,
    pub aud: String,
    pub iss: String,
    pub iat: i64,
    pub exp: i64,
    pub jti: Option<String>,
    pub scope: Option<String>,
    pub nickname: Option<String>,
}

impl std::fmt::Debug for Jwt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jwt").finish_non_exhaustive()
    }
}

impl Jwt {
    /// For tokens of [`tokens::id_token`].
    #[must_use]
    pub fn hs256() -> Self {
        let key = DecodingKey::from_secret(tokens::SECRET.as_bytes());
        Self::with(key, Algorithm::HS256)
    }

    /// For tokens of [`tokens::Signer`].
    ///
    /// # Errors
    ///
    /// The key cannot be read.
    pub fn rs256() -> anyhow::Result<Self> {
        let (n, e) = tokens::Signer::new()?.public();
        let key = DecodingKey::from_rsa_components(&n, &e)?;
        Ok(Self::with(key, Algorithm::RS256))
    }

    fn with(key: DecodingKey, algorithm: Algorithm) -> Self {
        let mut rules = Validation::new(algorithm);
        rules.set_audience(&[tokens::APP_ID]);
        rules.set_issuer(&[tokens::ISSUER]);
        Self { key, rules }
    }

    /// Verifies a token.
    ///
    /// # Errors
    ///
    /// It is not good.
    pub fn verify(&self, token: &str) -> anyhow::Result<Claims> {
        Ok(jsonwebtoken::decode(token, &self.key, &self.rules)?.claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::USER_ID;
    use crate::sdk;

    #[tokio::test]
    async fn the_bodies_are_those_of_the_sdk() {
        let requests = sdk::requests(10).await.unwrap();
        let by_hand = |sample| ByHand::new(Http::hyper(), "http://127.0.0.1", sample).unwrap();
        let paging = Paging { page: 1, limit: 10 };
        let list = by_hand(&requests.list).body(paging).unwrap();
        assert_eq!(list, &requests.list.body()[..]);
        let by_id = ById { id: USER_ID };
        let detail = by_hand(&requests.detail).body(by_id).unwrap();
        assert_eq!(detail, &requests.detail.body()[..]);
        let login: serde_json::Value = serde_json::from_slice(requests.login.body()).unwrap();
        let input = LoginInput {
            username: sdk::USERNAME,
            password: login["variables"]["input"]["password"]
                .as_str()
                .unwrap()
                .to_owned(),
        };
        let body = by_hand(&requests.login).body(Login { input }).unwrap();
        assert_eq!(body, &requests.login.body()[..]);
    }

    #[tokio::test]
    async fn both_accept_the_tokens() {
        let token = tokens::id_token();
        assert_eq!(Jwt::hs256().verify(&token).unwrap().sub, USER_ID);
        let ours = sdk::verifier("http://127.0.0.1", authing_verify::TokenKind::Id).unwrap();
        assert_eq!(ours.verify(&token).await.unwrap().sub, USER_ID);
        let token = tokens::Signer::new().unwrap().access_token().unwrap();
        assert_eq!(Jwt::rs256().unwrap().verify(&token).unwrap().sub, USER_ID);
    }
}
