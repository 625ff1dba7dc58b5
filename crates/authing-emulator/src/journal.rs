//! What was asked of the server, so that a test can count round trips and see what came of them.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::faults::FaultKind;

/// How many requests are kept unless set.
pub(crate) const CAPACITY: usize = 10_000;

/// What its texts may have on average: ten times what they do.
const BYTES_EACH: usize = 1000;

/// How many characters are kept of a path, a name or a tag.
const LONGEST_TEXT: usize = 500;

/// One request that came to the server. It keeps no bodies and no headers but the tag, so it holds no secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// When it came, by the emulator's clock, as ISO 8601 text.
    pub at: String,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query. Of this and the other texts the first 500 characters.
    pub path: String,
    /// The name that the GraphQL document gives to its operation.
    pub operation: Option<String>,
    /// The HTTP status of the answer, as it went over the wire; 0 when none did: a fault took it, or the client hung
    /// up before the request was whole.
    pub status: u16,
    /// The header `x-emulator-tag`, by which a client tells its calls apart.
    pub tag: Option<String>,
    /// Whether the operation was carried out: it got to the data, though it may have been refused there. A request
    /// that is none, or that a fault stopped, was not.
    pub executed: bool,
    /// What the emulator itself answered, also if a fault then took or damaged that answer; none if it never came to
    /// one.
    pub outcome: Option<Outcome>,
    /// The fault that struck it.
    pub fault: Option<FaultKind>,
}

/// How the emulator itself answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// As asked.
    Success,
    /// With a refusal: Authing's code, or the HTTP status where there is none, as in OpenID Connect. For a GraphQL
    /// request with several fields, the code of the first one that was refused.
    Refused(i64),
}

impl RecordedRequest {
    /// Of its texts.
    fn bytes(&self) -> usize {
        let given = [&self.operation, &self.tag];
        let given = given.into_iter().flatten().map(String::len);
        self.at.len() + self.method.len() + self.path.len() + given.sum::<usize>()
    }

    /// Whether this is its path or the name of its GraphQL operation.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.path == name || self.operation.as_deref() == Some(name)
    }
}

impl Outcome {
    pub(crate) fn of_status(status: u16) -> Self {
        if status < 400 {
            Self::Success
        } else {
            Self::Refused(status.into())
        }
    }
}

/// Who is told of each request.
pub(crate) struct Log(Box<dyn Fn(&RecordedRequest) + Send + Sync>);

impl Log {
    pub(crate) fn new(log: impl Fn(&RecordedRequest) + Send + Sync + 'static) -> Self {
        Self(Box::new(log))
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}

/// What a client says may be long, and is kept many times.
fn shorten(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
        text.truncate(end);
        text.shrink_to_fit();
    }
}

/// The last requests, oldest first.
#[derive(Debug)]
pub(crate) struct Journal {
    capacity: usize,
    log: Option<Log>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    requests: VecDeque<RecordedRequest>,
    /// Of their texts.
    bytes: usize,
}

impl Journal {
    pub(crate) fn new(capacity: usize, log: Option<Log>) -> Self {
        Self {
            capacity,
            log,
            kept: Mutex::default(),
        }
    }

    pub(crate) fn record(&self, mut request: RecordedRequest) {
        shorten(&mut request.method);
        shorten(&mut request.path);
        for text in [&mut request.operation, &mut request.tag] {
            text.as_mut().map(shorten);
        }
        if let Some(Log(tell)) = &self.log {
            // A panic of the log concerns the log only, and this may run while another one unwinds.
            let _ = panic::catch_unwind(AssertUnwindSafe(|| tell(&request)));
        }
        let most = self.capacity.saturating_mul(BYTES_EACH);
        let mut kept = self.kept();
        kept.bytes = kept.bytes.saturating_add(request.bytes());
        kept.requests.push_back(request);
        while kept.requests.len() > self.capacity || kept.bytes > most {
            let Some(oldest) = kept.requests.pop_front() else {
                break;
            };
            kept.bytes = kept.bytes.saturating_sub(oldest.bytes());
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn clear(&self) {
        *self.kept() = Kept::default();
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        self.kept().requests.iter().cloned().collect()
    }

    /// The last ones, newest first.
    pub(crate) fn newest(&self, most: usize) -> Vec<RecordedRequest> {
        self.kept()
            .requests
            .iter()
            .rev()
            .take(most)
            .cloned()
            .collect()
    }

    pub(crate) fn count(&self, name: &str) -> usize {
        self.kept()
            .requests
            .iter()
            .filter(|request| request.is(name))
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_the_oldest() {
        for capacity in [0, 1, 100] {
            let journal = Journal::new(capacity, None);
            for number in 0..=capacity {
                journal.record(RecordedRequest {
                    path: format!("/{number}"),
                    ..RecordedRequest::default()
                });
            }
            assert_eq!(journal.all().len(), capacity);
            assert_eq!(journal.count("/0"), 0);
            assert_eq!(journal.count("/1"), capacity.min(1));
        }
    }

    #[test]
    fn long_requests_make_room() {
        let journal = Journal::new(10, None);
        for number in 0..30 {
            journal.record(RecordedRequest {
                path: format!("/{number}"),
                operation: Some("x".repeat(500)),
                tag: Some("é".repeat(500)),
                ..RecordedRequest::default()
            });
        }
        let paths: Vec<_> = journal.newest(10).into_iter().map(|own| own.path).collect();
        assert_eq!(paths, ["/29", "/28", "/27", "/26", "/25", "/24"]);
        journal.clear();
        journal.record(RecordedRequest::default());
        assert_eq!(journal.all().len(), 1);
    }

    #[test]
    fn long_texts_are_cut() {
        let journal = Journal::new(2, None);
        journal.record(RecordedRequest {
            path: "/é".repeat(1000),
            operation: Some("x".repeat(500)),
            ..RecordedRequest::default()
        });
        let all = journal.all();
        assert_eq!(all[0].path, "/é".repeat(250));
        assert_eq!(all[0].operation.as_deref(), Some(&*"x".repeat(500)));
    }
}
