//! What the phone remembers: one SQLite file, written in transactions that are on the disk when they end, and a second
//! copy of what must outlive the loss of that file.

pub mod agent;
pub(crate) mod agent_update;
pub(crate) mod device;
mod error;
pub(crate) mod feed;
pub(crate) mod grants;
pub(crate) mod past;
pub(crate) mod recovery;
mod schema;
pub(crate) mod second_copy;
pub(crate) mod trial;

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use error::StoreError;
use second_copy::{Content, SecondCopy, State};

/// The open store. One process at a time writes it.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    copy: SecondCopy,
}

impl Store {
    /// Opens the store, or makes one where there never was one, and brings its schema and its second copy up to date.
    ///
    /// # Errors
    /// [`StoreError`]: it cannot be opened or written, is lost or damaged ([`StoreError::is_damage`]), or was written by
    /// a later version of Sluis. What is there is left as it was.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let (copy, state) = SecondCopy::beside(path)?;
        let open = || {
            let mut connection = connect(path)?;
            let is_new = schema::version(&connection)? == 0;
            if is_new && recovery::was_here(path, &copy) {
                return Err(StoreError::Corrupt("it is gone".into()));
            }
            schema::migrate(&mut connection, |_| Ok(()))?;
            if let Some(state) = &state {
                compare(&connection, state)?;
            }
            Ok(connection)
        };
        let connection = open().map_err(StoreError::at_open)?;
        let mut store = Self { connection, copy };
        store.keep_copy()?;
        Ok(store)
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
        let state = behind(&self.copy, &transaction)?;
        transaction.commit().map_err(StoreError::from)?;
        self.copy(state);
        Ok(result)
    }

    /// Brings the second copy up to date where it is not.
    fn keep_copy(&mut self) -> Result<(), StoreError> {
        let state = behind(&self.copy, &self.connection)?;
        self.copy(state);
        Ok(())
    }

    /// The store itself is written by now, so that a failure here fails nothing: the next transaction tries again.
    fn copy(&mut self, state: Option<State>) {
        if let Some(state) = state
            && let Err(error) = self.copy.write(&state)
        {
            log::error!("the second copy of the store cannot be written: {error}");
        }
    }
}

/// What the second copy has to say, where it does not yet.
fn behind(copy: &SecondCopy, db: &Connection) -> Result<Option<State>, StoreError> {
    let generation = second_copy::generation(db)?;
    if copy.generation() == Some(generation) {
        return Ok(None);
    }
    Ok(Some(State {
        generation,
        log: second_copy::log_head(db)?,
        content: Content::collect(db)?,
    }))
}

/// The copy is written after the store: one that is ahead, or says something else of the same state, has a digest to
/// show for it, and the store does not.
fn compare(db: &Connection, state: &State) -> Result<(), StoreError> {
    let generation = second_copy::generation(db)?;
    if generation < state.generation {
        return Err(StoreError::Corrupt("it is older than its second copy".into()));
    }
    if generation == state.generation && Content::collect(db)? != state.content {
        return Err(StoreError::Corrupt("it differs from its second copy".into()));
    }
    Ok(())
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // In WAL mode only FULL syncs at every commit: a floor must not be lost with the battery.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Android has no folder for temporary files that a library could find.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}
