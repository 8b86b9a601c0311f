//! Reading files, no more of them than they may be long. In a feed's folder and beside it others may have put anything:
//! there, a link could lead to a private key, and a pipe would never end.

use std::fs::{self, DirEntry, File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::failure::Failure;

/// The bytes of a plain file, or `None` where there is nothing of this name.
///
/// # Errors
/// What is no plain file, cannot be read, or has more than `max_bytes`.
pub(crate) fn read(path: &Path, max_bytes: u64) -> Result<Option<Vec<u8>>, Failure> {
    let found = match fs::symlink_metadata(path) {
        Err(error) if is_absent(error.kind()) => return Ok(None),
        found => found.map_err(|error| Failure::file(path, error))?,
    };
    if !found.is_file() {
        return Err(no_plain_file(path));
    }
    let file = File::open(path).map_err(|error| Failure::file(path, error))?;
    let opened = file.metadata().map_err(|error| Failure::file(path, error))?;
    // Exchanged since.
    if !is_same(&found, &opened) {
        return Err(no_plain_file(path));
    }
    match bounded(path, file, max_bytes)? {
        None => Err(too_long(path, max_bytes)),
        bytes => Ok(bytes),
    }
}

/// The bytes of a file that somebody names, who may as well name a pipe.
///
/// # Errors
/// What cannot be read, or has more than `max_bytes`.
pub(crate) fn read_given(path: &Path, max_bytes: u64) -> Result<Vec<u8>, Failure> {
    read_up_to(path, max_bytes)?.ok_or_else(|| too_long(path, max_bytes))
}

/// As [`read_given`], but `None` is a file that has more than `max_bytes`.
pub(crate) fn read_up_to(path: &Path, max_bytes: u64) -> Result<Option<Vec<u8>>, Failure> {
    let file = File::open(path).map_err(|error| Failure::file(path, error))?;
    bounded(path, file, max_bytes)
}

/// As [`read_given`], for text.
pub(crate) fn read_text(path: &Path, max_bytes: u64) -> Result<String, Failure> {
    String::from_utf8(read_given(path, max_bytes)?)
        .map_err(|_| Failure::file(path, "this is no text in UTF-8"))
}

fn bounded(path: &Path, file: File, max_bytes: u64) -> Result<Option<Vec<u8>>, Failure> {
    // At once, so that no half of a secret stays behind where it was before the buffer grew.
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    let mut bytes = Vec::with_capacity(usize::try_from(length.min(max_bytes)).unwrap_or_default() + 1);
    let read = file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| Failure::file(path, error))?;
    Ok((bytes.len() as u64 <= max_bytes).then_some(bytes))
}

fn too_long(path: &Path, max_bytes: u64) -> Failure {
    let problem = format!("this file has more than {max_bytes} bytes, which is the most it may have");
    Failure::file(path, problem)
}

/// Refuses a folder in which, at any depth, is something else than plain files and folders.
pub(crate) fn refuse_links(folder: &Path) -> Result<(), Failure> {
    for entry in entries(folder)? {
        let (path, kind) = (entry.path(), entry.file_type());
        let kind = kind.map_err(|error| Failure::file(&path, error))?;
        if kind.is_dir() {
            refuse_links(&path)?;
        } else if !kind.is_file() {
            return Err(no_plain_file(&path));
        }
    }
    Ok(())
}

/// What is in a folder, in the order of the names; nothing where there is no folder.
pub(crate) fn entries(folder: &Path) -> Result<Vec<DirEntry>, Failure> {
    let entries = match fs::read_dir(folder) {
        Err(error) if is_absent(error.kind()) => return Ok(Vec::new()),
        entries => entries.map_err(|error| Failure::file(folder, error))?,
    };
    let entries: Result<Vec<_>, _> = entries.collect();
    let mut entries = entries.map_err(|error| Failure::file(folder, error))?;
    entries.sort_by_key(DirEntry::file_name);
    Ok(entries)
}

fn is_absent(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn no_plain_file(path: &Path) -> Failure {
    Failure::file(
        path,
        "this is a link or something else that is no plain file, and could lead anywhere: look who put it there, and \
         remove it",
    )
}

#[cfg(unix)]
fn is_same(found: &Metadata, opened: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (found.dev(), found.ino()) == (opened.dev(), opened.ino())
}

#[cfg(not(unix))]
fn is_same(_found: &Metadata, opened: &Metadata) -> bool {
    opened.is_file()
}
