//! Snapshot and timestamp: made anew with each publication, by the machine that keeps a feed fresh.

use serde_json::{Value, json};
use sluis_core::feed::rfc3339;

use super::authority::{Authority, View};
use super::desk::{Desk, is_targets};
use super::keys::PublicKey;
use super::metadata::{self, Draft, SNAPSHOT, TIMESTAMP};
use crate::failure::Failure;

/// Signed issue times, from which phones learn the time.
const ISSUED: &str = "x-sluis-issued";
/// After this many days without a publication somebody has to say that the clock is right: a time that phones once
/// learnt they never unlearn, but by a new timestamp key.
const LONGEST_PAUSE_DAYS: i64 = 400;

/// How to publish.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// Seconds since 1970.
    pub(super) now: i64,
    /// Days for which the new snapshot and timestamp hold, where somebody says so now.
    pub(super) snapshot_days: Option<i64>,
    pub(super) timestamp_days: Option<i64>,
    /// Also when nothing that is staged asks for it.
    pub(super) new_timestamp: bool,
    /// The clock is right, however long the feed has rested.
    pub(super) clock_is_right: bool,
    /// Also a policy in which lint finds errors.
    pub(super) with_errors: bool,
}

impl Terms {
    /// As the feed says, at this time.
    pub(super) fn at(now: i64) -> Self {
        Self {
            now,
            snapshot_days: None,
            timestamp_days: None,
            new_timestamp: false,
            clock_is_right: false,
            with_errors: false,
        }
    }
}

/// Which of the two get a new version when these staged roles are published, in the order in which they are made.
pub(super) fn wanted(desk: &Desk, chosen: &[String], terms: Terms) -> Result<Vec<&'static str>, Failure> {
    if chosen.is_empty() && desk.published.is_none() {
        return Ok(Vec::new());
    }
    let view = desk.view_with(&|role| chosen.iter().any(|name| name == role))?;
    if view.targets().is_empty() {
        return Ok(Vec::new());
    }
    let lists_change = chosen.iter().any(|role| is_targets(role)) || is_outdated(desk, &view, SNAPSHOT)?;
    if !lists_change && !terms.new_timestamp && !is_outdated(desk, &view, TIMESTAMP)? {
        return Ok(Vec::new());
    }
    // A timestamp does not outlive what it points to.
    let timestamp_expires = desk.expiry(TIMESTAMP, terms.timestamp_days, terms.now)?;
    let snapshot = desk.get_published(SNAPSHOT);
    let expires_first = snapshot.is_none_or(|snapshot| snapshot.expires() < timestamp_expires);
    Ok(match lists_change || expires_first {
        true => vec![SNAPSHOT, TIMESTAMP],
        false => vec![TIMESTAMP],
    })
}

/// When a version of one of the two that is made now expires. Seconds since 1970.
pub(super) fn expiry(desk: &Desk, role: &str, terms: Terms) -> Result<i64, Failure> {
    let days = match role {
        SNAPSHOT => terms.snapshot_days,
        _ => terms.timestamp_days,
    };
    desk.expiry(role, days, terms.now)
}

/// A new snapshot or timestamp that lists these, unsigned; or the one that is staged already and lists the same, with
/// its signatures.
pub(super) fn draft(desk: &Desk, role: &str, new: &[Draft], terms: Terms) -> Result<Draft, Failure> {
    let meta = match role {
        SNAPSHOT => all_targets(desk, new)?,
        _ => the_snapshot(desk, new)?,
    };
    if let Some(staged) = desk.get_staged(role)
        && staged.get("meta") == Some(&meta)
        && staged.expires() > terms.now
        && staged.moment(ISSUED).is_none_or(|issued| issued <= terms.now)
    {
        return Ok(staged.clone());
    }
    let expires = expiry(desk, role, terms)?;
    let published = desk.get_published(role).map(Draft::successor);
    let mut draft = published.unwrap_or_else(|| Draft::new(role, expires, []));
    draft.set("expires", rfc3339::format(expires).into());
    draft.set("meta", meta);
    if role == TIMESTAMP {
        draft.set(ISSUED, rfc3339::format(terms.now).into());
    }
    Ok(draft)
}

/// What was listed once stays listed (TUF 5.5.5).
fn all_targets(desk: &Desk, new: &[Draft]) -> Result<Value, Failure> {
    let published = desk.get_published(SNAPSHOT);
    let mut meta = published
        .map(|snapshot| snapshot.object("meta"))
        .unwrap_or_default();
    for draft in new.iter().filter(|draft| is_targets(draft.role())) {
        meta.insert(format!("{}.json", draft.role()), metadata::listing(draft)?);
    }
    Ok(meta.into())
}

fn the_snapshot(desk: &Desk, new: &[Draft]) -> Result<Value, Failure> {
    let snapshot = new.iter().find(|draft| draft.role() == SNAPSHOT);
    let snapshot = snapshot.or_else(|| desk.get_published(SNAPSHOT));
    let snapshot = snapshot.ok_or_else(|| Failure::file(&desk.folder, "there is no snapshot to point to"))?;
    Ok(json!({ "snapshot.json": metadata::listing(snapshot)? }))
}

/// Whether a role has to sign anew since its keys are others: one of them may not sign any more.
fn is_outdated(desk: &Desk, view: &View<'_>, role: &str) -> Result<bool, Failure> {
    let (Some(draft), Some(_)) = (desk.get_published(role), &desk.published) else {
        return Ok(true);
    };
    let before = desk.view_with(&|_| false)?.authorities(role);
    let now = view.authorities(role);
    let kept = |key: &PublicKey| now.iter().flat_map(Authority::keys).any(|other| other.is(key));
    Ok(!view.vouches_for(draft)? || !before.iter().flat_map(Authority::keys).all(kept))
}

/// Phones refuse a timestamp that was issued before the last one, and believe one that is issued after it.
pub(super) fn check_clock(desk: &Desk, chosen: &[String], terms: Terms) -> Result<(), Failure> {
    let Some(timestamp) = desk.get_published(TIMESTAMP) else {
        return Ok(());
    };
    // A new timestamp key clears what the old one said of the time (TUF 5.3.11).
    let view = desk.view_with(&|role| chosen.iter().any(|name| name == role))?;
    let last = if is_outdated(desk, &view, TIMESTAMP)? {
        None
    } else {
        timestamp.moment(ISSUED)
    };
    let Some(last) = last else { return Ok(()) };
    let (said, clock) = (rfc3339::format(last), rfc3339::format(terms.now));
    if last > terms.now {
        return Err(Failure::unusable(format!(
            "the feed was last published at {said}, but this machine's clock says {clock}: set the clock right. If it was \
             wrong then, exchange the timestamp key: `sluis feed rotate {} timestamp`",
            desk.folder.display()
        )));
    }
    if terms.now - last > LONGEST_PAUSE_DAYS * rfc3339::SECONDS_IN_DAY && !terms.clock_is_right {
        return Err(Failure::unusable(format!(
            "the feed was last published at {said}, and this machine's clock says {clock}. Phones learn the time from a \
             publication and never forget it: if the clock is right, say --clock-is-right, else set it right"
        )));
    }
    Ok(())
}
