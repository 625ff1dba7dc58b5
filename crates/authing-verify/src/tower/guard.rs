use std::fmt;
use std::ops::{BitAnd, BitOr};
use std::sync::Arc;

use crate::claims::Claims;
use crate::rejection::{Reason, Rejection, quoted};

/// What a good token must say besides. Two of them can be joined with `&` and
/// `|`.
///
/// ```
/// use authing_verify::tower::Guard;
///
/// let guard = Guard::scope("orders:read")
///     & (Guard::role("clerk") | Guard::when("is of the staff", |claims| claims.get("staff").is_some()));
/// # let _ = guard;
/// ```
#[derive(Clone)]
pub struct Guard(Arc<Condition>);

enum Condition {
    Scope(String),
    Role(String),
    RoleIn(String, String),
    Permission(String),
    When(String, Box<dyn Fn(&Claims) -> bool + Send + Sync>),
    All(Guard, Guard),
    Any(Guard, Guard),
}

impl Guard {
    /// The token is good for this scope.
    pub fn scope(scope: impl Into<String>) -> Self {
        Self::of(Condition::Scope(scope.into()))
    }

    /// The token names this role of the user, in the namespace `default`: see
    /// [`Claims::roles_in`].
    pub fn role(code: impl Into<String>) -> Self {
        Self::of(Condition::Role(code.into()))
    }

    /// The token names this role of the user, in this namespace.
    pub fn role_in(namespace: impl Into<String>, code: impl Into<String>) -> Self {
        Self::of(Condition::RoleIn(namespace.into(), code.into()))
    }

    /// The token lists this permission.
    pub fn permission(permission: impl Into<String>) -> Self {
        Self::of(Condition::Permission(permission.into()))
    }

    /// The claims pass a check of yours, which these words describe in logs.
    pub fn when(
        words: impl Into<String>,
        check: impl Fn(&Claims) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::of(Condition::When(words.into(), Box::new(check)))
    }

    fn of(condition: Condition) -> Self {
        Self(Arc::new(condition))
    }

    /// Whether the claims pass.
    ///
    /// # Errors
    ///
    /// [`Reason::Forbidden`], with the scope that would have been enough where
    /// it is one.
    pub fn check(&self, claims: &Claims) -> Result<(), Rejection> {
        if self.passes(claims) {
            return Ok(());
        }
        let words = format!(
            "the token of {} does not pass: {self:?}",
            quoted(&claims.sub)
        );
        let rejection = Rejection::new(Reason::Forbidden, words);
        Err(match self.scopes(claims) {
            Some(scopes) if !scopes.is_empty() => rejection.with_scope(&scopes),
            _ => rejection,
        })
    }

    fn passes(&self, claims: &Claims) -> bool {
        match &*self.0 {
            Condition::Scope(scope) => claims.has_scope(scope),
            Condition::Role(code) => claims.has_role(code),
            Condition::RoleIn(namespace, code) => claims.has_role_in(namespace, code),
            Condition::Permission(permission) => claims.has_permission(permission),
            Condition::When(_, check) => check(claims),
            Condition::All(one, other) => one.passes(claims) && other.passes(claims),
            Condition::Any(one, other) => one.passes(claims) || other.passes(claims),
        }
    }

    /// The scopes that would be enough, where only scopes are missing.
    fn scopes(&self, claims: &Claims) -> Option<String> {
        match &*self.0 {
            Condition::Scope(scope) => Some(scope.clone()),
            Condition::All(one, other) => match (one.passes(claims), other.passes(claims)) {
                (true, _) => other.scopes(claims),
                (_, true) => one.scopes(claims),
                _ => Some(format!("{} {}", one.scopes(claims)?, other.scopes(claims)?)),
            },
            Condition::Any(one, other) => one.scopes(claims).or_else(|| other.scopes(claims)),
            _ => None,
        }
    }
}

impl BitAnd for Guard {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self::of(Condition::All(self, other))
    }
}

impl BitOr for Guard {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self::of(Condition::Any(self, other))
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Condition::Scope(scope) => write!(f, "scope {scope:?}"),
            Condition::Role(code) => write!(f, "role {code:?}"),
            Condition::RoleIn(namespace, code) => write!(f, "role {code:?} of {namespace:?}"),
            Condition::Permission(permission) => write!(f, "permission {permission:?}"),
            Condition::When(words, _) => f.write_str(words),
            Condition::All(one, other) => write!(f, "({one:?} and {other:?})"),
            Condition::Any(one, other) => write!(f, "({one:?} or {other:?})"),
        }
    }
}
