//! What is remembered of new versions of the agent: what was tried, what came of it, and when it may be tried again.

use rusqlite::Transaction;
use sluis_policy::values::Digest;

use super::error::AgentError;
use super::message::{Argument, Directives, Message, Time};
use super::self_update::is_update;
use super::session::Feed;
use crate::audit::Event;
use crate::feed::{Offer, hex};
use crate::store::agent::{self as table, Order};
use crate::store::agent_update::{self as offers, Offered};

/// How long to wait before what came to nothing is fetched once more; doubled each time, up to a week. A little less than
/// the time between two checks, so that the first retry is one check later.
const RETRY_MS: i64 = 3 * 3_600_000;
const LONGEST_WAIT_MS: i64 = 7 * 24 * 3_600_000;

/// The process that was to see the result is gone, and the version before runs still.
pub(super) fn interrupted(
    db: &Transaction<'_>,
    order: &Order,
    time: Time,
    out: &mut Directives,
) -> Result<(), AgentError> {
    failed(
        db,
        order,
        "the process ended before there was a result",
        time,
        out,
    )
}

pub(super) fn concerns(order: &Order, offered: &Offered) -> bool {
    is_update(order)
        && offered
            .sha256
            .is_some_and(|sha256| hex::encode(&sha256) == order.subject)
}

pub(super) fn settled(
    db: &Transaction<'_>,
    order: &Order,
    done: bool,
    failure: Option<&str>,
    time: Time,
) -> Result<(), AgentError> {
    let event = Event::Result {
        id: order.id,
        action: &order.kind,
        subject: &order.subject,
        done,
        failure,
    };
    Ok(table::record(db, time.wall_ms, &event)?)
}

pub(super) fn failed(
    db: &Transaction<'_>,
    order: &Order,
    why: &str,
    time: Time,
    out: &mut Directives,
) -> Result<(), AgentError> {
    let known = offers::offers(db)?;
    match known.into_iter().find(|offered| concerns(order, offered)) {
        Some(offered) => {
            let feed = offered.feed.clone();
            refused(db, &feed, Some(offered), why, time, out)
        }
        None => Ok(()),
    }
}

pub(super) fn offered_by(db: &Transaction<'_>, feed: &str) -> Result<Option<Offered>, AgentError> {
    Ok(offers::offers(db)?
        .into_iter()
        .find(|offered| offered.feed == feed))
}

/// An offer of which nothing is known yet.
pub(super) fn described(feed: &Feed, offer: &Offer) -> Offered {
    Offered {
        feed: feed.name().to_owned(),
        sha256: Some(offer.sha256),
        version_code: offer.release.as_ref().map(|release| release.version_code),
        attempts: 0,
        tried_ms: 0,
        failure: None,
    }
}

/// Whether these bytes came to nothing so short a time ago that they wait, from whichever feed they come.
pub(super) fn waits(db: &Transaction<'_>, offer: &Offer, time: Time) -> Result<bool, AgentError> {
    let waits = |known: &Offered| {
        let Some(before) = known.attempts.checked_sub(1) else {
            return false;
        };
        let wait = (RETRY_MS << before.min(8)).min(LONGEST_WAIT_MS);
        // A clock that was set back in between makes nobody wait for longer.
        let since = time.wall_ms.saturating_sub(known.tried_ms);
        (0..wait).contains(&since)
    };
    let known = offers::offers(db)?.into_iter();
    let mut same = known.filter(|known| known.sha256 == Some(offer.sha256));
    Ok(same.any(|known| waits(&known)))
}

/// Written down before the fetch: one that ends the process counts, too.
pub(super) fn begun(db: &Transaction<'_>, feed: &Feed, offer: &Offer, time: Time) -> Result<(), AgentError> {
    let known = offered_by(db, feed.name())?.filter(|known| known.sha256 == Some(offer.sha256));
    let mut offered = known.unwrap_or_else(|| described(feed, offer));
    offered.attempts = offered.attempts.saturating_add(1);
    offered.tried_ms = time.wall_ms;
    Ok(offers::set_offer(db, &offered)?)
}

/// Remembers why an offer came to nothing. What is said again and again fills no log.
pub(super) fn refused(
    db: &Transaction<'_>,
    feed: &str,
    offered: Option<Offered>,
    why: &str,
    time: Time,
    out: &mut Directives,
) -> Result<(), AgentError> {
    let offered = offered.unwrap_or_else(|| Offered {
        feed: feed.to_owned(),
        sha256: None,
        version_code: None,
        attempts: 0,
        tried_ms: 0,
        failure: None,
    });
    say_refused(out, feed, why);
    if offered.failure.as_deref() == Some(why) {
        return Ok(());
    }
    let event = Event::AgentRefused {
        feed,
        version_code: offered.version_code,
        sha256: offered.sha256.map(Digest),
        why,
    };
    table::record(db, time.wall_ms, &event)?;
    let failure = Some(why.to_owned());
    Ok(offers::set_offer(db, &Offered { failure, ..offered })?)
}

pub(super) fn say_refused(out: &mut Directives, feed: &str, why: &str) {
    let args = [feed, why].map(|text| Argument::Text(text.to_owned()));
    out.notices.push(Message::new("notice_agent_refused", args));
}
