//! What a phone remembers from one visit to the next: in a store like a phone's, or nothing at all.

use std::fs;
use std::path::{Path, PathBuf};

use sluis_core::feed::{Commit, FeedIdentity, TrustedState};
use sluis_core::store::{Store, StoreError};

use crate::failure::Failure;
use crate::output::shown;

/// The memory of the phone whose visit it is.
#[derive(Debug)]
pub(crate) enum Memory {
    /// A new phone's.
    New,
    /// That of one that keeps it in this file; without a store before its first visit.
    Kept(PathBuf, Option<Box<Store>>),
}

impl Memory {
    /// Opens the file. Where there is none it is made when there is something to remember.
    pub(crate) fn kept(path: &Path) -> Result<Self, Failure> {
        let store = Store::find(path).map_err(|error| match error.is_damage() {
            true => lost(path, &error),
            false => Failure::file(path, error),
        })?;
        Ok(Self::Kept(path.to_owned(), store.map(Box::new)))
    }

    pub(super) fn trusted(&self, feed: &FeedIdentity) -> Result<TrustedState, Failure> {
        match self {
            Self::New | Self::Kept(_, None) => Ok(TrustedState::default()),
            Self::Kept(path, Some(store)) => store.feed(feed).map_err(at(path)),
        }
    }

    pub(super) fn file(&self, feed: &FeedIdentity, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        match self {
            Self::New | Self::Kept(_, None) => Ok(None),
            Self::Kept(path, Some(store)) => store.feed_file(feed, name).map_err(at(path)),
        }
    }

    /// Remembers what was learnt, for the next process.
    pub(super) fn take(&mut self, feed: &FeedIdentity, steps: &[Commit]) -> Result<(), Failure> {
        let Self::Kept(path, store) = self else {
            return Ok(());
        };
        if store.is_none() {
            // An earlier step may have made it.
            *store = Store::find(path).map_err(at(path))?.map(Box::new);
        }
        match store {
            Some(store) => store.commit_feed_steps(feed, steps).map_err(at(path)),
            None => Store::begin_with_feed_steps(path, feed, steps).map_err(at(path)),
        }
    }
}

/// A phone makes its store anew from the second copy; who watches a feed had better know that the memory is gone.
fn lost(path: &Path, error: &StoreError) -> Failure {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = fs::read_dir(folder.unwrap_or(Path::new(".")))
        .into_iter()
        .flatten();
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()));
    let is_of_it = |other: &String| {
        let rest = other.strip_prefix(&*name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
    };
    let mut files: Vec<String> = names
        .filter(is_of_it)
        .map(|name| shown(&path.with_file_name(name).display().to_string()))
        .collect();
    files.sort();
    Failure::file(
        path,
        format!(
            "{error}. If `sluis feed verify --state` made it, what was remembered of the feed is lost: put it back from a copy, \
             or remove {} and begin anew, as a phone that has seen nothing yet",
            files.join(", ")
        ),
    )
}

fn at(path: &Path) -> impl FnOnce(StoreError) -> Failure {
    move |error| Failure::file(path, error)
}
