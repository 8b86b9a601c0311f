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
    /// That of one that keeps it in this file.
    Kept(PathBuf, Box<Store>),
}

impl Memory {
    /// Opens the file, or makes it.
    pub(crate) fn kept(path: &Path) -> Result<Self, Failure> {
        let store = Store::open(path).map_err(|error| Failure::file(path, error))?;
        Ok(Self::Kept(path.to_owned(), Box::new(store)))
    }

    pub(super) fn trusted(&self, feed: &FeedIdentity) -> Result<TrustedState, Failure> {
        match self {
            Self::New => Ok(TrustedState::default()),
            Self::Kept(path, store) => store.feed(feed).map_err(at(path)),
        }
    }

    pub(super) fn file(&self, feed: &FeedIdentity, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        match self {
            Self::New => Ok(None),
            Self::Kept(path, store) => store.feed_file(feed, name).map_err(at(path)),
        }
    }

    pub(super) fn take(&mut self, feed: &FeedIdentity, steps: &[Commit]) -> Result<(), Failure> {
        match self {
            Self::New => Ok(()),
            Self::Kept(path, store) => store.commit_feed_steps(feed, steps).map_err(at(path)),
        }
    }
}

fn at(path: &Path) -> impl FnOnce(StoreError) -> Failure {
    move |error| Failure::file(path, error)
}
