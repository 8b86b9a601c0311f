//! Looks at a publication as phones would: one that is new, and one that has followed this feed.

use std::collections::BTreeMap;

use sluis_core::agent::message::Time;
use sluis_core::feed::{
    Answer, FeedError, FeedIdentity, Next, Outcome, Reason, Role, TrustedState, Update, Wanted, hex, limits,
};

use super::desk::{Desk, is_targets};
use super::metadata::{Draft, ROOT, TIMESTAMP};
use super::{repository, sha256, target};
use crate::failure::Failure;
use crate::output::shown;

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
    let update = Update::start(&feed, TrustedState::default(), time(last.unwrap_or(now)));
    let (_, followed) = run(update, published)?;

    let only_root = drafts.iter().all(|draft| draft.role() == ROOT);
    let as_published = |path: &str| match files.get(path) {
        Some(bytes) => Ok(Some(bytes.clone())),
        None => desk.read(path),
    };
    for trusted in [TrustedState::default(), followed] {
        let (outcome, _) = run(Update::start(&feed, trusted, time(now)), as_published)?;
        match outcome {
            Outcome::Failed(error) if only_root && !is_about_roots(&error) => {}
            outcome => accepted(outcome)?,
        }
    }
    // Files that phones do not ask for are carried for others: they must be found, too.
    let wanted = wanted(drafts);
    if wanted.is_empty() {
        return Ok(());
    }
    let update = Update::start_for(&feed, TrustedState::default(), time(now), wanted);
    accepted(run(update, as_published)?.0)
}

/// A new root alone is no worse for what else is missing or has expired.
fn is_about_roots(error: &FeedError) -> bool {
    error.role == Role::Root || !matches!(error.reason, Reason::Missing | Reason::Expired { .. })
}

fn accepted(outcome: Outcome) -> Result<(), Failure> {
    match outcome {
        Outcome::Failed(error) => Err(Failure::findings(format!(
            "phones would refuse this, so nothing was published: {}",
            shown(&error.to_string())
        ))),
        Outcome::Updated | Outcome::Unchanged => Ok(()),
    }
}

/// All files that these list.
fn wanted(drafts: &[Draft]) -> Vec<Wanted> {
    let mut names: Vec<String> = drafts
        .iter()
        .filter(|draft| is_targets(draft.role()))
        .flat_map(|draft| target::listed(draft).into_iter().map(|file| file.name))
        .collect();
    names.sort();
    names.dedup();
    let wanted = names.into_iter().map(|name| Wanted {
        max_bytes: limits::max_bytes(&Role::File(name.clone())),
        required: true,
        name,
    });
    wanted.collect()
}

fn time(now: i64) -> Time {
    Time {
        wall_ms: now.saturating_mul(1000),
        elapsed_ms: 0,
        boot_count: 0,
    }
}

/// An update of a phone that reads files in this way.
fn run(
    mut update: Update,
    read: impl Fn(&str) -> Result<Option<Vec<u8>>, Failure>,
) -> Result<(Outcome, TrustedState), Failure> {
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
