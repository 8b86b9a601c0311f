//! What can go wrong between an event and its directives.

use std::fmt;

use crate::store::StoreError;

/// Why an event could not be handled. Nothing of it took effect.
#[derive(Debug)]
pub enum AgentError {
    /// The configuration is wrong; which field, and why.
    Configuration {
        /// The field, as a JSON pointer.
        field: String,
        /// What is wrong with it.
        why: String,
    },
    /// The store.
    Store(StoreError),
}

impl fmt::Display for AgentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configuration { field, why } => write!(f, "configuration: {field}: {why}"),
            Self::Store(e) => write!(f, "store: {e}"),
        }
    }
}

impl std::error::Error for AgentError {}

impl From<serde_json::Error> for AgentError {
    fn from(e: serde_json::Error) -> Self {
        // The only JSON read in here is the store's own; what wrote it can read it, unless it is damaged.
        Self::Store(StoreError::Corrupt(format!("what it holds cannot be read: {e}")))
    }
}

impl From<StoreError> for AgentError {
    fn from(e: StoreError) -> Self {
        Self::Store(e)
    }
}

impl From<rusqlite::Error> for AgentError {
    fn from(e: rusqlite::Error) -> Self {
        Self::Store(e.into())
    }
}
