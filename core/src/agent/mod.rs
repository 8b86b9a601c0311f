//! The façade: events in, directives out.
//!
//! No clock, no network and no threads inside: the driver brings time, bytes and inventories and carries out what it
//! is told. Each event is handled within one transaction of the store, so that a kill at any moment leaves either all
//! of a decision or nothing of it.

mod bundle;
mod configure;
mod device;
mod error;
mod grants;
mod grounds;
mod in_force;
mod inform;
mod judging;
mod last_known;
pub mod message;
mod offers;
mod phone_card;
mod reconcile;
mod recover;
mod refresh;
mod screen;
mod self_update;
mod session;
mod settle;
mod trial;

use std::path::{Path, PathBuf};

pub use error::AgentError;
use message::{Directives, Report};
use rusqlite::Transaction;
use session::Session;

use crate::audit::Entry;
use crate::store::{Store, StoreError, agent as table};

/// The agent.
#[derive(Debug)]
pub struct Agent {
    path: PathBuf,
    /// None where it was damaged and could not be made anew yet.
    store: Option<Store>,
    session: Session,
    /// An event was begun and not committed, so memory may be ahead of the store: whether the last process's work had
    /// been resumed before it, which the store does not say.
    begun: Option<bool>,
}

impl Agent {
    /// Opens the store at `path`, or makes one, and picks up where the last process stopped. A store that is lost or
    /// damaged is set aside and made anew from its second copy; the first event's directives say so.
    ///
    /// # Errors
    /// [`AgentError`] when the store cannot be opened, read or made anew.
    pub fn open(path: &Path) -> Result<Self, AgentError> {
        let (store, session) = recover::open(path)?;
        Ok(Self {
            path: path.to_owned(),
            store: Some(store),
            session,
            begun: None,
        })
    }

    /// Handles one event. `body` goes with [`message::Event::Fetched`] and [`message::Event::Bundle`].
    ///
    /// # Errors
    /// [`AgentError`]: nothing of the event took effect; the last good policy stays in force.
    pub fn handle(&mut self, report: Report, body: Option<&[u8]>) -> Result<Directives, AgentError> {
        self.run(|db, session| session.handle(db, report.time, &report.event, body))
    }

    /// Runs `work`; where the store proves to be damaged, once more on a new one.
    fn run<T>(
        &mut self,
        work: impl Fn(&Transaction<'_>, &mut Session) -> Result<T, AgentError>,
    ) -> Result<T, AgentError> {
        let in_force = self.session.in_force.clone();
        match self.attempt(&work) {
            Err(AgentError::Store(StoreError::Corrupt(why))) => {
                // Closed before its files are renamed: on closing, SQLite removes files by name.
                self.store = None;
                self.session.in_force = in_force;
                let (store, session) = recover::anew(&self.path, &why)?;
                self.session.go_on_as(session);
                (self.store, self.begun) = (Some(store), None);
                self.attempt(&work)
            }
            done => done,
        }
    }

    /// Runs `work` in one transaction, on a memory that says what the store says, also where the `work` before it
    /// panicked half-way.
    fn attempt<T>(
        &mut self,
        work: impl Fn(&Transaction<'_>, &mut Session) -> Result<T, AgentError>,
    ) -> Result<T, AgentError> {
        self.catch_up()?;
        let begun = Some(self.session.resumed());
        let store = match &mut self.store {
            Some(store) => store,
            closed => {
                // It could not be made anew before.
                let (store, session) = recover::open(&self.path)?;
                self.session.go_on_as(session);
                closed.insert(store)
            }
        };
        self.begun = begun;
        let session = &mut self.session;
        let done = store.transaction(|db| work(db, session));
        match done {
            // It was refused before anything was touched.
            Ok(_) | Err(AgentError::Configuration { .. }) => self.begun = None,
            // The next event tries again where this fails; what went wrong first is what is told.
            Err(_) => drop(self.catch_up()),
        }
        done
    }

    /// Reads memory back from the store where it may be ahead: the store is right.
    fn catch_up(&mut self) -> Result<(), AgentError> {
        if let (Some(resumed), Some(store)) = (self.begun, &mut self.store) {
            let session = store.transaction(|db| Session::reload(db, resumed))?;
            self.session = session.in_the_app_of(&self.session);
            self.begun = None;
        }
        Ok(())
    }

    /// The audit chain, oldest entry first; [`crate::audit::verify`] checks it.
    ///
    /// # Errors
    /// [`AgentError`] when the store cannot be read.
    pub fn audit(&mut self) -> Result<Vec<Entry>, AgentError> {
        self.run(|db, _| Ok(table::audit(db).map_err(StoreError::from)?))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::message::Event;
    use super::*;

    #[test]
    fn after_a_panic_memory_says_what_the_store_says() {
        let folder = tempfile::tempdir().unwrap();
        let mut agent = Agent::open(&folder.path().join("sluis.db")).unwrap();
        let configuration = serde_json::json!({ "feeds": [
            { "name": "national", "url": "https://feeds.example/", "root_sha256": "11".repeat(32) },
        ] });
        let event = Event::Configure {
            configuration: serde_json::from_value(configuration).unwrap(),
        };
        let time = message::Time {
            wall_ms: 1,
            elapsed_ms: 1,
            boot_count: 1,
        };
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            agent.run(|db, session| -> Result<(), AgentError> {
                session.handle(db, time, &event, None)?;
                assert_eq!(session.feeds.len(), 1);
                panic!("half-way");
            })
        }));
        assert!(panicked.is_err());
        agent
            .run(|_, session| {
                assert!(session.feeds.is_empty());
                Ok(())
            })
            .unwrap();
    }
}
