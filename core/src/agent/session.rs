//! One event at a time: what the agent keeps in memory, and what it does with an event within one transaction.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction};

use super::configure;
use super::error::AgentError;
use super::in_force::InForce;
use super::message::{Configuration, Directives, Event, FetchOutcome, Time};
use super::reconcile::Round;
use super::screen::{self, FeedState};
use crate::audit;
use crate::feed::{Answer, FeedIdentity, Update};
use crate::store::agent as table;
use crate::store::feed as feed_table;

/// A feed that this phone obeys.
#[derive(Debug, Clone)]
pub(super) struct Feed {
    pub(super) identity: FeedIdentity,
    /// Ends in `/`.
    pub(super) url: String,
}

impl Feed {
    pub(super) fn name(&self) -> &str {
        &self.identity.name
    }
}

/// What the agent keeps in memory; all of it but updates under way can be read back from the store.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// The feeds that this phone obeys, baseline first.
    pub(super) feeds: Vec<Feed>,
    /// Their policies; `None` before the first.
    pub(super) in_force: Option<InForce>,
    /// Updates under way, by feed.
    pub(super) updates: BTreeMap<String, Update>,
}

impl Session {
    /// Reads back what the store holds.
    pub(super) fn load(db: &Connection) -> Result<Self, AgentError> {
        let feeds = match table::configuration(db)? {
            Some(json) => configure::check(serde_json::from_str(&json)?)?,
            None => Vec::new(),
        };
        let mut session = Self {
            feeds,
            ..Self::default()
        };
        session.compose(db)?;
        Ok(session)
    }

    fn compose(&mut self, db: &Connection) -> Result<(), AgentError> {
        // No feed is fresh, so nothing can be refused: what cannot be read is left out.
        let composed = InForce::compose(&self.feeds, "", |feed, name| {
            feed_table::file(db, &feed.identity, name)
        })?;
        self.in_force = composed
            .ok()
            .filter(|in_force| !in_force.is_empty() || in_force.incomplete);
        Ok(())
    }

    /// Handles one event.
    pub(super) fn handle(
        &mut self,
        db: &Transaction<'_>,
        time: Time,
        event: Event,
        body: Option<&[u8]>,
    ) -> Result<Directives, AgentError> {
        let mut out = Directives::default();
        match event {
            Event::Configure { configuration } => self.configure(db, configuration, time, &mut out)?,
            Event::Started {} => self.started(db, time, &mut out)?,
            Event::Refresh {} => self.refresh(db, time, &mut out)?,
            Event::Fetched { feed, url, outcome } => {
                let answer = match outcome {
                    FetchOutcome::Body {} => Answer::Body(body.unwrap_or_default()),
                    FetchOutcome::Missing {} => Answer::Missing,
                    FetchOutcome::Failed { message } => Answer::Failed(message),
                };
                self.fetched(db, (&feed, &url), &answer, time, &mut out)?;
            }
            Event::Inventory { inventory } => {
                if let Some(mut round) = self.round(db, time, &mut out) {
                    round.inventory(&inventory)?;
                }
            }
            Event::PackageChanged { name, facts, roles } => {
                if let Some(mut round) = self.round(db, time, &mut out) {
                    match facts {
                        Some(facts) => round.changed(&facts, &roles)?,
                        None => round.left(&name)?,
                    }
                }
            }
            Event::ActionResult {
                id,
                failure,
                observed,
                restricted,
            } => {
                // A result that comes twice, or after a restart, finds no order and changes nothing.
                if let Some(order) = table::close_order(db, id)?
                    && let Some(mut round) = self.round(db, time, &mut out)
                {
                    round.result(&order, failure.as_deref(), observed.as_ref(), restricted)?;
                }
            }
            Event::Screen { languages } => {
                let feeds = self.feed_states(db)?;
                let ruleset = self.in_force.as_ref().map(|in_force| &in_force.ruleset);
                out.screen = Some(screen::fill(db, ruleset, &feeds, time.wall_ms, &languages)?);
            }
        }
        Ok(out)
    }

    fn round<'a>(&'a self, db: &'a Connection, time: Time, out: &'a mut Directives) -> Option<Round<'a>> {
        let InForce {
            ruleset, incomplete, ..
        } = self.in_force.as_ref()?;
        Some(Round {
            db,
            ruleset,
            incomplete: *incomplete,
            time_ms: time.wall_ms,
            out,
        })
    }

    fn configure(
        &mut self,
        db: &Transaction<'_>,
        configuration: Configuration,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        let json = serde_json::to_string(&configuration)?;
        let feeds = configure::check(configuration)?;
        table::set_configuration(db, &json)?;
        let names = feeds.iter().map(Feed::name).collect();
        table::record(db, time.wall_ms, &audit::Event::Configured { feeds: names })?;
        self.feeds = feeds;
        self.updates.clear();
        self.compose(db)?;
        out.list_packages = self.in_force.is_some();
        self.refresh(db, time, out)
    }

    /// The process has started: what was under way is not any more.
    fn started(&mut self, db: &Transaction<'_>, time: Time, out: &mut Directives) -> Result<(), AgentError> {
        for order in table::orders(db)? {
            table::close_order(db, order.id)?;
            table::record(db, time.wall_ms, &audit::Event::Interrupted { id: order.id })?;
        }
        out.list_packages = self.in_force.is_some();
        self.refresh(db, time, out)
    }

    fn feed_states(&self, db: &Connection) -> Result<Vec<FeedState<'_>>, AgentError> {
        let state = |feed: &Feed| -> Result<(table::FeedHealth, Option<i64>), AgentError> {
            let health = table::feed_health(db, feed.name())?;
            let expires_ms = feed_table::load(db, &feed.identity)?
                .current_until()
                .map(|s| s.saturating_mul(1000));
            let warn_after = self
                .in_force
                .as_ref()
                .and_then(|f| f.policy_of(feed.name())?.staleness.as_ref());
            let warn_from_ms = warn_after.zip(health.checked_ms).map(|(staleness, checked)| {
                let after = i64::try_from(staleness.warn_after.seconds()).unwrap_or(i64::MAX);
                checked.saturating_add(after.saturating_mul(1000))
            });
            Ok((health, [expires_ms, warn_from_ms].into_iter().flatten().min()))
        };
        self.feeds
            .iter()
            .map(|feed| {
                let (health, stale_from_ms) = state(feed)?;
                Ok(FeedState {
                    name: feed.name(),
                    layer: self.in_force.as_ref().and_then(|f| f.place_of(feed.name())),
                    checked_ms: health.checked_ms,
                    stale_from_ms,
                    failure: health.failure,
                })
            })
            .collect()
    }
}
