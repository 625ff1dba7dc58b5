//! Whether the claims of a token with a good signature are those of a token
//! that is accepted here, and in what they differ if not.

use std::time::{Duration, SystemTime};

use authing_core::__private::is_same_issuer;

use crate::application::{Application, TokenKind};
use crate::payload::Payload;
use crate::rejection::{Reason, Rejection, quoted};
use crate::strict::Name;

/// What a token has to fit.
pub(crate) struct Expected<'a> {
    pub(crate) application: &'a Application,
    pub(crate) kind: TokenKind,
    pub(crate) now: SystemTime,
    pub(crate) leeway: Duration,
    pub(crate) nonce: Option<&'a str>,
}

type Outcome = Result<(), Rejection>;

fn refuse(reason: Reason, words: String) -> Outcome {
    Err(Rejection::new(reason, words))
}

impl Expected<'_> {
    /// Goes through all checks. What the token is comes before whether it is
    /// in time, so that an old token of another kind is called that.
    pub(crate) fn check(&self, payload: &Payload<'_>) -> Outcome {
        self.kind(payload)?;
        if payload.sub.as_ref().is_none_or(|sub| sub.0.is_empty()) {
            return refuse(Reason::Subject, "the token has no `sub`".to_owned());
        }
        self.issuer(payload)?;
        self.audience(payload)?;
        self.party(payload)?;
        self.user(payload)?;
        self.time(payload)?;
        self.nonce(payload)
    }

    /// Whether the media type is one of such tokens (RFC 8725, section 3.11).
    pub(crate) fn media_type(&self, name: Option<&str>) -> Outcome {
        let Some(name) = name else { return Ok(()) };
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        let is_access = is("at+jwt") || is("application/at+jwt");
        match is("JWT") || is_access && self.kind == TokenKind::Access {
            true => Ok(()),
            false if is_access => self.other_kind("an access token (RFC 9068)"),
            false => refuse(
                Reason::Header,
                format!("`typ` is {}, and not JWT", quoted(name)),
            ),
        }
    }

    fn other_kind(&self, what: &str) -> Outcome {
        let words = format!("the token is {what}, and not the {} asked for", self.kind);
        refuse(Reason::Kind, words)
    }

    fn kind(&self, payload: &Payload<'_>) -> Outcome {
        if let Some(claim) = payload.of_management {
            return self.other_kind(&format!("a management token: it has `{claim}`"));
        }
        let has_data = payload.data.is_some();
        match self.kind {
            TokenKind::Access if has_data => {
                self.other_kind("a token of the v2 API: it has `data`")
            }
            TokenKind::Access => match (payload.of_id_tokens, &payload.scope) {
                (Some(claim), _) => self.other_kind(&format!("an ID token: it has `{claim}`")),
                (None, None) => self.other_kind("no access token: it has no `scope`"),
                (None, Some(_)) => Ok(()),
            },
            TokenKind::Id if has_data => self.other_kind("a token of the v2 API: it has `data`"),
            TokenKind::Id if payload.scope.is_some() => {
                self.other_kind("an access token: it has a `scope`")
            }
            TokenKind::Id if payload.is_event => {
                self.other_kind("an event, such as a logout: it has `events`")
            }
            TokenKind::Id => Ok(()),
            TokenKind::User => match &payload.data {
                None => self.other_kind("no token of the v2 API: it has no `data`"),
                Some(data) if data.kind.as_ref().is_none_or(|kind| kind.0 != "user") => {
                    self.other_kind("no token of a user: `data.type` says otherwise")
                }
                // A management token is the pool owner's, in Authing's own pool,
                // and of no application.
                Some(_) if payload.aud.iter().next().is_none() && payload.iss.is_none() => {
                    self.other_kind("a management token: it is of no application")
                }
                Some(_) => Ok(()),
            },
        }
    }

    fn issuer(&self, payload: &Payload<'_>) -> Outcome {
        let accepted = &self.application.issuers;
        let Some(Name(issuer)) = &payload.iss else {
            let words = format!("the token has no `iss`: {} would pass", one_of(accepted));
            return refuse(Reason::Issuer, words);
        };
        if accepted.iter().any(|own| is_same_issuer(own, issuer)) {
            return Ok(());
        }
        let near = accepted
            .iter()
            .find_map(|own| difference(issuer, own).map(|how| format!(": it differs {how}")));
        let words = format!(
            "the issuer is {}, and {} would pass{}",
            quoted(issuer),
            one_of(accepted),
            near.unwrap_or_default()
        );
        refuse(Reason::Issuer, words)
    }

    fn audience(&self, payload: &Payload<'_>) -> Outcome {
        let id = &self.application.id;
        if payload.aud.iter().any(|Name(one)| one == id) {
            return Ok(());
        }
        let words = match payload.aud.iter().next() {
            None => format!("the token is for no application, and not for {id:?}"),
            Some(Name(one)) => {
                let more = payload.aud.iter().count() - 1;
                let others = if more > 0 {
                    format!(" and {more} more")
                } else {
                    String::new()
                };
                format!(
                    "the token is for {}{others}, and not for {id:?}",
                    quoted(one)
                )
            }
        };
        refuse(Reason::Audience, words)
    }

    /// OpenID Connect Core, section 3.1.3.7, 4 and 5.
    fn party(&self, payload: &Payload<'_>) -> Outcome {
        let id = &self.application.id;
        match &payload.azp {
            Some(Name(party)) => {
                if party == id || self.application.parties.iter().any(|other| other == party) {
                    return Ok(());
                }
                let words = format!(
                    "the token was issued to {}, and not to {id:?}",
                    quoted(party)
                );
                refuse(Reason::AuthorizedParty, words)
            }
            None if self.kind == TokenKind::Id && payload.aud.iter().count() > 1 => refuse(
                Reason::AuthorizedParty,
                "the token is for several applications and has no `azp`".to_owned(),
            ),
            None => Ok(()),
        }
    }

    /// What a token of the v2 API says of its user, twice.
    fn user(&self, payload: &Payload<'_>) -> Outcome {
        let Some(data) = payload
            .data
            .as_ref()
            .filter(|_| self.kind == TokenKind::User)
        else {
            return Ok(());
        };
        if data.id.is_some() && data.id != payload.sub {
            let words = "`sub` and `data.id` name two users".to_owned();
            return refuse(Reason::Subject, words);
        }
        if let Some(Name(app)) = &data.app_id
            && *app != self.application.id
        {
            let words = format!("`data.appId` is {}", quoted(app));
            return refuse(Reason::Audience, words);
        }
        let Some(pool) = &self.application.user_pool_id else {
            return Ok(());
        };
        match &data.user_pool_id {
            Some(Name(own)) if own == pool => Ok(()),
            own => {
                let own = own.as_ref().map_or("", |Name(own)| own);
                let words = format!("the user pool is {}, and not {pool:?}", quoted(own));
                refuse(Reason::UserPool, words)
            }
        }
    }

    fn time(&self, payload: &Payload<'_>) -> Outcome {
        let now = self.now.duration_since(SystemTime::UNIX_EPOCH);
        let now = now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
        let leeway = i64::try_from(self.leeway.as_secs()).unwrap_or(i64::MAX);
        let allowed = || format!("{leeway} s are allowed");
        let Some(exp) = payload.exp else {
            return refuse(Reason::Expired, "the token has no `exp`".to_owned());
        };
        if exp.saturating_add(leeway) <= now {
            let ago = now.saturating_sub(exp);
            return refuse(
                Reason::Expired,
                format!("the token expired {ago} s ago; {}", allowed()),
            );
        }
        let latest = now.saturating_add(leeway);
        if let Some(nbf) = payload.nbf.filter(|nbf| *nbf > latest) {
            let ahead = nbf.saturating_sub(now);
            let words = format!("the token is good in {ahead} s only; {}", allowed());
            return refuse(Reason::NotYetValid, words);
        }
        if let Some(iat) = payload.iat.filter(|iat| *iat > latest) {
            let ahead = iat.saturating_sub(now);
            let words = format!("the token was issued {ahead} s from now; {}", allowed());
            return refuse(Reason::IssuedAt, words);
        }
        Ok(())
    }

    fn nonce(&self, payload: &Payload<'_>) -> Outcome {
        let Some(nonce) = self.nonce else {
            return Ok(());
        };
        match &payload.nonce {
            Some(Name(own)) if own == nonce && !nonce.is_empty() => Ok(()),
            Some(_) => refuse(
                Reason::Nonce,
                "the token has another nonce: it is not for this login".to_owned(),
            ),
            None => refuse(Reason::Nonce, "the token has no nonce".to_owned()),
        }
    }
}

fn one_of(accepted: &[String]) -> String {
    let all: Vec<_> = accepted
        .iter()
        .map(|issuer| format!("{issuer:?}"))
        .collect();
    all.join(" or ")
}

/// In what little two issuers differ, if it is little.
fn difference(found: &str, wanted: &str) -> Option<&'static str> {
    let bare = |text: &str| text.trim_end_matches('/').to_owned();
    let without_scheme = |text: &str| {
        let rest = text.split_once("://").map(|(_, rest)| rest.to_owned());
        rest.unwrap_or_else(|| text.to_owned())
    };
    if bare(found) == bare(wanted) {
        Some("by a slash at the end")
    } else if found.eq_ignore_ascii_case(wanted) {
        Some("by capital letters")
    } else if without_scheme(found) == without_scheme(wanted) {
        Some("by http or https")
    } else if found.trim() == wanted {
        Some("by spaces")
    } else if bare(wanted).strip_suffix("/oidc") == Some(&bare(found)) {
        Some("by the path /oidc")
    } else {
        None
    }
}
