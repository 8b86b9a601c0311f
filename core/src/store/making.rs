//! How a store comes to be: in memory, with what is written in it first, and then on the disk as a whole. A crash leaves
//! all of it or nothing, and there is no store yet that could be found half-made (docs/decisions/0012).

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use rusqlite::{Connection, Transaction, ffi};

use super::recovery::absent_is;
use super::second_copy::{self, SecondCopy, beside};
use super::{StoreError, behind, keep, restrict, schema};

/// Makes the store at `path`, where there is none, and its second copy; `first` writes in it.
///
/// # Errors
/// Whatever `first` returns, or that the files could not be written. There is no store then.
pub(super) fn make<T, E: From<StoreError>>(
    path: &Path,
    copy: &mut SecondCopy,
    first: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let mut memory = Connection::open_in_memory().map_err(StoreError::from)?;
    restrict(&memory)?;
    let done = schema::migrate(&mut memory, first)?;
    let state = behind(copy, &memory)?;
    let image = memory.serialize("main").map_err(StoreError::from)?;
    write(path, &image)?;
    keep(copy, state);
    Ok(done)
}

/// Puts a database on the disk under that name.
fn write(path: &Path, image: &[u8]) -> Result<(), StoreError> {
    // What a crash left of an earlier attempt, and what belonged to a store that somebody removed: SQLite would take
    // that log for the new store's.
    let (new, log) = (beside(path, ".new"), beside(path, "-wal"));
    let mut removed = false;
    for old in [&new, &log, &beside(path, "-shm")] {
        removed |= absent_is(fs::remove_file(old).map(|()| true), false).map_err(StoreError::Files)?;
    }
    if removed {
        second_copy::sync_folder(path).map_err(StoreError::Files)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&new)
        .map_err(|error| named(&error, ffi::SQLITE_CANTOPEN))?;
    let written = in_wal_mode(image)
        .into_iter()
        .try_for_each(|part| file.write_all(part));
    written
        .and_then(|()| file.sync_data())
        .and_then(|()| fs::rename(&new, path))
        .and_then(|()| second_copy::sync_folder(path))
        .map_err(|error| named(&error, ffi::SQLITE_IOERR))
}

/// The same database, marked as one that is written through a log (SQLite's file format, 1.3.3): to switch that on in the
/// file would take four more syncs.
fn in_wal_mode(image: &[u8]) -> [&[u8]; 3] {
    let (head, rest) = image.split_at_checked(18).unwrap_or((image, &[]));
    [head, &[2, 2], rest.get(2..).unwrap_or_default()]
}

/// What SQLite would call it.
fn named(error: &io::Error, otherwise: i32) -> StoreError {
    let code = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ffi::SQLITE_FULL,
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => ffi::SQLITE_READONLY,
        _ => otherwise,
    };
    rusqlite::Error::SqliteFailure(ffi::Error::new(code), Some(error.to_string())).into()
}
