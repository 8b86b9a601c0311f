//! A store that is lost or damaged is set aside and made anew from its second copy.

use std::fs;
use std::io;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use sluis_policy::values::Digest;

use super::second_copy::{self, Content, LogHead, SecondCopy};
use super::{Store, StoreError, connect, making};

/// The database header and nothing more: a store that was begun.
const ONE_PAGE: u64 = 4096;

/// That a store was made anew, and how far that has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recovery {
    /// What was wrong.
    pub(crate) why: String,
    /// Floors, holds and configuration are those of the second copy; else they are lost.
    pub(crate) from_copy: bool,
    /// Where the log before ended, as far as the second copy knows.
    pub(crate) log: Option<LogHead>,
    /// When it was logged, in wall-clock milliseconds.
    pub(crate) told_ms: Option<i64>,
    /// Every feed has spoken since, and the phone was looked at.
    pub(crate) settled: bool,
}

impl Store {
    /// Sets the store at `path` aside, as `….damaged`, and makes a new one of the second copy, in one transaction: a crash
    /// at any moment leaves what the next attempt takes up. `mend` may change what the copy says before it is believed.
    ///
    /// # Errors
    /// [`StoreError`]: there is no room, or the folder cannot be written. Nothing is lost.
    pub(crate) fn recover(
        path: &Path,
        why: &str,
        mend: impl FnOnce(&mut Content),
    ) -> Result<Self, StoreError> {
        let (mut copy, state) = SecondCopy::beside(path)?;
        set_aside(path).map_err(StoreError::Files)?;
        let log = state.as_ref().and_then(|state| state.log.clone());
        let recovery = Recovery {
            why: why.to_owned(),
            from_copy: state.is_some(),
            log,
            told_ms: None,
            settled: false,
        };
        making::make(path, &mut copy, |db| {
            if let Some(mut state) = state {
                mend(&mut state.content);
                state.content.restore(db)?;
                second_copy::follow(db, state.generation)?;
            }
            write(db, &recovery)
        })?;
        log::error!("the store was made anew: {why}");
        let connection = connect(path)?;
        Ok(Self { connection, copy })
    }
}

/// Whether a store was here before, though it is not there now.
pub(super) fn was_here(path: &Path, copy: &SecondCopy) -> bool {
    copy.found() || second_copy::beside(path, ".damaged").exists()
}

/// Whether no store is there: no file, or one without a byte.
pub(super) fn is_absent(path: &Path) -> bool {
    length(path).is_ok_and(|length| length == 0)
}

/// Keeps one damaged store for whoever wants to look into it, its write-ahead log with it.
fn set_aside(path: &Path) -> io::Result<()> {
    let log = second_copy::beside(path, "-wal");
    let aside = second_copy::beside(path, ".damaged");
    if length(path)? > ONE_PAGE || length(&log)? > 0 {
        rename(path, &aside)?;
        rename(&log, &second_copy::beside(path, ".damaged-wal"))?;
    }
    for gone in [path.to_owned(), log, second_copy::beside(path, "-shm")] {
        remove(&gone)?;
    }
    second_copy::sync_folder(path)
}

fn length(path: &Path) -> io::Result<u64> {
    absent_is(fs::metadata(path).map(|metadata| metadata.len()), 0)
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    absent_is(fs::rename(from, to), ())
}

fn remove(path: &Path) -> io::Result<()> {
    absent_is(fs::remove_file(path), ())
}

pub(super) fn absent_is<T>(result: io::Result<T>, value: T) -> io::Result<T> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(value),
        result => result,
    }
}

/// Puts a recovery on record, in place of the one before.
pub(crate) fn write(db: &Transaction<'_>, recovery: &Recovery) -> Result<(), StoreError> {
    let Recovery {
        why,
        from_copy,
        log,
        told_ms,
        settled,
    } = recovery;
    let sql = "INSERT OR REPLACE INTO recovery (id, why, from_copy, log_number, log_hash, told_ms, settled)
               VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)";
    let number = log.as_ref().map(|log| log.number);
    let hash = log.as_ref().map(|log| log.hash.0);
    db.execute(sql, params![why, from_copy, number, hash, told_ms, settled])?;
    Ok(())
}

/// The last recovery, if there ever was one.
pub(crate) fn read(db: &Connection) -> Result<Option<Recovery>, StoreError> {
    let sql = "SELECT why, from_copy, log_number, log_hash, told_ms, settled FROM recovery";
    let read = |row: &Row<'_>| {
        let number: Option<u64> = row.get(2)?;
        let hash: Option<[u8; 32]> = row.get(3)?;
        Ok(Recovery {
            why: row.get(0)?,
            from_copy: row.get(1)?,
            log: number.zip(hash).map(|(number, hash)| LogHead {
                number,
                hash: Digest(hash),
            }),
            told_ms: row.get(4)?,
            settled: row.get(5)?,
        })
    };
    Ok(db.query_row(sql, [], read).optional()?)
}
