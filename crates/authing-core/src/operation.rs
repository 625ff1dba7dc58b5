//! What a call is: data and rules of one operation of the API.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde::de::DeserializeOwned;

#[cfg(feature = "password")]
use crate::PasswordKey;
use crate::graphql::Document;
use crate::oauth::encode_form;
use crate::{Error, Result, Secret};

/// One operation of the API: what to send, whether it may be repeated, and how
/// to read the answer.
///
/// Declare one with [`operation!`](crate::operation).
pub trait Operation: Send + Sync + 'static {
    /// What a successful call gives.
    type Output: Send + 'static;

    /// What is constant about the operation.
    fn spec() -> &'static Spec;

    /// Turns the arguments into what is sent.
    ///
    /// # Errors
    ///
    /// An argument that cannot be right; nothing is sent then.
    fn encode(&self, context: &EncodeContext<'_>) -> Result<Payload>;

    /// Reads the answer.
    ///
    /// # Errors
    ///
    /// The server's refusal, or an answer that cannot be read.
    fn decode(&self, reply: &Reply<'_>) -> Result<Self::Output>;
}

/// What is constant about an operation.
#[derive(Debug)]
pub struct Spec {
    id: &'static str,
    repeat: Repeat,
    protocol: Protocol,
}

impl Spec {
    /// The operation `id`, which starts with its client and resource.
    #[must_use]
    pub const fn new(id: &'static str, repeat: Repeat, protocol: Protocol) -> Self {
        Self {
            id,
            repeat,
            protocol,
        }
    }

    /// The full name, such as `management.users.list`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// What the operation belongs to, such as `management.users`.
    #[must_use]
    pub fn resource(&self) -> &'static str {
        self.id
            .rsplit_once('.')
            .map_or("", |(resource, _)| resource)
    }

    /// Whether it may be sent twice.
    #[must_use]
    pub const fn repeat(&self) -> Repeat {
        self.repeat
    }

    /// How it travels.
    #[must_use]
    pub const fn protocol(&self) -> &Protocol {
        &self.protocol
    }
}

/// Whether an operation may be sent twice. It does not follow from the HTTP
/// method: in GraphQL, reads are `POST` as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Repeat {
    /// It changes nothing.
    Safe,
    /// The second time changes nothing more, though its answer may differ: what
    /// was deleted by a try whose answer got lost cannot be deleted again.
    Idempotent,
    /// It must not be repeated unless nothing reached the server.
    Never,
}

/// How an operation travels, and so how its answer says that it failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Protocol {
    /// A document posted to `/graphql/v2`; `errors` in the answer is failure.
    GraphQl {
        /// What is posted.
        document: Document,
        /// The field of `data` that holds the answer.
        root: &'static str,
    },
    /// The v2 REST API; any `code` but 200 in the answer is failure.
    Rest {
        /// The HTTP method.
        method: Method,
    },
    /// OAuth 2.0 and OpenID Connect; an HTTP error or an `error` in the answer
    /// is failure.
    OAuth {
        /// The HTTP method.
        method: Method,
    },
}

/// What an operation may use to encode its arguments.
#[derive(Debug)]
pub struct EncodeContext<'a> {
    pub(crate) app_id: Option<&'a str>,
    #[cfg(feature = "password")]
    pub(crate) password_key: &'a PasswordKey,
}

impl EncodeContext<'_> {
    /// The application the client acts for.
    #[must_use]
    pub fn app_id(&self) -> Option<&str> {
        self.app_id
    }

    /// Encrypts a password for the server.
    ///
    /// # Errors
    ///
    /// A password that is too long for the key, or a build without the feature
    /// `password`.
    #[cfg(feature = "password")]
    pub fn encrypt(&self, password: &Secret) -> Result<String> {
        self.password_key.encrypt(password)
    }

    /// Refuses: the server takes no password that is not encrypted.
    ///
    /// # Errors
    ///
    /// Always.
    #[cfg(not(feature = "password"))]
    pub fn encrypt(&self, _: &Secret) -> Result<String> {
        Err(Error::configuration(
            "a password travels encrypted, which this build cannot do: turn on the feature password",
        ))
    }
}

/// What most bodies are.
pub(crate) const JSON: &str = "application/json";
/// What the bodies of OAuth are.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// What is sent.
#[non_exhaustive]
pub struct Payload {
    /// The path below the host, with its query.
    pub path: Cow<'static, str>,
    /// The body; `None` for a request without one.
    pub body: Option<Bytes>,
    /// What the body is.
    pub content_type: &'static str,
    /// Whether the body was looked at for NUL when it was written.
    pub(crate) is_checked: bool,
}

impl Payload {
    /// A payload for this path, with a JSON body or none.
    pub fn new(path: impl Into<Cow<'static, str>>, body: Option<Bytes>) -> Self {
        Self {
            path: path.into(),
            body,
            content_type: JSON,
            is_checked: false,
        }
    }

    /// A payload for this path with a form as its body. Names and values are
    /// percent-encoded.
    pub fn form<'a>(
        path: impl Into<Cow<'static, str>>,
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        Self {
            path: path.into(),
            body: Some(encode_form(fields).into()),
            content_type: FORM,
            is_checked: false,
        }
    }
}

/// Without the body, which may hold secrets.
impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Payload")
            .field("path", &self.path)
            .field("bytes", &self.body.as_ref().map(Bytes::len))
            .field("content_type", &self.content_type)
            .finish()
    }
}

/// An HTTP answer whose body is text.
#[derive(Clone, Copy)]
pub struct Reply<'a> {
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) text: &'a str,
}

impl<'a> Reply<'a> {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// The body.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }
}

impl Reply<'_> {
    /// What an operation gives that returns nothing, if the answer says that
    /// there is nothing to read (RFC 9110, section 15.3.5). An empty answer of
    /// another status is none: it may have been cut.
    pub(crate) fn nothing<T: DeserializeOwned>(&self) -> Option<T> {
        let is_empty = self.status == StatusCode::NO_CONTENT && self.text.trim().is_empty();
        (is_empty && returns_nothing::<T>()).then(crate::bounded::nothing)?
    }
}

/// Whether there is nothing to read: a type without a size, such as `()`, holds
/// nothing of an answer.
pub(crate) const fn returns_nothing<T>() -> bool {
    size_of::<T>() == 0
}

impl std::fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}

/// What a transport can know about the call it carries: look for it in the
/// [`extensions`](http::Request::extensions) of the request.
#[derive(Debug, Clone, Copy)]
pub struct OperationInfo {
    pub(crate) spec: &'static Spec,
    pub(crate) attempt: u32,
    pub(crate) is_urgent: bool,
}

impl OperationInfo {
    /// The full name of the operation, such as `management.users.list`.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.spec.id
    }

    /// What the operation belongs to, such as `management.users`.
    #[must_use]
    pub fn resource(&self) -> &'static str {
        self.spec.resource()
    }

    /// Which try this is, from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Whether the operation may be sent twice.
    #[must_use]
    pub fn repeat(&self) -> Repeat {
        self.spec.repeat
    }

    /// Whether other calls wait for this one, as they do for a token. It goes
    /// first where requests queue up, see [`RateLimiter`](crate::RateLimiter).
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.is_urgent
    }
}

/// Declares how a request value travels: implements
/// [`Operation`](crate::Operation) for it.
///
/// A GraphQL operation names its document (a file beside the source, and the
/// fragments it uses) and the root field of the answer. By default the request
/// value is the variables, so it must be `Serialize`, and the root field's
/// value is the output.
///
/// ```
/// use authing_core::{Page, operation};
///
/// #[derive(serde::Serialize)]
/// struct ListOrgs {
///     page: u32,
/// }
///
/// #[derive(serde::Deserialize)]
/// struct Org {
///     id: String,
/// }
///
/// operation! {
///     ListOrgs => Page<Org>,
///     id: "management.orgs.list",
///     repeat: Safe,
///     graphql: ["query orgs($page: Int) { orgs(page: $page) { totalCount list { id } } }"] => "orgs",
/// }
/// ```
///
/// Where that is not enough, closures say how: `variables` gives the variables,
/// and `read` turns the answer into the output.
///
/// ```
/// use authing_core::{Error, operation};
///
/// struct Rename {
///     id: String,
///     name: String,
/// }
///
/// operation! {
///     Rename => String,
///     id: "management.orgs.rename",
///     repeat: Idempotent,
///     graphql: ["mutation rename($id: String!) { rename(id: $id) }"] => "rename",
///     variables: |rename, _context| match rename.name.is_empty() {
///         true => Err(Error::invalid_input("the name is empty")),
///         false => Ok([("id", &rename.id), ("name", &rename.name)]
///             .into_iter()
///             .collect::<std::collections::BTreeMap<_, _>>()),
///     },
///     read: |_rename, answer: Option<String>| {
///         answer.ok_or_else(|| Error::not_found("the organisation does not exist"))
///     },
/// }
/// ```
///
/// A server refuses a document with an argument that it does not know, also when
/// no value is given for it. So that a call which can do without still works on
/// an old private deployment, `newer` gives the document for those that cannot;
/// of several, the first that is needed.
///
/// ```
/// use authing_core::operation;
///
/// #[derive(serde::Serialize)]
/// struct CountOrgs {
///     #[serde(skip_serializing_if = "Option::is_none")]
///     tenant: Option<String>,
/// }
///
/// operation! {
///     CountOrgs => u64,
///     id: "management.orgs.count",
///     repeat: Safe,
///     graphql: ["query count { count }"] => "count",
///     newer: |count| count.tenant.is_some() => ["query count($tenant: String) { count(tenant: $tenant) }"],
/// }
/// ```
///
/// A REST operation gives its payload instead, and its output is the `data` of
/// the answer. An OAuth operation (`oauth: POST |..| ..`) looks the same, and
/// its output is the whole answer.
///
/// ```
/// use authing_core::{Payload, operation};
///
/// struct Detail {
///     id: u64,
/// }
///
/// operation! {
///     Detail => Option<String>,
///     id: "management.orgs.detail",
///     repeat: Safe,
///     rest: GET |detail, _context| Ok(Payload::new(format!("/api/v2/orgs/{}", detail.id), None)),
/// }
/// ```
#[macro_export]
macro_rules! operation {
    (
        $name:ty => $output:ty,
        id: $id:literal,
        repeat: $repeat:ident,
        graphql: [$($document:expr),+ $(,)?] => $root:literal
        $(, newer: |$newer_op:pat_param| $needed:expr => [$($newer:expr),+ $(,)?])*
        $(, variables: |$op:pat_param, $context:pat_param| $variables:expr)?
        $(, read: |$read_op:pat_param, $answer:ident: $answer_type:ty| $read:expr)?
        $(,)?
    ) => {
        impl $crate::Operation for $name {
            type Output = $output;

            fn spec() -> &'static $crate::Spec {
                static SPEC: $crate::Spec = $crate::Spec::new(
                    $id,
                    $crate::Repeat::$repeat,
                    $crate::Protocol::GraphQl {
                        document: $crate::Document::new(&[$($document),+]),
                        root: $root,
                    },
                );
                &SPEC
            }

            fn encode(
                &self,
                context: &$crate::EncodeContext<'_>,
            ) -> $crate::Result<$crate::Payload> {
                let _ = context;
                let variables = $crate::operation!(@variables self, context $(, $op, $context, $variables)?);
                let newer = $crate::operation!(@newer self $(, $newer_op, $needed, [$($newer),+])*);
                $crate::__private::encode_graphql(Self::spec(), newer, &variables)
            }

            fn decode(&self, reply: &$crate::Reply<'_>) -> $crate::Result<Self::Output> {
                $crate::operation!(
                    @read self, $crate::__private::decode_graphql(Self::spec(), reply)
                    $(, $read_op, $answer, $answer_type, $read)?
                )
            }
        }
    };
    (
        $name:ty => $output:ty,
        id: $id:literal,
        repeat: $repeat:ident,
        rest: $method:ident |$op:pat_param, $context:pat_param| $payload:expr
        $(, read: |$read_op:pat_param, $answer:ident: $answer_type:ty| $read:expr)?
        $(,)?
    ) => {
        $crate::operation! {
            @payload Rest, decode_rest, $method, $name => $output, $id, $repeat,
            |$op, $context| $payload
            $(, |$read_op, $answer: $answer_type| $read)?
        }
    };
    (
        $name:ty => $output:ty,
        id: $id:literal,
        repeat: $repeat:ident,
        oauth: $method:ident |$op:pat_param, $context:pat_param| $payload:expr
        $(, read: |$read_op:pat_param, $answer:ident: $answer_type:ty| $read:expr)?
        $(,)?
    ) => {
        $crate::operation! {
            @payload OAuth, decode_oauth, $method, $name => $output, $id, $repeat,
            |$op, $context| $payload
            $(, |$read_op, $answer: $answer_type| $read)?
        }
    };
    (
        @payload $protocol:ident, $decode:ident, $method:ident, $name:ty => $output:ty,
        $id:literal, $repeat:ident,
        |$op:pat_param, $context:pat_param| $payload:expr
        $(, |$read_op:pat_param, $answer:ident: $answer_type:ty| $read:expr)?
    ) => {
        impl $crate::Operation for $name {
            type Output = $output;

            fn spec() -> &'static $crate::Spec {
                static SPEC: $crate::Spec = $crate::Spec::new(
                    $id,
                    $crate::Repeat::$repeat,
                    $crate::Protocol::$protocol { method: $crate::__private::Method::$method },
                );
                &SPEC
            }

            fn encode(
                &self,
                context: &$crate::EncodeContext<'_>,
            ) -> $crate::Result<$crate::Payload> {
                let ($op, $context) = (self, context);
                $payload
            }

            fn decode(&self, reply: &$crate::Reply<'_>) -> $crate::Result<Self::Output> {
                $crate::operation!(
                    @read self, $crate::__private::$decode(reply)
                    $(, $read_op, $answer, $answer_type, $read)?
                )
            }
        }
    };
    (@newer $self:ident) => { ::std::option::Option::None };
    (@newer $self:ident $(, $op:pat_param, $needed:expr, [$($newer:expr),+])+) => {{
        let needed: ::std::option::Option<&'static $crate::Document> = ::std::option::Option::None;
        $(let needed = needed.or_else(|| {
            static NEWER: $crate::Document = $crate::Document::new(&[$($newer),+]);
            let $op = $self;
            ($needed).then_some(&NEWER)
        });)+
        needed
    }};
    (@variables $self:ident, $given:ident) => { $self };
    (@variables $self:ident, $given:ident, $op:pat_param, $context:pat_param, $variables:expr) => {{
        let ($op, $context) = ($self, $given);
        let variables: $crate::Result<_> = $variables;
        variables?
    }};
    (@read $self:ident, $decoded:expr) => { $decoded };
    (@read $self:ident, $decoded:expr, $op:pat_param, $answer:ident, $answer_type:ty, $read:expr) => {{
        let $op = $self;
        let $answer: $answer_type = $decoded?;
        $read
    }};
}

/// The text, unless it is empty.
///
/// The API takes an empty id for none at all and may then act on somebody else.
///
/// # Errors
///
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) that names what
/// is missing.
#[doc(hidden)]
pub fn require<'a>(what: &str, text: &'a str) -> Result<&'a str> {
    match text {
        "" => Err(Error::invalid_input(format!("{what} is empty"))),
        text => Ok(text),
    }
}
