use authing_core::{Error, ErrorKind, Result, operation};
use authing_types::v2::{USER_FIELDS, UpdateProfileInput, User};
use serde::Serialize;

/// [`Session::get_current_user`](super::Session::get_current_user).
#[derive(Debug, Clone, Serialize)]
pub struct CurrentUser {}

impl CurrentUser {
    pub(super) fn new() -> Self {
        Self {}
    }
}

operation! {
    CurrentUser => User,
    id: "authentication.get_current_user",
    repeat: Safe,
    graphql: [include_str!("documents/current_user.graphql"), USER_FIELDS] => "user",
    read: |_, user: Option<User>| {
        user.ok_or_else(|| Error::new(ErrorKind::Token, "the token belongs to no user"))
    },
}

/// [`Session::update_profile`](super::Session::update_profile).
#[derive(Debug, Clone)]
pub struct UpdateProfile {
    user_id: Option<String>,
    updates: UpdateProfileInput,
}

operation! {
    UpdateProfile => User,
    id: "authentication.update_profile",
    repeat: Idempotent,
    graphql: [include_str!("documents/update_profile.graphql"), USER_FIELDS] => "updateUser",
    variables: |update, _| update.variables(),
}

#[derive(Serialize)]
struct UpdateVariables<'a> {
    id: &'a str,
    input: &'a UpdateProfileInput,
}

impl UpdateProfile {
    pub(super) fn new(user_id: Option<String>, updates: UpdateProfileInput) -> Self {
        Self { user_id, updates }
    }

    fn variables(&self) -> Result<UpdateVariables<'_>> {
        let id = self.user_id.as_deref().filter(|id| !id.is_empty());
        Ok(UpdateVariables {
            id: id.ok_or_else(|| {
                Error::new(
                    ErrorKind::Token,
                    "the token does not say which user it belongs to",
                )
            })?,
            input: &self.updates,
        })
    }
}
