use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use authing_core::BoxFuture;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::layer::Rules;
use crate::claims::Claims;
use crate::rejection::Rejection;

pin_project! {
    /// The answer of a service behind a layer of this module. Nothing is
    /// allocated for it unless keys must be fetched first.
    pub struct ResponseFuture<S, B, R>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S, B, R, S::Future>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, B, R, F> {
        Refused { response: Option<Response<R>> },
        Admitted { #[pin] answer: F },
        Waiting { waiting: Option<Box<Waiting<S, B>>> },
    }
}

/// A request that waits for its claims.
struct Waiting<S, B> {
    claims: BoxFuture<'static, Result<Claims, Rejection>>,
    service: S,
    request: Request<B>,
    rules: Arc<Rules>,
    is_grpc: bool,
}

impl<S: Service<Request<B>>, B, R> ResponseFuture<S, B, R> {
    pub(super) fn refused(response: Response<R>) -> Self {
        let response = Some(response);
        Self {
            state: State::Refused { response },
        }
    }

    pub(super) fn admitted(answer: S::Future) -> Self {
        Self {
            state: State::Admitted { answer },
        }
    }

    /// The service must be ready.
    pub(super) fn waiting(
        rules: Arc<Rules>,
        service: S,
        request: Request<B>,
        token: String,
        is_grpc: bool,
    ) -> Self {
        let verifier = rules.verifier.clone();
        let waiting = Waiting {
            claims: Box::pin(async move { verifier.verify(&token).await }),
            service,
            request,
            rules,
            is_grpc,
        };
        Self {
            state: State::Waiting {
                waiting: Some(Box::new(waiting)),
            },
        }
    }
}

impl<S, B, R> Future for ResponseFuture<S, B, R>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Output = Result<Response<R>, S::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let next = match state.as_mut().project() {
                StateProjection::Refused { response } => {
                    // Polled after its end, which no caller does.
                    return match response.take() {
                        Some(response) => Poll::Ready(Ok(response)),
                        None => Poll::Pending,
                    };
                }
                StateProjection::Admitted { answer } => return answer.poll(context),
                StateProjection::Waiting { waiting } => {
                    let Some(mut held) = waiting.take() else {
                        return Poll::Pending;
                    };
                    let outcome = match held.claims.as_mut().poll(context) {
                        Poll::Ready(outcome) => outcome,
                        Poll::Pending => {
                            *waiting = Some(held);
                            return Poll::Pending;
                        }
                    };
                    let admitted = outcome
                        .and_then(|claims| held.rules.admit(&mut held.request, Some(claims)));
                    match admitted {
                        Ok(()) => State::Admitted {
                            answer: held.service.call(held.request),
                        },
                        Err(rejection) => State::Refused {
                            response: Some(held.rules.refuse(&rejection, held.is_grpc)),
                        },
                    }
                }
            };
            state.set(next);
        }
    }
}

impl<S: Service<Request<B>>, B, R> fmt::Debug for ResponseFuture<S, B, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseFuture")
    }
}
