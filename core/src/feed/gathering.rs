//! From the targets metadata to the files: where each wanted file is listed.

use std::collections::VecDeque;

use super::error::{Reason, Role};
use super::files::{Files, Wanted};
use super::metadata::{Delegation, Listed, Snapshot, Targets};
use super::path;
use super::search::Search;
use super::state::ActiveFile;
use super::update::Stop;

/// Looks up the wanted files, one after the other; roles that are not needed for any of them are not fetched.
#[derive(Debug)]
pub(super) struct Gathering {
    consistent_snapshot: bool,
    snapshot: Snapshot,
    targets: Targets,
    current: Option<(Wanted, Search)>,
    waiting: VecDeque<Wanted>,
    files: Files,
}

/// A delegated role that must be asked, and what the snapshot says of it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) delegation: Delegation,
    pub(super) listed: Listed,
}

impl Asked {
    pub(super) fn role(&self) -> Role {
        Role::Delegated(self.delegation.name.clone())
    }
}

impl Gathering {
    pub(super) fn new(
        consistent_snapshot: bool,
        snapshot: Snapshot,
        targets: Targets,
        wanted: Vec<Wanted>,
    ) -> Self {
        Self {
            consistent_snapshot,
            snapshot,
            targets,
            current: None,
            waiting: wanted.into(),
            files: Files::default(),
        }
    }

    /// The role whose metadata is needed next, to be answered by [`Gathering::answered`]; `None` when every file was
    /// looked up.
    pub(super) fn next_role(&mut self, active: &[ActiveFile]) -> Result<Option<Asked>, Stop> {
        loop {
            let current = match self.current.take() {
                Some(current) => Some(current),
                None => self.next_search()?,
            };
            let Some((wanted, mut search)) = current else {
                return Ok(None);
            };
            let next = search.next_role().map_err(|reason| (file(&wanted), reason))?;
            if let Some(delegation) = next {
                self.current = Some((wanted, search));
                return self.listed(delegation).map(Some);
            }
            let role = file(&wanted);
            match search.found() {
                Some(description) => self
                    .files
                    .add(wanted, description, self.consistent_snapshot, active)
                    .map_err(|reason| (role, reason))?,
                None if wanted.required => return Err((role, Reason::NotListed)),
                None => {}
            }
        }
    }

    /// Takes in what the role that was asked says.
    pub(super) fn answered(&mut self, targets: &Targets) {
        if let Some((_, search)) = &mut self.current {
            search.answered(targets);
        }
    }

    pub(super) fn consistent_snapshot(&self) -> bool {
        self.consistent_snapshot
    }

    /// The files, each of them looked up.
    pub(super) fn into_files(self) -> Files {
        self.files
    }

    fn next_search(&mut self) -> Result<Option<(Wanted, Search)>, Stop> {
        let Some(wanted) = self.waiting.pop_front() else {
            return Ok(None);
        };
        path::check_target(&wanted.name).map_err(|reason| (file(&wanted), reason))?;
        let search = Search::of(&wanted.name, &self.targets);
        Ok(Some((wanted, search)))
    }

    fn listed(&self, delegation: Delegation) -> Result<Asked, Stop> {
        match self.snapshot.delegated.get(&delegation.name) {
            Some(listed) => Ok(Asked {
                listed: listed.clone(),
                delegation,
            }),
            None => Err((Role::Delegated(delegation.name), Reason::NotListed)),
        }
    }
}

fn file(wanted: &Wanted) -> Role {
    Role::File(wanted.name.clone())
}
