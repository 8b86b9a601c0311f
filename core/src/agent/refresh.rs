//! Updates of feeds: which files to fetch, and what to do with them.

use rusqlite::Transaction;
use sluis_policy::values::Digest;

use super::error::AgentError;
use super::in_force::{Files, InForce};
use super::message::{Argument, Directives, Fetch, Message, Time};
use super::session::{Feed, Session, Stored};
use crate::audit::Event;
use crate::feed::{self, Answer, Commit, FeedIdentity, Next, Outcome, Reason, Update, VerifiedFile};
use crate::store::StoreError;
use crate::store::agent::{self as table, FeedHealth};
use crate::store::feed as feed_table;

/// How often to ask for news.
const INTERVAL_MS: i64 = 4 * 3_600_000;
/// How soon to ask again after a failure; doubled each time, up to the interval.
const RETRY_MS: i64 = 15 * 60_000;

/// How an update ended that brought nothing, and why.
enum Ending {
    /// The server could not be asked: phones are often out of reach, and people need not be told.
    Unreachable(String),
    /// What it served was not accepted.
    Refused(String),
    /// What it served was in order, but too old.
    Expired(String),
}

/// What would be in force with the files that a feed brings.
struct Fresh<'a> {
    feed: &'a str,
    files: &'a [VerifiedFile],
    stored: Stored<'a>,
}

impl Files for Fresh<'_> {
    fn file(&self, feed: &Feed, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let brought = self.files.iter().find(|file| file.name() == name);
        match brought {
            _ if feed.name() != self.feed => self.stored.file(feed, name),
            None => Ok(None),
            Some(file) => match file.bytes() {
                Some(bytes) => Ok(Some(bytes.to_owned())),
                // As it is in force already.
                None => self.stored.file(feed, name),
            },
        }
    }

    fn any(&self, feed: &Feed) -> Result<bool, StoreError> {
        self.stored.any(feed)
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
        for feed in &self.feeds {
            let mut trusted = feed_table::load(db, &feed.identity)?;
            if self.in_force.as_ref().is_some_and(|f| f.misses(feed.name())) {
                // What is in force cannot be read: fetch it again, though it is the same.
                trusted.forget_files();
            }
            let mut update = Update::start(&feed.identity, trusted, time);
            for commit in feed.root.iter().flat_map(|root| update.given_root(root)) {
                feed_table::commit(db, &feed.identity, &commit)?;
            }
            if let Next::Fetch { path, max_bytes } = update.next() {
                out.fetches.push(Fetch {
                    feed: feed.name().to_owned(),
                    url: feed::url(&feed.url, &path),
                    max_bytes,
                });
            }
            self.updates.insert(feed.name().to_owned(), update);
        }
        self.schedule(db, time, out)
    }

    /// Says when to ask for news again.
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
        out.wake_up_ms = (!self.feeds.is_empty()).then(|| time.wall_ms.saturating_add(wait));
        Ok(())
    }

    /// Takes in a file.
    pub(super) fn fetched(
        &mut self,
        db: &Transaction<'_>,
        (feed, url): (&str, &str),
        answer: &Answer<'_>,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        let configured = self.feeds.iter().find(|f| f.name() == feed).cloned();
        let (
            Some(Feed {
                identity, url: base, ..
            }),
            Some(mut update),
        ) = (configured, self.updates.remove(feed))
        else {
            return Ok(());
        };
        let Next::Fetch { path, .. } = update.next() else {
            return Ok(());
        };
        if url != feed::url(&base, &path) {
            // An answer to a question of an earlier refresh.
            self.updates.insert(feed.to_owned(), update);
            return Ok(());
        }
        for commit in update.received(answer) {
            if let Err(why) = self.take(db, &identity, &commit, time, out)? {
                return self.ended(db, feed, Err(Ending::Refused(why)), time, out);
            }
        }
        match update.next() {
            Next::Fetch { path, max_bytes } => {
                out.fetches.push(Fetch {
                    feed: feed.to_owned(),
                    url: feed::url(&base, &path),
                    max_bytes,
                });
                self.updates.insert(feed.to_owned(), update);
                Ok(())
            }
            Next::Done(Outcome::Failed(error)) => {
                let why = error.to_string();
                let how = match error.reason {
                    Reason::Unavailable(_) => Ending::Unreachable(why),
                    Reason::Expired { .. } => Ending::Expired(why),
                    _ => Ending::Refused(why),
                };
                self.ended(db, feed, Err(how), time, out)
            }
            Next::Done(Outcome::Unchanged | Outcome::Updated) => self.ended(db, feed, Ok(()), time, out),
        }
    }

    /// Stores one verified step. Files that would come into force are read and composed with the other layers first:
    /// what cannot be read is not stored, and what was in force stays.
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
            stored: Stored(db),
        };
        let in_force = match InForce::compose(&self.feeds, Some(feed), &fresh)? {
            Ok(in_force) => in_force,
            Err(why) => return Ok(Err(why)),
        };
        feed_table::commit(db, identity, commit)?;
        let digests = files
            .iter()
            .map(|file| (file.name(), Digest(file.sha256())))
            .collect();
        if let Some(layer) = in_force.policy_of(feed).map(|policy| policy.layer.as_str()) {
            table::record(
                db,
                time.wall_ms,
                &Event::FeedUpdated {
                    feed,
                    layer,
                    files: digests,
                },
            )?;
        }
        self.in_force = Some(in_force);
        out.list_packages = true;
        out.notices.push(Message::new(
            "notice_policy_updated",
            [Argument::Text(feed.to_owned())],
        ));
        Ok(Ok(()))
    }

    /// Takes note of how an update ended.
    fn ended(
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
            Err(Ending::Refused(why) | Ending::Expired(why)) => {
                // A server that says the same for weeks fills no log.
                if health.failure.as_ref() != Some(why) {
                    table::record(db, time.wall_ms, &Event::FeedRefused { feed, why })?;
                }
                let args = [Argument::Text(feed.to_owned()), Argument::Text(why.clone())];
                out.notices.push(Message::new("notice_feed_refused", args));
                health.failures = health.failures.saturating_add(1);
                health.failure = Some(why.clone());
                health.expired = matches!(how, Err(Ending::Expired(_)));
            }
        }
        table::set_feed_health(db, feed, &health)?;
        self.schedule(db, time, out)
    }
}
