use authing_core::{Result, operation};
use authing_types::v2::{USER_FIELDS, UpdateProfileInput, User};
use serde::Serialize;

use super::client::Call;
use super::own::{Own, nobody};
use super::session::Session;

impl Session {
    /// Reads the user as they are now.
    ///
    /// Fails with an error that
    /// [`is_unauthenticated`](crate::Error::is_unauthenticated) if the token is
    /// not good, or no longer.
    pub fn get_current_user(&self) -> Call<CurrentUser> {
        self.call(CurrentUser {})
    }

    /// Changes the user's own profile. What `updates` does not set stays as it
    /// is.
    pub fn update_profile(&self, updates: UpdateProfileInput) -> Call<UpdateProfile> {
        self.call(UpdateProfile {
            own: self.own(),
            updates,
        })
    }
}

/// [`Session::get_current_user`].
#[derive(Debug, Clone, Serialize)]
pub struct CurrentUser {}

operation! {
    CurrentUser => User,
    id: "authentication.get_current_user",
    repeat: Safe,
    graphql: [include_str!("documents/current_user.graphql"), USER_FIELDS] => "user",
    read: |_, user: Option<User>| user.ok_or_else(nobody),
}

/// [`Session::update_profile`].
#[derive(Debug, Clone)]
pub struct UpdateProfile {
    own: Own,
    updates: UpdateProfileInput,
}

#[derive(Serialize)]
struct UpdateVariables<'a> {
    id: &'a str,
    input: &'a UpdateProfileInput,
}

operation! {
    UpdateProfile => User,
    id: "authentication.update_profile",
    repeat: Idempotent,
    graphql: [include_str!("documents/update_profile.graphql"), USER_FIELDS] => "updateUser",
    variables: |update, _| update.variables(),
}

impl UpdateProfile {
    fn variables(&self) -> Result<UpdateVariables<'_>> {
        Ok(UpdateVariables {
            id: self.own.id()?,
            input: &self.updates,
        })
    }
}
