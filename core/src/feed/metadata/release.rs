//! Which version of the agent a target file is: what its entry's `custom` says (TUF 4.5).

use sluis_policy::json::Node;

use super::fields;
use crate::feed::error::Reason;

/// The agent's package, as whoever listed it describes it. Nobody has looked into the file for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Its name, as `nl.sluis.agent`.
    pub package: String,
    /// Its version: Android's `longVersionCode`, at least 1.
    pub version_code: u64,
    /// The lowest API level that it runs on.
    pub min_sdk: u64,
}

impl Release {
    /// `None` where `custom` does not say all of it: other people's files have fields of their own there.
    pub(super) fn read(entry: &Node) -> Option<Self> {
        let read = |custom: &Node| -> Result<Self, Reason> {
            Ok(Self {
                package: fields::string(custom, "package")?.to_owned(),
                version_code: fields::number(custom, "version_code", 1)?,
                min_sdk: fields::number(custom, "min_sdk", 1)?,
            })
        };
        read(entry.get("custom")?).ok()
    }
}
