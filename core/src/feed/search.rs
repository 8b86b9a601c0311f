//! The search for one target file: which roles are asked, and in which order (TUF 5.6.7).

use std::collections::BTreeSet;

use super::error::Reason;
use super::limits::ROLES_PER_SEARCH;
use super::metadata::{Delegation, FileDescription, Targets};

/// A search under way. Depth first, each role before those it delegates to, and none twice.
#[derive(Debug)]
pub(super) struct Search {
    name: String,
    found: Option<FileDescription>,
    /// Roles to ask still, the next one last.
    pending: Vec<Delegation>,
    asked: BTreeSet<String>,
}

impl Search {
    /// Begins with the top-level targets.
    pub(super) fn of(name: &str, targets: &Targets) -> Self {
        let mut search = Self {
            name: name.to_owned(),
            found: None,
            pending: Vec::new(),
            asked: BTreeSet::new(),
        };
        search.answered(targets);
        search
    }

    /// The role that must be asked next, which [`Search::answered`] answers; `None` at the end.
    ///
    /// # Errors
    /// [`Reason::TooManyRoles`]: who delegates without end finds nobody who follows.
    pub(super) fn next_role(&mut self) -> Result<Option<Delegation>, Reason> {
        while let Some(delegation) = self.pending.pop() {
            if self.asked.contains(&delegation.name) {
                continue;
            }
            if self.asked.len() >= ROLES_PER_SEARCH {
                return Err(Reason::TooManyRoles);
            }
            self.asked.insert(delegation.name.clone());
            return Ok(Some(delegation));
        }
        Ok(None)
    }

    /// Takes in what a role lists and to whom it delegates the file.
    pub(super) fn answered(&mut self, targets: &Targets) {
        if let Some(description) = targets.files.get(&self.name) {
            self.found = Some(description.clone());
            self.pending.clear();
            return;
        }
        let mut next = Vec::new();
        for delegation in targets.delegations.iter().filter(|d| d.covers.covers(&self.name)) {
            next.push(delegation.clone());
            // TUF 5.6.7.2.1: nobody after it, nor anybody who waits higher up.
            if delegation.terminating {
                self.pending.clear();
                break;
            }
        }
        self.pending.extend(next.into_iter().rev());
    }

    /// What the file must be like; `None` where no role that was asked lists it.
    pub(super) fn found(self) -> Option<FileDescription> {
        self.found
    }
}
