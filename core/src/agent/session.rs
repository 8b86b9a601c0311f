//! One event at a time: what the agent keeps in memory, and what it does with an event within one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rusqlite::{Connection, Transaction};
use sluis_policy::values::Digest;

use super::configure;
use super::device::Surroundings;
use super::error::AgentError;
use super::grants::{self, Held};
use super::in_force::{Files, InForce};
use super::judging;
use super::message::{Configuration, Directives, Event, FetchOutcome, Installed, Time};
use super::offers::interrupted;
use super::reconcile::{Caution, Round};
use super::recover::files_were_lost;
use super::screen::{self, FeedState};
use super::self_update::{is_update, opens_installing};
use super::settle::claim;
use crate::audit;
use crate::feed::{Answer, FeedIdentity, Lookup, Update};
use crate::grant::Given;
use crate::plan::device::LOWEST_API;
use crate::policy::{Circumstances, Floors, Membership, Past, Ruleset};
use crate::store::StoreError;
use crate::store::agent as table;
use crate::store::device;
use crate::store::grants::PhoneId;
use crate::store::recovery::{self, Recovery};
use crate::store::trial::{self, Trial};
use crate::store::{feed as feed_table, past as past_table};

/// A feed that this phone obeys.
#[derive(Debug, Clone)]
pub(super) struct Feed {
    pub(super) identity: FeedIdentity,
    /// Ends in `/`.
    pub(super) url: String,
    /// The root that configuration gives itself; else it is fetched and must be the one that `identity` names.
    pub(super) root: Option<Vec<u8>>,
}

impl Feed {
    pub(super) fn name(&self) -> &str {
        &self.identity.name
    }
}

/// What the phone obeys: what the store has of feeds, but for what is on trial.
pub(super) struct Obeyed<'a>(pub(super) &'a Connection);

impl Files for Obeyed<'_> {
    fn file(&self, feed: &Feed, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        trial::obeyed_file(self.0, &feed.identity, name)
    }

    fn any(&self, feed: &Feed) -> Result<bool, StoreError> {
        Ok(feed_table::has_files(self.0, feed.name())? || files_were_lost(self.0, feed.name())?)
    }
}

/// What the agent keeps in memory; all of it but updates under way can be read back from the store.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// The feeds that this phone obeys, baseline first.
    pub(super) feeds: Vec<Feed>,
    /// Their policies; `None` before the first.
    pub(super) in_force: Option<Arc<InForce>>,
    /// The last time that the store was made anew, if it ever was.
    pub(super) recovery: Option<Recovery>,
    /// Updates under way, by feed.
    pub(super) updates: BTreeMap<String, Update>,
    /// What happened on this phone before, as far as verdicts depend on it.
    pub(super) past: Past,
    /// What this phone is called.
    pub(super) phone: Option<PhoneId>,
    /// The grants on record.
    pub(super) held: Vec<Held>,
    /// The groups in which they put this phone under the policies in force.
    pub(super) members: Vec<Membership>,
    /// The grants that this process has refused and told the log of.
    pub(super) refused_grants: BTreeSet<Digest>,
    /// The app that carries this core, once the shell has told.
    pub(super) installed: Option<Installed>,
    /// Looks for a new version of it under way, by feed.
    pub(super) looks: BTreeMap<String, Lookup>,
    /// The feed whose agent is being fetched.
    pub(super) fetching_from: Option<String>,
    /// The shell was told to read what is in manifests.
    pub(super) manifests: bool,
    /// What the last process left in the journal was dealt with.
    resumed: bool,
}

impl Session {
    /// Reads back what the store holds.
    pub(super) fn load(db: &Connection) -> Result<Self, AgentError> {
        let feeds = match table::configuration(db)? {
            // It was right when it was stored.
            Some(json) => configure::check(serde_json::from_str(&json)?)
                .map_err(|error| StoreError::Corrupt(error.to_string()))?,
            None => Vec::new(),
        };
        let mut session = Self {
            feeds,
            recovery: recovery::read(db)?,
            past: past_table::load(db)?,
            phone: judging::phone(db)?,
            held: grants::load(db)?,
            ..Self::default()
        };
        session.compose(db)?;
        Ok(session)
    }

    /// The same process, with what the store holds: updates under way are begun anew at the next refresh.
    pub(super) fn reload(db: &Connection, resumed: bool) -> Result<Self, AgentError> {
        Ok(Self::load(db)?.having_resumed(resumed))
    }

    /// The same, in a process that has dealt with what the last one left, or has not yet.
    pub(super) fn having_resumed(self, resumed: bool) -> Self {
        Self { resumed, ..self }
    }

    /// The same, in the app that another session was told of: the shell tells once in a process.
    pub(super) fn in_the_app_of(self, other: &Self) -> Self {
        Self {
            installed: other.installed.clone(),
            ..self
        }
    }

    /// Whether what the last process left in the journal was dealt with.
    pub(super) fn resumed(&self) -> bool {
        self.resumed
    }

    fn compose(&mut self, db: &Connection) -> Result<(), AgentError> {
        // No feed is fresh, so nothing can be refused: what cannot be read is left out.
        let composed = InForce::compose(&self.feeds, None, &Obeyed(db))?;
        self.in_force = composed
            .ok()
            .filter(|in_force| !in_force.is_empty() || in_force.incomplete())
            .map(Arc::new);
        self.regroup();
        Ok(())
    }

    /// Handles one event.
    pub(super) fn handle(
        &mut self,
        db: &Transaction<'_>,
        time: Time,
        event: &Event,
        body: Option<&[u8]>,
    ) -> Result<Directives, AgentError> {
        let mut out = Directives::default();
        let lost = self.tell_of_recovery(db, time, &mut out)?;
        match event {
            Event::Configure { configuration } => {
                self.configure(db, configuration.clone(), time, &mut out)?
            }
            Event::Reconfigure { configuration } => {
                if self.feeds.is_empty() {
                    self.forgot_its_feeds(db, time, &mut out)?;
                    self.configure(db, configuration.clone(), time, &mut out)?;
                }
            }
            Event::Agent { installed } => self.agent_is(db, installed, time, &mut out)?,
            Event::Started {} => self.started(db, time, &mut out)?,
            Event::Refresh {} => {
                // At least daily the whole phone is looked at, news or not.
                out.list_packages = self.in_force.is_some();
                self.refresh(db, time, &mut out)?;
            }
            Event::Fetched { feed, url, outcome } => {
                let answer = match outcome {
                    FetchOutcome::Body {} => Answer::Body(body.unwrap_or_default()),
                    FetchOutcome::Missing {} => Answer::Missing,
                    FetchOutcome::TooLong {} => Answer::TooLong,
                    FetchOutcome::Failed { message } => Answer::Failed(message.clone()),
                };
                if !self.fetched_for_agent(db, (feed, url), &answer, time, &mut out)? {
                    self.fetched(db, (feed, url), &answer, time, &mut out)?;
                }
            }
            Event::Phone { id } => self.identified(db, *id, time, &mut out)?,
            Event::Bundle { languages } => {
                let body = body.unwrap_or_default();
                match Given::recognise(body) {
                    Some(given) => self.grant(db, given, languages, time, &mut out)?,
                    None => self.bundle(db, body, languages, time, &mut out)?,
                }
            }
            Event::Inventory { inventory, api } => {
                self.try_out(db, time, inventory, &mut out)?;
                self.obey(db, time, inventory)?;
                let surroundings = Surroundings {
                    api: api.unwrap_or(LOWEST_API),
                    silent: self.silence(db, time)?,
                };
                let whole = self.reconcile(db, time, &mut out, |round| {
                    round.inventory(inventory, surroundings)
                })?;
                if whole.is_some() {
                    self.schedule(db, time, &mut out)?;
                }
                if whole == Some(true) && self.recovering() {
                    self.recovered(db)?;
                }
            }
            Event::PackageChanged { name, facts, roles } => {
                self.reconcile(db, time, &mut out, |round| match facts {
                    Some(facts) => round.changed(facts, roles),
                    None => round.left(name),
                })?;
            }
            Event::ActionResult {
                id,
                failure,
                observed,
                restricted,
            } => {
                // A result that comes twice, or after a restart, finds no order and changes nothing.
                let order = table::close_order(db, *id)?;
                if let Some(order) = order.as_ref().filter(|order| is_update(order)) {
                    self.agent_result(db, order, failure.as_deref(), time, &mut out)?;
                } else if let Some(order) = order {
                    let settle = |round: &mut Round<'_>| {
                        round.result(&order, failure.as_deref(), observed.as_ref(), *restricted)
                    };
                    if self.reconcile(db, time, &mut out, settle)?.is_none() {
                        self.settle_without_policy(db, time, &mut out, settle)?;
                    }
                    if opens_installing(&order) {
                        self.installing_was_opened(db, time, &mut out)?;
                    }
                }
            }
            Event::Screen { languages } => {
                let feeds = self.feed_states(db, time)?;
                let mut screen = screen::fill(db, self.in_force.as_deref(), &feeds, languages)?;
                screen.warnings.splice(0..0, self.recovery_warning(time));
                screen.warnings.extend(self.agent_warnings(db)?);
                self.show_phone(db, &mut screen, languages, time)?;
                out.screen = Some(screen);
            }
        }
        self.tell_of_grants(db, time, &mut out)?;
        if self
            .in_force
            .as_ref()
            .is_some_and(|in_force| in_force.consults_manifests())
        {
            self.want_manifests(&mut out);
        }
        out.manifests = self.manifests;
        // What was lost is asked for at once, whatever it was that happened first.
        if lost && out.fetches.is_empty() {
            self.refresh(db, time, &mut out)?;
            out.configuration_wanted = self.feeds.is_empty();
        }
        Ok(out)
    }

    /// Has the shell read what is in manifests, until the process ends, and list the packages with it. The answer says
    /// whether it did so already.
    pub(super) fn want_manifests(&mut self, out: &mut Directives) -> bool {
        let before = std::mem::replace(&mut self.manifests, true);
        out.list_packages |= !before;
        before
    }

    /// What was done was done, also where no policy is in force, or none yet; it is no ground to undo it.
    fn settle_without_policy(
        &self,
        db: &Connection,
        time: Time,
        out: &mut Directives,
        settle: impl FnOnce(&mut Round<'_>) -> Result<(), AgentError>,
    ) -> Result<(), AgentError> {
        let Ok(none) = Ruleset::compile(Vec::new()) else {
            return Ok(());
        };
        let circumstances = Circumstances {
            wall_ms: time.wall_ms,
            floors: Floors::Signed(Vec::new()),
            phone: self.phone.map(|phone| phone.digest),
            groups: &[],
            past: &self.past,
        };
        let judge = none.at(&circumstances);
        settle(&mut Round::new(
            db,
            &judge,
            Caution::INCOMPLETE,
            time.wall_ms,
            out,
        )?)
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
        if table::configuration(db)?.as_ref() != Some(&json) {
            table::set_configuration(db, &json)?;
            let gone = |before: &&Feed| !feeds.iter().any(|feed| feed.identity == before.identity);
            let event = audit::Event::Configured {
                feeds: feeds.iter().map(Feed::name).collect(),
                removed: self.feeds.iter().filter(gone).map(Feed::name).collect(),
            };
            table::record(db, time.wall_ms, &event)?;
            self.feeds = feeds;
            self.updates.clear();
            (self.looks, self.fetching_from) = (BTreeMap::new(), None);
            self.compose(db)?;
        }
        out.list_packages = self.in_force.is_some();
        self.refresh(db, time, out)
    }

    /// The process has started. Boot, unlock and the service each say so: what the last process left under way is
    /// given up once, and an update that this one has under way goes on.
    fn started(&mut self, db: &Transaction<'_>, time: Time, out: &mut Directives) -> Result<(), AgentError> {
        if !self.resumed {
            for order in table::orders(db)? {
                table::close_order(db, order.id)?;
                if order.kind == "restrict" {
                    // It may be on: then it is Sluis's to set anew or to lift.
                    table::set_restriction(db, &order.subject, None)?;
                }
                // It may have been carried out all the same; the next inventory tells.
                if let Some(mut app) = table::app(db, &order.subject)? {
                    app.hold = claim(app.hold, &order.kind);
                    table::set_app(db, &app)?;
                }
                table::record(db, time.wall_ms, &audit::Event::Interrupted { id: order.id })?;
                if is_update(&order) {
                    interrupted(db, &order, time, out)?;
                }
            }
            self.resumed = true;
        }
        out.list_packages = self.in_force.is_some();
        out.configuration_wanted = self.feeds.is_empty();
        if self.updates.is_empty() {
            self.refresh(db, time, out)
        } else {
            Ok(())
        }
    }

    fn feed_states(&self, db: &Connection, time: Time) -> Result<Vec<FeedState<'_>>, AgentError> {
        let state = |feed: &Feed| -> Result<(table::FeedHealth, bool), AgentError> {
            let health = table::feed_health(db, feed.name())?;
            let trusted = feed_table::load(db, &feed.identity)?;
            let expires_ms = trusted.current_until().map(|s| s.saturating_mul(1000));
            let warn_after = self
                .in_force
                .as_ref()
                .and_then(|f| f.policy_of(feed.name())?.staleness.as_ref());
            let warn_from_ms = warn_after.zip(health.checked_ms).map(|(staleness, checked)| {
                let after = i64::try_from(staleness.warn_after.seconds()).unwrap_or(i64::MAX);
                checked.saturating_add(after.saturating_mul(1000))
            });
            // The feed's own clock: setting the phone's back makes nothing fresh.
            let now_ms = trusted.clock().now_ms(time);
            let stale_from_ms = [expires_ms, warn_from_ms].into_iter().flatten().min();
            Ok((health, stale_from_ms.is_some_and(|from| from <= now_ms)))
        };
        self.feeds
            .iter()
            .map(|feed| {
                let (health, stale) = state(feed)?;
                // A feed that was checked before and is merely old is stale; nobody refused anything.
                let old = health.expired && health.checked_ms.is_some();
                Ok(FeedState {
                    name: feed.name(),
                    layer: self.in_force.as_ref().and_then(|f| f.place_of(feed.name())),
                    checked_ms: health.checked_ms,
                    stale: stale || old,
                    failure: health.failure.filter(|_| !old),
                    held_back: match trial::of(db, &feed.identity)? {
                        Some(Trial::Held(held)) => Some(held.changes),
                        Some(Trial::Open) | None => None,
                    },
                    silent: device::is_silent(db, feed.name())?,
                })
            })
            .collect()
    }
}
