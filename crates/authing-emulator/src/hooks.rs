//! What tests need that no client of Authing can ask for.

use std::sync::{MutexGuard, PoisonError};

use crate::emulator::Emulator;
use crate::outbox::Message;
use crate::state::State;

impl Emulator {
    /// The last 10 000 mails and text messages that the server would have sent, oldest first, with their codes.
    #[must_use]
    pub fn outbox(&self) -> Vec<Message> {
        self.state().outbox.messages()
    }

    /// From now on every message to this e-mail address or phone number has this code.
    pub fn fix_code(&self, to: &str, code: &str) {
        self.state().outbox.fix_code(to, code);
    }

    /// The text in the picture that a user has to type after too many wrong passwords; nothing before that. The user
    /// is named by id, username, e-mail address or phone number.
    #[must_use]
    pub fn captcha_code(&self, user: &str) -> Option<String> {
        let state = self.state();
        let user = ["id", "username", "email", "phone"]
            .into_iter()
            .find_map(|field| state.users.find(field, user))?;
        state.attempts.captcha_code(user.id()).map(str::to_owned)
    }

    /// Archives a user, as one does in Authing's console: the API can only list those who were. False when there is no
    /// such user.
    pub fn archive_user(&self, id: &str) -> bool {
        let now = self.shared.clock.now();
        self.state().archive_user(id, now)
    }

    /// Whether the application asks everybody for a second factor: logins then answer code 1636. Off at the start.
    pub fn require_mfa(&self, required: bool) {
        self.state().mfa.required_by_application = required;
    }

    /// Makes a user change the password: the next login answers code 2058. False when there is no such user.
    pub fn force_password_reset(&self, user_id: &str) -> bool {
        let mut state = self.state();
        let user = state.users.require_mut(user_id);
        user.map(|user| user.must_reset_password = true).is_ok()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let state = &self.shared.state;
        state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
