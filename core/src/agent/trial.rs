//! The brake: files that verified come into force when it is known that they do not change too much on this phone.
//!
//! Why, and how a large change is confirmed: `docs/decisions/0016-the-brake.md`.

use std::borrow::Cow;

use rusqlite::Connection;
use sluis_policy::policy::{Effect, Limits};

use super::error::AgentError;
use super::in_force::{Files, InForce};
use super::last_known::LastKnown;
use super::message::{Argument, Directives, Message, Time};
use super::session::{Feed, Obeyed, Session};
use crate::audit::Event;
use crate::plan::floor::Floor;
use crate::policy::facts::{Inventory, PackageFacts};
use crate::policy::{Circumstances, Judge};
use crate::store::trial::{self as table, Held, Trial};
use crate::store::{StoreError, agent, feed as feed_table};

/// What would be in force with the newest files of a feed.
struct Newest<'a> {
    feed: &'a str,
    obeyed: Obeyed<'a>,
}

impl Files for Newest<'_> {
    fn file(&self, feed: &Feed, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        if feed.name() == self.feed {
            feed_table::file(self.obeyed.0, &feed.identity, name)
        } else {
            self.obeyed.file(feed, name)
        }
    }

    fn any(&self, feed: &Feed) -> Result<bool, StoreError> {
        self.obeyed.any(feed)
    }
}

impl Session {
    /// Whether a version before stands in the way of a feed's newest files. The first policy after enrolment is not
    /// braked, nor one that takes the place of files that cannot be read.
    pub(super) fn obeys(&self, feed: &str) -> bool {
        let readable = self.in_force.as_ref().filter(|in_force| !in_force.misses(feed));
        readable.is_some_and(|in_force| in_force.policy_of(feed).is_some())
    }

    /// Puts files that are on trial in force, unless they change too much on this phone.
    pub(super) fn try_out(
        &mut self,
        db: &Connection,
        time: Time,
        inventory: &Inventory,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        if inventory.packages.is_empty() {
            // A list that could not be read: it does not say what would change.
            return Ok(());
        }
        for feed in self.feeds.clone() {
            let Some(trial) = table::of(db, &feed.identity)? else {
                continue;
            };
            let newest = Newest {
                feed: feed.name(),
                obeyed: Obeyed(db),
            };
            let in_force = match InForce::compose(&self.feeds, Some(feed.name()), &newest)? {
                Ok(in_force) => in_force,
                Err(why) => {
                    // They could be composed when they came: another feed has taken their layer since.
                    let args = [Argument::Text(feed.name().to_owned()), Argument::Text(why)];
                    out.notices.push(Message::new("notice_feed_refused", args));
                    continue;
                }
            };
            let is_braked = self.obeys(feed.name());
            if in_force.consults_manifests() && !self.want_manifests(out) && is_braked {
                // This list does not show yet all that would change.
                continue;
            }
            match self.too_much(db, time, &feed, &in_force, inventory)? {
                None => {
                    table::end(db, &feed.identity)?;
                    self.put_in_force(db, &feed.identity, in_force, time, out)?;
                }
                Some(held) => hold(db, time, (&feed, trial, held), &in_force, out)?,
            }
        }
        Ok(())
    }

    /// That a feed's newest files change too much, if they do.
    fn too_much(
        &self,
        db: &Connection,
        time: Time,
        feed: &Feed,
        newest: &InForce,
        inventory: &Inventory,
    ) -> Result<Option<Held>, AgentError> {
        let obeyed = self
            .in_force
            .as_ref()
            .filter(|_| self.obeys(feed.name()))
            .and_then(|in_force| Some((in_force, in_force.policy_of(feed.name())?)));
        let (Some((obeyed, before)), Some(after)) = (obeyed, newest.policy_of(feed.name())) else {
            return Ok(None);
        };
        let Limits {
            max_changes,
            confirmed,
        } = before.limits.unwrap_or_default();
        if after.limits.and_then(|limits| limits.confirmed) > confirmed {
            return Ok(None);
        }
        // A grant counts as far as the policy beside which it is read says.
        let members = self.members_under(&newest.ruleset);
        let (before, after) = (
            self.circumstances(db, time, obeyed)?,
            Circumstances {
                groups: &members,
                ..self.circumstances(db, time, newest)?
            },
        );
        let (mut before_in_the_end, mut after_in_the_end) = (before.clone(), after.clone());
        before_in_the_end.wall_ms = Circumstances::IN_THE_END_MS;
        after_in_the_end.wall_ms = Circumstances::IN_THE_END_MS;
        let changes = Changes {
            now: (obeyed.ruleset.at(&before), newest.ruleset.at(&after)),
            in_the_end: (
                obeyed.ruleset.at(&before_in_the_end),
                newest.ruleset.at(&after_in_the_end),
            ),
        };
        let changes = changes.count(db, inventory)?;
        let limited = max_changes.apps();
        Ok((changes > limited).then_some(Held {
            changes: changes as u64,
            limited: limited as u64,
            since_ms: time.wall_ms,
        }))
    }
}

/// Two versions on one phone, the one before and the one after: now, and when all that they say has begun.
struct Changes<'a> {
    now: (Judge<'a>, Judge<'a>),
    in_the_end: (Judge<'a>, Judge<'a>),
}

impl Changes<'_> {
    /// How many apps the version after forbids, now or in the end, that the one before leaves alone then.
    fn count(&self, db: &Connection, inventory: &Inventory) -> Result<usize, AgentError> {
        let Inventory { packages, roles } = inventory;
        let mut changed = Vec::new();
        for package in packages {
            let known = agent::app(db, &package.name)?;
            let facts = match &known {
                Some(app) => LastKnown::of(app)?.fill(package),
                None => Cow::Borrowed(package),
            };
            if newly_denied(&self.now, &facts) || newly_denied(&self.in_the_end, &facts) {
                changed.push(facts);
            }
        }
        // What the safety floor protects stays as it is, whatever a version says.
        let floor = Floor::new(roles, |name: &str| {
            changed.iter().any(|package| package.name == name)
        });
        let reached = changed.iter().filter(|package| floor.clause(package).is_none());
        Ok(reached.count())
    }
}

fn newly_denied((before, after): &(Judge<'_>, Judge<'_>), package: &PackageFacts) -> bool {
    let denies = |judge: &Judge<'_>| judge.evaluate(package).effect == Effect::Deny;
    denies(after) && !denies(before)
}

/// Leaves the version before in force. The log says so once of each version.
fn hold(
    db: &Connection,
    time: Time,
    (feed, trial, held): (&Feed, Trial, Held),
    in_force: &InForce,
    out: &mut Directives,
) -> Result<(), AgentError> {
    let since_ms = match trial {
        Trial::Held(before) => before.since_ms,
        Trial::Open => held.since_ms,
    };
    table::hold(db, &feed.identity, Held { since_ms, ..held })?;
    if trial != Trial::Open {
        return Ok(());
    }
    let files = table::newest(db, &feed.identity)?;
    let event = Event::HeldBack {
        feed: feed.name(),
        layer: in_force
            .policy_of(feed.name())
            .map(|policy| policy.layer.as_str())
            .unwrap_or_default(),
        files: files
            .iter()
            .map(|(name, digest)| (name.as_str(), *digest))
            .collect(),
        changes: held.changes,
        limited: held.limited,
    };
    agent::record(db, time.wall_ms, &event)?;
    let args = [
        Argument::Text(feed.name().to_owned()),
        Argument::Count(held.changes),
    ];
    out.notices.push(Message::new("notice_policy_held_back", args));
    Ok(())
}
