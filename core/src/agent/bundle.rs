//! Policy from a file: an offline bundle goes through the same update as what a server sends.

use rusqlite::Transaction;
use sluis_policy::text::Language;
use sluis_policy::values::Digest;

use super::error::AgentError;
use super::message::{Argument, Directives, Message, Time};
use super::refresh::{Ending, Progress};
use super::session::{Feed, Session};
use crate::audit::Event;
use crate::feed::bundle::Bundle;
use crate::feed::limits::ROOTS_PER_UPDATE;
use crate::feed::{Next, Role, TrustedState, sha256};
use crate::store::agent as table;

/// What came of a bundle for one feed.
struct Outcome {
    /// How its update ended.
    how: Result<(), Ending>,
    /// Whether anything of it was stored.
    stored: bool,
    /// Whether other files are in force.
    updated: bool,
}

impl Session {
    /// Takes in a bundle. What is refused changes nothing, and is no word against the feed itself: whoever holds the
    /// phone can choose any file.
    pub(super) fn bundle(
        &mut self,
        db: &Transaction<'_>,
        bytes: &[u8],
        languages: &[String],
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        let sha256 = Digest(sha256(bytes));
        let log = |feed: Option<&str>, refused: Option<&str>| {
            let event = Event::Bundle {
                sha256,
                feed,
                refused,
            };
            table::record(db, time.wall_ms, &event)
        };
        let bundle = match Bundle::read(bytes) {
            Ok(bundle) => bundle,
            Err(error) => {
                let why = error.to_string();
                log(None, Some(&why))?;
                say(out, Message::new("bundle_unreadable", [Argument::Text(why)]));
                return Ok(());
            }
        };
        let root_sha256 = bundle.root_sha256();
        let mut feeds = self.feeds.clone();
        feeds.retain(|feed| feed.identity.root_sha256 == root_sha256);
        if feeds.is_empty() {
            log(None, Some("this phone obeys no feed with that root"))?;
            say(out, Message::new("bundle_foreign", []));
        }
        let language = Language::preferred(languages);
        // More than one only where one organisation's feed is configured twice.
        for feed in &feeds {
            let Outcome { how, stored, updated } = self.take_bundle(db, feed, &bundle, time, out)?;
            log(Some(feed.name()), how.as_ref().err().map(Ending::why))?;
            let whose = Argument::Text(self.organisation(feed, language));
            let message = match &how {
                Ok(()) if updated => Message::new("bundle_updated", [whose]),
                Ok(()) => Message::new("bundle_unchanged", [whose]),
                Err(Ending::Older(_)) => Message::new("bundle_older", [whose]),
                Err(Ending::Expired(_)) => Message::new("bundle_expired", [whose]),
                Err(Ending::Refused(why) | Ending::Unreachable(why)) => {
                    Message::new("bundle_refused", [whose, Argument::Text(why.clone())])
                }
            };
            say(out, message);
            if how.is_ok() {
                self.ended(db, feed.name(), Ok(()), time, out)?;
            }
            // An update under way over the network knows nothing of what was stored just now: it begins anew.
            if stored && self.updates.contains_key(feed.name()) {
                self.begin(db, feed, time, out)?;
            }
        }
        Ok(())
    }

    fn take_bundle(
        &mut self,
        db: &Transaction<'_>,
        feed: &Feed,
        bundle: &Bundle<'_>,
        time: Time,
        out: &mut Directives,
    ) -> Result<Outcome, AgentError> {
        let before = self.update(db, feed, time)?.trusted().clone();
        loop {
            let mut update = self.update(db, feed, time)?;
            let root_before = root_version(update.trusted());
            let how = loop {
                let Next::Fetch { path, max_bytes } = update.next() else {
                    break Ok(());
                };
                let answer = bundle.answer(&path, max_bytes);
                match self.advance(db, &feed.identity, &mut update, &answer, time, out)? {
                    Progress::Wants { .. } => {}
                    Progress::Ended(how) => break how,
                }
            };
            // A chain of roots longer than one update takes goes on in the next (TUF 5.3.3).
            if root_version(update.trusted()) >= root_before + u64::from(ROOTS_PER_UPDATE) {
                continue;
            }
            return Ok(Outcome {
                updated: how.is_ok() && update.trusted().active() != before.active(),
                stored: *update.trusted() != before,
                how,
            });
        }
    }

    /// Who speaks through a feed, as far as the phone knows.
    fn organisation(&self, feed: &Feed, language: Language) -> String {
        let policy = self.in_force.as_ref().and_then(|f| f.policy_of(feed.name()));
        let name = policy.map(|policy| policy.organisation.name.get(language));
        name.unwrap_or(feed.name()).to_owned()
    }
}

fn root_version(trusted: &TrustedState) -> u64 {
    trusted.floors().get(&Role::Root).map_or(1, |floor| floor.version)
}

/// Tells whoever chose the file, and the system log.
fn say(out: &mut Directives, message: Message) {
    out.notices.push(message.clone());
    out.bundle = Some(message);
}
