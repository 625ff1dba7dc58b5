//! What is measured: a call, and the way in which it is made.

use std::hint::black_box;

use authing_authentication::v2::AuthenticationClient;
use authing_management::v2::ManagementClient;
use authing_verify::{TokenKind, Verifier};

use crate::answers::USER_ID;
use crate::by_hand::{ByHand, Http, Jwt};
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
    Detail,
    Login,
    Verify,
}

#[derive(Debug)]
enum Maker {
    Admin(ManagementClient),
    Client(AuthenticationClient),
    ByHand(Box<ByHand>),
    Verifier(Verifier, String),
    Jwt(Box<Jwt>, String),
}

impl Subject {
    /// The call `name`, such as `list-10`, made in this way, such as
    /// `sdk-hyper`.
    ///
    /// # Errors
    ///
    /// There is no such call, or it is not made in such a way.
    pub async fn new(name: &str, way: &str, url: &str) -> anyhow::Result<Self> {
        let call = match name {
            "list-10" => Call::List(10),
            "list-100" => Call::List(100),
            "detail" => Call::Detail,
            "login" => Call::Login,
            "hs256" | "rs256" => Call::Verify,
            _ => anyhow::bail!("there is no call {name}"),
        };
        let maker = match (call, way) {
            (Call::Verify, "sdk" | "jsonwebtoken") => Self::of_tokens(name, way, url).await?,
            (Call::Login, "sdk-hyper") => Maker::Client(sdk::client(url, sdk::hyper()?)?),
            (Call::Login, "sdk-reqwest") => Maker::Client(sdk::client(url, sdk::reqwest()?)?),
            (_, "sdk-hyper") => Maker::Admin(sdk::admin(url, sdk::hyper()?)?),
            (_, "sdk-reqwest") => Maker::Admin(sdk::admin(url, sdk::reqwest()?)?),
            (_, "hand-hyper" | "hand-reqwest") => {
                let requests = sdk::requests().await?;
                let sample = match call {
                    Call::List(_) => &requests.list,
                    Call::Detail => &requests.detail,
                    Call::Login | Call::Verify => &requests.login,
                };
                let http = match way {
                    "hand-hyper" => Http::hyper(),
                    _ => Http::reqwest()?,
                };
                Maker::ByHand(Box::new(ByHand::new(http, url, sample)?))
            }
            _ => anyhow::bail!("{name} is not made in the way {way}"),
        };
        Ok(Self { call, maker })
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
