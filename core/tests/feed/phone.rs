//! A phone that updates through the real client into a real store.

use std::path::PathBuf;

use sluis_core::agent::message::Time;
use sluis_core::feed::{Answer, FeedIdentity, Next, Outcome, TrustedState, Update, Wanted};
use sluis_core::store::Store;
use tempfile::TempDir;

use crate::repository::{DAY, DAY_0, Repository};

pub(crate) struct Phone {
    folder: TempDir,
    pub(crate) feed: FeedIdentity,
    pub(crate) time: Time,
    /// What was asked for in the last update.
    pub(crate) requests: Vec<String>,
}

impl Phone {
    /// A new phone that was told to trust this repository, on the tests' first day.
    pub(crate) fn trusting(repository: &Repository) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            feed: FeedIdentity {
                name: "national".into(),
                root_sha256: repository.pin(),
            },
            time: Time {
                wall_ms: DAY_0 * 1000,
                elapsed_ms: 60_000,
                boot_count: 1,
            },
            requests: Vec::new(),
        }
    }

    /// As [`Phone::trusting`], and it has taken what is published.
    pub(crate) fn following(repository: &Repository) -> Self {
        let mut phone = Self::trusting(repository);
        phone.obeys(repository);
        phone
    }

    /// Days pass, by all clocks.
    pub(crate) fn days_pass(&mut self, days: i64) {
        self.time.wall_ms += days * DAY * 1000;
        self.time.elapsed_ms += u64::try_from(days * DAY * 1000).unwrap();
    }

    /// Updates from what `serve` answers to each path.
    pub(crate) fn update(&mut self, serve: impl FnMut(&str, u64) -> Answer<'static>) -> Outcome {
        let trusted = self.trusted();
        self.run(Update::start(&self.feed, trusted, self.time), serve)
    }

    /// Brings these target files instead of what phones take.
    pub(crate) fn fetch(&mut self, repository: &Repository, wanted: &[&str]) -> Outcome {
        let wanted = wanted.iter().map(|name| Wanted {
            name: (*name).into(),
            required: true,
            max_bytes: 1000,
        });
        let update = Update::start_for(&self.feed, self.trusted(), self.time, wanted.collect());
        self.run(update, |path, max_bytes| serve(repository, path, max_bytes))
    }

    /// As [`Phone::fetch`], which must fail; the answer is why.
    pub(crate) fn fails_to_fetch(&mut self, repository: &Repository, wanted: &[&str]) -> String {
        match self.fetch(repository, wanted) {
            Outcome::Failed(error) => error.to_string(),
            outcome => panic!("fetched: {outcome:?}"),
        }
    }

    fn run(&mut self, mut update: Update, mut serve: impl FnMut(&str, u64) -> Answer<'static>) -> Outcome {
        let mut store = self.store();
        self.requests.clear();
        loop {
            match update.next() {
                Next::Fetch { path, max_bytes } => {
                    self.requests.push(path.clone());
                    for step in update.received(&serve(&path, max_bytes)) {
                        store.commit_feed(&self.feed, &step).unwrap();
                        assert_ne!(step, Default::default(), "a step that changes nothing");
                    }
                    assert_eq!(
                        &store.feed(&self.feed).unwrap(),
                        update.trusted(),
                        "the store and the client remember the same"
                    );
                }
                Next::Done(outcome) => return outcome,
            }
        }
    }

    pub(crate) fn refresh(&mut self, repository: &Repository) -> Outcome {
        self.update(|path, max_bytes| serve(repository, path, max_bytes))
    }

    /// Updates, which must succeed.
    pub(crate) fn obeys(&mut self, repository: &Repository) {
        match self.refresh(repository) {
            Outcome::Failed(error) => panic!("{error}"),
            Outcome::Updated | Outcome::Unchanged => {}
        }
        assert_eq!(self.policy().as_ref(), repository.content.get("policy.json"));
    }

    /// Updates, which must fail without touching the policy in force; the answer is why.
    pub(crate) fn refuses(&mut self, repository: &Repository) -> String {
        self.refuses_from(|path, max_bytes| serve(repository, path, max_bytes))
    }

    pub(crate) fn refuses_from(&mut self, serve: impl FnMut(&str, u64) -> Answer<'static>) -> String {
        let before = (self.policy(), self.file("catalogue.json"));
        match self.update(serve) {
            Outcome::Failed(error) => {
                assert_eq!((self.policy(), self.file("catalogue.json")), before);
                error.to_string()
            }
            outcome => panic!("accepted: {outcome:?}"),
        }
    }

    pub(crate) fn policy(&self) -> Option<Vec<u8>> {
        self.file("policy.json")
    }

    pub(crate) fn file(&self, name: &str) -> Option<Vec<u8>> {
        self.store().feed_file(&self.feed, name).unwrap()
    }

    pub(crate) fn trusted(&self) -> TrustedState {
        self.store().feed(&self.feed).unwrap()
    }

    /// The stored root is gone; the floors are not.
    pub(crate) fn loses_its_root(&self) {
        let connection = rusqlite::Connection::open(self.store_path()).unwrap();
        let deleted = connection.execute("DELETE FROM feed_metadata WHERE role = 'root'", []);
        assert_eq!(deleted.unwrap(), 1);
    }

    fn store_path(&self) -> PathBuf {
        self.folder.path().join("sluis.db")
    }

    fn store(&self) -> Store {
        Store::open(&self.store_path()).unwrap()
    }
}

/// An honest server: what it has, up to what was asked for.
pub(crate) fn serve(repository: &Repository, path: &str, max_bytes: u64) -> Answer<'static> {
    match repository.files.get(path) {
        None => Answer::Missing,
        Some(bytes) if bytes.len() as u64 > max_bytes => Answer::Failed("more bytes than allowed".into()),
        Some(bytes) => Answer::Body(bytes.clone().leak()),
    }
}
