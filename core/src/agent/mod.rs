//! The façade: events in, directives out.
//!
//! No clock, no network and no threads inside: the driver brings time, bytes and inventories and carries out what it
//! is told. Each event is handled within one transaction of the store, so that a kill at any moment leaves either all
//! of a decision or nothing of it.

mod configure;
mod error;
mod grounds;
mod in_force;
mod last_known;
pub mod message;
mod reconcile;
mod refresh;
mod screen;
mod session;
mod settle;

use std::path::Path;

pub use error::AgentError;
use message::{Directives, Report};
use session::Session;

use crate::audit::Entry;
use crate::store::{Store, StoreError, agent as table};

/// The agent.
#[derive(Debug)]
pub struct Agent {
    store: Store,
    session: Session,
}

impl Agent {
    /// Opens the store at `path`, or makes one, and picks up where the last process stopped.
    ///
    /// # Errors
    /// [`AgentError`] when the store cannot be opened or read.
    pub fn open(path: &Path) -> Result<Self, AgentError> {
        let mut store = Store::open(path)?;
        let session = store.transaction(|db| Session::load(db))?;
        Ok(Self { store, session })
    }

    /// Handles one event. `body` goes with [`message::Event::Fetched`].
    ///
    /// # Errors
    /// [`AgentError`]: nothing of the event took effect; the last good policy stays in force.
    pub fn handle(&mut self, report: Report, body: Option<&[u8]>) -> Result<Directives, AgentError> {
        let Self { store, session } = self;
        let resumed = session.resumed();
        let handled = store.transaction(|db| session.handle(db, report.time, report.event, body));
        match handled {
            // It was refused before anything was touched.
            Ok(_) | Err(AgentError::Configuration { .. }) => {}
            // Memory may be ahead of the store now; the store is right.
            Err(_) => *session = store.transaction(|db| Session::reload(db, resumed))?,
        }
        handled
    }

    /// The audit chain, oldest entry first; [`crate::audit::verify`] checks it.
    ///
    /// # Errors
    /// [`AgentError`] when the store cannot be read.
    pub fn audit(&mut self) -> Result<Vec<Entry>, AgentError> {
        self.store
            .transaction(|db| Ok(table::audit(db).map_err(StoreError::from)?))
    }
}
