//! Why the store could not do what it was asked.

use std::fmt;

use rusqlite::{ErrorCode, ffi};

/// The store failed; nothing of the transaction was kept.
#[derive(Debug)]
pub enum StoreError {
    /// The file cannot be opened or made.
    CannotOpen(rusqlite::Error),
    /// The file is gone, is not a database, or is damaged.
    Corrupt(String),
    /// The file or its folder cannot be written.
    ReadOnly(rusqlite::Error),
    /// No room is left.
    Full(rusqlite::Error),
    /// The file was written by a later version of Sluis.
    FutureVersion {
        /// The schema's version in the file.
        found: i64,
        /// The latest that this version knows.
        known: i64,
    },
    /// The disk does not do what it is told.
    Io(rusqlite::Error),
    /// The files around the store cannot be read, renamed or removed.
    Files(std::io::Error),
    /// Anything else that SQLite reports.
    Sqlite(rusqlite::Error),
}

impl StoreError {
    /// Whether what the store held is gone, so that it has to be made anew: trying again will not help.
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Corrupt(_))
    }

    /// While a store is being opened: a table or column that is not there is damage, and no mistake in a statement.
    pub(super) fn at_open(self) -> Self {
        match self {
            Self::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => {
                Self::Corrupt(error.to_string())
            }
            error => error,
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CannotOpen(error) => write!(f, "the store cannot be opened: {error}"),
            Self::Corrupt(what) => write!(f, "the store is damaged: {what}"),
            Self::ReadOnly(error) => write!(f, "the store cannot be written: {error}"),
            Self::Full(error) => write!(f, "the store has no room left: {error}"),
            Self::FutureVersion { found, known } => write!(
                f,
                "the store was written by a later version of Sluis: its schema is {found}, this version knows {known}"
            ),
            Self::Io(error) => write!(f, "the store cannot be read or written: {error}"),
            Self::Files(error) => write!(f, "the store's files cannot be replaced: {error}"),
            Self::Sqlite(error) => write!(f, "the store failed: {error}"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::CannotOpen(error)
            | Self::ReadOnly(error)
            | Self::Full(error)
            | Self::Io(error)
            | Self::Sqlite(error) => Some(error),
            Self::Files(error) => Some(error),
            Self::Corrupt(_) | Self::FutureVersion { .. } => None,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_extended_error_code() {
            // The medium itself says that it cannot read.
            Some(ffi::SQLITE_IOERR_CORRUPTFS | ffi::SQLITE_IOERR_DATA) => {
                return Self::Corrupt(error.to_string());
            }
            // A row that says what no version of Sluis writes.
            None => return Self::Corrupt(error.to_string()),
            Some(_) => {}
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::CannotOpen) => Self::CannotOpen(error),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt(error.to_string()),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly(error),
            Some(ErrorCode::DiskFull) => Self::Full(error),
            Some(ErrorCode::SystemIoFailure) => Self::Io(error),
            _ => Self::Sqlite(error),
        }
    }
}
