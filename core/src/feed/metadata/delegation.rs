//! Delegations: to whom targets leave which target files (TUF 4.5).

use std::collections::BTreeSet;

use sluis_policy::json::Node;

use super::authority::{Authority, Keys};
use super::pattern::Pattern;
use super::{fields, sha256};
use crate::feed::error::Reason;
use crate::feed::hex;

/// A role that another one delegates to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// The role's name; none of the top-level roles'.
    pub name: String,
    /// Who signs its metadata, as far as this delegation goes.
    pub authority: Authority,
    /// Whether a search that comes here looks no further than below this role.
    pub terminating: bool,
    /// Which target files are left to it.
    pub covers: Covers,
}

/// Which target files a delegation leaves to a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Covers {
    /// Those whose path matches one of these patterns.
    Paths(Vec<Pattern>),
    /// Those whose path has a SHA-256 that begins with one of these, in lower-case hex digits.
    HashPrefixes(Vec<String>),
}

impl Covers {
    /// Whether the target file of that path is left to the role.
    pub fn covers(&self, path: &str) -> bool {
        match self {
            Self::Paths(patterns) => patterns.iter().any(|pattern| pattern.matches(path)),
            Self::HashPrefixes(prefixes) => {
                let digest = hex::encode(&sha256(path.as_bytes()));
                prefixes.iter().any(|prefix| digest.starts_with(prefix))
            }
        }
    }
}

/// Reads the `delegations` of a targets role, in their order: a search goes by it.
pub(super) fn read(delegations: &Node) -> Result<Vec<Delegation>, Reason> {
    let keys = Keys::read(delegations)?;
    let Some(roles) = delegations.get("roles") else {
        // Other ways to delegate (TAP 15) are unknown here: what they leave to others is not found.
        return Ok(Vec::new());
    };
    let nodes = roles
        .as_array()
        .ok_or_else(|| fields::malformed(roles, "an array for \"roles\""))?;
    let mut read: Vec<Delegation> = Vec::with_capacity(nodes.len());
    let mut names = BTreeSet::new();
    for node in nodes {
        let delegation = read_one(node, &keys)?;
        // Two delegations of one name would be two opinions about who signs for it.
        if !names.insert(delegation.name.clone()) {
            return Err(fields::malformed(node, "one delegation for each role"));
        }
        read.push(delegation);
    }
    Ok(read)
}

fn read_one(node: &Node, keys: &Keys<'_>) -> Result<Delegation, Reason> {
    let name = fields::string(node, "name")?;
    if ["root", "timestamp", "snapshot", "targets"].contains(&name) {
        return Err(fields::malformed(node, "a name that is not a top-level role's"));
    }
    let terminating = fields::member(node, "terminating")?;
    Ok(Delegation {
        name: name.to_owned(),
        authority: Authority::read(node, keys)?,
        terminating: terminating
            .as_bool()
            .ok_or_else(|| fields::malformed(terminating, "true or false for \"terminating\""))?,
        covers: read_covers(node)?,
    })
}

/// TUF 4.5: at most one of the two says what is delegated; without either it is nothing.
fn read_covers(node: &Node) -> Result<Covers, Reason> {
    match (node.get("paths"), node.get("path_hash_prefixes")) {
        (Some(_), None) => Ok(Covers::Paths(
            strings(node, "paths")?.into_iter().map(Pattern::new).collect(),
        )),
        (None, Some(_)) => Ok(Covers::HashPrefixes(
            strings(node, "path_hash_prefixes")?
                .into_iter()
                .map(str::to_owned)
                .collect(),
        )),
        (None, None) => Ok(Covers::Paths(Vec::new())),
        (Some(_), Some(_)) => Err(fields::malformed(
            node,
            "either \"paths\" or \"path_hash_prefixes\"",
        )),
    }
}

fn strings<'a>(node: &'a Node, key: &str) -> Result<Vec<&'a str>, Reason> {
    fields::array(node, key)?
        .iter()
        .map(|element| {
            element
                .as_str()
                .ok_or_else(|| fields::malformed(element, format!("a string in \"{key}\"")))
        })
        .collect()
}
