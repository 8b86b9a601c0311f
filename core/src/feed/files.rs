//! The target files of an update on their way in (TUF 5.7).

use std::collections::VecDeque;

use super::error::{Reason, Role};
use super::metadata::{FileDescription, sha256};
use super::state::{ActiveFile, VerifiedFile};
use super::{CATALOGUE, POLICY, limits, path};

/// A target file that an update is to bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its path in the targets metadata.
    pub name: String,
    /// Whether the update fails where the feed does not list it.
    pub required: bool,
    /// The most bytes that are taken; a file listed as longer is not even asked for.
    pub max_bytes: u64,
}

impl Wanted {
    /// What a phone takes of a feed: the policy, and the catalogue where there is one.
    pub(super) fn by_phones() -> Vec<Self> {
        [(POLICY, true), (CATALOGUE, false)]
            .map(|(name, required)| Self {
                name: name.into(),
                required,
                max_bytes: limits::max_bytes(&Role::File(name.into())),
            })
            .into()
    }
}

/// Some are here, some are to be fetched still. Taken together, they may become active only when none is missing.
#[derive(Debug, Default)]
pub(super) struct Files {
    missing: VecDeque<Missing>,
    verified: Vec<VerifiedFile>,
}

#[derive(Debug)]
struct Missing {
    name: String,
    path: String,
    length: u64,
    description: FileDescription,
}

impl Files {
    /// Adds a file that is listed. One that is active with the same content is not fetched again.
    pub(super) fn add(
        &mut self,
        wanted: Wanted,
        listed: FileDescription,
        consistent_snapshot: bool,
        active: &[ActiveFile],
    ) -> Result<(), Reason> {
        let Wanted { name, max_bytes, .. } = wanted;
        if let Some(active) = active.iter().find(|file| is(file, &name, &listed)) {
            self.verified.push(VerifiedFile {
                active: active.clone(),
                bytes: None,
            });
            return Ok(());
        }
        let hash = listed.name_hash()?;
        let length = listed.length.unwrap_or_default();
        if length > max_bytes {
            return Err(Reason::TooLong {
                found: length,
                limit: max_bytes,
            });
        }
        self.missing.push_back(Missing {
            path: path::of_target(&name, consistent_snapshot.then_some(hash.as_str())),
            name,
            length,
            description: listed,
        });
        Ok(())
    }

    pub(super) fn more(&self) -> bool {
        !self.missing.is_empty()
    }

    /// The file that is asked for now.
    pub(super) fn role(&self) -> Role {
        let name = self.missing.front().map(|missing| missing.name.clone());
        Role::File(name.unwrap_or_default())
    }

    /// Path and most bytes of the file that is asked for now.
    pub(super) fn request(&self) -> (String, u64) {
        self.missing
            .front()
            .map(|missing| (missing.path.clone(), missing.length))
            .unwrap_or_default()
    }

    /// Takes in the file that was asked for.
    pub(super) fn received(&mut self, bytes: &[u8]) -> Result<(), Reason> {
        let Some(missing) = self.missing.pop_front() else {
            return Ok(());
        };
        let sha256 = sha256(bytes);
        missing.description.check_hashed(bytes, &sha256)?;
        self.verified.push(VerifiedFile {
            active: ActiveFile {
                name: missing.name,
                sha256,
                length: bytes.len() as u64,
            },
            bytes: Some(bytes.to_vec()),
        });
        Ok(())
    }

    /// The files, in the order of their names.
    pub(super) fn into_verified(mut self) -> Vec<VerifiedFile> {
        self.verified.sort_by(|a, b| a.active.name.cmp(&b.active.name));
        self.verified
    }
}

fn is(active: &ActiveFile, name: &str, listed: &FileDescription) -> bool {
    active.name == name && listed.sha256 == Some(active.sha256) && listed.length == Some(active.length)
}
