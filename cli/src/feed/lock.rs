//! One publication of a feed at a time: two would both take the same version.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// The file that says so; it is there for as long as a publication lasts.
const NAME: &str = "publish.lock";

/// Held for as long as it lives.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
}

impl Lock {
    /// Takes the lock of a feed's folder.
    pub(super) fn take(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(NAME);
        let made = OpenOptions::new().write(true).create_new(true).open(&path);
        let mut file: File = made.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Failure::file(
                &path,
                "somebody is publishing this feed; if nobody is, an earlier publication was cut short: remove this \
                 file and publish again",
            ),
            _ => Failure::file(&path, error),
        })?;
        let lock = Self { path };
        // For whoever finds it.
        writeln!(file, "process {}", std::process::id()).map_err(|error| Failure::file(&lock.path, error))?;
        Ok(lock)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The next publication says so if it is still there.
        let _ = fs::remove_file(&self.path);
    }
}
