//! What tests need that no client of Authing can ask for: in the first user pool, where there are several.

use std::ops::{Deref, DerefMut};
use std::sync::MutexGuard;

use crate::emulator::Emulator;
use crate::ids;
use crate::outbox::Message;
use crate::state::State;
use crate::world::{Tenant, World};

impl Emulator {
    /// The last 10 000 mails and text messages that the server would have sent, oldest first, with their codes.
    #[must_use]
    pub fn outbox(&self) -> Vec<Message> {
        self.first_pool().outbox.messages()
    }

    /// From now on every message to this e-mail address or phone number has this code.
    pub fn fix_code(&self, to: &str, code: &str) {
        self.first_pool().outbox.fix_code(to, code);
    }

    /// The text in the picture that a user has to type after too many wrong passwords; nothing before that. The user
    /// is named by id, username, e-mail address or phone number.
    #[must_use]
    pub fn captcha_code(&self, user: &str) -> Option<String> {
        let state = self.first_pool();
        let user = ["id", "username", "email", "phone"]
            .into_iter()
            .find_map(|field| state.users.find(field, user))?;
        state.attempts.captcha_code(user.id()).map(str::to_owned)
    }

    /// Archives a user, as one does in Authing's console: the API can only list those who were. False when there is no
    /// such user.
    pub fn archive_user(&self, id: &str) -> bool {
        let now = self.shared.clock.now();
        let mut pool = self.first_pool();
        let Tenant { state, ids, .. } = &mut pool.0.tenants.first;
        let archived = ids::drawing_from(ids, || state.archive_user(id, now));
        if state.webhooks.take_news() {
            self.shared.webhooks_waiting.notify_one();
        }
        archived
    }

    /// Whether the application asks everybody for a second factor: logins then answer code 1636. Off at the start.
    pub fn require_mfa(&self, required: bool) {
        self.first_pool().mfa.required_by_application = required;
    }

    /// Makes a user change the password: the next login answers code 2058. False when there is no such user.
    pub fn force_password_reset(&self, user_id: &str) -> bool {
        let mut state = self.first_pool();
        let user = state.users.require_mut(user_id);
        user.map(|user| user.must_reset_password = true).is_ok()
    }

    fn first_pool(&self) -> FirstPool<'_> {
        FirstPool(self.shared.world())
    }
}

/// The state of the first pool, for as long as nobody else may have it.
struct FirstPool<'a>(MutexGuard<'a, World>);

impl Deref for FirstPool<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0.tenants.first.state
    }
}

impl DerefMut for FirstPool<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.0.tenants.first.state
    }
}
