//! Where the administrator's token comes from.

use std::fmt;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use authing_core::__private::{Record, Slot};
use authing_core::{
    Credential, Error, ErrorKind, IssuedToken, Pipeline, Request, Result, Secret, TokenSource,
    operation, read_as_record,
};
use serde::Serialize;

/// Asks for tokens with the pool's secret.
pub(super) struct AccessTokenSource {
    pub(super) pipeline: Pipeline,
    pub(super) user_pool_id: String,
    pub(super) secret: Secret,
}

#[async_trait]
impl TokenSource for AccessTokenSource {
    async fn fetch(&self) -> Result<IssuedToken> {
        let operation = AccessToken {
            user_pool_id: self.user_pool_id.clone(),
            secret: self.secret.clone(),
        };
        let answer = Request::new(&self.pipeline, Credential::None, operation)
            .urgent()
            .send()
            .await?;
        let lifetime = answer.lifetime(self.pipeline.server_time());
        match answer.access_token {
            Some(token) if !token.expose().is_empty() => Ok(IssuedToken::new(token, lifetime)),
            _ => Err(Error::new(
                ErrorKind::Token,
                "the server issued no access token",
            )),
        }
    }
}

impl fmt::Debug for AccessTokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokenSource")
            .field("user_pool_id", &self.user_pool_id)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct AccessToken {
    user_pool_id: String,
    secret: Secret,
}

operation! {
    AccessToken => Issued,
    id: "management.access_token",
    repeat: Safe,
    graphql: [include_str!("access_token.graphql")] => "accessToken",
    variables: |operation, _| Ok(Variables {
        user_pool_id: &operation.user_pool_id,
        secret: operation.secret.expose(),
    }),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Variables<'a> {
    user_pool_id: &'a str,
    secret: &'a str,
}

/// A token with its times in seconds since 1970.
#[derive(Default)]
struct Issued {
    access_token: Option<Secret>,
    exp: Option<i64>,
    iat: Option<i64>,
}

impl Record for Issued {
    fn name(&self) -> &'static str {
        "AccessToken"
    }

    fn slot(&mut self, member: &str) -> Slot<'_> {
        match member {
            "accessToken" => Slot::secret(&mut self.access_token).strict(),
            "exp" => Slot::seconds(&mut self.exp),
            "iat" => Slot::seconds(&mut self.iat),
            _ => Slot::nothing(),
        }
    }
}

read_as_record!(Issued);

impl Issued {
    /// The token's life: by the server's own clock if it tells both ends, so
    /// that a difference between the clocks does not matter.
    fn lifetime(&self, now: SystemTime) -> Option<Duration> {
        let end = self.exp?;
        let start = self.iat.unwrap_or_else(|| {
            let since_1970 = now
                .duration_since(SystemTime::UNIX_EPOCH)
                .unwrap_or_default();
            i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX)
        });
        let seconds = end.saturating_sub(start);
        Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn life_is_counted_by_the_servers_clock() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        let life = |exp, iat| {
            let issued = Issued {
                access_token: None,
                exp,
                iat,
            };
            issued.lifetime(now).map(|life| life.as_secs())
        };
        assert_eq!(life(Some(500), Some(400)), Some(100));
        assert_eq!(life(Some(1100), None), Some(100));
        assert_eq!(life(Some(900), None), Some(0));
        assert_eq!(life(Some(i64::MIN), Some(1)), Some(0));
        assert_eq!(life(None, Some(400)), None);
    }
}
