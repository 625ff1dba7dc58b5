//! Mail and text messages that the server would have sent, and the codes in them.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::dates::Moment;
use crate::ids;
use crate::phones;
use crate::refusal::Refusal;
use crate::wording;
use crate::work;

const CAPACITY: usize = 10_000;
/// Of the texts of all messages.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Long after every code has expired.
const LONGEST_AGE_SECONDS: i64 = 30 * 86_400;
const DEFAULT_CODE_LENGTH: usize = 4;
const CODE_LIFE_SECONDS: i64 = 5 * 60;
const PAUSE_SECONDS: i64 = 60;

/// How a message travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum MessageKind {
    /// By e-mail.
    Email,
    /// As a text message.
    Sms,
}

/// A message that the server would have sent to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// The e-mail address in lower case, or the phone number in one spelling: 11 digits for mainland China, `+` and
    /// the digits with the country for others.
    pub to: String,
    /// How it travels.
    pub kind: MessageKind,
    /// What it is for, in the API's words: `RESET_PASSWORD`, `VERIFY_EMAIL`, …
    pub scene: String,
    /// The code in it: 4 digits, unless the user pool says otherwise. Good for five minutes, and once.
    pub code: String,
}

impl Message {
    /// Whether this is its recipient, in whatever spelling.
    pub(crate) fn is_to(&self, to: &str) -> bool {
        self.to == normal(to, self.kind)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Sent {
    message: Message,
    at: Moment,
    used: bool,
}

impl Sent {
    fn is_for(&self, to: &str, kind: MessageKind) -> bool {
        self.message.kind == kind && self.message.to == to
    }

    fn bytes(&self) -> usize {
        let Message {
            to, scene, code, ..
        } = &self.message;
        to.len() + scene.len() + code.len()
    }

    fn age(&self, now: Moment) -> i64 {
        now.seconds().saturating_sub(self.at.seconds())
    }
}

/// The last messages, oldest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Outbox {
    sent: VecDeque<Sent>,
    /// The codes that some addresses always get.
    fixed: BTreeMap<String, String>,
    code_length: usize,
    /// Of the messages; not known yet after the state was read from a file.
    #[serde(skip)]
    bytes: Option<usize>,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            sent: VecDeque::new(),
            fixed: BTreeMap::new(),
            code_length: DEFAULT_CODE_LENGTH,
            bytes: None,
        }
    }
}

impl Outbox {
    /// Sends a message with a fresh code, and answers the code.
    pub(crate) fn send(&mut self, to: &str, kind: MessageKind, scene: &str, now: Moment) -> String {
        let to = normal(to, kind);
        let code = match self.fixed.get(&to) {
            Some(code) => code.clone(),
            None => ids::digits(self.code_length),
        };
        let sent = Sent {
            message: Message {
                to,
                kind,
                scene: scene.to_owned(),
                code: code.clone(),
            },
            at: now,
            used: false,
        };
        self.make_room(sent.bytes(), now);
        self.sent.push_back(sent);
        code
    }

    fn make_room(&mut self, new: usize, now: Moment) {
        let known = self
            .bytes
            .unwrap_or_else(|| self.sent.iter().map(Sent::bytes).sum());
        let mut bytes = known.saturating_add(new);
        while let Some(oldest) = self.sent.front()
            && (self.sent.len() >= CAPACITY
                || bytes > MOST_BYTES
                || oldest.age(now) >= LONGEST_AGE_SECONDS)
        {
            bytes = bytes.saturating_sub(oldest.bytes());
            self.sent.pop_front();
        }
        self.bytes = Some(bytes);
    }

    /// Refuses a second message for the same purpose within a minute. For operations to ask before they send.
    pub(crate) fn check_pause(
        &self,
        to: &str,
        kind: MessageKind,
        scene: &str,
        now: Moment,
    ) -> Result<(), Refusal> {
        let to = normal(to, kind);
        work::spend_on(self.sent.len() / 10);
        let recent = self.sent.iter().any(|sent| {
            sent.is_for(&to, kind) && sent.message.scene == scene && sent.age(now) < PAUSE_SECONDS
        });
        if recent {
            return Err(Refusal::new(&wording::SENT_RECENTLY));
        }
        Ok(())
    }

    /// Checks a code, and keeps it. The newest message for one of these scenes counts; no scenes means any.
    pub(crate) fn check(
        &self,
        to: &str,
        kind: MessageKind,
        scenes: &[&str],
        code: &str,
        now: Moment,
    ) -> Result<(), Refusal> {
        self.find(to, kind, scenes, code, now).map(|_| ())
    }

    /// Checks a code as [`check`](Self::check) does, and uses it up.
    pub(crate) fn redeem(
        &mut self,
        to: &str,
        kind: MessageKind,
        scenes: &[&str],
        code: &str,
        now: Moment,
    ) -> Result<(), Refusal> {
        let position = self.find(to, kind, scenes, code, now)?;
        if let Some(sent) = self.sent.get_mut(position) {
            sent.used = true;
        }
        Ok(())
    }

    fn find(
        &self,
        to: &str,
        kind: MessageKind,
        scenes: &[&str],
        code: &str,
        now: Moment,
    ) -> Result<usize, Refusal> {
        let to = normal(to, kind);
        work::spend_on(self.sent.len() / 10);
        let newest = self.sent.iter().rposition(|sent| {
            sent.is_for(&to, kind)
                && (scenes.is_empty() || scenes.contains(&sent.message.scene.as_str()))
        });
        let position = newest.ok_or_else(Refusal::wrong_code)?;
        let sent = self.sent.get(position).ok_or_else(Refusal::wrong_code)?;
        if sent.used || sent.message.code != code {
            return Err(Refusal::wrong_code());
        }
        if sent.age(now) >= CODE_LIFE_SECONDS {
            return Err(Refusal::new(&wording::CODE_TOO_OLD));
        }
        Ok(position)
    }

    /// From now on messages to this address have this code.
    pub(crate) fn fix_code(&mut self, to: &str, code: &str) {
        let kind = match to.contains('@') {
            true => MessageKind::Email,
            false => MessageKind::Sms,
        };
        self.fixed.insert(normal(to, kind), code.to_owned());
    }

    /// How many digits new codes have.
    pub(crate) fn set_code_length(&mut self, digits: usize) {
        self.code_length = digits;
    }

    /// The messages with when they were sent and whether their code was used, the last one first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = (Message, Moment, bool)> {
        let sent = self.sent.iter().rev();
        sent.map(|sent| (sent.message.clone(), sent.at, sent.used))
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        self.sent.iter().map(|sent| sent.message.clone()).collect()
    }
}

fn normal(to: &str, kind: MessageKind) -> String {
    match kind {
        MessageKind::Email => to.to_lowercase(),
        MessageKind::Sms => phones::normal(to, None),
    }
}

#[cfg(test)]
mod tests {
    use super::MessageKind::{Email, Sms};
    use super::*;
    use crate::refusal::code;

    fn at(seconds: i64) -> Moment {
        Moment::from_seconds(seconds)
    }

    fn refusal(result: Result<(), Refusal>) -> i64 {
        result.unwrap_err().code
    }

    #[test]
    fn a_code_is_good_for_five_minutes_and_once() {
        let mut outbox = Outbox::default();
        let code = outbox.send("Ann@Example.com", Email, "RESET_PASSWORD", at(0));
        assert_eq!(code.len(), 4);
        assert!(code.bytes().all(|byte| byte.is_ascii_digit()));
        let to = "ann@example.com";
        outbox.check(to, Email, &[], &code, at(299)).unwrap();
        let expired = outbox.redeem(to, Email, &[], &code, at(300));
        assert_eq!(refusal(expired), code::CODE_EXPIRED);
        outbox.redeem(to, Email, &[], &code, at(299)).unwrap();
        let again = outbox.redeem(to, Email, &[], &code, at(299));
        assert_eq!(refusal(again), code::WRONG_VERIFICATION_CODE);
    }

    #[test]
    fn a_code_is_for_one_address_way_and_purpose_and_a_newer_one_replaces_it() {
        let mut outbox = Outbox::default();
        outbox.set_code_length(6);
        let old = outbox.send("13800000000", Sms, "login", at(0));
        assert_eq!(old.len(), 6);
        for (to, kind, scenes) in [
            ("13800000001", Sms, &[][..]),
            ("13800000000", Email, &[]),
            ("13800000000", Sms, &["reset"]),
        ] {
            let refused = outbox.check(to, kind, scenes, &old, at(1));
            assert_eq!(refusal(refused), code::WRONG_VERIFICATION_CODE);
        }
        let new = outbox.send("13800000000", Sms, "login", at(60));
        let scenes = ["reset", "login"];
        if old != new {
            assert!(
                outbox
                    .check("13800000000", Sms, &scenes, &old, at(61))
                    .is_err()
            );
        }
        outbox
            .check("13800000000", Sms, &scenes, &new, at(61))
            .unwrap();
    }

    #[test]
    fn asks_for_a_pause_of_a_minute() {
        let mut outbox = Outbox::default();
        outbox.send("ann@example.com", Email, "VERIFY_CODE", at(0));
        let too_early = outbox.check_pause("ANN@example.com", Email, "VERIFY_CODE", at(59));
        assert_eq!(refusal(too_early), code::CODE_SENT_RECENTLY);
        for (to, scene, now) in [
            ("ann@example.com", "VERIFY_CODE", 60),
            ("ann@example.com", "MFA_VERIFY", 1),
            ("bob@example.com", "VERIFY_CODE", 1),
        ] {
            outbox.check_pause(to, Email, scene, at(now)).unwrap();
        }
    }

    #[test]
    fn addresses_can_get_the_same_code_each_time() {
        let mut outbox = Outbox::default();
        outbox.fix_code("+86 138 0000 0000", "0000");
        outbox.fix_code("Ann@example.com", "1111");
        assert_eq!(outbox.send("13800000000", Sms, "login", at(0)), "0000");
        assert_eq!(outbox.send("ann@EXAMPLE.com", Email, "X", at(0)), "1111");
        // Still used up each time.
        let (to, scenes) = ("8613800000000", ["login"]);
        outbox.redeem(to, Sms, &scenes, "0000", at(1)).unwrap();
        assert!(outbox.redeem(to, Sms, &scenes, "0000", at(2)).is_err());
        outbox.send(to, Sms, "login", at(3));
        outbox.redeem(to, Sms, &scenes, "0000", at(4)).unwrap();
    }

    #[test]
    fn forgets_the_oldest() {
        let mut outbox = Outbox::default();
        for number in 0..=CAPACITY {
            outbox.send(&number.to_string(), Sms, "login", at(0));
        }
        let messages = outbox.messages();
        assert_eq!(messages.len(), CAPACITY);
        assert_eq!(messages[0].to, "1");
    }

    #[test]
    fn long_and_old_messages_make_room() {
        let mut outbox = Outbox::default();
        let long = |number: usize| format!("{number}{}@example.com", "a".repeat(1_500_000));
        for number in 0..5 {
            outbox.send(&long(number), Email, "X", at(0));
        }
        let kept = |outbox: &Outbox| -> Vec<char> {
            let messages = outbox.messages();
            let first = messages.iter().filter_map(|own| own.to.chars().next());
            first.collect()
        };
        assert_eq!(kept(&outbox), ['3', '4']);
        let text = serde_json::to_string(&outbox).unwrap();
        let mut copy: Outbox = serde_json::from_str(&text).unwrap();
        copy.send(&long(5), Email, "X", at(0));
        assert_eq!(kept(&copy), ['4', '5']);
        copy.send("6@example.com", Email, "X", at(LONGEST_AGE_SECONDS));
        assert_eq!(kept(&copy), ['6']);
    }
}
