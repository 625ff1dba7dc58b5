use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use authing_core::__private::epoch_seconds;
use bytes::Bytes;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::application::TokenKind;
use crate::payload::Payload;
use crate::rejection::{Reason, Rejection};
use crate::strict::{Name, told};

/// Where a role is that does not say in which namespace it is.
const DEFAULT_NAMESPACE: &str = "default";

/// What a token says that passed every check.
///
/// `own` is what the token says besides: by default whatever there is, or a
/// type of yours, which is read from all claims of the token.
///
/// ```
/// # async fn example(verifier: authing_verify::Verifier) -> Result<(), authing_verify::Rejection> {
/// #[derive(serde::Deserialize)]
/// struct Plan {
///     plan: String,
/// }
///
/// let claims = verifier.verify_as::<Plan>("eyJhbGciOi…").await?;
/// println!("{} has the plan {}", claims.sub, claims.own.plan);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Claims<T = OtherClaims> {
    /// Whom the token is about: the id of a user, or of an application that
    /// acts for itself.
    pub sub: String,
    /// Where it comes from.
    pub iss: String,
    /// The applications that it is for.
    pub aud: Vec<String>,
    /// The application that it was issued to, where the token says it.
    pub azp: Option<String>,
    /// The token's own id.
    pub jti: Option<String>,
    /// What it is good for, separated by spaces.
    pub scope: Option<String>,
    /// When it expires, in seconds since 1970.
    pub exp: i64,
    /// When it was issued, in seconds since 1970.
    pub iat: Option<i64>,
    /// What it says besides.
    pub own: T,
    app_id: Arc<str>,
    kind: TokenKind,
    payload: Bytes,
}

impl<T> Claims<T> {
    /// The configured application that the token is for.
    #[must_use]
    pub fn app_id(&self) -> &str {
        &self.app_id
    }

    /// What kind of token it is.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// When the token expires.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        epoch_seconds(self.exp)
    }

    /// When the token was issued.
    #[must_use]
    pub fn issued_at(&self) -> Option<SystemTime> {
        self.iat.and_then(epoch_seconds)
    }

    /// What the token is good for.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope
            .as_deref()
            .unwrap_or_default()
            .split(' ')
            .filter(|scope| !scope.is_empty())
    }

    /// Whether the token is good for this.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|own| own == scope)
    }

    /// The claims as they came.
    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Reads the claims once more, into another type.
    ///
    /// # Errors
    ///
    /// [`Reason::OwnClaims`] when they do not fit it.
    pub fn read_as<U: DeserializeOwned>(&self) -> Result<Claims<U>, Rejection> {
        Ok(Claims {
            own: own(&self.payload)?,
            sub: self.sub.clone(),
            iss: self.iss.clone(),
            aud: self.aud.clone(),
            azp: self.azp.clone(),
            jti: self.jti.clone(),
            scope: self.scope.clone(),
            exp: self.exp,
            iat: self.iat,
            app_id: Arc::clone(&self.app_id),
            kind: self.kind,
            payload: self.payload.clone(),
        })
    }
}

impl<T: DeserializeOwned> Claims<T> {
    /// Those of a payload that was checked. [`keep`](Self::keep) gives them the
    /// text, which the payload still borrows.
    pub(crate) fn new(
        payload: &Payload<'_>,
        json: &[u8],
        kind: TokenKind,
        app_id: &Arc<str>,
    ) -> Result<Self, Rejection> {
        let text = |name: &Option<Name<'_>>| name.as_ref().map(|name| name.0.as_ref().to_owned());
        Ok(Self {
            sub: text(&payload.sub).unwrap_or_default(),
            iss: text(&payload.iss).unwrap_or_default(),
            aud: payload
                .aud
                .iter()
                .map(|name| name.0.as_ref().to_owned())
                .collect(),
            azp: text(&payload.azp),
            jti: text(&payload.jti),
            scope: text(&payload.scope),
            exp: payload.exp.unwrap_or_default(),
            iat: payload.iat,
            own: own(json)?,
            app_id: Arc::clone(app_id),
            kind,
            payload: Bytes::new(),
        })
    }

    pub(crate) fn keep(mut self, json: Bytes) -> Self {
        self.payload = json;
        self
    }
}

fn own<T: DeserializeOwned>(json: &[u8]) -> Result<T, Rejection> {
    serde_json::from_slice(json).map_err(|error| {
        let why = told(&error);
        let words = format!(
            "the claims do not fit {}: {why}",
            std::any::type_name::<T>()
        );
        Rejection::new(Reason::OwnClaims, words)
    })
}

impl Claims {
    /// The value of a claim that has no field here.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.own.get(name)
    }

    /// The codes of the user's roles in the namespace `default`: see
    /// [`roles_in`](Self::roles_in).
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles_in(DEFAULT_NAMESPACE)
    }

    /// The codes of the user's roles in a namespace, by the claim `roles`.
    /// Authing writes it into tokens with the scope `roles`, or with a pipeline
    /// of yours.
    ///
    /// Two namespaces can have roles of the same code. An object in the claim
    /// says which it is of by its `namespace`; text, and an object without
    /// that, count as of `default`. So a pipeline that writes the codes alone
    /// should write those of one namespace only.
    pub fn roles_in<'c>(&'c self, namespace: &'c str) -> impl Iterator<Item = &'c str> {
        let is_of = move |role: &Value| match role.get("namespace") {
            None | Some(Value::Null) => namespace == DEFAULT_NAMESPACE,
            Some(own) => own == namespace,
        };
        self.own
            .items("roles")
            .filter(move |role| is_of(role))
            .filter_map(code)
    }

    /// Whether the token names this role of the namespace `default`.
    #[must_use]
    pub fn has_role(&self, code: &str) -> bool {
        self.roles().any(|own| own == code)
    }

    /// Whether the token names this role of this namespace: see
    /// [`roles_in`](Self::roles_in).
    #[must_use]
    pub fn has_role_in(&self, namespace: &str, code: &str) -> bool {
        self.roles_in(namespace).any(|own| own == code)
    }

    /// What the claim `permissions` lists.
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        self.own.list("permissions")
    }

    /// Whether the claim `permissions` lists this one.
    #[must_use]
    pub fn has_permission(&self, permission: &str) -> bool {
        self.permissions().any(|own| own == permission)
    }
}

/// Whose token it is, and for what; not what else is known about the user.
impl<T> fmt::Debug for Claims<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims")
            .field("kind", &self.kind)
            .field("sub", &self.sub)
            .field("iss", &self.iss)
            .field("aud", &self.aud)
            .field("azp", &self.azp)
            .field("scope", &self.scope)
            .field("exp", &self.exp)
            .field("iat", &self.iat)
            .finish_non_exhaustive()
    }
}

/// The claims that [`Claims`] has no field for. `Debug` shows their names
/// only, since nobody knows what the values are.
#[derive(Clone, Default)]
pub struct OtherClaims(Map<String, Value>);

impl OtherClaims {
    /// The value of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All names with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// The texts that a claim lists: an array of text, or of objects with a
    /// `code`.
    pub fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.items(name).filter_map(code)
    }

    fn items(&self, name: &str) -> impl Iterator<Item = &Value> {
        let items = self.get(name).and_then(Value::as_array);
        items.into_iter().flatten()
    }
}

/// Text, or the `code` of an object.
fn code(item: &Value) -> Option<&str> {
    item.get("code").unwrap_or(item).as_str()
}

impl fmt::Debug for OtherClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<'de> Deserialize<'de> for OtherClaims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = OtherClaims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut other = Map::new();
                while let Some(Name(name)) = map.next_key()? {
                    match &*name {
                        "sub" | "iss" | "aud" | "azp" | "jti" | "scope" | "exp" | "iat" => {
                            map.next_value::<IgnoredAny>()?;
                        }
                        _ => {
                            other.insert(name.into_owned(), map.next_value()?);
                        }
                    }
                }
                Ok(OtherClaims(other))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
