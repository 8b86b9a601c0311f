//! Updates of feeds: which files to fetch, and what to do with them.

use std::sync::Arc;

use rusqlite::{Connection, Transaction};

use super::device::next_window_change_ms;
use super::error::AgentError;
use super::in_force::{Files, InForce};
use super::message::{Argument, Directives, Fetch, Message, Time};
use super::session::{Feed, Obeyed, Session};
use crate::audit::Event;
use crate::feed::{
    self, Answer, Commit, FeedError, FeedIdentity, Next, Outcome, Reason, Update, VerifiedFile,
};
use crate::store::StoreError;
use crate::store::agent::{self as table, FeedHealth};
use crate::store::{device, feed as feed_table, trial};

/// How often to ask for news.
const INTERVAL_MS: i64 = 4 * 3_600_000;
/// How soon to ask again after a failure; doubled each time, up to the interval.
const RETRY_MS: i64 = 15 * 60_000;

/// Four fifths of a wait to the whole of it, evenly. Phones that asked in one moment, since all were switched on at
/// eight or a server came back, do not ask in one moment ever after. No two phones measure the same milliseconds since
/// they booted, so that takes no randomness from outside, and says nothing about a phone that its asking does not.
fn spread(wait_ms: i64, time: Time) -> i64 {
    // The last steps of SplitMix64: each bit of the time moves each bit of what comes of it.
    let mut mixed = time.wall_ms.cast_unsigned() ^ time.elapsed_ms.rotate_left(32);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    let fifth = (wait_ms / 5).max(1).cast_unsigned();
    wait_ms - (mixed % fifth).cast_signed()
}

/// How an update ended that brought nothing, and why.
pub(super) enum Ending {
    /// The server could not be asked: phones are often out of reach, and people need not be told.
    Unreachable(String),
    /// What it served was not accepted.
    Refused(String),
    /// What it served is older than what was seen before.
    Older(String),
    /// What it served was in order, but too old.
    Expired(String),
}

impl Ending {
    /// In English, for logs.
    pub(super) fn why(&self) -> &str {
        let (Self::Unreachable(why) | Self::Refused(why) | Self::Older(why) | Self::Expired(why)) = self;
        why
    }
}

impl From<FeedError> for Ending {
    fn from(error: FeedError) -> Self {
        let why = error.to_string();
        match error.reason {
            Reason::Unavailable(_) => Self::Unreachable(why),
            Reason::Expired { .. } => Self::Expired(why),
            Reason::Rollback { .. } => Self::Older(why),
            _ => Self::Refused(why),
        }
    }
}

/// Where an update stands after an answer.
pub(super) enum Progress {
    Wants { path: String, max_bytes: u64 },
    Ended(Result<(), Ending>),
}

/// What would be in force with the files that a feed brings.
struct Fresh<'a> {
    feed: &'a str,
    files: &'a [VerifiedFile],
    obeyed: Obeyed<'a>,
}

impl Files for Fresh<'_> {
    fn file(&self, feed: &Feed, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let brought = self.files.iter().find(|file| file.name() == name);
        match brought {
            _ if feed.name() != self.feed => self.obeyed.file(feed, name),
            None => Ok(None),
            Some(file) => match file.bytes() {
                Some(bytes) => Ok(Some(bytes.to_owned())),
                // As it was in the version before.
                None => feed_table::file(self.obeyed.0, &feed.identity, name),
            },
        }
    }

    fn any(&self, feed: &Feed) -> Result<bool, StoreError> {
        self.obeyed.any(feed)
    }
}

impl Session {
    /// Begins an update of every feed. One that an earlier refresh began and that never ended is dropped: what it
    /// verified is stored, so nothing of it is lost but time.
    pub(super) fn refresh(
        &mut self,
        db: &Transaction<'_>,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        for feed in self.feeds.clone() {
            self.begin(db, &feed, time, out)?;
        }
        self.schedule(db, time, out)
    }

    /// Begins an update of a feed over the network.
    pub(super) fn begin(
        &mut self,
        db: &Transaction<'_>,
        feed: &Feed,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        self.drop_look(feed.name());
        let update = self.update(db, feed, time)?;
        if let Next::Fetch { path, max_bytes } = update.next() {
            out.fetches.push(fetch(feed, &path, max_bytes));
        }
        self.updates.insert(feed.name().to_owned(), update);
        Ok(())
    }

    /// An update of a feed from what is trusted now.
    pub(super) fn update(&self, db: &Transaction<'_>, feed: &Feed, time: Time) -> Result<Update, AgentError> {
        let mut trusted = feed_table::load(db, &feed.identity)?;
        if self.in_force.as_ref().is_some_and(|f| f.misses(feed.name())) {
            // What is in force cannot be read: fetch it again, though it is the same.
            trusted.forget_files();
        }
        let mut update = Update::start(&feed.identity, trusted, time);
        for commit in feed.root.iter().flat_map(|root| update.given_root(root)) {
            feed_table::commit(db, &feed.identity, &commit)?;
        }
        Ok(update)
    }

    /// Says when to ask for news and to look at the phone again.
    pub(super) fn schedule(
        &self,
        db: &Transaction<'_>,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        let mut wait = INTERVAL_MS;
        for feed in &self.feeds {
            let failures = table::feed_health(db, feed.name())?.failures;
            if failures > 0 {
                wait = wait.min(RETRY_MS << (failures - 1).min(4));
            }
        }
        let news = (!self.feeds.is_empty()).then(|| time.wall_ms.saturating_add(spread(wait, time)));
        // A grace or an exemption ends, or a rule begins, without news.
        let change = self
            .judged(db, time, |judge, _| Ok(judge.next_change_ms()))?
            .flatten();
        let window = next_window_change_ms(db, time.wall_ms)?;
        out.wake_up_ms = [news, change, window].into_iter().flatten().min();
        Ok(())
    }

    /// Takes in a file.
    pub(super) fn fetched(
        &mut self,
        db: &Transaction<'_>,
        (name, url): (&str, &str),
        answer: &Answer<'_>,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        let configured = self.feeds.iter().find(|f| f.name() == name).cloned();
        let (Some(feed), Some(mut update)) = (configured, self.updates.remove(name)) else {
            return Ok(());
        };
        let Next::Fetch { path, max_bytes } = update.next() else {
            return Ok(());
        };
        if url != fetch(&feed, &path, max_bytes).url {
            // An answer to a question of an earlier refresh.
            self.updates.insert(name.to_owned(), update);
            return Ok(());
        }
        match self.advance(db, &feed.identity, &mut update, answer, time, out)? {
            Progress::Wants { path, max_bytes } => {
                out.fetches.push(fetch(&feed, &path, max_bytes));
                self.updates.insert(name.to_owned(), update);
                Ok(())
            }
            Progress::Ended(how) => {
                let is_current = how.is_ok();
                self.ended(db, name, how, time, out)?;
                if is_current {
                    self.look_for_agent(db, &feed, update.trusted().clone(), time, out)?;
                }
                self.fetch_newest(db, time, out)
            }
        }
    }

    /// Gives an update the answer that it asked for and stores what it verified.
    pub(super) fn advance(
        &mut self,
        db: &Transaction<'_>,
        identity: &FeedIdentity,
        update: &mut Update,
        answer: &Answer<'_>,
        time: Time,
        out: &mut Directives,
    ) -> Result<Progress, AgentError> {
        for commit in update.received(answer) {
            if let Err(why) = self.take(db, identity, &commit, time, out)? {
                return Ok(Progress::Ended(Err(Ending::Refused(why))));
            }
        }
        Ok(match update.next() {
            Next::Fetch { path, max_bytes } => Progress::Wants { path, max_bytes },
            Next::Done(Outcome::Failed(error)) => Progress::Ended(Err(error.into())),
            Next::Done(Outcome::Unchanged | Outcome::Updated) => Progress::Ended(Ok(())),
        })
    }

    /// Stores one verified step. Files that would come into force are read and composed with the other layers first:
    /// what cannot be read is not stored, and what was in force stays. Where a version before is in force, they are on
    /// trial until the list of packages shows what they change.
    fn take(
        &mut self,
        db: &Transaction<'_>,
        identity: &FeedIdentity,
        commit: &Commit,
        time: Time,
        out: &mut Directives,
    ) -> Result<Result<(), String>, AgentError> {
        let Some(files) = commit.activation() else {
            feed_table::commit(db, identity, commit)?;
            return Ok(Ok(()));
        };
        let feed = identity.name.as_str();
        let fresh = Fresh {
            feed,
            files,
            obeyed: Obeyed(db),
        };
        let in_force = match InForce::compose(&self.feeds, Some(feed), &fresh)? {
            Ok(in_force) => in_force,
            Err(why) => return Ok(Err(why)),
        };
        out.list_packages = true;
        if self.obeys(feed) {
            // The list of packages, which comes next, tells how much they change.
            trial::begin(db, identity, files)?;
            feed_table::commit(db, identity, commit)?;
            return Ok(Ok(()));
        }
        trial::end(db, identity)?;
        feed_table::commit(db, identity, commit)?;
        self.put_in_force(db, identity, in_force, time, out)?;
        Ok(Ok(()))
    }

    /// Obeys other files of a feed from now on.
    pub(super) fn put_in_force(
        &mut self,
        db: &Connection,
        identity: &FeedIdentity,
        in_force: InForce,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        let feed = identity.name.as_str();
        let files = trial::newest(db, identity)?;
        if let Some(layer) = in_force.policy_of(feed).map(|policy| policy.layer.as_str()) {
            let event = Event::FeedUpdated {
                feed,
                layer,
                files: files
                    .iter()
                    .map(|(name, digest)| (name.as_str(), *digest))
                    .collect(),
            };
            table::record(db, time.wall_ms, &event)?;
        }
        self.in_force = Some(Arc::new(in_force));
        self.regroup();
        out.notices.push(Message::new(
            "notice_policy_updated",
            [Argument::Text(feed.to_owned())],
        ));
        Ok(())
    }

    /// Takes note of how an update ended.
    pub(super) fn ended(
        &mut self,
        db: &Transaction<'_>,
        feed: &str,
        how: Result<(), Ending>,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        let mut health = table::feed_health(db, feed)?;
        match &how {
            Ok(()) => {
                // What its silence closed can be opened again.
                out.list_packages |= device::heard(db, feed)?;
                health = FeedHealth {
                    checked_ms: Some(time.wall_ms),
                    failures: 0,
                    failure: None,
                    expired: false,
                };
                out.notices.push(Message::new(
                    "notice_feed_checked",
                    [Argument::Text(feed.to_owned())],
                ));
            }
            Err(Ending::Unreachable(why)) => {
                let args = [Argument::Text(feed.to_owned()), Argument::Text(why.clone())];
                out.notices.push(Message::new("notice_feed_unreachable", args));
                health.failures = health.failures.saturating_add(1);
            }
            Err(ending @ (Ending::Refused(_) | Ending::Older(_) | Ending::Expired(_))) => {
                let why = ending.why();
                // A server that says the same for weeks fills no log.
                if health.failure.as_deref() != Some(why) {
                    table::record(db, time.wall_ms, &Event::FeedRefused { feed, why })?;
                }
                let args = [Argument::Text(feed.to_owned()), Argument::Text(why.to_owned())];
                out.notices.push(Message::new("notice_feed_refused", args));
                health.failures = health.failures.saturating_add(1);
                health.failure = Some(why.to_owned());
                health.expired = matches!(ending, Ending::Expired(_));
            }
        }
        table::set_feed_health(db, feed, &health)?;
        self.schedule(db, time, out)
    }
}

/// What to fetch of a feed.
pub(super) fn fetch(feed: &Feed, path: &str, max_bytes: u64) -> Fetch {
    Fetch {
        feed: feed.name().to_owned(),
        url: feed::url(&feed.url, path),
        max_bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_that_ask_in_the_same_moment_ask_again_evenly_over_a_fifth_of_the_wait() {
        const PHONES: u64 = 10_000;
        let mut tenths = [0; 10];
        for phone in 0..PHONES {
            let time = Time {
                wall_ms: 1_795_600_000_000,
                // Switched on within a quarter of an hour.
                elapsed_ms: 60_000 + phone * 90,
                boot_count: 7,
            };
            let early = INTERVAL_MS - spread(INTERVAL_MS, time);
            tenths[usize::try_from(early * 50 / INTERVAL_MS).unwrap()] += 1;
        }
        assert!(
            tenths.iter().all(|phones| (800..1_200).contains(phones)),
            "{tenths:?}"
        );
    }
}
