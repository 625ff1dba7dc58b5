use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::answer::{answer, grpc_answer, is_grpc};
use super::future::ResponseFuture;
use super::guard::Guard;
use crate::bearer::bearer_token;
use crate::claims::Claims;
use crate::rejection::{Reason, Rejection};
use crate::verifier::Verifier;

/// Lets only requests with a good token through. See [the module](super).
#[derive(Clone)]
#[must_use]
pub struct VerifyLayer(pub(super) Arc<Rules>);

/// What a layer was told.
#[derive(Clone)]
pub(super) struct Rules {
    pub(super) verifier: Verifier,
    pub(super) guard: Option<Guard>,
    is_optional: bool,
    realm: Realm,
    on_rejection: Option<Arc<Observe>>,
}

/// The rules of the layer that a request came through, for what comes behind.
#[derive(Clone)]
pub(crate) struct Passed(Arc<Rules>);

impl Passed {
    #[cfg(feature = "axum")]
    pub(crate) fn realm(&self) -> Realm {
        self.0.realm.clone()
    }
}

type Observe = dyn Fn(&Rejection) + Send + Sync;

/// The realm for challenges.
#[derive(Debug, Clone)]
pub(crate) struct Realm(pub(crate) Arc<str>);

impl Default for Realm {
    fn default() -> Self {
        Self("authing".into())
    }
}

impl VerifyLayer {
    /// Requests without a good token are answered with 401.
    pub fn new(verifier: Verifier) -> Self {
        Self(Arc::new(Rules {
            verifier,
            guard: None,
            is_optional: false,
            realm: Realm::default(),
            on_rejection: None,
        }))
    }

    /// Lets requests without a token through as well, without claims. One that
    /// has a token which is not good is refused all the same.
    pub fn optional(self) -> Self {
        self.with(|rules| rules.is_optional = true)
    }

    /// Asks for more than a good token: without it the answer is 403.
    pub fn guard(self, guard: Guard) -> Self {
        self.with(|rules| {
            rules.guard = Some(match rules.guard.take() {
                Some(before) => before & guard,
                None => guard,
            });
        })
    }

    /// The realm in the `WWW-Authenticate` header; `authing` by default.
    pub fn realm(self, realm: impl Into<String>) -> Self {
        let realm = Realm(realm.into().into());
        self.with(|rules| rules.realm = realm)
    }

    /// Called with every rejection of this layer and of each [`GuardLayer`]
    /// behind it, to log or count it; an extractor that refuses answers by
    /// itself. The caller of the service never sees its words.
    pub fn on_rejection(self, observe: impl Fn(&Rejection) + Send + Sync + 'static) -> Self {
        self.with(|rules| rules.on_rejection = Some(Arc::new(observe)))
    }

    fn with(self, change: impl FnOnce(&mut Rules)) -> Self {
        let mut rules = Arc::unwrap_or_clone(self.0);
        change(&mut rules);
        Self(Arc::new(rules))
    }
}

impl Rules {
    /// The token, if there is one.
    pub(super) fn token<'r, B>(
        &self,
        request: &'r Request<B>,
    ) -> Result<Option<&'r str>, Rejection> {
        match bearer_token(request.headers()) {
            Ok(token) => Ok(Some(token)),
            Err(rejection) if self.is_optional && rejection.reason() == Reason::Missing => Ok(None),
            Err(rejection) => Err(rejection),
        }
    }

    /// Gives the request its claims, once they are known to be good.
    pub(super) fn admit<B>(
        self: &Arc<Self>,
        request: &mut Request<B>,
        claims: Option<Claims>,
    ) -> Result<(), Rejection> {
        if let Some(claims) = claims {
            if let Some(guard) = &self.guard {
                guard.check(&claims)?;
            }
            request.extensions_mut().insert(Arc::new(claims));
        } else if self.guard.is_some() {
            return Err(Rejection::new(
                Reason::Missing,
                "the request has no bearer token",
            ));
        }
        request.extensions_mut().insert(Passed(Arc::clone(self)));
        Ok(())
    }

    pub(super) fn refuse<B: Default>(&self, rejection: &Rejection, is_grpc: bool) -> Response<B> {
        if let Some(observe) = &self.on_rejection {
            observe(rejection);
        }
        refuse(rejection, &self.realm, is_grpc)
    }
}

fn refuse<B: Default>(rejection: &Rejection, realm: &Realm, is_grpc: bool) -> Response<B> {
    match is_grpc {
        true => grpc_answer(rejection, &realm.0),
        false => answer(rejection, &realm.0),
    }
}

impl fmt::Debug for VerifyLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyLayer")
            .field("verifier", &self.0.verifier)
            .field("guard", &self.0.guard)
            .field("is_optional", &self.0.is_optional)
            .field("realm", &self.0.realm.0)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for VerifyLayer {
    type Service = VerifyService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        VerifyService {
            inner,
            rules: Arc::clone(&self.0),
        }
    }
}

/// A service behind a [`VerifyLayer`].
#[derive(Clone)]
pub struct VerifyService<S> {
    inner: S,
    rules: Arc<Rules>,
}

impl<S: fmt::Debug> fmt::Debug for VerifyService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyService")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl<S, B, R> Service<Request<B>> for VerifyService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ResponseFuture<S, B, R>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let is_grpc = is_grpc(&request);
        let outcome = match self.rules.token(&request) {
            Ok(Some(token)) => match self.rules.verifier.at_once(token) {
                Some(outcome) => outcome.map(Some),
                // The keys must be fetched first.
                None => {
                    let token = token.to_owned();
                    let fresh = self.inner.clone();
                    let ready = std::mem::replace(&mut self.inner, fresh);
                    let rules = Arc::clone(&self.rules);
                    return ResponseFuture::waiting(rules, ready, request, token, is_grpc);
                }
            },
            Ok(None) => Ok(None),
            Err(rejection) => Err(rejection),
        };
        match outcome.and_then(|claims| self.rules.admit(&mut request, claims)) {
            Ok(()) => ResponseFuture::admitted(self.inner.call(request)),
            Err(rejection) => ResponseFuture::refused(self.rules.refuse(&rejection, is_grpc)),
        }
    }
}

/// Asks for more than a good token on some of the routes behind a
/// [`VerifyLayer`]: without it the answer is 403, and without a token 401.
#[derive(Debug, Clone)]
#[must_use]
pub struct GuardLayer(Guard);

impl GuardLayer {
    /// Lets only requests through whose claims pass.
    pub fn new(guard: Guard) -> Self {
        Self(guard)
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = GuardService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        GuardService {
            inner,
            guard: self.0.clone(),
        }
    }
}

/// A service behind a [`GuardLayer`].
#[derive(Debug, Clone)]
pub struct GuardService<S> {
    inner: S,
    guard: Guard,
}

impl<S, B, R> Service<Request<B>> for GuardService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ResponseFuture<S, B, R>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let claims = request.extensions().get::<Arc<Claims>>();
        let outcome = match claims {
            Some(claims) => self.guard.check(claims),
            None => Err(Rejection::new(Reason::Missing, "the request has no claims")),
        };
        match outcome {
            Ok(()) => ResponseFuture::admitted(self.inner.call(request)),
            Err(rejection) => {
                let is_grpc = is_grpc(&request);
                ResponseFuture::refused(match request.extensions().get::<Passed>() {
                    Some(Passed(rules)) => rules.refuse(&rejection, is_grpc),
                    None => refuse(&rejection, &Realm::default(), is_grpc),
                })
            }
        }
    }
}
