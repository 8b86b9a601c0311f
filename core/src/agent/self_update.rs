//! A new version of the agent itself, as a target of a feed: verified here, installed silently, never older.
//!
//! Nothing else depends on it. It is looked for after an update that ended well, and what goes wrong with it is told and
//! tried again later and later.

use rusqlite::Transaction;
use sluis_policy::values::Digest;

use super::error::AgentError;
use super::message::{Action, Argument, Directives, Installed, Message, Step, Time};
use super::offers::{begun, concerns, described, failed, offered_by, refused, say_refused, settled, waits};
use super::refresh::fetch;
use super::session::{Feed, Session};
use crate::audit::Event;
use crate::feed::{
    self, AGENT, Answer, FeedError, Lookup, Next, Offer, Reason, Release, Role, Sought, TrustedState, Update,
    hex, limits,
};
use crate::plan::device::NO_INSTALLS;
use crate::store::agent::{self as table, FeedHealth, Order};
use crate::store::agent_update::{self as offers, Offered};
use crate::store::feed as feed_table;

/// What the journal calls it.
const UPDATE: &str = "update_agent";

/// What failed so often is more than a network that broke off: people are told.
const TOLD_AFTER: u32 = 3;

/// Whether an order is one of ours.
pub(super) fn is_update(order: &Order) -> bool {
    order.kind == UPDATE
}

impl Session {
    /// Takes in which version runs, on what, and what it may do.
    pub(super) fn agent_is(
        &mut self,
        db: &Transaction<'_>,
        installed: &Installed,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        let now = installed.version_code;
        let before = offers::version(db)?;
        if before != Some(now) {
            offers::set_version(db, now)?;
        }
        if let Some(from) = before.filter(|before| *before != now) {
            table::record(db, time.wall_ms, &Event::AgentVersion { from, to: now })?;
            let args = [from, now].map(|version| Argument::Text(version.to_string()));
            out.notices.push(Message::new("notice_agent_updated", args));
        }
        let there = |offered: &&Offered| offered.version_code.is_some_and(|version| version <= now);
        for offered in offers::offers(db)?.iter().filter(there) {
            // The update ended the process that ordered it: that this one runs is the result.
            for order in table::orders(db)?.iter().filter(|order| concerns(order, offered)) {
                table::close_order(db, order.id)?;
                settled(db, order, true, None, time)?;
            }
            offers::forget_offer(db, &offered.feed)?;
        }
        self.installed = Some(installed.clone());
        Ok(())
    }

    /// Looks whether a feed that has just verified as a whole lists a newer agent.
    pub(super) fn look_for_agent(
        &mut self,
        db: &Transaction<'_>,
        feed: &Feed,
        trusted: TrustedState,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        let may_install = self
            .installed
            .as_ref()
            .is_some_and(|agent| agent.installs_silently);
        // Whoever may not install it, or not now, has no use for it.
        if !may_install || is_closed(db)? || under_way(db)? {
            return Ok(());
        }
        self.sought(db, feed, Lookup::start(&feed.identity, trusted, time), time, out)
    }

    /// Installing was opened: what had to wait for that is looked for on all feeds that were last found in order. Where
    /// an update is under way, its end leads to a look of its own.
    pub(super) fn installing_was_opened(
        &mut self,
        db: &Transaction<'_>,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        for feed in self.feeds.clone() {
            let FeedHealth {
                checked_ms, failures, ..
            } = table::feed_health(db, feed.name())?;
            if checked_ms.is_some() && failures == 0 && !self.updates.contains_key(feed.name()) {
                let trusted = feed_table::load(db, &feed.identity)?;
                self.look_for_agent(db, &feed, trusted, time, out)?;
            }
        }
        self.fetch_newest(db, time, out)
    }

    /// A new update of a feed begins: a look at what was listed before has no more to say. A file that is being fetched
    /// goes on; it is held against what is listed when it has come.
    pub(super) fn drop_look(&mut self, feed: &str) {
        if self.fetching_from.as_deref() != Some(feed) {
            self.looks.remove(feed);
        }
    }

    /// Fetches the newest of what was found, once every feed has spoken: the highest version wins, of equals that of the
    /// feed that is configured first. One at a time, since it is the most that a phone ever fetches.
    pub(super) fn fetch_newest(
        &mut self,
        db: &Transaction<'_>,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        let asking = |update: &Update| matches!(update.next(), Next::Fetch { .. });
        let looking = |look: &Lookup| matches!(look.sought(), Sought::Metadata { .. });
        if self.fetching_from.is_some()
            || self.updates.values().any(asking)
            || self.looks.values().any(looking)
        {
            return Ok(());
        }
        let found = self.feeds.iter().filter_map(|feed| {
            let Sought::Listed(offer) = self.looks.get(feed.name())?.sought() else {
                return None;
            };
            Some((offer.release.as_ref()?.version_code, feed.clone(), offer))
        });
        let mut found: Vec<_> = found.collect();
        found.sort_by_key(|(version, ..)| std::cmp::Reverse(*version));
        for (_, feed, offer) in found {
            if waits(db, &offer, time)? {
                continue;
            }
            begun(db, &feed, &offer, time)?;
            out.fetches.push(fetch(&feed, &offer.path, offer.length));
            self.fetching_from = Some(feed.name().to_owned());
            return Ok(());
        }
        self.looks.clear();
        Ok(())
    }

    /// Takes in a file that was fetched for the sake of the agent; false where it was not.
    pub(super) fn fetched_for_agent(
        &mut self,
        db: &Transaction<'_>,
        (name, url): (&str, &str),
        answer: &Answer<'_>,
        time: Time,
        out: &mut Directives,
    ) -> Result<bool, AgentError> {
        let feed = self.feeds.iter().find(|feed| feed.name() == name).cloned();
        let is_fetched = self.fetching_from.as_deref() == Some(name);
        let path = match self.looks.get(name).map(Lookup::sought) {
            Some(Sought::Metadata { path, .. }) => path,
            Some(Sought::Listed(offer)) if is_fetched => offer.path,
            _ => return Ok(false),
        };
        let Some(feed) = feed.filter(|feed| feed::url(&feed.url, &path) == url) else {
            return Ok(false);
        };
        let Some(mut look) = self.looks.remove(name) else {
            return Ok(false);
        };
        if is_fetched {
            self.fetching_from = None;
        }
        if let Some(commit) = look.received(answer) {
            feed_table::commit(db, &feed.identity, &commit)?;
        }
        self.sought(db, &feed, look, time, out)?;
        self.fetch_newest(db, time, out)?;
        Ok(true)
    }

    fn sought(
        &mut self,
        db: &Transaction<'_>,
        feed: &Feed,
        look: Lookup,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        match look.sought() {
            Sought::Metadata { path, max_bytes } => {
                out.fetches.push(fetch(feed, &path, max_bytes));
                self.looks.insert(feed.name().to_owned(), look);
                Ok(())
            }
            Sought::Listed(offer) => {
                if self.newer(db, feed, &offer, time, out)?.is_some() {
                    self.looks.insert(feed.name().to_owned(), look);
                }
                Ok(())
            }
            Sought::Verified(offer) => self.verified(db, feed, &offer, time, out),
            // What was refused before is not offered any more.
            Sought::NotListed => Ok(offers::forget_offer(db, feed.name())?),
            Sought::Failed(FeedError {
                reason: Reason::Unavailable(why),
                ..
            }) => {
                say_refused(out, feed.name(), &why);
                Ok(())
            }
            // That a feed is old is told where it is the feed's own matter.
            Sought::Failed(FeedError {
                reason: Reason::Expired { .. },
                ..
            }) => Ok(()),
            Sought::Failed(error) => {
                let known = offered_by(db, feed.name())?;
                refused(db, feed.name(), known, &error.to_string(), time, out)
            }
        }
    }

    /// What an offer is, where it is a newer version of this agent that runs on this phone; an offer that is not what it
    /// should be is refused.
    fn newer(
        &self,
        db: &Transaction<'_>,
        feed: &Feed,
        offer: &Offer,
        time: Time,
        out: &mut Directives,
    ) -> Result<Option<Release>, AgentError> {
        let Some(installed) = &self.installed else {
            return Ok(None);
        };
        let limit = limits::max_bytes(&Role::File(AGENT.into()));
        let why = match &offer.release {
            None => "the feed does not say which version it is".to_owned(),
            Some(release) if release.version_code <= installed.version_code => {
                // Neither older nor the same: it is as it should be, and most phones are so at most times.
                offers::forget_offer(db, feed.name())?;
                return Ok(None);
            }
            Some(release) if release.package != installed.package => {
                format!("it is {:?}, not {}", release.package, installed.package)
            }
            Some(release) if release.min_sdk > installed.sdk => format!(
                "it needs Android API level {}; this phone has {}",
                release.min_sdk, installed.sdk
            ),
            Some(_) if offer.length > limit => Reason::TooLong {
                found: offer.length,
                limit,
            }
            .to_string(),
            Some(release) => return Ok(Some(release.clone())),
        };
        let known = offered_by(db, feed.name())?.filter(|known| known.sha256 == Some(offer.sha256));
        let offered = known.unwrap_or_else(|| described(feed, offer));
        refused(db, feed.name(), Some(offered), &why, time, out)?;
        Ok(None)
    }

    /// The bytes are those that the feed listed when they were asked for. They are installed if it lists them still.
    fn verified(
        &mut self,
        db: &Transaction<'_>,
        feed: &Feed,
        offer: &Offer,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        let trusted = feed_table::load(db, &feed.identity)?;
        let listed = Lookup::start(&feed.identity, trusted, time).sought();
        let newer = self.newer(db, feed, offer, time, out)?;
        let installed = self.installed.as_ref().filter(|agent| agent.installs_silently);
        let (Some(release), Some(installed)) = (newer, installed) else {
            return Ok(());
        };
        if listed != Sought::Listed(offer.clone()) || is_closed(db)? || under_way(db)? {
            return Ok(());
        }
        let event = Event::AgentOffered {
            feed: feed.name(),
            version_code: release.version_code,
            installed: installed.version_code,
            sha256: Digest(offer.sha256),
        };
        table::record(db, time.wall_ms, &event)?;
        let step = Step::UpdateAgent {
            sha256: hex::encode(&offer.sha256),
            package: release.package,
            version_code: release.version_code,
        };
        let (action, subject) = (step.kind(), step.subject());
        let id = table::order(db, action, subject, None, time.wall_ms)?;
        table::record(db, time.wall_ms, &Event::Ordered { id, action, subject })?;
        let args = [feed.name().to_owned(), release.version_code.to_string()];
        out.notices
            .push(Message::new("notice_agent_offered", args.map(Argument::Text)));
        out.actions.push(Action { id, step });
        self.looks.clear();
        Ok(())
    }

    /// What came of an installation in a process that lived to see it. Only the version that is there now counts.
    pub(super) fn agent_result(
        &self,
        db: &Transaction<'_>,
        order: &Order,
        failure: Option<&str>,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        settled(db, order, false, failure, time)?;
        let why = failure.unwrap_or("the version before is still there");
        failed(db, order, why, time, out)
    }

    /// What people should know of a version that cannot be installed.
    pub(super) fn agent_warnings(&self, db: &Transaction<'_>) -> Result<Vec<Message>, AgentError> {
        let known = offers::offers(db)?.into_iter();
        let failing = known.filter(|offered| offered.attempts >= TOLD_AFTER);
        let warning = |why| Message::new("warning_agent_update", [Argument::Text(why)]);
        Ok(failing
            .filter_map(|offered| offered.failure)
            .map(warning)
            .collect())
    }
}

/// Whether an installation is ordered and not answered.
fn under_way(db: &Transaction<'_>) -> Result<bool, AgentError> {
    Ok(table::orders(db)?.iter().any(is_update))
}

/// Whether policy has closed installing: Android then opens no session for the device owner either.
fn is_closed(db: &Transaction<'_>) -> Result<bool, AgentError> {
    Ok(table::restrictions(db)?
        .iter()
        .any(|(name, _)| name == NO_INSTALLS))
}

/// Whether this order opened installing, if it was carried out.
pub(super) fn opens_installing(order: &Order) -> bool {
    order.kind == "unrestrict" && order.subject == NO_INSTALLS
}
