//! Looks at a publication as phones would: one that is new, and one that has followed this feed.

use std::collections::BTreeMap;

use sluis_core::agent::message::Time;
use sluis_core::feed::{
    Answer, FeedError, FeedIdentity, Next, Outcome, Reason, Role, TrustedState, Update, hex,
};

use super::desk::Desk;
use super::metadata::{Draft, ROOT, TIMESTAMP};
use super::{repository, sha256};
use crate::failure::Failure;

/// Runs the phone's client over the feed as it will be once these are published.
pub(super) fn verify(desk: &Desk, drafts: &[Draft], now: i64) -> Result<(), Failure> {
    let mut files = BTreeMap::new();
    for draft in drafts {
        files.insert(draft.path(), draft.to_bytes()?);
    }
    let first_root = files.get("1.root.json").map(|bytes| sha256(bytes));
    let pin = desk
        .published
        .as_ref()
        .map(|published| published.pin.clone())
        .or(first_root);
    let pin = pin.as_deref().and_then(hex::decode_exact);
    let feed = FeedIdentity {
        name: desk.folder.display().to_string(),
        root_sha256: pin.ok_or_else(|| Failure::file(&desk.folder, "there is no first root"))?,
    };
    // How a phone stands that saw the last publication when it was fresh.
    let last = desk
        .get_published(TIMESTAMP)
        .and_then(|timestamp| timestamp.moment("x-sluis-issued"));
    let published = |path: &str| repository::read_optional(&desk.folder.join(path));
    let (_, followed) = run(&feed, TrustedState::default(), last.unwrap_or(now), published)?;

    let publishes =
        drafts.iter().any(|draft| draft.role() != ROOT) || desk.get_published(TIMESTAMP).is_some();
    for trusted in [TrustedState::default(), followed] {
        let as_published = |path: &str| match files.get(path) {
            Some(bytes) => Ok(Some(bytes.clone())),
            None => desk.read(path),
        };
        let (outcome, _) = run(&feed, trusted, now, as_published)?;
        match outcome {
            Outcome::Failed(FeedError {
                role: Role::Timestamp,
                reason: Reason::Missing,
                ..
            }) if !publishes => {}
            Outcome::Failed(error) => {
                return Err(Failure::findings(format!(
                    "phones would refuse this, so nothing was published: {error}"
                )));
            }
            _ => {}
        }
    }
    Ok(())
}

/// One update of a phone that reads files in this way.
fn run(
    feed: &FeedIdentity,
    trusted: TrustedState,
    now: i64,
    read: impl Fn(&str) -> Result<Option<Vec<u8>>, Failure>,
) -> Result<(Outcome, TrustedState), Failure> {
    let time = Time {
        wall_ms: now.saturating_mul(1000),
        elapsed_ms: 0,
        boot_count: 0,
    };
    let mut update = Update::start(feed, trusted, time);
    loop {
        match update.next() {
            Next::Done(outcome) => return Ok((outcome, update.trusted().clone())),
            Next::Fetch { path, .. } => {
                let bytes = read(&path)?;
                update.received(&bytes.as_deref().map_or(Answer::Missing, Answer::Body));
            }
        }
    }
}
