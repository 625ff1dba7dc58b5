//! What the workers were told against what was done.

use std::collections::{BTreeSet, HashMap};

use authing::v2::User;
use authing_emulator::{FaultKind, Outcome, RecordedRequest};

use super::ledger::{Action, Entry};

/// What must not be, each with what it was. All lists are empty after an honest
/// run.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Verdict {
    /// Creations and logins that were carried out more than once.
    pub duplicates: Vec<String>,
    /// Changes that were acknowledged and are not there.
    pub lost: Vec<String>,
    /// Calls that succeeded although no whole answer was sent for them.
    pub made_up: Vec<String>,
    /// Answers that were about somebody else.
    pub mixed_up: Vec<String>,
    /// What is there and should not be.
    pub left_over: Vec<String>,
}

impl Verdict {
    /// How many things are wrong.
    #[must_use]
    pub fn problems(&self) -> usize {
        [
            &self.duplicates,
            &self.lost,
            &self.made_up,
            &self.mixed_up,
            &self.left_over,
        ]
        .into_iter()
        .map(Vec::len)
        .sum()
    }

    /// Compares the calls with what the server carried out, and with the users
    /// that it has in the end.
    #[must_use]
    pub fn reach(entries: &[Entry], journal: &[RecordedRequest], users: &[User]) -> Self {
        let mut by_tag: HashMap<&str, Vec<&RecordedRequest>> = HashMap::new();
        for request in journal {
            if let Some(tag) = &request.tag {
                by_tag.entry(tag).or_default().push(request);
            }
        }
        let mut verdict = Self::default();
        let mut pool = Pool::default();
        for entry in entries {
            let requests = by_tag.get(&*entry.tag).map_or(&[][..], Vec::as_slice);
            verdict.judge(entry, requests);
            pool.note(entry, requests);
        }
        pool.compare(users, &mut verdict);
        verdict
    }

    fn judge(&mut self, entry: &Entry, requests: &[&RecordedRequest]) {
        let executed = requests
            .iter()
            .filter(|request| was_carried_out(request))
            .count();
        let what = || format!("{} {:?}", entry.tag, entry.action);
        if entry.action.only_once() && executed > 1 {
            self.duplicates
                .push(format!("{}: {executed} times", what()));
        }
        if entry.mixed_up {
            self.mixed_up.push(what());
        }
        if entry.error.is_none() && !requests.iter().any(|request| was_delivered(request)) {
            self.made_up.push(what());
        }
    }
}

/// Whether the data was reached. A request whose token was refused was turned
/// away before.
fn was_carried_out(request: &RecordedRequest) -> bool {
    const NOT_LOGGED_IN: i64 = 2020;
    request.executed && request.outcome != Some(Outcome::Refused(NOT_LOGGED_IN))
}

fn succeeded(requests: &[&RecordedRequest]) -> bool {
    requests.iter().any(|request| is_success(request))
}

fn is_success(request: &RecordedRequest) -> bool {
    request.executed && request.outcome == Some(Outcome::Success)
}

/// Whether a whole answer of a success went out.
fn was_delivered(request: &RecordedRequest) -> bool {
    let is_whole = matches!(
        request.fault,
        None | Some(
            FaultKind::Latency
                | FaultKind::SlowHead
                | FaultKind::SlowBody
                | FaultKind::Duplicate
                | FaultKind::WrongContentType
        )
    );
    is_success(request) && is_whole
}

/// The users as they must be, going by the calls alone. Of a change that failed
/// both ways are right.
#[derive(Default)]
struct Pool<'a> {
    users: HashMap<&'a str, Expected<'a>>,
}

#[derive(Default)]
struct Expected<'a> {
    created: Certainty,
    deleted: Certainty,
    /// What the nickname may be; nothing stands for none.
    nicknames: BTreeSet<Option<&'a str>>,
    /// How many logins were carried out.
    logins: i64,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Certainty {
    #[default]
    No,
    /// It failed, and the journal knows.
    Silently,
    Acknowledged,
}

impl Certainty {
    fn of(entry: &Entry, requests: &[&RecordedRequest]) -> Self {
        match entry.error {
            None => Self::Acknowledged,
            Some(_) if succeeded(requests) => Self::Silently,
            Some(_) => Self::No,
        }
    }
}

impl<'a> Pool<'a> {
    fn note(&mut self, entry: &'a Entry, requests: &[&RecordedRequest]) {
        let certainty = Certainty::of(entry, requests);
        match &entry.action {
            Action::Create(username) => {
                let user = self.users.entry(username).or_default();
                user.created = certainty;
                user.nicknames.insert(None);
            }
            Action::Rename(username, nickname) => {
                let user = self.users.entry(username).or_default();
                if certainty == Certainty::Acknowledged {
                    user.nicknames.clear();
                }
                // One that failed may be carried out late, after those that follow it, so it
                // stays possible until the next one is acknowledged.
                user.nicknames.insert(Some(nickname));
            }
            Action::Delete(username) => {
                self.users.entry(username).or_default().deleted = certainty;
            }
            Action::LogIn(username) => {
                let carried_out = requests.iter().filter(|request| is_success(request));
                let logins = i64::try_from(carried_out.count()).unwrap_or(i64::MAX);
                self.users.entry(username).or_default().logins += logins;
            }
            Action::Read => {}
        }
    }

    fn compare(mut self, users: &[User], verdict: &mut Verdict) {
        for user in users {
            let name = user.username.as_deref().unwrap_or("a user without a name");
            let Some(expected) = self.users.remove(name) else {
                verdict.left_over.push(name.to_owned());
                continue;
            };
            match (expected.created, expected.deleted) {
                (Certainty::No, _) => verdict.left_over.push(format!("{name} was never created")),
                (_, Certainty::Acknowledged) => verdict.lost.push(format!("{name}'s deletion")),
                (_, Certainty::Silently) => {
                    verdict.left_over.push(format!("{name} was deleted"));
                }
                _ => {}
            }
            let nickname = user.nickname.as_deref();
            if !expected.nicknames.contains(&nickname) {
                verdict
                    .lost
                    .push(format!("{name}'s nickname, now {nickname:?}"));
            }
            let logins = user.logins_count.unwrap_or_default();
            if logins != expected.logins {
                let expected = expected.logins;
                let list = match logins > expected {
                    true => &mut verdict.duplicates,
                    false => &mut verdict.lost,
                };
                list.push(format!(
                    "{name} has logged in {logins} times, not {expected}"
                ));
            }
        }
        for (name, expected) in self.users {
            let was_created = expected.created != Certainty::No;
            if was_created && expected.deleted == Certainty::No {
                verdict.lost.push(format!("{name} is not there"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// One user, created and renamed once, and all that is told of it.
    struct Story {
        entries: Vec<Entry>,
        journal: Vec<RecordedRequest>,
        users: Vec<User>,
    }

    fn entry(tag: &str, action: Action) -> Entry {
        Entry {
            tag: tag.to_owned(),
            action,
            error: None,
            mixed_up: false,
        }
    }

    fn carried_out(tag: &str, fault: Option<FaultKind>) -> RecordedRequest {
        let mut request = RecordedRequest::default();
        request.tag = Some(tag.to_owned());
        request.executed = true;
        request.outcome = Some(Outcome::Success);
        request.fault = fault;
        request
    }

    impl Story {
        fn honest() -> Self {
            let bob = || "bob".to_owned();
            let user = json!({"id": "u1", "username": "bob", "nickname": "b", "loginsCount": 1});
            Self {
                entries: vec![
                    entry("1", Action::Create(bob())),
                    entry("2", Action::Rename(bob(), "b".to_owned())),
                    entry("3", Action::LogIn(bob())),
                    entry("4", Action::Read),
                ],
                journal: ["1", "2", "3", "4"]
                    .map(|tag| carried_out(tag, None))
                    .into(),
                users: vec![serde_json::from_value(user).unwrap()],
            }
        }

        fn verdict(&self) -> Verdict {
            Verdict::reach(&self.entries, &self.journal, &self.users)
        }

        /// The verdict after a change.
        fn with(change: impl FnOnce(&mut Self)) -> Verdict {
            let mut story = Self::honest();
            change(&mut story);
            story.verdict()
        }
    }

    #[test]
    fn an_honest_story_has_no_problems() {
        assert_eq!(Story::honest().verdict().problems(), 0);
        // What failed may have been carried out or not.
        let mut failed = Story::honest();
        failed.entries[1].error = Some("timeout".to_owned());
        assert_eq!(failed.verdict().problems(), 0);
        failed.users[0].nickname = None;
        assert_eq!(failed.verdict().problems(), 0);
        // Tried twice, and the first try was lost on the way.
        let repeated = Story::with(|story| {
            let lost = carried_out("2", Some(FaultKind::Reset));
            story.journal.insert(1, lost);
        });
        assert_eq!(repeated.problems(), 0, "{repeated:?}");
    }

    #[test]
    fn a_creation_or_login_carried_out_twice_is_found() {
        for tag in ["1", "3"] {
            let verdict = Story::with(|story| {
                let lost = carried_out(tag, Some(FaultKind::Reset));
                story.journal.push(lost);
            });
            assert!(!verdict.duplicates.is_empty(), "{verdict:?}");
        }
        let counted = Story::with(|story| story.users[0].logins_count = Some(2));
        assert_eq!(counted.duplicates.len(), 1);
    }

    #[test]
    fn what_was_refused_the_second_time_was_still_sent_twice() {
        for (code, found) in [(2026, 1), (2020, 0)] {
            let verdict = Story::with(|story| {
                let mut again = carried_out("1", None);
                again.outcome = Some(Outcome::Refused(code));
                story.journal.push(again);
            });
            assert_eq!(verdict.duplicates.len(), found, "{code}");
        }
    }

    #[test]
    fn a_change_that_is_not_there_is_found() {
        assert_eq!(Story::with(|story| story.users.clear()).lost.len(), 1);
        let renamed = Story::with(|story| story.users[0].nickname = Some("a".to_owned()));
        assert_eq!(renamed.lost.len(), 1);
        let forgotten = Story::with(|story| story.users[0].logins_count = Some(0));
        assert_eq!(forgotten.lost.len(), 1);
        let deleted = Story::with(|story| {
            let action = Action::Delete("bob".to_owned());
            story.entries.push(entry("5", action));
            story.journal.push(carried_out("5", None));
        });
        assert_eq!(deleted.lost.len(), 1);
    }

    #[test]
    fn a_success_without_an_answer_is_found() {
        for fault in [
            FaultKind::Reset,
            FaultKind::GatewayPage,
            FaultKind::HalfOpen,
        ] {
            let verdict = Story::with(|story| story.journal[3].fault = Some(fault));
            assert_eq!(verdict.made_up.len(), 1, "{fault}");
        }
        let unsent = Story::with(|story| drop(story.journal.pop()));
        assert_eq!(unsent.made_up.len(), 1);
        let refused = Story::with(|story| story.journal[3].outcome = Some(Outcome::Refused(500)));
        assert_eq!(refused.made_up.len(), 1);
    }

    #[test]
    fn what_is_nobodys_is_found() {
        let stranger = Story::with(|story| drop(story.entries.drain(..3)));
        assert_eq!(stranger.left_over.len(), 1);
        let mixed_up = Story::with(|story| story.entries[3].mixed_up = true);
        assert_eq!(mixed_up.mixed_up.len(), 1);
    }
}
