//! Roles that a repository's author delegates to.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{DAY, DAY_0, Signers};

/// A role that targets are delegated to, and what it lists.
#[derive(Debug)]
pub(crate) struct Delegated {
    pub(crate) name: String,
    /// The role that delegates to it; more delegations come from [`Delegated::also_by`].
    pub(crate) by: String,
    /// Others that delegate to it, with the keys that they list for it.
    pub(crate) also_by: Vec<(String, Signers)>,
    pub(crate) signers: Signers,
    pub(crate) terminating: bool,
    /// `paths` or `path_hash_prefixes`.
    pub(crate) covers: Value,
    pub(crate) version: i64,
    pub(crate) expires: i64,
    pub(crate) content: BTreeMap<String, Vec<u8>>,
}

impl Delegated {
    /// A role to which `by` leaves the paths that match, with nothing in it yet.
    pub(crate) fn new(name: &str, by: &str, paths: &[&str]) -> Self {
        Self {
            name: name.into(),
            by: by.into(),
            also_by: Vec::new(),
            signers: Signers::one(20),
            terminating: false,
            covers: json!({ "paths": paths }),
            version: 0,
            expires: DAY_0 + 90 * DAY,
            content: BTreeMap::new(),
        }
    }

    pub(crate) fn terminating(mut self) -> Self {
        self.terminating = true;
        self
    }

    pub(crate) fn signed_by(mut self, signers: Signers) -> Self {
        self.signers = signers;
        self
    }

    pub(crate) fn with(mut self, path: &str, content: &str) -> Self {
        self.content.insert(path.into(), content.into());
        self
    }

    /// How a delegator lists it, with the keys that it names.
    pub(super) fn delegation(&self, signers: &Signers) -> Value {
        let mut delegation = json!({
            "name": self.name,
            "keyids": signers.ids(),
            "threshold": signers.threshold,
            "terminating": self.terminating,
        });
        for (name, value) in self.covers.as_object().unwrap() {
            delegation[name] = value.clone();
        }
        delegation
    }
}
