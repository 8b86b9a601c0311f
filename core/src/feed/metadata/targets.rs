//! Targets: which files there are, and what they must be like (TUF 4.5).

use std::collections::BTreeMap;

use sluis_policy::json::Node;

use super::{Content, FileDescription, fields};
use crate::feed::error::{Reason, Role};

/// What targets metadata says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets {
    /// Target files by path.
    pub files: BTreeMap<String, FileDescription>,
}

impl Content for Targets {
    const ROLE: Role = Role::Targets;
    const TYPE: &'static str = "targets";

    fn read(signed: &Node) -> Result<Self, Reason> {
        let mut files = BTreeMap::new();
        for member in fields::members(fields::member(signed, "targets")?, "targets")? {
            let description = FileDescription::read_required(&member.node)?;
            files.insert(member.key.as_str().to_owned(), description);
        }
        Ok(Self { files })
    }
}
