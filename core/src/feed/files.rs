//! The target files of an update on their way in (TUF 5.7).

use std::collections::VecDeque;

use super::error::{Reason, Role};
use super::limits;
use super::metadata::{FileDescription, Targets, sha256};
use super::state::{ActiveFile, VerifiedFile};
use super::update::Stop;
use super::{CATALOGUE, POLICY};

/// The files that this client takes, and whether a feed must have them.
const TAKEN: [(&str, bool); 2] = [(POLICY, true), (CATALOGUE, false)];

/// Some are here, some are wanted still. Taken together, they may become active only when none is wanted.
#[derive(Debug)]
pub(super) struct Files {
    wanted: VecDeque<Wanted>,
    verified: Vec<VerifiedFile>,
}

#[derive(Debug)]
struct Wanted {
    name: &'static str,
    path: String,
    length: u64,
    description: FileDescription,
}

impl Files {
    /// What targets list of the files that are taken. One that is active with the same content is not fetched again.
    pub(super) fn wanted(
        targets: &Targets,
        consistent_snapshot: bool,
        active: &[ActiveFile],
    ) -> Result<Self, Stop> {
        let mut files = Self {
            wanted: VecDeque::new(),
            verified: Vec::new(),
        };
        for (name, required) in TAKEN {
            let role = || Role::File(name.into());
            match targets.files.get(name) {
                None if required => return Err((role(), Reason::NotListed)),
                None => {}
                Some(description) => match active.iter().find(|file| is(file, name, description)) {
                    Some(active) => files.verified.push(VerifiedFile {
                        active: active.clone(),
                        bytes: None,
                    }),
                    None => files.wanted.push_back(
                        Wanted::new(name, description, consistent_snapshot)
                            .map_err(|reason| (role(), reason))?,
                    ),
                },
            }
        }
        Ok(files)
    }

    pub(super) fn more(&self) -> bool {
        !self.wanted.is_empty()
    }

    /// The file that is asked for now.
    pub(super) fn role(&self) -> Role {
        let name = self.wanted.front().map_or("", |wanted| wanted.name);
        Role::File(name.into())
    }

    /// Path and most bytes of the file that is asked for now.
    pub(super) fn request(&self) -> (String, u64) {
        self.wanted
            .front()
            .map(|wanted| (wanted.path.clone(), wanted.length))
            .unwrap_or_default()
    }

    /// Takes in the file that was asked for.
    pub(super) fn received(&mut self, bytes: &[u8]) -> Result<(), Reason> {
        let Some(wanted) = self.wanted.pop_front() else {
            return Ok(());
        };
        wanted.description.check(bytes)?;
        self.verified.push(VerifiedFile {
            active: ActiveFile {
                name: wanted.name.into(),
                sha256: sha256(bytes),
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

impl Wanted {
    fn new(
        name: &'static str,
        description: &FileDescription,
        consistent_snapshot: bool,
    ) -> Result<Self, Reason> {
        let hash = description.name_hash()?;
        let length = description.length.unwrap_or_default();
        let limit = limits::max_bytes(&Role::File(name.into()));
        if length > limit {
            return Err(Reason::TooLong { found: length, limit });
        }
        Ok(Self {
            name,
            path: if consistent_snapshot {
                format!("targets/{hash}.{name}")
            } else {
                format!("targets/{name}")
            },
            length,
            description: description.clone(),
        })
    }
}

fn is(active: &ActiveFile, name: &str, listed: &FileDescription) -> bool {
    active.name == name && listed.sha256 == Some(active.sha256) && listed.length == Some(active.length)
}
