//! Targets: which files there are, what they must be like, and who else may list some (TUF 4.5).

use std::collections::BTreeMap;

use sluis_policy::json::Node;

use super::delegation::{self, Delegation};
use super::{Content, FileDescription, fields};
use crate::feed::error::{Reason, Role};

/// What the metadata of targets says, or of a role that targets are delegated to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets {
    /// Target files by path.
    pub files: BTreeMap<String, FileDescription>,
    /// Roles to which others are left, those that are asked first in front.
    pub delegations: Vec<Delegation>,
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
        let delegations = match signed.get("delegations") {
            None => Vec::new(),
            Some(node) => delegation::read(node)?,
        };
        Ok(Self { files, delegations })
    }
}
