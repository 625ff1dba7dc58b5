//! What was asked of the server, so that a test can count round trips.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

const CAPACITY: usize = 10_000;

/// One request that the server answered. It keeps no bodies and no headers, so it holds no secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The name that the GraphQL document gives to its operation.
    pub operation: Option<String>,
    /// The HTTP status of the answer.
    pub status: u16,
}

/// The last requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    requests: Mutex<VecDeque<RecordedRequest>>,
}

impl Journal {
    pub(crate) fn record(&self, request: RecordedRequest) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if requests.len() == CAPACITY {
            requests.pop_front();
        }
        requests.push_back(request);
    }

    pub(crate) fn all(&self) -> Vec<RecordedRequest> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.iter().cloned().collect()
    }

    pub(crate) fn count(&self, name: &str) -> usize {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests
            .iter()
            .filter(|request| request.path == name || request.operation.as_deref() == Some(name))
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_the_oldest() {
        let journal = Journal::default();
        for number in 0..=CAPACITY {
            journal.record(RecordedRequest {
                method: "GET".to_owned(),
                path: format!("/{number}"),
                operation: None,
                status: 200,
            });
        }
        assert_eq!(journal.all().len(), CAPACITY);
        assert_eq!(journal.count("/0"), 0);
        assert_eq!(journal.count("/1"), 1);
    }
}
