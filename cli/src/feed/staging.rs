//! The folder beside a feed in which the next publication is got ready: what is not signed by all who must, readers
//! never see. It mirrors the feed's folder, so publishing is copying.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::metadata::{Draft, ROOT, TIMESTAMP};
use super::repository;
use crate::failure::Failure;

const LOCK: &str = "lock";
/// Which files are being published, in the order in which they are written. While it is there, a publication that was
/// cut short is taken up again.
const JOURNAL: &str = "publication.json";

/// The staging folder of one feed, held by this process alone for as long as it lives.
#[derive(Debug)]
pub(super) struct Staging {
    feed: PathBuf,
    folder: PathBuf,
    /// The system lets go of it when the process ends, however it ends.
    _lock: File,
}

/// Where the next publication of a feed is got ready: beside the folder itself, by whatever name it was given.
pub(super) fn folder_of(feed: &Path) -> PathBuf {
    let real = match feed.file_name().is_none() || feed.is_symlink() {
        true => feed.canonicalize().ok(),
        false => None,
    };
    let feed = real.as_deref().unwrap_or(feed);
    let mut name = feed.file_name().map(OsString::from).unwrap_or_default();
    name.push(".staged");
    feed.with_file_name(name)
}

impl Staging {
    /// Takes a feed's staging folder, and finishes a publication that was cut short.
    pub(super) fn take(feed: &Path) -> Result<Self, Failure> {
        let folder = folder_of(feed);
        repository::make_folder(&folder).map_err(|error| Failure::file(&folder, error))?;
        let staging = Self {
            _lock: lock(&folder.join(LOCK))?,
            feed: feed.to_owned(),
            folder,
        };
        for folder in [&staging.feed, &staging.folder] {
            repository::remove_unfinished(folder)?;
        }
        staging.finish_publication()?;
        Ok(staging)
    }

    pub(super) fn path(&self) -> &Path {
        &self.folder
    }

    /// The metadata that is staged.
    pub(super) fn drafts(&self) -> Result<Vec<Draft>, Failure> {
        read_drafts(&self.folder)
    }

    /// Stages a file under its path in the feed.
    pub(super) fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        repository::write(&self.folder.join(path), bytes)
    }

    /// A file as readers will see it once all that is staged is published.
    pub(super) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        match repository::read_optional(&self.folder.join(path))? {
            None => repository::read_optional(&self.feed.join(path)),
            staged => Ok(staged),
        }
    }

    /// Takes a file back out of the staging folder.
    pub(super) fn remove(&self, path: &str) -> Result<(), Failure> {
        let path = self.folder.join(path);
        if path.exists() {
            fs::remove_file(&path).map_err(|error| Failure::file(&path, error))?;
        }
        Ok(())
    }

    /// Throws away all that is staged; the lock stays.
    pub(super) fn discard(&self) -> Result<(), Failure> {
        for entry in entries(&self.folder)? {
            let removed = if entry.is_dir() {
                fs::remove_dir_all(&entry)
            } else if entry.ends_with(LOCK) {
                Ok(())
            } else {
                fs::remove_file(&entry)
            };
            removed.map_err(|error| Failure::file(&entry, error))?;
        }
        Ok(())
    }

    /// Puts staged files in the feed, in this order. From the moment that the journal is written, whoever comes next
    /// finishes this if we do not.
    pub(super) fn publish(&self, paths: &[String]) -> Result<(), Failure> {
        let journal = json!({ "files": paths }).to_string();
        self.write(JOURNAL, journal.as_bytes())?;
        self.finish_publication()
    }

    fn finish_publication(&self) -> Result<(), Failure> {
        let Some(journal) = repository::read_optional(&self.folder.join(JOURNAL))? else {
            return Ok(());
        };
        let paths = journalled(&journal).ok_or_else(|| {
            Failure::file(
                &self.folder.join(JOURNAL),
                "this file is damaged; remove it, then publish again",
            )
        })?;
        for path in &paths {
            let staged = self.folder.join(path);
            // Gone means that it was put in its place and taken away here by whoever began.
            if let Some(bytes) = repository::read_optional(&staged)? {
                repository::write(&self.feed.join(path), &bytes)?;
            }
        }
        for path in &paths {
            self.remove(path)?;
        }
        self.remove(JOURNAL)?;
        // What is left then belongs to versions that were replaced before they were published. What cannot be read is
        // somebody's work, too.
        match self.drafts() {
            Ok(drafts) if drafts.is_empty() => self.discard(),
            _ => Ok(()),
        }
    }
}

/// What is staged, for who only looks. The flag says whether a publication was cut short.
pub(super) fn look(feed: &Path) -> Result<(Vec<Draft>, bool), Failure> {
    let folder = folder_of(feed);
    if !folder.is_dir() {
        return Ok((Vec::new(), false));
    }
    Ok((read_drafts(&folder)?, folder.join(JOURNAL).exists()))
}

fn lock(path: &Path) -> Result<File, Failure> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(|error| Failure::file(path, error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            // It is locked first and written then: in between it says nothing.
            let holder = match holder.trim() {
                "" => String::new(),
                holder => format!(" ({holder})"),
            };
            let problem =
                format!("somebody else is at work on this feed{holder}; try again when that is done");
            return Err(Failure::file(path, problem));
        }
        Err(TryLockError::Error(error)) => return Err(Failure::file(path, error)),
    }
    // For whoever finds it taken.
    file.set_len(0)
        .and_then(|()| writeln!(file, "process {}", std::process::id()))
        .map_err(|error| Failure::file(path, error))?;
    Ok(file)
}

fn read_drafts(folder: &Path) -> Result<Vec<Draft>, Failure> {
    let mut drafts = Vec::new();
    for path in entries(folder)? {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let Some(role) = role_of(&name) else { continue };
        let bytes = fs::read(&path).map_err(|error| Failure::file(&path, error))?;
        let draft = Draft::parse(role, &bytes).map_err(|problem| Failure::file(&path, problem))?;
        if draft.path() != name {
            return Err(Failure::file(
                &path,
                format!("this file says that it is {}", draft.path()),
            ));
        }
        drafts.push(draft);
    }
    // A root decides who signs the others, so it comes first.
    drafts.sort_by_key(|draft| (draft.role() != ROOT, draft.role().to_owned()));
    Ok(drafts)
}

/// The role whose metadata has this file name.
fn role_of(name: &str) -> Option<&str> {
    let stem = name.strip_suffix(".json")?;
    if stem == TIMESTAMP {
        return Some(TIMESTAMP);
    }
    let (version, role) = stem.split_once('.')?;
    version.parse::<u64>().is_ok().then_some(role)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).map_err(|error| Failure::file(folder, error))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::file(folder, error))?;
    paths.sort();
    Ok(paths)
}

fn journalled(journal: &[u8]) -> Option<Vec<String>> {
    let journal: Value = serde_json::from_slice(journal).ok()?;
    let files = journal.get("files")?.as_array()?;
    files.iter().map(|path| Some(path.as_str()?.to_owned())).collect()
}
