//! Looks at a publication as phones would: one that is new, and one that has followed this feed.

use std::collections::BTreeMap;
use std::path::Path;

use sluis_core::agent::message::Time;
use sluis_core::feed::{
    self, Answer, FeedError, FeedIdentity, Next, Outcome, Reason, Role, TrustedState, Update, Wanted, limits,
};

use super::desk::{Desk, is_targets};
use super::metadata::{Draft, ROOT, TIMESTAMP};
use super::{journal, repository, target};
use crate::failure::Failure;
use crate::output::shown;

const FIRST_ROOT: &str = "1.root.json";

/// Runs the phone's client over the feed as it will be once these are published.
pub(super) fn verify(desk: &Desk, drafts: &[Draft], now: i64) -> Result<(), Failure> {
    let mut files = BTreeMap::new();
    for draft in drafts {
        files.insert(draft.path(), draft.to_bytes()?);
    }
    // How a phone stands that saw the last publication when it was fresh.
    let last = desk
        .get_published(TIMESTAMP)
        .and_then(|timestamp| timestamp.moment("x-sluis-issued"));
    let publication = Publication {
        folder: &desk.folder,
        drafts,
        files: &files,
        rest: &|path| desk.read(path),
    };
    publication.verify(time(last.unwrap_or(now)), time(now))
}

/// As [`verify`], for files of a publication that was cut short, of which some may have been written. Nobody knows when
/// that was: what they themselves say of the time is gone by.
pub(super) fn verify_resumed(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<(), Failure> {
    let drafts = journal::drafts(files).map_err(Failure::findings)?;
    let publication = Publication {
        folder,
        drafts: &drafts,
        files,
        rest: &|path| repository::read(folder, path),
    };
    publication.verify(time(0), time(0))
}

/// A feed, and what is going to be written there.
struct Publication<'a> {
    folder: &'a Path,
    drafts: &'a [Draft],
    files: &'a BTreeMap<String, Vec<u8>>,
    /// Files as readers will see them that are not among these.
    rest: &'a Read<'a>,
}

/// What is at a path of a feed.
type Read<'a> = dyn Fn(&str) -> Result<Option<Vec<u8>>, Failure> + 'a;

impl Publication<'_> {
    fn verify(&self, before: Time, now: Time) -> Result<(), Failure> {
        let published = |path: &str| repository::read(self.folder, path);
        let first_root = match published(FIRST_ROOT)? {
            Some(root) => Some(root),
            None => self.files.get(FIRST_ROOT).cloned(),
        };
        let first_root = first_root.ok_or_else(|| Failure::file(self.folder, "there is no first root"))?;
        let feed = FeedIdentity {
            name: self.folder.display().to_string(),
            root_sha256: feed::sha256(&first_root),
        };
        // What is damaged there may be what this puts right.
        let before_this = |path: &str| Ok(published(path).unwrap_or_default());
        let (_, followed) = run(
            Update::start(&feed, TrustedState::default(), before),
            &before_this,
        )?;

        let only_root = self.drafts.iter().all(|draft| draft.role() == ROOT);
        let as_published = |path: &str| match self.files.get(path) {
            Some(bytes) => Ok(Some(bytes.clone())),
            None => (self.rest)(path),
        };
        for trusted in [TrustedState::default(), followed] {
            let (outcome, _) = run(Update::start(&feed, trusted, now), &as_published)?;
            match outcome {
                Outcome::Failed(error) if only_root && !is_about_roots(&error) => {}
                outcome => accepted(outcome)?,
            }
        }
        // Files that phones do not ask for are carried for others: they must be found, too.
        let wanted = wanted(self.drafts);
        if wanted.is_empty() {
            return Ok(());
        }
        let update = Update::start_for(&feed, TrustedState::default(), now, wanted);
        accepted(run(update, &as_published)?.0)
    }
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
fn run(mut update: Update, read: &Read<'_>) -> Result<(Outcome, TrustedState), Failure> {
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
