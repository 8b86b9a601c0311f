//! The folder beside a feed in which the next publication is got ready: what is not signed by all who must, readers
//! never see. It mirrors the feed's folder, so publishing is copying.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::journal::{self, Journal};
use super::metadata::{self, Draft, ROOT};
use super::{repository, sha256, target, verification, writing};
use crate::failure::Failure;
use crate::files;
use crate::output::shown;
use crate::progress;

const LOCK: &str = "lock";

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
    /// Takes a feed's staging folder, and finishes a publication that was cut short. What is in there may be anybody's
    /// work: the second answer is why it cannot be worked with, and then none of it has been touched.
    pub(super) fn take(feed: &Path) -> Result<(Self, Option<Failure>), Failure> {
        let folder = folder_of(feed);
        writing::make_folder(&folder)?;
        for path in [&folder, &folder.join(LOCK)] {
            if path.is_symlink() {
                return Err(Failure::file(
                    path,
                    "this is a link, which could lead anywhere: remove it",
                ));
            }
        }
        let staging = Self {
            _lock: lock(&folder.join(LOCK))?,
            feed: feed.to_owned(),
            folder,
        };
        files::refuse_links(&staging.feed)?;
        writing::remove_unfinished(&staging.feed)?;
        let problem = staging.take_up().err();
        Ok((staging, problem))
    }

    fn take_up(&self) -> Result<(), Failure> {
        files::refuse_links(&self.folder)?;
        writing::remove_unfinished(&self.folder)?;
        self.finish_publication()
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
        writing::write(&self.folder.join(path), bytes)
    }

    /// A file as readers will see it once all that is staged is published, whose metadata the caller has. A target file
    /// carries its hash in its name, so of two by one name the sound one is it.
    pub(super) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Failure> {
        let Some((_, hash)) = target::name_of(path) else {
            return repository::read(&self.feed, path);
        };
        let is_sound = |bytes: &Vec<u8>| sha256(bytes) == hash;
        let staged = repository::read(&self.folder, path)?;
        if staged.as_ref().is_some_and(is_sound) {
            return Ok(staged);
        }
        let published = repository::read(&self.feed, path)?;
        Ok(match published.as_ref().is_some_and(is_sound) {
            true => published,
            false => staged.or(published),
        })
    }

    /// Takes a file back out of the staging folder.
    pub(super) fn remove(&self, path: &str) -> Result<(), Failure> {
        let path = self.folder.join(path);
        if path.exists() {
            fs::remove_file(&path).map_err(|error| Failure::file(&path, error))?;
        }
        Ok(())
    }

    /// Throws away all that is staged, and every link. What else lies there is not ours: the answer names it.
    pub(super) fn discard(&self) -> Result<Vec<PathBuf>, Failure> {
        let mut left = Vec::new();
        self.discard_below("", &mut left)?;
        Ok(left)
    }

    fn discard_below(&self, below: &str, left: &mut Vec<PathBuf>) -> Result<(), Failure> {
        for entry in files::entries(&self.folder.join(below))? {
            let (path, name) = (entry.path(), entry.file_name());
            let below = format!("{below}{}", name.to_string_lossy());
            let kind = entry.file_type().map_err(|error| Failure::file(&path, error))?;
            if kind.is_dir() && (below == "targets" || below.starts_with("targets/")) {
                self.discard_below(&format!("{below}/"), left)?;
                // Unless something is left in it.
                let _ = fs::remove_dir(&path);
            } else if kind.is_symlink() || kind.is_file() && is_staged(&below) {
                fs::remove_file(&path).map_err(|error| Failure::file(&path, error))?;
            } else if below != LOCK {
                left.push(path);
            }
        }
        Ok(())
    }

    /// Puts staged files in the feed, in this order. From the moment that the journal is written, whoever comes next
    /// finishes this if we do not.
    pub(super) fn publish(&self, paths: &[String]) -> Result<(), Failure> {
        let mut files = Vec::new();
        for path in paths {
            if let Some(bytes) = repository::read(&self.folder, path)? {
                files.push((path.clone(), bytes));
            }
        }
        self.write(journal::NAME, &Journal::of(&files).to_bytes())?;
        self.put(&files)
    }

    /// Takes up a publication that was cut short, if its plan is sound and phones take what comes of it.
    fn finish_publication(&self) -> Result<(), Failure> {
        let path = self.folder.join(journal::NAME);
        let Some(journal) = files::read(&path, journal::MAX_BYTES)? else {
            return Ok(());
        };
        let refused = |why: &str| {
            Failure::file(
                &path,
                format!(
                    "a publication was cut short and cannot be finished: {}. `sluis feed discard {}` throws it away; then \
                     publish again",
                    shown(why),
                    self.feed.display()
                ),
            )
        };
        let journal = Journal::parse(&journal).ok_or_else(|| refused("its plan is damaged"))?;
        let mut files = Vec::new();
        for (path, digest) in journal.entries() {
            // One that is gone was put in its place, and taken away here, by whoever began.
            let places = [&self.folder, &self.feed].into_iter();
            let found = places.map(|folder| repository::read(folder, path));
            let found = found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten();
            let bytes = found.into_iter().find(|bytes| sha256(bytes) == digest);
            let bytes = bytes.ok_or_else(|| refused(&format!("{path} is not what was to be published")))?;
            files.push((path.to_owned(), bytes));
        }
        let by_path: BTreeMap<_, _> = files.iter().cloned().collect();
        verification::verify_resumed(&self.feed, &by_path)
            .map_err(|failure| refused(failure.message().unwrap_or_default()))?;
        self.put(&files)
    }

    fn put(&self, files: &[(String, Vec<u8>)]) -> Result<(), Failure> {
        for (number, (path, bytes)) in files.iter().enumerate() {
            progress::show(&format!("publishing {} of {}: {path}", number + 1, files.len()));
            writing::publish(&self.feed.join(path), bytes)?;
        }
        for (path, _) in files {
            self.remove(path)?;
        }
        self.remove(journal::NAME)?;
        // What is left then belongs to versions that were replaced before they were published. What cannot be read is
        // somebody's work, too.
        match self.drafts() {
            Ok(drafts) if drafts.is_empty() => self.discard().map(drop),
            _ => Ok(()),
        }
    }
}

/// Whether `sluis` puts files of this name in a staging folder.
fn is_staged(path: &str) -> bool {
    path == journal::NAME || path.ends_with(writing::UNFINISHED) || journal::is_of_a_feed(path)
}

/// What is staged, for who only looks. The flag says whether a publication was cut short.
pub(super) fn look(feed: &Path) -> Result<(Vec<Draft>, bool), Failure> {
    let folder = folder_of(feed);
    if !folder.is_dir() {
        return Ok((Vec::new(), false));
    }
    Ok((read_drafts(&folder)?, folder.join(journal::NAME).exists()))
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
    for entry in files::entries(folder)? {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let Some(role) = metadata::role_of(&name) else {
            continue;
        };
        let Some(bytes) = repository::read(folder, &name)? else {
            continue;
        };
        let draft = Draft::parse(role, &bytes).map_err(|problem| Failure::file(&path, problem))?;
        if draft.path() != name {
            return Err(Failure::file(
                &path,
                format!("this file says that it is {}", shown(&draft.path())),
            ));
        }
        drafts.push(draft);
    }
    // A root decides who signs the others, so it comes first.
    drafts.sort_by_key(|draft| (draft.role() != ROOT, draft.role().to_owned()));
    Ok(drafts)
}
