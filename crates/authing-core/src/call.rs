//! A call on its way: the operation, who asks, and the caller's wishes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use crate::clock::time_limit;
use crate::headers;
use crate::operation::Operation;
use crate::page::{PageStream, Paged};
use crate::pipeline::Pipeline;
use crate::retry::RetryPolicy;
use crate::token::TokenCache;
use crate::{BoxFuture, Error, Result, Secret};

/// In whose name a call is made.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Credential {
    /// In nobody's: no token is sent.
    None,
    /// In the name of whoever this token belongs to.
    Bearer(Secret),
    /// In the name of an application, by its id and secret.
    Basic {
        /// The application's id.
        id: String,
        /// The application's secret.
        secret: Secret,
    },
    /// In the name of the administrator. A refused token is renewed once.
    Managed(Arc<TokenCache>),
}

/// What a caller may wish for a single call.
#[derive(Clone, Default)]
pub(crate) struct CallOptions {
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) headers: HeaderMap,
    pub(crate) is_urgent: bool,
    pub(crate) mistake: Option<Error>,
}

/// An operation together with the way to send it. Client crates wrap it in a
/// type of their own, so that they can give it setters.
#[must_use = "a call does nothing until it is sent"]
pub struct Request<O> {
    pub(crate) pipeline: Pipeline,
    pub(crate) credential: Credential,
    /// The arguments.
    pub operation: O,
    pub(crate) options: CallOptions,
}

impl<O> Request<O> {
    /// A request to send `operation` through `pipeline`.
    pub fn new(pipeline: &Pipeline, credential: Credential, operation: O) -> Self {
        Self {
            pipeline: pipeline.clone(),
            credential,
            operation,
            options: CallOptions::default(),
        }
    }

    /// Limits each exchange with the server. Zero makes the call fail before
    /// anything is sent.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        match time_limit("timeout", timeout) {
            Ok(()) => self,
            Err(what) => self.mistake(what),
        }
    }

    /// Limits the call as a whole. Zero makes the call fail before anything is
    /// sent.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.options.deadline = Some(deadline);
        match time_limit("deadline", deadline) {
            Ok(()) => self,
            Err(what) => self.mistake(what),
        }
    }

    /// How often, and how soon, the call is sent again if it fails.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// Lets the call go first where calls wait for the client's own rate limit,
    /// because others wait for it. For implementors of
    /// [`TokenSource`](crate::TokenSource).
    pub fn urgent(mut self) -> Self {
        self.options.is_urgent = true;
        self
    }

    /// Makes the call in another name.
    pub fn credential(mut self, credential: Credential) -> Self {
        self.credential = credential;
        self
    }

    /// Adds a header. One that is not valid HTTP, or that the HTTP library must
    /// set, makes the call fail before anything is sent.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match headers::custom(name, value) {
            Ok((name, value)) => {
                self.options.headers.insert(name, value);
                self
            }
            Err(what) => self.mistake(what),
        }
    }

    /// Makes the call fail before anything is sent, because what a setter was
    /// given cannot be right. The first mistake is the one that is told.
    #[doc(hidden)]
    pub fn mistake(mut self, what: impl Into<String>) -> Self {
        let options = &mut self.options;
        options
            .mistake
            .get_or_insert_with(|| Error::invalid_input(what));
        self
    }
}

impl<O: Operation> Request<O> {
    /// Sends the request and reads the answer.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind).
    pub async fn send(self) -> Result<O::Output> {
        self.boxed().await
    }

    /// The same, in a box, since it would weigh on every future that awaits it.
    #[doc(hidden)]
    pub fn boxed(self) -> BoxFuture<'static, Result<O::Output>> {
        Box::pin(async move {
            self.pipeline
                .run(&self.operation, &self.credential, &self.options)
                .await
        })
    }
}

impl<O: Paged> Request<O> {
    /// All items from this page on, fetched page by page; [`PageStream`] says
    /// what holds when the list changes meanwhile.
    pub fn stream(self) -> PageStream<O::Item> {
        PageStream::new(self)
    }
}

impl<O: Clone> Clone for Request<O> {
    fn clone(&self) -> Self {
        Self {
            pipeline: self.pipeline.clone(),
            credential: self.credential.clone(),
            operation: self.operation.clone(),
            options: self.options.clone(),
        }
    }
}

impl<O: fmt::Debug> fmt::Debug for Request<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &self.operation)
            .field("timeout", &self.options.timeout)
            .finish_non_exhaustive()
    }
}

/// Declares a client crate's `Call` type: a [`Request`](crate::Request) that
/// can be awaited, and that the crate can give setters of its own (inherent
/// methods need a local type).
#[macro_export]
macro_rules! call_type {
    ($(#[$meta:meta])* pub struct $name:ident;) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        #[must_use = "a call does nothing until it is awaited"]
        pub struct $name<O>(pub(crate) $crate::Request<O>);

        impl<O> $name<O> {
            /// Limits how long the server may take for each try of this call,
            /// and for the access token where one must be fetched first. The
            /// client's own timeout holds otherwise.
            /// [`deadline`](Self::deadline) limits the call as a whole. Zero
            /// makes the call fail before anything is sent.
            pub fn timeout(self, timeout: ::std::time::Duration) -> Self {
                Self(self.0.timeout(timeout))
            }

            /// Limits this call as a whole: all tries, the waits between them,
            /// the token it may need first, and the wait for the client's own
            /// rate limit. The client's own deadline holds otherwise. Zero makes
            /// the call fail before anything is sent.
            pub fn deadline(self, deadline: ::std::time::Duration) -> Self {
                Self(self.0.deadline(deadline))
            }

            /// How often, and how soon, this call is sent again if it fails;
            /// [`RetryPolicy::none`]($crate::RetryPolicy::none) for never. The
            /// client's own policy holds otherwise.
            pub fn retry(self, policy: $crate::RetryPolicy) -> Self {
                Self(self.0.retry(policy))
            }

            /// Adds an HTTP header to this call. One that is not valid HTTP, or
            /// that the HTTP library must set (such as `Content-Length`), makes
            /// the call fail before anything is sent.
            pub fn header(self, name: &str, value: &str) -> Self {
                Self(self.0.header(name, value))
            }
        }

        impl<O: $crate::Operation> $name<O> {
            /// Sends the call; the same as awaiting it.
            ///
            /// # Errors
            ///
            /// See [`ErrorKind`](crate::ErrorKind).
            pub async fn send(self) -> $crate::Result<O::Output> {
                self.0.send().await
            }
        }

        impl<O: $crate::Paged> $name<O> {
            /// All items from this page on, fetched page by page.
            ///
            /// To change or delete what is listed, collect the ids first, then
            /// change: a list that changes while it is read cannot always be
            /// read whole. [`PageStream`]($crate::PageStream) says what holds
            /// then, when the stream ends, and how it goes on after an error.
            pub fn stream(self) -> $crate::PageStream<O::Item> {
                self.0.stream()
            }
        }

        impl<O: $crate::Operation> ::std::future::IntoFuture for $name<O> {
            type Output = $crate::Result<O::Output>;
            type IntoFuture = $crate::BoxFuture<'static, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                self.0.boxed()
            }
        }
    };
}
