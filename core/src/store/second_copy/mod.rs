//! The second copy: what must outlive the loss of the store, in two small files beside it that are written in turn.
//!
//! A file is `sluis.copy/1 SHA-256\n` and a JSON body; the digest covers the format's name and the body. While one file is
//! being written the other one is whole, so that a crash at any moment leaves the state of now or the one before
//! (docs/decisions/0008).

mod content;

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use ring::digest;
use serde::{Deserialize, Serialize};
use sluis_policy::values::Digest;

use super::StoreError;
pub(crate) use content::{Content, follow, generation, log_head};

const FORMAT: &str = "sluis.copy/";
const VERSION: i64 = 1;
/// More than any phone's apps need; a longer file is not ours.
const MAX_BYTES: u64 = 16 << 20;

/// Where the audit log ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogHead {
    /// The last entry's place.
    pub(crate) number: u64,
    /// The last entry's hash.
    pub(crate) hash: Digest,
}

/// One state of what is copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    /// Which state; later ones have higher numbers.
    pub(crate) generation: i64,
    /// Where the log ended when this was written; more may have been logged since.
    pub(crate) log: Option<LogHead>,
    /// What the tables held.
    pub(crate) content: Content,
}

/// The two files beside a store.
#[derive(Debug)]
pub(crate) struct SecondCopy {
    files: [PathBuf; 2],
    /// Which file has the latest state, and that state's generation.
    latest: Option<(usize, i64)>,
    /// Some file was there, readable or not.
    found: bool,
}

/// What a file turned out to be.
enum Found {
    Absent,
    Damaged,
    State(Box<State>),
}

impl SecondCopy {
    /// Reads what stands beside the store at `store`: the latest state that is whole, if any.
    ///
    /// # Errors
    /// [`StoreError::FutureVersion`]: a later version of Sluis wrote it.
    pub(crate) fn beside(store: &Path) -> Result<(Self, Option<State>), StoreError> {
        let files = [beside(store, ".copy-a"), beside(store, ".copy-b")];
        let mut copy = Self {
            files,
            latest: None,
            found: false,
        };
        let mut latest: Option<State> = None;
        for (i, file) in copy.files.iter().enumerate() {
            let state = match read(file)? {
                Found::Absent => continue,
                Found::Damaged => {
                    log::warn!("a file of the second copy is damaged and will be replaced");
                    copy.found = true;
                    continue;
                }
                Found::State(state) => state,
            };
            copy.found = true;
            if copy
                .latest
                .is_none_or(|(_, generation)| generation < state.generation)
            {
                copy.latest = Some((i, state.generation));
                latest = Some(*state);
            }
        }
        Ok((copy, latest))
    }

    /// The generation of the latest state on the disk.
    pub(crate) fn generation(&self) -> Option<i64> {
        self.latest.map(|(_, generation)| generation)
    }

    /// Whether any file of it is there, readable or not: a store has been here before.
    pub(crate) fn found(&self) -> bool {
        self.found
    }

    /// Writes a state over the older one; it is on the disk when this returns.
    ///
    /// # Errors
    /// The file system's; the state before is still whole.
    pub(crate) fn write(&mut self, state: &State) -> io::Result<()> {
        let slot = self.latest.map_or(0, |(latest, _)| 1 - latest);
        let Some(path) = self.files.get(slot) else {
            return Ok(());
        };
        let body = serde_json::to_string(state)?;
        let bytes = format!("{FORMAT}{VERSION} {}\n{body}", seal(VERSION, body.as_bytes()));
        let is_new = !path.exists();
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        file.write_all(bytes.as_bytes())?;
        file.set_len(bytes.len() as u64)?;
        file.sync_data()?;
        if is_new {
            sync_folder(path)?;
        }
        self.found = true;
        self.latest = Some((slot, state.generation));
        Ok(())
    }
}

/// Makes it last that a file was made, renamed or removed.
pub(super) fn sync_folder(of: &Path) -> io::Result<()> {
    match of.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

/// The path with more at the end of its name.
pub(super) fn beside(store: &Path, suffix: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn read(path: &Path) -> Result<Found, StoreError> {
    let mut bytes = Vec::new();
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Absent),
        Err(_) => return Ok(Found::Damaged),
        Ok(file) => {
            if file.take(MAX_BYTES).read_to_end(&mut bytes).is_err() {
                return Ok(Found::Damaged);
            }
        }
    }
    let Some((found, body)) = open(&bytes) else {
        return Ok(Found::Damaged);
    };
    if found > VERSION {
        let known = VERSION;
        return Err(StoreError::FutureVersion { found, known });
    }
    Ok(serde_json::from_slice(body).map_or(Found::Damaged, |state| Found::State(Box::new(state))))
}

/// The version and body of a file whose digest is right.
fn open(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (head, body) = (bytes.get(..end)?, bytes.get(end + 1..)?);
    let (version, digest) = std::str::from_utf8(head)
        .ok()?
        .strip_prefix(FORMAT)?
        .split_once(' ')?;
    let version = version.parse().ok()?;
    // Not before the digest is known to be right is a version believed: a flipped bit is damage, not the future.
    (Digest::parse(digest) == Some(seal(version, body))).then_some((version, body))
}

fn seal(version: i64, body: &[u8]) -> Digest {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(format!("{FORMAT}{version}\n").as_bytes());
    context.update(body);
    let mut hash = [0; 32];
    hash.iter_mut()
        .zip(context.finish().as_ref())
        .for_each(|(to, from)| *to = *from);
    Digest(hash)
}
