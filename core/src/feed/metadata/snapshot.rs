//! Snapshot: which versions of targets metadata belong together (TUF 4.4).

use std::collections::BTreeMap;

use sluis_policy::json::Node;

use super::{Content, FileDescription, fields};
use crate::feed::error::{Reason, Role};

/// A metadata file as another lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its version, 1 or more.
    pub version: u64,
    /// Its length and hashes, as far as they are listed.
    pub description: FileDescription,
}

impl Listed {
    pub(super) fn read(node: &Node) -> Result<Self, Reason> {
        Ok(Self {
            version: fields::number(node, "version", 1)?,
            description: FileDescription::read_optional(node)?,
        })
    }
}

/// What a snapshot says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The top-level targets.
    pub targets: Listed,
    /// Roles that targets delegates to, by name.
    pub delegated: BTreeMap<String, Listed>,
}

impl Content for Snapshot {
    const ROLE: Role = Role::Snapshot;
    const TYPE: &'static str = "snapshot";

    fn read(signed: &Node) -> Result<Self, Reason> {
        let meta = fields::object(signed, "meta")?;
        let targets = Listed::read(fields::member(meta, "targets.json")?)?;
        let mut delegated = BTreeMap::new();
        for member in fields::members(meta, "meta")? {
            match member.key.strip_suffix(".json") {
                // Repositories of old listed the root here too; its chain is followed without that.
                Some("root" | "timestamp" | "snapshot" | "targets") => {}
                Some(role) => {
                    delegated.insert(role.to_owned(), Listed::read(&member.node)?);
                }
                None => return Err(fields::malformed(&member.node, "only names that end in .json")),
            }
        }
        Ok(Self { targets, delegated })
    }
}
