//! What the phone remembers: one SQLite file, written in transactions that are on the disk when they end, and a second
//! copy of what must outlive the loss of that file.

pub mod agent;
pub(crate) mod agent_update;
pub(crate) mod device;
mod error;
pub(crate) mod feed;
pub(crate) mod grants;
mod making;
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
        if let Some(store) = Self::find(path)? {
            return Ok(store);
        }
        Self::make(path, |_| Ok::<_, StoreError>(()))?;
        Self::find(path)?.ok_or_else(gone)
    }

    /// Opens the store, as [`Store::open`] does; `None` where there never was one.
    ///
    /// # Errors
    /// As of [`Store::open`].
    pub fn find(path: &Path) -> Result<Option<Self>, StoreError> {
        let (copy, state) = SecondCopy::beside(path)?;
        let was_here = recovery::was_here(path, &copy);
        if recovery::is_absent(path) {
            return if was_here { Err(gone()) } else { Ok(None) };
        }
        let open = || {
            let mut connection = connect(path)?;
            // A file that another program made, or an earlier version of this one before it was stopped.
            if schema::version(&connection)? == 0 && was_here {
                return Err(gone());
            }
            schema::migrate(&mut connection, |_| Ok::<_, StoreError>(()))?;
            if let Some(state) = &state {
                compare(&connection, state)?;
            }
            Ok(connection)
        };
        let connection = open().map_err(StoreError::at_open)?;
        let mut store = Self { connection, copy };
        store.keep_copy()?;
        Ok(Some(store))
    }

    /// Makes a store where there never was one, with what `first` writes in it.
    fn make<T, E: From<StoreError>>(
        path: &Path,
        first: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (mut copy, _) = SecondCopy::beside(path)?;
        making::make(path, &mut copy, first)
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
        keep(&mut self.copy, state);
        Ok(result)
    }

    /// Brings the second copy up to date where it is not.
    fn keep_copy(&mut self) -> Result<(), StoreError> {
        let state = behind(&self.copy, &self.connection)?;
        keep(&mut self.copy, state);
        Ok(())
    }
}

fn gone() -> StoreError {
    StoreError::Corrupt("it is gone".into())
}

/// The store itself is written by now, so that a failure here fails nothing: the next transaction tries again.
fn keep(copy: &mut SecondCopy, state: Option<State>) {
    if let Some(state) = state
        && let Err(error) = copy.write(&state)
    {
        log::error!("the second copy of the store cannot be written: {error}");
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
    restrict(&connection)?;
    Ok(connection)
}

fn restrict(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "foreign_keys", true)?;
    // Android has no folder for temporary files that a library could find.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(())
}
