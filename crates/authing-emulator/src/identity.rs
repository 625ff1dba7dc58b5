//! The names and secrets of the first user pool, which the emulator's handle gives out as references.

use std::sync::OnceLock;

use crate::pool::Pool;

/// What clients of a pool need.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) pool_id: String,
    pub(crate) secret: String,
    pub(crate) app_id: String,
    pub(crate) app_secret: String,
}

impl Identity {
    pub(crate) fn of(pool: &Pool) -> Self {
        Self {
            pool_id: pool.id.clone(),
            secret: pool.secret.clone(),
            app_id: pool.app_id.clone(),
            app_secret: pool.app_secret.clone(),
        }
    }
}

/// The identity of the first pool, and those it had before another state was put in: they are kept, since somebody may
/// still hold a reference.
pub(crate) struct Identities {
    own: Identity,
    next: OnceLock<Box<Identities>>,
}

impl Identities {
    pub(crate) fn new(own: Identity) -> Self {
        Self {
            own,
            next: OnceLock::new(),
        }
    }

    fn last(&self) -> &Self {
        let mut last = self;
        while let Some(next) = last.next.get() {
            last = next;
        }
        last
    }

    pub(crate) fn current(&self) -> &Identity {
        &self.last().own
    }

    pub(crate) fn change(&self, to: Identity) {
        if *self.current() == to {
            return;
        }
        let mut new = Box::new(Self::new(to));
        // Where two change it at once, one comes after the other.
        while let Err(refused) = self.last().next.set(new) {
            new = refused;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_outlive_a_change() {
        let [first, second] = [(); 2].map(|()| Identity::of(&Pool::default()));
        let identities = Identities::new(first.clone());
        let held = identities.current();
        identities.change(second.clone());
        identities.change(second.clone());
        assert!(*held == first && *identities.current() == second);
        assert!(identities.last().next.get().is_none());
    }
}
