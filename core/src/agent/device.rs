//! The switches of the phone itself: which are to be on, and which orders bring that about.

use std::collections::BTreeMap;

use rusqlite::Connection;
use sluis_policy::policy::Installs;

use super::error::AgentError;
use super::message::{Step, Time};
use super::reconcile::Round;
use super::session::Session;
use crate::plan::device::{NO_INSTALLS, wanted};
use crate::store::device as table;
use crate::store::{agent, feed as feed_table};

/// How long installing is open for updates.
const WINDOW_MS: i64 = 2 * 3_600_000;
/// How often it is.
const BETWEEN_WINDOWS_MS: i64 = 24 * 3_600_000;
/// A switch that the phone did not take is tried again after so long: nothing changes by trying at every look.
const AGAIN_MS: i64 = 24 * 3_600_000;

/// What is known of the phone itself when it is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings {
    /// The phone's API level.
    pub(super) api: u32,
    /// A feed has been silent for longer than its policy bears.
    pub(super) silent: bool,
}

impl Round<'_> {
    /// Brings the phone's switches to what policy wants.
    pub(super) fn restrict(&mut self, surroundings: Surroundings) -> Result<(), AgentError> {
        let mut device = self.judge.ruleset().device();
        if surroundings.silent {
            device.installs = Installs::Closed;
        }
        let mut wanted = wanted(&device, surroundings.api);
        if device.installs == Installs::Closed && is_open(self.db, self.time_ms)? {
            wanted.remove(NO_INSTALLS);
        } else if device.installs != Installs::Closed {
            table::forget_window(self.db)?;
        }
        let set: BTreeMap<String, Option<String>> = agent::restrictions(self.db)?.into_iter().collect();
        let refused = table::refused(self.db)?;
        let mut steps = Vec::new();
        for (name, values) in &wanted {
            let value = serde_json::to_string(values)?;
            let as_before = |tried: &table::Refused| {
                let since = self.time_ms.saturating_sub(tried.at_ms);
                tried.value == value && (0..AGAIN_MS).contains(&since)
            };
            let is_set = match set.get(*name) {
                // Another list might be a milder one: the layer that cannot be read may be the one that made it.
                Some(Some(recorded)) => self.incomplete || *recorded == value,
                // A value that was lost with the store is set anew.
                Some(None) | None => false,
            };
            if !is_set && !refused.get(*name).is_some_and(as_before) {
                steps.push(Step::Restrict {
                    restriction: (*name).to_owned(),
                    values: values.clone(),
                });
            }
        }
        // The layer that cannot be read may be the one that wants it.
        if !self.incomplete {
            let lifted = set.keys().filter(|name| !wanted.contains_key(name.as_str()));
            steps.extend(lifted.map(|name| Step::Unrestrict {
                restriction: name.clone(),
            }));
            for name in refused.keys().filter(|name| !wanted.contains_key(name.as_str())) {
                table::forget_refused(self.db, name)?;
            }
        }
        self.order(steps)
    }
}

/// Whether installing is open for updates at this moment, while policy closes it. Whoever sets the clock gets a window
/// sooner; what arrives in it is judged like any other.
fn is_open(db: &Connection, now_ms: i64) -> Result<bool, AgentError> {
    let since = table::window_opened_ms(db)?.map(|opened| now_ms.saturating_sub(opened));
    match since {
        Some(since) if (0..BETWEEN_WINDOWS_MS).contains(&since) => Ok(since < WINDOW_MS),
        Some(BETWEEN_WINDOWS_MS..) => {
            table::set_window(db, now_ms)?;
            Ok(true)
        }
        // It was closed just now, or the clock was ahead: as if a window had ended just now.
        None | Some(_) => {
            table::set_window(db, now_ms.saturating_sub(WINDOW_MS))?;
            Ok(false)
        }
    }
}

/// When installing is opened or closed next without news, where policy closes it.
pub(super) fn next_window_change_ms(db: &Connection, now_ms: i64) -> Result<Option<i64>, AgentError> {
    let Some(opened_ms) = table::window_opened_ms(db)? else {
        return Ok(None);
    };
    let moments = [WINDOW_MS, BETWEEN_WINDOWS_MS].map(|after| opened_ms.saturating_add(after));
    Ok(moments.into_iter().find(|moment| *moment > now_ms))
}

impl Session {
    /// Whether a feed has been silent for longer than its policy bears. What was once found out holds until the feed
    /// speaks: a clock set back ends no restriction.
    pub(super) fn silence(&self, db: &Connection, time: Time) -> Result<bool, AgentError> {
        let Some(in_force) = &self.in_force else {
            return Ok(false);
        };
        let mut silent = false;
        for feed in &self.feeds {
            let policy = in_force.policy_of(feed.name());
            let borne = policy.and_then(|policy| policy.staleness.as_ref()?.restrict_after);
            let (Some(borne), Some(checked_ms)) = (borne, agent::feed_health(db, feed.name())?.checked_ms)
            else {
                continue;
            };
            // The feed's own clock. If it was last heard in a future as far away, the phone's clock was wrong then, and
            // nobody knows how long ago that was.
            let now_ms = feed_table::clock(db, &feed.identity)?.now_ms(time);
            if now_ms.saturating_sub(checked_ms).saturating_abs() >= borne.ms() {
                table::set_silent(db, feed.name(), now_ms)?;
            }
            silent |= table::is_silent(db, feed.name())?;
        }
        Ok(silent)
    }
}
