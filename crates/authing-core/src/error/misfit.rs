//! What an error quotes of an answer that does not fit: little, and no secret.

use std::fmt;

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// The beginning of a page, in one line: enough to recognise a gateway's.
pub(super) fn snippet(body: &str) -> String {
    const MOST: usize = 200;
    /// So long a run of letters and digits may be a token.
    const TOKEN: usize = 20;
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '=');
    let mut line = String::new();
    let (mut count, mut run) = (0, 0);
    let mut after_space = false;
    for c in body.trim_start().chars() {
        if count == MOST {
            break;
        }
        if c.is_whitespace() {
            (after_space, run) = (true, 0);
            continue;
        }
        if std::mem::take(&mut after_space) {
            line.push(' ');
            count += 1;
        }
        run = if is_of_token(c) { run + 1 } else { 0 };
        match run {
            0..TOKEN => line.push(c),
            TOKEN => {
                // All of it are single bytes.
                line.truncate(line.len() - (TOKEN - 1));
                line.push('…');
            }
            _ => continue,
        }
        count += 1;
    }
    line
}

/// The type of an answer, in a few words.
pub(super) fn content_type(headers: &HeaderMap) -> &str {
    const MOST: usize = 60;
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = value
        .and_then(|value| value.split(';').next())
        .map(str::trim);
    match kind.and_then(|kind| kind.get(..kind.len().min(MOST))) {
        None | Some("") => "no content type",
        Some(kind) => kind,
    }
}

/// What serde_json says, less what it quotes of the answer.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(super) struct Misfit {
    pub(super) text: String,
    /// A list stands where none belongs.
    pub(super) is_list: bool,
}

impl Misfit {
    const MISSING: &str = "missing field `";

    pub(super) fn of(cause: &serde_json::Error) -> Self {
        let text = Ends::of(cause);
        let is_list = text.start.starts_with("invalid type: sequence");
        let whole = !cause.is_data() || text.start.starts_with(Self::MISSING);
        let text = match (text.whole(), whole) {
            (Some(text), true) => text.to_owned(),
            _ => match text.end.rsplit_once(", expected ") {
                Some((_, expected)) => format!("expected {expected}"),
                None => format!(
                    "an unfit value at line {} column {}",
                    cause.line(),
                    cause.column()
                ),
            },
        };
        Self { text, is_list }
    }

    /// The name of the field that is missing.
    pub(super) fn missing(&self) -> Option<&str> {
        let rest = self.text.strip_prefix(Self::MISSING)?;
        rest.split_once('`').map(|(name, _)| name)
    }
}

/// The beginning and the end of a text that may quote all of an answer.
#[derive(Default)]
struct Ends {
    start: String,
    end: String,
    length: usize,
}

impl Ends {
    const MOST: usize = 300;

    fn of(text: &impl fmt::Display) -> Self {
        let mut ends = Self::default();
        // It does not fail.
        let _ = fmt::write(&mut ends, format_args!("{text}"));
        ends
    }

    /// All of it, if it is short.
    fn whole(&self) -> Option<&str> {
        (self.length == self.start.len()).then_some(&self.start)
    }
}

impl fmt::Write for Ends {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let cut = |mut at: usize| {
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        if self.length == self.start.len() {
            let free = Self::MOST - self.start.len();
            let fits = cut(text.len().min(free));
            self.start.push_str(text.get(..fits).unwrap_or_default());
        }
        self.length += text.len();
        let last = cut(text.len().saturating_sub(Self::MOST));
        self.end.push_str(text.get(last..).unwrap_or_default());
        let mut excess = self.end.len().saturating_sub(2 * Self::MOST);
        while !self.end.is_char_boundary(excess) {
            excess += 1;
        }
        self.end.drain(..excess);
        Ok(())
    }
}
