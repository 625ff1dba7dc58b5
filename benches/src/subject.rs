//! What is measured: a call, and the way in which it is made.

use std::hint::black_box;

use authing_authentication::v2::AuthenticationClient;
use authing_management::v2::ManagementClient;
use authing_verify::{TokenKind, Verifier};

use authing_core::Page;
use authing_management::v2::User;
use bytes::Bytes;
use futures_util::future::try_join_all;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::answers::USER_ID;
use crate::by_hand::{ByHand, Http, Jwt};
use crate::server::Server;
use crate::{sdk, tokens};

/// How often a call is made before anything is counted.
const WARM_UP: u32 = 20;

/// A call in one of the ways to make it, ready to be made.
#[derive(Debug)]
pub struct Subject {
    call: Call,
    maker: Maker,
}

#[derive(Debug, Clone, Copy)]
enum Call {
    List(u32),
    /// So many lists of ten at once.
    Crowd(u32),
    Detail,
    Login,
    Verify,
}

/// As the SDK does: all of it is checked to be UTF-8 at once.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> anyhow::Result<T> {
    Ok(serde_json::from_str(std::str::from_utf8(bytes)?)?)
}

impl Call {
    fn named(name: &str) -> anyhow::Result<Self> {
        Ok(match name {
            "list-10" => Self::List(10),
            "list-100" => Self::List(100),
            "list-10x32" => Self::Crowd(32),
            "detail" => Self::Detail,
            "login" => Self::Login,
            "hs256" | "rs256" => Self::Verify,
            _ => anyhow::bail!("there is no call {name}"),
        })
    }
}

#[derive(Debug)]
enum Maker {
    Admin(ManagementClient),
    Client(AuthenticationClient),
    ByHand(Box<ByHand>),
    /// Bytes out, bytes in.
    Bytes(Box<ByHand>, Bytes),
    /// Nothing but to read an answer into the SDK's types.
    Parse(Bytes),
    Verifier(Verifier, String),
    Jwt(Box<Jwt>, String),
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Users {
    users: Page<User>,
}

#[derive(Deserialize)]
struct One {
    user: User,
}

impl Subject {
    /// The call `name`, such as `list-10`, made in this way, such as
    /// `sdk-hyper`.
    ///
    /// # Errors
    ///
    /// There is no such call, or it is not made in such a way.
    pub async fn new(name: &str, way: &str, url: &str) -> anyhow::Result<Self> {
        let call = Call::named(name)?;
        let maker = match (call, way) {
            (Call::Verify, "sdk" | "jsonwebtoken") => Self::of_tokens(name, way, url).await?,
            (Call::Login, "sdk-hyper") => Maker::Client(sdk::client(url, sdk::hyper()?)?),
            (Call::Login, "sdk-reqwest") => Maker::Client(sdk::client(url, sdk::reqwest()?)?),
            (_, "sdk-hyper") => Maker::Admin(sdk::admin(url, sdk::hyper()?)?),
            (_, "sdk-reqwest") => Maker::Admin(sdk::admin(url, sdk::reqwest()?)?),
            (_, "hand-hyper" | "bytes-hyper") => {
                Self::by_hand(call, way, url, Http::hyper()).await?
            }
            (_, "hand-reqwest" | "bytes-reqwest") => {
                Self::by_hand(call, way, url, Http::reqwest()?).await?
            }
            (Call::List(_) | Call::Detail, "parse") => {
                let (by_hand, body) = Self::asked(call, url, Http::hyper()).await?;
                Maker::Parse(by_hand.send(body, true).await?)
            }
            _ => anyhow::bail!("{name} is not made in the way {way}"),
        };
        Ok(Self { call, maker })
    }

    /// A server, and the call to it after a few that are not counted.
    ///
    /// # Errors
    ///
    /// The server does not start, or a call failed.
    pub async fn with_server(name: &str, way: &str) -> anyhow::Result<(Server, Self)> {
        let server = Server::start()?;
        let subject = Self::new(name, way, server.url()).await?;
        subject.warm_up().await?;
        Ok((server, subject))
    }

    async fn by_hand(call: Call, way: &str, url: &str, http: Http) -> anyhow::Result<Maker> {
        let (by_hand, body) = Self::asked(call, url, http).await?;
        Ok(match way.starts_with("bytes") {
            true => Maker::Bytes(Box::new(by_hand), body),
            false => Maker::ByHand(Box::new(by_hand)),
        })
    }

    /// Somebody to ask what the SDK asks, and the body of the question.
    async fn asked(call: Call, url: &str, http: Http) -> anyhow::Result<(ByHand, Bytes)> {
        let limit = match call {
            Call::List(limit) => limit,
            _ => 10,
        };
        let requests = sdk::requests(limit).await?;
        let sample = match call {
            Call::List(_) | Call::Crowd(_) => requests.list,
            Call::Detail => requests.detail,
            Call::Login | Call::Verify => requests.login,
        };
        let by_hand = ByHand::new(http, url, &sample)?;
        Ok((by_hand, sample.into_body()))
    }

    async fn of_tokens(name: &str, way: &str, url: &str) -> anyhow::Result<Maker> {
        let is_hs = name == "hs256";
        let (token, kind) = match is_hs {
            true => (tokens::id_token(), TokenKind::Id),
            false => (tokens::Signer::new()?.access_token()?, TokenKind::Access),
        };
        if way == "jsonwebtoken" {
            let jwt = if is_hs { Jwt::hs256() } else { Jwt::rs256()? };
            return Ok(Maker::Jwt(Box::new(jwt), token));
        }
        let verifier = sdk::verifier(url, kind)?;
        verifier.preload().await?;
        Ok(Maker::Verifier(verifier, token))
    }

    /// A program by hand that lists users with this question of the SDK's, where
    /// making one to copy it from would count.
    ///
    /// # Errors
    ///
    /// It is no question.
    pub fn hand_of(name: &str, way: &str, url: &str, question: Bytes) -> anyhow::Result<Self> {
        let call = Call::named(name)?;
        let http = match way {
            "hand-hyper" => Http::hyper(),
            "hand-reqwest" => Http::reqwest()?,
            _ => anyhow::bail!("{way} is not by hand"),
        };
        let sample = http::Request::post("/graphql/v2").body(question)?;
        let maker = Maker::ByHand(Box::new(ByHand::new(http, url, &sample)?));
        Ok(Self { call, maker })
    }

    /// The same client with another call.
    ///
    /// # Errors
    ///
    /// There is no such call.
    pub fn turned_to(self, name: &str) -> anyhow::Result<Self> {
        let call = Call::named(name)?;
        Ok(Self { call, ..self })
    }

    /// Makes the call a few times: connection, keys and documents are there
    /// afterwards.
    ///
    /// # Errors
    ///
    /// A call failed.
    pub async fn warm_up(&self) -> anyhow::Result<()> {
        self.repeat(WARM_UP).await
    }

    /// Makes the call so often.
    ///
    /// # Errors
    ///
    /// A call failed, or did not give what it should.
    pub async fn repeat(&self, count: u32) -> anyhow::Result<()> {
        for _ in 0..count {
            self.once().await?;
        }
        Ok(())
    }

    /// How many calls one repetition makes.
    #[must_use]
    pub fn calls(&self) -> u32 {
        match self.call {
            Call::Crowd(count) => count,
            _ => 1,
        }
    }

    async fn once(&self) -> anyhow::Result<()> {
        match (&self.maker, self.call) {
            (Maker::Admin(admin), Call::List(limit)) => {
                let page = black_box(admin.users().list().limit(limit).await?);
                anyhow::ensure!(page.list.len() == limit as usize, "users are missing");
            }
            (Maker::ByHand(client), Call::List(limit)) => {
                let page = black_box(client.list(limit).await?);
                anyhow::ensure!(page.list.len() == limit as usize, "users are missing");
            }
            (Maker::Admin(admin), Call::Crowd(count)) => {
                let calls = (0..count).map(|_| admin.users().list().limit(10).send());
                let pages = black_box(try_join_all(calls).await?);
                let users = pages.iter().map(|page| page.list.len()).sum::<usize>();
                anyhow::ensure!(users == 10 * count as usize, "users are missing");
            }
            (Maker::ByHand(client), Call::Crowd(count)) => {
                let calls = (0..count).map(|_| client.list(10));
                let pages = black_box(try_join_all(calls).await?);
                let users = pages.iter().map(|page| page.list.len()).sum::<usize>();
                anyhow::ensure!(users == 10 * count as usize, "users are missing");
            }
            (Maker::Bytes(client, body), Call::List(_) | Call::Detail) => {
                let answer = black_box(client.send(body.clone(), true).await?);
                anyhow::ensure!(answer.len() > 1000, "users are missing");
            }
            (Maker::Parse(bytes), Call::List(limit)) => {
                let answer: Answer<Users> = black_box(parse(black_box(bytes))?);
                let list = answer.data.users.list;
                anyhow::ensure!(list.len() == limit as usize, "users are missing");
            }
            (Maker::Parse(bytes), Call::Detail) => {
                let answer: Answer<One> = black_box(parse(black_box(bytes))?);
                anyhow::ensure!(answer.data.user.id == USER_ID, "another user");
            }
            (Maker::Admin(admin), Call::Detail) => {
                let user = black_box(admin.users().detail(USER_ID).await?);
                anyhow::ensure!(user.is_some_and(|user| user.id == USER_ID), "another user");
            }
            (Maker::ByHand(client), Call::Detail) => {
                let user = black_box(client.detail(USER_ID).await?);
                anyhow::ensure!(user.id == USER_ID, "another user");
            }
            (Maker::Client(client), Call::Login) => {
                let login = client.login_by_username(sdk::USERNAME, sdk::PASSWORD);
                black_box(login.await?);
            }
            (Maker::ByHand(client), Call::Login) => {
                black_box(client.login(sdk::USERNAME, sdk::PASSWORD).await?);
            }
            (Maker::Verifier(verifier, token), Call::Verify) => {
                black_box(verifier.verify(black_box(token)).await?);
            }
            (Maker::Jwt(jwt, token), Call::Verify) => {
                black_box(jwt.verify(black_box(token))?);
            }
            _ => anyhow::bail!("this is no call of theirs"),
        }
        Ok(())
    }
}
