//! What was read of one phone.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sluis_core::policy::facts::{PackageFacts, Roles};

use crate::output::is_plain;

/// One phone, or one user of it.
#[derive(Debug, Default)]
pub(crate) struct Device {
    /// The file it was read from, and which one of it where it holds several.
    pub(crate) name: String,
    /// Each package once, in the order of the source. What the source does not say is unknown.
    pub(crate) packages: Vec<PackageFacts>,
    /// Who holds which role, where the source says so.
    pub(crate) roles: Roles,
    /// Apps of which the source gives a name that people see, but no package: never certain.
    pub(crate) by_name: Vec<NamedApp>,
    /// What could not be read, or not wholly.
    pub(crate) unreadable: Unreadables,
}

/// An app that is known by name only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NamedApp {
    /// The name that people see.
    pub(crate) name: String,
    /// What the source says of its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    /// Packages that the catalogue knows by this name; it may be one of them, or none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) candidates: Vec<String>,
}

/// A line that could not be read, or not wholly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unreadable {
    /// Its number, from 1; of an entry where the source has no lines.
    pub(crate) number: usize,
    /// How it begins.
    pub(crate) text: String,
    /// What is wrong with it.
    pub(crate) problem: String,
}

impl Device {
    /// Whether nothing could be read of it: such a phone may have anything on it, so it counts as none.
    pub(crate) fn is_unknown(&self) -> bool {
        self.unreadable.count() > 0 && self.packages.is_empty() && self.by_name.is_empty()
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}: `{}`", self.number, self.problem, self.text)
    }
}

/// All of them counted, the first ones kept: a file of noise must not fill the memory.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Unreadables {
    first: Vec<Unreadable>,
    count: usize,
}

impl Unreadables {
    const KEPT: usize = 100;

    /// Notes what is wrong with a line.
    pub(crate) fn report(&mut self, number: usize, text: &[u8], problem: impl Into<String>) {
        self.count += 1;
        if self.first.len() < Self::KEPT {
            self.first.push(Unreadable {
                number,
                text: beginning(text),
                problem: problem.into(),
            });
        }
    }

    /// The first ones.
    pub(crate) fn first(&self) -> &[Unreadable] {
        &self.first
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }
}

/// Packages as they are read, each once.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    packages: Vec<PackageFacts>,
    places: HashMap<String, usize>,
}

impl Gathering {
    /// Adds a package, or what an earlier line did not say of it; false if the two contradict each other.
    pub(super) fn add(&mut self, facts: PackageFacts) -> bool {
        let place = self.places.get(&facts.name).copied();
        match place.and_then(|at| self.packages.get_mut(at)) {
            Some(first) => merge(first, facts),
            None => {
                self.places.insert(facts.name.clone(), self.packages.len());
                self.packages.push(facts);
                true
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.packages.is_empty()
    }

    pub(super) fn into_packages(self) -> Vec<PackageFacts> {
        self.packages
    }
}

/// Fills what the first did not say; false if the two say different things.
fn merge(first: &mut PackageFacts, second: PackageFacts) -> bool {
    fn fill<T: PartialEq>(first: &mut Option<T>, second: Option<T>) -> bool {
        if first.is_none() {
            *first = second;
            return true;
        }
        second.is_none() || *first == second
    }
    // Named one by one, so that a fact that is new is not forgotten here.
    let PackageFacts {
        name: _,
        label,
        version_code,
        version_name,
        signers,
        installer,
        permissions,
        components,
        web_origin,
        system,
        updated_system,
        persistent,
        apex,
        uid,
        enabled,
        hidden,
        suspended,
    } = second;
    let agreed = [
        fill(&mut first.label, label),
        fill(&mut first.version_code, version_code),
        fill(&mut first.version_name, version_name),
        fill(&mut first.signers, signers),
        fill(&mut first.installer, installer),
        fill(&mut first.permissions, permissions),
        fill(&mut first.components, components),
        fill(&mut first.web_origin, web_origin),
        fill(&mut first.system, system),
        fill(&mut first.updated_system, updated_system),
        fill(&mut first.persistent, persistent),
        fill(&mut first.apex, apex),
        fill(&mut first.uid, uid),
        fill(&mut first.enabled, enabled),
        fill(&mut first.hidden, hidden),
        fill(&mut first.suspended, suspended),
    ];
    agreed.iter().all(|a| *a)
}

/// As much of a line as helps to find it, without what could disturb a terminal.
pub(super) fn beginning(line: &[u8]) -> String {
    const MOST: usize = 60;
    let start = String::from_utf8_lossy(line.get(..MOST * 4).unwrap_or(line)).into_owned();
    let mut shown: String = start
        .trim_end()
        .chars()
        .take(MOST)
        .map(|c| if is_plain(c) { c } else { '\u{FFFD}' })
        .collect();
    if shown.len() < line.trim_ascii_end().len() && shown.chars().count() == MOST {
        shown.push('…');
    }
    shown
}
