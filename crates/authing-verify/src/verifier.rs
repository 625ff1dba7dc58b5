use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use authing_core::Clock;
use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::application::{Algorithm, Application, SharedKey, TokenKind};
use crate::builder::VerifierBuilder;
use crate::check::Expected;
use crate::claims::Claims;
use crate::deny::DenyList;
#[cfg(feature = "introspection")]
use crate::introspection::Online;
use crate::jws::Jws;
use crate::keys::{Found, KeyCache, State, Usable};
use crate::payload::Payload;
use crate::rejection::{Reason, Rejection, quoted};

/// Decides whether a token is good, from what is at hand: the public keys, or
/// the application's secret. Cloning is cheap, and clones share the keys.
///
/// ```no_run
/// use authing_verify::{Application, Verifier};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let verifier = Verifier::builder()
///     .application(Application::new("application id", "https://my-app.authing.cn"))
///     .build()?;
/// // So that the first request does not wait for the keys.
/// verifier.preload().await?;
///
/// match verifier.verify("eyJhbGciOi…").await {
///     Ok(claims) => println!("{} asks, with {:?}", claims.sub, claims.scope),
///     Err(rejection) => println!("refused: {rejection}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Verifier(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) kind: TokenKind,
    pub(crate) leeway: Duration,
    pub(crate) longest: usize,
    pub(crate) clock: Arc<dyn Clock>,
    /// Those whose tokens are RS256, by where their keys are.
    pub(crate) sources: Vec<Source>,
    /// Those whose tokens are HS256.
    pub(crate) shared: Vec<(SharedKey, App)>,
    pub(crate) denied: DenyList,
    #[cfg(feature = "introspection")]
    pub(crate) online: Option<Online>,
}

/// Keys, and the applications that they sign for.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) keys: KeyCache,
    pub(crate) apps: Vec<App>,
}

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) application: Application,
    /// Shared with the claims.
    pub(crate) id: Arc<str>,
}

impl Verifier {
    /// Starts to set up a verifier.
    pub fn builder() -> VerifierBuilder {
        VerifierBuilder::new()
    }

    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// Checks a token.
    ///
    /// Takes microseconds with the keys at hand. They are fetched when there
    /// are none yet, when they are old, and when the token names one that is
    /// not there; one fetch serves all who wait.
    ///
    /// # Errors
    ///
    /// A [`Rejection`] that says which check failed.
    pub async fn verify(&self, token: &str) -> Result<Claims, Rejection> {
        self.run(token, None).await
    }

    /// The same, with a type of yours for what the token says besides. It is
    /// read from all claims of the token.
    ///
    /// # Errors
    ///
    /// A [`Rejection`] that says which check failed;
    /// [`Reason::OwnClaims`] when the claims do not fit the type.
    pub async fn verify_as<T: DeserializeOwned>(
        &self,
        token: &str,
    ) -> Result<Claims<T>, Rejection> {
        self.run(token, None).await
    }

    /// Checks the ID token of a login that was begun with this nonce.
    ///
    /// # Errors
    ///
    /// A [`Rejection`] that says which check failed; [`Reason::Nonce`] when
    /// the token is the answer to another login.
    pub async fn verify_with_nonce(&self, token: &str, nonce: &str) -> Result<Claims, Rejection> {
        self.run(token, Some(nonce)).await
    }

    /// Checks a token with the keys at hand, for code that cannot wait. It
    /// works after [`preload`](Self::preload), and does not notice when keys
    /// are changed: for that, [`verify`](Self::verify) or `preload` must be
    /// called from time to time.
    ///
    /// # Errors
    ///
    /// A [`Rejection`] that says which check failed; [`Reason::Unavailable`]
    /// when there are no keys at hand.
    pub fn verify_now<T: DeserializeOwned>(&self, token: &str) -> Result<Claims<T>, Rejection> {
        let jws = self.open(token)?;
        let claims = self.judge(&jws, None)?;
        #[cfg(feature = "introspection")]
        if let Some(online) = &self.0.online {
            online.known(token).unwrap_or_else(|| {
                let words = "the server was not asked about the token yet";
                Err(Rejection::unavailable(words, None))
            })?;
        }
        Ok(claims)
    }

    /// Fetches the keys, so that no request waits for them.
    ///
    /// # Errors
    ///
    /// Why they could not be fetched. The verifier works all the same as soon
    /// as they can be.
    pub async fn preload(&self) -> authing_core::Result<()> {
        let loads = self.0.sources.iter().map(|source| source.keys.load());
        let outcomes = together(loads.collect(), || false).await;
        outcomes.into_iter().collect()
    }

    /// What kind of tokens it accepts.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        self.0.kind
    }

    /// The tokens that are refused although they are good.
    #[must_use]
    pub fn deny_list(&self) -> &DenyList {
        &self.0.denied
    }

    async fn run<T: DeserializeOwned>(
        &self,
        token: &str,
        nonce: Option<&str>,
    ) -> Result<Claims<T>, Rejection> {
        let jws = self.open(token)?;
        self.prepare(&jws).await;
        let mut outcome = self.judge(&jws, nonce);
        if is_of_another(&outcome) && self.prepare_others(&jws).await {
            outcome = self.judge(&jws, nonce);
        }
        let claims = outcome?;
        #[cfg(feature = "introspection")]
        if let Some(online) = &self.0.online {
            online.ask(token, &claims).await?;
        }
        Ok(claims)
    }

    /// Checks a token if that needs no waiting.
    #[cfg(feature = "tower")]
    pub(crate) fn at_once<T: DeserializeOwned>(
        &self,
        token: &str,
    ) -> Option<Result<Claims<T>, Rejection>> {
        let jws = match self.open(token) {
            Ok(jws) => jws,
            Err(rejection) => return Some(Err(rejection)),
        };
        if self.would_wait(&jws) {
            return None;
        }
        let claims = self.judge(&jws, None);
        if is_of_another(&claims) && self.others(&jws).next().is_some() {
            return None;
        }
        #[cfg(feature = "introspection")]
        if let (Ok(_), Some(online)) = (&claims, &self.0.online) {
            return online.known(token).map(|known| known.and(claims));
        }
        Some(claims)
    }

    /// What can be said before there are keys.
    fn open<'t>(&self, token: &'t str) -> Result<Jws<'t>, Rejection> {
        let jws = Jws::parse(token, self.0.longest)?;
        let algorithm = jws.algorithm();
        let wanted = [
            (!self.0.sources.is_empty(), Algorithm::Rs256),
            (!self.0.shared.is_empty(), Algorithm::Hs256),
        ];
        let mut wanted = wanted.iter().filter(|(is_used, _)| *is_used);
        if !wanted
            .clone()
            .any(|(_, wanted)| wanted.as_str() == algorithm)
        {
            let names: Vec<_> = wanted.by_ref().map(|(_, wanted)| wanted.as_str()).collect();
            return Err(Rejection::new(
                Reason::Algorithm,
                format!(
                    "`alg` is {}: the {} of this application is signed with {}",
                    quoted(algorithm),
                    self.0.kind,
                    names.join(" or "),
                ),
            ));
        }
        if algorithm == Algorithm::Rs256.as_str() && jws.key_id().is_none_or(str::is_empty) {
            let words = "the token does not say which key signed it: it has no `kid`";
            return Err(Rejection::new(Reason::KeyId, words));
        }
        Ok(jws)
    }

    /// The name of the key, where one is needed.
    fn key_id<'j>(&self, jws: &'j Jws<'_>) -> Option<&'j str> {
        let is_rsa = jws.algorithm() == Algorithm::Rs256.as_str();
        jws.key_id().filter(|_| is_rsa)
    }

    /// The sources that should be asked for newer keys: those that have the
    /// key, or all where nobody has it.
    fn to_ask<'v>(&'v self, id: &'v str) -> impl Iterator<Item = &'v KeyCache> {
        let has = |keys: &KeyCache| matches!(keys.state(id), State::Ready | State::Old);
        let somebody_has = self.knows(id);
        let keys = self.0.sources.iter().map(|source| &source.keys);
        keys.filter(move |keys| !somebody_has || has(keys))
    }

    async fn prepare(&self, jws: &Jws<'_>) {
        let Some(id) = self.key_id(jws) else { return };
        let to_ask = self.to_ask(id).filter(|keys| keys.would_wait(id));
        let asking: Vec<_> = to_ask.map(|keys| keys.prepare(id)).collect();
        if asking.is_empty() {
            return;
        }
        let is_known = self.knows(id);
        // A server that is slow holds up no tokens of the others.
        together(asking, || !is_known && self.knows(id)).await;
    }

    /// Whether a source has a key of this name.
    fn knows(&self, id: &str) -> bool {
        let mut sources = self.0.sources.iter();
        sources.any(|source| matches!(source.keys.state(id), State::Ready | State::Old))
    }

    /// The sources that were not asked for the key, since another has one of
    /// this name, and that can be asked now. Applications of one user pool have
    /// keys of the same names, which may come to one host before the other.
    fn others<'v>(&'v self, jws: &'v Jws<'_>) -> impl Iterator<Item = (&'v KeyCache, &'v str)> {
        let id = self.key_id(jws);
        let keys = self.0.sources.iter().map(|source| &source.keys);
        keys.filter_map(move |keys| Some((keys, id?)))
            .filter(|(keys, id)| !matches!(keys.state(id), State::Ready | State::Old))
            .filter(|(keys, id)| keys.would_wait(id))
    }

    /// Asks these, and says whether there was one to ask.
    async fn prepare_others(&self, jws: &Jws<'_>) -> bool {
        let asking = self.others(jws).map(|(keys, id)| keys.prepare(id));
        !together(asking.collect(), || false).await.is_empty()
    }

    #[cfg(feature = "tower")]
    fn would_wait(&self, jws: &Jws<'_>) -> bool {
        self.key_id(jws)
            .is_some_and(|id| self.to_ask(id).any(|keys| keys.would_wait(id)))
    }

    /// Signature and claims.
    fn judge<T: DeserializeOwned>(
        &self,
        jws: &Jws<'_>,
        nonce: Option<&str>,
    ) -> Result<Claims<T>, Rejection> {
        let mut closest: Option<Rejection> = None;
        let mut keep = |rejection: Rejection| match &closest {
            Some(before) if before.reason() as u8 > rejection.reason() as u8 => {}
            _ => closest = Some(rejection),
        };
        match self.key_id(jws) {
            Some(id) => {
                for source in &self.0.sources {
                    let signed = source.keys.with_key(id, |found| signed(jws, id, found));
                    let outcome = match signed {
                        Some(Ok(())) => self.claims(jws, source.apps.iter(), nonce),
                        Some(Err(rejection)) => Err(rejection),
                        None => Err(source.keys.explain(id)),
                    };
                    match outcome {
                        Ok(claims) => return Ok(claims),
                        Err(rejection) => keep(rejection),
                    }
                }
            }
            None => {
                for (key, app) in &self.0.shared {
                    if !key.signed(jws.signed, jws.signature()) {
                        continue;
                    }
                    match self.claims(jws, std::iter::once(app), nonce) {
                        Ok(claims) => return Ok(claims),
                        Err(rejection) => keep(rejection),
                    }
                }
            }
        }
        Err(closest.unwrap_or_else(|| {
            let words = "the signature is not that of the application's secret";
            Rejection::new(Reason::Signature, words)
        }))
    }

    /// The claims of a token whose signature is that of one of these.
    fn claims<'a, T: DeserializeOwned>(
        &self,
        jws: &Jws<'_>,
        apps: impl Iterator<Item = &'a App>,
        nonce: Option<&str>,
    ) -> Result<Claims<T>, Rejection> {
        let json = jws.payload()?;
        let payload = Payload::read(&json)?;
        let mut closest: Option<Rejection> = None;
        for app in apps {
            let expected = Expected {
                application: &app.application,
                kind: self.0.kind,
                now: self.0.clock.now(),
                leeway: self.0.leeway,
                nonce,
            };
            let outcome = expected
                .media_type(jws.media_type())
                .and_then(|()| expected.check(&payload));
            match outcome {
                Ok(()) => {
                    self.0.denied.check(&payload, &json)?;
                    let claims = Claims::new(&payload, &json, self.0.kind, &app.id)?;
                    return Ok(claims.keep(Bytes::from(json)));
                }
                Err(rejection) => match &closest {
                    Some(before) if before.reason() as u8 >= rejection.reason() as u8 => {}
                    _ => closest = Some(rejection),
                },
            }
        }
        Err(closest.unwrap_or_else(|| Rejection::new(Reason::Audience, "no application")))
    }
}

/// Runs all of them at the same time, until the last one ends or it is enough.
/// Returns what those that ended returned.
async fn together<F: Future>(futures: Vec<F>, is_enough: impl Fn() -> bool) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut outcomes = Vec::new();
    poll_fn(|context| {
        running.retain_mut(|future| match future.as_mut().poll(context) {
            Poll::Ready(outcome) => {
                outcomes.push(outcome);
                false
            }
            Poll::Pending => true,
        });
        match running.is_empty() || is_enough() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    outcomes
}

/// Whether a token is not good for the key or the application that was found,
/// and may be good for others.
fn is_of_another<T>(outcome: &Result<Claims<T>, Rejection>) -> bool {
    let reason = outcome.as_ref().err().map(Rejection::reason);
    matches!(
        reason,
        Some(Reason::UnusableKey | Reason::Signature | Reason::Issuer | Reason::Audience)
    )
}

/// Whether the key of this name signed; `None` when there is none.
fn signed(jws: &Jws<'_>, id: &str, found: Found<'_>) -> Option<Result<(), Rejection>> {
    let is_good = |key: Usable<'_>| key.signed(jws.signed, jws.signature());
    match found {
        Found::Nothing => None,
        Found::Key(key) if is_good(key) => Some(Ok(())),
        Found::Key(_) => {
            let words = format!("the signature is not that of the key {}", quoted(id));
            Some(Err(Rejection::new(Reason::Signature, words)))
        }
        Found::Unusable(why) => {
            let words = format!("the key {} {why}", quoted(id));
            Some(Err(Rejection::new(Reason::UnusableKey, words)))
        }
    }
}
