//! What a phone remembers from one visit to the next: in a store like a phone's, or nothing at all.

use std::path::{Path, PathBuf};

use sluis_core::feed::{Commit, FeedIdentity, TrustedState};
use sluis_core::store::{Store, StoreError};

use crate::failure::Failure;

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
        let store = Store::find(path).map_err(at(path))?;
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
    pub(super) fn take(self, feed: &FeedIdentity, steps: &[Commit]) -> Result<(), Failure> {
        match self {
            Self::New => Ok(()),
            Self::Kept(path, Some(mut store)) => store.commit_feed_steps(feed, steps).map_err(at(&path)),
            Self::Kept(path, None) => Store::begin_with_feed_steps(&path, feed, steps).map_err(at(&path)),
        }
    }
}

fn at(path: &Path) -> impl FnOnce(StoreError) -> Failure {
    move |error| Failure::file(path, error)
}
