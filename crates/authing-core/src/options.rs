//! The options that the builders of the clients have in common.

/// Adds the options of every client to a builder that has a
/// [`PipelineBuilder`](crate::PipelineBuilder) in its field `connection`.
#[macro_export]
macro_rules! transport_options {
    ($builder:ty) => {
        impl $builder {
            /// The HTTP backend to use instead of the default one.
            pub fn transport(mut self, transport: impl $crate::HttpTransport) -> Self {
                self.connection = self.connection.transport(transport);
                self
            }

            /// The clock to go by instead of the transport's own, for tests
            /// that turn the time.
            pub fn clock(mut self, clock: impl $crate::Clock) -> Self {
                self.connection = self.connection.clock(clock);
                self
            }

            /// How long the server may take to answer each try of a call; 10
            /// seconds by default. Zero makes `build` fail.
            pub fn timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.connection = self.connection.timeout(timeout);
                self
            }

            /// How long a call may take as a whole: all tries, the waits between
            /// them, the token it may need first, and the wait for
            /// [`requests_per_second`](Self::requests_per_second). By default it
            /// is 30 seconds, in which that last wait does not count. Zero makes
            /// `build` fail.
            pub fn deadline(mut self, deadline: ::std::time::Duration) -> Self {
                self.connection = self.connection.deadline(deadline);
                self
            }

            /// How often, and how soon, failed calls are sent again. See
            /// [`RetryPolicy`]($crate::RetryPolicy) for what is sent again at
            /// all, and for the default.
            pub fn retry(mut self, policy: $crate::RetryPolicy) -> Self {
                self.connection = self.connection.retry(policy);
                self
            }

            /// How many requests this client and its clones may send each
            /// second together; those beyond wait for their turn. There is no
            /// limit by default, and 0 makes `build` fail. Authing allows 300 a
            /// second for each user pool on its free plan.
            ///
            /// The wait does not count against the default deadline, but it does
            /// against one that is set: a call that has no turn by then fails
            /// with [`ClientRateLimit`]($crate::ErrorKind::ClientRateLimit).
            pub fn requests_per_second(mut self, requests: u32) -> Self {
                self.connection = self.connection.requests_per_second(requests);
                self
            }

            /// A rate limit of another kind, or one that this client shares
            /// with others; see [`RateLimiter`]($crate::RateLimiter). It takes
            /// the place of [`requests_per_second`](Self::requests_per_second):
            /// the last of both holds.
            pub fn rate_limiter(mut self, limiter: impl $crate::RateLimiter) -> Self {
                self.connection = self.connection.rate_limiter(limiter);
                self
            }

            /// Sends this HTTP header with every request, in place of one of the
            /// SDK's own that has the same name. A header of a single call goes
            /// before it. One that is not valid HTTP, or that the HTTP library
            /// must set (such as `Content-Length`), makes `build` fail.
            pub fn header(
                mut self,
                name: impl ::std::convert::Into<::std::string::String>,
                value: impl ::std::convert::Into<::std::string::String>,
            ) -> Self {
                self.connection = self.connection.header(name, value);
                self
            }

            /// Sends one of the `x-authing-` headers under a name of the
            /// deployment's own, where it does not show Authing's:
            /// `.header_name("x-authing-userpool-id", "x-acme-userpool-id")`.
            /// Can be done to `x-authing-userpool-id`, `x-authing-app-id`,
            /// `x-authing-lang`, `x-authing-sdk-version` and
            /// `x-authing-request-from`; any other makes `build` fail.
            pub fn header_name(
                mut self,
                standard: impl ::std::convert::Into<::std::string::String>,
                own: impl ::std::convert::Into<::std::string::String>,
            ) -> Self {
                self.connection = self.connection.header_name(standard, own);
                self
            }

            /// Allows plain HTTP to hosts other than this machine. Secrets and
            /// tokens can then be read by everyone on the way.
            pub fn allow_insecure_http(mut self) -> Self {
                self.connection = self.connection.allow_insecure_http();
                self
            }
        }
    };
}

/// Adds the options of the clients of the v2 API: those of
/// [`transport_options!`](crate::transport_options), and where and how to
/// speak to it.
#[macro_export]
macro_rules! connection_options {
    ($builder:ty) => {
        $crate::transport_options!($builder);

        impl $builder {
            /// Where Authing is: by default its cloud,
            /// `https://core.authing.cn`. A path prefix is kept and a slash at
            /// the end does not matter.
            pub fn host(mut self, host: impl ::std::convert::Into<::std::string::String>) -> Self {
                self.connection = self.connection.host(host);
                self
            }

            /// The language of the server's messages, such as `en-US` or
            /// `zh-CN`; by default the server chooses.
            pub fn language(
                mut self,
                language: impl ::std::convert::Into<::std::string::String>,
            ) -> Self {
                self.connection = self.connection.language(language);
                self
            }
        }
    };
}

/// Adds the option for an RSA key to a builder that has a [`PipelineBuilder`](crate::PipelineBuilder)
/// in its field `connection`.
#[cfg(feature = "password")]
#[macro_export]
macro_rules! password_option {
    ($builder:ty) => {
        impl $builder {
            /// The RSA key in PEM that passwords are encrypted with. Authing's
            /// cloud needs none; a private deployment shows its own at
            /// `{host}/api/v2/.well-known`.
            pub fn public_key(
                mut self,
                pem: impl ::std::convert::Into<::std::string::String>,
            ) -> Self {
                self.connection = self.connection.public_key(pem);
                self
            }
        }
    };
}

/// Adds the option for an SM2 key to a builder that has a [`PipelineBuilder`](crate::PipelineBuilder)
/// in its field `connection`.
#[cfg(feature = "sm2")]
#[macro_export]
macro_rules! sm2_option {
    ($builder:ty) => {
        impl $builder {
            /// The SM2 key that passwords are encrypted with, in place of an
            /// RSA one: the hexadecimal digits of its point, as a private
            /// deployment that asks for SM2 shows them. The last key that is
            /// given holds. The code behind it has not been audited; see
            /// [`PasswordKey::sm2_from_hex`]($crate::PasswordKey::sm2_from_hex).
            pub fn sm2_public_key(
                mut self,
                digits: impl ::std::convert::Into<::std::string::String>,
            ) -> Self {
                self.connection = self.connection.sm2_public_key(digits);
                self
            }
        }
    };
}

/// Writes the function that makes the backend of a client which was given
/// none: reqwest's where the calling crate has its feature `transport-reqwest`,
/// else hyper's where it has `transport-hyper`.
#[doc(hidden)]
#[macro_export]
macro_rules! default_transport {
    () => {
        #[cfg(feature = "transport-reqwest")]
        pub(crate) fn default_transport()
        -> $crate::Result<::std::sync::Arc<dyn $crate::HttpTransport>> {
            Ok(::std::sync::Arc::new(
                ::authing_reqwest::ReqwestTransport::new()?,
            ))
        }

        #[cfg(all(feature = "transport-hyper", not(feature = "transport-reqwest")))]
        pub(crate) fn default_transport()
        -> $crate::Result<::std::sync::Arc<dyn $crate::HttpTransport>> {
            Ok(::std::sync::Arc::new(
                ::authing_hyper::HyperTransport::new()?
            ))
        }

        #[cfg(not(any(feature = "transport-reqwest", feature = "transport-hyper")))]
        pub(crate) fn default_transport()
        -> $crate::Result<::std::sync::Arc<dyn $crate::HttpTransport>> {
            Err($crate::Error::configuration(
                "there is no HTTP backend: give one with .transport(..), or turn on the feature \
                 transport-reqwest or transport-hyper",
            ))
        }
    };
}
