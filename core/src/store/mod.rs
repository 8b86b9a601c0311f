//! What the phone remembers: one SQLite file, written in transactions that are on the disk when they end.

pub mod agent;
mod error;
pub(crate) mod feed;
pub(crate) mod past;
mod schema;

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use error::StoreError;

/// The open store. One process at a time writes it.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the store, or makes one where there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError`]: it cannot be opened or written, is damaged, or was written by a later version of Sluis. The
    /// file is left as it was.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut connection = Connection::open(path)?;
        configure(&connection)?;
        schema::migrate(&mut connection)?;
        Ok(Self { connection })
    }

    /// Runs `work` in one transaction: all of it is kept, or after an error none.
    ///
    /// # Errors
    /// Whatever `work` returns, or that the transaction could not be begun or kept.
    pub fn transaction<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        // Immediate: a transaction that only later finds it has to write could then fail half-way.
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::from)?;
        let result = work(&transaction)?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(result)
    }
}

fn configure(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // In WAL mode only FULL syncs at every commit: a floor must not be lost with the battery.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Android has no folder for temporary files that a library could find.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(())
}
