//! One of the tasks that make the calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use authing::Error;
use authing::v2::{CreateUserInput, UpdateUserInput, User};

use super::Pair;
use super::ledger::{Action, Entry, name_of};

/// By which the emulator tells calls apart.
const TAG: &str = "x-emulator-tag";

const PASSWORD: &str = "correct horse";

/// More than this many users of its own a worker does not keep.
const CROWD: usize = 8;

/// A user that this worker created and nobody else touches.
struct Own {
    id: String,
    username: String,
    has_password: bool,
}

pub(super) struct Worker {
    number: usize,
    rng: fastrand::Rng,
    pair: Pair,
    users: Vec<Own>,
    entries: Vec<Entry>,
}

impl Worker {
    pub(super) fn new(number: usize, seed: u64, pair: Pair) -> Self {
        Self {
            number,
            rng: fastrand::Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(number as u64)),
            pair,
            users: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// Makes calls as long as there are any left for all workers together.
    pub(super) async fn work(mut self, left: Arc<AtomicU64>) -> Vec<Entry> {
        let take = |left: u64| left.checked_sub(1);
        while left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .is_ok()
        {
            self.step().await;
        }
        self.entries
    }

    async fn step(&mut self) {
        if self.users.is_empty() {
            return self.create().await;
        }
        let own = self.rng.usize(..self.users.len());
        match self.rng.u32(..100) {
            _ if self.users.len() > CROWD => self.delete(own).await,
            0..15 => self.create().await,
            15..30 => self.rename(own).await,
            30..36 => self.delete(own).await,
            36..44 => self.log_in(own).await,
            44..70 => self.detail(own).await,
            70..85 => self.find(own).await,
            _ => self.list().await,
        }
    }

    fn tag(&self) -> String {
        format!("{}-{}", self.number, self.entries.len())
    }

    /// Writes the call down; `fits` tells whether the answer is about what was
    /// asked.
    fn note<T>(
        &mut self,
        tag: String,
        action: Action,
        outcome: Result<T, Error>,
        fits: impl FnOnce(&T) -> bool,
    ) -> Option<T> {
        let (error, mixed_up) = match &outcome {
            Ok(answer) => (None, !fits(answer)),
            Err(error) => (Some(name_of(error)), false),
        };
        self.entries.push(Entry {
            tag,
            action,
            error,
            mixed_up,
        });
        outcome.ok()
    }

    async fn create(&mut self) {
        let tag = self.tag();
        let username = format!("user-{tag}");
        let has_password = self.rng.u32(..4) == 0;
        let mut user = CreateUserInput::new().username(&username);
        if has_password {
            user = user.password(PASSWORD);
        }
        let call = self.pair.admin.users().create(user).header(TAG, &tag);
        let outcome = call.await;
        let action = Action::Create(username.clone());
        let fits = |user: &User| user.username.as_deref() == Some(&*username);
        if let Some(user) = self.note(tag, action, outcome, fits) {
            self.users.push(Own {
                id: user.id,
                username,
                has_password,
            });
        }
    }

    async fn rename(&mut self, own: usize) {
        let tag = self.tag();
        let Some(Own { id, username, .. }) = self.users.get(own) else {
            return;
        };
        let (id, username, nickname) = (id.clone(), username.clone(), format!("nick-{tag}"));
        let updates = UpdateUserInput::new().nickname(nickname.clone());
        let call = self.pair.admin.users().update(&id, updates);
        let outcome = call.header(TAG, &tag).await;
        let action = Action::Rename(username, nickname.clone());
        self.note(tag, action, outcome, |user: &User| {
            user.id == id && user.nickname.as_deref() == Some(&*nickname)
        });
    }

    async fn delete(&mut self, own: usize) {
        let tag = self.tag();
        // Whatever comes of it, it is not used again.
        let Own { id, username, .. } = self.users.swap_remove(own);
        let call = self.pair.admin.users().delete(id).header(TAG, &tag);
        let outcome = call.await;
        self.note(tag, Action::Delete(username), outcome, |_| true);
    }

    async fn log_in(&mut self, own: usize) {
        let tag = self.tag();
        let with_password = self.users.iter().skip(own).find(|user| user.has_password);
        let Some(Own { id, username, .. }) = with_password else {
            return self.detail(own).await;
        };
        let (id, username) = (id.clone(), username.clone());
        let call = self.pair.client.login_by_username(&username, PASSWORD);
        let outcome = call.header(TAG, &tag).await;
        self.note(tag, Action::LogIn(username), outcome, |session| {
            session.user_id().as_deref() == Some(&*id)
        });
    }

    async fn detail(&mut self, own: usize) {
        let tag = self.tag();
        let Some(Own { id, .. }) = self.users.get(own) else {
            return;
        };
        let id = id.clone();
        let call = self.pair.admin.users().detail(&id).header(TAG, &tag);
        let outcome = call.await;
        self.note(tag, Action::Read, outcome, |user| {
            user.as_ref().is_some_and(|user| user.id == id)
        });
    }

    async fn find(&mut self, own: usize) {
        let tag = self.tag();
        let Some(Own { username, .. }) = self.users.get(own) else {
            return;
        };
        let username = username.clone();
        let call = self.pair.admin.users().find().username(&username);
        let outcome = call.header(TAG, &tag).await;
        self.note(tag, Action::Read, outcome, |user| {
            user.as_ref()
                .is_some_and(|user| user.username.as_deref() == Some(&*username))
        });
    }

    async fn list(&mut self) {
        let tag = self.tag();
        let call = self.pair.admin.users().list().header(TAG, &tag);
        let outcome = call.await;
        // This worker's own are among all.
        let own = self.users.len() as u64;
        self.note(tag, Action::Read, outcome, |page| {
            page.total_count >= own && !page.list.is_empty()
        });
    }
}
